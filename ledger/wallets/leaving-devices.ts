/**
 * The phones of a member who has left. They are told that the pass is void, and forgotten when they have come for
 * it, or after thirty days when they do not.
 */
import type { MemberId } from '../../core/contract/ids.ts';
import type { LedgerContext } from '../store/context.ts';
import { keys, type Registration, toItem } from '../store/items.ts';
import { present, type Write } from '../store/store.ts';
import {
  deviceWrite,
  getDevice,
  getDevicePass,
  lastUntil,
  passesOn,
  passWrite,
  registrationsOf,
  unregisterDevice,
} from './devices.ts';

/** For each phone that has no end yet the writes that give it one, at `until` (epoch seconds). */
export async function leavingDevices(
  context: LedgerContext,
  memberId: MemberId,
  until: number,
): Promise<Write[][]> {
  const open = (await registrationsOf(context, memberId)).filter((one) => one.until === undefined);
  return Promise.all(open.map((registration) => leavingDevice(context, registration, until)));
}

async function leavingDevice(
  context: LedgerContext,
  registration: Registration,
  until: number,
): Promise<Write[]> {
  const { memberId, device } = registration;
  const put = toItem(keys.memberDevice(memberId, device), 'registration', { ...registration, until }, until);
  const [state, passes] = await Promise.all([getDevice(context, device), passesOn(context, device)]);
  const after = passes.map((pass) => (pass.memberId === memberId ? { ...pass, until } : pass));
  const own = passes.find((pass) => pass.memberId === memberId);
  const end = lastUntil(after);
  return [
    { put, if: present },
    ...(own ? [passWrite(own, { ...own, until })] : []),
    ...(state && end !== undefined ? [deviceWrite(state, state, end)] : []),
  ];
}

/** Forgets the phones that knew of a void pass when it was fetched. */
export async function forgetTold(context: LedgerContext, memberId: MemberId): Promise<void> {
  for (const { device } of await registrationsOf(context, memberId)) {
    const pass = await getDevicePass(context, device, memberId);
    if (pass?.told) await unregisterDevice(context, memberId, device);
  }
}

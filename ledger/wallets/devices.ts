/**
 * The devices that registered an Apple pass.
 *
 * Each device counts its own changes. A change of a pass takes the device's next number in the same
 * transaction that writes it, so a device's tags are strictly monotonic and no change can slip in behind a
 * tag that was already handed out, whatever else is updated at the same time. Whoever writes about a device
 * reads the device first, then the rest, and writes only if the device is as it was.
 */
import type { Account } from '../../core/account.ts';
import { type LastChange, lastChangeOf } from '../../core/card.ts';
import type { MemberId, PurchaseId } from '../../core/contract/ids.ts';
import type { Program } from '../../core/program.ts';
import { listenWrites, silenceWrites } from '../members/listeners.ts';
import { getCardAccount } from '../members/members.ts';
import { getPurchase } from '../purchases/decision.ts';
import type { LedgerContext } from '../store/context.ts';
import { decide } from '../store/decide.ts';
import {
  type Device,
  type DevicePass,
  devicePrefix,
  fromItem,
  keys,
  passPrefix,
  type Registration,
  toItem,
} from '../store/items.ts';
import { asRead, present, scanPartition, type Write } from '../store/store.ts';
import { applePassWrites, getApplePass } from './apple-pass.ts';

/** Registrations of one pass. A genuine new phone always gets in: an old registration goes. */
export const registrationsMax = 30;

export async function getDevice(context: LedgerContext, device: string): Promise<Device | undefined> {
  const item = await context.store.get(keys.device(device));
  return item && fromItem(item, 'device');
}

/**
 * The write that every change of a device goes through: it holds only if nothing else changed the device since
 * it was read, so whatever was read after it is still so. `until` is when the device goes by itself.
 */
export function deviceWrite(
  before: Device | undefined,
  after: Pick<Device, 'device' | 'tag'>,
  until?: number,
): Write {
  const next: Device = {
    device: after.device,
    revision: (before?.revision ?? 0) + 1,
    tag: after.tag,
    ...(until === undefined ? {} : { until }),
  };
  return {
    put: toItem(keys.device(after.device), 'device', next, until),
    if: asRead(before),
  };
}

/** Changes of one device that may come within a millisecond, far more than do. */
const tagsPerMs = 1000;

/**
 * A device's next tag: above every tag so far, and above those that it had before it was forgotten and came
 * back, since no device has changes faster than tags pass by. Digits that a double holds exactly until 2255.
 */
function nextTag(device: Device | undefined, now: number): number {
  return Math.max((device?.tag ?? 0) + 1, now * tagsPerMs);
}

/** A pass on a device as it is from now on, unless the card has changed there meanwhile. */
export function passWrite(before: DevicePass, after: DevicePass): Write {
  return {
    put: toItem(keys.devicePass(before.device, before.memberId), 'devicePass', after, after.until),
    if: { kind: 'unchanged', fields: { version: before.version } },
  };
}

export async function getDevicePass(
  context: LedgerContext,
  device: string,
  memberId: MemberId,
): Promise<DevicePass | undefined> {
  const item = await context.store.get(keys.devicePass(device, memberId));
  return item && fromItem(item, 'devicePass');
}

/** Every pass on a device. */
export async function passesOn(context: LedgerContext, device: string): Promise<DevicePass[]> {
  const passes: DevicePass[] = [];
  for await (const item of scanPartition(context.store, keys.device(device).pk, passPrefix))
    passes.push(fromItem(item, 'devicePass'));
  return passes;
}

/** When the last of some passes goes by itself; undefined while one of them is a member's. */
export function lastUntil(passes: readonly DevicePass[]): number | undefined {
  const ends = passes.flatMap(({ until }) => (until === undefined ? [] : [until]));
  return ends.length === passes.length && ends.length > 0 ? Math.max(...ends) : undefined;
}

export async function registrationsOf(context: LedgerContext, memberId: MemberId): Promise<Registration[]> {
  const { pk } = keys.account(memberId);
  const found: Registration[] = [];
  for await (const item of scanPartition(context.store, pk, devicePrefix))
    found.push(fromItem(item, 'registration'));
  return found;
}

async function getRegistration(
  context: LedgerContext,
  memberId: MemberId,
  device: string,
): Promise<Registration | undefined> {
  const item = await context.store.get(keys.memberDevice(memberId, device));
  return item && fromItem(item, 'registration');
}

export type Registered = 'created' | 'existing' | 'gone';

/**
 * Registers a device for a member's pass, or changes its push token. Where a pass has too many devices then,
 * others are forgotten: nobody is refused. `gone`: the member has left.
 */
export async function registerDevice(
  context: LedgerContext,
  wanted: Omit<Registration, 'registeredAt' | 'until'>,
  version: number,
  now: number,
): Promise<Registered> {
  const { memberId, device, passType } = wanted;
  const registration: Registration = { ...wanted, registeredAt: now };
  const put: Write = { put: toItem(keys.memberDevice(memberId, device), 'registration', registration) };
  // The profile goes with the member: no phone may be remembered behind an erasure.
  const stillMember: Write = { check: keys.profile(memberId), if: present };
  const registered = await decide<Registered>(context, 'Registering a device', async () => {
    // Read first: whoever forgets the last device meanwhile changes it, and stands in the way.
    const applePass = await getApplePass(context, memberId);
    const account = await getCardAccount(context, memberId);
    if (!account) return { result: 'gone', writes: [] };
    const state = await getDevice(context, device);
    const known = await getRegistration(context, memberId, device);
    if (state && known?.passType === passType) {
      return { result: 'existing', writes: [deviceWrite(state, state), put, stillMember] };
    }
    const tag = nextTag(state, now);
    const pass: DevicePass = { memberId, device, passType, tag, version };
    return {
      result: 'created',
      writes: [
        deviceWrite(state, { device, tag }),
        put,
        { put: toItem(keys.devicePass(device, memberId), 'devicePass', pass) },
        stillMember,
        ...applePassWrites(memberId, applePass, {}),
        ...listenWrites(account, 'apple-push'),
      ],
    };
  });
  if (registered === 'created') await evict(context, registration);
  return registered;
}

async function evict(context: LedgerContext, newest: Registration): Promise<void> {
  const all = await registrationsOf(context, newest.memberId);
  const others = all.filter(({ device }) => device !== newest.device);
  for (const one of evicted(others, all.length - registrationsMax))
    await forget(context, one, (current) => current.registeredAt === one.registeredAt);
}

/**
 * The registrations that make room: each time the oldest of the push token that has the most, for a phone that
 * comes under ever new device ids must not displace the member's other devices.
 */
function evicted(registrations: readonly Registration[], count: number): Registration[] {
  const left = registrations.toSorted((a, b) => a.registeredAt - b.registeredAt);
  return Array.from({ length: Math.max(0, count) }, () => {
    const byToken = Map.groupBy(left, ({ pushToken }) => pushToken);
    const most = Math.max(...[...byToken.values()].map(({ length }) => length));
    const at = left.findIndex(({ pushToken }) => byToken.get(pushToken)?.length === most);
    return left.splice(at, 1);
  }).flat();
}

/** Forgets a device for a pass, and the device itself with its last pass. */
export async function unregisterDevice(
  context: LedgerContext,
  memberId: MemberId,
  device: string,
): Promise<void> {
  await forget(context, { memberId, device }, () => true);
}

/**
 * Forgets a registration that is still as `isMeant` says when it is looked at.
 * @returns whether it is not there any more
 */
async function forget(
  context: LedgerContext,
  { memberId, device }: Pick<Registration, 'memberId' | 'device'>,
  isMeant: (current: Registration) => boolean,
): Promise<boolean> {
  return decide<boolean>(context, 'Forgetting a device', async () => {
    // Read first: a device that registers or goes meanwhile stands in the way.
    const applePass = await getApplePass(context, memberId);
    const state = await getDevice(context, device);
    const current = await getRegistration(context, memberId, device);
    if (current && !isMeant(current)) return { result: false, writes: [] };
    if (!state || !current) return { result: true, writes: [] };
    const left = (await passesOn(context, device)).filter((pass) => pass.memberId !== memberId);
    const isLast = (await registrationsOf(context, memberId)).every((one) => one.device === device);
    return {
      result: true,
      writes: [
        left.length === 0
          ? { delete: keys.device(device), if: asRead(state) }
          : deviceWrite(state, state, lastUntil(left)),
        { delete: keys.memberDevice(memberId, device) },
        { delete: keys.devicePass(device, memberId) },
        // Changed with every device, so that of two that go at once one sees that it is the last.
        ...(applePass ? applePassWrites(memberId, applePass, {}) : []),
        ...(isLast ? await lastDeviceWrites(context, memberId) : []),
      ],
    };
  });
}

/** With a member's last device nobody is left to be told of their entries. After an erasure there are none. */
async function lastDeviceWrites(context: LedgerContext, memberId: MemberId): Promise<Write[]> {
  const account = await getCardAccount(context, memberId);
  return account ? silenceWrites(account, 'apple-push') : [];
}

/**
 * Forgets a device whose push token Apple refused, unless it registered again since (epoch ms), or with another
 * token.
 * @returns whether the registration is not there any more
 */
export async function forgetPushToken(
  context: LedgerContext,
  registration: Registration,
  since: number | undefined,
): Promise<boolean> {
  return forget(
    context,
    registration,
    ({ pushToken, registeredAt }) =>
      pushToken === registration.pushToken && (since === undefined || registeredAt <= since),
  );
}

/**
 * A device's passes changed since a tag, and the tag to ask with the next time. The device's own tag is read
 * first: every change up to it was written before and is seen, and one that comes while the passes are read is
 * listed the next time. A tag from the future is none of ours, so everything is listed.
 */
export async function changedPasses(
  context: LedgerContext,
  device: string,
  passType: string,
  since: number,
): Promise<{ serials: MemberId[]; tag: number }> {
  const state = await getDevice(context, device);
  if (!state) return { serials: [], tag: 0 };
  const after = since > state.tag ? 0 : since;
  const listed = (await passesOn(context, device)).filter(
    (pass) => pass.passType === passType && pass.tag > after && pass.tag <= state.tag,
  );
  await noteTold(context, listed);
  return { serials: listed.map((pass) => pass.memberId), tag: state.tag };
}

/**
 * Notes of passes of members who have left that their device was told of the change: what it comes for next is the
 * void pass, the last that it needs. A note that another change was faster than is made the next time.
 */
async function noteTold(context: LedgerContext, listed: readonly DevicePass[]): Promise<void> {
  const open = listed.filter((pass) => pass.until !== undefined && !pass.told);
  await Promise.all(open.map((pass) => context.store.transact([passWrite(pass, { ...pass, told: true })])));
}

/**
 * Marks a member's pass as changed on every device that has it, up to a version. Doing it again for the same
 * or an older version changes nothing.
 * @returns the registrations to be told
 */
export async function touchPasses(
  context: LedgerContext,
  memberId: MemberId,
  version: number,
  now: number,
): Promise<Registration[]> {
  const registrations = await registrationsOf(context, memberId);
  await Promise.all(registrations.map((one) => touchPass(context, one, version, now)));
  return registrations;
}

async function touchPass(
  context: LedgerContext,
  { memberId, device }: Registration,
  version: number,
  now: number,
): Promise<void> {
  await decide(context, 'Marking a pass as changed', async () => {
    const pass = await getDevicePass(context, device, memberId);
    if (!pass || pass.version >= version) return { result: undefined, writes: [] };
    const state = await getDevice(context, device);
    const tag = nextTag(state, now);
    return {
      result: undefined,
      writes: [deviceWrite(state, { device, tag }, state?.until), passWrite(pass, { ...pass, tag, version })],
    };
  });
}

/**
 * What the newest entry of an account did: one read, and a second where the programme lists stores and a
 * purchase may have been in one of them. Entries never change, so the answer is the same for ever. Null for an
 * entry that is not there: verification tells of it, and the card is shown all the same.
 */
export async function newestChange(
  context: LedgerContext,
  program: Program,
  { memberId, version }: Pick<Account, 'memberId' | 'version'>,
  locale: string,
): Promise<LastChange | null> {
  const item = await context.store.get(keys.entry(memberId, version));
  if (!item) return null;
  const entry = fromItem(item, 'entry');
  const { type, id } = entry.cause;
  const sold = program.card?.stores && type === 'purchase';
  const record = sold ? await getPurchase(context, id as PurchaseId) : undefined;
  return lastChangeOf(program, entry, record?.purchase.store, locale);
}

/**
 * The devices that registered an Apple pass.
 *
 * Each device counts its own changes. A change of a pass takes the device's next number in the same
 * transaction that writes it, so a device's tags are strictly monotonic and no change can slip in behind a
 * tag that was already handed out, whatever else is updated at the same time.
 */
import type { MemberId } from '../core/contract/ids.ts';
import { utc } from '../core/contract/shapes.ts';
import { backOff, decisionsMax, type LedgerContext, LedgerUnavailable } from './context.ts';
import {
  type Device,
  type DevicePass,
  devicePrefix,
  fromItem,
  keys,
  passPrefix,
  type Registration,
  toItem,
} from './items.ts';
import { getOpenAccount, unavailable } from './members.ts';
import { scanPartition, type Transacted, type Write } from './store.ts';

/** Registrations of one pass. A genuine new phone always gets in: the oldest registration goes. */
export const registrationsMax = 30;
const appleLogDays = 30;

export async function getDevice(context: LedgerContext, device: string): Promise<Device | undefined> {
  const item = await context.store.get(keys.device(device));
  return item && fromItem(item, 'device');
}

/** A device as it is from now on, unless somebody has changed it. `until` is when it goes by itself. */
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
    if: before ? { kind: 'unchanged', field: 'revision', value: before.revision } : { kind: 'absent' },
  };
}

/** The device's next tag: above every tag so far, and above those of a forgotten past. */
function nextTag(device: Device | undefined, now: number): number {
  return Math.max((device?.tag ?? 0) + 1, now);
}

/** A pass on a device as it is from now on, unless the card has changed there meanwhile. */
export function passWrite(before: DevicePass, after: DevicePass): Write {
  return {
    put: toItem(keys.devicePass(before.device, before.memberId), 'devicePass', after, after.until),
    if: { kind: 'unchanged', field: 'version', value: before.version },
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

/** Repeats a decision until its transaction is committed. */
async function decide<T>(
  context: LedgerContext,
  what: string,
  decision: () => Promise<{ outcome: Transacted; result: T } | { result: T }>,
): Promise<T> {
  for (let attempt = 1; attempt <= decisionsMax; attempt++) {
    const decided = await decision();
    if (!('outcome' in decided) || decided.outcome.type === 'committed') return decided.result;
    if (decided.outcome.type !== 'refused') throw unavailable(decided.outcome, what);
    await backOff(context, attempt);
  }
  throw new LedgerUnavailable('contended', what);
}

export async function registrationsOf(context: LedgerContext, memberId: MemberId): Promise<Registration[]> {
  const { pk } = keys.account(memberId);
  const found: Registration[] = [];
  for await (const item of scanPartition(context.store, pk, devicePrefix))
    found.push(fromItem(item, 'registration'));
  return found;
}

/** Registers a device for a member's pass, or changes its push token. `gone`: the member has left. */
export async function registerDevice(
  context: LedgerContext,
  wanted: Omit<Registration, 'registeredAt' | 'until'>,
  version: number,
  now: number,
): Promise<'created' | 'existing' | 'gone'> {
  const registration: Registration = { ...wanted, registeredAt: now };
  const { memberId, device, passType } = wanted;
  const put: Write = { put: toItem(keys.memberDevice(memberId, device), 'registration', registration) };
  // The profile goes with the member: no phone may be remembered behind an erasure.
  const stillMember: Write = { check: keys.profile(memberId), if: { kind: 'present' } };
  const { type, evicted } = await decide(context, 'Registering a device', async () => {
    if (!(await getOpenAccount(context, memberId))) return { result: done('gone') };
    const all = await registrationsOf(context, memberId);
    if (all.some((one) => one.device === device))
      return { outcome: await context.store.transact([put, stillMember]), result: done('existing') };
    const oldest = all.sort((a, b) => a.registeredAt - b.registeredAt)[0];
    const state = await getDevice(context, device);
    const tag = nextTag(state, now);
    const pass: DevicePass = { memberId, device, passType, tag, version };
    const outcome = await context.store.transact([
      deviceWrite(state, { device, tag }),
      put,
      { put: toItem(keys.devicePass(device, memberId), 'devicePass', pass) },
      stillMember,
    ]);
    return { outcome, result: done('created', all.length < registrationsMax ? undefined : oldest) };
  });
  if (evicted) await unregisterDevice(context, memberId, evicted.device);
  return type;
}

function done(type: 'created' | 'existing' | 'gone', evicted?: Registration) {
  return { type, evicted };
}

/** Forgets a device for a pass, and the device itself with its last pass. */
export async function unregisterDevice(
  context: LedgerContext,
  memberId: MemberId,
  device: string,
): Promise<void> {
  await decide(context, 'Forgetting a device', async () => {
    const state = await getDevice(context, device);
    const left = (await passesOn(context, device)).filter((pass) => pass.memberId !== memberId);
    const outcome = await context.store.transact([
      { delete: keys.memberDevice(memberId, device) },
      { delete: keys.devicePass(device, memberId) },
      ...(state ? deviceWithout(state, left) : []),
    ]);
    return { outcome, result: undefined };
  });
}

/** What becomes of a device that one of its passes has left. */
function deviceWithout(state: Device, left: readonly DevicePass[]): Write[] {
  const unchanged = { kind: 'unchanged', field: 'revision', value: state.revision } as const;
  if (left.length === 0) return [{ delete: keys.device(state.device), if: unchanged }];
  const until = lastUntil(left);
  return until === state.until ? [] : [deviceWrite(state, state, until)];
}

/** Forgets a device whose push token Apple refused, unless it registered again since (epoch ms). */
export async function forgetPushToken(
  context: LedgerContext,
  registration: Registration,
  since: number | undefined,
): Promise<void> {
  const item = await context.store.get(keys.memberDevice(registration.memberId, registration.device));
  const current = item && fromItem(item, 'registration');
  if (!current || current.pushToken !== registration.pushToken) return;
  if (since !== undefined && current.registeredAt > since) return;
  await unregisterDevice(context, registration.memberId, registration.device);
}

/** A device's passes changed since a tag, and the newest tag. Every pass that changed is listed. */
export async function changedPasses(
  context: LedgerContext,
  device: string,
  passType: string,
  since: number,
): Promise<{ serials: MemberId[]; tag: number }> {
  const ofType = (await passesOn(context, device)).filter((pass) => pass.passType === passType);
  const listed = ofType.filter((pass) => pass.tag > since);
  await noteTold(context, listed);
  return {
    serials: listed.map((pass) => pass.memberId),
    tag: Math.max(0, ...ofType.map((pass) => pass.tag)),
  };
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
    if (!pass || pass.version >= version) return { result: undefined };
    const state = await getDevice(context, device);
    const tag = nextTag(state, now);
    const outcome = await context.store.transact([
      deviceWrite(state, { device, tag }, state?.until),
      passWrite(pass, { ...pass, tag, version }),
    ]);
    return { outcome, result: undefined };
  });
}

/** Keeps what a phone logged, for a month. */
export async function keepAppleLog(
  context: LedgerContext,
  messages: readonly string[],
  now: number,
): Promise<void> {
  if (messages.length === 0) return;
  const at = utc(now);
  const ttl = Math.floor(now / 1000) + appleLogDays * 86_400;
  const outcome = await context.store.transact(
    messages.map((message) => ({
      put: toItem(keys.appleLog(at.slice(0, 10), context.ulid(now)), 'appleLog', { at, message }, ttl),
    })),
  );
  if (outcome.type !== 'committed')
    throw new LedgerUnavailable(outcome.type === 'refused' ? 'contended' : outcome.type, 'Keeping a log');
}

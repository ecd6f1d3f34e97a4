/**
 * Where cards live: the devices that registered an Apple pass, and the members who have a Google object.
 *
 * Each device counts its own changes. A change of a pass takes the device's next number in the same
 * transaction that writes it, so a device's tags are strictly monotonic and no change can slip in behind a
 * tag that was already handed out, whatever else is updated at the same time. Whoever writes about a device
 * reads the device first, then the rest, and writes only if the device is as it was.
 */
import type { Account } from '../core/account.ts';
import { type LastChange, lastChangeOf } from '../core/card.ts';
import type { MemberId, PurchaseId } from '../core/contract/ids.ts';
import type { Program } from '../core/program.ts';
import { backOff, decisionsMax, type LedgerContext, LedgerUnavailable } from './context.ts';
import { getPurchase } from './decision.ts';
import {
  type Device,
  type DevicePass,
  devicePrefix,
  fromItem,
  type GooglePass,
  keys,
  passPrefix,
  type Registration,
  toItem,
} from './items.ts';
import { unavailable } from './members.ts';
import { scanPartition, type Transacted, type Write } from './store.ts';

/** Registrations of one pass. A genuine new phone always gets in: an old registration goes. */
export const registrationsMax = 30;

async function getDevice(context: LedgerContext, device: string): Promise<Device | undefined> {
  const item = await context.store.get(keys.device(device));
  return item && fromItem(item, 'device');
}

/**
 * The write that every change of a device goes through: it holds only if nothing else changed the device since
 * it was read, so whatever was read after it is still so.
 */
function deviceWrite(device: Device | undefined, name: string, tag: number): Write {
  return {
    put: toItem(keys.device(name), 'device', { device: name, revision: (device?.revision ?? 0) + 1, tag }),
    if: device ? { kind: 'unchanged', field: 'revision', value: device.revision } : { kind: 'absent' },
  };
}

/** A device's next tag: above every tag so far, and above those of a forgotten past. */
function nextTag(device: Device | undefined, now: number): number {
  return Math.max((device?.tag ?? 0) + 1, now);
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

async function getRegistration(
  context: LedgerContext,
  memberId: MemberId,
  device: string,
): Promise<Registration | undefined> {
  const item = await context.store.get(keys.memberDevice(memberId, device));
  return item && fromItem(item, 'registration');
}

/**
 * Registers a device for a member's pass, or changes its push token. Where a pass has too many devices then,
 * others are forgotten: nobody is refused.
 */
export async function registerDevice(
  context: LedgerContext,
  wanted: Omit<Registration, 'registeredAt'>,
  version: number,
  now: number,
): Promise<'created' | 'existing'> {
  const { memberId, device, passType } = wanted;
  const registration: Registration = { ...wanted, registeredAt: now };
  const put: Write = { put: toItem(keys.memberDevice(memberId, device), 'registration', registration) };
  const registered = await decide(context, 'Registering a device', async () => {
    const state = await getDevice(context, device);
    const known = await getRegistration(context, memberId, device);
    if (state && known?.passType === passType) {
      const outcome = await context.store.transact([deviceWrite(state, device, state.tag), put]);
      return { outcome, result: 'existing' as const };
    }
    const tag = nextTag(state, now);
    const pass: DevicePass = { memberId, device, passType, tag, version };
    const outcome = await context.store.transact([
      deviceWrite(state, device, tag),
      put,
      { put: toItem(keys.devicePass(device, memberId), 'devicePass', pass) },
    ]);
    return { outcome, result: 'created' as const };
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

/** Forgets a registration that is still as `isMeant` says when it is looked at. */
async function forget(
  context: LedgerContext,
  { memberId, device }: Pick<Registration, 'memberId' | 'device'>,
  isMeant: (current: Registration) => boolean,
): Promise<void> {
  await decide(context, 'Forgetting a device', async () => {
    const state = await getDevice(context, device);
    const current = await getRegistration(context, memberId, device);
    if (!state || !current || !isMeant(current)) return { result: undefined };
    const passes = await context.store.query(keys.device(device).pk, { prefix: passPrefix, limit: 2 });
    const isLast = passes.every((item) => item.sk === keys.devicePass(device, memberId).sk);
    const outcome = await context.store.transact([
      isLast
        ? {
            delete: keys.device(device),
            if: { kind: 'unchanged', field: 'revision', value: state.revision },
          }
        : deviceWrite(state, device, state.tag),
      { delete: keys.memberDevice(memberId, device) },
      { delete: keys.devicePass(device, memberId) },
    ]);
    return { outcome, result: undefined };
  });
}

/**
 * Forgets a device whose push token Apple refused, unless it registered again since (epoch ms), or with another
 * token.
 */
export async function forgetPushToken(
  context: LedgerContext,
  registration: Registration,
  since: number | undefined,
): Promise<void> {
  await forget(
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
  const serials: MemberId[] = [];
  for await (const item of scanPartition(context.store, keys.device(device).pk, passPrefix)) {
    const pass = fromItem(item, 'devicePass');
    if (pass.passType === passType && pass.tag > after && pass.tag <= state.tag) serials.push(pass.memberId);
  }
  return { serials, tag: state.tag };
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
    const item = await context.store.get(keys.devicePass(device, memberId));
    const pass = item && fromItem(item, 'devicePass');
    if (!pass || pass.version >= version) return { result: undefined };
    const state = await getDevice(context, device);
    const tag = nextTag(state, now);
    const outcome = await context.store.transact([
      deviceWrite(state, device, tag),
      {
        put: toItem(keys.devicePass(device, memberId), 'devicePass', { ...pass, tag, version }),
        if: { kind: 'unchanged', field: 'version', value: pass.version },
      },
    ]);
    return { outcome, result: undefined };
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
): Promise<LastChange | null> {
  const item = await context.store.get(keys.entry(memberId, version));
  if (!item) return null;
  const entry = fromItem(item, 'entry');
  const { type, id } = entry.cause;
  const sold = program.card?.stores && type === 'purchase';
  const record = sold ? await getPurchase(context, id as PurchaseId) : undefined;
  return lastChangeOf(program, entry, record?.purchase.store);
}

// Google ----------------------------------------------------------------------------------------------------

export async function getGooglePass(
  context: LedgerContext,
  memberId: MemberId,
): Promise<GooglePass | undefined> {
  const item = await context.store.get(keys.googlePass(memberId));
  return item && fromItem(item, 'googlePass');
}

/**
 * Notes that Google's object shows a version. Refused when another update was noted since `previous` was
 * read: then Google may show the older of the two, and the caller has to send the newest again.
 */
export async function noteGooglePass(
  context: LedgerContext,
  previous: GooglePass | undefined,
  pass: Omit<GooglePass, 'revision'>,
): Promise<'noted' | 'overtaken'> {
  const outcome = await context.store.transact([
    {
      put: toItem(keys.googlePass(pass.memberId), 'googlePass', {
        ...pass,
        revision: (previous?.revision ?? 0) + 1,
      }),
      if: previous ? { kind: 'unchanged', field: 'revision', value: previous.revision } : { kind: 'absent' },
    },
  ]);
  if (outcome.type === 'committed') return 'noted';
  if (outcome.type === 'refused') return 'overtaken';
  throw unavailable(outcome, 'Noting a Google object');
}

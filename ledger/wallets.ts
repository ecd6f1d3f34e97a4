/**
 * Where cards live: the devices that registered an Apple pass, and the members who have a Google object.
 *
 * Each device counts its own changes. A change of a pass takes the device's next number in the same
 * transaction that writes it, so a device's tags are strictly monotonic and no change can slip in behind a
 * tag that was already handed out, whatever else is updated at the same time.
 */
import type { Account } from '../core/account.ts';
import { type LastChange, lastChangeOf } from '../core/card.ts';
import type { MemberId, PurchaseId } from '../core/contract/ids.ts';
import { utc } from '../core/contract/shapes.ts';
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

/** Registrations of one pass. A genuine new phone always gets in: the oldest registration goes. */
export const registrationsMax = 30;
const appleLogDays = 30;

async function getDevice(context: LedgerContext, device: string): Promise<Device | undefined> {
  const item = await context.store.get(keys.device(device));
  return item && fromItem(item, 'device');
}

/** The write that takes the device's next tag: above every tag so far, and above those of a forgotten past. */
function nextTag(device: Device | undefined, name: string, now: number): { tag: number; write: Write } {
  const next: Device = {
    device: name,
    revision: (device?.revision ?? 0) + 1,
    tag: Math.max((device?.tag ?? 0) + 1, now),
  };
  return {
    tag: next.tag,
    write: {
      put: toItem(keys.device(name), 'device', next),
      if: device ? { kind: 'unchanged', field: 'revision', value: device.revision } : { kind: 'absent' },
    },
  };
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

/** Registers a device for a member's pass, or changes its push token. */
export async function registerDevice(
  context: LedgerContext,
  wanted: Omit<Registration, 'registeredAt'>,
  version: number,
  now: number,
): Promise<'created' | 'existing'> {
  const registration: Registration = { ...wanted, registeredAt: now };
  const { memberId, device } = wanted;
  const put: Write = { put: toItem(keys.memberDevice(memberId, device), 'registration', registration) };
  return decide(context, 'Registering a device', async () => {
    const all = await registrationsOf(context, memberId);
    if (all.some((one) => one.device === device))
      return { outcome: await context.store.transact([put]), result: 'existing' };
    const oldest = all.sort((a, b) => a.registeredAt - b.registeredAt)[0];
    const evicted = all.length >= registrationsMax && oldest ? removal(oldest) : [];
    const { tag, write } = nextTag(await getDevice(context, device), device, now);
    const pass: DevicePass = { memberId, device, passType: wanted.passType, tag, version };
    const outcome = await context.store.transact([
      write,
      put,
      { put: toItem(keys.devicePass(device, memberId), 'devicePass', pass) },
      ...evicted,
    ]);
    return { outcome, result: 'created' };
  });
}

function removal({ memberId, device }: Pick<Registration, 'memberId' | 'device'>): Write[] {
  return [{ delete: keys.memberDevice(memberId, device) }, { delete: keys.devicePass(device, memberId) }];
}

/** Forgets a device for a pass, and the device itself with its last pass. */
export async function unregisterDevice(
  context: LedgerContext,
  memberId: MemberId,
  device: string,
): Promise<void> {
  await decide(context, 'Forgetting a device', async () => {
    const state = await getDevice(context, device);
    const passes = await context.store.query(keys.device(device).pk, { prefix: passPrefix, limit: 2 });
    const isLast = passes.every((item) => item.sk === keys.devicePass(device, memberId).sk);
    const forgotten: Write[] =
      state && isLast
        ? [
            {
              delete: keys.device(device),
              if: { kind: 'unchanged', field: 'revision', value: state.revision },
            },
          ]
        : [];
    const outcome = await context.store.transact([...removal({ memberId, device }), ...forgotten]);
    return { outcome, result: undefined };
  });
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
  const passes: DevicePass[] = [];
  for await (const item of scanPartition(context.store, keys.device(device).pk, passPrefix))
    passes.push(fromItem(item, 'devicePass'));
  const ofType = passes.filter((pass) => pass.passType === passType);
  return {
    serials: ofType.filter((pass) => pass.tag > since).map((pass) => pass.memberId),
    tag: Math.max(0, ...ofType.map((pass) => pass.tag)),
  };
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
    const { tag, write } = nextTag(await getDevice(context, device), device, now);
    const outcome = await context.store.transact([
      write,
      {
        put: toItem(keys.devicePass(device, memberId), 'devicePass', { ...pass, tag, version }),
        if: { kind: 'unchanged', field: 'version', value: pass.version },
      },
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

/** Telling phones that a pass has changed: each once of a version, patiently, and it is noted when all were told. */
import type { Account } from '../../core/account.ts';
import {
  doubtAppleTold,
  forgetPushToken,
  getAccount,
  getApplePass,
  knownToPhones,
  noteAppleTold,
  type Registration,
  registrationsOf,
} from '../../ledger/ledger.ts';
import type { PushOutcome } from '../../passes/apple/push.ts';
import type { Deps } from '../deps.ts';
import { loadApple } from './apple.ts';
import { measureLag } from './lag.ts';

/** Waits before a push is sent again in this invocation, at most; what still fails comes back with the queue. */
const retryWaitsMs = [200, 800, 2000];
/** No try begins later than this after the first: the function has 15 seconds. */
const patienceMs = 6000;
/** What a phone was told last is remembered for as many phones: some hundred kilobytes. */
const toldMax = 5000;

/** What became of telling a phone: it was told, there is none any more, or it is there and was not told. */
type Delivery = 'told' | 'gone' | 'missed';

interface Told {
  readonly version: number;
  readonly delivered: Promise<Delivery>;
}

/**
 * What this instance has told, or is telling, by member and phone. An entry that changes points and tier is two
 * events of one version, and any event may come twice: a phone hears of a version once.
 */
const told = new Map<string, Told>();

function tellOnce(key: string, version: number, deliver: () => Promise<Delivery>): Promise<Delivery> {
  const before = told.get(key);
  if (before && before.version >= version) return before.delivered;
  const delivered = deliver();
  const [oldest] = told.size < toldMax ? [] : told.keys();
  if (oldest !== undefined) told.delete(oldest);
  const telling = { version, delivered };
  told.set(key, telling);
  delivered.catch(() => {
    if (told.get(key) === telling) told.delete(key);
  });
  return delivered;
}

/**
 * Pushes, and again a few times when Apple asks for patience or did not answer. Each try takes the connection of
 * the secret as it is then, so a rotation half-way is no obstacle.
 */
async function pushPatiently(
  deps: Deps,
  pushToken: string,
  group: readonly Registration[],
): Promise<PushOutcome> {
  const start = deps.monotonic();
  for (let attempt = 0; ; attempt++) {
    const { pusher } = await loadApple(deps);
    const outcome = unlessBack(await pusher.push(pushToken), group);
    const waitMax = retryWaitsMs[attempt];
    if (outcome.type !== 'retry' || waitMax === undefined) return outcome;
    // Half of it is left to chance, so that what failed together does not come back together.
    const jittered = waitMax / 2 + deps.ledger.randomInteger(waitMax / 2);
    const wait = Math.max(jittered, (outcome.after ?? 0) * 1000);
    if (deps.monotonic() - start + wait > patienceMs) return outcome;
    await deps.sleep(wait);
  }
}

/**
 * A phone that registered after the moment since when Apple has missed it is there again, and was not told: Apple's
 * servers come to know of it one after the other.
 */
function unlessBack(outcome: PushOutcome, group: readonly Registration[]): PushOutcome {
  if (outcome.type !== 'gone') return outcome;
  const { since } = outcome;
  if (since === undefined || group.every(({ registeredAt }) => registeredAt <= since)) return outcome;
  return { type: 'retry', reason: 'Apple misses a phone that has registered since.' };
}

/** @throws Error when the push has to be tried again */
async function follow(deps: Deps, group: readonly Registration[], outcome: PushOutcome): Promise<Delivery> {
  switch (outcome.type) {
    case 'accepted':
      return 'told';
    case 'gone': {
      let delivery: Delivery = 'gone';
      for (const registration of group)
        if (!(await forgetPushToken(deps.ledger, registration, outcome.since))) delivery = 'missed';
      return delivery;
    }
    case 'retry':
      throw new Error(`The push was not delivered: ${outcome.reason}`);
    case 'refused':
      // Apple will say the same the next time: kept in the log for operators, not repeated.
      deps.logger.error('Apple refused a push', { reason: outcome.reason, memberId: group[0]?.memberId });
      return 'missed';
  }
}

/** Tells each phone, and notes it when all of them were told. */
export async function tellAll(
  deps: Deps,
  account: Pick<Account, 'memberId' | 'version' | 'updatedAt'>,
  groups: ReadonlyMap<string, readonly Registration[]>,
): Promise<void> {
  const { memberId, version } = account;
  const results = await Promise.allSettled(
    [...groups].map(([pushToken, group]) =>
      tellOnce(`${memberId} ${pushToken}`, version, async () =>
        follow(deps, group, await pushPatiently(deps, pushToken, group)),
      ),
    ),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  const deliveries = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  if (!deliveries.includes('told') || deliveries.includes('missed')) return;
  const before = await noteAppleTold(deps.ledger, memberId, version, deps.now());
  if (before) await measureLag(deps, account, knownToPhones(before));
}

/**
 * Tells a phone that has registered, unless it cannot have missed anything: a pass is downloaded before it is
 * registered, and who changed it in between told only the phones that there were. Where nobody has an older version
 * than the newest, there is nothing to tell.
 * @param isNew false for a phone that was there: it is told only if nobody knows whether it was told before
 */
export async function tellNewcomer(deps: Deps, registration: Registration, isNew: boolean): Promise<void> {
  const { memberId, pushToken } = registration;
  const [account, pass] = await Promise.all([
    getAccount(deps.ledger, memberId),
    getApplePass(deps.ledger, memberId),
  ]);
  if (!account || pass?.first === account.version || (!isNew && pass?.told)) return;
  // Should this stop here, the night finds a card of which nobody knows whether it is up to date.
  await doubtAppleTold(deps.ledger, memberId);
  try {
    const { pusher } = await loadApple(deps);
    if ((await follow(deps, [registration], await pusher.push(pushToken))) !== 'told') return;
  } catch (error) {
    deps.logger.warn('A new phone was not told of what it may have missed', { error: error as Error });
    return;
  }
  const { version } = account;
  const wereTold = pass?.told && pass.told.version >= version;
  if (wereTold || (await registrationsOf(deps.ledger, memberId)).length === 1)
    await noteAppleTold(deps.ledger, memberId, version, deps.now());
}

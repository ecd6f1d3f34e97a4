/** From a ledger event to the phones: the pass is marked as changed on each device, then each is told once. */
import type { LedgerDetail } from '../core/contract/events.ts';
import { forgetPushToken, getAccount, type Registration, touchPasses } from '../ledger/ledger.ts';
import type { PushOutcome } from '../passes/apple/push.ts';
import { loadApple } from './apple-wallet.ts';
import type { Deps } from './deps.ts';
import { consumer } from './queue.ts';

/** Waits before a push is sent again in this invocation, at most; what still fails comes back with the queue. */
const retryWaitsMs = [200, 800, 2000];
/** No try begins later than this after the first: the function has 15 seconds. */
const patienceMs = 6000;
/** What a phone was told last is remembered for as many phones: some hundred kilobytes. */
const toldMax = 5000;

interface Told {
  readonly version: number;
  readonly delivered: Promise<void>;
}

/**
 * What this instance has told, or is telling, by member and phone. An entry that changes points and tier is two
 * events of one version, and any event may come twice: a phone hears of a version once.
 */
const told = new Map<string, Told>();

function tellOnce(key: string, version: number, deliver: () => Promise<void>): Promise<void> {
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
async function pushPatiently(deps: Deps, pushToken: string): Promise<PushOutcome> {
  const start = deps.monotonic();
  for (let attempt = 0; ; attempt++) {
    const { pusher } = await loadApple(deps);
    const outcome = await pusher.push(pushToken);
    const waitMax = retryWaitsMs[attempt];
    if (outcome.type !== 'retry' || waitMax === undefined) return outcome;
    // Half of it is left to chance, so that what failed together does not come back together.
    const jittered = waitMax / 2 + deps.ledger.randomInteger(waitMax / 2);
    const wait = Math.max(jittered, (outcome.after ?? 0) * 1000);
    if (deps.monotonic() - start + wait > patienceMs) return outcome;
    await deps.sleep(wait);
  }
}

/** @throws Error when the push has to be tried again */
async function follow(deps: Deps, group: readonly Registration[], outcome: PushOutcome): Promise<void> {
  switch (outcome.type) {
    case 'accepted':
      return;
    case 'gone':
      for (const registration of group) await forgetPushToken(deps.ledger, registration, outcome.since);
      return;
    case 'retry':
      throw new Error(`The push was not delivered: ${outcome.reason}`);
    case 'refused':
      // Apple will say the same the next time: kept in the log for operators, not repeated.
      deps.logger.error('Apple refused a push', { reason: outcome.reason, memberId: group[0]?.memberId });
      return;
  }
}

/**
 * Tells the phones that have a member's pass. An event that is not the newest entry's is left to that entry's
 * own: the queue delays events by seconds, so several changes within them become one push.
 */
export async function pushChange(
  deps: Deps,
  { memberId, version, cause }: Pick<LedgerDetail, 'memberId' | 'version' | 'cause'>,
): Promise<void> {
  // There is no pass without what came with the enrolment.
  if (cause.type === 'enrolment') return;
  const account = await getAccount(deps.ledger, memberId);
  if (!account || account.version > version) return;
  const registrations = await touchPasses(deps.ledger, memberId, account.version, deps.now());
  if (registrations.length === 0) return;
  const { credentials } = await loadApple(deps);
  const ours = registrations.filter(({ passType }) => passType === credentials.passTypeIdentifier);
  // One phone may have registered under many device ids with one push token: it is told once.
  const groups = Map.groupBy(ours, ({ pushToken }) => pushToken);
  const results = await Promise.allSettled(
    [...groups].map(([pushToken, group]) =>
      tellOnce(`${memberId} ${pushToken}`, account.version, async () =>
        follow(deps, group, await pushPatiently(deps, pushToken)),
      ),
    ),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

export const handler = consumer(
  async (event, deps) => {
    switch (event.name) {
      case 'PointsPosted':
      case 'MemberUpdated':
      case 'RewardRedeemed':
      case 'VoucherRedeemed':
      case 'MemberErased':
      case 'TierChanged':
      case 'PointsExpiring':
        return pushChange(deps, event.detail);
      default:
        throw new Error(`The Apple push function does not consume ${event.name}.`);
    }
  },
  { inParallel: true },
);

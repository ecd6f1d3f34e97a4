/** From a ledger event to the phones: the pass is marked as changed on each device, then each is told once. */
import type { LedgerDetail } from '../core/contract/events.ts';
import { forgetPushToken, getAccount, type Registration, touchPasses } from '../ledger/ledger.ts';
import type { Pusher, PushOutcome } from '../passes/apple/push.ts';
import { loadApple } from './apple-wallet.ts';
import type { Deps } from './deps.ts';
import { consumer } from './queue.ts';

/** Waits before a push is sent again in this invocation; what still fails then comes back with the queue. */
const retryWaitsMs = [200, 800, 2000];

/** Pushes, and again a few times when Apple asks for patience or did not answer. */
async function pushPatiently(deps: Deps, pusher: Pusher, pushToken: string): Promise<PushOutcome> {
  for (const wait of retryWaitsMs) {
    const outcome = await pusher.push(pushToken);
    if (outcome.type !== 'retry') return outcome;
    await deps.sleep(wait);
  }
  return pusher.push(pushToken);
}

/** One phone may have registered under many device ids with one push token: it is told once. */
function byPushToken(registrations: readonly Registration[]): Registration[][] {
  return [...Map.groupBy(registrations, ({ pushToken }) => pushToken).values()];
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

async function push(deps: Deps, { memberId, version }: LedgerDetail): Promise<void> {
  const account = await getAccount(deps.ledger, memberId);
  // A newer entry has its own event, and one push tells a phone of everything.
  if (!account || account.version > version) return;
  const registrations = await touchPasses(deps.ledger, memberId, account.version, deps.now());
  if (registrations.length === 0) return;
  const { pusher } = await loadApple(deps);
  const groups = byPushToken(registrations);
  const results = await Promise.allSettled(
    groups.map(async (group) => {
      const [first] = group;
      if (first) await follow(deps, group, await pushPatiently(deps, pusher, first.pushToken));
    }),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

export const handler = consumer(async (event, deps) => {
  switch (event.name) {
    case 'PointsPosted':
    case 'MemberUpdated':
    case 'RewardRedeemed':
    case 'VoucherRedeemed':
    case 'MemberErased':
    case 'TierChanged':
    case 'PointsExpiring':
      return push(deps, event.detail);
    default:
      throw new Error(`The Apple push function does not consume ${event.name}.`);
  }
});

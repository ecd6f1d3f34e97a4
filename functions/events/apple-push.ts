/** From a ledger event to the phones: the pass is marked as changed on each device, then each is told once. */
import type { LedgerDetail } from '../../core/contract/events.ts';
import { getAccount, touchPasses } from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { consumer } from '../kit/queue.ts';
import { loadApple } from '../wallets/apple.ts';
import { tellAll } from '../wallets/apple-tell.ts';

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
  await tellAll(deps, account, groups);
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
      return pushChange(deps, event.detail);
    default:
      throw new Error(`The Apple push function does not consume ${event.name}.`);
  }
});

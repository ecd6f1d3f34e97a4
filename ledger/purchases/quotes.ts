/** What a purchase would earn if it were posted now. Writes nothing. */
import { type EarningBasis, emptyAccount } from '../../core/account.ts';
import type { CampaignMember } from '../../core/campaigns.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import { award } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import type { Reward } from '../../core/redemptions.ts';
import { getOpenAccount, resolveMember } from '../members/members.ts';
import { redeemableRewards } from '../spending/rewards.ts';
import type { LedgerContext } from '../store/context.ts';
import { lookAtBudgets } from './budgets.ts';
import { readBuyer } from './facts.ts';

export interface Quote {
  /** What it would earn, and from what. */
  readonly basis: EarningBasis;
  /** Who buys, as campaigns see them. */
  readonly member: CampaignMember;
  /** What the member could redeem before the purchase; empty for a guest. */
  readonly rewards: readonly Reward[];
}

/**
 * The same award on the same account as posting, and the same rule for rewards as redeeming. A guest, or a member who
 * is not known, is shown what a new member would earn.
 * @param paused whether operators have stopped redemptions
 */
export async function quotePurchase(
  context: LedgerContext,
  program: Program,
  purchase: RecordedPurchase,
  paused: boolean,
  now: number,
): Promise<Quote> {
  const memberId = purchase.member ? await resolveMember(context, purchase.member) : undefined;
  const account = memberId && (await getOpenAccount(context, memberId));
  const guest = { account: { ...emptyAccount('guest' as MemberId), createdAt: utc(now) }, facts: {} };
  const buyer = account ? await readBuyer(context, program, account) : guest;
  const [budgets, rewards] = await Promise.all([
    lookAtBudgets(context, program, purchase, buyer, now),
    account ? redeemableRewards(context, program, account, paused, now) : [],
  ]);
  const earned = award(program, buyer.account, purchase, now, budgets, buyer.facts).entries.at(-1);
  if (!earned?.basis) throw new Error('An award ends with the entry that earns.');
  const { createdAt: since } = buyer.account;
  const { basis } = earned;
  return {
    basis,
    member: { memberId: buyer.account.memberId, tier: basis.tier.id, since, ...basis.facts },
    rewards,
  };
}

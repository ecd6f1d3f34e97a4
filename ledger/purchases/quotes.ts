/** What a purchase would earn if it were posted now. Writes nothing. */
import { type EarningBasis, emptyAccount } from '../../core/account.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import { award, settle } from '../../core/points.ts';
import type { Program, ProgramDocument } from '../../core/program.ts';
import { affordableRewards } from '../../core/rewards.ts';
import { getOpenAccount, resolveMember } from '../members/members.ts';
import type { LedgerContext } from '../store/context.ts';
import { readBudgets } from './budgets.ts';

export interface Quote {
  /** What it would earn, and from what. */
  readonly basis: EarningBasis;
  /** What the member could redeem before the purchase; empty for a guest. */
  readonly rewards: ProgramDocument['rewards'];
}

/**
 * The same award on the same account as posting. A guest, or a member who is not known, is shown what a new
 * member would earn.
 */
export async function quotePurchase(
  context: LedgerContext,
  program: Program,
  purchase: RecordedPurchase,
  now: number,
): Promise<Quote> {
  const memberId = purchase.member ? await resolveMember(context, purchase.member) : undefined;
  const account = memberId && (await getOpenAccount(context, memberId));
  const buyer = account ?? emptyAccount('guest' as MemberId);
  const { budgets } = await readBudgets(context, program, purchase, buyer);
  const earned = award(program, buyer, purchase, now, budgets).entries.at(-1);
  if (!earned?.basis) throw new Error('An award ends with the entry that earns.');
  const rewards = account ? affordableRewards(program, settle(program, account, now).account) : [];
  return { basis: earned.basis, rewards };
}

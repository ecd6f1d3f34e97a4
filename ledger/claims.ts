/** Guests' purchases, given to a member afterwards. */
import type { Account } from '../core/account.ts';
import type { Budgets } from '../core/campaigns.ts';
import type { PurchaseId } from '../core/contract/ids.ts';
import type { MemberReference } from '../core/contract/shapes.ts';
import { award } from '../core/points.ts';
import type { Program } from '../core/program.ts';
import type { PurchaseRecord } from '../core/purchases.ts';
import type { Operator } from './audit.ts';
import { type CampaignShards, readBudgets, takeBudgets } from './budgets.ts';
import { backOff, decisionsMax, type LedgerContext, LedgerUnavailable } from './context.ts';
import { commit, type Draft, getPurchase, getRefund } from './decision.ts';
import { resolveException } from './exceptions.ts';
import type { RefundRecord } from './items.ts';
import { getOpenAccount, resolveMember, unavailable } from './members.ts';
import { unclaimedException } from './purchases.ts';
import { withoutMember } from './references.ts';
import { draftRefund } from './refund-drafts.ts';
import { type OfStamps, unusedVouchers } from './vouchers.ts';

export const claimDays = 90;
/** Each takes two writes of the claim's transaction, which has room for a hundred. */
const claimRefundsMax = 30;

export type Claimed =
  | { readonly type: 'claimed'; readonly record: PurchaseRecord }
  | { readonly type: 'missing' }
  | { readonly type: 'no_member' }
  | { readonly type: 'mismatch' }
  | { readonly type: 'closed'; readonly reason: string };

/**
 * Gives a guest's purchase to a member; it earns as of when it occurred. The total proves that the claimant
 * holds the receipt. A repeat by the same member answers as the first did. `operator` is
 * who has the purchase's exception tried again.
 */
export async function claimPurchase(
  context: LedgerContext,
  program: Program,
  purchaseId: PurchaseId,
  claim: { member: MemberReference; totalMinor: number },
  now: number,
  operator?: Operator,
): Promise<Claimed> {
  for (let attempt = 1; attempt <= decisionsMax; attempt++) {
    const record = await getPurchase(context, purchaseId);
    if (!record) return { type: 'missing' };
    if (record.purchase.totalMinor !== claim.totalMinor) return { type: 'mismatch' };
    const memberId = await resolveMember(context, claim.member);
    const account = memberId && (await getOpenAccount(context, memberId));
    if (!account) return { type: 'no_member' };
    if (record.memberId === memberId) return { type: 'claimed', record };
    if (record.memberId !== null) return { type: 'closed', reason: 'It belongs to a member already.' };
    if (!Object.hasOwn(program.currencies, record.purchase.currency))
      return {
        type: 'closed',
        reason: `The programme has no rate for ${record.purchase.currency} any more.`,
      };
    if (record.refundIds.length > claimRefundsMax)
      return { type: 'closed', reason: `It has more than ${claimRefundsMax} refunds.` };
    if (Date.parse(record.purchase.occurredAt) + claimDays * 86_400_000 < now)
      return { type: 'closed', reason: `It is more than ${claimDays} days old.` };
    const { shards, budgets } = await readBudgets(context, program, record.purchase, account);
    const refunds = await refundsOf(context, record);
    const unused = refunds.length > 0 ? await unusedVouchers(context, account.memberId) : [];
    const given = { refunds, unused, shards, budgets, operator };
    const draft = draftClaim(context, program, record, account, now, given);
    const { outcome, record: claimed } = await commit(context, { record, account }, draft, now);
    if (outcome.type === 'committed') return { type: 'claimed', record: claimed };
    if (outcome.type !== 'refused') throw unavailable(outcome, `Claiming ${purchaseId}`);
    await backOff(context, attempt);
  }
  throw new LedgerUnavailable('contended', `Claiming ${purchaseId}`);
}

/** The refunds that a guest's purchase has had, in their order. */
async function refundsOf(context: LedgerContext, { refundIds }: PurchaseRecord): Promise<RefundRecord[]> {
  const records = await Promise.all(refundIds.map((id) => getRefund(context, id)));
  return records.flatMap((record) => (record ? [record] : []));
}

/**
 * The whole purchase earns, then each refund that it had is applied to it, as if the member had been known from
 * the start: the refunds' own figures come out the same.
 */
function draftClaim(
  context: LedgerContext,
  program: Program,
  record: PurchaseRecord,
  account: Account,
  now: number,
  given: {
    refunds: readonly RefundRecord[];
    unused: readonly OfStamps[];
    shards: CampaignShards;
    budgets: Budgets;
    operator: Operator | undefined;
  },
): Draft {
  const { earning, ...plan } = award(program, account, record.purchase, now, given.budgets);
  const purchase = withoutMember(record.purchase);
  const owned: PurchaseRecord = {
    ...record,
    purchase,
    memberId: account.memberId,
    earning,
    refundedLines: {},
    refundedOrderMinor: 0,
    refundIds: [],
  };
  let draft: Draft = { record: owned, plan, writes: [], unused: given.unused };
  for (const previous of given.refunds)
    draft = draftRefund(context, program, draft, previous.refund, now, previous);
  // What was refused of them was listed when they came.
  const refunded = draft.writes.filter((write) => 'put' in write && write.put.item === 'refund');
  return {
    ...draft,
    record: { ...draft.record, revision: record.revision + 1 },
    writes: [
      ...refunded,
      ...resolveException(context, unclaimedException(purchase), record.recordedAt, now, given.operator),
      ...takeBudgets(given.shards, earning),
    ],
  };
}

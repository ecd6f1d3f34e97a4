/** Guests' purchases, given to a member afterwards. */
import type { Account } from '../core/account.ts';
import type { Budgets } from '../core/campaigns.ts';
import type { PurchaseId } from '../core/contract/ids.ts';
import { type MemberReference, utc } from '../core/contract/shapes.ts';
import { award } from '../core/points.ts';
import type { Program } from '../core/program.ts';
import type { PurchaseRecord } from '../core/purchases.ts';
import { type CampaignShards, readBudgets, takeBudgets } from './budgets.ts';
import { backOff, decisionsMax, type LedgerContext, LedgerUnavailable } from './context.ts';
import { commit, type Draft, getPurchase } from './decision.ts';
import { resolveException } from './exceptions.ts';
import { getAccount, resolveMember, unavailable } from './members.ts';
import { unclaimedException } from './purchases.ts';
import { draftClawback } from './refund-drafts.ts';

export const claimDays = 90;

export type Claimed =
  | { readonly type: 'claimed'; readonly record: PurchaseRecord }
  | { readonly type: 'missing' }
  | { readonly type: 'no_member' }
  | { readonly type: 'mismatch' }
  | { readonly type: 'closed'; readonly reason: string };

/**
 * Gives a guest's purchase to a member; it earns as of when it occurred. The total proves that the claimant
 * holds the receipt. A repeat by the same member answers as the first did.
 */
export async function claimPurchase(
  context: LedgerContext,
  program: Program,
  purchaseId: PurchaseId,
  claim: { member: MemberReference; totalMinor: number },
  now: number,
): Promise<Claimed> {
  for (let attempt = 1; attempt <= decisionsMax; attempt++) {
    const record = await getPurchase(context, purchaseId);
    if (!record) return { type: 'missing' };
    if (record.purchase.totalMinor !== claim.totalMinor) return { type: 'mismatch' };
    const memberId = await resolveMember(context, claim.member);
    const account = memberId && (await getAccount(context, memberId));
    if (!account) return { type: 'no_member' };
    if (record.memberId === memberId) return { type: 'claimed', record };
    if (record.memberId !== null) return { type: 'closed', reason: 'It belongs to a member already.' };
    if (Date.parse(record.purchase.occurredAt) + claimDays * 86_400_000 < now)
      return { type: 'closed', reason: `It is more than ${claimDays} days old.` };
    const { shards, budgets } = await readBudgets(context, program, record.purchase, account);
    const draft = draftClaim(context, program, record, account, now, { shards, budgets });
    const { outcome, record: claimed } = await commit(context, { record, account }, draft, now);
    if (outcome.type === 'committed') return { type: 'claimed', record: claimed };
    if (outcome.type !== 'refused') throw unavailable(outcome, `Claiming ${purchaseId}`);
    await backOff(context, attempt);
  }
  throw new LedgerUnavailable('contended', `Claiming ${purchaseId}`);
}

/** The whole purchase earns, then what was refunded meanwhile is clawed back: the history stays readable. */
function draftClaim(
  context: LedgerContext,
  program: Program,
  record: PurchaseRecord,
  account: Account,
  now: number,
  { shards, budgets }: { shards: CampaignShards; budgets: Budgets },
): Draft {
  const { earning, ...plan } = award(program, account, record.purchase, now, budgets);
  const owned: PurchaseRecord = {
    ...record,
    revision: record.revision + 1,
    memberId: account.memberId,
    earning,
  };
  const writes = resolveException(context, unclaimedException(record.purchase), record.recordedAt, now);
  const lastRefund = record.refundIds.at(-1);
  const clawed =
    lastRefund === undefined
      ? undefined
      : draftClawback(
          program,
          { record: owned, plan, writes },
          owned,
          { id: lastRefund, occurredAt: utc(now) },
          now,
        );
  return {
    record: clawed ? { ...owned, earning: clawed.earning, clawedBack: clawed.clawedBack } : owned,
    plan: clawed?.plan ?? plan,
    writes: [...writes, ...takeBudgets(shards, earning)],
  };
}

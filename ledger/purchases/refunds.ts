/** Refunds: applied to their purchase, or kept waiting until it comes. */
import type { PurchaseId } from '../../core/contract/ids.ts';
import type { RecordedRefund } from '../../core/contract/shapes/refund.ts';
import type { Program } from '../../core/program.ts';
import { accountOf } from '../members/members.ts';
import { storable, withoutMember } from '../members/references.ts';
import type { NewException } from '../operators/exceptions.ts';
import { openOnce } from '../operators/exceptions.ts';
import { returnSpent } from '../spending/spent.ts';
import { mayRevoke, unusedVouchers } from '../spending/vouchers.ts';
import type { LedgerContext } from '../store/context.ts';
import { type Attempt, type Decided, decide } from '../store/decide.ts';
import type { RefundRecord } from '../store/items.ts';
import { applyAwaited, findPurchase, waitForPurchase } from './awaited.ts';
import { isParked } from './conflicts.ts';
import {
  contentHash,
  getPurchase,
  getRefund,
  type PurchaseDraft,
  purchaseWrites,
  type Recorded,
} from './decision.ts';
import { draftRefund } from './refund-drafts.ts';
import { continueReturn, returnStep } from './returns.ts';

/**
 * Posts a refund: applied to its purchase, or kept waiting until the purchase comes. What was spent on an order
 * that is given back in full comes back with it.
 * @throws LedgerUnavailable when it could not be decided, or its outcome is unknown: it is safe to repeat
 */
export async function recordRefund(
  context: LedgerContext,
  program: Program,
  received: RecordedRefund,
  now: number,
): Promise<Recorded<RefundRecord>> {
  const recorded = await finished(context, program, await postRefund(context, program, received, now), now);
  // After a repeat, too: the first delivery may have ended between the two.
  for (const purchaseId of recorded.record.purchaseIds) await returnSpent(context, program, purchaseId, now);
  return recorded;
}

async function postRefund(
  context: LedgerContext,
  program: Program,
  received: RecordedRefund,
  now: number,
): Promise<Recorded<RefundRecord>> {
  // The purchase knows whose it is: what a refund of it says of that changes nothing, so it is not kept.
  const refund = received.purchaseId === undefined ? received : withoutMember(received);
  return decide(context, `Posting ${refund.id}`, async (attempt) => {
    const existing = await getRefund(context, refund.id);
    if (existing) return repeated(context, existing, refund, attempt, now);
    const { purchaseId } = refund;
    const { record, ...decided } =
      purchaseId === undefined
        ? await returnStep(context, program, { refund }, attempt.partsMax, now)
        : await refundWrites(context, program, { ...refund, purchaseId }, attempt, now);
    return { result: { type: 'posted', record }, ...decided };
  });
}

/** What one transaction had no room for: a return's further purchases, refunds that waited for the same purchase. */
async function finished(
  context: LedgerContext,
  program: Program,
  recorded: Recorded<RefundRecord>,
  now: number,
): Promise<Recorded<RefundRecord>> {
  const { record } = recorded;
  if (record.rest) return { ...recorded, record: await continueReturn(context, program, record, now) };
  const { purchaseId } = record.refund;
  const purchase =
    record.status === 'waiting' && purchaseId ? await getPurchase(context, purchaseId) : undefined;
  if (!purchase) return recorded;
  await applyAwaited(context, program, purchase, now);
  return { ...recorded, record: (await getRefund(context, record.refundId)) ?? record };
}

type RefundOfPurchase = RecordedRefund & { readonly purchaseId: PurchaseId };

/** One decision on a refund of a purchase. */
async function refundWrites(
  context: LedgerContext,
  program: Program,
  refund: RefundOfPurchase,
  { found }: Attempt,
  now: number,
): Promise<Pick<Decided<unknown>, 'writes'> & { record: RefundRecord }> {
  const { record, awaited } = await findPurchase(context, refund.purchaseId);
  if (!record) return waitForPurchase(context, awaited, refund, now);
  const account = record.memberId === null ? undefined : await accountOf(context, record.memberId, found);
  const unused = account && mayRevoke([record]) ? await unusedVouchers(context, account.memberId) : [];
  const start: PurchaseDraft = {
    record,
    plan: account ? { account, entries: [] } : null,
    writes: [],
    unused,
  };
  // A refund that was rejected leaves the purchase as it was, yet is written under the same condition.
  const drafted = draftRefund(context, program, start, refund, now);
  const { writes } = purchaseWrites(context, { record, account }, drafted.draft, now);
  return { record: drafted.refund, writes };
}

async function repeated(
  context: LedgerContext,
  record: RefundRecord,
  refund: RecordedRefund,
  { found }: Attempt,
  now: number,
): Promise<Decided<Recorded<RefundRecord>>> {
  const hash = contentHash(context, refund);
  if (hash === record.contentHash) return { result: { type: 'duplicate', record }, writes: [] };
  const conflict: NewException = {
    type: 'refund_conflict',
    subject: refund.id,
    memberId: record.memberId,
    detail: 'The same refund id came again with other content. The first stays as it is.',
    data: await storable(context, refund, now),
    distinction: hash,
    occurredAt: refund.occurredAt,
  };
  const writes = isParked(context, conflict, found) ? [] : openOnce(context, conflict, now);
  return { result: { type: 'conflict', record }, writes };
}

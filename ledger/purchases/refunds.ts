/** Refunds: applied to their purchase, or kept waiting until it comes. */
import { channelOf, type PurchaseId } from '../../core/contract/ids.ts';
import type { RecordedRefund } from '../../core/contract/shapes/refund.ts';
import type { Program } from '../../core/program.ts';
import { accountOf, resolveMember } from '../members/members.ts';
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
import { getPurchase, getRefund, type PurchaseDraft, purchaseWrites, type Recorded } from './decision.ts';
import { draftChecked, refundHash } from './refund-drafts.ts';
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
  const recorded = await decide(context, `Posting ${received.id}`, (attempt) =>
    decideRefund(context, program, received, attempt, now),
  );
  return { ...recorded, record: await afterRefund(context, program, recorded.record, now) };
}

/** One decision on a refund: a conflict comes with the writes that park it. */
export async function decideRefund(
  context: LedgerContext,
  program: Program,
  received: RecordedRefund,
  attempt: Attempt,
  now: number,
): Promise<Decided<Recorded<RefundRecord>>> {
  const refund = await kept(context, received, now);
  const existing = await getRefund(context, refund.id);
  if (existing) return repeated(context, existing, refund, attempt, now);
  const { purchaseId } = refund;
  const { record, ...decided } =
    purchaseId === undefined
      ? await returnStep(context, program, { refund }, attempt.partsMax, now)
      : await refundWrites(context, program, { ...refund, purchaseId }, attempt, now);
  return { result: { type: 'posted', record }, ...decided };
}

/** What one transaction had no room for. After a repeat, too: the first delivery may have ended in between. */
export async function afterRefund(
  context: LedgerContext,
  program: Program,
  written: RefundRecord,
  now: number,
): Promise<RefundRecord> {
  const record = await finished(context, program, written, now);
  for (const purchaseId of record.purchaseIds) await returnSpent(context, program, purchaseId, now);
  return record;
}

/**
 * A refund as it is kept. The purchase knows whose it is, so what its own channel says of that is left out; what
 * another channel says is held against it.
 */
async function kept(context: LedgerContext, received: RecordedRefund, now: number): Promise<RecordedRefund> {
  const { purchaseId, channel } = received;
  if (purchaseId === undefined) return received;
  return channelOf(purchaseId) === channel ? withoutMember(received) : storable(context, received, now);
}

/** A return's further purchases, and refunds that waited for the same purchase. */
async function finished(
  context: LedgerContext,
  program: Program,
  record: RefundRecord,
  now: number,
): Promise<RefundRecord> {
  if (record.rest) return continueReturn(context, program, record, now);
  const { purchaseId } = record.refund;
  const purchase =
    record.status === 'waiting' && purchaseId ? await getPurchase(context, purchaseId) : undefined;
  if (!purchase) return record;
  await applyAwaited(context, program, purchase, now);
  return (await getRefund(context, record.refundId)) ?? record;
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
  const unused = account && mayRevoke([record]) ? await unusedVouchers(context, account) : [];
  const start: PurchaseDraft = {
    record,
    plan: account ? { account, entries: [] } : null,
    writes: [],
    unused,
  };
  // A refund that was rejected leaves the purchase as it was, yet is written under the same condition.
  const drafted = await draftChecked(context, program, start, refund, now);
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
  const hash = refundHash(context, refund);
  if (hash === record.contentHash) return { result: { type: 'duplicate', record }, writes: [] };
  const named = refund.member && (await resolveMember(context, refund.member));
  const conflict: NewException = {
    type: 'refund_conflict',
    subject: refund.id,
    memberId: named ?? null,
    detail: 'The same refund id came again with other content. The first stays as it is.',
    data: await storable(context, refund, now),
    distinction: hash,
    occurredAt: refund.occurredAt,
  };
  const writes = isParked(context, conflict, found) ? [] : openOnce(context, conflict, now);
  return { result: { type: 'conflict', record }, writes };
}

/**
 * Refunds that come before their purchase. Each is kept as a refund of its own that waits, and the purchase's place
 * names them in the order in which they came. When the purchase comes, they are applied in its transaction as far as
 * there is room, and the rest, which the record then names, each in one of its own: the end is the same.
 */
import type { PurchaseId, RefundId } from '../../core/contract/ids.ts';
import type { RecordedRefund } from '../../core/contract/shapes/refund.ts';
import type { Program } from '../../core/program.ts';
import { isFull, type PurchaseRecord } from '../../core/purchases.ts';
import { getOpenAccount } from '../members/members.ts';
import { openException, resolveException } from '../operators/exceptions.ts';
import { unusedVouchers } from '../spending/vouchers.ts';
import type { LedgerContext } from '../store/context.ts';
import { decide } from '../store/decide.ts';
import { type AwaitedPurchase, fromItem, keys, type RefundRecord, toItem } from '../store/items.ts';
import { absent, asRead, type Write } from '../store/store.ts';
import { getPurchase, getRefund, type PurchaseDraft, purchaseWrites } from './decision.ts';
import { draftChecked, newRefund, tooManyRefunds, waitingException } from './refund-drafts.ts';

/** The refunds that wait for a purchase, in the order in which they came. */
export async function awaitedRefunds(
  context: LedgerContext,
  awaited: AwaitedPurchase | undefined,
): Promise<RefundRecord[]> {
  const records = await Promise.all((awaited?.refundIds ?? []).map((id) => getRefund(context, id)));
  return records.filter((record) => record !== undefined);
}

/** Applies a refund that waited for its purchase to a decision on it. */
export async function draftAwaited(
  context: LedgerContext,
  program: Program,
  draft: PurchaseDraft,
  waiting: RefundRecord,
  now: number,
): Promise<PurchaseDraft> {
  const checked = await draftChecked(context, program, draft, waiting.refund, now, waiting);
  const { writes, ...after } = checked.draft;
  const exception = waitingException(waiting.refund);
  return {
    ...after,
    writes: [...writes, ...resolveException(context, exception, waiting.recordedAt, now)],
  };
}

/** Applies those that the purchase's own transaction had no room for. Done again, there are none. */
export async function applyAwaited(
  context: LedgerContext,
  program: Program,
  { purchase: { id }, awaited = [] }: PurchaseRecord,
  now: number,
): Promise<void> {
  for (const refundId of awaited) await applyOne(context, program, id, refundId, now);
}

async function applyOne(
  context: LedgerContext,
  program: Program,
  purchaseId: PurchaseId,
  refundId: RefundId,
  now: number,
): Promise<void> {
  await decide(context, `Applying ${refundId}`, async () => {
    const [record, waiting] = await Promise.all([
      getPurchase(context, purchaseId),
      getRefund(context, refundId),
    ]);
    if (!record?.awaited?.includes(refundId) || !waiting) return { result: undefined, writes: [] };
    const account = record.memberId === null ? undefined : await getOpenAccount(context, record.memberId);
    const unused = account ? await unusedVouchers(context, account) : [];
    const plan = account ? { account, entries: [] } : null;
    const draft = await draftAwaited(context, program, { record, plan, writes: [], unused }, waiting, now);
    const { awaited: _awaited, ...rest } = draft.record;
    const left = record.awaited.filter((id) => id !== refundId);
    const after = { ...draft, record: left.length > 0 ? { ...rest, awaited: left } : rest };
    return {
      result: undefined,
      writes: purchaseWrites(context, { record, account }, after, now).writes,
    };
  });
}

/** Keeps a refund until its purchase comes; what is too many is rejected, and operators see it. */
export function waitForPurchase(
  context: LedgerContext,
  awaited: AwaitedPurchase | undefined,
  refund: RecordedRefund & { readonly purchaseId: PurchaseId },
  now: number,
): { record: RefundRecord; writes: Write[] } {
  const { purchaseId } = refund;
  const isOneTooMany = isFull(awaited?.refundIds ?? [], refund.id);
  const record = newRefund(context, refund, isOneTooMany ? 'rejected' : 'waiting', null, now);
  const put: Write = { put: toItem(keys.refund(refund.id), 'refund', record), if: absent };
  if (isOneTooMany)
    return { record, writes: [put, ...openException(context, tooManyRefunds(refund, null), now)] };
  const waiting: AwaitedPurchase = {
    ...awaited,
    purchaseId,
    revision: (awaited?.revision ?? 0) + 1,
    refundIds: [...(awaited?.refundIds ?? []), refund.id],
  };
  return {
    record,
    writes: [
      { put: toItem(keys.purchase(purchaseId), 'awaitedPurchase', waiting), if: asRead(awaited) },
      put,
      ...openException(context, waitingException(refund), now),
    ],
  };
}

/** The purchase that a refund is of, as it is now: posted, awaited, or neither. */
export async function findPurchase(
  context: LedgerContext,
  id: PurchaseId,
): Promise<{ record?: PurchaseRecord; awaited?: AwaitedPurchase }> {
  const item = await context.store.get(keys.purchase(id));
  if (!item) return {};
  return item.item === 'purchase'
    ? { record: fromItem(item, 'purchase') }
    : { awaited: fromItem(item, 'awaitedPurchase') };
}

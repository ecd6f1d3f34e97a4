/** Refunds: applied to their purchase, or kept waiting until it comes. */
import type { PurchaseId } from '../../core/contract/ids.ts';
import type { RecordedRefund } from '../../core/contract/shapes/refund.ts';
import type { Program } from '../../core/program.ts';
import { getOpenAccount, unavailable } from '../members/members.ts';
import { storable, withoutMember } from '../members/references.ts';
import { type NewException, openException } from '../operators/exceptions.ts';
import { returnSpent } from '../spending/spent.ts';
import { mayRevoke, unusedVouchers } from '../spending/vouchers.ts';
import { backOff, decisionsMax, type LedgerContext, LedgerUnavailable } from '../store/context.ts';
import { type AwaitedPurchase, fromItem, keys, type RefundRecord, toItem } from '../store/items.ts';
import type { Transacted } from '../store/store.ts';
import { commit, contentHash, type Draft, getRefund, type Recorded } from './decision.ts';
import { draftRefund, newRefund, waitingException } from './refund-drafts.ts';
import { findReturnMatch, tryReturn } from './returns.ts';

/** Refunds that may wait for one purchase: more than any shop sends, few enough for one transaction. */
const awaitedMax = 15;

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
  const recorded = await postRefund(context, program, received, now);
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
  for (let attempt = 1; attempt <= decisionsMax; attempt++) {
    const existing = await getRefund(context, refund.id);
    if (existing) return repeatedRefund(context, existing, refund, now);
    const { purchaseId } = refund;
    const outcome =
      purchaseId === undefined
        ? await tryReturn(context, program, refund, await findReturnMatch(context, refund), now)
        : await tryRefund(context, program, { ...refund, purchaseId }, now);
    if (outcome.type === 'committed') {
      const record = await getRefund(context, refund.id);
      if (record) return { type: 'posted', record };
    } else if (outcome.type !== 'refused') throw unavailable(outcome, `Posting ${refund.id}`);
    await backOff(context, attempt);
  }
  throw new LedgerUnavailable('contended', `Posting ${refund.id}`);
}

type RefundOfPurchase = RecordedRefund & { readonly purchaseId: PurchaseId };

/** One decision on a refund of a purchase. A refusal means that something changed: decide again. */
async function tryRefund(
  context: LedgerContext,
  program: Program,
  refund: RefundOfPurchase,
  now: number,
): Promise<Transacted> {
  const item = await context.store.get(keys.purchase(refund.purchaseId));
  if (item?.item !== 'purchase')
    return waitForPurchase(context, item && fromItem(item, 'awaitedPurchase'), refund, now);
  const record = fromItem(item, 'purchase');
  const account = record.memberId === null ? undefined : await getOpenAccount(context, record.memberId);
  const unused = account && mayRevoke([record]) ? await unusedVouchers(context, account.memberId) : [];
  const start: Draft = { record, plan: account ? { account, entries: [] } : null, writes: [], unused };
  const draft = draftRefund(context, program, start, refund, now);
  // A refund that was rejected leaves the purchase as it was, yet is written under the same condition.
  const revised = { ...draft, record: { ...draft.record, revision: record.revision + 1 } };
  const { outcome } = await commit(context, { record, account }, revised, now);
  return outcome;
}

async function waitForPurchase(
  context: LedgerContext,
  awaited: AwaitedPurchase | undefined,
  refund: RefundOfPurchase,
  now: number,
): Promise<Transacted> {
  const refunds = [...(awaited?.refunds ?? []), refund];
  if (refunds.length > awaitedMax)
    throw new Error(`More than ${awaitedMax} refunds wait for ${refund.purchaseId}.`);
  const waiting: AwaitedPurchase = {
    purchaseId: refund.purchaseId,
    revision: (awaited?.revision ?? 0) + 1,
    refunds,
  };
  return context.store.transact([
    {
      put: toItem(keys.purchase(refund.purchaseId), 'awaitedPurchase', waiting),
      if: awaited ? { kind: 'unchanged', field: 'revision', value: awaited.revision } : { kind: 'absent' },
    },
    {
      put: toItem(keys.refund(refund.id), 'refund', newRefund(context, refund, 'waiting', null, now)),
      if: { kind: 'absent' },
    },
    openException(context, waitingException(refund), now),
  ]);
}

async function repeatedRefund(
  context: LedgerContext,
  record: RefundRecord,
  refund: RecordedRefund,
  now: number,
): Promise<Recorded<RefundRecord>> {
  const hash = contentHash(context, refund);
  if (hash === record.contentHash) return { type: 'duplicate', record };
  const conflict: NewException = {
    type: 'refund_conflict',
    subject: refund.id,
    memberId: record.memberId,
    detail: 'The same refund id came again with other content. The first stays as it is.',
    data: await storable(context, refund, now),
    distinction: hash,
    occurredAt: refund.occurredAt,
  };
  const outcome = await context.store.transact([openException(context, conflict, now)]);
  if (outcome.type === 'committed') return { type: 'conflict', record };
  throw new LedgerUnavailable(
    outcome.type === 'refused' ? 'contended' : outcome.type,
    `Parking a conflict of ${refund.id}`,
  );
}

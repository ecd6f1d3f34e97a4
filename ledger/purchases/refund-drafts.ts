/** What a refund does to a decision: the record shrinks, points go back to the target, the refund is written. */

import type { MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { RecordedRefund } from '../../core/contract/shapes/refund.ts';
import { clawBack, type Earning, isWorthAsMuch, type Plan, shrunk } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import {
  addRefund,
  type PurchaseRecord,
  type RefundOutcome,
  refundedMinor,
  worth,
} from '../../core/purchases.ts';
import type { StampChange, StampVoucher } from '../../core/stamps.ts';
import { type NewException, openException } from '../operators/exceptions.ts';
import type { LedgerContext } from '../store/context.ts';
import { keys, type RefundRecord, type RefundStatus, toItem } from '../store/items.ts';
import type { Condition, Write } from '../store/store.ts';
import { contentHash, type Draft } from './decision.ts';

export function newRefund(
  context: LedgerContext,
  refund: RecordedRefund,
  status: RefundStatus,
  memberId: MemberId | null,
  now: number,
): RefundRecord {
  return {
    refundId: refund.id,
    refund,
    contentHash: contentHash(context, refund),
    revision: 1,
    status,
    purchaseIds: refund.purchaseId === undefined ? [] : [refund.purchaseId],
    memberId,
    recordedAt: utc(now),
    clawedBack: 0,
    debt: 0,
  };
}

export function waitingException(refund: RecordedRefund): NewException {
  return {
    type: 'refund_waiting',
    subject: refund.id,
    memberId: null,
    detail: `The purchase ${refund.purchaseId} has not come yet. The refund is applied when it does.`,
    data: refund,
    occurredAt: refund.occurredAt,
  };
}

/** Why a refund cannot be applied in full, as an exception; undefined when it can. */
function refundException(
  refund: RecordedRefund,
  memberId: MemberId | null,
  outcome: RefundOutcome,
  status: RefundStatus,
): NewException | undefined {
  const { excessMinor, unknownLines, excessUnits } = outcome;
  if (excessMinor === 0 && excessUnits.length === 0) return undefined;
  const said = [
    ...(excessMinor > 0
      ? [`${excessMinor} of the refund is more than ${refund.purchaseId} still holds and was refused.`]
      : []),
    ...(unknownLines.length > 0 ? [`The purchase has no line ${unknownLines.join(', ')}.`] : []),
    ...(excessUnits.length > 0
      ? [`More units came back than were sold of line ${excessUnits.join(', ')}.`]
      : []),
  ];
  return {
    type: status === 'rejected' && unknownLines.length > 0 ? 'refund_rejected' : 'over_refund',
    subject: refund.id,
    memberId,
    detail: said.join(' '),
    data: refund,
    occurredAt: refund.occurredAt,
  };
}

/** Adds one refund to a decision: the record shrinks, points go back to the target, the refund is written. */
export function draftRefund(
  context: LedgerContext,
  program: Program,
  draft: Draft,
  refund: RecordedRefund,
  now: number,
  previous?: Pick<RefundRecord, 'revision'>,
): Draft {
  const { memberId } = draft.record;
  // Two deliveries of one id may name two purchases: the refund's own item lets only one of them through.
  const unused: Condition = previous
    ? { kind: 'unchanged', field: 'revision', value: previous.revision }
    : { kind: 'absent' };
  const revision = (previous?.revision ?? 0) + 1;
  if (refund.currency !== draft.record.purchase.currency)
    return {
      ...draft,
      writes: [...draft.writes, ...rejectedForCurrency(context, draft.record, refund, now, unused, revision)],
    };
  const outcome = addRefund(draft.record, refund);
  const applied = refundedMinor(outcome.record) > refundedMinor(draft.record);
  const status: RefundStatus = applied || outcome.excessMinor === 0 ? 'applied' : 'rejected';
  const clawed = draftClawback(program, draft, outcome.record, refund, now);
  const exception = refundException(refund, memberId, outcome, status);
  const record: RefundRecord = {
    ...newRefund(context, refund, status, memberId, now),
    revision,
    clawedBack: clawed?.clawedBack ?? 0,
    debt: clawed?.debt ?? 0,
  };
  return {
    record: clawed
      ? {
          ...outcome.record,
          earning: clawed.earning,
          clawedBack: draft.record.clawedBack + clawed.clawedBack,
        }
      : outcome.record,
    plan: clawed ? clawed.plan : draft.plan,
    unused: draft.unused,
    writes: [
      ...draft.writes,
      { put: toItem(keys.refund(refund.id), 'refund', record), if: unused },
      ...(exception ? [openException(context, exception, now)] : []),
    ],
  };
}

export function draftClawback(
  program: Program,
  draft: Draft,
  record: PurchaseRecord,
  refund: Pick<RecordedRefund, 'id' | 'occurredAt'>,
  now: number,
): { plan: Plan; earning: Earning; clawedBack: number; debt: number } | undefined {
  const { earning } = record;
  if (!earning || !draft.plan) return undefined;
  const target = worth(record, earning);
  // What is less in money alone is an entry, too: whoever follows the ledger learns of every refund.
  const isLess = refundedMinor(record) > refundedMinor(draft.record);
  if (!isLess && isWorthAsMuch(earning, target)) return undefined;
  const vouchers = unusedAfter(draft.unused, draft.plan.entries);
  const { account } = draft.plan;
  const { clawedBack, debt, ...plan } = clawBack(program, account, earning, target, refund, now, vouchers);
  return {
    plan: { account: plan.account, entries: [...draft.plan.entries, ...plan.entries] },
    // What the purchase is worth from now on; its amounts stay the original ones in the purchase itself.
    earning: shrunk(earning, target),
    clawedBack,
    debt,
  };
}

/** Unused vouchers once the planned entries are written. */
function unusedAfter(
  unused: readonly StampVoucher[],
  entries: readonly { readonly stamps?: StampChange }[],
): StampVoucher[] {
  const issued = entries.flatMap((entry) => entry.stamps?.issued ?? []);
  const revoked = new Set(entries.flatMap((entry) => entry.stamps?.revoked ?? []));
  return [...unused, ...issued].filter((voucher) => !revoked.has(voucher.voucherId));
}

function rejectedForCurrency(
  context: LedgerContext,
  record: PurchaseRecord,
  refund: RecordedRefund,
  now: number,
  unused: Condition,
  revision: number,
): Write[] {
  const exception: NewException = {
    type: 'refund_rejected',
    subject: refund.id,
    memberId: record.memberId,
    detail: `The refund is in ${refund.currency}, the purchase ${record.purchase.id} in ${record.purchase.currency}.`,
    data: refund,
    occurredAt: refund.occurredAt,
  };
  const rejected = { ...newRefund(context, refund, 'rejected', record.memberId, now), revision };
  return [
    { put: toItem(keys.refund(refund.id), 'refund', rejected), if: unused },
    openException(context, exception, now),
  ];
}

/**
 * What the ledger keeps of a purchase, and how refunds shrink it. Refunds are kept as what was asked for, by
 * line and for the whole order, and what they amount to is computed from those totals alone, so any order and
 * any splitting of the same refunds ends in the same state.
 */
import type { EarningBasis } from './account.ts';
import type { EntryId, ExceptionId, MemberId, RefundId } from './contract/ids.ts';
import type { RecordedPurchase } from './contract/shapes/purchase.ts';
import type { RecordedRefund } from './contract/shapes/refund.ts';
import { priced } from './earning.ts';
import type { Earning } from './points.ts';
import { countStamps } from './stamps.ts';

export interface PurchaseRecord {
  readonly purchase: RecordedPurchase;
  /** The content's hash: a repeat with other content is a conflict. */
  readonly contentHash: string;
  /** Grows with every change of this record. */
  readonly revision: number;
  /** Null while nobody has claimed a guest's purchase. */
  readonly memberId: MemberId | null;
  readonly recordedAt: string;
  readonly earning: Earning | null;
  readonly clawedBack: number;
  /** Asked to be refunded by line: minor units, and units of quantity. */
  readonly refundedLines: Readonly<
    Record<string, { readonly amountMinor: number; readonly quantity: number }>
  >;
  /** Asked to be refunded on the whole order, in minor units. */
  readonly refundedOrderMinor: number;
  readonly refundIds: readonly RefundId[];
  readonly entryIds: readonly EntryId[];
  /** Open exceptions that hold a repeat with other content. */
  readonly conflicts: readonly ExceptionId[];
  /** An order that cost nothing was given back as a whole: no amount can say so. */
  readonly orderReturned?: true;
  /** Refunds that came before and are still to be applied, in their order. */
  readonly awaited?: readonly RefundId[];
}

/** Refunds that are kept of one purchase, so that what a record holds is bounded. */
export const refundsMax = 200;

/** The record of a purchase that nothing has happened to yet. */
export function newPurchaseRecord(
  purchase: RecordedPurchase,
  known: Pick<PurchaseRecord, 'contentHash' | 'memberId' | 'recordedAt' | 'earning'>,
): PurchaseRecord {
  return {
    purchase,
    revision: 1,
    clawedBack: 0,
    refundedLines: {},
    refundedOrderMinor: 0,
    refundIds: [],
    entryIds: [],
    conflicts: [],
    ...known,
  };
}

/** The smaller of what was asked and what the line was. */
export function refundedOfLine(
  record: PurchaseRecord,
  line: { readonly id: string; readonly amountMinor: number },
): number {
  return Math.min(record.refundedLines[line.id]?.amountMinor ?? 0, line.amountMinor);
}

/** Refunded in all, never more than was paid. */
export function refundedMinor(record: PurchaseRecord): number {
  const lines = record.purchase.lines.reduce((sum, line) => sum + refundedOfLine(record, line), 0);
  return Math.min(record.purchase.totalMinor, lines + record.refundedOrderMinor);
}

/** What the purchase is worth with what remains of it, under its own programme, tier and multipliers. */
export function worth(record: PurchaseRecord, earning: Earning): EarningBasis {
  const amounts = new Map(record.purchase.lines.map((line) => [line.id, line]));
  const lines = earning.lines.flatMap((id) => {
    const original = amounts.get(id);
    return original ? [{ id, amountMinor: original.amountMinor - refundedOfLine(record, original) }] : [];
  });
  const { stampCards } = earning.terms;
  return priced({
    currency: record.purchase.currency,
    ...earning.terms,
    lines,
    ...(stampCards ? { stamps: countStamps(stampCards, unitsLeft(record)) } : {}),
    totalMinor: record.purchase.totalMinor - refundedMinor(record),
    ...(record.refundedOrderMinor > 0 ? { orderRefundMinor: record.refundedOrderMinor } : {}),
  });
}

interface Line {
  readonly id: string;
  readonly quantity: number;
  readonly amountMinor: number;
}

/** The units of a line that came back, in thousandths: so 1.3 less 0.3 is one whole unit. */
function thousandthsLeft(record: PurchaseRecord, { id, quantity }: Line): number {
  return Math.round((quantity - (record.refundedLines[id]?.quantity ?? 0)) * 1000);
}

/** Whether the order was given back by one amount, of which no line says what came back. */
function isOrderReturned(record: PurchaseRecord): boolean {
  if (record.orderReturned) return true;
  return record.refundedOrderMinor > 0 && refundedMinor(record) >= record.purchase.totalMinor;
}

/** Whether a line came back: its money, whatever quantity was named, or all of its units, whatever was paid for them. */
export function isLineReturned(record: PurchaseRecord, line: Line): boolean {
  if (isOrderReturned(record) || thousandthsLeft(record, line) <= 0) return true;
  return line.amountMinor > 0 && refundedOfLine(record, line) >= line.amountMinor;
}

/** The whole units that remain of a line. */
function unitsLeft(record: PurchaseRecord): (lineId: string) => number {
  const lines = new Map(record.purchase.lines.map((line) => [line.id, line]));
  return (lineId) => {
    const line = lines.get(lineId);
    if (!line || isLineReturned(record, line)) return 0;
    return Math.max(0, Math.floor(thousandthsLeft(record, line) / 1000));
  };
}

export type PurchaseStatus = 'posted' | 'partially_refunded' | 'refunded' | 'unclaimed' | 'conflict';

/** The status that the API answers; a parked conflict is said first, since somebody has to look at it. */
export function statusOf(record: PurchaseRecord): PurchaseStatus {
  if (record.conflicts.length > 0) return 'conflict';
  if (record.memberId === null) return 'unclaimed';
  if (isReturned(record)) return 'refunded';
  const cameBack = Object.values(record.refundedLines).some(({ quantity }) => quantity > 0);
  return refundedMinor(record) > 0 || cameBack ? 'partially_refunded' : 'posted';
}

/** Whether the whole order was given back: each of its lines; what was paid for shipping need not have been. */
export function isReturned(record: PurchaseRecord): boolean {
  return record.purchase.lines.every((line) => isLineReturned(record, line));
}

/** What a refund does to a purchase record, and what of it cannot be. */
export interface RefundOutcome {
  readonly record: PurchaseRecord;
  /** Minor units that the purchase no longer held. */
  readonly excessMinor: number;
  /** Line ids that the purchase does not have. */
  readonly unknownLines: readonly string[];
  /** Lines of which more units were given back than were sold. */
  readonly excessUnits: readonly string[];
}

/** Adds a refund's amounts to a purchase's record. */
export function addRefund(record: PurchaseRecord, refund: RecordedRefund): RefundOutcome {
  const known = new Set(record.purchase.lines.map((line) => line.id));
  const refundedLines = { ...record.refundedLines };
  const unknownLines: string[] = [];
  let asked = refund.amountMinor ?? 0;
  for (const line of refund.lines ?? []) {
    if (!('lineId' in line)) continue;
    asked += line.amountMinor;
    if (!known.has(line.lineId)) {
      unknownLines.push(line.lineId);
      continue;
    }
    const before = refundedLines[line.lineId] ?? { amountMinor: 0, quantity: 0 };
    refundedLines[line.lineId] = {
      amountMinor: before.amountMinor + line.amountMinor,
      quantity: before.quantity + (line.quantity ?? 0),
    };
  }
  const after: PurchaseRecord = {
    ...record,
    revision: record.revision + 1,
    refundedLines,
    refundedOrderMinor: record.refundedOrderMinor + (refund.amountMinor ?? 0),
    ...(refund.amountMinor !== undefined && record.purchase.totalMinor === 0 ? { orderReturned: true } : {}),
    refundIds: [...record.refundIds, refund.id as RefundId],
  };
  return {
    record: after,
    excessMinor: asked - (refundedMinor(after) - refundedMinor(record)),
    unknownLines,
    excessUnits: record.purchase.lines
      .filter((line) => (refundedLines[line.id]?.quantity ?? 0) > line.quantity + 0.0005)
      .filter((line) => (refundedLines[line.id]?.quantity ?? 0) !== record.refundedLines[line.id]?.quantity)
      .map((line) => line.id),
  };
}

/**
 * What the ledger keeps of a purchase, and how refunds shrink it. Refunds are kept as what was asked for, by
 * line and for the whole order, and what they amount to is computed from those totals alone, so any order and
 * any splitting of the same refunds ends in the same state.
 */
import type { EarningBasis } from './account.ts';
import type { Line } from './campaigns.ts';
import type { EntryId, MemberId, RefundId } from './contract/ids.ts';
import type { RecordedPurchase } from './contract/shapes/purchase.ts';
import type { RecordedRefund } from './contract/shapes/refund.ts';
import { type Basis, priced } from './earning.ts';
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
  /** Whether a repeat with other content is parked beside it. */
  readonly conflict: boolean;
}

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
    conflict: false,
    ...known,
  };
}

/** A purchase, and what of it was asked back. */
export type Refundable = Pick<PurchaseRecord, 'purchase' | 'refundedLines' | 'refundedOrderMinor'>;

/** The smaller of what was asked and what the line was. */
export function refundedOfLine({ refundedLines }: Pick<Refundable, 'refundedLines'>, line: Line): number {
  return Math.min(refundedLines[line.id]?.amountMinor ?? 0, line.amountMinor);
}

/** Refunded in all, never more than was paid. */
export function refundedMinor(record: Refundable): number {
  const { purchase, refundedOrderMinor } = record;
  let refunded = refundedOrderMinor;
  for (const line of purchase.lines) refunded += refundedOfLine(record, line);
  return Math.min(purchase.totalMinor, refunded);
}

/** What is left of a basis, whose lines are as they were sold. */
export function leftOf(basis: Basis, record: Refundable): Basis {
  const { purchase, refundedOrderMinor } = record;
  const left: { -readonly [K in keyof Basis]: Basis[K] } = { ...basis };
  left.lines = basis.lines.map((line) => ({
    id: line.id,
    amountMinor: line.amountMinor - refundedOfLine(record, line),
  }));
  left.totalMinor = purchase.totalMinor - refundedMinor(record);
  if (basis.stampCards) left.stamps = countStamps(basis.stampCards, unitsLeft(record));
  if (refundedOrderMinor > 0) left.orderRefundMinor = refundedOrderMinor;
  return left;
}

/** What the purchase is worth with what remains of it, under its own programme, tier and multipliers. */
export function worth(record: PurchaseRecord, earning: Earning): EarningBasis {
  const { currency, totalMinor, lines } = record.purchase;
  const sold = { currency, ...earning.terms, lines: namedLines(lines, earning.lines), totalMinor };
  return priced(leftOf(sold, record));
}

/** The lines of these ids; nearly always they are named in the order of the lines. */
function namedLines(lines: readonly Line[], ids: readonly string[]): Line[] {
  let next = 0;
  const inOrder = lines.filter(({ id }) => ids[next] === id && ++next > 0);
  if (next === ids.length) return inOrder;
  return ids.flatMap((id) => lines.find((line) => line.id === id) ?? []);
}

/** The whole units that remain of a line: none once its money is back, whatever quantity the refund named. */
function unitsLeft(record: Refundable): (lineId: string) => number {
  const lines = new Map(record.purchase.lines.map((line) => [line.id, line]));
  const nothingLeft = refundedMinor(record) >= record.purchase.totalMinor && record.purchase.totalMinor > 0;
  return (lineId) => {
    const line = lines.get(lineId);
    if (!line || nothingLeft) return 0;
    if (line.amountMinor > 0 && refundedOfLine(record, line) >= line.amountMinor) return 0;
    // In thousandths, so that 1.3 less 0.3 is one whole unit.
    const thousandths = Math.round((line.quantity - (record.refundedLines[lineId]?.quantity ?? 0)) * 1000);
    return Math.max(0, Math.floor(thousandths / 1000));
  };
}

export type PurchaseStatus = 'posted' | 'partially_refunded' | 'refunded' | 'unclaimed' | 'conflict';

/** The status that the API answers; a parked conflict is said first, since somebody has to look at it. */
export function statusOf(record: PurchaseRecord): PurchaseStatus {
  if (record.conflict) return 'conflict';
  if (record.memberId === null) return 'unclaimed';
  if (refundedMinor(record) === 0) return 'posted';
  return isRefunded(record) ? 'refunded' : 'partially_refunded';
}

/** Whether the whole order was given back; what was paid for shipping need not have been. */
export function isRefunded(record: PurchaseRecord): boolean {
  const refunded = refundedMinor(record);
  if (refunded === 0) return false;
  const linesLeft = record.purchase.lines.some((line) => refundedOfLine(record, line) < line.amountMinor);
  return refunded >= record.purchase.totalMinor || !linesLeft;
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

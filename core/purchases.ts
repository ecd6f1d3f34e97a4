/**
 * What the ledger keeps of a purchase, and how refunds shrink it. Refunds are kept as what was asked for, by
 * line and for the whole order, and what they amount to is computed from those totals alone, so any order and
 * any splitting of the same refunds ends in the same state.
 */
import type { EarningBasis } from './account.ts';
import type { Line } from './campaigns.ts';
import type { EntryId, ExceptionId, MemberId, RefundId } from './contract/ids.ts';
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
  /** Open exceptions that hold a repeat with other content. */
  readonly conflicts: readonly ExceptionId[];
  /** An order that cost nothing was given back as a whole: no amount can say so. */
  readonly orderReturned?: true;
  /** Refunds that came before and are still to be applied, in their order. */
  readonly awaited?: readonly RefundId[];
}

/** Refunds that are kept of one purchase, one for each line it may have: what a record holds is bounded. */
export const refundsMax = 500;

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

/** A purchase, and what of it was asked back. */
export type Refundable = Pick<
  PurchaseRecord,
  'purchase' | 'refundedLines' | 'refundedOrderMinor' | 'orderReturned'
>;

/** What refunds have made of a record, apart from what was sold. */
export type Refunded = Omit<Refundable, 'purchase'>;

export function refundedOf({ refundedLines, refundedOrderMinor, orderReturned }: Refundable): Refunded {
  return { refundedLines, refundedOrderMinor, ...(orderReturned ? { orderReturned } : {}) };
}

/** The record as it was before any of its refunds. */
export function unrefunded({ orderReturned: _orderReturned, ...record }: PurchaseRecord): PurchaseRecord {
  return { ...record, refundedLines: {}, refundedOrderMinor: 0, refundIds: [] };
}

type OfLine = Refunded['refundedLines'][string];
const nothing: OfLine = { amountMinor: 0, quantity: 0 };

/** What was asked back of a line. Lines are named by channels, so one may be called as what every object has. */
export function refundedAt(lines: Refunded['refundedLines'], lineId: string): OfLine {
  return Object.hasOwn(lines, lineId) ? (lines[lineId] ?? nothing) : nothing;
}

/** The smaller of what was asked and what the line was. */
export function refundedOfLine({ refundedLines }: Pick<Refundable, 'refundedLines'>, line: Line): number {
  return Math.min(refundedAt(refundedLines, line.id).amountMinor, line.amountMinor);
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

interface SoldLine extends Line {
  readonly quantity: number;
}

/** The units of a line that remain, in thousandths: so 1.3 less 0.3 is one whole unit. */
function thousandthsLeft({ refundedLines }: Refundable, { id, quantity }: SoldLine): number {
  return Math.round((quantity - refundedAt(refundedLines, id).quantity) * 1000);
}

/** Whether the order was given back by one amount, of which no line says what came back. */
function isOrderReturned(record: Refundable): boolean {
  if (record.orderReturned) return true;
  return record.refundedOrderMinor > 0 && refundedMinor(record) >= record.purchase.totalMinor;
}

/**
 * Tells of a line whether it came back: its money, whatever quantity was named, or all of its units, whatever was
 * paid for them.
 */
export function returnedOf(record: Refundable): (line: SoldLine) => boolean {
  const isAll = isOrderReturned(record);
  return (line) => {
    if (isAll || thousandthsLeft(record, line) <= 0) return true;
    return line.amountMinor > 0 && refundedOfLine(record, line) >= line.amountMinor;
  };
}

/** The whole units that remain of a line. */
function unitsLeft(record: Refundable): (lineId: string) => number {
  const lines = new Map(record.purchase.lines.map((line) => [line.id, line]));
  const isLineReturned = returnedOf(record);
  return (lineId) => {
    const line = lines.get(lineId);
    if (!line || isLineReturned(line)) return 0;
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
  return record.purchase.lines.every(returnedOf(record));
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
    const before = refundedAt(refundedLines, line.lineId);
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
      .filter((line) => refundedAt(refundedLines, line.id).quantity > line.quantity + 0.0005)
      .filter(
        ({ id }) => refundedAt(refundedLines, id).quantity !== refundedAt(record.refundedLines, id).quantity,
      )
      .map((line) => line.id),
  };
}

/**
 * What the ledger keeps of a purchase. Refunds are kept as what was asked for, by line, for the whole order and for
 * shipping; what they leave of it is in remains.ts.
 */

import type { EarningBasis } from './account.ts';
import type { Line } from './campaigns.ts';
import type { EntryId, ExceptionId, MemberId, RefundId } from './contract/ids.ts';
import type { RecordedPurchase } from './contract/shapes/purchase.ts';
import type { RecordedRefund } from './contract/shapes/refund.ts';
import { priced } from './earning.ts';
import type { Earning } from './points.ts';
import {
  atMost,
  isReturned,
  isTouched,
  leftOf,
  nothing,
  type OfLine,
  type Refundable,
  type Refunded,
  refundedAt,
  refundedOfOrder,
  refundedOfShipping,
} from './remains.ts';

export interface PurchaseRecord extends Refundable {
  /** The content's hash: a repeat with other content is a conflict. */
  readonly contentHash: string;
  /** Grows with every change of this record. */
  readonly revision: number;
  /** Null while nobody has claimed a guest's purchase. */
  readonly memberId: MemberId | null;
  readonly recordedAt: string;
  readonly earning: Earning | null;
  readonly clawedBack: number;
  readonly refundIds: readonly RefundId[];
  readonly entryIds: readonly EntryId[];
  /**
   * What the event that it was posted by was known as, shortened: another one with the same content was sent again and
   * not delivered again. Absent where it was posted by no event, or by one of before, which was known as the purchase.
   */
  readonly sentAs?: string;
  /** Open exceptions that hold a repeat with other content. */
  readonly conflicts: readonly ExceptionId[];
  /** The programme in force when it was recorded, as long as nobody has claimed it: by that it will earn. */
  readonly programVersion?: number;
  /** Refunds that came before and are still to be applied, in their order. */
  readonly awaited?: readonly RefundId[];
}

/** Refunds that are kept of one purchase, one for each line it may have: what a record holds is bounded. */
export const refundsMax = 500;
/** Their ids in UTF-8: as much as so many of the longest have, `store:` and 128 characters, where each is one byte. */
const refundIdBytesMax = refundsMax * 134;

/** Whether a list of refunds has no room for one more. */
export function isFull(ids: readonly RefundId[], more: RefundId): boolean {
  if (ids.length >= refundsMax) return true;
  // No character has more than three bytes for each unit that JavaScript counts, and hardly any id has that many.
  const unitsMax = refundIdBytesMax / 3;
  let units = more.length;
  for (const id of ids) units += id.length;
  if (units <= unitsMax) return false;
  const encoder = new TextEncoder();
  return [...ids, more].reduce((sum, id) => sum + encoder.encode(id).length, 0) > refundIdBytesMax;
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
    conflicts: [],
    ...known,
  };
}

export function refundedOf(record: Refundable): Refunded {
  const { refundedLines, refundedOrderMinor, refundedShippingMinor, orderReturned } = record;
  return {
    refundedLines,
    refundedOrderMinor,
    ...(refundedShippingMinor ? { refundedShippingMinor } : {}),
    ...(orderReturned ? { orderReturned } : {}),
  };
}

/** The record as it was before any of its refunds. */
export function unrefunded(record: PurchaseRecord): PurchaseRecord {
  const { orderReturned: _returned, refundedShippingMinor: _shipping, ...rest } = record;
  return { ...rest, refundedLines: {}, refundedOrderMinor: 0, refundIds: [] };
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

export type PurchaseStatus = 'posted' | 'partially_refunded' | 'refunded' | 'unclaimed' | 'conflict';

/** The status that the API answers; a parked conflict is said first, since somebody has to look at it. */
export function statusOf(record: PurchaseRecord): PurchaseStatus {
  if (record.conflicts.length > 0) return 'conflict';
  if (record.memberId === null) return 'unclaimed';
  if (isReturned(record)) return 'refunded';
  return isTouched(record) ? 'partially_refunded' : 'posted';
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
  const { lines: sold, totalMinor } = record.purchase;
  const byId = new Map(sold.map((line) => [line.id, line]));
  // Lines are named by channels: as a map none of their names means anything else.
  const asked = new Map(Object.entries(record.refundedLines));
  const unknownLines: string[] = [];
  let excessMinor = 0;
  for (const line of refund.lines ?? []) {
    if (!('lineId' in line)) continue;
    const known = byId.get(line.lineId);
    if (!known) {
      unknownLines.push(line.lineId);
      excessMinor += Math.abs(line.amountMinor);
      continue;
    }
    const before = asked.get(known.id) ?? nothing;
    const after = addToLine(before, known, line);
    asked.set(known.id, after);
    const given = atMost(known, after.amountMinor) - atMost(known, before.amountMinor);
    excessMinor += Math.abs(line.amountMinor - given);
  }
  const refundedLines = Object.fromEntries(asked);
  const { amountMinor, shippingMinor = 0 } = refund;
  const refundedShippingMinor = (record.refundedShippingMinor ?? 0) + shippingMinor;
  // No amount says that what cost nothing came back: 0 does.
  const isAllBack = totalMinor === 0 || (amountMinor === 0 && sold.every((line) => line.amountMinor <= 0));
  const after: PurchaseRecord = {
    ...record,
    revision: record.revision + 1,
    refundedLines,
    refundedOrderMinor: record.refundedOrderMinor + (amountMinor ?? 0),
    ...(refundedShippingMinor > 0 ? { refundedShippingMinor } : {}),
    ...(amountMinor !== undefined && isAllBack ? { orderReturned: true } : {}),
    refundIds: [...record.refundIds, refund.id as RefundId],
  };
  excessMinor += shippingMinor - (refundedOfShipping(after) - refundedOfShipping(record));
  // Lines and shipping that come back leave less for what was given back of the whole order before.
  excessMinor += (amountMinor ?? 0) - (refundedOfOrder(after) - refundedOfOrder(record));
  return {
    record: after,
    excessMinor,
    unknownLines,
    excessUnits: sold
      .filter((line) => refundedAt(refundedLines, line.id).quantity > line.quantity + 0.0005)
      .filter(
        ({ id }) => refundedAt(refundedLines, id).quantity !== refundedAt(record.refundedLines, id).quantity,
      )
      .map((line) => line.id),
  };
}

/** What was asked back of a line, with more: an amount of the other sign than the line's gives nothing back. */
function addToLine(
  before: OfLine,
  sold: Line,
  { amountMinor, quantity = 0 }: { readonly amountMinor: number; readonly quantity?: number | undefined },
) {
  const isOpposite = sold.amountMinor < 0 ? amountMinor > 0 : amountMinor < 0;
  return {
    amountMinor: before.amountMinor + (isOpposite ? 0 : amountMinor),
    quantity: before.quantity + quantity,
  };
}

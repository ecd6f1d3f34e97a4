/**
 * What remains of a purchase after its refunds. It follows from the totals that were asked back (by line, of the
 * whole order, of shipping) and from nothing else, so any order and any splitting of the same refunds ends in the
 * same state.
 */

import type { Line } from './campaigns.ts';
import { isSettlement, type RecordedPurchase } from './contract/shapes/purchase.ts';
import type { Basis } from './earning.ts';
import { ownValue } from './own.ts';
import { countStamps } from './stamps.ts';

/** A purchase, and what of it was asked back. */
export interface Refundable extends Refunded {
  readonly purchase: RecordedPurchase;
}

/** What was asked back of a purchase, apart from what was sold. */
export interface Refunded {
  /** By line: minor units, and units of quantity. */
  readonly refundedLines: Readonly<
    Record<string, { readonly amountMinor: number; readonly quantity: number }>
  >;
  /** Of the whole order, in minor units. */
  readonly refundedOrderMinor: number;
  /** Of shipping, in minor units; absent for none. */
  readonly refundedShippingMinor?: number;
  /** An order that cost nothing was given back as a whole: no amount can say so. */
  readonly orderReturned?: true;
}

export type OfLine = Refunded['refundedLines'][string];
export const nothing: OfLine = { amountMinor: 0, quantity: 0 };

/** What was asked back of a line. Lines are named by channels, so one may be called as what every object has. */
export function refundedAt(lines: Refunded['refundedLines'], lineId: string): OfLine {
  return ownValue(lines, lineId) ?? nothing;
}

/** What can be given back of a line: never more than the line was, whichever sign that has. */
export function atMost(line: Line, askedMinor: number): number {
  return line.amountMinor < 0
    ? Math.max(askedMinor, line.amountMinor)
    : Math.min(askedMinor, line.amountMinor);
}

/** What was given back of a line. */
export function refundedOfLine({ refundedLines }: Pick<Refundable, 'refundedLines'>, line: Line): number {
  return atMost(line, refundedAt(refundedLines, line.id).amountMinor);
}

/** What was given back of the shipping: never more than was paid for it. */
export function refundedOfShipping({ purchase, refundedShippingMinor = 0 }: Refundable): number {
  return Math.min(refundedShippingMinor, purchase.shippingMinor ?? 0);
}

/**
 * Given back of lines that cost something. What is given back of others, as a deposit that is paid again, takes nothing
 * from what remains: else a refund could make it more.
 */
function refundedOfLines(record: Refundable): number {
  let refunded = 0;
  for (const line of record.purchase.lines)
    if (line.amountMinor > 0) refunded += refundedOfLine(record, line);
  return refunded;
}

/** Given back of the order as a whole: never more than lines and shipping leave. */
export function refundedOfOrder(record: Refundable): number {
  const others = refundedOfLines(record) + refundedOfShipping(record);
  return Math.min(record.refundedOrderMinor, Math.max(0, record.purchase.totalMinor - others));
}

/** Refunded in all, never more than was paid. */
export function refundedMinor(record: Refundable): number {
  const { purchase, refundedOrderMinor } = record;
  const refunded = refundedOrderMinor + refundedOfLines(record) + refundedOfShipping(record);
  return Math.min(purchase.totalMinor, refunded);
}

/**
 * What remains of the whole purchase, as minimums are held against it. Shipping counts for them as it was sold: that
 * it was given back alone takes nothing from anybody.
 */
export function leftMinor(record: Refundable): number {
  const { purchase, refundedOrderMinor } = record;
  return Math.max(0, purchase.totalMinor - refundedOrderMinor - refundedOfLines(record));
}

// What came back ----------------------------------------------------------------------------------------------

type SoldLine = RecordedPurchase['lines'][number];

/** Quantities have at most three decimals: in thousandths they are exact. */
export const thousandths = (quantity: number) => Math.round(quantity * 1000);

/** The units of a line that remain, in thousandths: so 1.3 less 0.3 is one whole unit. */
function thousandthsLeft({ refundedLines }: Refundable, { id, quantity }: SoldLine): number {
  return thousandths(quantity - refundedAt(refundedLines, id).quantity);
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
    return line.amountMinor !== 0 && refundedOfLine(record, line) === line.amountMinor;
  };
}

/**
 * Whether the whole order was given back: each of its lines. What was paid for shipping, or as a deposit, need not
 * have been, nor what a sum was rounded by; of an order that holds nothing else those lines are what it is.
 */
export function isReturned(record: Refundable): boolean {
  const { lines } = record.purchase;
  const goods = lines.filter((line) => !isSettlement(line));
  return (goods.length > 0 ? goods : lines).every(returnedOf(record));
}

/** Whether anything at all came back. */
export function isTouched(record: Refundable): boolean {
  if (refundedMinor(record) > 0 || isReturned(record)) return true;
  return record.purchase.lines.some(
    (line) => refundedOfLine(record, line) !== 0 || refundedAt(record.refundedLines, line.id).quantity > 0,
  );
}

/** Whether less of a purchase remains in money, or as a whole: an order that cost nothing has nothing else to lose. */
export function isLess(before: Refundable, after: Refundable): boolean {
  return refundedMinor(after) > refundedMinor(before) || (isReturned(after) && !isReturned(before));
}

/** Money that was given back, by line, of shipping and of the whole order, whatever was paid for lines below zero. */
function givenMinor(record: Refundable): number {
  return refundedOfLines(record) + refundedOfShipping(record) + refundedOfOrder(record);
}

/**
 * Whether anything came back between two states of a purchase: money, units, or a line below zero. Nothing of a line
 * comes back twice, whether it came back by itself or with the whole order.
 */
export function givesBackMore(before: Refundable, after: Refundable): boolean {
  if (isLess(before, after) || givenMinor(after) > givenMinor(before)) return true;
  const wasReturned = returnedOf(before);
  return after.purchase.lines.some(
    (line) =>
      (line.amountMinor < 0 && refundedOfLine(after, line) !== refundedOfLine(before, line)) ||
      (!wasReturned(line) && thousandthsLeft(after, line) < thousandthsLeft(before, line)),
  );
}

// What it is still worth ----------------------------------------------------------------------------------------

/** What is left of a basis, whose lines are as they were sold. */
export function leftOf(basis: Basis, record: Refundable): Basis {
  const left: { -readonly [K in keyof Basis]: Basis[K] } = { ...basis };
  left.lines = basis.lines.map((line) => ({
    id: line.id,
    amountMinor: line.amountMinor - refundedOfLine(record, line),
  }));
  left.totalMinor = leftMinor(record);
  if (basis.visit?.free && isEarningReturned(basis, record)) delete left.visit;
  const spread = spreadMinor(left.lines, record);
  if (spread > 0) left.orderRefundMinor = spread;
  if (basis.stampCards) left.stamps = countStamps(basis.stampCards, unitsLeft(record, left));
  return left;
}

/** Whether all that earns was given back: then what cost nothing is no visit any more either. */
function isEarningReturned(basis: Basis, record: Refundable): boolean {
  const earning = new Set(basis.lines.map(({ id }) => id));
  return record.purchase.lines.filter(({ id }) => earning.has(id)).every(returnedOf(record));
}

/**
 * What refunds of the whole order take from the lines that earn. It is what was given back, which shipping and lines
 * that earn nothing bear only where those have nothing left. Where the order cost less than those lines, since it has
 * others below zero, it is as much of them as it is of the order.
 * @param lines those that earn, with what refunds by line have left of them
 */
function spreadMinor(lines: readonly Line[], record: Refundable): number {
  const { purchase, refundedOrderMinor } = record;
  if (refundedOrderMinor === 0) return 0;
  const earning = sumOf(lines);
  const whole = purchase.totalMinor - refundedOfLines(record) - refundedOfShipping(record);
  if (earning <= whole) return refundedOrderMinor;
  if (refundedOrderMinor >= whole) return Math.max(earning, refundedOrderMinor);
  const share = BigInt(refundedOrderMinor) * BigInt(earning);
  return Number((share + BigInt(whole) - 1n) / BigInt(whole));
}

function sumOf(lines: readonly Line[]): number {
  return lines.reduce((sum, { amountMinor }) => sum + Math.max(0, amountMinor), 0);
}

/** The part of a line's money that refunds of the whole order leave, as a fraction. */
interface Share {
  readonly left: number;
  readonly of: number;
}

const all: Share = { left: 1, of: 1 };

function shareLeft(amount: number, taken: number): Share {
  return amount > 0 ? { left: Math.max(0, amount - taken), of: amount } : all;
}

/**
 * The whole units that remain of a line: no more than were not named as given back, and no more than the money that
 * is left still pays for, so that money which names no quantity takes units, too.
 * @param left the purchase's basis after its refunds
 */
function unitsLeft(record: Refundable, left: Basis): (lineId: string) => number {
  const lines = new Map(record.purchase.lines.map((line) => [line.id, line]));
  const isLineReturned = returnedOf(record);
  const earning = new Set(left.lines.map(({ id }) => id));
  const others = record.purchase.lines
    .filter(({ id }) => !earning.has(id))
    .map((line) => ({ id: line.id, amountMinor: line.amountMinor - refundedOfLine(record, line) }));
  const spread = left.orderRefundMinor ?? 0;
  const ofEarning = shareLeft(sumOf(left.lines), spread);
  // Lines that earn nothing bear what is left of it when those that earn have nothing more.
  const ofOthers = shareLeft(sumOf(others), Math.max(0, spread - sumOf(left.lines)));
  return (lineId) => {
    const line = lines.get(lineId);
    if (!line || isLineReturned(line)) return 0;
    const named = thousandthsLeft(record, line);
    const paid = paidFor(record, line, earning.has(lineId) ? ofEarning : ofOthers);
    return Math.max(0, Math.floor(Math.min(named, paid) / 1000));
  };
}

/** The units, in thousandths, that the money which is left of a line pays for; of what was free as many as there were. */
function paidFor(record: Refundable, line: SoldLine, share: Share): number {
  if (line.amountMinor <= 0) return thousandths(line.quantity);
  const amount = BigInt(line.amountMinor);
  const sold = BigInt(thousandths(line.quantity));
  const left = amount - BigInt(refundedOfLine(record, line));
  const of = BigInt(share.of);
  const money = left * BigInt(share.left) * 1000n + roundingOf(amount, sold) * of;
  return Number((money * sold) / (1000n * amount * of));
}

/**
 * In thousandths of a minor unit, how far what is given back unit by unit may be from the exact share, since amounts
 * are whole: three units of 10.00 are given back at 3.34 each as well as at 3.33, and take one each. Nothing where
 * units have a whole price, and nothing where it were as much as a unit.
 */
function roundingOf(amount: bigint, sold: bigint): bigint {
  const unit = (1000n * amount + sold - 1n) / sold;
  const more = sold * unit - 1000n * amount;
  if (more === 0n && sold % 1000n === 0n) return 0n;
  const rounding = more > 1000n ? more : 1000n;
  return (rounding + 1000n) * sold < 1_000_000n * amount ? rounding : 0n;
}

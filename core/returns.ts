/**
 * Returns without receipt: each line is matched to the member's newest purchases of that sku with quantity
 * left, each part at its own line's price.
 */
import type { RecordedRefund } from './contract/shapes/refund.ts';
import { divideHalfUp } from './decimal.ts';
import type { PurchaseRecord } from './purchases.ts';
import { refundedAt, refundedOfLine, returnedOf, thousandths } from './remains.ts';

export interface ReturnLine {
  readonly sku: string;
  readonly quantity: number;
}

/** What a return takes from one purchase, in the form of a refund's lines. */
export interface MatchedPart {
  readonly lineId: string;
  readonly quantity: number;
  readonly amountMinor: number;
}

/** A share of an amount, rounded half up; of one below zero as of what it is above. */
function shareOf(amount: number, part: number, whole: number): number {
  const share = Number(divideHalfUp(BigInt(Math.abs(amount)) * BigInt(part), BigInt(whole)));
  return amount < 0 ? 0 - share : share;
}

/** The lines of a refund that name a sku, as a return without receipt does. */
export function returnLines(refund: RecordedRefund): ReturnLine[] {
  return (refund.lines ?? []).flatMap((line) =>
    'sku' in line ? [{ sku: line.sku, quantity: line.quantity }] : [],
  );
}

/**
 * Takes from one purchase what it still holds of the lines.
 * A part removes `remaining amount × matched quantity / remaining quantity` of its line, rounded half up, so
 * the last unit takes the rest.
 * @returns the parts taken, and the lines with the quantities that are still to be matched
 */
export function matchPurchase(
  record: PurchaseRecord,
  lines: readonly ReturnLine[],
): { parts: MatchedPart[]; rest: ReturnLine[] } {
  const isLineReturned = returnedOf(record);
  const parts = new Map<string, MatchedPart>();
  const rest = lines.map((wanted) => {
    let open = thousandths(wanted.quantity);
    for (const line of record.purchase.lines) {
      if (line.sku !== wanted.sku || isLineReturned(line)) continue;
      const before = parts.get(line.id);
      const left =
        thousandths(line.quantity) -
        thousandths(refundedAt(record.refundedLines, line.id).quantity) -
        thousandths(before?.quantity ?? 0);
      const matched = Math.min(open, left);
      if (matched <= 0) continue;
      const amount = line.amountMinor - refundedOfLine(record, line) - (before?.amountMinor ?? 0);
      const removed = shareOf(amount, matched, left);
      parts.set(line.id, {
        lineId: line.id,
        quantity: ((before ? thousandths(before.quantity) : 0) + matched) / 1000,
        amountMinor: (before?.amountMinor ?? 0) + removed,
      });
      open -= matched;
    }
    return { sku: wanted.sku, quantity: open / 1000 };
  });
  return { parts: [...parts.values()], rest };
}

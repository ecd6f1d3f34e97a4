/** What a return without receipt takes of one purchase: units at their line's own price, the rest with the last one. */
import { describe, expect, it } from 'vitest';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import { addRefund } from '../../core/purchases.ts';
import { matchPurchase } from '../../core/returns.ts';
import { aPurchase, aRefund, recordOf } from '../support/world.ts';

/** A purchase of lines with a sku, a quantity and an amount each; ids are counted from 1. */
function sold(...lines: readonly (readonly [string, number, number])[]): RecordedPurchase {
  const purchase = aPurchase(lines.map(([, , amount]) => amount));
  const named = purchase.lines.map((line, at) => ({
    ...line,
    sku: lines[at]?.[0] ?? '',
    quantity: lines[at]?.[1] ?? 1,
  }));
  return { ...purchase, lines: named };
}

const part = (lineId: string, quantity: number, amountMinor: number) => ({ lineId, quantity, amountMinor });

describe('a return from one purchase', () => {
  it('takes each unit at its share of what is left, so that the last one takes the rest', () => {
    const purchase = sold(['CUP', 3, 1000]);
    let record = recordOf(purchase, null);
    for (const amount of [333, 334, 333]) {
      const { parts, rest } = matchPurchase(record, [{ sku: 'CUP', quantity: 1 }]);
      expect(parts).toEqual([part('1', 1, amount)]);
      expect(rest).toEqual([{ sku: 'CUP', quantity: 0 }]);
      const { amountMinor: _amount, ...refund } = aRefund(purchase, 1);
      record = addRefund(record, { ...refund, lines: parts }).record;
    }
    expect(matchPurchase(record, [{ sku: 'CUP', quantity: 1 }])).toEqual({
      parts: [],
      rest: [{ sku: 'CUP', quantity: 1 }],
    });
  });

  it('that names a sku twice takes one part of its line', () => {
    const cups = [1, 1].map((quantity) => ({ sku: 'CUP', quantity }));
    const { parts, rest } = matchPurchase(recordOf(sold(['CUP', 3, 1000]), null), cups);
    expect(parts).toEqual([part('1', 2, 667)]);
    expect(rest.map(({ quantity }) => quantity)).toEqual([0, 0]);
  });

  it('goes from line to line, and says what it has not found', () => {
    const record = recordOf(sold(['CUP', 1, 300], ['HAT', 1, 900], ['CUP', 2, 500]), null);
    expect(matchPurchase(record, [{ sku: 'CUP', quantity: 2 }]).parts).toEqual([
      part('1', 1, 300),
      part('3', 1, 250),
    ]);
    const much = matchPurchase(record, [
      { sku: 'CUP', quantity: 4.5 },
      { sku: 'SHOE', quantity: 1 },
    ]);
    expect(much.parts).toEqual([part('1', 1, 300), part('3', 2, 500)]);
    expect(much.rest).toEqual([
      { sku: 'CUP', quantity: 1.5 },
      { sku: 'SHOE', quantity: 1 },
    ]);
  });

  it('takes parts of units, and of money below zero as of what it is above', () => {
    const cheese = recordOf(sold(['CHEESE', 1.5, 300]), null);
    expect(matchPurchase(cheese, [{ sku: 'CHEESE', quantity: 0.5 }]).parts).toEqual([part('1', 0.5, 100)]);
    const deposit = recordOf(sold(['BOTTLE', 2, -25], ['CUP', 1, 500]), null);
    expect(matchPurchase(deposit, [{ sku: 'BOTTLE', quantity: 1 }]).parts).toEqual([part('1', 1, -13)]);
  });

  it('takes nothing of what was given back as money before', () => {
    const purchase = sold(['CUP', 2, 1000]);
    const { record } = addRefund(recordOf(purchase, null), aRefund(purchase, { '1': 400 }));
    expect(matchPurchase(record, [{ sku: 'CUP', quantity: 1 }]).parts).toEqual([part('1', 1, 300)]);
    const all = addRefund(record, aRefund(purchase, { '1': 600 })).record;
    expect(matchPurchase(all, [{ sku: 'CUP', quantity: 1 }]).parts).toEqual([]);
  });
});

/** What is kept of a purchase and its refunds: how many, of which lines, and what was no part of it. */
import { describe, expect, it } from 'vitest';
import type { RefundId } from '../../core/contract/ids.ts';
import type { RecordedRefund } from '../../core/contract/shapes/refund.ts';
import { addRefund, isFull, refundedOf, statusOf, unrefunded, worth } from '../../core/purchases.ts';
import { aPurchase, aRefund, recordOf } from '../support/world.ts';

const terms = {
  tier: { id: 'bronze', multiplier: '1' },
  channel: { id: 'store', kind: 'store', multiplier: '1' },
  rate: { points: 1, perMinor: 100 },
  maxPoints: 100_000,
} as const;

describe('the list of a purchase’s refunds', () => {
  const ids = (count: number, length: number, character = 'x') =>
    Array.from({ length: count }, () => `store:${character.repeat(length)}` as RefundId);

  it('has room for five hundred of the longest ids, where each character is one byte', () => {
    expect(isFull(ids(499, 128), 'store:1')).toBe(false);
    expect(isFull(ids(500, 1), 'store:1')).toBe(true);
    expect(isFull([], 'store:1')).toBe(false);
  });

  it('has room for as many bytes, whatever characters they are', () => {
    // 67,000 bytes: 174 ids of 384 bytes and six are 67,860 at most.
    expect(isFull(ids(170, 128, '用'), 'store:1')).toBe(false);
    expect(isFull(ids(171, 128, '用'), 'store:1')).toBe(false);
    expect(isFull(ids(172, 128, '用'), 'store:1')).toBe(true);
    const [more] = ids(1, 128, '用');
    expect(more && isFull(ids(171, 128, '用'), more)).toBe(true);
    expect(more && isFull(ids(170, 128, '用'), more)).toBe(false);
  });
});

describe('what a purchase is worth', () => {
  const purchase = aPurchase([100, 200, 400]);
  const earning = (lines: readonly string[]) =>
    ({ terms, lines, points: 7, qualifyingPoints: 7, lot: null }) as never;

  it.each([
    [
      ['1', '2', '3'],
      [100, 200, 400],
    ],
    [
      ['1', '3'],
      [100, 400],
    ],
    [
      ['3', '1'],
      [400, 100],
    ],
    [
      ['2', 'gone', '1'],
      [200, 100],
    ],
    [[], []],
  ])('is of the lines that it names, in their order: %j', (lines, amounts) => {
    const record = recordOf(purchase, earning(lines));
    const { lines: priced, points } = worth(record, earning(lines));
    expect(priced.map(({ amountMinor }) => amountMinor)).toEqual(amounts);
    expect(points).toBe(amounts.reduce((sum, amount) => sum + amount, 0) / 100);
  });
});

describe('a refund', () => {
  const purchase = aPurchase([1000, 500, -200]);
  const record = recordOf(purchase, null);
  const back = (lines: RecordedRefund['lines'], before = record) =>
    addRefund(before, { ...aRefund(purchase, {}), lines } as RecordedRefund);

  it('is of the lines that it names: what names goods alone is matched before', () => {
    const some = back([
      { sku: 'SKU-1', quantity: 1, amountMinor: 300 },
      { lineId: '1', amountMinor: 200 },
    ] as never);
    expect(some).toMatchObject({ excessMinor: 0, unknownLines: [], excessUnits: [] });
    expect(some.record.refundedLines).toEqual({ '1': { amountMinor: 200, quantity: 0 } });
    expect([some.record.revision, some.record.refundIds.length]).toEqual([2, 1]);
  });

  it('says what there was none of, of either sign', () => {
    const { excessMinor, unknownLines } = back([
      { lineId: '8', amountMinor: -70 },
      { lineId: '1', amountMinor: 1100 },
      { lineId: '9', amountMinor: 30 },
      { lineId: '3', amountMinor: -250 },
      { lineId: '2', amountMinor: -10 },
    ] as never);
    expect(unknownLines).toEqual(['8', '9']);
    expect(excessMinor).toBe(70 + 100 + 30 + 50 + 10);
  });

  it('says of which lines more came back than were sold, where it names them itself', () => {
    const units = (lineId: string, quantity: number) => ({ lineId, quantity, amountMinor: 0 });
    const first = back([units('1', 2), units('2', 1)] as never);
    expect(first.excessUnits).toEqual(['1']);
    expect(back([units('2', 1)] as never, first.record).excessUnits).toEqual(['2']);
    // Quantities have three decimals.
    expect(back([units('1', 1.0005)] as never).excessUnits).toEqual([]);
    expect(back([units('1', 1.001)] as never).excessUnits).toEqual(['1']);
  });

  it('of the whole, which cost nothing, says so with an amount of nothing', () => {
    const free = recordOf(aPurchase([0, -5, 5]), null);
    const none = recordOf(aPurchase([0, -5]), null);
    const paid = recordOf(aPurchase([0, 5]), null);
    const returned = (of: typeof free, what: Partial<RecordedRefund>) =>
      addRefund(of, { ...aRefund(of.purchase, {}), ...what } as RecordedRefund).record.orderReturned;
    expect(returned(free, { amountMinor: 0 })).toBe(true);
    expect(returned(none, { amountMinor: 0 })).toBe(true);
    expect(returned(paid, { amountMinor: 0 })).toBeUndefined();
    expect(returned(free, {})).toBeUndefined();
  });

  it('is forgotten in what the purchase was before', () => {
    const shipped = { ...record, purchase: { ...purchase, shippingMinor: 100, totalMinor: 1400 } };
    const refund = { ...aRefund(purchase, { '1': 1000 }), shippingMinor: 60 };
    const after = addRefund(shipped, refund).record;
    expect(refundedOf(after)).toEqual({
      refundedLines: { '1': { amountMinor: 1000, quantity: 0 } },
      refundedOrderMinor: 0,
      refundedShippingMinor: 60,
    });
    expect(unrefunded(after)).toEqual({ ...shipped, revision: 2 });
    expect(refundedOf(shipped)).toEqual({ refundedLines: {}, refundedOrderMinor: 0 });
  });
});

it('the status of a purchase is what somebody has to look at, else what came of it', () => {
  const purchase = aPurchase([1000]);
  const record = recordOf(purchase, null);
  const refunded = (amount: number) => addRefund(record, aRefund(purchase, { '1': amount })).record;
  expect(statusOf(record)).toBe('posted');
  expect(statusOf(refunded(1))).toBe('partially_refunded');
  expect(statusOf(refunded(1000))).toBe('refunded');
  expect(statusOf({ ...refunded(1000), memberId: null })).toBe('unclaimed');
  expect(statusOf({ ...record, memberId: null, conflicts: ['exc_1' as never] })).toBe('conflict');
});

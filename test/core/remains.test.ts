/** What remains of a purchase after its refunds: the same in every order and splitting, and nothing after all of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MemberId } from '../../core/contract/ids.ts';
import { purchase as purchaseShape, type RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import { type RecordedRefund, refund as refundShape } from '../../core/contract/shapes/refund.ts';
import { isCurrency } from '../../core/money.ts';
import { award, clawBack, type Earning, enrol } from '../../core/points.ts';
import { pricingSteps } from '../../core/pricing-steps.ts';
import { addRefund, type PurchaseRecord, statusOf, worth } from '../../core/purchases.ts';
import {
  atMost,
  givesBackMore,
  isLess,
  isReturned,
  leftMinor,
  leftOf,
  refundedMinor,
} from '../../core/remains.ts';
import { aPurchase, aRefund, defaultProgram, noon, often, recordOf, runs } from '../support/world.ts';

const memberId = 'mem_01JD0000000000000000000000' as MemberId;
const campaigns = [
  {
    id: 'big',
    name: 'Big baskets',
    from: '2026-01-01T00:00:00Z',
    to: '2027-01-01T00:00:00Z',
    bonusPoints: 40,
    minimumMinor: 2000,
  },
];
const program = defaultProgram({
  bonuses: {},
  campaigns,
  visits: { points: 5, minimumMinor: 500, coolDownHours: 0 },
});
const member = enrol(program, memberId, noon).account;

interface Bought {
  readonly amountMinor: number;
  readonly category?: string;
  readonly quantity?: number;
}

function sold(lines: readonly Bought[], shippingMinor = 0): RecordedPurchase {
  const purchase = aPurchase(lines.map(({ amountMinor }) => amountMinor));
  const totalMinor = purchase.totalMinor + shippingMinor;
  return {
    ...purchase,
    lines: purchase.lines.map((line, at) => ({ ...line, ...lines[at] })),
    ...(shippingMinor > 0 ? { shippingMinor } : {}),
    totalMinor,
  };
}

function posted(purchase: RecordedPurchase): PurchaseRecord {
  return recordOf(purchase, award(program, member, purchase, noon).earning);
}

const bought: fc.Arbitrary<RecordedPurchase> = fc
  .record({
    goods: fc.array(
      fc.record({
        amountMinor: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 3000 })),
        category: fc.constantFrom('coffee', 'gift-card', 'mug'),
        quantity: fc.integer({ min: 1, max: 4 }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    settled: fc.array(
      fc.record({
        amountMinor: fc.integer({ min: -300, max: 300 }),
        category: fc.constantFrom('rounding', 'deposit'),
      }),
      { maxLength: 2 },
    ),
    shippingMinor: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 900 })),
  })
  .map(({ goods, settled, shippingMinor }) => sold([...goods, ...settled], shippingMinor))
  .filter(({ totalMinor }) => totalMinor >= 0);

/** A part of what a refund may name, from none of it to more than there was. */
const parts = fc.array(
  fc.record({
    what: fc.constantFrom<'line' | 'order' | 'shipping'>('line', 'line', 'order', 'shipping'),
    line: fc.nat(5),
    hundredths: fc.integer({ min: 0, max: 120 }),
    units: fc.nat(2),
  }),
  { minLength: 1, maxLength: 6 },
);

function refundOf(
  purchase: RecordedPurchase,
  { what, line, hundredths, units }: { what: string; line: number; hundredths: number; units: number },
): RecordedRefund {
  const share = (minor: number) => Math.trunc((minor * hundredths) / 100);
  const { amountMinor: _amount, ...rest } = aRefund(purchase, 1);
  if (what === 'order') return { ...rest, amountMinor: share(purchase.totalMinor) };
  if (what === 'shipping') return { ...rest, shippingMinor: share(purchase.shippingMinor ?? 0) + 1 };
  const named = purchase.lines[line % purchase.lines.length];
  const asked = { lineId: named?.id ?? '', amountMinor: share(named?.amountMinor ?? 0) };
  return { ...rest, lines: [units > 0 ? { ...asked, quantity: units } : asked] };
}

/** What anybody sees of a purchase after refunds. */
function seen(record: PurchaseRecord) {
  const { points, qualifyingPoints } = worth(record, record.earning as Earning);
  return { points, qualifyingPoints, status: statusOf(record), refundedMinor: refundedMinor(record) };
}

/** The same without points where lines below zero leave some of them when all that was paid is back. */
function without(record: PurchaseRecord, { lines }: RecordedPurchase) {
  const { points, qualifyingPoints, ...rest } = seen(record);
  const worth = lines.some(({ amountMinor }) => amountMinor < 0) ? {} : { points, qualifyingPoints };
  return { ...rest, ...worth, isReturned: isReturned(record) };
}

const refundedBy = (record: PurchaseRecord, refunds: readonly RecordedRefund[]) =>
  refunds.reduce((before, refund) => addRefund(before, refund).record, record);

/** All of a purchase, line by line with quantities, and shipping. */
function everything(purchase: RecordedPurchase): RecordedRefund[] {
  const { amountMinor: _amount, ...rest } = aRefund(purchase, 1);
  return [
    ...purchase.lines.map(({ id, amountMinor, quantity }) => ({
      ...rest,
      lines: [{ lineId: id, amountMinor, quantity }],
    })),
    ...(purchase.shippingMinor ? [{ ...rest, shippingMinor: purchase.shippingMinor }] : []),
  ];
}

describe('what remains of a purchase', () => {
  it('is less after whatever gives back more, and after all of it nothing gives back more', () => {
    let [more, none] = [0, 0];
    fc.assert(
      fc.property(bought, parts, parts, (purchase, some, others) => {
        let record = posted(purchase);
        for (const part of some) {
          const after = addRefund(record, refundOf(purchase, part)).record;
          if (givesBackMore(record, after)) more++;
          else {
            none++;
            expect(without(after, purchase)).toEqual(without(record, purchase));
          }
          record = after;
        }
        record = refundedBy(record, everything(purchase));
        for (const part of others) {
          const after = addRefund(record, refundOf(purchase, part)).record;
          expect(givesBackMore(record, after)).toBe(false);
          record = after;
        }
      }),
      runs(500),
    );
    expect(Math.min(more, none)).toBeGreaterThan(often(100));
  });

  it('is the same in every order of its refunds, never more than before, and never below nothing', () => {
    fc.assert(
      fc.property(
        bought,
        parts,
        fc.array(fc.nat(), { minLength: 6, maxLength: 6 }),
        (purchase, all, keys) => {
          const record = posted(purchase);
          const refunds = all.map((one) => refundOf(purchase, one));
          const shuffled = refunds
            .map((refund, at) => ({ refund, key: keys[at] ?? 0 }))
            .sort((a, b) => a.key - b.key)
            .map(({ refund }) => refund);
          expect(seen(refundedBy(record, shuffled))).toEqual(seen(refundedBy(record, refunds)));
          let before = seen(record);
          for (const [at] of refunds.entries()) {
            const now = seen(refundedBy(record, refunds.slice(0, at + 1)));
            expect(now.points).toBeGreaterThanOrEqual(0);
            expect(now.points).toBeLessThanOrEqual(before.points);
            expect(now.refundedMinor).toBeGreaterThanOrEqual(before.refundedMinor);
            expect(now.refundedMinor).toBeLessThanOrEqual(purchase.totalMinor);
            before = now;
          }
        },
      ),
      runs(3000),
    );
  });

  it('is nothing once each line and the shipping are back, or the whole order by one amount, and nothing is too much', () => {
    fc.assert(
      fc.property(bought, (purchase) => {
        const record = posted(purchase);
        const whole = {
          points: 0,
          qualifyingPoints: 0,
          status: 'refunded',
          refundedMinor: purchase.totalMinor,
        };
        let left = record;
        for (const refund of everything(purchase)) {
          const outcome = addRefund(left, refund);
          expect(outcome).toMatchObject({ excessMinor: 0, excessUnits: [], unknownLines: [] });
          left = outcome.record;
        }
        expect(seen(left)).toEqual(whole);
        const outcome = addRefund(record, aRefund(purchase, purchase.totalMinor));
        expect(outcome.excessMinor).toBe(0);
        expect(seen(outcome.record)).toEqual(whole);
      }),
      runs(2000),
    );
  });

  it('is split as one likes: what is given back of a line, the order or shipping adds up', () => {
    const cut = fc.integer({ min: 0, max: 100 });
    fc.assert(
      fc.property(bought, parts, cut, (purchase, all, percent) => {
        const record = posted(purchase);
        const refunds = all.map((one) => refundOf(purchase, one));
        const split = refunds.flatMap((refund) => {
          const first = (minor: number) => Math.trunc((minor * percent) / 100);
          const halves = (of: (minor: number) => number) => ({
            ...refund,
            ...(refund.amountMinor === undefined ? {} : { amountMinor: of(refund.amountMinor) }),
            ...(refund.shippingMinor === undefined ? {} : { shippingMinor: of(refund.shippingMinor) }),
          });
          const whole = refund.amountMinor ?? refund.shippingMinor ?? 0;
          // Nothing of an order is another refund than a part of something: it gives back what cost nothing.
          if (!refund.lines && (first(whole) === 0 || first(whole) === whole)) return [refund];
          if (!refund.lines) return [halves(first), halves((minor) => minor - first(minor))];
          const [line] = refund.lines;
          if (!line || !('lineId' in line)) return [refund];
          const { quantity: _quantity, ...money } = line;
          const part = first(line.amountMinor);
          return [
            { ...refund, lines: [{ ...line, amountMinor: part }] },
            { ...refund, lines: [{ ...money, amountMinor: line.amountMinor - part }] },
          ];
        });
        expect(seen(refundedBy(record, split))).toEqual(seen(refundedBy(record, refunds)));
      }),
      runs(2000),
    );
  });
});

describe('shipping that is given back alone', () => {
  const purchase = sold([{ amountMinor: 1600 }], 490);
  const { amountMinor: _amount, ...rest } = aRefund(purchase, 1);

  it('takes no points, no campaign and no visit, and counts as money', () => {
    const record = posted(purchase);
    expect(seen(record)).toMatchObject({ points: 16 + 40 + 5, status: 'posted' });
    const outcome = addRefund(record, { ...rest, shippingMinor: 490 });
    expect(outcome.excessMinor).toBe(0);
    expect(seen(outcome.record)).toMatchObject({
      points: 16 + 40 + 5,
      status: 'partially_refunded',
      refundedMinor: 490,
    });
  });

  it('is never more than was paid for it', () => {
    const record = posted(purchase);
    expect(addRefund(record, { ...rest, shippingMinor: 500 }).excessMinor).toBe(10);
    const first = addRefund(record, { ...rest, shippingMinor: 300 }).record;
    expect(addRefund(first, { ...rest, shippingMinor: 300 }).excessMinor).toBe(110);
    // All of the order and shipping once more, in either order.
    const whole = aRefund(purchase, purchase.totalMinor);
    expect(addRefund(addRefund(record, whole).record, { ...rest, shippingMinor: 490 }).excessMinor).toBe(490);
    expect(addRefund(addRefund(record, { ...rest, shippingMinor: 490 }).record, whole).excessMinor).toBe(490);
  });

  it('may stand alone or beside lines, not beside an amount for the whole order or without a purchase', () => {
    const body = { id: 'R', occurredAt: '2026-11-22T12:00:00Z', currency: 'EUR' };
    const paths = (more: object) =>
      refundShape.safeParse({ ...body, ...more }).error?.issues.map(({ path }) => path.join('.')) ?? [];
    const lines = [{ lineId: '1', amountMinor: 100 }];
    expect(paths({ purchaseId: 'P', shippingMinor: 490 })).toEqual([]);
    expect(paths({ purchaseId: 'P', shippingMinor: 490, lines })).toEqual([]);
    expect(paths({ purchaseId: 'P', shippingMinor: 490, amountMinor: 1 })).toEqual(['shippingMinor']);
    expect(paths({ purchaseId: 'P', shippingMinor: 0 })).toEqual(['shippingMinor']);
    expect(paths({ purchaseId: 'P' })).toEqual(['lines']);
    const returned = [{ sku: 'A', quantity: 1, amountMinor: 1 }];
    const person = { email: 'ada@example.com' };
    expect(paths({ member: person, lines: returned, shippingMinor: 1 })).toEqual(['shippingMinor']);
  });
});

describe('an order that cost nothing', () => {
  it.each([
    ['one line at 0', sold([{ amountMinor: 0 }])],
    ['several at 0', sold([{ amountMinor: 0 }, { amountMinor: 0, category: 'gift-card' }])],
    ['lines at 0 and shipping that was paid', sold([{ amountMinor: 0 }], 490)],
    ['goods paid with a deposit', sold([{ amountMinor: 300 }, { amountMinor: -300, category: 'deposit' }])],
  ])('%s: is given back by the units of each line, and as a whole by an amount of 0', (_name, purchase) => {
    const record = posted(purchase);
    expect(statusOf(record)).toBe('posted');
    expect(statusOf(addRefund(record, aRefund(purchase, 0)).record)).toBe('refunded');
    const byUnits = purchase.lines.map(({ id }) => ({
      ...aRefund(purchase, {}),
      lines: [{ lineId: id, quantity: 1, amountMinor: 0 }],
    }));
    expect(statusOf(refundedBy(record, byUnits))).toBe('refunded');
  });

  it('is not given back by a part of what was paid for shipping, nor by 0 where a line cost something', () => {
    const free = sold([{ amountMinor: 0 }], 490);
    expect(isReturned(addRefund(posted(free), aRefund(free, 200)).record)).toBe(false);
    const paid = sold([{ amountMinor: 0 }, { amountMinor: 1 }]);
    expect(isReturned(addRefund(posted(paid), aRefund(paid, 0)).record)).toBe(false);
  });
});

describe('a visit that cost nothing', () => {
  const open = defaultProgram({
    bonuses: {},
    visits: { points: 5, minimumMinor: 0, coolDownHours: 12, free: true },
  });
  const closed = defaultProgram({ bonuses: {}, visits: { points: 5, minimumMinor: 0, coolDownHours: 12 } });
  const free = sold([{ amountMinor: 0 }]);

  it('is none, unless the programme says so; a gift card alone never is', () => {
    expect(award(closed, member, free, noon).earning.points).toBe(0);
    expect(award(closed, member, free, noon).account.lastVisitAt).toBeNull();
    expect(award(open, member, free, noon).earning.points).toBe(5);
    const card = sold([{ amountMinor: 5000, category: 'gift-card' }]);
    expect(award(open, member, card, noon).earning.points).toBe(0);
  });

  it('is told in its steps, and goes with the order, the last visit with it', () => {
    const { earning, ...plan } = award(open, member, free, noon);
    const [entry] = plan.entries;
    if (!entry?.basis) throw new Error('It has earned.');
    expect(pricingSteps(entry.basis, open).at(-1)).toMatchObject({ value: '5', factor: '+5' });
    const { record } = addRefund(recordOf(free, earning), aRefund(free, 0));
    const target = worth(record, earning);
    const back = clawBack(
      open,
      plan.account,
      earning,
      target,
      { id: 'R', occurredAt: free.occurredAt },
      noon,
    );
    expect(back.clawedBack).toBe(5);
    expect(back.account).toMatchObject({ lots: [], lastVisitAt: null });
  });

  it('stays as long as something that earns does, and goes with the last of it', () => {
    const both = sold([
      { amountMinor: 1000 },
      { amountMinor: 0 },
      { amountMinor: 5000, category: 'gift-card' },
    ]);
    const record = recordOf(both, award(open, member, both, noon).earning);
    const paid = addRefund(record, aRefund(both, { '1': 1000 })).record;
    expect(seen(paid)).toMatchObject({ points: 5, status: 'partially_refunded' });
    const lines = [{ lineId: '2', quantity: 1, amountMinor: 0 }];
    expect(seen(addRefund(paid, { ...aRefund(both, {}), lines }).record)).toMatchObject({ points: 0 });
  });
});

describe('lines that only settle the sum', () => {
  const body = (lines: readonly object[], totalMinor: number) => ({
    id: 'P',
    occurredAt: '2026-11-22T12:00:00Z',
    currency: 'EUR',
    lines: lines.map((line, at) => ({ id: `L${at}`, sku: 'S', quantity: 1, ...line })),
    totalMinor,
  });
  const wrong = (lines: readonly object[], totalMinor: number) =>
    purchaseShape.safeParse(body(lines, totalMinor)).error?.issues.map(({ path }) => path.join('.')) ?? [];

  it('may be below zero; no other may, and no total', () => {
    const goods = { amountMinor: 1003, category: 'coffee' };
    expect(wrong([goods, { amountMinor: -3, category: 'rounding' }], 1000)).toEqual([]);
    expect(wrong([goods, { amountMinor: -25, category: 'deposit' }], 978)).toEqual([]);
    expect(wrong([goods, { amountMinor: -3 }], 1000)).toEqual(['lines.1.amountMinor']);
    expect(wrong([goods, { amountMinor: -3, category: 'coffee' }], 1000)).toEqual(['lines.1.amountMinor']);
    expect(wrong([{ amountMinor: -25, category: 'deposit' }], -25)).toEqual(['totalMinor']);
  });

  it('earn nothing, above zero neither, and take nothing with them', () => {
    const plain = posted(sold([{ amountMinor: 1600 }]));
    const settled = sold([
      { amountMinor: 1600 },
      { amountMinor: -200, category: 'deposit' },
      { amountMinor: 3, category: 'rounding' },
    ]);
    const record = posted(settled);
    expect(seen(record).points).toBe(seen(plain).points);
    const back = addRefund(record, aRefund(settled, { '2': -200, '3': 3 }));
    expect(back.excessMinor).toBe(0);
    expect(seen(back.record)).toMatchObject({ points: seen(plain).points, status: 'partially_refunded' });
    // The bottle stays at the shop, and the goods are back: that is the order.
    const goods = addRefund(record, aRefund(settled, { '1': 1600 }));
    expect(goods.excessMinor).toBe(0);
    expect(seen(goods.record)).toMatchObject({ points: 0, status: 'refunded', refundedMinor: 1403 });
  });

  it('make an order cheaper than its goods: an amount of the whole order takes its share of them', () => {
    const lines = [{ amountMinor: 5000 }, { amountMinor: 5000 }, { amountMinor: -2000, category: 'deposit' }];
    const purchase = sold(lines);
    const left = (...refunds: Parameters<typeof aRefund>[1][]) =>
      worth(
        refundedBy(
          posted(purchase),
          refunds.map((what) => aRefund(purchase, what)),
        ),
        posted(purchase).earning as Earning,
      ).qualifyingPoints;
    expect([left(), left(4000), left(7999), left(8000), left(9000)]).toEqual([100, 50, 0, 0, 0]);
    // Lines that came to as much as was paid leave nothing for the order to bear.
    expect(left({ '1': 5000, '2': 3000 })).toBe(20);
    expect(left({ '1': 5000, '2': 3000 }, 1)).toBe(0);
    expect(left({ '1': 5000, '2': 4000 }, 1)).toBe(0);
  });

  it('are refunded with their own sign, and never beyond themselves', () => {
    const purchase = sold([{ amountMinor: 1600 }, { amountMinor: -200, category: 'deposit' }]);
    const record = posted(purchase);
    expect(addRefund(record, aRefund(purchase, { '2': 200 })).excessMinor).toBe(200);
    expect(addRefund(record, aRefund(purchase, { '2': -250 })).excessMinor).toBe(50);
    expect(addRefund(record, aRefund(purchase, { '1': -100 })).excessMinor).toBe(100);
    const opposite = addRefund(record, aRefund(purchase, { '1': -100 })).record;
    expect(addRefund(opposite, aRefund(purchase, { '1': 1600 })).excessMinor).toBe(0);
  });
});

it('a refund may be in any currency of ISO 4217: which one it has to be its purchase says', () => {
  expect(['EUR', 'CHF', 'XAF', 'JPY'].map(isCurrency)).toEqual([true, true, true, true]);
  expect(['ZZZ', 'eur', 'EURO', ''].map(isCurrency)).toEqual([false, false, false, false]);
});

describe('to the minor unit', () => {
  const byLine = (purchase: RecordedPurchase, id: string, amountMinor: number) =>
    aRefund(purchase, { [id]: amountMinor });
  const ofShipping = (purchase: RecordedPurchase, shippingMinor: number): RecordedRefund => {
    const { amountMinor: _amount, ...rest } = aRefund(purchase, 1);
    return { ...rest, shippingMinor };
  };

  it('no more comes back of a line than it was, whichever sign that has, and nothing of what was free', () => {
    const of = (amountMinor: number, asked: number) => atMost({ id: '1', amountMinor }, asked);
    expect([of(500, 499), of(500, 501), of(-500, -499), of(-500, -501)]).toEqual([499, 500, -499, -500]);
    expect(of(0, 5)).toBe(0);
  });

  it('what is left of an order is less by what came back of it and of its lines', () => {
    const purchase = sold([{ amountMinor: 2000 }, { amountMinor: 1000 }], 500);
    const back = refundedBy(posted(purchase), [aRefund(purchase, 700), byLine(purchase, '2', 400)]);
    expect(leftMinor(back)).toBe(2400);
    expect(isLess(posted(purchase), back)).toBe(true);
    expect(isLess(back, back)).toBe(false);
  });

  it('an order that holds nothing but what settles is given back with that', () => {
    const purchase = sold([{ amountMinor: 300, category: 'deposit' }]);
    expect(isReturned(posted(purchase))).toBe(false);
    expect(isReturned(refundedBy(posted(purchase), [byLine(purchase, '1', 300)]))).toBe(true);
  });

  it('money beyond what was paid in all is still given back by lines and shipping, and none of it twice', () => {
    const lines = [{ amountMinor: 600 }, { amountMinor: 400 }, { amountMinor: -300, category: 'deposit' }];
    const purchase = sold(lines, 200);
    const given = (...refunds: RecordedRefund[]) => refundedBy(posted(purchase), refunds);
    const first = [byLine(purchase, '1', 600), byLine(purchase, '2', 300)];
    const all = given(...first);
    expect(refundedMinor(all)).toBe(purchase.totalMinor);
    expect(givesBackMore(all, all)).toBe(false);
    expect(givesBackMore(all, given(...first, byLine(purchase, '2', 50)))).toBe(true);
    expect(givesBackMore(all, given(...first, ofShipping(purchase, 200)))).toBe(true);
    // What the order gave back before is not given back again by a line of it.
    const order = [byLine(purchase, '1', 600), aRefund(purchase, 300)];
    expect(givesBackMore(given(...order), given(...order, byLine(purchase, '2', 100)))).toBe(false);
  });

  it('an amount on an order that cost less than its lines takes its share of them, rounded up', () => {
    const purchase = sold([{ amountMinor: 1000 }, { amountMinor: -300, category: 'deposit' }], 200);
    const basis = { ...(posted(purchase).earning?.terms as object), lines: [{ id: '1', amountMinor: 1000 }] };
    const left = (...refunds: RecordedRefund[]) =>
      leftOf({ ...basis, totalMinor: 900 } as never, refundedBy(posted(purchase), refunds));
    expect(left()).not.toHaveProperty('orderRefundMinor');
    // Of 900 that were paid 200 for shipping are back: 350 of 700 are 500 of 1000.
    const shipping = ofShipping(purchase, 200);
    expect(left(shipping, aRefund(purchase, 350)).orderRefundMinor).toBe(500);
    expect(left(shipping, aRefund(purchase, 351)).orderRefundMinor).toBe(502);
    expect(left(shipping, aRefund(purchase, 700)).orderRefundMinor).toBe(1000);
  });
});

describe('stamps for what the money that is left pays for', () => {
  const stamping = { ...program, stamps: program.stamps.map((card) => ({ ...card, of: 100, when: 'true' })) };
  const stampsOf = (
    lines: readonly Bought[],
    ...refunds: ((purchase: RecordedPurchase) => RecordedRefund)[]
  ) => {
    const purchase = sold(lines);
    const record = recordOf(purchase, award(stamping, member, purchase, noon).earning);
    const back = refundedBy(
      record,
      refunds.map((refund) => refund(purchase)),
    );
    return worth(back, back.earning as Earning).stamps?.[0]?.count ?? 0;
  };
  const line = (id: string, minor: number) => (purchase: RecordedPurchase) =>
    aRefund(purchase, { [id]: minor });
  const order = (minor: number) => (purchase: RecordedPurchase) => aRefund(purchase, minor);

  it('of lines that earn nothing go once those that earn have nothing left', () => {
    const cards = { amountMinor: 1000, category: 'gift-card', quantity: 5 };
    const lines = [{ amountMinor: 1200, quantity: 1 }, cards];
    expect(stampsOf(lines)).toBe(6);
    expect(stampsOf(lines, order(1200))).toBe(5);
    expect(stampsOf(lines, order(1600))).toBe(3);
    // 200 of the cards are back already: of the 800 that are left the order takes 300.
    expect(stampsOf(lines, line('2', 200), order(1500))).toBe(2);
  });

  it.each([
    // Half a unit more is a hundred; one more than that is still a way to round it.
    [{ amountMinor: 300, quantity: 1.5 }, 101, 1],
    [{ amountMinor: 300, quantity: 1.5 }, 102, 0],
    [{ amountMinor: 301, quantity: 1.5 }, 101, 1],
    // Units of two or three minor units: a minor unit is no matter of rounding.
    [{ amountMinor: 7, quantity: 5 }, 2, 3],
    [{ amountMinor: 12, quantity: 5 }, 3, 3],
  ])('%j less %i is %i', (sale, back, stamps) => {
    expect(stampsOf([sale], line('1', back))).toBe(stamps);
  });
});

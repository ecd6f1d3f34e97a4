/** What an order comes to, in whatever order, how often and how much of it is told. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PurchaseBody } from '../../core/contract/shapes/purchase.ts';
import { purchase as purchaseSchema } from '../../core/contract/shapes/purchase.ts';
import { refund as refundSchema } from '../../core/contract/shapes/refund.ts';
import type { OrderRefund, Sale } from '../../core/orders.ts';
import {
  type OrderState,
  type Settlement,
  settle,
  type ToldOfOrder,
  unknownOrder,
} from '../../core/settlement.ts';

const paidAt = '2026-12-01T10:00:00Z';
const line = (id: string, quantity: number, amountMinor: number) => ({
  id,
  sku: `SKU-${id}`,
  quantity,
  amountMinor,
});
const sale = (...lines: Sale['lines']): Sale => ({
  occurredAt: paidAt,
  currency: 'EUR',
  member: { email: 'ada@example.com' },
  lines,
  totalMinor: lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0),
});
const order = (revision: number, sold: Sale | null, refunds?: OrderRefund[]): ToldOfOrder => ({
  type: 'order',
  order: { id: '7', revision, sale: sold, ...(refunds ? { refunds } : {}) },
});
const refundOf = (id: string, rest: Partial<OrderRefund>): OrderRefund => ({
  id,
  occurredAt: '2026-12-02T10:00:00Z',
  currency: 'EUR',
  ...rest,
});
const refund = (id: string, rest: Partial<OrderRefund>): ToldOfOrder => ({
  type: 'refund',
  orderId: '7',
  refund: refundOf(id, rest),
});
const failed = (refundId: string): ToldOfOrder => ({ type: 'refund_failed', orderId: '7', refundId });

/** All that is posted, and what is known in the end. */
function tell(...all: ToldOfOrder[]): Settlement {
  let state: OrderState = unknownOrder;
  const purchases: Settlement['purchases'][number][] = [];
  const refunds: Settlement['refunds'][number][] = [];
  for (const told of all) {
    const settled = settle(state, told);
    state = settled.state;
    purchases.push(...settled.purchases);
    refunds.push(...settled.refunds);
  }
  return { state, purchases, refunds };
}

/** What is left of each line when everything is posted, by plain sums; and of amounts that name no line. */
function netOf({ purchases, refunds }: Settlement) {
  const net = new Map<string, number>();
  const add = (id: string, amount: number) => net.set(id, (net.get(id) ?? 0) + amount);
  for (const { lines } of purchases) for (const { id, amountMinor } of lines) add(id, amountMinor);
  for (const { lines = [], amountMinor = 0 } of refunds) {
    for (const one of lines) add((one as { lineId: string }).lineId, -one.amountMinor);
    add('order', -amountMinor);
  }
  return Object.fromEntries([...net].filter(([, amount]) => amount !== 0).sort());
}

describe('an order', () => {
  it('is one purchase under its own id, however often it is told', () => {
    const { purchases, refunds } = tell(...Array(3).fill(order(1, sale(line('a', 2, 2000)))));
    expect(purchases).toEqual([{ id: '7', ...sale(line('a', 2, 2000)) }]);
    expect(refunds).toEqual([]);
  });

  it('is nothing before it is paid', () => {
    expect(tell(order(1, null)).purchases).toEqual([]);
    expect(tell(order(1, null), order(2, sale(line('a', 1, 500)))).purchases).toHaveLength(1);
  });

  it('that was edited is the difference: more is a further purchase, less a refund', () => {
    const { purchases, refunds } = tell(
      order(1, sale(line('a', 2, 2000), line('b', 1, 300))),
      order(2, sale(line('a', 3, 3000), line('c', 1, 700))),
    );
    expect(purchases.map(({ id, lines }) => [id, lines])).toEqual([
      ['7', [line('a', 2, 2000), line('b', 1, 300)]],
      ['7+2', [line('a', 1, 1000), line('c', 1, 700)]],
    ]);
    expect(purchases[1]).toMatchObject({
      occurredAt: paidAt,
      member: { email: 'ada@example.com' },
      totalMinor: 1700,
    });
    expect(refunds).toEqual([
      {
        id: '7+1',
        occurredAt: paidAt,
        currency: 'EUR',
        purchaseId: '7',
        lines: [{ lineId: 'b', amountMinor: 300, quantity: 1 }],
      },
    ]);
  });

  it('costs more though nothing more was handed over: the least quantity there is', () => {
    const { purchases } = tell(order(1, sale(line('a', 1, 500))), order(2, sale(line('a', 1, 800))));
    expect(purchases[1]?.lines).toEqual([line('a', 0.001, 300)]);
  });

  it('that is not paid any more is given back, and sold again when it is', () => {
    const whole = sale(line('a', 2, 2000));
    const all = tell(order(1, whole), order(2, null), order(3, whole));
    expect(all.refunds).toMatchObject([{ lines: [{ lineId: 'a', amountMinor: 2000, quantity: 2 }] }]);
    expect(netOf(all)).toEqual({ a: 2000 });
  });

  it('takes no notice of what is older than it', () => {
    const all = tell(order(2, sale(line('a', 3, 3000))), order(1, sale(line('a', 2, 2000))));
    expect(netOf(all)).toEqual({ a: 3000 });
    expect(all.purchases).toHaveLength(1);
  });

  it('of weights is reckoned in thousandths', () => {
    const all = tell(order(1, sale(line('a', 0.3, 300))), order(2, sale(line('a', 0.1, 100))));
    expect(all.refunds).toMatchObject([{ lines: [{ quantity: 0.2, amountMinor: 200 }] }]);
  });

  it('keeps no name or contact of whoever bought', () => {
    expect(JSON.stringify(tell(order(1, sale(line('a', 1, 500)))).state)).not.toContain('ada@example.com');
  });
});

describe('a refund', () => {
  it('waits for its order, and of a line that it takes whole nothing more is sold', () => {
    const given = refund('r', { lines: [{ lineId: 'a', quantity: 3, amountMinor: 3000 }] });
    expect(tell(given).refunds).toEqual([]);
    const all = tell(given, order(1, sale(line('a', 2, 2000))), order(2, sale(line('a', 3, 3000))));
    expect(all.refunds).toMatchObject([
      { id: 'r', purchaseId: '7', lines: [{ lineId: 'a', amountMinor: 2000, quantity: 2 }] },
    ]);
    expect(all.purchases).toHaveLength(1);
  });

  it('is of every purchase that sold its lines', () => {
    const given = refund('r', { lines: [{ lineId: 'a', quantity: 3, amountMinor: 3000 }] });
    const { refunds } = tell(order(1, sale(line('a', 2, 2000))), order(2, sale(line('a', 3, 3000))), given);
    expect(refunds.map(({ id, purchaseId, lines }) => [id, purchaseId, lines])).toEqual([
      ['r', '7', [{ lineId: 'a', amountMinor: 2000, quantity: 2 }]],
      ['r+1', '7+1', [{ lineId: 'a', amountMinor: 1000, quantity: 1 }]],
    ]);
  });

  it('of shipping takes no line, and of an amount each by what is left of it', () => {
    const sold = { ...sale(line('a', 1, 500), line('b', 1, 300)), shippingMinor: 400, totalMinor: 1200 };
    const { refunds } = tell(
      order(1, sold),
      refund('s', { shippingMinor: 400 }),
      refund('t', { amountMinor: 100 }),
      refund('u', { amountMinor: 1000 }),
    );
    expect(refunds.map(({ id, shippingMinor, lines }) => [id, shippingMinor, lines])).toEqual([
      ['s', 400, undefined],
      [
        't',
        undefined,
        [
          { lineId: 'a', amountMinor: 63 },
          { lineId: 'b', amountMinor: 37 },
        ],
      ],
      [
        'u',
        undefined,
        [
          { lineId: 'a', amountMinor: 437 },
          { lineId: 'b', amountMinor: 263 },
        ],
      ],
    ]);
  });

  it('of the whole order, shipping included, takes all of both; of one that costs nothing it says so', () => {
    const sold = { ...sale(line('a', 1, 500)), shippingMinor: 400, totalMinor: 900 };
    expect(tell(order(1, sold), refund('r', { amountMinor: 900 })).refunds).toMatchObject([
      { lines: [{ lineId: 'a', amountMinor: 500 }], shippingMinor: 400 },
    ]);
    const free = tell(order(1, sale(line('a', 1, 0))), ...Array(2).fill(refund('z', { amountMinor: 0 })));
    expect(free.refunds).toMatchObject([{ id: 'z', amountMinor: 0 }]);
  });

  it('that fails later is undone, and stays so', () => {
    const given = refund('r', { lines: [{ lineId: 'a', quantity: 1, amountMinor: 1000 }] });
    const whole = order(1, sale(line('a', 2, 2000)));
    const all = tell(whole, given, failed('r'), given);
    expect(netOf(all)).toEqual({ a: 2000 });
    expect(all.purchases[1]).toMatchObject({ id: '7+1', lines: [line('a', 1, 1000)] });
    expect(tell(whole, failed('r'), given).refunds).toEqual([]);
  });

  it('of an amount that is undone comes back by what the lines cost', () => {
    const all = tell(
      order(1, sale(line('a', 1, 100), line('b', 1, 201))),
      refund('r', { amountMinor: 100 }),
      failed('r'),
    );
    expect(all.purchases[1]?.lines.map(({ id, amountMinor }) => [id, amountMinor])).toEqual([
      ['a', 34],
      ['b', 66],
    ]);
  });

  it('that a newer list leaves out was taken back; one that no list has said stays', () => {
    const lines = [{ lineId: 'a', quantity: 1, amountMinor: 1000 }];
    const sold = sale(line('a', 3, 3000));
    const listed = [refundOf('r', { lines })];
    expect(netOf(tell(order(1, sold, listed), order(2, sold, [])))).toEqual({ a: 3000 });
    expect(netOf(tell(order(1, sold, listed), order(2, sold)))).toEqual({ a: 2000 });
    expect(netOf(tell(refund('r', { lines }), order(2, sold, [])))).toEqual({ a: 2000 });
    expect(netOf(tell(order(2, sold, []), order(1, sold, listed)))).toEqual({ a: 3000 });
    expect(netOf(tell(order(1, sold, listed), order(2, sold, []), order(3, sold, listed)))).toEqual({
      a: 2000,
    });
  });

  it('of cash that was rounded is given back with its sign, once', () => {
    const rounded = { ...line('x', 1, -2), category: 'rounding' };
    const lines = [{ lineId: 'x', amountMinor: -2 }];
    const all = tell(
      order(1, sale(line('a', 1, 500), rounded)),
      refund('r', { lines }),
      order(2, sale(line('a', 1, 500))),
    );
    expect(all.refunds.map((one) => one.lines)).toEqual([lines]);
  });
});

// Any order, repetition and part --------------------------------------------------------------------------------

const lineIds = ['a', 'b', 'c'];
const aSale = fc
  .uniqueArray(
    fc.tuple(fc.constantFrom(...lineIds), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 50 })),
    {
      selector: ([id]) => id,
      minLength: 1,
    },
  )
  .map((lines) => sale(...lines.map(([id, quantity, each]) => line(id, quantity, quantity * each * 100))));

interface History {
  readonly told: readonly ToldOfOrder[];
  readonly last: readonly ToldOfOrder[];
}

/** An order's life: it is edited, refunds are made of single lines and some of them fail. */
const aHistory = fc
  .record({
    sales: fc.array(fc.option(aSale, { freq: 6 }), { minLength: 1, maxLength: 4 }),
    refunds: fc.array(
      fc.record({
        lineId: fc.constantFrom(...lineIds),
        quantity: fc.integer({ min: 1, max: 3 }),
        fails: fc.boolean(),
        each: fc.integer({ min: 0, max: 50 }),
      }),
      { maxLength: 4 },
    ),
  })
  .map(({ sales, refunds }): History => {
    const orders = sales.map((sold, index) => order(index + 1, sold));
    const made = refunds.map(({ lineId, quantity, each }, index) =>
      refund(`r${index}`, { lines: [{ lineId, quantity, amountMinor: quantity * each * 100 }] }),
    );
    const failing = refunds.flatMap(({ fails }, index) => (fails ? [failed(`r${index}`)] : []));
    return { told: [...orders, ...made, ...failing], last: [...orders.slice(-1), ...made, ...failing] };
  });

const anyTelling = aHistory.chain(({ told, last }) =>
  fc.record({
    told: fc.constant(told),
    last: fc.constant(last),
    heard: fc.array(fc.constantFrom(...told), { maxLength: 12 }),
  }),
);

describe('any order, repetition and part of what is told, made whole at the end', () => {
  it('comes to the same as all of it in order', () => {
    fc.assert(
      fc.property(anyTelling, ({ told, last, heard }) => {
        const all = tell(...heard, ...last);
        expect(netOf(all)).toEqual(netOf(tell(...told)));
      }),
      { numRuns: 1000 },
    );
  });

  it('is posted as purchases and refunds that the door lets pass, under ids that are there once', () => {
    fc.assert(
      fc.property(anyTelling, ({ last, heard }) => {
        const { purchases, refunds } = tell(...heard, ...last);
        for (const body of purchases) {
          expect(purchaseSchema.safeParse(body).error).toBeUndefined();
          expect(body.lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0)).toBe(body.totalMinor);
        }
        for (const body of refunds) expect(refundSchema.safeParse(body).error).toBeUndefined();
        const distinct = (bodies: readonly { id: string }[]) => new Set(bodies.map(({ id }) => id)).size;
        expect([distinct(purchases), distinct(refunds)]).toEqual([purchases.length, refunds.length]);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives back no more than was sold', () => {
    fc.assert(
      fc.property(anyTelling, ({ last, heard }) => {
        const bought: PurchaseBody[] = [];
        let state: OrderState = unknownOrder;
        const back = new Map<string, number>();
        for (const told of [...heard, ...last]) {
          const settled = settle(state, told);
          state = settled.state;
          bought.push(...settled.purchases);
          for (const { purchaseId, lines = [] } of settled.refunds)
            for (const one of lines) {
              const key = `${purchaseId} ${(one as { lineId: string }).lineId}`;
              back.set(key, (back.get(key) ?? 0) + one.amountMinor);
            }
        }
        for (const [key, amount] of back) {
          const [purchaseId, lineId] = key.split(' ');
          const sold = bought.find(({ id }) => id === purchaseId)?.lines.find(({ id }) => id === lineId);
          expect(amount).toBeLessThanOrEqual(sold?.amountMinor ?? -1);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

/** What a transaction has room for: it is known before it is tried, and what can be split ends the same. */
import { marshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { balanceOf, emptyAccount } from '../../core/account.ts';
import { eventBytesMax } from '../../core/contract/events.ts';
import type { MemberId, RefundId } from '../../core/contract/ids.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import type { RecordedRefund } from '../../core/contract/shapes/refund.ts';
import { award } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import {
  isFull,
  newPurchaseRecord,
  type PurchaseRecord,
  refundsMax,
  statusOf,
} from '../../core/purchases.ts';
import { refundedMinor } from '../../core/remains.ts';
import {
  claimPurchaseOnce,
  getAccount,
  getPurchase,
  getRefund,
  listVouchers,
  type MaybeClaimed,
  postAs,
  recordPurchase,
  recordRefund,
  retryException,
  verifyLedger,
} from '../../ledger/ledger.ts';
import { append } from '../../ledger/members/append.ts';
import { listExceptions } from '../../ledger/operators/exceptions.ts';
import { entriesMax } from '../../ledger/purchases/newest.ts';
import { LedgerUnavailable } from '../../ledger/store/context.ts';
import { decide } from '../../ledger/store/decide.ts';
import { fromItem, keys, toItem } from '../../ledger/store/items.ts';
import { itemBytes, itemBytesMax, TooLarge, tooLarge, writesMax } from '../../ledger/store/limits.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import type { Item, Store, Write } from '../../ledger/store/store.ts';
import { itemBytes as localItemBytes } from '../../local/dynamodb/values.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { aPurchase, aRefund, defaultProgram, noon, runs, sha256, testContext } from '../support/world.ts';

const numbered = (count: number): Write[] =>
  Array.from({ length: count }, (_, at) => ({ put: { pk: `A#${at}`, sk: 'A', item: 'turn', revision: 1 } }));

describe('sizes', () => {
  it('are counted as the local DynamoDB counts them', () => {
    // What the SDK writes of a field with the name of an object's prototype is nothing.
    const name = fc.string({ minLength: 1, maxLength: 8 }).filter((text) => text !== '__proto__');
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string({ unit: 'binary' }),
        fc.integer(),
        fc.integer().map((thousandths) => thousandths / 1000),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    })).value;
    const item = fc.dictionary(name, value, { noNullPrototype: true });
    fc.assert(
      fc.property(item, (fields) => {
        expect(itemBytes(fields)).toBe(localItemBytes(marshall(fields) as never));
      }),
      runs(2000),
    );
  });

  it('are those of DynamoDB’s own rule: names, texts, what numbers take, and what holds them', () => {
    for (const [value, bytes] of [
      ['é', 2],
      [true, 1],
      [null, 1],
      [0, 1],
      [7, 2],
      [-7, 3],
      [123, 3],
      [1.5, 3],
      [[], 3],
      [['a', 'bc'], 3 + 2 + 3],
      [{}, 3],
      [{ ab: 'c' }, 3 + 4],
      [[{ a: null }], 3 + 1 + 3 + 3],
    ] as const)
      expect(itemBytes({ abc: value }), JSON.stringify(value)).toBe(3 + bytes);
    expect(itemBytes({ a: undefined })).toBe(0);
  });

  it('that are too much name the limit, and the item where it is one', () => {
    expect(tooLarge(numbered(writesMax))).toBeUndefined();
    expect(tooLarge(numbered(writesMax + 1))).toMatchObject({
      type: 'too_large',
      limit: 'writes',
      size: 101,
    });
    const heavy: Item = { pk: 'A', sk: 'A', item: 'turn', text: 'x'.repeat(itemBytesMax) };
    expect(tooLarge([{ put: heavy }])).toMatchObject({ limit: 'item_bytes', key: { pk: 'A' } });
    const many = Array.from({ length: 12 }, (_, at) => ({
      put: { ...heavy, pk: `A${at}`, text: 'x'.repeat(380_000) },
    }));
    expect(tooLarge(many)).toMatchObject({ limit: 'transaction_bytes' });
  });
});

describe('a decision', () => {
  /** A store that counts, and can let somebody else be faster. */
  function counted(store: Store, faster?: () => Promise<unknown>) {
    const sent: (readonly Write[])[] = [];
    const transact: Store['transact'] = async (writes) => {
      if (sent.length === 0) await faster?.();
      sent.push(writes);
      return store.transact(writes);
    };
    return { context: testContext({ ...store, transact }), sent };
  }

  it('that is too large writes nothing, and can be made in parts', async () => {
    const { context, sent } = counted(createMemoryStore());
    const whole = decide(context, 'All', async () => ({ result: 0, writes: numbered(150) }));
    await expect(whole).rejects.toThrow(TooLarge);
    expect(sent).toEqual([]);
    let left = 150;
    while (left > 0)
      left -= await decide(context, 'Some', async ({ partsMax }) => {
        const parts = Math.min(left, partsMax);
        return { result: parts, writes: numbered(parts), parts };
      });
    expect(sent.map((writes) => writes.length)).toEqual([75, 75]);
  });

  it('learns what stood in the way by the key of the item', async () => {
    const store = createMemoryStore();
    const [theirs] = numbered(1);
    const { context } = counted(store, async () => theirs && store.transact([theirs]));
    const key = { pk: 'A#0', sk: 'A' };
    const result = await decide(context, 'Once', async ({ found }) =>
      found.has(key)
        ? { result: found.at(key)?.['revision'], writes: [] }
        : {
            result: 0,
            writes: [...numbered(3).map((write) => ({ ...write, if: { kind: 'absent' as const } }))],
          },
    );
    expect(result).toBe(1);
    expect(store.items()).toHaveLength(1);
  });

  it('that others always overtake ends, and says that it may be tried again', async () => {
    const store = createMemoryStore();
    await store.transact(numbered(1));
    const context = { ...testContext(store), sleep: async () => {} };
    const never = decide(context, 'Never', async () => ({
      result: 0,
      writes: numbered(1).map((write) => ({ ...write, if: { kind: 'absent' as const } })),
    }));
    await expect(never).rejects.toThrow(LedgerUnavailable);
  });
});

// Splitting ---------------------------------------------------------------------------------------------------

const stampProgram = defaultProgram({
  bonuses: {},
  campaigns: [],
  stamps: [
    {
      id: 'coffee',
      name: 'Coffee',
      when: "line.category == 'coffee'",
      of: 5,
      reward: 'free-coffee',
      // More than a shop would let one purchase give: what is beyond a transaction is what is tried here.
      perPurchase: 10_000,
      perDay: 10_000,
    },
  ],
});

function coffees(memberId: MemberId, count: number, lines = 1): RecordedPurchase {
  const purchase = aPurchase(
    Array.from({ length: lines }, () => 1000),
    { member: { memberId } },
  );
  const filled = purchase.lines.map((line) => ({
    ...line,
    sku: 'ESP',
    category: 'coffee',
    quantity: count / lines,
  }));
  return { ...purchase, lines: filled };
}

async function world(program: Program = stampProgram) {
  const ledger = testContext(createMemoryStore());
  await putInForce(ledger, program);
  return { ledger, memberId: await newMember(ledger, program) };
}

async function ended(ledger: Awaited<ReturnType<typeof world>>['ledger'], memberId: MemberId) {
  const account = await getAccount(ledger, memberId);
  if (!account) throw new Error('There is no account.');
  const { differences } = await verifyLedger(ledger, { hasTime: () => true, differencesMax: 10 });
  const vouchers = await listVouchers(ledger, memberId, { limit: 100 });
  return {
    balance: balanceOf(account),
    stamps: account.stamps,
    tier: account.tier.id,
    qualifying: account.qualifying,
    issued: vouchers.filter(({ status }) => status === 'issued').length,
    differences,
  };
}

/** The same refunds behind their purchase and before it. */
async function bothWays(refundOf: (purchase: RecordedPurchase, at: number) => RecordedRefund, count: number) {
  const ends = [];
  for (const isFirst of [true, false]) {
    const { ledger, memberId } = await world();
    const purchase = coffees(memberId, 120, 40);
    const refunds = Array.from({ length: count }, (_, at) => refundOf(purchase, at));
    if (isFirst) await recordPurchase(ledger, stampProgram, purchase, noon);
    for (const refund of refunds) await recordRefund(ledger, stampProgram, refund, noon);
    if (!isFirst) await recordPurchase(ledger, stampProgram, purchase, noon);
    const states = await Promise.all(refunds.map(({ id }) => getRefund(ledger, id as RefundId)));
    expect(new Set(states.map((state) => state?.status))).toEqual(new Set(['applied']));
    const open = await listExceptions(ledger, { status: 'open', limit: 100 });
    expect(open.items).toEqual([]);
    expect((await getPurchase(ledger, purchase.id))?.awaited).toBeUndefined();
    ends.push(await ended(ledger, memberId));
  }
  return ends;
}

describe('more than one transaction has room for', () => {
  it.each([15, 40])('%i refunds that wait for a purchase of 120 stamps end as behind it', async (count) => {
    const [behind, before] = await bothWays(
      (purchase, at) => aRefund(purchase, { [purchase.lines[at]?.id ?? '']: 1000 }),
      count,
    );
    expect(before).toEqual(behind);
    expect(before?.differences).toEqual([]);
  });

  it('a purchase whose delivery ended half way is gone on with by the next, or by a refund that comes again', async () => {
    for (const again of ['purchase', 'refund'] as const) {
      const { ledger, memberId } = await world();
      const purchase = coffees(memberId, 120, 40);
      const refunds = purchase.lines.map(({ id }) => aRefund(purchase, { [id]: 1000 }));
      for (const refund of refunds) await recordRefund(ledger, stampProgram, refund, noon);
      let left = 3;
      const dying: Store = {
        ...ledger.store,
        transact: async (writes) =>
          left-- > 0 ? ledger.store.transact(writes) : { type: 'unknown', cause: new Error('gone') },
      };
      const first = recordPurchase({ ...ledger, store: dying }, stampProgram, purchase, noon);
      await expect(first).rejects.toThrow(LedgerUnavailable);
      const [last] = refunds.slice(-1);
      if (again === 'purchase') await recordPurchase(ledger, stampProgram, purchase, noon);
      else if (last) await recordRefund(ledger, stampProgram, last, noon);
      expect((await getPurchase(ledger, purchase.id))?.awaited).toBeUndefined();
      expect(await ended(ledger, memberId)).toMatchObject({
        balance: { available: 0, pending: 0, debt: 0 },
        stamps: {},
        differences: [],
      });
    }
  });

  it('a return over 12 purchases of 40 stamps each ends as 12 refunds of them', async () => {
    const ends = [];
    for (const how of ['return', 'refunds']) {
      const { ledger, memberId } = await world();
      const purchases = Array.from({ length: 12 }, () => coffees(memberId, 40));
      for (const purchase of purchases) await recordPurchase(ledger, stampProgram, purchase, noon);
      expect(await ended(ledger, memberId)).toMatchObject({ issued: 96 });
      if (how === 'return') {
        const { purchaseId: _id, amountMinor: _amount, ...rest } = aRefund(aPurchase([1]), 1);
        const all = { ...rest, member: { memberId }, lines: [{ sku: 'ESP', quantity: 480, amountMinor: 1 }] };
        const { record } = await recordRefund(ledger, stampProgram, all, noon);
        expect(record).toMatchObject({ status: 'applied', clawedBack: 120 });
        expect(record.purchaseIds).toHaveLength(12);
        expect(record.rest).toBeUndefined();
        expect((await recordRefund(ledger, stampProgram, all, noon)).type).toBe('duplicate');
      } else
        for (const purchase of purchases.toReversed())
          await recordRefund(ledger, stampProgram, aRefund(purchase, { '1': 1000 }), noon);
      ends.push(await ended(ledger, memberId));
    }
    expect(ends[0]).toEqual(ends[1]);
    expect(ends[0]).toMatchObject({ issued: 0, balance: { available: 0, debt: 0 }, differences: [] });
  });

  it('a refund of one line takes back every voucher that its stamps have paid for, in whatever parts', async () => {
    for (const parts of [[250], [125, 125], [1, 249]]) {
      const { ledger, memberId } = await world();
      const purchase = coffees(memberId, 250);
      await recordPurchase(ledger, stampProgram, purchase, noon);
      // What one purchase may not issue comes with the next.
      await recordPurchase(ledger, stampProgram, coffees(memberId, 5), noon);
      expect(await ended(ledger, memberId)).toMatchObject({ issued: 51, stamps: {} });
      for (const quantity of parts) {
        const lines = [{ lineId: '1', quantity, amountMinor: quantity * 4 }];
        const { amountMinor: _amount, ...rest } = aRefund(purchase, 1);
        await recordRefund(ledger, stampProgram, { ...rest, lines }, noon);
      }
      expect(await ended(ledger, memberId)).toMatchObject({ issued: 1, stamps: {}, differences: [] });
    }
  });

  it('a purchase of another content that has no room beside its exception stays parked, and says so', async () => {
    const campaigns = Array.from({ length: 20 }, (_, at) => ({
      id: `campaign-${at}`,
      name: 'More',
      from: '2026-01-01T00:00:00Z',
      to: '2027-01-01T00:00:00Z',
      bonusPoints: 1,
      budgetPoints: 1000,
    }));
    const { bonuses, stamps } = stampProgram;
    const program = defaultProgram({ bonuses, stamps, campaigns });
    const { ledger, memberId } = await world(program);
    const first = aPurchase([1000], { member: { memberId } });
    await recordPurchase(ledger, program, first, noon);
    const other = { ...coffees(memberId, 160), id: first.id };
    expect((await recordPurchase(ledger, program, other, noon)).type).toBe('conflict');
    const { items } = await listExceptions(ledger, { status: 'open', limit: 10 });
    const [conflict] = items;
    if (!conflict) throw new Error('The other content is parked.');
    const operator = { keyId: 'key_test', name: 'Tess' };
    const tried = await retryException(
      ledger,
      conflict.exceptionId,
      (exception, found) => postAs(ledger, program, exception, 'store:OTHER', { operator, found }, noon),
      noon,
    );
    expect(tried).toMatchObject({
      type: 'not_retryable',
      reason: expect.stringContaining('one transaction'),
    });
    expect(await getPurchase(ledger, 'store:OTHER')).toBeUndefined();
  });

  it('a claim of stamps and refunds is written whole, or closed and said so', async () => {
    for (const [quantity, atMost] of [
      [1, 30],
      [160, 10],
    ] as const)
      for (const count of [0, 1, ...Array.from({ length: 22 }, (_, at) => at + 9)]) {
        const { ledger, memberId } = await world();
        const { member: _member, ...purchase } = coffees(memberId, quantity);
        await recordPurchase(ledger, stampProgram, purchase, noon);
        for (let at = 0; at < count; at++)
          await recordRefund(ledger, stampProgram, aRefund(purchase, { '1': 10 }), noon);
        const before = await ended(ledger, memberId);
        const claim = { member: { memberId }, totalMinor: purchase.totalMinor };
        // A key's answer is written along.
        const reply = {
          once: { hash: 'once', fingerprint: 'same' },
          answer: (body: MaybeClaimed) => ({ status: 200, body }),
        };
        const once = await claimPurchaseOnce(ledger, stampProgram, purchase.id, claim, reply, noon);
        if (once.type !== 'answered') throw new Error('The key is new.');
        const outcome = once.answer.body as MaybeClaimed;
        const after = await ended(ledger, memberId);
        if (count <= atMost) expect(outcome.type).toBe('claimed');
        if (quantity === 160 && count > 15) expect(outcome.type).toBe('closed');
        if (outcome.type === 'closed') {
          expect(outcome.reason).toContain('more than one claim');
          expect(after).toEqual(before);
        } else expect(after.differences).toEqual([]);
      }
  });

  it('a return that ended half way is gone on with by its next delivery', async () => {
    const { ledger, memberId } = await world();
    for (let count = 0; count < 45; count++)
      await recordPurchase(ledger, stampProgram, coffees(memberId, 40), noon);
    const { purchaseId: _id, amountMinor: _amount, ...rest } = aRefund(aPurchase([1]), 1);
    const all = { ...rest, member: { memberId }, lines: [{ sku: 'ESP', quantity: 1800, amountMinor: 1 }] };
    let left = 2;
    const dying: Store = {
      ...ledger.store,
      transact: async (writes) =>
        left-- > 0 ? ledger.store.transact(writes) : { type: 'unknown', cause: new Error('gone') },
    };
    const first = recordRefund({ ...ledger, store: dying }, stampProgram, all, noon);
    await expect(first).rejects.toThrow(LedgerUnavailable);
    expect((await getRefund(ledger, all.id as RefundId))?.status).toBe('waiting');
    const again = await recordRefund(ledger, stampProgram, all, noon);
    expect(again).toMatchObject({ type: 'duplicate', record: { status: 'applied', clawedBack: 450 } });
    expect(await ended(ledger, memberId)).toMatchObject({ issued: 0, differences: [] });
  });

  it(`more refunds than ${refundsMax} of one purchase are rejected and shown, before it and behind it`, async () => {
    for (const isFirst of [true, false]) {
      const { ledger, memberId } = await world();
      const purchase = aPurchase([100_000], { member: { memberId } });
      if (isFirst) await recordPurchase(ledger, stampProgram, purchase, noon);
      let last: RecordedRefund | undefined;
      for (let count = 0; count <= refundsMax; count++) {
        last = aRefund(purchase, 10);
        await recordRefund(ledger, stampProgram, last, noon);
      }
      if (!isFirst) await recordPurchase(ledger, stampProgram, purchase, noon);
      expect((await getRefund(ledger, last?.id as RefundId))?.status).toBe('rejected');
      const open = await listExceptions(ledger, { status: 'open', limit: 10 });
      expect(open.items.map(({ type, subject }) => [type, subject])).toEqual([['refund_rejected', last?.id]]);
      expect((await getPurchase(ledger, purchase.id))?.refundIds).toHaveLength(refundsMax);
      expect(await ended(ledger, memberId)).toMatchObject({ differences: [] });
    }
  });
});

describe('every line that is accepted can be given back', () => {
  it('by whatever name, and with ids as long as they may be', async () => {
    const names = ['constructor', 'toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf', 'i'.repeat(128)];
    const { ledger, memberId } = await world();
    const base = aPurchase(
      names.map(() => 1000),
      { member: { memberId } },
    );
    const purchase = { ...base, lines: base.lines.map((line, at) => ({ ...line, id: names[at] ?? '' })) };
    await recordPurchase(ledger, stampProgram, purchase, noon);
    for (const name of names) {
      const { record } = await recordRefund(ledger, stampProgram, aRefund(purchase, { [name]: 1000 }), noon);
      expect([name, record.status, record.clawedBack]).toEqual([name, 'applied', 10]);
    }
    expect(await ended(ledger, memberId)).toMatchObject({
      balance: { available: 0, debt: 0 },
      differences: [],
    });
  });
});

describe('a purchase that is accepted', () => {
  /** Anything that a line may be called, and what it may cost. */
  const line = fc.record({
    id: fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((id) => id.length <= 128),
      fc.constantFrom('__proto__', 'constructor', '#0', '#1', 'i'.repeat(128), 'n'.repeat(127)),
    ),
    amountMinor: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 5000 })),
    category: fc.constantFrom('coffee', 'gift-card', 'mug', 'deposit'),
    quantity: fc.integer({ min: 1, max: 9999 }).map((thousandths) => thousandths / 1000),
    isBelow: fc.boolean(),
  });

  /** Gives back one line after the other, then the shipping; answers what is left. */
  async function giveBackAll(purchase: RecordedPurchase, program: Program) {
    const { ledger, memberId } = await world(program);
    const before = await ended(ledger, memberId);
    const own = { ...purchase, member: { memberId } };
    expect((await recordPurchase(ledger, program, own, noon)).type).toBe('posted');
    const { amountMinor: _amount, ...rest } = aRefund(purchase, 1);
    const { shippingMinor } = purchase;
    const refunds: RecordedRefund[] = [
      ...purchase.lines.map(({ id, amountMinor, quantity }) => ({
        ...rest,
        lines: [{ lineId: id, amountMinor, quantity }],
      })),
      ...(shippingMinor ? [{ ...rest, shippingMinor }] : []),
    ];
    for (const [at, refund] of refunds.entries()) {
      const one = { ...refund, id: `store:B${at}` as RefundId };
      const { record } = await recordRefund(ledger, program, one, noon);
      expect([at, record.status]).toEqual([at, 'applied']);
    }
    const record = await getPurchase(ledger, purchase.id);
    if (!record) throw new Error('There is no purchase.');
    const open = await listExceptions(ledger, { status: 'open', limit: 1 });
    expect(open.items).toEqual([]);
    expect([statusOf(record), refundedMinor(record)]).toEqual(['refunded', purchase.totalMinor]);
    return { before, after: await ended(ledger, memberId) };
  }

  it('can be given back line by line, and leaves what was there before', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(line, { minLength: 1, maxLength: 12, selector: ({ id }) => id }),
        fc.nat(900),
        async (lines, shippingMinor) => {
          const sold = lines.map(({ isBelow, ...one }) => ({
            ...one,
            sku: 'S',
            amountMinor: isBelow && one.category === 'deposit' ? 0 - one.amountMinor : one.amountMinor,
          }));
          const totalMinor = sold.reduce((sum, { amountMinor }) => sum + amountMinor, shippingMinor);
          fc.pre(totalMinor >= 0);
          const purchase = { ...aPurchase([1]), lines: sold, shippingMinor, totalMinor };
          const { before, after } = await giveBackAll(purchase, stampProgram);
          expect(after).toEqual(before);
        },
      ),
      runs(60),
    );
  });

  it('of 500 lines with ids of 128 characters, too', async () => {
    const base = aPurchase(Array.from({ length: 500 }, () => 999));
    const lines = base.lines.map((one, at) => ({
      ...one,
      id: String(at).padEnd(128, 'i'),
      category: 'coffee',
    }));
    const name = 'n'.repeat(
      Math.floor((eventBytesMax - JSON.stringify({ ...base, lines }).length) / 500) - 12,
    );
    const named = lines.map((one) => ({ ...one, name }));
    const { before, after } = await giveBackAll({ ...base, lines: named }, defaultProgram({ bonuses: {} }));
    expect(after).toEqual(before);
  });
});

describe('a return without receipt', () => {
  it(`looks at ${entriesMax} entries at most, and only as far back as it has to`, async () => {
    const { ledger, memberId } = await world();
    const purchase = (at: number, sku: string): RecordedPurchase => {
      const one = aPurchase([100], { member: { memberId }, occurredAt: new Date(at - 60_000).toISOString() });
      return { ...one, lines: one.lines.map((line) => ({ ...line, sku })) };
    };
    const hour = 3_600_000;
    for (let count = 0; count < entriesMax + 50; count++)
      await recordPurchase(
        ledger,
        stampProgram,
        purchase(noon + count * hour, count === 0 ? 'OLD' : 'NEW'),
        noon + count * hour,
      );
    const back = async (sku: string) => {
      const { purchaseId: _id, amountMinor: _amount, ...rest } = aRefund(aPurchase([1]), 1);
      let [queries, entries] = [0, 0];
      const query: Store['query'] = async (pk, range) => {
        const page = await ledger.store.query(pk, range);
        if (range.prefix.startsWith('ENTRY')) {
          queries++;
          entries += page.length;
        }
        return page;
      };
      const one = { ...rest, member: { memberId }, lines: [{ sku, quantity: 1, amountMinor: 1 }] };
      const { record } = await recordRefund(
        { ...ledger, store: { ...ledger.store, query } },
        stampProgram,
        one,
        noon + 9_999 * hour,
      );
      return { status: record.status, queries, entries };
    };
    expect(await back('NEW')).toEqual({ status: 'applied', queries: 1, entries: 100 });
    expect(await back('OLD')).toMatchObject({ status: 'unmatched', entries: entriesMax });
  });
});

// The largest record ---------------------------------------------------------------------------------------------

/** What the door lets through at most, as JSON: with its envelope it is an event, which is no larger. */
const bodyBytesMax = eventBytesMax;

describe('the record of the largest purchase that is accepted', () => {
  /** Every second line meets every campaign and stamp card: the worst that bits and lists can be. */
  const when = "line.brand == 'b'";
  const year = { from: '2026-01-01T00:00:00Z', to: '2029-01-01T00:00:00Z' };
  const longId = (name: string, at: number) => `${name}-${String(at)}-`.padEnd(64, 'x');
  const worst = defaultProgram({
    campaigns: Array.from({ length: 100 }, (_, at) => ({
      id: longId('campaign', at),
      name: 'Campaign',
      ...year,
      when,
      multiplier: '1.0001',
      minimumMinor: 1,
    })),
    stamps: Array.from({ length: 20 }, (_, at) => ({
      id: longId('stamp', at),
      name: 'Stamp',
      when,
      of: 100,
      reward: 'free-coffee',
    })),
    visits: { points: 1, minimumMinor: 1, coolDownHours: 0 },
  });

  function largest(lines: number, idLength: number, memberId: MemberId, letter = 'i'): RecordedPurchase {
    const base = aPurchase(
      Array.from({ length: lines }, () => 999_999_999),
      { member: { memberId } },
    );
    const purchase = {
      ...base,
      lines: base.lines.map((line, at) => ({
        ...line,
        id: String(at).padEnd(idLength, letter),
        sku: 's',
        brand: at % 2 ? 'b' : 'c',
        quantity: 123.456,
      })),
    };
    // The rest of what may be sent goes into names.
    const left = bodyBytesMax - Buffer.byteLength(JSON.stringify(purchase)) - lines * 10;
    const name = 'n'.repeat(Math.max(0, Math.min(500, Math.floor(left / lines))));
    return { ...purchase, lines: purchase.lines.map((line) => (name ? { ...line, name } : line)) };
  }

  /** Characters of one, two and three bytes. */
  const letters = ['i', 'é', '字'] as const;

  function asManyRefunds(letter: string): RefundId[] {
    const ids: RefundId[] = [];
    const longest = `store:${letter.repeat(128)}` as RefundId;
    while (!isFull(ids, longest)) ids.push(longest);
    return ids;
  }

  it('fits into an item with all that refunds and entries may add, and so does its entry', () => {
    const memberId = 'mem_01JD0000000000000000000000' as MemberId;
    const context = testContext(createMemoryStore());
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 3, max: 128 }),
        fc.constantFrom(...letters),
        (lines, idLength, letter) => {
          const purchase = largest(lines, idLength, memberId, letter);
          fc.pre(Buffer.byteLength(JSON.stringify(purchase)) <= bodyBytesMax);
          const account = { ...emptyOf(memberId), version: 1 };
          const { earning, ...plan } = award(worst, account, purchase, noon);
          const fresh = newPurchaseRecord(purchase, {
            contentHash: sha256('x'),
            memberId,
            recordedAt: '2026-11-22T11:00:00.123Z',
            earning,
          });
          const record: PurchaseRecord = {
            ...fresh,
            refundedLines: Object.fromEntries(
              purchase.lines.map(({ id }) => [id, { amountMinor: 999_999_999, quantity: 123.456 }]),
            ),
            refundIds: asManyRefunds(letter),
            entryIds: Array.from({ length: refundsMax + 1 }, () => `ent_${'0'.repeat(26)}` as never),
            conflicts: Array.from({ length: 20 }, () => `exc_${'0'.repeat(26)}` as never),
          };
          const item = toItem(keys.purchase(purchase.id), 'purchase', record);
          expect(itemBytes(item)).toBeLessThanOrEqual(itemBytesMax);
          expect(fromItem(item, 'purchase')).toEqual(record);
          const { entries } = append(context, account, plan, noon);
          for (const entry of entries) {
            const stored = toItem(keys.entry(memberId, entry.sequence), 'entry', entry);
            expect(itemBytes(stored)).toBeLessThanOrEqual(itemBytesMax);
            expect(fromItem(stored, 'entry')).toEqual(entry);
          }
        },
      ),
      {
        ...runs(60),
        examples: [
          [500, 3, 'i'],
          [500, 128, 'i'],
          [500, 128, '字'],
          [350, 3, 'i'],
          [1, 128, 'é'],
        ],
      },
    );
  });

  it('is read as it was when it was written with ids', () => {
    const memberId = 'mem_01JD0000000000000000000000' as MemberId;
    const purchase = largest(4, 3, memberId);
    const { earning } = award(worst, { ...emptyOf(memberId), version: 1 }, purchase, noon);
    const known = { contentHash: 'x', memberId, recordedAt: '2026-11-22T11:00:00Z', earning };
    const record = {
      ...newPurchaseRecord(purchase, known),
      refundedLines: { [purchase.lines[1]?.id ?? '']: { amountMinor: 5, quantity: 1 } },
    };
    const { conflicts: _conflicts, ...before } = record;
    const old: Item = { ...keys.purchase(purchase.id), item: 'purchase', ...before, conflict: true };
    expect(fromItem(old, 'purchase')).toEqual({ ...record, conflicts: [''] });
  });
});

/** Somebody who has joined, as far as an award looks. */
function emptyOf(memberId: MemberId) {
  return { ...emptyAccount(memberId), createdAt: '2026-11-01T00:00:00Z' };
}

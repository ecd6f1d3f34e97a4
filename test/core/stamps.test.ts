import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Account } from '../../core/account.ts';
import type { MemberId, VoucherId } from '../../core/contract/ids.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import type { RecordedRefund } from '../../core/contract/shapes/refund.ts';
import { award, clawBack, type Earning, enrol, type Plan, settle, shrunk } from '../../core/points.ts';
import { addRefund, type PurchaseRecord, worth } from '../../core/purchases.ts';
import {
  addedDays,
  addStamps,
  boundStamps,
  countStamps,
  foldStampDays,
  issuedMax,
  revokedMax,
  type StampVoucher,
  shownStamps,
  takeStamps,
} from '../../core/stamps.ts';
import { aPurchase, aRefund, defaultProgram, noon, often, recordOf, runs } from '../support/world.ts';

const memberId = 'mem_01JD0000000000000000000000' as MemberId;
const program = defaultProgram({ bonuses: {} });

/** An account with the vouchers that its entries have left unused. */
type Holder = Account & { readonly vouchers: readonly StampVoucher[] };
const member: Holder = { ...enrol(program, memberId, noon).account, vouchers: [] };

function withVouchers({ vouchers }: Holder, plan: Plan): Holder {
  const issued = plan.entries.flatMap((entry) => entry.stamps?.issued ?? []);
  const revoked = plan.entries.flatMap((entry) => entry.stamps?.revoked ?? []);
  const left = [...vouchers, ...issued].filter((voucher) => !revoked.includes(voucher.voucherId));
  return { ...plan.account, vouchers: left };
}

function coffees(quantity: number, amountMinor = Math.ceil(quantity) * 300): RecordedPurchase {
  const purchase = aPurchase([amountMinor]);
  return { ...purchase, lines: purchase.lines.map((line) => ({ ...line, category: 'coffee', quantity })) };
}

interface Bought {
  readonly purchase: RecordedPurchase;
  record: PurchaseRecord;
}

function buy(
  account: Holder,
  purchase: RecordedPurchase,
  under = program,
): { account: Holder; bought: Bought } {
  const plan = award(under, account, purchase, noon);
  const record = recordOf(purchase, plan.earning);
  return { account: withVouchers(account, plan), bought: { purchase, record } };
}

function giveBack(account: Holder, bought: Bought, refund: RecordedRefund): Holder {
  const { record } = addRefund(bought.record, refund);
  const earning = record.earning as Earning;
  const target = worth(record, earning);
  bought.record = { ...record, earning: shrunk(earning, target) };
  return withVouchers(account, clawBack(program, account, earning, target, refund, noon, account.vouchers));
}

/** A refund of units of the one line, with their share of its amount. */
function unitsBack({ purchase }: Bought, quantity: number): RecordedRefund {
  const [line] = purchase.lines;
  const amountMinor = Math.round(((line?.amountMinor ?? 0) * quantity) / (line?.quantity ?? 1));
  return { ...aRefund(purchase, {}), lines: [{ lineId: '1', quantity, amountMinor }] };
}

const shown = (account: Account) => shownStamps(program, account)[0]?.count;

describe('a stamp card', () => {
  it('takes a stamp per whole unit of a matching line', () => {
    expect(shown(buy(member, coffees(2)).account)).toBe(2);
    expect(shown(buy(member, coffees(1.9)).account)).toBe(1);
    expect(shown(buy(member, aPurchase([900])).account)).toBe(0);
  });

  it('issues a voucher when it is full, and goes on with the rest', () => {
    const once = buy(member, coffees(7)).account;
    expect(shown(once)).toBe(2);
    expect(once.vouchers).toMatchObject([{ stampId: 'coffee', rewardId: 'free-coffee', stamps: 5 }]);
    expect(once.vouchers[0]?.expiresAt).toBe('2027-01-21T12:00:00Z');
    const twice = buy(once, coffees(13)).account;
    expect(shown(twice)).toBe(0);
    expect(new Set(twice.vouchers.map((voucher) => voucher.voucherId)).size).toBe(4);
  });

  it('gives stamps back with a refund, and revokes the voucher they had paid for', () => {
    const first = buy(member, coffees(3));
    const second = buy(first.account, coffees(3));
    expect(second.account.vouchers).toHaveLength(1);
    const after = giveBack(second.account, first.bought, unitsBack(first.bought, 2));
    expect(after.vouchers).toEqual([]);
    expect(shown(after)).toBe(4);
  });

  it('owes the stamps of a voucher that was used, and shows none until they are back', () => {
    const full = buy(member, coffees(5));
    const used: Holder = { ...full.account, vouchers: [] };
    const after = giveBack(used, full.bought, aRefund(full.bought.purchase, full.bought.purchase.totalMinor));
    expect(after.stamps).toEqual({ coffee: -5 });
    expect(shown(after)).toBe(0);
    expect(shown(buy(after, coffees(6)).account)).toBe(1);
  });

  it('is after a full refund what it was before, in any order of purchases and refunds', () => {
    const quantity = fc.integer({ min: 1, max: 9000 }).map((thousandths) => thousandths / 1000);
    fc.assert(
      fc.property(
        fc.array(quantity, { minLength: 1, maxLength: 5 }),
        fc.infiniteStream(fc.nat()),
        (list, shuffle) => {
          let account = member;
          const all = list.map((one) => {
            const next = buy(account, coffees(one));
            account = next.account;
            return { bought: next.bought, key: shuffle.next().value ?? 0 };
          });
          for (const { bought } of all.sort((a, b) => a.key - b.key))
            account = giveBack(
              account,
              bought,
              aRefund(bought.purchase, { '1': bought.purchase.totalMinor }),
            );
          expect({ stamps: account.stamps, vouchers: account.vouchers, lots: account.lots }).toEqual({
            stamps: {},
            vouchers: [],
            lots: [],
          });
        },
      ),
      runs(1000),
    );
  });

  it('ends the same however a refund is split', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 1, max: 11 }), (units, back) => {
        const taken = Math.min(back, units - 1);
        const end = (parts: number[]) => {
          const start = buy(member, coffees(units));
          return parts.reduce(
            (account, part) => giveBack(account, start.bought, unitsBack(start.bought, part)),
            start.account,
          );
        };
        const [whole, split] = [end([taken]), end(Array.from({ length: taken }, () => 1))];
        expect({ stamps: whole.stamps, vouchers: whole.vouchers.length, lots: whole.lots }).toEqual({
          stamps: split.stamps,
          vouchers: split.vouchers.length,
          lots: split.lots,
        });
        expect(shown(whole)).toBe((units - taken) % 5);
      }),
      runs(1000),
    );
  });
});

/** One line of coffees that comes back in parts: money, units, the whole order. */
interface Back {
  readonly minor: number;
  readonly units: number;
  readonly order: boolean;
}

const backs = fc.array(
  fc.record({ minor: fc.integer({ min: 0, max: 1500 }), units: fc.nat(2), order: fc.boolean() }),
  { minLength: 1, maxLength: 5 },
);

function refundOf(purchase: RecordedPurchase, { minor, units, order }: Back): RecordedRefund {
  if (order) return aRefund(purchase, Math.max(1, minor));
  const line = { lineId: '1', amountMinor: minor, ...(units > 0 ? { quantity: units } : {}) };
  return { ...aRefund(purchase, {}), lines: [line] };
}

/** What is left of the card, every voucher counted with the stamps that paid for it. */
const worthOf = ({ stamps, vouchers }: Holder) => ({
  stamps: (stamps['coffee'] ?? 0) + vouchers.reduce((sum, voucher) => sum + voucher.stamps, 0),
  vouchers: vouchers.length,
});

describe('money that is given back without units', () => {
  const five = coffees(5, 1500);
  const left = (minor: number, order: boolean) => {
    const { account, bought } = buy(member, five);
    return worthOf(giveBack(account, bought, refundOf(five, { minor, units: 0, order }))).stamps;
  };

  it.each([
    [1, 4],
    [299, 4],
    [300, 4],
    [301, 3],
    [1499, 0],
    [1500, 0],
  ])('%i of 1500 leaves %i of five stamps, by line and of the whole order', (minor, stamps) => {
    expect([left(minor, false), left(minor, true)]).toEqual([stamps, stamps]);
  });

  it('takes the voucher that its stamps paid for, and what a used one cost stays owed', () => {
    const { account, bought } = buy(member, five);
    const after = giveBack(account, bought, refundOf(five, { minor: 1499, units: 0, order: true }));
    expect(after).toMatchObject({ vouchers: [], stamps: {} });
    const used = giveBack(
      { ...account, vouchers: [] },
      buy(member, five).bought,
      aRefund(five, { '1': 1499 }),
    );
    expect(used.stamps).toEqual({ coffee: -5 });
    expect(shown(buy(used, coffees(6)).account)).toBe(1);
  });

  it('takes no more than its units where these are named, however their share was rounded', () => {
    const three = coffees(3, 1000);
    for (const amounts of [
      [333, 333, 334],
      [334, 333, 333],
      [334, 334, 332],
    ]) {
      let { account, bought } = buy(member, three);
      for (const [at, minor] of amounts.entries()) {
        account = giveBack(account, bought, refundOf(three, { minor, units: 1, order: false }));
        expect(worthOf(account).stamps).toBe(2 - at);
      }
    }
  });

  it('ends the same in any splitting and order of money and units, takes only, and all of it leaves nothing', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 4000 }),
        backs,
        fc.boolean(),
        (units, amountMinor, all, isUsed) => {
          const purchase = coffees(units, amountMinor);
          const start = buy(member, purchase);
          const first: Holder = isUsed ? { ...start.account, vouchers: [] } : start.account;
          const end = (refunds: readonly Back[]) => {
            const bought = { ...start.bought };
            return refunds.reduce((account, back) => {
              const next = giveBack(account, bought, refundOf(purchase, back));
              expect(worthOf(next).stamps).toBeLessThanOrEqual(worthOf(account).stamps);
              return next;
            }, first);
          };
          const [orders, lines] = [all.filter(({ order }) => order), all.filter(({ order }) => !order)];
          const sum = (list: readonly Back[], order: boolean): Back[] =>
            list.length === 0
              ? []
              : [
                  {
                    minor: list.reduce((total, { minor }) => total + (order ? Math.max(1, minor) : minor), 0),
                    units: list.reduce((total, one) => total + one.units, 0),
                    order,
                  },
                ];
          const once = worthOf(end([...sum(lines, false), ...sum(orders, true)]));
          expect(worthOf(end(all))).toEqual(once);
          expect(worthOf(end(all.toReversed()))).toEqual(once);
          const whole = end([...all, { minor: amountMinor, units: 0, order: false }]);
          const cost = isUsed ? start.account.vouchers.reduce((total, one) => total + one.stamps, 0) : 0;
          expect(worthOf(whole).stamps).toBe(0 - cost);
        },
      ),
      runs(2000),
    );
  });
});

describe('what cost nothing', () => {
  const free = () => ({ ...coffees(5, 0), totalMinor: 0 });
  const allowing = defaultProgram({
    bonuses: {},
    stamps: program.stamps.map((card) => ({ ...card, free: true })),
  });

  it('fills no card unless the card says so, nor does what only settles a sum', () => {
    expect(buy(member, free()).account).toMatchObject({ stamps: {}, vouchers: [] });
    expect(buy(member, free(), allowing).account.vouchers).toHaveLength(1);
    const settled = { ...coffees(5), lines: [{ ...coffees(5).lines[0], category: 'deposit' }] };
    const any = defaultProgram({ stamps: program.stamps.map((card) => ({ ...card, when: 'true' })) });
    expect(buy(member, settled as RecordedPurchase, any).account.stamps).toEqual({});
  });

  it('is given back by its units, where it fills', () => {
    const { account, bought } = buy(member, free(), allowing);
    const two = giveBack(account, bought, refundOf(bought.purchase, { minor: 0, units: 2, order: false }));
    expect(worthOf(two)).toEqual({ stamps: 3, vouchers: 0 });
    expect(giveBack(two, bought, aRefund(bought.purchase, 0)).stamps).toEqual({});
  });
});

describe('what one purchase and one day give', () => {
  const more = (max: { perPurchase?: number; perDay?: number }) =>
    defaultProgram({ bonuses: {}, stamps: program.stamps.map((card) => ({ ...card, ...max })) });

  it('is 20 stamps where the card says nothing, and no purchase of one card comes near the vouchers of one entry', () => {
    const { account, bought } = buy(member, coffees(1_000_000, 100));
    expect(worthOf(account)).toEqual({ stamps: 20, vouchers: 4 });
    expect(bought.record.earning?.terms.stampCards).toMatchObject([{ max: 20, over: 999_980 }]);
    // The day is full; the next day begins by the programme's clock.
    const again = buy(account, coffees(3)).account;
    expect(worthOf(again).stamps).toBe(20);
    const late = { ...coffees(3), occurredAt: '2026-11-22T22:59:59Z' };
    const next = { ...coffees(3), occurredAt: '2026-11-22T23:00:00Z' };
    expect(worthOf(buy(account, late).account).stamps).toBe(20);
    expect(worthOf(buy(account, next).account).stamps).toBe(23);
  });

  it('is what the card says', () => {
    expect(worthOf(buy(member, coffees(9), more({ perPurchase: 4 })).account).stamps).toBe(4);
    const daily = more({ perDay: 6 });
    const first = buy(member, coffees(4), daily);
    expect(worthOf(buy(first.account, coffees(4), daily).account).stamps).toBe(6);
  });

  it('is there again for the day once it was given back', () => {
    const full = buy(member, coffees(25));
    const back = giveBack(full.account, full.bought, aRefund(full.bought.purchase, { '1': 7500 }));
    expect(back).toMatchObject({ stamps: {}, vouchers: [] });
    expect(back.stampDays).toBeUndefined();
    expect(worthOf(buy(back, coffees(7)).account).stamps).toBe(7);
  });

  it('a refund takes nothing as long as what remains fills as much', () => {
    const start = buy(member, coffees(30));
    const fewer = giveBack(start.account, start.bought, unitsBack(start.bought, 8));
    expect(worthOf(fewer).stamps).toBe(20);
    expect(worthOf(giveBack(fewer, start.bought, unitsBack(start.bought, 3))).stamps).toBe(19);
  });

  it('keeps the law of refunds: all of them leave what was there, in any order and splitting', () => {
    const bought = fc.record({
      units: fc.integer({ min: 1, max: 40 }),
      hours: fc.integer({ min: 0, max: 60 }),
    });
    const bounds = fc.record({
      perPurchase: fc.integer({ min: 1, max: 25 }),
      perDay: fc.integer({ min: 1, max: 40 }),
    });
    fc.assert(
      fc.property(
        bounds,
        fc.array(bought, { minLength: 1, maxLength: 5 }),
        fc.infiniteStream(fc.nat(99)),
        (max, list, keys) => {
          const bounded = more(max);
          const key = () => keys.next().value ?? 0;
          let account = member;
          const all = list.map(({ units, hours }) => {
            const occurredAt = new Date(noon - hours * 3_600_000).toISOString();
            const next = buy(account, { ...coffees(units), occurredAt }, bounded);
            account = next.account;
            const days = Object.values(account.stampDays?.['coffee'] ?? {});
            const given = days.map((day) => (typeof day === 'number' ? day : day.given));
            expect(Math.max(0, ...given)).toBeLessThanOrEqual(max.perDay);
            return next.bought;
          });
          const refunds = all.flatMap((one) => {
            const [line] = one.purchase.lines;
            const units = line?.quantity ?? 1;
            const first = 1 + (key() % units);
            const parts = first === units ? [units] : [first, units - first];
            return parts.map((part) => ({ one, part, key: key() }));
          });
          for (const { one, part } of refunds.sort((a, b) => a.key - b.key))
            account = giveBack(account, one, unitsBack(one, part));
          expect({ stamps: account.stamps, days: account.stampDays, vouchers: account.vouchers }).toEqual({
            stamps: {},
            days: undefined,
            vouchers: [],
          });
        },
      ),
      runs(1000),
    );
  });

  it('ends the same in whatever order the purchases and refunds of days arrive, with nights between or without', () => {
    const sale = fc.record({
      units: fc.integer({ min: 1, max: 30 }),
      days: fc.integer({ min: 0, max: 2 }),
      back: fc.array(fc.integer({ min: 1, max: 15 }), { maxLength: 3 }),
    });
    const bounds = fc.record({
      perPurchase: fc.integer({ min: 1, max: 25 }),
      perDay: fc.integer({ min: 1, max: 40 }),
    });
    let bound = 0;
    fc.assert(
      fc.property(
        bounds,
        fc.array(sale, { minLength: 2, maxLength: 5 }),
        fc.infiniteStream(fc.nat(999)),
        (max, list, keys) => {
          const bounded = more(max);
          const sales = list.map(({ units, days, back }) => {
            const occurredAt = new Date(noon - days * 86_400_000).toISOString();
            let left = units;
            const refunds = back.map((wanted) => {
              const part = Math.min(wanted, left);
              left -= part;
              return part;
            });
            return {
              purchase: { ...coffees(units), occurredAt },
              refunds: refunds.filter((part) => part > 0),
            };
          });
          const steps = sales.flatMap((one) => [
            { one, part: 0 },
            ...one.refunds.map((part) => ({ one, part })),
          ]);
          /** A refund that comes first waits for its purchase. */
          const ends = () => {
            let account = member;
            const posted = new Map<(typeof sales)[number], Bought>();
            const waiting = new Map<(typeof sales)[number], number[]>();
            const order = steps.map((step) => ({ step, key: keys.next().value ?? 0 }));
            for (const { step, key } of order.sort((a, b) => a.key - b.key)) {
              const { one, part } = step;
              if (key % 3 === 0) account = withVouchers(account, settle(bounded, account, noon));
              const known = posted.get(one);
              if (part > 0 && !known) waiting.set(one, [...(waiting.get(one) ?? []), part]);
              else if (part > 0 && known) account = giveBack(account, known, unitsBack(known, part));
              else {
                const next = buy(account, one.purchase, bounded);
                posted.set(one, next.bought);
                account = next.account;
                for (const late of waiting.get(one) ?? [])
                  account = giveBack(account, next.bought, unitsBack(next.bought, late));
              }
            }
            const days = Object.values(account.stampDays?.['coffee'] ?? {});
            if (days.some((count) => typeof count !== 'number')) bound++;
            return { stamps: account.stamps, days: account.stampDays, vouchers: account.vouchers.length };
          };
          expect(ends()).toEqual(ends());
        },
      ),
      runs(1000),
    );
    expect(bound).toBeGreaterThan(often(100));
  });

  it('leaves a day full as long as its other purchases fill it', () => {
    const [first, second] = [coffees(15), coffees(10)];
    const one = buy(member, first);
    const both = buy(one.account, second);
    expect(worthOf(both.account).stamps).toBe(20);
    const back = giveBack(both.account, one.bought, unitsBack(one.bought, 4));
    expect(worthOf(back).stamps).toBe(20);
    const less = giveBack(back, one.bought, unitsBack(one.bought, 11));
    expect(worthOf(less).stamps).toBe(10);
    expect(worthOf(giveBack(less, both.bought, unitsBack(both.bought, 10)))).toEqual({
      stamps: 0,
      vouchers: 0,
    });
  });

  it('never gives more than a purchase brings, nor takes more, where the bound has moved in between', () => {
    const full = buy(member, coffees(20), more({ perPurchase: 50, perDay: 10 }));
    const raised = buy(full.account, coffees(3), more({ perDay: 40 }));
    expect(worthOf(raised.account).stamps).toBe(13);
    const lowered = buy(raised.account, coffees(3), more({ perDay: 5 }));
    expect(worthOf(lowered.account).stamps).toBe(13);
    let account = lowered.account;
    for (const { bought } of [full, raised, lowered])
      account = giveBack(account, bought, unitsBack(bought, bought.purchase.lines[0]?.quantity ?? 0));
    expect([account.stamps, account.stampDays]).toEqual([{}, undefined]);
  });

  it('days are forgotten after a while, and a purchase of such a day is bounded by itself alone', () => {
    const old = { ...coffees(25), occurredAt: '2026-10-01T12:00:00Z' };
    const { account } = buy(member, old);
    expect(account.stampDays).toBeUndefined();
    expect(worthOf(buy(account, { ...old, id: 'store:other' }).account).stamps).toBe(40);
  });
});

describe('of several unused vouchers', () => {
  it('the newest are revoked, and only those of the card', () => {
    const voucher = (place: number, stampId = 'coffee') => ({
      voucherId: `vou_${String(place).padStart(26, '0')}` as VoucherId,
      stampId,
      rewardId: 'free-coffee',
      stamps: 5,
      expiresAt: null,
    });
    const vouchers = [voucher(1), voucher(2, 'tea'), voucher(3), voucher(4), voucher(5, 'tea')];
    const account = { ...member, stamps: { coffee: 1 } };
    const { revoked, stamps } = takeStamps(account, [{ id: 'coffee', count: 7 }], undefined, vouchers, noon);
    expect(revoked).toEqual([voucher(4).voucherId, voucher(3).voucherId]);
    expect(stamps).toEqual([{ id: 'coffee', count: 3 }]);
  });
});

describe('several cards', () => {
  const [coffee] = program.stamps;
  if (!coffee) throw new Error('The default programme has a stamp card.');
  const tea = { ...coffee, id: 'tea', of: 3, reward: 'vip-evening', perPurchase: 4 };
  const both = { ...program, stamps: [coffee, tea] };
  const day = '2026-11-22';
  const ofDay = { day, cards: [] };
  const matched = (id: string, lines = ['1']) => ({ id, lines });

  it('each have their own bounds', () => {
    const bound = (units: number) =>
      boundStamps({ ...both, stamps: [coffee, { ...tea, perDay: 9 }] }, cards, () => units);
    const cards = [matched('coffee'), matched('tea')];
    // What a card says nothing of is not kept, for it is in every purchase.
    const [a, b] = [matched('coffee'), { ...matched('tea'), perDay: 9 }];
    expect(bound(4)).toEqual([a, b]);
    expect(bound(5)).toEqual([a, { ...b, max: 4, over: 1 }]);
    // A day that gives less than a purchase bounds the purchase.
    expect(boundStamps(both, [matched('tea')], () => 5)).toEqual([{ ...matched('tea'), max: 4, over: 1 }]);
    const small = { ...both, stamps: [{ ...coffee, perDay: 2 }] };
    expect(boundStamps(small, [matched('coffee')], () => 5)).toEqual([
      { ...matched('coffee'), perDay: 2, max: 2, over: 3 },
    ]);
  });

  it('are counted where something is left of them', () => {
    const units = (id: string) => (id === '1' ? 2 : 0);
    const stamps = [matched('coffee', ['1', '2']), matched('tea', ['2']), { ...matched('x'), max: 1 }];
    expect(countStamps(stamps, units)).toEqual([
      { id: 'coffee', count: 2 },
      { id: 'x', count: 1 },
    ]);
  });

  it('each issue their own vouchers, one that never ends among them', () => {
    const added = [
      { id: 'coffee', count: 6 },
      { id: 'tea', count: 4 },
    ];
    expect(addStamps(both, { ...member, stamps: { tea: 1 } }, added, ofDay, noon)).toMatchObject({
      stamps: [
        { id: 'coffee', count: 1 },
        { id: 'tea', count: 1 },
      ],
      issued: [
        { stampId: 'coffee', rewardId: 'free-coffee', stamps: 5, expiresAt: '2027-01-21T12:00:00Z' },
        { stampId: 'tea', rewardId: 'vip-evening', stamps: 3, expiresAt: null },
      ],
      revoked: [],
      given: { day, counts: added },
    });
  });

  it('say nothing where nothing comes or goes, and of no day where none is known', () => {
    const none = { stamps: [], issued: [], revoked: [] };
    expect(addStamps(both, member, [], ofDay, noon)).toEqual(none);
    expect(takeStamps(member, [], ofDay, [], noon)).toEqual(none);
    const taken = [{ id: 'coffee', count: 2 }];
    expect(takeStamps(member, taken, undefined, [], noon)).not.toHaveProperty('given');
    expect(takeStamps(member, taken, ofDay, [], noon).given).toEqual({
      day,
      counts: [{ id: 'coffee', count: -2 }],
    });
  });

  it('issue and revoke no more vouchers at once than a transaction holds; the other stamps stay', () => {
    const count = 5 * (issuedMax + 1);
    const { issued, stamps } = addStamps(both, member, [{ id: 'coffee', count }], ofDay, noon);
    expect(issued).toHaveLength(issuedMax);
    expect(stamps).toEqual([{ id: 'coffee', count: 5 }]);
    const vouchers = Array.from({ length: revokedMax + 1 }, (_, place) => ({
      voucherId: `vou_${String(place).padStart(26, '0')}` as VoucherId,
      stampId: 'coffee',
      rewardId: 'free-coffee',
      stamps: 5,
      expiresAt: null,
    }));
    const all = [{ id: 'coffee', count: 5 * vouchers.length }];
    const taken = takeStamps(member, all, ofDay, vouchers, noon);
    expect(taken.revoked).toHaveLength(revokedMax);
    expect(taken.stamps).toEqual([{ id: 'coffee', count: -5 }]);
  });
});

describe('the days that stamps were given of', () => {
  const now = '2026-11-22T12:00:00Z';
  const given = (day: string, id: string, count: number) => ({ day, counts: [{ id, count }] });

  it('are kept for 35 days, in order, and without those of which none are left', () => {
    const days = foldStampDays(undefined, given('2026-11-22', 'coffee', 2), now);
    expect(days).toEqual({ coffee: { '2026-11-22': 2 } });
    const two = foldStampDays(days, given('2026-10-18', 'coffee', 3), now);
    expect(Object.entries(two?.['coffee'] ?? {})).toEqual([
      ['2026-10-18', 3],
      ['2026-11-22', 2],
    ]);
    expect(foldStampDays(two, given('2026-11-22', 'coffee', 1), '2026-11-23T00:00:00Z')).toEqual({
      coffee: { '2026-11-22': 3 },
    });
    expect(foldStampDays(two, given('2026-11-22', 'coffee', -2), now)).toEqual({
      coffee: { '2026-10-18': 3 },
    });
    expect(foldStampDays(days, given('2026-11-22', 'coffee', -2), now)).toBeUndefined();
    expect(foldStampDays(days, undefined, now)).toEqual(days);
    expect(foldStampDays(undefined, undefined, now)).toBeUndefined();
  });

  it('that have brought more than they gave stay longer, the last forty of a card', () => {
    const day = (index: number) => new Date(Date.parse(now) - index * 86_400_000).toISOString().slice(0, 10);
    let days = foldStampDays(undefined, given(day(0), 'coffee', 1), now);
    for (let index = 0; index < 41; index++) {
      const brought = [{ id: 'coffee', count: 25 }];
      const at = new Date(Date.parse(now) - index * 86_400_000).toISOString();
      days = foldStampDays(days, { ...given(day(index), 'coffee', 20), brought }, at);
    }
    const later = foldStampDays(days, undefined, '2027-06-01T00:00:00Z')?.['coffee'] ?? {};
    expect(Object.keys(later)).toEqual(Array.from({ length: 40 }, (_, index) => day(39 - index)));
    expect(later[day(1)]).toEqual({ brought: 25, given: 20 });
    const gone = { ...given(day(1), 'coffee', -20), brought: [{ id: 'coffee', count: -25 }] };
    expect(foldStampDays({ coffee: later }, gone, '2027-06-01T00:00:00Z')?.['coffee']).not.toHaveProperty(
      day(1),
    );
  });

  it('of two members are added up, card by card', () => {
    const full = { coffee: { '2026-11-22': { brought: 25, given: 20 } } };
    expect(addedDays(full, { coffee: { '2026-11-22': 2 } })).toEqual({
      coffee: { '2026-11-22': { brought: 27, given: 22 } },
    });
    const one = { coffee: { '2026-11-20': 1, '2026-11-22': 2 }, tea: { '2026-11-21': 1 } };
    const other = { coffee: { '2026-11-22': 3, '2026-11-21': 4 }, constructor: { '2026-11-02': 1 } };
    const sum = addedDays(one, other);
    expect(sum).toEqual({
      coffee: { '2026-11-20': 1, '2026-11-21': 4, '2026-11-22': 5 },
      tea: { '2026-11-21': 1 },
      constructor: { '2026-11-02': 1 },
    });
    expect(Object.keys(sum?.['coffee'] ?? {})).toEqual(['2026-11-20', '2026-11-21', '2026-11-22']);
    expect([addedDays(one, undefined), addedDays(undefined, other)]).toEqual([one, other]);
    expect(addedDays(undefined, undefined)).toBeUndefined();
  });
});

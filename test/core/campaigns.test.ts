import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Account } from '../../core/account.ts';
import { bonusPoints, lineMultiplier, weighted } from '../../core/campaigns.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import { award, clawBack, enrol } from '../../core/points.ts';
import type { ProgramDocument } from '../../core/program.ts';
import { addRefund, worth } from '../../core/purchases.ts';
import { aPurchase, aRefund, defaultProgram, noon, recordOf, runs } from '../support/world.ts';

const memberId = 'mem_01JD0000000000000000000000' as MemberId;
type Campaign = ProgramDocument['campaigns'][number];

/** A campaign that holds all of November 2026, unless changed. */
function campaign(changes: Partial<Campaign>): Campaign {
  const november = { from: '2026-11-01T00:00:00+01:00', to: '2026-12-01T00:00:00+01:00' };
  return { id: 'c1', name: 'C', ...november, ...changes };
}

function programWith(changes: Partial<ProgramDocument>) {
  return defaultProgram({ bonuses: {}, ...changes });
}

function member(program = programWith({})): Account {
  return enrol(program, memberId, noon).account;
}

/** Two lines of ten euros each: coffee and tea. */
function coffeeAndTea(
  more: Pick<Partial<RecordedPurchase>, 'channel' | 'occurredAt'> = {},
): RecordedPurchase {
  const purchase = aPurchase([1000, 1000], more);
  const lines = purchase.lines.map((line, index) => ({ ...line, category: index === 0 ? 'coffee' : 'tea' }));
  return { ...purchase, lines };
}

function earned(campaigns: Campaign[], purchase = coffeeAndTea(), account?: Account): number {
  const program = programWith({ campaigns });
  return award(program, account ?? member(program), purchase, noon).earning.points;
}

describe('campaigns', () => {
  const coffee = "line.category == 'coffee'";

  it('multiply the lines that their condition matches, and no others', () => {
    expect(earned([campaign({ when: coffee, multiplier: '2' })])).toBe(30);
    expect(earned([campaign({ multiplier: '2' })])).toBe(40);
    expect(earned([campaign({ when: "line.category == 'wine'", multiplier: '2' })])).toBe(20);
  });

  it('hold from their first instant to just before their last, by when the purchase occurred', () => {
    const during = (occurredAt: string) =>
      earned([campaign({ multiplier: '2' })], coffeeAndTea({ occurredAt }));
    expect(during('2026-10-31T22:59:59Z')).toBe(20);
    expect(during('2026-10-31T23:00:00Z')).toBe(40);
    expect(during('2026-11-30T22:59:59Z')).toBe(40);
    expect(during('2026-11-30T23:00:00Z')).toBe(20);
  });

  it('only the best counts, and those that stack multiply onto it', () => {
    const double = campaign({ id: 'a', multiplier: '2' });
    const triple = campaign({ id: 'b', when: coffee, multiplier: '3' });
    const half = campaign({ id: 'c', multiplier: '1.5', stacks: true });
    expect(earned([double, triple])).toBe(30 + 20);
    expect(earned([half])).toBe(30);
    expect(earned([double, triple, half])).toBe(45 + 30);
  });

  it('ask for channels, tiers and a minimum of the whole purchase', () => {
    expect(earned([campaign({ multiplier: '2', channels: ['app'] })])).toBe(20);
    expect(earned([campaign({ multiplier: '2', channels: ['store', 'app'] })])).toBe(40);
    expect(earned([campaign({ multiplier: '2', tiers: ['intime'] })])).toBe(20);
    expect(earned([campaign({ multiplier: '2', tiers: ['ami'] })])).toBe(40);
    expect(earned([campaign({ multiplier: '2', minimumMinor: 2000 })])).toBe(40);
    expect(earned([campaign({ multiplier: '2', minimumMinor: 2001 })])).toBe(20);
  });

  it('give bonus points once per purchase with a matching line, beyond the cap and all multipliers', () => {
    expect(earned([campaign({ when: coffee, bonusPoints: 100 })])).toBe(120);
    expect(earned([campaign({ bonusPoints: 100 })], coffeeAndTea({ channel: 'app' }))).toBe(124);
    const program = programWith({ maxPointsPerPurchase: 5, campaigns: [campaign({ bonusPoints: 100 })] });
    expect(award(program, member(program), coffeeAndTea(), noon).earning.points).toBe(105);
  });

  it('do not count for tiers', () => {
    const program = programWith({
      campaigns: [campaign({ multiplier: '9' })],
    });
    const { earning } = award(program, member(program), coffeeAndTea(), noon);
    expect(earning).toMatchObject({ points: 180, qualifyingPoints: 20 });
  });

  it('are taken back with what they were given for, and when the minimum is no longer reached', () => {
    const program = programWith({
      campaigns: [
        campaign({ id: 'a', when: coffee, bonusPoints: 100 }),
        campaign({ id: 'b', multiplier: '2', minimumMinor: 1500 }),
      ],
    });
    const purchase = coffeeAndTea();
    const { earning } = award(program, member(program), purchase, noon);
    const worthAfter = (refund: Parameters<typeof aRefund>[1]) =>
      worth(addRefund(recordOf(purchase, earning), aRefund(purchase, refund)).record, earning).points;
    expect(earning.points).toBe(140);
    expect(worthAfter({ '2': 500 })).toBe(100 + 30);
    expect(worthAfter({ '2': 1000 })).toBe(100 + 10);
    expect(worthAfter({ '1': 1000 })).toBe(10);
    expect(worthAfter({ '1': 1000, '2': 1000 })).toBe(0);
    expect(worthAfter(2000)).toBe(0);
  });
});

describe('a campaign with a budget', () => {
  const program = programWith({ campaigns: [campaign({ id: 'b', multiplier: '3', budgetPoints: 100 })] });
  const buy = (left: number) => award(program, member(program), coffeeAndTea(), noon, { b: left }).earning;

  it('gives what it adds, as long as it has it, and the last purchase gets the rest', () => {
    expect(buy(100)).toMatchObject({ points: 60, terms: { campaigns: [{ budgetPoints: 40 }] } });
    expect(buy(15)).toMatchObject({ points: 35, terms: { campaigns: [{ budgetPoints: 15 }] } });
    expect(buy(0)).toMatchObject({ points: 20 });
    expect(buy(0).terms.campaigns).toBeUndefined();
  });

  it('stands aside where its rest would give less than the other campaigns', () => {
    const double = campaign({ id: 'd', multiplier: '2', budgetPoints: 100 });
    const triple = campaign({ id: 'b', multiplier: '3', budgetPoints: 100 });
    const rules = programWith({ campaigns: [triple, double] });
    const points = (left: number) =>
      award(rules, member(rules), coffeeAndTea(), noon, { b: left, d: 100 }).earning.points;
    expect([points(100), points(8), points(0)]).toEqual([60, 40, 40]);
  });

  it('takes back no more than it gave', () => {
    const purchase = coffeeAndTea();
    const { earning } = award(program, member(program), purchase, noon, { b: 15 });
    const left = (amount: number) =>
      worth(addRefund(recordOf(purchase, earning), aRefund(purchase, { '1': amount })).record, earning)
        .points;
    // Ten euros are left, which would have tripled to 30: 10 of their own and all that was given.
    expect(left(1000)).toBe(25);
    expect(left(0)).toBe(35);
  });
});

describe('visits', () => {
  const visits = { points: 5, minimumMinor: 1000, coolDownHours: 12 };
  const program = programWith({ visits });
  const buy = (account: Account, amount: number, occurredAt: string) =>
    award(program, account, aPurchase([amount], { occurredAt }), noon);

  it('earn points of their own, from the minimum on, and not again within the cool-down', () => {
    expect(buy(member(program), 999, '2026-11-21T08:00:00Z').earning.points).toBe(9);
    const first = buy(member(program), 1000, '2026-11-21T08:00:00Z');
    expect(first.earning.points).toBe(15);
    expect(buy(first.account, 1000, '2026-11-21T19:59:59Z').earning.points).toBe(10);
    expect(buy(first.account, 1000, '2026-11-21T20:00:00Z').earning.points).toBe(15);
    // A purchase that arrives late is held against the visit that it precedes.
    expect(buy(first.account, 1000, '2026-11-20T21:00:00Z').earning.points).toBe(10);
  });

  it('are none of a purchase of which nothing earns, and so do not hold back the next', () => {
    const purchase = aPurchase([5000], { occurredAt: '2026-11-21T08:00:00Z' });
    const lines = purchase.lines.map((line) => ({ ...line, category: 'gift-card' }));
    const card = award(program, member(program), { ...purchase, lines }, noon);
    expect([card.earning.points, card.account.lastVisitAt]).toEqual([0, null]);
    expect(buy(card.account, 1000, '2026-11-21T09:00:00Z').earning.points).toBe(15);
  });

  it('go back with a refund below the minimum, and the visit before counts again', () => {
    const first = buy(member(program), 1000, '2026-11-20T08:00:00Z');
    const purchase = aPurchase([2000], { occurredAt: '2026-11-21T08:00:00Z' });
    const { account, earning } = award(program, first.account, purchase, noon);
    expect(account.lastVisitAt).toBe(purchase.occurredAt);
    const record = addRefund(recordOf(purchase, earning), aRefund(purchase, { '1': 1500 })).record;
    const target = worth(record, earning);
    expect(target.points).toBe(5);
    const refund = { id: 'store:R', occurredAt: '2026-11-21T09:00:00Z' };
    const back = clawBack(program, account, earning, target, refund, noon);
    expect(back.account.lastVisitAt).toBe('2026-11-20T08:00:00Z');
  });
});

describe('whatever the programme adds to earning', () => {
  const added = fc.record({
    multiplier: fc.constantFrom('1', '1.5', '2', '0.5'),
    stacks: fc.boolean(),
    bonus: fc.nat(50),
    minimumMinor: fc.nat(40_000),
    visit: fc.nat(20),
  });
  const lines = fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 4 });

  it('a full refund leaves exactly what was there before', () => {
    fc.assert(
      fc.property(
        added,
        lines,
        fc.boolean(),
        ({ multiplier, stacks, bonus, minimumMinor, visit }, amounts, whole) => {
          const program = programWith({
            campaigns: [
              campaign({ id: 'a', multiplier, minimumMinor, ...(stacks ? { stacks } : {}) }),
              campaign({ id: 'b', bonusPoints: bonus + 1, minimumMinor, when: 'line.amountMinor > 100' }),
            ],
            visits: { points: visit + 1, minimumMinor, coolDownHours: 1 },
          });
          const start = award(program, member(program), aPurchase([5000]), noon).account;
          const purchase = aPurchase(amounts, { occurredAt: '2026-11-20T11:00:00Z' });
          const { account, earning } = award(program, start, purchase, noon);
          const everything = Object.fromEntries(purchase.lines.map((line) => [line.id, line.amountMinor]));
          const refund = aRefund(purchase, whole ? purchase.totalMinor : everything);
          const { record } = addRefund(recordOf(purchase, earning), refund);
          const end = clawBack(program, account, earning, worth(record, earning), refund, noon).account;
          const state = ({ lots, debt, lifetime, tier, qualifying, lastVisitAt }: Account) => ({
            lots,
            debt,
            lifetime,
            tier,
            qualifying,
            lastVisitAt,
          });
          // A purchase of nothing is worth nothing to begin with, and has nothing to give back.
          if (purchase.totalMinor > 0) expect(state(end)).toEqual(state(start));
        },
      ),
      runs(1000),
    );
  });
});

describe('what campaigns are worth on what remains', () => {
  const lines = [
    { id: 'a', amountMinor: 1_000 },
    { id: 'b', amountMinor: 501 },
    { id: 'c', amountMinor: 0 },
  ];
  const applied = fc.record(
    {
      id: fc.string({ maxLength: 3 }),
      multiplier: fc.constantFrom('1', '2', '1.5', '0.25', '3', '1.125'),
      stacks: fc.constant(true as const),
      minimumMinor: fc.constantFrom(1_500, 1_501, 1_502),
      lines: fc.subarray(['c', 'b', 'a'], { minLength: 1 }),
    },
    { requiredKeys: ['id'] },
  );

  it('is each line times the highest multiplier, times every one that stacks, also where all are summed at once', () => {
    fc.assert(
      fc.property(fc.array(applied, { maxLength: 4 }), (campaigns) => {
        const counts = campaigns.filter(({ minimumMinor = 0 }) => minimumMinor <= 1_501);
        const of = (id: string) => {
          const met = counts.filter(({ lines: ids }) => !ids || ids.includes(id));
          const all = met.flatMap(({ multiplier, stacks }) =>
            multiplier ? [{ by: Number(multiplier), stacks }] : [],
          );
          const single = all.filter(({ stacks }) => !stacks).map(({ by }) => by);
          const stacked = all.filter(({ stacks }) => stacks).reduce((product, { by }) => product * by, 1);
          return (single.length > 0 ? Math.max(...single) : 1) * stacked;
        };
        for (const { id } of lines) expect(Number(lineMultiplier(campaigns, id, 1_501) ?? '1')).toBe(of(id));
        const { units, of: scale } = weighted(campaigns, lines, 1_501);
        const sum = lines.reduce((total, { id, amountMinor }) => total + amountMinor * of(id), 0);
        expect(units / scale).toBeCloseTo(sum, 6);
        expect(lineMultiplier([], 'a', 1_501)).toBeUndefined();
      }),
      runs(2_000),
    );
  });

  it('is a bonus where a line of it is left, and what remains reaches its minimum', () => {
    const bonus = (more: object, totalMinor = 1_501) =>
      bonusPoints(
        [
          { id: 'x', bonusPoints: 30, ...more },
          { id: 'y', multiplier: '2' },
        ],
        lines,
        totalMinor,
      );
    expect(bonus({})).toBe(30);
    expect(bonus({ lines: ['b'] })).toBe(30);
    expect(bonus({ lines: ['c'] })).toBe(0);
    expect(bonus({ minimumMinor: 1_501 })).toBe(30);
    expect(bonus({ minimumMinor: 1_502 })).toBe(0);
    expect(bonus({ minimumMinor: 1_000 }, 999)).toBe(0);
  });
});

it('a campaign is for the members that it lists, by whichever of their ids', () => {
  const stranger = 'mem_01JD0000000000000000000001' as MemberId;
  const listed = [campaign({ multiplier: '2', members: [memberId] })];
  expect(earned(listed)).toBe(40);
  const other = { ...member(), memberId: stranger };
  expect(earned(listed, coffeeAndTea(), other)).toBe(20);
  expect(earned(listed, coffeeAndTea(), { ...other, merged: [memberId] })).toBe(40);
  expect(earned(listed, coffeeAndTea(), { ...member(), merged: [stranger] })).toBe(40);
});

it('a condition is asked of each line by what it reads: of none, of one field, of several', () => {
  const met = (when: string) => earned([campaign({ when, multiplier: '2' })]);
  expect(met('purchase.lineCount > 1')).toBe(40);
  expect(met('purchase.lineCount > 2')).toBe(20);
  expect(met("line.category == 'tea' && line.amountMinor > 999")).toBe(30);
  expect(met("line.category == 'tea' && line.amountMinor > 1000")).toBe(20);
  // What was said of a category is said again, of others something else.
  const program = programWith({ campaigns: [campaign({ when: "line.category == 'tea'", multiplier: '2' })] });
  for (const times of [1, 2])
    expect([times, award(program, member(program), coffeeAndTea(), noon).earning.points]).toEqual([
      times,
      30,
    ]);
});

/** What a backtest adds up over members, and what it says of it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyAccount } from '../../core/account.ts';
import { compileCandidate } from '../../core/backtest/candidate.ts';
import { refuseInvariant } from '../../core/backtest/invariants.ts';
import { reportOf } from '../../core/backtest/report.ts';
import { type BacktestSums, backtest, mergeSums, noSums } from '../../core/backtest/sums.ts';
import type { MemberWindow } from '../../core/backtest/window.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { backtestAnswer } from '../../core/contract/shapes/plan.ts';
import { type ProgramDocument, programDocument } from '../../core/program.ts';
import { programDifference } from '../../core/program-difference.ts';
import { aPurchase, defaultProgram, noon, runs } from '../support/world.ts';

const { version: _version, ...document } = defaultProgram();
const to = noon + 86_400_000;

const idOf = (number: number) => `mem_01JD${String(number).padStart(22, '0')}` as MemberId;

/** A member who held a tier and bought once in the window; the entries said `actual` points of it. */
function member(number: number, minor: number, actual: number, tier = 'ami', currency = 'EUR'): MemberWindow {
  const purchase = aPurchase([minor], { currency });
  const start = { ...emptyAccount(idOf(number)), tier: { id: tier, validUntil: null, steps: [] } };
  return {
    memberId: start.memberId,
    start,
    events: [{ type: 'purchase', at: noon, purchase, occurredAt: Date.parse(purchase.occurredAt) }],
    purchases: 1,
    refunds: 0,
    unknown: 0,
    actual: { issued: actual, clawedBack: 0, liability: actual, tier },
  };
}

function sumsOf(members: readonly MemberWindow[], candidate: ProgramDocument = document): BacktestSums {
  const test = backtest(compileCandidate(candidate), document, to);
  for (const one of members) test.add(one);
  return test.sums();
}

function report(
  sums: BacktestSums,
  invariants: readonly string[] = [],
  candidate: ProgramDocument = document,
) {
  const changes = programDifference(document, candidate);
  const answer = reportOf(sums, { from: noon, to, candidate, changes, invariants });
  // What is answered is what the contract promises.
  return backtestAnswer.parse(answer);
}

it('says the same of all members as of parts of them, added up', () => {
  const figures = fc.array(fc.tuple(fc.nat(40), fc.nat(40), fc.constantFrom('EUR', 'JPY', 'USD')), {
    maxLength: 40,
    size: 'max',
  });
  fc.assert(
    fc.property(figures, fc.array(fc.nat(40), { maxLength: 3 }), (all, cuts) => {
      const members = all.map(([points, actual, currency], index) =>
        member(index, points * 100, actual, index % 2 ? 'ami' : 'habitue', currency),
      );
      const ends = [...cuts.sort((a, b) => a - b), all.length];
      const parts = ends.map((end, at) => members.slice(ends[at - 1] ?? 0, end));
      expect(report(mergeSums(parts.map((part) => sumsOf(part))))).toEqual(report(sumsOf(members)));
    }),
    runs(300),
  );
});

describe('the biggest winners and losers', () => {
  it('are the ten with the biggest differences, whatever the order of members', () => {
    const figures = fc.array(fc.tuple(fc.nat(40), fc.nat(40)), { maxLength: 40, size: 'max' });
    fc.assert(
      fc.property(figures, fc.nat(), (all, turn) => {
        const members = all.map(([points, actual], index) => member(index, points * 100, actual));
        const turned = [...members.slice(turn % 40), ...members.slice(0, turn % 40)];
        const differences = all.map(([points, actual], index) => {
          return { memberId: idOf(index), actual, candidate: points, difference: points - actual };
        });
        const ranked = (sign: number) =>
          differences
            .filter(({ difference }) => difference * sign > 0)
            .sort((a, b) => (b.difference - a.difference) * sign || (a.memberId < b.memberId ? -1 : 1))
            .slice(0, 10);
        const { winners, losers } = report(sumsOf(turned));
        expect({ winners, losers }).toEqual({ winners: ranked(1), losers: ranked(-1) });
      }),
      runs(1000),
    );
  });
});

describe('the figures', () => {
  it('add up over members, and over requests', () => {
    const members = [member(1, 10_000, 90), member(2, 70_000, 700, 'complice'), member(3, 100, 5)];
    const whole = sumsOf(members);
    expect(report(whole)).toMatchObject({
      members: 3,
      purchases: 3,
      issued: { actual: 795, candidate: 100 + 875 + 1 },
      liability: { actual: 795, candidate: 976, difference: 181 },
      tierMoves: [],
    });
    let sums = noSums;
    for (const one of members) {
      const test = backtest(compileCandidate(document), document, to, JSON.parse(JSON.stringify(sums)));
      test.add(one);
      sums = test.sums();
    }
    expect(sums).toEqual(whole);
    expect(noSums.members).toBe(0);
  });

  it('tell tiers at the end apart, and which of them is a loss', () => {
    const without = programDocument.parse({
      ...document,
      tiers: [
        { id: 'ami', name: 'Ami', threshold: 0, multiplier: '1' },
        { id: 'soleil', name: 'Soleil', threshold: 800, multiplier: '1' },
        { id: 'intime', name: 'Intime', threshold: 2000, multiplier: '1.5' },
      ],
      rewards: [],
      stamps: [],
    });
    const members = [
      // `complice` is gone: who held it falls to the base tier, or reaches one that is higher than it was.
      member(1, 100, 1, 'complice'),
      member(2, 100, 1, 'complice'),
      member(3, 90_000, 1, 'complice'),
      member(4, 90_000, 1, 'ami'),
      member(5, 100, 1, 'intime'),
    ];
    const sums = sumsOf(members, without);
    expect(report(sums, ['no_member_loses_a_tier'], without)).toMatchObject({
      tierMoves: [
        { from: 'complice', to: 'ami', members: 2 },
        { from: 'ami', to: 'soleil', members: 1 },
        { from: 'complice', to: 'soleil', members: 1 },
      ],
      broken: [
        { invariant: 'no_member_loses_a_tier', members: 2, text: 'No member may lose a tier, and 2 do.' },
      ],
    });
  });
});

it('a tier that goes by another name is no loss', () => {
  const renamed = programDocument.parse({
    ...document,
    tiers: document.tiers.map((tier) => (tier.id === 'ami' ? { ...tier, id: 'friend' } : tier)),
  });
  const { tierMoves, broken } = report(
    sumsOf([member(1, 100, 1)], renamed),
    ['no_member_loses_a_tier'],
    renamed,
  );
  expect(tierMoves).toEqual([{ from: 'ami', to: 'friend', members: 1 }]);
  expect(broken).toEqual([]);
});

describe('an invariant', () => {
  const sums = (changes: Partial<BacktestSums>): BacktestSums => ({ ...noSums, ...changes });
  it.each<[string, Partial<BacktestSums>, Partial<BacktestSums>, string]>([
    [
      'no_member_loses_a_tier',
      { membersLosingTier: 0, membersLosingPoints: 9 },
      { membersLosingTier: 1 },
      'No member may lose a tier, and 1 does.',
    ],
    [
      'no_member_loses_points',
      { membersLosingPoints: 0, membersLosingTier: 9 },
      { membersLosingPoints: 7 },
      'No member may lose points, and 7 do.',
    ],
    [
      'liability_does_not_grow',
      { liability: { actual: 10, candidate: 10 } },
      { liability: { actual: -10, candidate: -9 } },
      'The liability may not grow, and it grows by 1 point.',
    ],
    [
      'liability_grows_at_most:100',
      { liability: { actual: 10, candidate: 110 } },
      { liability: { actual: 10, candidate: 111 } },
      'The liability may grow by at most 100 points, and it grows by 101.',
    ],
    [
      'issued_grows_at_most:12.5',
      { issued: { actual: 8_000, candidate: 9_000 } },
      { issued: { actual: 8_000, candidate: 9_001 } },
      'Points issued may grow by at most 12.5 %, and they grow from 8000 to 9001.',
    ],
    [
      'issued_grows_at_most:0',
      { issued: { actual: 0, candidate: 0 } },
      { issued: { actual: 0, candidate: 1 } },
      'Points issued may grow by at most 0 %, and they grow from 0 to 1.',
    ],
  ])('%s holds up to its border and is broken behind it', (invariant, holds, breaks, text) => {
    expect(refuseInvariant(invariant)).toBeUndefined();
    expect(report(sums(holds), [invariant]).broken).toEqual([]);
    expect(report(sums(breaks), [invariant, invariant]).broken).toMatchObject([{ invariant, text }]);
  });

  it.each([
    [
      'no_member_loses',
      'must be one of no_member_loses_a_tier, no_member_loses_points, liability_does_not_grow',
    ],
    ['', 'must be one of'],
    ['__proto__', 'must be one of'],
    ['no_member_loses_points:5', 'must be no_member_loses_points, without anything behind it'],
    ['liability_grows_at_most', 'must be liability_grows_at_most:<points>, with a whole number of points'],
    ['liability_grows_at_most:1.5', 'must be liability_grows_at_most:<points>'],
    ['liability_grows_at_most:-1', 'must be liability_grows_at_most:<points>'],
    ['issued_grows_at_most:1e3', 'must be issued_grows_at_most:<percent>, with a decimal'],
    ['issued_grows_at_most:5:5', 'must be issued_grows_at_most:<percent>'],
  ])('%s is refused, and what may be asked is said', (invariant, message) => {
    expect(refuseInvariant(invariant)).toContain(message);
  });
});

describe('a note', () => {
  it('is there for each thing that the figures leave out', () => {
    const candidate = programDocument.parse({
      ...document,
      currencies: { EUR: { points: 1, perMinor: 100 } },
      campaigns: [{ ...document.campaigns[0], budgetPoints: 10 }],
      bonuses: { ...document.bonuses, welcome: 1 },
      stamps: [],
    });
    const members = [
      member(1, 100, 1, 'ami', 'JPY'),
      member(2, 100, 1, 'ami', 'JPY'),
      member(3, 100, 1, 'ami', 'USD'),
      { ...member(4, 100, 1), unknown: 1 },
    ];
    const sums = sumsOf(members, candidate);
    expect(sums.issued).toEqual({ actual: 4, candidate: 1 });
    expect(report(sums, [], candidate).notes).toEqual([
      'Campaign coffee-week has a budget: it was played as if the budget were never used up.',
      'The candidate has no rate for JPY: it would have refused 2 purchases, without any points.',
      'The candidate has no rate for USD: it would have refused 1 purchase, without any points.',
      'Bonuses are counted as they were given: the change of bonuses is not part of these figures.',
      'Stamp cards are not filled: the change of stamp cards is not part of these figures.',
      'The records of 1 purchase are not complete: the points were left as they were.',
    ]);
  });

  it('says how many redemptions the candidate has too few points for, which then spend what there is', () => {
    const spender = member(1, 1000, 10);
    const spent = (redemptionId: string) => ({ type: 'spent' as const, at: noon, redemptionId, points: 6 });
    const events = [...spender.events, spent('one'), spent('two')];
    const half = { ...document, currencies: { EUR: { points: 1, perMinor: 200 } } };
    const sums = sumsOf([{ ...spender, events }], half);
    expect(sums.liability).toEqual({ actual: 10, candidate: 0 });
    expect(report(sums, [], half).notes).toEqual([
      'For 2 redemptions or deductions the candidate would have given too few points: only as much was spent as there was.',
    ]);
  });

  it('is not there where nothing is left out', () => {
    expect(report(sumsOf([member(1, 100, 1)])).notes).toEqual([]);
  });
});

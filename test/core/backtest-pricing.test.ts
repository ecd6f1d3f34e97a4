/** Where the arithmetic has its borders: beyond safe integers, and where conditions are remembered. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Account, EarningBasis } from '../../core/account.ts';
import { compileCandidate } from '../../core/backtest/candidate.ts';
import { replayMember } from '../../core/backtest/member.ts';
import type { WindowEvent } from '../../core/backtest/window.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { compileCondition } from '../../core/expressions.ts';
import { award, enrol } from '../../core/points.ts';
import { pricingSteps } from '../../core/pricing-steps.ts';
import { type ProgramDocument, programDocument } from '../../core/program.ts';
import { played, slowReplay } from '../support/slow-replay.ts';
import { anyProgram, steps, windowOf } from '../support/windows.ts';
import { aPurchase, defaultProgram, noon, often, runs } from '../support/world.ts';

const { version: _version, ...document } = defaultProgram({ stamps: [], rewards: [], bonuses: {} });
const day = 86_400_000;
const always = { name: 'Campaign', from: '2020-01-01T00:00:00Z', to: '2035-01-01T00:00:00Z' };

function newAccount(candidate: ProgramDocument, at = noon): Account {
  const memberId = 'mem_01JD0000000000000000000000' as MemberId;
  return enrol({ ...candidate, version: 1 }, memberId, at).account;
}

/** What the backtest makes of events, which is what the ledger's own commands make of them. */
function agreed(candidate: ProgramDocument, start: Account, events: readonly WindowEvent[], to: number) {
  const {
    unpriced: _unpriced,
    short: _short,
    ...fast
  } = replayMember(compileCandidate(candidate), { start, events }, to);
  expect(fast).toEqual(slowReplay(candidate, { start, events }, to));
  return fast;
}

function bought(amounts: readonly number[], at: number, occurredAt = at): WindowEvent {
  const text = new Date(occurredAt).toISOString().replace('.000Z', 'Z');
  return { type: 'purchase', at, purchase: aPurchase(amounts, { occurredAt: text }), occurredAt };
}

/** Odd factors, so that no product beyond 2^53 happens to be a double, and sums that divide without rest. */
const odd = (min: number, max: number) =>
  fc.integer({ min, max }).map((value) => (value % 2 === 0 ? value - 1 : value));

describe('amounts beyond safe integers', () => {
  it('are priced exactly by a rate alone', () => {
    let beyond = 0;
    fc.assert(
      fc.property(odd(999_000_001, 999_999_999), odd(11, 401), (perMinor, times) => {
        const points = Math.floor(9_999_999 / times) | 1;
        const candidate = programDocument.parse({
          ...document,
          currencies: { EUR: { points, perMinor } },
          maxPointsPerPurchase: 10_000_000,
        });
        const events = [bought([perMinor * times, 0], noon + 1)];
        const { issued } = agreed(candidate, newAccount(candidate), events, noon + 2);
        expect(issued).toBe(Math.min(10_000_000, points * times));
        if (points * times * perMinor > Number.MAX_SAFE_INTEGER) beyond++;
      }),
      runs(500),
    );
    expect(beyond).toBeGreaterThan(often(50));
  });

  it('are priced exactly by campaigns that multiply onto each other', () => {
    let beyond = 0;
    const numerator = odd(10_001, 29_999);
    fc.assert(
      fc.property(odd(9_001, 99_999), numerator, numerator, numerator, (perMinor, ...numerators) => {
        const campaigns = numerators.map((one, index) => ({
          id: `c${index}`,
          ...always,
          multiplier: `${Math.floor(one / 10_000)}.${String(one % 10_000).padStart(4, '0')}`,
          ...(index > 0 ? { stacks: true } : {}),
        }));
        const candidate = programDocument.parse({
          ...document,
          currencies: { EUR: { points: 1, perMinor } },
          maxPointsPerPurchase: 10_000_000,
          campaigns,
        });
        // Three multipliers have twelve decimals: this amount makes the points a whole number.
        const amount = perMinor * 100_000_000;
        const events = [bought([amount > 1_000_000_000_000 ? perMinor * 1_000_000 : amount], noon + 1)];
        const { issued } = agreed(candidate, newAccount(candidate), events, noon + 2);
        // Told step by step the price is computed in exact fractions, whatever its size.
        const [event] = events;
        if (event?.type !== 'purchase') throw new Error('A purchase is expected.');
        const { entries } = award(
          { ...candidate, version: 1 },
          newAccount(candidate),
          event.purchase,
          noon + 1,
        );
        const told = pricingSteps(entries.at(-1)?.basis as EarningBasis, undefined);
        expect(told.at(-1)?.value).toBe(String(issued));
        if (amount * (numerators[0] ?? 1) * 10_000 > Number.MAX_SAFE_INTEGER) beyond++;
      }),
      runs(500),
    );
    expect(beyond).toBeGreaterThan(often(50));
  });
});

it('a price is what exact fractions give, whatever the programme', () => {
  const counts = { purchases: 0, partly: 0, stacked: 0 };
  fc.assert(
    fc.property(anyProgram, steps, (candidate, happened) => {
      const account = newAccount(candidate);
      for (const event of windowOf(account, noon, happened).events) {
        if (event.type !== 'purchase' || !Object.hasOwn(candidate.currencies, event.purchase.currency))
          continue;
        const { entries } = award(played(candidate), account, event.purchase, event.at);
        const basis = entries.at(-1)?.basis as EarningBasis;
        expect(pricingSteps(basis, undefined).at(-1)?.value).toBe(String(basis.points));
        const plain = basis.lines.reduce((sum, { amountMinor }) => sum + BigInt(amountMinor), 0n);
        const whole = (plain * BigInt(basis.rate.points)) / BigInt(basis.rate.perMinor);
        expect(basis.qualifyingPoints).toBe(Math.min(basis.maxPoints, Number(whole)));
        counts.purchases++;
        const met = basis.campaigns?.filter(({ multiplier }) => multiplier !== undefined) ?? [];
        if (met.some(({ lines }) => lines)) counts.partly++;
        if (met.some(({ lines, stacks }) => lines && stacks)) counts.stacked++;
      }
    }),
    runs(2000),
  );
  // What is compared has to happen.
  for (const [what, count] of Object.entries(counts)) expect(count, what).toBeGreaterThan(often(20));
});

describe('what a condition reads of lines', () => {
  const reads = (when: string) => {
    const compiled = compileCondition(when);
    return 'error' in compiled ? compiled.error : compiled.reads;
  };
  it.each([
    ["line.category == 'coffee'", 'category', true],
    ["line.category in ['tea', 'coffee'] || line . category == ''", 'category', true],
    ["line.category == 'coffee' && purchase.totalMinor > 5", 'category', false],
    ["line.category == 'coffee' && line.amountMinor > 5", 'many', true],
    ["line.brand == 'member' || line.brand == 'line.sku'", 'brand', true],
    ['size(line.sku) + size(line.name) > 9', 'many', true],
    ["member.tier == 'ami'", 'none', false],
    ['purchase.lineCount > 2', 'none', false],
    ['1 == 1', 'none', true],
  ])('%s', (when, line, onlyLines) => {
    expect(reads(when)).toEqual({ line, onlyLines, facts: [], channels: [] });
  });
  it('names what it asks of the member', () => {
    expect(reads('member.purchases == 4 && member.birthdayMonth == purchase.month')).toEqual({
      line: 'none',
      onlyLines: false,
      facts: ['purchases', 'birthdayMonth'],
      channels: [],
    });
    // Counted until the purchase, though it names none.
    expect(reads("daysSince(timestamp('2026-11-22T00:00:00Z')) < 5")).toMatchObject({ onlyLines: false });
    // A quantity is another object each time: nothing is looked up by it.
    expect(reads('line.quantity == 2')).toMatchObject({ line: 'many', onlyLines: true });
  });

  it('is remembered over purchases only where it is all that the condition reads', () => {
    const campaigns = [
      { id: 'a', ...always, when: "line.category == 'coffee' && purchase.totalMinor > 5000", bonusPoints: 3 },
      { id: 'b', ...always, when: "line.sku == 'SKU-1' && line.amountMinor > 900", bonusPoints: 5 },
      { id: 'c', ...always, when: "line.sku == 'SKU-2'", bonusPoints: 7 },
    ];
    const candidate = programDocument.parse({ ...document, campaigns });
    const events = [[800], [1_000], [6_000], [800, 100]].map((amounts, index) => {
      const event = bought(amounts, noon + index + 1);
      if (event.type !== 'purchase') throw new Error('A purchase is expected.');
      const lines = event.purchase.lines.map((line) => ({ ...line, category: 'coffee' }));
      return { ...event, purchase: { ...event.purchase, lines } };
    });
    const { issued } = agreed(candidate, newAccount(candidate), events, noon + 10);
    expect(issued).toBe(8 + (10 + 5) + (60 + 3 + 5) + (9 + 7));
  });
});

describe('the months that count', () => {
  it('are those that the ledger still remembers, when a purchase is dated into the next one', () => {
    const candidate = programDocument.parse({ ...document, campaigns: [] });
    const begin = Date.parse('2026-01-10T12:00:00Z');
    const stepAt = Date.parse('2026-12-10T12:00:00Z');
    const last = Date.parse('2027-11-30T22:59:00Z');
    const own = {
      type: 'clawback',
      at: last + 1_000,
      points: 1,
      qualifyingPoints: 1,
      month: '2026-12',
    } as const;
    const start = newAccount(candidate, begin);
    const before = [bought([40_000], begin), bought([20_000], stepAt)];
    const back: WindowEvent = { ...own, own: undefined, place: undefined };
    // The window of the step's own month still reaches 500 with the 400 of January.
    expect(agreed(candidate, start, [...before, back], last + 2_000).tier).toBe('complice');
    // A till's clock that is minutes ahead opens December, and January is the 23rd month before it.
    const ahead = bought([100], last, last + 4 * 60_000);
    agreed(candidate, start, [...before, ahead, back], last + 2_000);
    agreed(candidate, start, [...before, bought([100], last), back], last + 2_000);
    agreed(candidate, start, [...before, ahead, back], last + 400 * day);
  });
});

/** Tiers when the programme changes: what a step was reached by goes with it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Account, TierState } from '../../core/account.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { award, clawBack, enrol, settle } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import { addRefund, worth } from '../../core/purchases.ts';
import {
  mergedTier,
  reviewed,
  standing,
  stepsTakenBack,
  unmergedTier,
  upgraded,
  windowPoints,
} from '../../core/tiers.ts';
import { someProgram } from '../support/programmes.ts';
import { aPurchase, aRefund, defaultProgram, noon, often, recordOf, runs } from '../support/world.ts';

const memberId = 'mem_01JD0000000000000000000000' as MemberId;
const day = 86_400_000;
const program = defaultProgram({ bonuses: {} });
const [ami, complice, intime] = program.tiers;
if (!ami || !complice || !intime) throw new Error('The default programme has three tiers.');

function bought(rules: Program, account: Account, amountMinor: number, at: number) {
  const purchase = aPurchase([amountMinor], { occurredAt: new Date(at).toISOString() });
  return { purchase, ...award(rules, account, purchase, at) };
}

/** A purchase given back in parts of the given hundredths and then wholly, each part under its own programme. */
function returned(
  { account, purchase, earning }: ReturnType<typeof bought>,
  parts: readonly { readonly rules: Program; readonly hundredths: number }[],
  at: number,
): Account {
  let current = account;
  let record = recordOf(purchase, earning);
  for (const { rules, hundredths } of parts) {
    record = addRefund(record, aRefund(purchase, Math.ceil((purchase.totalMinor * hundredths) / 100))).record;
    if (!record.earning) throw new Error('The purchase earned nothing.');
    const target = worth(record, record.earning);
    const refund = { id: 'store:R', occurredAt: new Date(at).toISOString() };
    current = clawBack(rules, current, record.earning, target, refund, at).account;
    const { points, qualifyingPoints } = target;
    record = { ...record, earning: { ...record.earning, points, qualifyingPoints } };
  }
  return current;
}

/** Whether a programme's tier above the one held is reached before anything more is bought. */
function isBehind(rules: Program, { tier, qualifying }: Account, now: number): boolean {
  return upgraded(rules, tier, qualifying, now) !== undefined;
}

describe('a purchase that is wholly given back', () => {
  it('leaves the tier as it was before, whatever the programme became meanwhile', () => {
    const amount = fc.integer({ min: 1, max: 200_000 });
    const history = fc.array(fc.record({ amount, days: fc.nat(200) }), { maxLength: 5 });
    const part = fc.record({ rules: someProgram, hundredths: fc.integer({ min: 1, max: 99 }) });
    let taken = 0;
    fc.assert(
      fc.property(
        someProgram,
        history,
        fc.option(someProgram),
        amount,
        fc.array(part, { maxLength: 2 }),
        someProgram,
        // As long as the step's own month is in the window: a refund after that takes no step back.
        fc.nat(330),
        (first, earlier, second, last, parts, end, laterDays) => {
          let now = noon;
          let start = enrol(first, memberId, now).account;
          for (const { amount: spent, days } of earlier) {
            now += days * day;
            start = bought(first, start, spent, now).account;
          }
          const rules = { ...(second ?? first), timeZone: first.timeZone };
          start = settle(rules, start, now).account;
          // What a lowered threshold lets be reached by earlier purchases is theirs, and stays with them.
          fc.pre(!isBehind(rules, start, now));
          const purchase = bought(rules, start, last, now);
          // At the end of a term the window decides with what it then holds: the return comes before.
          const ends = [start, purchase.account].map(({ tier }) =>
            Date.parse(tier.validUntil ?? '2100-01-01'),
          );
          const then = Math.min(now + laterDays * day, ...ends.map((end) => end - 1));
          const back = returned(purchase, [...parts, { rules: end, hundredths: 100 }], then);
          expect(back.tier).toEqual(start.tier);
          if (purchase.account.tier.id !== start.tier.id) taken++;
        },
      ),
      runs(2000),
    );
    // The property says something only where the purchase had brought a tier.
    expect(taken).toBeGreaterThan(often(200));
  });
});

describe('a threshold that changed since', () => {
  const start = enrol(program, memberId, noon).account;
  const withTiers = (...tiers: Program['tiers']) => ({ ...program, tiers, version: 2 });
  const half = (rules: Program, hundredths: number) => [{ rules, hundredths }];

  it('is kept with the step, as one number', () => {
    expect(bought(program, start, 200_000, noon).account.tier).toEqual({
      id: 'intime',
      validUntil: until,
      steps: [
        { id: 'complice', threshold: 500, month: '2026-11', before: { id: 'ami', validUntil: null } },
        { id: 'intime', threshold: 2000, month: '2026-11', before: { id: 'complice', validUntil: until } },
      ],
    });
  });

  it('neither saves a step by being lowered nor takes one by being raised', () => {
    const purchase = bought(program, start, 60_000, noon);
    const lowered = withTiers(ami, { ...complice, threshold: 100 });
    expect(returned(purchase, half(lowered, 50), noon).tier.id).toBe('ami');
    const raised = withTiers(ami, { ...complice, threshold: 1000 });
    expect(returned(purchase, half(raised, 10), noon).tier).toEqual(purchase.account.tier);
  });

  it('is judged by no window older than the step, where another zone sets the calendar back', () => {
    const before = { id: 'ami', validUntil: null };
    const tier = {
      id: 'complice',
      validUntil: until,
      steps: [{ id: 'complice', threshold: 500, month: '2026-12', before }],
    };
    const qualifying = { '2025-12': 300, '2026-11': 250 };
    expect(stepsTakenBack(tier, qualifying, '2026-11')).toEqual({ ...before, steps: [] });
    expect(stepsTakenBack({ ...tier, steps: [] }, qualifying, '2026-11')).toBeUndefined();
  });

  it('gives the tier held before back although the programme no longer has it', () => {
    const held = bought(program, start, 60_000, noon).account;
    const purchase = bought(program, held, 200_000, noon + day);
    const without = withTiers(ami, { ...intime, id: 'gold' });
    expect(returned(purchase, half(without, 100), noon + day).tier).toEqual(held.tier);
  });
});

describe('a tier that the programme no longer has', () => {
  const renamed = {
    ...program,
    tiers: [ami, { ...complice, id: 'silver', threshold: 300 }, { ...intime, id: 'gold', threshold: 1000 }],
  };
  const held: TierState = {
    id: 'complice',
    validUntil: '2027-11-30T23:00:00Z',
    steps: [{ id: 'complice', threshold: 500, month: '2026-11', before: { id: 'ami', validUntil: null } }],
  };

  it('counts at the end of its term for whatever the window reaches', () => {
    const end = Date.parse('2027-11-30T23:00:00Z');
    const at = (points: number) => reviewed(renamed, held, { '2027-06': points }, end);
    expect([299, 300, 1000].map((points) => at(points).id)).toEqual(['ami', 'silver', 'gold']);
    expect(at(300)).toEqual({ id: 'silver', validUntil: '2028-11-30T23:00:00Z', steps: [] });
  });

  it('is left for a tier above the threshold that it was reached by, and for no lower one', () => {
    const up = (points: number, tier = held) => upgraded(renamed, tier, { '2026-11': points }, noon)?.id;
    expect([999, 1000].map((points) => up(points))).toEqual([undefined, 'gold']);
    // Without the step nothing is known of it.
    expect(up(999, { ...held, steps: [] })).toBe('silver');
  });
});

describe('a review', () => {
  it('never gives a tier above the one held, whatever the window holds', () => {
    const rank = new Map(program.tiers.map(({ id }, index) => [id, index]));
    fc.assert(
      fc.property(fc.constantFrom(ami, complice, intime), fc.nat(3000), (held, points) => {
        const state: TierState = { id: held.id, validUntil: '2026-11-30T23:00:00Z', steps: [] };
        const { id } = reviewed(program, state, { '2026-11': points }, Date.parse('2026-11-30T23:00:00Z'));
        const deserved = program.tiers.findLast(({ threshold }) => threshold <= points)?.id ?? '';
        const lower = (rank.get(deserved) ?? 0) < (rank.get(held.id) ?? 0) ? deserved : held.id;
        expect(id).toBe(lower);
      }),
      runs(300) as fc.Parameters<[typeof ami, number]>,
    );
  });
});

const until = '2027-11-30T23:00:00Z';
const later = '2027-12-31T23:00:00Z';
const base: TierState = { id: 'ami', validUntil: null, steps: [] };
const reached = (id: string, threshold: number, before: TierState, validUntil = until): TierState => ({
  id,
  validUntil,
  steps: [
    ...before.steps,
    { id, threshold, month: '2026-11', before: { id: before.id, validUntil: before.validUntil } },
  ],
});

it('the window is the month and the eleven before it, and nothing that comes later', () => {
  const qualifying = { '2025-11': 1, '2025-12': 10, '2026-11': 100, '2026-12': 1000 };
  expect(windowPoints(qualifying, '2026-11')).toBe(110);
});

describe('a step', () => {
  const tier = reached('complice', 500, base);

  it('stands as long as the window of today reaches its threshold', () => {
    const at = (points: number) => stepsTakenBack(tier, { '2026-11': 100, '2027-03': points }, '2027-03');
    expect(at(400)).toBeUndefined();
    expect(at(399)).toEqual(base);
  });

  it('is not taken back once its own month has left the window', () => {
    expect(stepsTakenBack(tier, {}, '2027-10')).toEqual(base);
    expect(stepsTakenBack(tier, {}, '2027-11')).toBeUndefined();
  });
});

describe('two members who become one', () => {
  const merged = (one: TierState, other: TierState, points = 0) =>
    mergedTier(program, one, other, { '2026-11': points }, noon);
  const one = reached('complice', 500, base);
  const other = reached('intime', 2000, one);
  const kept = { ...other, steps: [] };

  it('have the higher of their tiers, whoever of them had it', () => {
    for (const pair of [merged(kept, base), merged(base, kept)]) expect(pair).toEqual(kept);
  });

  it('have the one that is held longer, where both are the same', () => {
    const longer = { ...one, validUntil: later, steps: [] };
    const shorter = { ...one, steps: [] };
    for (const pair of [merged(longer, shorter), merged(shorter, longer)]) expect(pair).toEqual(longer);
    expect(merged({ ...one, steps: [] }, { ...one, steps: [] })).toEqual(shorter);
  });

  it('fall back to the other’s tier, should the steps to theirs be taken back', () => {
    const lower = { ...reached('complice', 500, base, later), steps: [...one.steps] };
    const gold = reached('intime', 2000, base);
    for (const pair of [merged(gold, lower), merged(lower, gold)]) {
      const [first, second] = pair.steps;
      expect(pair).toMatchObject({ id: 'intime', validUntil: until });
      expect(first).toEqual(one.steps[0]);
      expect(second).toEqual({ ...gold.steps[0], before: { id: 'complice', validUntil: later } });
      expect(stepsTakenBack(pair, { '2026-11': 600 }, '2026-11')).toEqual(lower);
    }
    // One that is no better than what was held before is forgotten.
    expect(merged(other, base)).toEqual(other);
  });

  it('have the tier that their points reach together', () => {
    expect(merged(base, base, 499)).toEqual(base);
    expect(merged(base, base, 500)).toEqual(one);
  });

  it('have each their own again when they are parted, as far as their points bear it', () => {
    const alone = (tier: TierState, points: number) =>
      unmergedTier(program, tier, { '2026-11': points }, noon);
    expect(alone(one, 500)).toEqual(one);
    expect(alone(one, 499)).toEqual(base);
    expect(alone(base, 500)).toEqual(one);
    expect(alone(base, 499)).toEqual(base);
  });
});

describe('how a member stands', () => {
  const account = enrol(program, memberId, noon).account;
  const stands = (tier: TierState, points: number, at = noon) =>
    standing(program, { ...account, tier, qualifying: { '2026-11': points } }, at);

  it('says what is missing for the next tier, and that there is none above the highest', () => {
    expect(stands(base, 120)).toEqual({
      id: 'ami',
      name: 'Ami',
      qualifyingPoints: 120,
      nextTier: { id: 'complice', name: 'Complice', pointsMissing: 380 },
      validUntil: null,
    });
    const one = reached('complice', 500, base);
    expect(stands(one, 600).nextTier).toEqual({ id: 'intime', name: 'Intime', pointsMissing: 1400 });
    expect(stands(reached('intime', 2000, one), 2000)).toMatchObject({ nextTier: null, validUntil: until });
  });

  it('misses nothing for a tier that more points than it takes have been earned for', () => {
    expect(stands(base, 700).nextTier).toMatchObject({ id: 'complice', pointsMissing: 0 });
  });

  it('counts the window of the instant that is asked for', () => {
    expect(stands(base, 120, Date.parse('2027-11-15T12:00:00Z')).qualifyingPoints).toBe(0);
  });
});

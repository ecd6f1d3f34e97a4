import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CardView } from '../../../core/card.ts';
import { type Fill, placesMax, stateOf, steps } from '../../../passes/strip/state.ts';
import { ana, arbView, check } from '../views.ts';

const open = (view: Partial<CardView>) => {
  const state = stateOf({ ...ana, ...view });
  if (state.type === 'closed') throw new Error('The card is closed.');
  return state;
};

/** A standing below the highest tier: so many points, and so many more until the next. */
const tier = (qualifyingPoints: number, pointsMissing: number): CardView['tier'] => ({
  ...ana.tier,
  qualifyingPoints,
  nextTier: { id: 'next', name: 'Next', pointsMissing },
});
const stamps = (...cards: readonly (readonly [count: number, of: number])[]) =>
  cards.map(([count, of], index) => ({ id: String(index), name: 'Card', count, of }));

/** Steps as numbers, by which they can be compared. */
function rank(fill: Fill): number {
  if (fill === 'empty') return 0;
  if (fill === 'begun') return 0.5;
  return fill === 'full' ? steps : fill;
}

const amount = fc.oneof(
  fc.integer({ min: 0, max: 5000 }),
  fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
);

describe('the way to the next tier', () => {
  it('is never full as long as there is a next tier, and always for who holds the highest', () => {
    check(
      fc.property(amount, amount, (points, missing) => {
        expect(open({ tier: tier(points, missing) }).tier).not.toBe('full');
        expect(open({ tier: { ...ana.tier, qualifyingPoints: points, nextTier: null } }).tier).toBe('full');
      }),
      1000,
    );
  });

  it('shows no more than was earned, and something as soon as anything was', () => {
    check(
      fc.property(amount, amount, (points, any) => {
        // Together they are the tier's threshold, which is a safe integer.
        const missing = Math.min(any, Number.MAX_SAFE_INTEGER - points);
        const fill = open({ tier: tier(points, missing) }).tier;
        expect(fill === 'empty').toBe(points === 0);
        if (typeof fill === 'number')
          expect(BigInt(fill) * (BigInt(points) + BigInt(missing))).toBeLessThanOrEqual(
            BigInt(steps) * BigInt(points),
          );
      }),
      1000,
    );
  });

  it('grows with the points and goes through every step', () => {
    const whole = 500;
    const fills = Array.from(
      { length: whole },
      (_, points) => open({ tier: tier(points, whole - points) }).tier,
    );
    const ranks = fills.map(rank);
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
    expect([...new Set(fills)]).toEqual([
      'empty',
      'begun',
      ...Array.from({ length: steps - 1 }, (_, index) => index + 1),
    ]);
  });
});

describe('the stamps', () => {
  it('are those that were given: all of them only where the card is full', () => {
    check(
      fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 50 }), (count, of) => {
        const drawn = open({ stamps: stamps([count, of]) }).stamps;
        if (of <= placesMax) expect(drawn).toEqual({ type: 'places', filled: Math.min(count, of), of });
        else expect(drawn?.type === 'bar' && drawn.fill === 'full').toBe(count >= of);
      }),
    );
  });

  it.each([
    ['none', [], null],
    [
      'the nearest to completion',
      [
        [1, 5],
        [8, 10],
        [3, 4],
      ],
      { filled: 8, of: 10 },
    ],
    [
      'of equally near ones the first',
      [
        [2, 4],
        [5, 10],
      ],
      { filled: 2, of: 4 },
    ],
    [
      'the first while all are empty',
      [
        [0, 8],
        [0, 3],
      ],
      { filled: 0, of: 8 },
    ],
  ] as const)('are of one card: %s', (_what, cards, expected) => {
    expect(open({ stamps: stamps(...cards) }).stamps).toEqual(expected && { type: 'places', ...expected });
  });
});

describe('a state', () => {
  it('follows from tier, stamps, colours and status alone, so that cards share it', () => {
    check(
      fc.property(arbView, arbView, (one, other) => {
        const { tier: own, stamps: cards, colours, status } = one;
        expect(stateOf({ ...other, tier: own, stamps: cards, colours, status })).toEqual(stateOf(one));
      }),
    );
  });

  it('of a closed card tells nothing but its colours', () => {
    check(
      fc.property(arbView, ({ colours, ...view }) => {
        expect(stateOf({ ...view, colours, status: 'closed' })).toEqual(
          stateOf({ ...ana, colours, status: 'closed' }),
        );
      }),
    );
  });
});

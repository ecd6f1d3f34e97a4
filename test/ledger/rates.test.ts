/** Turns, held against a list of when they were taken. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Limit, takeTurnOf } from '../../ledger/members/rates.ts';
import { keys } from '../../ledger/store/items.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { noon, runs, testContext } from '../support/world.ts';

const second = 1000;

it('there is a turn as long as no window holds as many as it may, and else from the instant that one does', async () => {
  const limit = fc.record({
    max: fc.integer({ min: 1, max: 4 }),
    windowMs: fc.integer({ min: 1, max: 40 }).map((seconds) => seconds * second),
  });
  const asked = fc.record({
    after: fc.integer({ min: 0, max: 15 }).map((seconds) => seconds * second),
    turn: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(limit, { minLength: 1, maxLength: 2 }),
      fc.array(asked, { minLength: 8, maxLength: 25, size: 'max' }),
      async (limits: Limit[], list) => {
        const context = testContext(createMemoryStore());
        const taken: number[] = [];
        let [now, last] = [noon, undefined as string | undefined];
        for (const { after, turn } of list) {
          now += after;
          const open = await takeTurnOf(context, 'join', 'hash', limits, now, turn);
          const free = limits.map(({ max, windowMs }) => (taken.at(-max) ?? -windowMs) + windowMs);
          if (turn !== undefined && turn === last) expect(open).toBeUndefined();
          else if (free.every((at) => at <= now)) {
            expect(open).toBeUndefined();
            taken.push(now);
            last = turn;
          } else expect(open).toBe(Math.max(...free));
        }
      },
    ),
    runs(300),
  );
});

it('turns of one thing or of somebody else are counted by themselves', async () => {
  const context = testContext(createMemoryStore());
  const limits = [{ max: 1, windowMs: second }];
  expect(await takeTurnOf(context, 'join', 'ana', limits, noon)).toBeUndefined();
  expect(await takeTurnOf(context, 'join', 'ana', limits, noon)).toBe(noon + second);
  expect(await takeTurnOf(context, 'link', 'ana', limits, noon)).toBeUndefined();
  expect(await takeTurnOf(context, 'join', 'ben', limits, noon)).toBeUndefined();
});

it('turns are kept as long as they count, and no longer', async () => {
  const context = testContext(createMemoryStore());
  const limits = [
    { max: 9, windowMs: 60 * second },
    { max: 9, windowMs: 10 * second },
  ];
  for (const at of [0, 1, 60]) await takeTurnOf(context, 'join', 'ana', limits, noon + at * second);
  const item = await context.store.get(keys.rate('join', 'ana'));
  // The first one is out of the longer window at the very instant of the last.
  expect(item).toMatchObject({ at: ['2026-11-22T12:00:01Z', '2026-11-22T12:01:00Z'] });
  expect(item?.['ttl']).toBe(noon / 1000 + 120);
});

it('turns count by when they were taken, whichever instance’s clock is behind', async () => {
  const context = testContext(createMemoryStore());
  const limits = [{ max: 2, windowMs: 20 * second }];
  for (const at of [10, 8])
    expect(await takeTurnOf(context, 'join', 'ana', limits, noon + at * second)).toBeUndefined();
  expect(await takeTurnOf(context, 'join', 'ana', limits, noon + 11 * second)).toBe(noon + 28 * second);
});

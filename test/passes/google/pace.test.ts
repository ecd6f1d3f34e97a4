import { describe, expect, it } from 'vitest';
import { createPace } from '../../../passes/google/index.ts';

/** A clock that only sleeping moves, and the times at which each caller went on. */
function simulation() {
  let now = 1000;
  const sleeps: number[] = [];
  const sleep = async (ms: number) => {
    sleeps.push(now + ms);
  };
  return {
    pace: createPace({ perSecond: 20, clock: () => now, sleep }),
    sleeps,
    pass: (ms: number) => (now += ms),
  };
}

describe('pacing', () => {
  it('lets the first go at once and each later one a step after the one before', async () => {
    const { pace, sleeps } = simulation();
    await Promise.all(Array.from({ length: 5 }, () => pace()));
    expect(sleeps).toEqual([1050, 1100, 1150, 1200]);
  });

  it('does not save up time that nobody used', async () => {
    const { pace, sleeps, pass } = simulation();
    await pace();
    pass(10_000);
    await pace();
    await pace();
    expect(sleeps).toEqual([11_050]);
  });
});

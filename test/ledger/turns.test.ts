/** Turns at a service that takes so many requests a second of all instances together. Time here is simulated. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { nothing, type Store, type Transacted } from '../../ledger/store/store.ts';
import { takeTurn } from '../../ledger/wallets/turns.ts';
import { runs, testContext } from '../support/world.ts';

const stepMs = 55;
/** Before time is simulated, since the seed comes from the clock. */
const settings = runs(200);

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Numbers below a bound that follow from the seed: Numerical Recipes' linear congruential generator. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A table that takes up to so long each way, and may lose one in so many answers. */
function slowStore(store: Store, roll: (below: number) => number, { latencyMax, lostOf }: Table) {
  const commits: number[] = [];
  const latency = () => roll(latencyMax + 1);
  const slow: Pick<Store, 'get' | 'transact'> = {
    get: async (key) => {
      await pass(latency());
      const item = await store.get(key);
      await pass(latency());
      return item;
    },
    transact: async (writes): Promise<Transacted> => {
      await pass(latency());
      const outcome = await store.transact(writes);
      if (outcome.type === 'committed') commits.push(Date.now());
      await pass(latency());
      return roll(lostOf) === 1 ? { type: 'unknown', cause: 'lost' } : outcome;
    },
  };
  return { store: { ...store, ...slow }, commits };
}

interface Table {
  readonly latencyMax: number;
  readonly lostOf: number;
}
interface Scene extends Table {
  readonly clients: number;
  readonly turnsEach: number;
  readonly seed: number;
}

/** Every client takes its turns one after the other; answers when each turn began. */
async function play({ clients, turnsEach, seed, ...table }: Scene) {
  const roll = dice(seed);
  const { store, commits } = slowStore(createMemoryStore(), roll, table);
  const begun: number[] = [];
  const client = async (index: number) => {
    await pass(index);
    const context = { ...testContext(store), sleep: pass, randomInteger: roll };
    for (let turn = 0; turn < turnsEach; turn++) {
      await takeTurn(context, 'google', stepMs);
      begun.push(Date.now());
    }
  };
  const all = Promise.all(Array.from({ length: clients }, (_, index) => client(index)));
  let isFailed = false;
  const settled = all.catch((error) => {
    isFailed = true;
    throw error;
  });
  while (begun.length < clients * turnsEach && !isFailed) await vi.advanceTimersByTimeAsync(100);
  await settled;
  return { commits, begun };
}

describe('turns', () => {
  it('of any number of clients are a step apart, whatever the table’s delays and losses', async () => {
    const scene: fc.Arbitrary<Scene> = fc.record({
      clients: fc.integer({ min: 1, max: 8 }),
      turnsEach: fc.integer({ min: 1, max: 4 }),
      latencyMax: fc.nat(80),
      lostOf: fc.integer({ min: 1, max: 10 }),
      seed: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(scene, async (played) => {
        const { commits, begun } = await play(played);
        expect(begun).toHaveLength(played.clients * played.turnsEach);
        expect(commits.length).toBeGreaterThanOrEqual(begun.length);
        for (const [index, at] of commits.entries())
          if (index > 0) expect(at - (commits[index - 1] ?? 0)).toBeGreaterThanOrEqual(stepMs);
      }),
      settings,
    );
  });

  it('let no second see more than the 20 requests that Google takes', async () => {
    const { begun } = await play({ clients: 5, turnsEach: 20, latencyMax: 0, lostOf: 1, seed: 1 });
    for (const from of begun)
      expect(begun.filter((at) => from <= at && at <= from + 1000).length).toBeLessThanOrEqual(19);
  });

  it('are waited for no longer than it takes when the table asks for patience', async () => {
    const store: Store = { ...createMemoryStore(), transact: async () => ({ type: 'throttled' }) };
    const taken = takeTurn({ ...testContext(store), sleep: pass }, 'google', stepMs).catch((error) => error);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await taken).toMatchObject({ name: 'LedgerUnavailable', reason: 'throttled' });
  });

  it('that nobody else wants come after a step and a half at most', async () => {
    for (const [random, most] of [
      [(_below: number) => 0, stepMs],
      [(below: number) => below - 1, 1.5 * stepMs],
    ] as const) {
      const context = { ...testContext(createMemoryStore()), sleep: pass, randomInteger: random };
      const from = Date.now();
      const taken = takeTurn(context, 'google', stepMs).then(() => Date.now() - from);
      await vi.advanceTimersByTimeAsync(10 * stepMs);
      expect(await taken).toBeGreaterThanOrEqual(stepMs);
      expect(await taken).toBeLessThanOrEqual(most);
    }
  });

  it('end in an error when others keep taking them', async () => {
    const memory = createMemoryStore();
    const store: Store = { ...memory, transact: async () => ({ type: 'refused', standing: nothing }) };
    const taken = takeTurn({ ...testContext(store), sleep: pass }, 'google', stepMs).catch((error) => error);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await taken).toMatchObject({ name: 'LedgerUnavailable', reason: 'contended' });
  });
});

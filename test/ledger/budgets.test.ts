/** Budgets that change while they are spent: what shards may give, whatever they gave before, however reads and writes mix. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MemberId } from '../../core/contract/ids.ts';
import type { Earning } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import { capacitiesOf, readBudgets, takeBudgets } from '../../ledger/purchases/budgets.ts';
import { countOne, readTally, totalOf, uncountOne } from '../../ledger/spending/tallies.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { budgetShards, fromItem, keys, toItem } from '../../ledger/store/items.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import type { Store } from '../../ledger/store/store.ts';
import { aPurchase, defaultProgram, runs, testContext } from '../support/world.ts';

const campaignId = 'triple';
const purchase = aPurchase([1000]);

function programWith(budgetPoints: number): Program {
  const always = { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' };
  const campaign = { id: campaignId, name: 'Triple', ...always, multiplier: '3', budgetPoints };
  return defaultProgram({ campaigns: [campaign] });
}

const total = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0);

async function spentOf({ store }: LedgerContext): Promise<number[]> {
  const items = await Promise.all(
    Array.from({ length: budgetShards }, (_, shard) => store.get(keys.budget(campaignId, shard))),
  );
  return items.map((item) => (item ? fromItem(item, 'budget').spent : 0));
}

async function storeWith(spent: readonly number[]): Promise<Store> {
  const store = createMemoryStore();
  const given = spent.map((points, shard) => ({ points, shard })).filter(({ points }) => points > 0);
  await store.transact(
    given.map(({ points, shard }) => ({
      put: toItem(keys.budget(campaignId, shard), 'budget', { campaignId, spent: points, revision: 1 }),
    })),
  );
  return store;
}

/** A store whose answers come in any order that the scheduler thinks of, and are true when they come. */
function scheduled(store: Store, scheduler: fc.Scheduler): Store {
  const turn = () => scheduler.schedule(Promise.resolve());
  return {
    ...store,
    get: async (key) => {
      await turn();
      return store.get(key);
    },
    transact: async (writes) => {
      await turn();
      return store.transact(writes);
    },
  };
}

interface Spender {
  readonly wants: number;
  readonly shard: number;
}

/** Takes what a purchase would that earns `wants` points by the campaign; decides again when refused. */
async function spend(context: LedgerContext, budget: number, { wants, shard }: Spender): Promise<number> {
  const account = { memberId: `mem_01JD0000000000000000000${shard}` as MemberId };
  for (;;) {
    const { shards, budgets } = await readBudgets(context, programWith(budget), purchase, account);
    const given = Math.min(wants, budgets[campaignId] ?? 0);
    const terms = { campaigns: [{ id: campaignId, budgetPoints: given }] };
    const writes = takeBudgets(shards, { terms } as unknown as Earning);
    if (writes.length === 0 || (await context.store.transact(writes)).type === 'committed') return given;
  }
}

const spentVector = fc.array(fc.oneof(fc.constant(0), fc.nat(300)), {
  minLength: budgetShards,
  maxLength: budgetShards,
});
const budgetPoints = fc.integer({ min: 1, max: 1000 });
const spenders = fc.array(fc.record({ wants: fc.integer({ min: 1, max: 400 }), shard: fc.nat(7) }), {
  maxLength: 4,
});

describe('what shards may give', () => {
  it('adds up to the budget, or to what was given where that is more, evenly and exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4000 }), spentVector, (budget, spent) => {
        const capacities = capacitiesOf(budget, spent);
        expect(total(capacities)).toBe(Math.max(budget, total(spent)));
        const open = capacities.filter((capacity, shard) => capacity > (spent[shard] ?? 0));
        expect(capacities.every((capacity, shard) => capacity >= (spent[shard] ?? 0))).toBe(true);
        // Nobody who may still give is more than a point from another, those first who are numbered first.
        expect(Math.max(0, ...open) - Math.min(...open, Math.max(0, ...open))).toBeLessThanOrEqual(1);
        expect(open).toEqual([...open].sort((a, b) => b - a));
      }),
      runs(2000),
    );
  });

  it('is the whole budget in equal parts at first, the remainder to the first', () => {
    expect(capacitiesOf(103, [0, 0, 0, 0, 0, 0, 0, 0])).toEqual([13, 13, 13, 13, 13, 13, 13, 12]);
    expect(capacitiesOf(5, [0, 0, 0, 0, 0, 0, 0, 0])).toEqual([1, 1, 1, 1, 1, 0, 0, 0]);
  });

  it('is taken from all alike what some gave too much, round by round', () => {
    // 80 are 10 each; without the 31 that leaves 7 each, and then the 8 are too much, too.
    expect(capacitiesOf(80, [31, 8, 0, 0, 0, 0, 0, 0])).toEqual([31, 8, 7, 7, 7, 7, 7, 6]);
    expect(capacitiesOf(80, [0, 0, 100, 0, 3, 0, 0, 0])).toEqual([0, 0, 100, 0, 3, 0, 0, 0]);
  });

  it('stays the same while it is being given', () => {
    fc.assert(
      fc.property(budgetPoints, spentVector, fc.array(fc.nat(), { minLength: 8 }), (budget, spent, some) => {
        const capacities = capacitiesOf(budget, spent);
        const further = spent.map((given, shard) => {
          const left = (capacities[shard] ?? 0) - given;
          return given + ((some[shard] ?? 0) % (left + 1));
        });
        expect(capacitiesOf(budget, further)).toEqual(capacities);
      }),
      runs(2000),
    );
  });
});

describe('a budget that changes', () => {
  it('is never exceeded by more than was given before, and its rest is given exactly', async () => {
    const eras = fc.array(fc.record({ budget: budgetPoints, spenders }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(spentVector, eras, fc.scheduler(), async (spent, list, scheduler) => {
        const store = await storeWith(spent);
        const quiet = testContext(store);
        const busy = testContext(scheduled(store, scheduler));
        for (const era of list) {
          const before = total(await spentOf(quiet));
          const gave = await scheduler.waitFor(
            Promise.all(era.spenders.map((spender) => spend(busy, era.budget, spender))),
          );
          const most = Math.max(era.budget, before);
          const wanted = total(era.spenders.map(({ wants }) => wants));
          expect(total(await spentOf(quiet))).toBe(Math.min(most, before + wanted));
          expect(total(gave)).toBe(Math.min(most - before, wanted));
        }
        const { budget } = list.at(-1) ?? { budget: 0 };
        const left = Math.max(0, budget - total(await spentOf(quiet)));
        expect(await spend(quiet, budget, { wants: 10_000, shard: 3 })).toBe(left);
      }),
      runs(1000),
    );
  });

  it('while purchases under the old one are still on their way, is the larger of the two', async () => {
    const mixed = fc.array(
      fc.record({ isOld: fc.boolean(), wants: fc.integer({ min: 1, max: 400 }), shard: fc.nat(7) }),
      { maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(spentVector, budgetPoints, budgetPoints, mixed, fc.scheduler(), async (...given) => {
        const [spent, old, current, list, scheduler] = given;
        const store = await storeWith(spent);
        const busy = testContext(scheduled(store, scheduler));
        await scheduler.waitFor(
          Promise.all(list.map(({ isOld, ...spender }) => spend(busy, isOld ? old : current, spender))),
        );
        const most = Math.max(old, current, total(spent));
        expect(total(await spentOf(testContext(store)))).toBeLessThanOrEqual(most);
      }),
      runs(1000),
    );
  });
});

describe('a reward’s limit', () => {
  const rewardId = 'vip-evening';
  const [template] = defaultProgram().rewards;
  if (!template) throw new Error('The default programme has rewards.');
  const rewardWith = (limit: number) => ({ ...template, id: rewardId, limit });
  const tallyOf = async (context: LedgerContext) => totalOf(await readTally(context, rewardId)).count;

  /** Takes one of the reward, in any shard that has one; decides again when refused. */
  async function take(context: LedgerContext, limit: number, shard: number): Promise<boolean> {
    const memberId = `mem_01JD0000000000000000000${shard}` as MemberId;
    for (;;) {
      const counted = await countOne(context, rewardWith(limit), memberId);
      if (!counted) return false;
      if ((await context.store.transact(counted.writes)).type === 'committed') return true;
    }
  }

  /** Gives one back to the shard that it was taken from. */
  async function giveBack(context: LedgerContext, tallyShard: number): Promise<void> {
    for (;;) {
      const writes = await uncountOne(context, { rewardId, points: 0, tallyShard });
      if ((await context.store.transact(writes)).type === 'committed') return;
    }
  }

  it('is exact, however takings and what comes back mix, after it was lowered, too', async () => {
    const some = { minLength: budgetShards, maxLength: budgetShards };
    const counts = fc.array(fc.oneof(fc.constant(0), fc.nat(6)), some);
    const acts = fc.array(fc.record({ back: fc.boolean(), shard: fc.nat(7) }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(counts, fc.integer({ min: 1, max: 30 }), acts, fc.scheduler(), async (...given) => {
        const [before, limit, list, scheduler] = given;
        const store = createMemoryStore();
        const quiet = testContext(store);
        await store.transact(
          before.map((count, shard) => ({
            put: toItem(keys.tally(rewardId, shard), 'tally', { rewardId, count, points: 0, revision: 1 }),
          })),
        );
        const busy = testContext(scheduled(store, scheduler));
        // Nothing comes back that was not taken before.
        const left = [...before];
        const backs = list.filter(({ back, shard }) => {
          const count = left[shard] ?? 0;
          if (back) left[shard] = count - 1;
          return back && count > 0;
        });
        const takes = list.filter(({ back }) => !back);
        const [taken] = await scheduler.waitFor(
          Promise.all([
            Promise.all(takes.map(({ shard }) => take(busy, limit, shard))),
            Promise.all(backs.map(({ shard }) => giveBack(busy, shard))),
          ]),
        );
        const count = await tallyOf(quiet);
        expect(count).toBe(total(before) - backs.length + taken.filter((one) => one).length);
        expect(count).toBeLessThanOrEqual(Math.max(limit, total(before) - backs.length));
        let rest = 0;
        while (await take(quiet, limit, 5)) rest++;
        expect(rest).toBe(Math.max(0, limit - count));
      }),
      runs(1000),
    );
  });
});

/**
 * What there is only so much of, while it is taken, given back, lowered and raised, however reads and writes mix: held
 * against a model that is one number, on every engine.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MemberId } from '../../core/contract/ids.ts';
import { award } from '../../core/points.ts';
import { claimPurchase, getAccount, recordPurchase } from '../../ledger/ledger.ts';
import { lookAtBudgets } from '../../ledger/purchases/budgets.ts';
import { giveBack, look, offer, readTotal, type Stock, take } from '../../ledger/spending/allotments.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { decide } from '../../ledger/store/decide.ts';
import { allotmentShards, keys, tallyShardsBefore, toItem } from '../../ledger/store/items.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import type { Item, Store, Write } from '../../ledger/store/store.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { watched } from '../support/stores.ts';
import { aPurchase, defaultProgram, noon, runs, testContext } from '../support/world.ts';
import { type Engine, engines } from './engines.ts';

const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Members, each of whom another shard serves. */
function member(shard: number): MemberId {
  const tail = `${digits[Math.floor(shard / 32) % 32]}${digits[shard % 32]}`;
  return `mem_01JD00000000000000000000${tail}` as MemberId;
}

const stock = (budget: number | null, version = 1, of: Stock['of'] = 'reward'): Stock => ({
  of,
  id: 'mug',
  budget,
  version,
});
const total = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0);

/** Takes up to `wants`; answers what it got. */
async function spend(context: LedgerContext, of: Stock, shard: number, wants: number): Promise<number> {
  return decide(context, 'Taking', async () => {
    const offered = await offer(context, of, member(shard), wants);
    const got = Math.min(wants, offered.left);
    return { result: got, writes: take(offered, got, 3 * got) };
  });
}

async function comeBack(context: LedgerContext, of: Stock, shard: number, amount: number): Promise<void> {
  await decide(context, 'Giving back', async () => ({
    result: undefined,
    writes: await giveBack(context, of, member(shard), amount, 3 * amount),
  }));
}

const spentOf = async (context: LedgerContext, { of, id }: Stock) => (await readTotal(context, of, id)).spent;

/** What an instance of before has counted, in its eight shards. */
async function counted(
  context: LedgerContext,
  { of, id }: Stock,
  spent: readonly number[],
  revision = 1,
): Promise<void> {
  const writes = spent.map((count, shard): Write => {
    return of === 'campaign'
      ? { put: toItem(keys.budget(id, shard), 'budget', { campaignId: id, spent: count, revision }) }
      : { put: toItem(keys.tally(id, shard), 'tally', { rewardId: id, count, points: 3 * count, revision }) };
  });
  await context.store.transact(writes);
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
    query: async (pk, range) => {
      await turn();
      return store.query(pk, range);
    },
    transact: async (writes) => {
      await turn();
      return store.transact(writes);
    },
  };
}

/** A ledger that does not wait: the scheduler decides who is next. */
const impatient = (store: Store): LedgerContext => ({ ...testContext(store), sleep: async () => {} });

/** What was taken and what lies in shards and pool come to the budget that they lie under. */
function expectBalanced(items: readonly Item[]): void {
  const lying = items.filter(({ item }) => item === 'allotmentPool' || item === 'allotmentShard');
  const budget = lying.find(({ item }) => item === 'allotmentPool')?.['budget'] as number | null | undefined;
  if (typeof budget !== 'number') return;
  expect(total(lying.map(({ spent, free }) => Number(spent) + Number(free)))).toBe(budget);
}

const counts = fc.array(fc.oneof(fc.constant(0), fc.nat(40)), {
  minLength: tallyShardsBefore,
  maxLength: tallyShardsBefore,
});
const budgets = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 20_000 }));
const taking = fc.record({
  shard: fc.nat(allotmentShards - 1),
  wants: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 5000 })),
});

describe('what there is only so much of', () => {
  it('is given exactly, one after the other, whatever comes back and however it is changed', async () => {
    const act = fc.oneof(
      { weight: 8, arbitrary: taking.map((take) => ({ take })) },
      { weight: 3, arbitrary: taking.map((back) => ({ back })) },
      { weight: 1, arbitrary: fc.option(budgets).map((budget) => ({ budget })) },
    );
    await fc.assert(
      fc.asyncProperty(
        counts,
        fc.option(budgets),
        fc.array(act, { maxLength: 40, size: 'max' }),
        async (...given) => {
          const [earlier, first, acts] = given;
          const store = createMemoryStore();
          const context = testContext(store);
          let current = stock(first);
          await counted(context, current, earlier);
          let spent = total(earlier);
          for (const one of acts) {
            if ('budget' in one) current = stock(one.budget, current.version + 1);
            else {
              const left = Math.max(0, (current.budget ?? Number.POSITIVE_INFINITY) - spent);
              const { shard, wants } = 'take' in one ? one.take : one.back;
              if ('take' in one) {
                expect(await look(context, current, member(shard), wants)).toSatisfy((seen: number) =>
                  seen < wants ? seen === left : left >= wants,
                );
                const got = await spend(context, current, shard, wants);
                expect(got).toBe(Math.min(wants, left));
                spent += got;
              } else {
                const amount = Math.min(wants, spent);
                await comeBack(context, current, shard, amount);
                spent -= amount;
              }
            }
            expect(await readTotal(context, 'reward', 'mug')).toEqual({ spent, points: 3 * spent });
            expectBalanced(store.items());
          }
        },
      ),
      runs(500),
    );
  });

  it('is given exactly at one moment, too, in any order of answers, also of what was counted before', async () => {
    const crowd = fc.array(fc.record({ taking, back: fc.boolean() }), { minLength: 1, maxLength: 7 });
    const eras = fc.array(fc.record({ budget: budgets, crowd }), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(counts, eras, fc.scheduler(), async (earlier, list, scheduler) => {
        const store = createMemoryStore();
        const quiet = testContext(store);
        const busy = impatient(scheduled(store, scheduler));
        await counted(quiet, stock(null), earlier);
        for (const [era, { budget, crowd: all }] of list.entries()) {
          const current = stock(budget, era + 1);
          const had = await spentOf(quiet, current);
          // Nothing comes back that was not taken before.
          let owned = had;
          const backs = all.flatMap(({ back, taking: { shard, wants } }) => {
            const amount = back ? Math.min(wants, owned) : 0;
            owned -= amount;
            return amount > 0 ? [{ shard, amount }] : [];
          });
          const takes = all.filter(({ back }) => !back).map((one) => one.taking);
          const [got] = await scheduler.waitFor(
            Promise.all([
              Promise.all(takes.map(({ shard, wants }) => spend(busy, current, shard, wants))),
              Promise.all(backs.map(({ shard, amount }) => comeBack(busy, current, shard, amount))),
            ]),
          );
          const back = total(backs.map(({ amount }) => amount));
          const spent = await spentOf(quiet, current);
          expectBalanced(store.items());
          expect(spent).toBe(had - back + total(got));
          expect(spent).toBeLessThanOrEqual(Math.max(budget, had - back));
          // Nobody was refused what was there all the time.
          if (backs.length === 0)
            expect(total(got)).toBe(
              Math.min(Math.max(0, budget - had), total(takes.map(({ wants }) => wants))),
            );
        }
        const last = stock(list.at(-1)?.budget ?? 0, list.length);
        const left = Math.max(0, (last.budget ?? 0) - (await spentOf(quiet, last)));
        expect(await spend(quiet, last, 9, 1_000_000)).toBe(left);
      }),
      runs(1000),
    );
  }, 120_000);

  it('while some still go by an older programme, is never more than the larger of the two', async () => {
    const mixed = fc.array(fc.record({ isOld: fc.boolean(), taking }), { minLength: 1, maxLength: 7 });
    await fc.assert(
      fc.asyncProperty(counts, budgets, budgets, mixed, fc.scheduler(), async (...given) => {
        const [earlier, old, current, list, scheduler] = given;
        const store = createMemoryStore();
        const quiet = testContext(store);
        await counted(quiet, stock(null), earlier);
        const had = await spentOf(quiet, stock(null));
        const busy = impatient(scheduled(store, scheduler));
        await scheduler.waitFor(
          Promise.all(
            list.map(({ isOld, taking: { shard, wants } }) =>
              spend(busy, isOld ? stock(old, 1) : stock(current, 2), shard, wants),
            ),
          ),
        );
        const spent = await spentOf(quiet, stock(null));
        expect(spent).toBeLessThanOrEqual(Math.max(old, current, had));
        expect(await spend(quiet, stock(current, 2), 3, 1_000_000)).toBe(Math.max(0, current - spent));
      }),
      runs(300),
    );
  }, 120_000);
});

describe('what was counted before there were pools', () => {
  it.each([
    ['reward', 'tally', 36],
    ['campaign', 'budget', 0],
  ] as const)(
    'of a %s is taken over once, with what is counted at that very moment',
    async (of, kept, cost) => {
      const memory = createMemoryStore();
      const own = stock(100, 1, of);
      let isFirst = true;
      const store = watched(memory, async () => {
        if (!isFirst) return;
        isFirst = false;
        await counted(testContext(memory), own, [9, 3], 2);
      });
      await counted(testContext(memory), own, [9, 2]);
      const context = testContext(store);
      expect(await spend(context, own, 0, 1)).toBe(1);
      // The one that is taken now has cost three.
      expect(await readTotal(context, of, 'mug')).toEqual({ spent: 13, points: cost + 3 });
      expect(memory.items().filter(({ item }) => item === kept)).toEqual([]);
    },
  );
});

describe('a take', () => {
  it('reads and writes one item, and near the end two reads tell that nothing is left', async () => {
    let writes = 0;
    const store = watched(createMemoryStore(), async (all) => {
      writes = all.length;
    });
    const context = testContext(store);
    const reads = async (act: () => Promise<unknown>) => {
      store.reads.length = 0;
      await act();
      return store.reads.length;
    };
    await spend(context, stock(1000), 0, 1);
    for (let shard = 0; shard < allotmentShards; shard++) {
      expect(await reads(() => spend(context, stock(1000), shard, 1))).toBe(1);
      expect(writes).toBe(1);
    }
    await spend(context, stock(1000), 0, 1000);
    expect(await reads(() => spend(context, stock(1000), 5, 1))).toBe(2);
  });

  it('makes at most two writes', async () => {
    await fc.assert(
      fc.asyncProperty(budgets, fc.array(taking, { maxLength: 60, size: 'max' }), async (budget, list) => {
        const context = testContext(createMemoryStore());
        for (const { shard, wants } of list) {
          const offered = await offer(context, stock(budget), member(shard), wants);
          const writes = take(offered, Math.min(wants, offered.left), 0);
          expect(writes.length).toBeLessThanOrEqual(2);
          await context.store.transact(writes);
        }
      }),
      runs(200),
    );
  });
});

describe('a quote', () => {
  it('sees of several budgets what the purchase then gets, however near their ends they are', async () => {
    const always = { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' };
    const budget = fc.option(fc.integer({ min: 1, max: 120 }), { nil: 100_000 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(budget, { minLength: 3, maxLength: 3 }),
        fc.array(fc.integer({ min: 100, max: 9000 }), { minLength: 1, maxLength: 6 }),
        async ([two = 1, three = 1, gift = 1], amounts) => {
          const context = testContext(createMemoryStore());
          const program = defaultProgram({
            bonuses: {},
            campaigns: [
              // The higher one first: what the other adds to it is nothing, until it is over.
              { id: 'three', name: 'Three', ...always, multiplier: '3', budgetPoints: three },
              { id: 'two', name: 'Two', ...always, multiplier: '2', budgetPoints: two },
              { id: 'gift', name: 'Gift', ...always, bonusPoints: 40, budgetPoints: gift },
            ],
          });
          await putInForce(context, program);
          const memberId = await newMember(context, program);
          const left = { two, three, gift } as Record<string, number>;
          for (const amount of amounts) {
            const purchase = aPurchase([amount], { member: { memberId } });
            const account = await getAccount(context, memberId);
            if (!account) throw new Error('There is no account.');
            // The model: the award under what is left of each budget, told exactly.
            const model = award(program, account, purchase, noon, left);
            const looked = await lookAtBudgets(context, program, purchase, { account, facts: {} }, noon);
            expect(award(program, account, purchase, noon, looked).earning.points).toBe(model.earning.points);
            const { record } = await recordPurchase(context, program, purchase, noon);
            expect(record.earning).toEqual(model.earning);
            for (const { id, budgetPoints = 0 } of record.earning?.terms.campaigns ?? [])
              left[id] = (left[id] ?? 0) - budgetPoints;
          }
        },
      ),
      runs(100),
    );
  });
});

describe.each(Object.entries(engines))('a crowd on %s', (name, { wanted, start }) => {
  let engine: Engine;
  beforeAll(async () => {
    if (wanted) engine = await start();
    else console.warn(`A crowd on ${name} is not tried: set DYNAMODB_LOCAL=1 to accept its licence.`);
  });
  afterAll(async () => {
    await engine?.stop();
  });

  // DynamoDB Local takes transactions one by one, so a crowd has to be small there.
  it.skipIf(!wanted).each([[7, 40], ...(name === 'DynamoDB Local' ? [] : [[135, 145]])])(
    'a limit of %i is had exactly so often by %i at once',
    async (limit = 0, crowd = 0) => {
      const context = testContext(await engine.newStore());
      await counted(context, stock(limit), [1, 0, 2, 0, 0, 0, 0, 1]);
      const got = await Promise.all(
        Array.from({ length: crowd }, (_, index) => spend(context, stock(limit), index * 7, 1)),
      );
      expect(total(got)).toBe(limit - 4);
      expect(await spentOf(context, stock(limit))).toBe(limit);
      // What comes back can be had again, once.
      await Promise.all([3, 4, 5].map((shard) => comeBack(context, stock(limit), shard, 1)));
      const again = await Promise.all(
        Array.from({ length: 10 }, (_, shard) => spend(context, stock(limit), shard, 1)),
      );
      expect(total(again)).toBe(3);
    },
  );
});

describe('a guest’s purchase that is claimed', () => {
  it('takes of a budget what it gives, as one of a member does', async () => {
    const rules = defaultProgram({
      campaigns: [
        {
          id: 'launch',
          name: 'Launch',
          from: '2026-01-01T00:00:00Z',
          to: '2027-01-01T00:00:00Z',
          bonusPoints: 40,
          budgetPoints: 70,
        },
      ],
    });
    const ledger = testContext(createMemoryStore());
    await putInForce(ledger, rules);
    const memberId = await newMember(ledger, rules);
    const guest = aPurchase([1_000]);
    await recordPurchase(ledger, rules, guest, noon);
    const spent = async () => (await readTotal(ledger, 'campaign', 'launch')).spent;
    expect(await spent()).toBe(0);
    await claimPurchase(ledger, rules, guest.id, { member: { memberId }, totalMinor: 1_000 }, noon);
    expect(await spent()).toBe(40);
    // What is left is given, and no more, whoever comes.
    for (const expected of [70, 70]) {
      await recordPurchase(ledger, rules, aPurchase([1_000], { member: { memberId } }), noon);
      expect(await spent()).toBe(expected);
    }
  });
});

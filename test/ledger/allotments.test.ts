/** What there is only so much of, share by share: where a take and what comes back are written, and when all is levelled. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base32, type MemberId } from '../../core/contract/ids.ts';
import {
  giveBack,
  look,
  type Offer,
  offer,
  readTotal,
  type Stock,
  take,
} from '../../ledger/spending/allotments.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import {
  type AllotmentPool,
  type AllotmentShard,
  allotmentShards,
  fromItem,
  keys,
} from '../../ledger/store/items.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import type { Store, Write } from '../../ledger/store/store.ts';
import { runs, testContext } from '../support/world.ts';

const rewards = (budget: number | null, version = 1): Stock => ({ of: 'reward', id: 'cup', budget, version });

/** A member whom a shard serves. */
const memberOf = (shard: number) => `mem_01JD0000000000000000000${base32(shard, 3)}` as MemberId;

function world(change: (store: Store) => Store = (store) => store) {
  const ledger: LedgerContext = {
    ...testContext(change(createMemoryStore())),
    randomInteger: () => 0,
    sleep: async () => {},
  };
  const write = async (writes: readonly Write[]) => {
    if (writes.length > 0) expect(await ledger.store.transact(writes)).toEqual({ type: 'committed' });
  };
  return {
    ledger,
    async take(stock: Stock, shard: number, amount: number, points = 0): Promise<Offer> {
      const offered = await offer(ledger, stock, memberOf(shard), amount);
      await write(take(offered, Math.min(amount, offered.left), points));
      return offered;
    },
    async back(stock: Stock, shard: number, amount: number, points = 0) {
      await write(await giveBack(ledger, stock, memberOf(shard), amount, points));
    },
    async pool({ of, id }: Stock): Promise<AllotmentPool | undefined> {
      const item = await ledger.store.get(keys.allotmentPool(of, id));
      return item && fromItem(item, 'allotmentPool');
    },
    async shards({ of, id }: Stock): Promise<AllotmentShard[]> {
      const numbers = Array.from({ length: allotmentShards }, (_, number) => number);
      const items = await Promise.all(
        numbers.map((number) => ledger.store.get(keys.allotmentShard(of, id, number))),
      );
      return items.flatMap((item) => (item ? [fromItem(item, 'allotmentShard')] : []));
    },
  };
}

describe('what is much', () => {
  it('lies in the shards by seven eighths, alike in all, and the rest in the pool', async () => {
    const stock = rewards(allotmentShards * 16);
    const { take, pool, shards } = world();
    await take(stock, 0, 1, 30);
    const terms = { budget: stock.budget, version: 1, isPooled: false };
    const [first, ...others] = await shards(stock);
    expect(first).toEqual({ ...terms, spent: 1, points: 30, free: 13, revision: 2 });
    for (const one of others) expect(one).toEqual({ ...terms, spent: 0, points: 0, free: 14, revision: 1 });
    expect(await pool(stock)).toEqual({
      ...terms,
      ...{ spent: 0, points: 0, free: allotmentShards * 2, pooledAt: 0, revision: 1 },
    });
  });

  it('is taken from a member’s own shard alone, as long as that has enough', async () => {
    const stock = rewards(allotmentShards * 16);
    const { take, pool, shards } = world();
    for (let times = 0; times < 14; times++) expect((await take(stock, 3, 1)).pool).toBeUndefined();
    expect((await shards(stock))[3]).toMatchObject({ spent: 14, free: 0, revision: 15 });
    expect(await pool(stock)).toMatchObject({ spent: 0, free: allotmentShards * 2, revision: 1 });
  });

  it('comes to a shard out of the pool with the take that needs it, a part of 32 at once', async () => {
    const stock = rewards(allotmentShards * 64);
    const { take, pool, shards } = world();
    for (let times = 0; times < 56; times++) await take(stock, 3, 1);
    const free = allotmentShards * 8;
    expect((await take(stock, 3, 1)).pool).toMatchObject({ free });
    const slice = Math.floor((free - 1) / 32);
    expect((await shards(stock))[3]).toMatchObject({ spent: 57, free: slice });
    expect(await pool(stock)).toMatchObject({ spent: 0, free: free - 1 - slice, revision: 2 });
    // One that takes more than a part leaves nothing of it about.
    await take(stock, 3, slice + 2);
    expect((await shards(stock))[3]).toMatchObject({ spent: 59 + slice, free: 0 });
    expect((await pool(stock))?.free).toBe(free - 1 - slice - 2);
  });

  it('comes back to where it was taken', async () => {
    const stock = rewards(allotmentShards * 16);
    const { take, back, pool, shards } = world();
    await take(stock, 3, 4, 40);
    await back(stock, 3, 1, 10);
    expect((await shards(stock))[3]).toMatchObject({ spent: 3, points: 30, free: 13, revision: 3 });
    expect(await pool(stock)).toMatchObject({ revision: 1 });
  });
});

describe('what is little', () => {
  it('is all in the pool, and the last one gets exactly what is left', async () => {
    const stock = rewards(7);
    const { ledger, take, pool, shards } = world();
    await take(stock, 0, 5, 50);
    expect(await pool(stock)).toMatchObject({ isPooled: true, spent: 5, points: 50, free: 2, pooledAt: 7 });
    for (const one of await shards(stock)) expect(one).toMatchObject({ isPooled: true, spent: 0, free: 0 });
    expect((await take(stock, 1, 5)).left).toBe(2);
    expect((await take(stock, 2, 1)).left).toBe(0);
    expect(await readTotal(ledger, 'reward', 'cup')).toEqual({ spent: 7, points: 50 });
    expect(await look(ledger, stock, memberOf(2), 1)).toBe(0);
  });

  it('of eight takes and more lies in the shards, one take or more in each of the first', async () => {
    const { take, shards, pool } = world();
    const stock = rewards(allotmentShards + 3);
    await take(stock, allotmentShards - 1, 1);
    const free = (await shards(stock)).map((one) => one.free);
    expect(free.slice(0, 4)).toEqual([2, 2, 2, 1]);
    expect(free.at(-1)).toBe(0);
    expect(await pool(stock)).toMatchObject({ free: 0, isPooled: false });
    const eight = world();
    await eight.take(rewards(8), 0, 1);
    expect(await eight.pool(rewards(8))).toMatchObject({ isPooled: false });
    const seven = world();
    await seven.take(rewards(7), 0, 1);
    expect(await seven.pool(rewards(7))).toMatchObject({ isPooled: true });
  });

  it('comes back to the pool, and is spread again once it is much', async () => {
    const stock = rewards(7);
    const { take, back, pool } = world();
    await take(stock, 0, 7, 70);
    await back(stock, 1, 3, 30);
    expect(await pool(stock)).toMatchObject({ isPooled: true, spent: 4, points: 40, free: 3 });
    await back(stock, 0, 1, 10);
    expect(await pool(stock)).toMatchObject({ isPooled: true, free: 4, spent: 3, points: 30 });
  });

  it('is found in another’s shard where one’s own and the pool have none', async () => {
    const stock = rewards(allotmentShards);
    const { take, shards } = world();
    await take(stock, 0, 1);
    const offered = await take(stock, 0, 1);
    expect(offered.shardNumber).not.toBe(0);
    expect(offered.pool).toBeUndefined();
    expect((await shards(stock)).map(({ spent }) => spent).reduce((sum, one) => sum + one)).toBe(2);
  });
});

describe('a budget', () => {
  it('that is none counts what is taken, and has no end', async () => {
    const stock = rewards(null);
    const { ledger, take, back, pool, shards } = world();
    expect((await take(stock, 0, 5, 50)).left).toBe(Number.POSITIVE_INFINITY);
    await back(stock, 0, 2, 20);
    expect((await shards(stock))[0]).toMatchObject({ budget: null, spent: 3, points: 30, free: 0 });
    expect(await pool(stock)).toMatchObject({ budget: null, free: 0, isPooled: false });
    expect(await look(ledger, stock, memberOf(0), 1)).toBe(Number.POSITIVE_INFINITY);
  });

  it('of a newer version of the programme is in force, and an older one is not put in its place', async () => {
    const { ledger, take, pool } = world();
    await take(rewards(5), 0, 4);
    const more = rewards(9, 2);
    expect(await look(ledger, more, memberOf(1), 1)).toBe(5);
    expect((await take(more, 0, 3)).left).toBe(5);
    expect(await pool(more)).toMatchObject({ budget: 9, version: 2, free: 2 });
    // Who has not heard of it yet takes under it, too.
    expect((await take(rewards(5), 1, 1)).left).toBe(2);
    expect(await look(ledger, rewards(5), memberOf(1), 1)).toBe(1);
    expect(await pool(more)).toMatchObject({ budget: 9, version: 2, free: 1 });
    // Below what was taken, nothing is given any more, and what was taken stays.
    const less = rewards(3, 3);
    expect((await take(less, 0, 1)).left).toBe(0);
    expect(await look(ledger, less, memberOf(0), 1)).toBe(0);
    expect(await readTotal(ledger, 'reward', 'cup')).toMatchObject({ spent: 8 });
    const open = rewards(null, 4);
    expect((await take(open, 0, 1)).left).toBe(Number.POSITIVE_INFINITY);
    expect(await readTotal(ledger, 'reward', 'cup')).toMatchObject({ spent: 9 });
  });

  it('is kept whatever is taken and comes back, and all of it can be taken', async () => {
    const step = fc.record({
      shard: fc.nat(allotmentShards - 1),
      amount: fc.integer({ min: 1, max: 9 }),
      isBack: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 300 }),
        fc.array(step, { maxLength: 60 }),
        async (budget, steps) => {
          const stock = rewards(budget);
          const { ledger, take, back, pool, shards } = world();
          let spent = 0;
          for (const { shard, amount, isBack } of steps) {
            if (isBack) {
              const some = Math.min(amount, spent);
              await back(stock, shard, some);
              spent -= some;
              continue;
            }
            const { left } = await take(stock, shard, amount);
            expect(left).toBeLessThanOrEqual(budget - spent);
            // All there is, or as much as is wanted.
            if (left < amount) expect(left).toBe(budget - spent);
            spent += Math.min(amount, left);
            expect((await readTotal(ledger, 'reward', 'cup')).spent).toBe(spent);
            const all = [await pool(stock), ...(await shards(stock))];
            expect(all.reduce((sum, one) => sum + (one?.free ?? 0), spent)).toBe(budget);
          }
        },
      ),
      runs(100),
    );
  });
});

it('nothing is taken with no write', async () => {
  const { ledger } = world();
  for (const budget of [3, 1000, null])
    expect(take(await offer(ledger, rewards(budget), memberOf(0), 1), 0)).toEqual([]);
});

it('who meets others that level time and again looks again, and gives up in the end', async () => {
  let sent = 0;
  const meeting = (times: number) =>
    world((store) => ({
      ...store,
      transact: async (writes) => (++sent <= times ? { type: 'contended' as const } : store.transact(writes)),
    }));
  const offered = offer(meeting(3).ledger, rewards(5), memberOf(0), 1);
  expect((await offered).left).toBe(5);
  expect(sent).toBe(4);
  sent = 0;
  const given = offer(meeting(4).ledger, rewards(5), memberOf(0), 1);
  await expect(given).rejects.toMatchObject({ name: 'LedgerUnavailable', reason: 'contended' });
  expect(sent).toBe(4);
  const broken = world((store) => ({ ...store, transact: async () => ({ type: 'throttled' }) }));
  await expect(offer(broken.ledger, rewards(5), memberOf(0), 1)).rejects.toMatchObject({
    reason: 'throttled',
  });
});

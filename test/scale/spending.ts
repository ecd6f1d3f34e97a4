/**
 * How many takes a second a budgeted campaign or a limited reward bears, from the code's own constants and from what
 * its own code writes; see ledger/spending/allotments.ts.
 *
 * Assumptions:
 * - An item is in one transaction at a time: who comes meanwhile gets `TransactionConflict` (DynamoDB, "Amazon DynamoDB
 *   Transactions: How it works", on conflicts) and tries again. So an item bears one take per duration of a transaction.
 * - That lasts `transactionSeconds`, read and write: 8 items bore 300 takes a second, as scale.md has it.
 * - A partition has 1,000 write units a second, and a transaction writes twice (its "Quotas" and "Capacity" pages).
 */
import type { MemberId } from '../../core/contract/ids.ts';
import { offer, type Stock, take } from '../../ledger/spending/allotments.ts';
import { allotmentGroups, allotmentShards } from '../../ledger/store/items.ts';
import { itemBytes } from '../../ledger/store/limits.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { randomOf } from '../support/storm.ts';
import { testContext } from '../support/world.ts';

export const wantedPerSecond = 2000;
const transactionSeconds = 8 / 300;
const partitionUnits = 1000;
const unitsPerTake = 2;

export interface SpendingCeiling {
  readonly takes: number;
  /** Takes a second while most is left, and until all is taken, its end included. */
  readonly perSecond: number;
  readonly toTheEndPerSecond: number;
  /** What a take costs on average: reads are requests, writes are items. */
  readonly reads: number;
  readonly writes: number;
  readonly poolWrites: number;
}

const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Takes all of a stock of so many pieces, one after the other by members at random, and counts. */
export async function spendingCeiling(takes: number): Promise<SpendingCeiling> {
  const counts = { reads: 0, writes: 0, poolWrites: 0, bytes: 0 };
  const memory = createMemoryStore();
  const context = testContext({
    ...memory,
    get: (key) => {
      counts.reads++;
      return memory.get(key);
    },
    query: (pk, range) => {
      counts.reads++;
      return memory.query(pk, range);
    },
    transact: (writes) => {
      counts.writes += writes.length;
      for (const write of writes)
        if ('put' in write) {
          counts.bytes = Math.max(counts.bytes, itemBytes(write.put));
          if (write.put.item === 'allotmentPool') counts.poolWrites++;
        }
      return memory.transact(writes);
    },
  });
  const random = randomOf(9);
  const character = () => digits[Math.floor(random() * 32)];
  const stock: Stock = { of: 'reward', id: 'mug', budget: takes, version: 1 };
  for (let taken = 0; taken < takes; taken++) {
    const memberId = `mem_01JD00000000000000000000${character()}${character()}` as MemberId;
    await context.store.transact(take(await offer(context, stock, memberId, 1), 1, 100));
  }
  const perItem = 1 / transactionSeconds;
  const byPartitions = (allotmentGroups * partitionUnits) / (unitsPerTake * Math.ceil(counts.bytes / 1024));
  const perSecond = Math.min(allotmentShards * perItem, byPartitions);
  const seconds = Math.max(takes / perSecond, counts.poolWrites / perItem);
  return {
    takes,
    perSecond: Math.floor(perSecond),
    toTheEndPerSecond: Math.floor(takes / seconds),
    reads: counts.reads / takes,
    writes: counts.writes / takes,
    poolWrites: counts.poolWrites,
  };
}

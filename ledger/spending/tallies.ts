/**
 * How often all members together have a reward, and for how many points. A tally is split over shards like a
 * budget, so that a popular reward does not make every redemption write the same item; a limit is split with it,
 * and every take is written in the redemption's own transaction, so the limit is exact.
 */
import type { MemberId } from '../../core/contract/ids.ts';
import type { Reward } from '../../core/redemptions.ts';
import { capacitiesOf } from '../purchases/budgets.ts';
import type { LedgerContext } from '../store/context.ts';
import {
  budgetShards,
  fromItem,
  keys,
  memberShard,
  type RewardCount,
  type Tally,
  toItem,
} from '../store/items.ts';
import { asRead, type Write } from '../store/store.ts';

/** Whether anything has to be counted over all members. */
export function isTallied(reward: Reward): boolean {
  return reward.limit !== undefined || reward.type === 'donation';
}

async function readShard(context: LedgerContext, rewardId: string, shard: number): Promise<Tally> {
  const item = await context.store.get(keys.tally(rewardId, shard));
  return item ? fromItem(item, 'tally') : { rewardId, count: 0, points: 0, revision: 0 };
}

export async function readTally(context: LedgerContext, rewardId: string): Promise<Tally[]> {
  const shards = Array.from({ length: budgetShards }, (_, shard) => readShard(context, rewardId, shard));
  return Promise.all(shards);
}

/** What all shards come to. */
export function totalOf(tally: readonly Tally[]): { count: number; points: number } {
  return tally.reduce(
    (sum, { count, points }) => ({ count: sum.count + count, points: sum.points + points }),
    { count: 0, points: 0 },
  );
}

/** A change of one shard that nobody else has changed since it was read. */
function tallyWrite(shard: number, before: Tally, by: { count: number; points: number }): Write {
  const after: Tally = {
    ...before,
    count: before.count + by.count,
    points: before.points + by.points,
    revision: before.revision + 1,
  };
  return {
    put: toItem(keys.tally(before.rewardId, shard), 'tally', after),
    if: asRead(before.revision === 0 ? undefined : before),
  };
}

export interface Tallied {
  readonly shard: number | null;
  readonly writes: readonly Write[];
}

/** Counts one more of a reward, in the member's shard first; undefined when nothing is left of it. */
export async function countOne(
  context: LedgerContext,
  reward: Reward,
  memberId: MemberId,
): Promise<Tallied | undefined> {
  if (!isTallied(reward)) return { shard: null, writes: [] };
  const { id, limit, points } = reward;
  const first = memberShard(memberId);
  if (limit === undefined) {
    const before = await readShard(context, id, first);
    return { shard: first, writes: [tallyWrite(first, before, { count: 1, points })] };
  }
  const tally = await readTally(context, id);
  const capacities = capacitiesOf(
    limit,
    tally.map(({ count }) => count),
  );
  for (let step = 0; step < budgetShards; step++) {
    const shard = (first + step) % budgetShards;
    const before = tally[shard];
    if (before && before.count < (capacities[shard] ?? 0))
      return { shard, writes: [tallyWrite(shard, before, { count: 1, points })] };
  }
  return undefined;
}

/** Takes one back that was counted in a shard. */
export async function uncountOne(
  context: LedgerContext,
  taken: { readonly rewardId: string; readonly points: number; readonly tallyShard: number | null },
): Promise<Write[]> {
  const { rewardId, points, tallyShard } = taken;
  if (tallyShard === null) return [];
  const before = await readShard(context, rewardId, tallyShard);
  return [tallyWrite(tallyShard, before, { count: -1, points: -points })];
}

// For each member ------------------------------------------------------------------------------------------

/** The write that changes how often a member has a reward; undefined when the limit for each is reached. */
export async function countForMember(
  context: LedgerContext,
  memberId: MemberId,
  rewardId: string,
  by: 1 | -1,
  limit = Number.POSITIVE_INFINITY,
): Promise<Write | undefined> {
  const key = keys.rewardCount(memberId, rewardId);
  const item = await context.store.get(key);
  const before: RewardCount = item ? fromItem(item, 'rewardCount') : { rewardId, count: 0, revision: 0 };
  if (before.count + by > limit) return undefined;
  const after: RewardCount = { rewardId, count: before.count + by, revision: before.revision + 1 };
  return {
    put: toItem(key, 'rewardCount', after),
    if: asRead(item && before),
  };
}

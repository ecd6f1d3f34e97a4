/** How often a reward was had: by all members together, where there is only so much of it, and by each of them. */
import type { Account } from '../../core/account.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import type { Program } from '../../core/program.ts';
import type { Reward } from '../../core/redemptions.ts';
import type { LedgerContext } from '../store/context.ts';
import { fromItem, keys, type RedemptionRecord, type RewardCount, toItem } from '../store/items.ts';
import { asRead, type Write } from '../store/store.ts';
import { giveBack, look, type Offer, offer, readTotal, type Stock } from './allotments.ts';

/** Whether anything has to be counted over all members. */
export function isTallied(reward: Reward): boolean {
  return reward.limit !== undefined || reward.type === 'donation';
}

function stockOf(program: Program, rewardId: string): Stock {
  const budget = program.rewards.find(({ id }) => id === rewardId)?.limit ?? null;
  return { of: 'reward', id: rewardId, budget, version: program.version };
}

/** How often all members together have a reward that is counted, and for how many points. */
export async function readTally(
  context: LedgerContext,
  rewardId: string,
): Promise<{ count: number; points: number }> {
  const { spent, points } = await readTotal(context, 'reward', rewardId);
  return { count: spent, points };
}

/** How much a member could have of a reward, of all that there is; nothing is written. */
export async function leftOf(
  context: LedgerContext,
  program: Program,
  { id, limit }: Reward,
  memberId: MemberId,
): Promise<number> {
  return limit === undefined ? Number.POSITIVE_INFINITY : look(context, stockOf(program, id), memberId, 1);
}

/** One more of a reward, to be taken; undefined for a reward that is not counted. */
export async function offerOne(
  context: LedgerContext,
  program: Program,
  reward: Reward,
  memberId: MemberId,
): Promise<Offer | undefined> {
  return isTallied(reward) ? offer(context, stockOf(program, reward.id), memberId, 1) : undefined;
}

/** Takes one back that was counted. */
export async function uncountOne(
  context: LedgerContext,
  program: Program,
  taken: Pick<RedemptionRecord, 'rewardId' | 'memberId' | 'points' | 'tallied'>,
): Promise<Write[]> {
  const { rewardId, memberId, points, tallied } = taken;
  return tallied ? giveBack(context, stockOf(program, rewardId), memberId, 1, points) : [];
}

// For each member ------------------------------------------------------------------------------------------

/** Counts one more, or one less, for a member. */
async function recount(context: LedgerContext, memberId: MemberId, rewardId: string, by: 1 | -1) {
  const item = await context.store.get(keys.rewardCount(memberId, rewardId));
  const before = item && fromItem(item, 'rewardCount');
  const count = before?.count ?? 0;
  const after: RewardCount = { rewardId, count: count + by, revision: (before?.revision ?? 0) + 1 };
  const put = toItem(keys.rewardCount(memberId, rewardId), 'rewardCount', after);
  const write: Write = { put, if: asRead(before) };
  return { count, write };
}

/** How often a member has a reward, and the write that counts one more: where each may have it only so often. */
export async function ownCount(
  context: LedgerContext,
  { id, limitPerMember }: Reward,
  { memberId, merged = [] }: Pick<Account, 'memberId' | 'merged'>,
): Promise<{ readonly count: number; readonly write?: Write }> {
  if (limitPerMember === undefined) return { count: 0 };
  const own = await recount(context, memberId, id, 1);
  // What was merged into a member is counted where it was, and nothing is added to it there any more.
  const others = await Promise.all(merged.map((one) => context.store.get(keys.rewardCount(one, id))));
  const had = others.reduce((sum, item) => sum + (item ? fromItem(item, 'rewardCount').count : 0), 0);
  return { ...own, count: own.count + had };
}

/** Takes one back that was counted for its member. */
export async function uncountOwn(
  context: LedgerContext,
  { memberId, rewardId, counted }: Pick<RedemptionRecord, 'memberId' | 'rewardId' | 'counted'>,
): Promise<Write[]> {
  return counted ? [(await recount(context, memberId, rewardId, -1)).write] : [];
}

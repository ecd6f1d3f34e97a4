/**
 * Whether a member can have a reward: the one rule, for the redemption that takes it and the quote that offers it. What
 * the account says comes first, since that costs no more reads; then what is left of the reward.
 */
import { type Account, balanceOf } from './account.ts';
import { settle } from './points.ts';
import type { Program } from './program.ts';
import { type Reward, refuseReward } from './redemptions.ts';
import { type ContactHold, isHeld } from './security.ts';

export type RewardRefusal =
  | { readonly type: 'paused' }
  /** Nobody has shown yet that a contact is theirs. */
  | { readonly type: 'unconfirmed' }
  | { readonly type: 'unavailable'; readonly reason: string }
  | { readonly type: 'insufficient'; readonly available: number; readonly needed: number }
  /** Points have to stay for a while: see core/security.ts. */
  | { readonly type: 'held'; readonly hold: ContactHold };

/** What is known of a member beside the account. */
export interface Circumstances {
  /** Whether operators have stopped redemptions. */
  readonly paused: boolean;
  readonly contactHold: ContactHold | undefined;
  /** Whether a contact has to be confirmed first. */
  readonly mustConfirm: boolean;
}

/** How often a reward was had, where that matters. */
export interface RewardCounts {
  /** What is left of it for all members. */
  readonly left: number;
  /** How often this member has it. */
  readonly own: number;
}

export function refuseByAccount(
  program: Program,
  account: Account,
  reward: Reward,
  { paused, contactHold, mustConfirm }: Circumstances,
  now: number,
): RewardRefusal | undefined {
  if (paused) return { type: 'paused' };
  if (mustConfirm) return { type: 'unconfirmed' };
  const reason = refuseReward(program, account, reward, now);
  if (reason !== undefined) return { type: 'unavailable', reason };
  const { available } = balanceOf(settle(program, account, now).account);
  if (reward.points > available) return { type: 'insufficient', available, needed: reward.points };
  if (contactHold && isHeld(contactHold, available, reward.points, now))
    return { type: 'held', hold: contactHold };
  return undefined;
}

export function refuseByCounts(reward: Reward, { left, own }: RewardCounts): RewardRefusal | undefined {
  if (left < 1) return { type: 'unavailable', reason: `Nothing is left of ${reward.id}.` };
  if (own >= (reward.limitPerMember ?? Number.POSITIVE_INFINITY))
    return { type: 'unavailable', reason: `The member has had ${reward.id} as often as each may.` };
  return undefined;
}

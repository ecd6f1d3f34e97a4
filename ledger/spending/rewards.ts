/** Which rewards a member could have at a moment, and what stands in the way beside points and numbers. */
import type { Account } from '../../core/account.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import type { Program } from '../../core/program.ts';
import type { Reward } from '../../core/redemptions.ts';
import { type Circumstances, refuseByAccount, refuseByCounts } from '../../core/rewards.ts';
import { type ContactHold, mustConfirm } from '../../core/security.ts';
import { knownOf } from '../members/members.ts';
import { exceptionId, type NewException, openOnce } from '../operators/exceptions.ts';
import type { LedgerContext } from '../store/context.ts';
import { fromItem, keys } from '../store/items.ts';
import type { Standing, Write } from '../store/store.ts';
import { leftOf, ownCount } from './tallies.ts';

export async function circumstancesOf(
  context: LedgerContext,
  program: Program,
  memberId: MemberId,
  paused: boolean,
): Promise<Circumstances> {
  const item = await context.store.get(keys.profile(memberId));
  const profile = item && fromItem(item, 'profile');
  return {
    paused,
    contactHold: profile?.contactHold,
    mustConfirm: profile !== undefined && mustConfirm(program, knownOf(profile)),
  };
}

/**
 * The rewards that the member could redeem this very moment, by the rule that redemptions go by. Of each that is
 * limited and that the account does not rule out, its numbers are read.
 */
export async function redeemableRewards(
  context: LedgerContext,
  program: Program,
  account: Account,
  paused: boolean,
  now: number,
): Promise<Reward[]> {
  const { memberId } = account;
  const circumstances = await circumstancesOf(context, program, memberId, paused);
  const open = program.rewards.filter(
    (reward) => !refuseByAccount(program, account, reward, circumstances, now),
  );
  const refusals = await Promise.all(
    open.map(async (reward) => {
      const [left, own] = await Promise.all([
        leftOf(context, program, reward, memberId),
        ownCount(context, reward, account),
      ]);
      return refuseByCounts(reward, { left, own: own.count });
    }),
  );
  return open.filter((_, index) => refusals[index] === undefined);
}

/** The writes that tell operators, once for each hold, that it stood in the way of somebody. */
export function tellHeld(
  context: LedgerContext,
  { memberId }: Account,
  { id, points }: Reward,
  { since, until }: ContactHold,
  found: Standing,
  now: number,
): Write[] {
  const told: NewException = {
    type: 'points_held',
    subject: memberId,
    memberId,
    detail: 'An e-mail or phone was replaced, and most of the points were to be spent soon after.',
    data: { rewardId: id, points, since, until },
    distinction: since,
    occurredAt: since,
  };
  const listed = exceptionId(context, told);
  const isTold = found.has(keys.exception(listed, 'open')) || found.has(keys.exception(listed, 'resolved'));
  return isTold ? [] : openOnce(context, told, now);
}

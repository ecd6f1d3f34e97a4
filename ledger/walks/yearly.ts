/**
 * Days of members that come round every year, of the days that a night looks at: each is honoured as the day it is,
 * however late the night is that finds it.
 */
import { daysThatComeRound, type YearlyBonus, yearlyBonusNames } from '../../core/bonuses.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { giveYearly, yearlyApartDays } from '../../core/points.ts';
import { dateOf } from '../../core/time.ts';
import { append } from '../members/append.ts';
import { getOpenAccount } from '../members/members.ts';
import { decide } from '../store/decide.ts';
import { keys, memberShards } from '../store/items.ts';
import { thoseListed } from '../store/lists.ts';
import { daysOf, lastDays } from './night.ts';
import { type Place, throughPartitions } from './walk.ts';

/** The bonus whose day a partition is. */
function bonusIn(pk: string): YearlyBonus {
  const bonus = yearlyBonusNames.find((name) => pk.startsWith(`${name.toUpperCase()}#`));
  if (!bonus) throw new Error(`${pk} is no day of a yearly bonus.`);
  return bonus;
}

export const yearlyWalk = throughPartitions({
  name: 'yearly',
  // Next year they are there again.
  isList: false,
  memberOf: (sk) => sk as MemberId,
  partitions: ({ context }, night) =>
    // After more than a year without a night every day is there once, and not in two years side by side.
    thoseListed(
      context,
      daysOf(lastDays(night, yearlyApartDays)).flatMap((day) =>
        daysThatComeRound(day).flatMap((monthDay) =>
          yearlyBonusNames.flatMap((bonus) =>
            Array.from(
              { length: memberShards },
              (_, shard): Place => ({ pk: keys.yearlyPk(bonus, monthDay, shard), day }),
            ),
          ),
        ),
      ),
    ),
  handle: async ({ context, program, now }, { pk, sk }, { day }) => {
    const memberId = sk as MemberId;
    const entries = await decide<number>(context, `Giving ${memberId} a yearly bonus`, async () => {
      const account = await getOpenAccount(context, memberId);
      // A day that was over before somebody joined is not theirs.
      if (account?.memberId !== memberId || dateOf(Date.parse(account.createdAt), program.timeZone) > day)
        return { result: 0, writes: [] };
      const given = append(context, account, giveYearly(program, account, bonusIn(pk), day, now), now);
      return { result: given.entries.length, writes: given.writes };
    });
    return { counted: { members: 1, entries } };
  },
});

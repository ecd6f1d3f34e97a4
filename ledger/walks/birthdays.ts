/** Birthdays: everybody's of the days that a night looks at. Whoever has had the bonus has had it for 365 days. */
import type { MemberId } from '../../core/contract/ids.ts';
import { giveBirthday } from '../../core/points.ts';
import { append } from '../members/append.ts';
import { getOpenAccount } from '../members/members.ts';
import { decide } from '../store/decide.ts';
import { keys, memberShards } from '../store/items.ts';
import { dateOf, daysOf } from './night.ts';
import { type Place, throughPartitions } from './walk.ts';

/** Who was born on a leap day has the 28th in other years. */
function birthdaysOn(day: string): string[] {
  const monthDay = day.slice(5);
  const isLeap = new Date(`${day.slice(0, 4)}-02-29T00:00:00Z`).getUTCMonth() === 1;
  return monthDay === '02-28' && !isLeap ? ['02-28', '02-29'] : [monthDay];
}

export const birthdayWalk = throughPartitions({
  name: 'birthdays',
  // Next year they are there again.
  isList: false,
  memberOf: (sk) => sk as MemberId,
  partitions: (_means, night) =>
    daysOf(night).flatMap((day) =>
      birthdaysOn(day).flatMap((monthDay) =>
        Array.from(
          { length: memberShards },
          (_, shard): Place => ({ pk: keys.birthdayPk(monthDay, shard), day }),
        ),
      ),
    ),
  handle: async ({ context, program, now }, { sk }, { day }) => {
    const memberId = sk as MemberId;
    const entries = await decide<number>(context, `Giving ${memberId} a birthday bonus`, async () => {
      const account = await getOpenAccount(context, memberId);
      // A day that was over before somebody joined is not theirs.
      if (!account || dateOf(Date.parse(account.createdAt), program.timeZone) > day)
        return { result: 0, writes: [] };
      const given = append(context, account, giveBirthday(program, account, now), now);
      return { result: given.entries.length, writes: given.writes };
    });
    return { counted: { members: 1, entries } };
  },
});

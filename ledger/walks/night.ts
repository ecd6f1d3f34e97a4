/** The night: goes through the days that have passed and appends what fell due to the accounts it finds there. */
import type { Account } from '../../core/account.ts';
import { type YearlyBonus, yearlyBonusNames } from '../../core/bonuses.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { giveYearly, type Plan, settle } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import { localDate } from '../../core/time.ts';
import { append } from '../members/append.ts';
import { getOpenAccount } from '../members/members.ts';
import { settleReferral } from '../members/referrals.ts';
import type { LedgerContext } from '../store/context.ts';
import { commit, decide } from '../store/decide.ts';
import { dueShards, fromItem, keys, toItem } from '../store/items.ts';
import { scanPartition } from '../store/store.ts';

const dayMs = 86_400_000;

export interface Night {
  /** The days that were looked at, as `2026-11-22` in the programme's zone. */
  readonly days: readonly string[];
  readonly members: number;
  readonly entries: number;
  /** Whether every day up to today was done; if not, the next call goes on. */
  readonly complete: boolean;
}

/**
 * Writes down what has fallen due up to now, gives the birthday bonuses of the days passed, and settles the
 * referrals that wait for one of them. It goes on where the last call stopped, and stops between two days when `hasTime` says so.
 */
export async function runNight(
  context: LedgerContext,
  program: Program,
  now: number,
  hasTime: () => boolean,
): Promise<Night> {
  const today = dateOf(now, program.timeZone);
  const days: string[] = [];
  let [members, entries] = [0, 0];
  for (let day = await firstDay(context, program, now); day <= today; day = nextDay(day)) {
    if (!hasTime()) return { days, members, entries, complete: false };
    for await (const { memberId, referral } of dueItems(context, (shard) => keys.duePk(day, shard))) {
      members++;
      if (referral) await settleReferral(context, program, memberId, now);
      else entries += await appendTo(context, memberId, (account) => settle(program, account, now), now);
    }
    for (const [bonus, monthDay] of yearlyOn(day))
      for await (const { memberId } of dueItems(context, (shard) => keys.yearlyPk(bonus, monthDay, shard))) {
        members++;
        entries += await appendTo(
          context,
          memberId,
          // A day that was over before somebody joined is not theirs.
          (account) =>
            dateOf(Date.parse(account.createdAt), program.timeZone) > day
              ? { account, entries: [] }
              : giveYearly(program, account, bonus, now),
          now,
        );
      }
    days.push(day);
    await saveDay(context, day);
  }
  return { days, members, entries, complete: true };
}

function dateOf(instant: number, timeZone: string): string {
  const { year, month, day } = localDate(instant, timeZone);
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
}

function nextDay(day: string): string {
  return new Date(Date.parse(day) + dayMs).toISOString().slice(0, 10);
}

function yearlyOn(day: string): (readonly [YearlyBonus, string])[] {
  return yearlyBonusNames.flatMap((bonus) => daysOfYear(day).map((monthDay) => [bonus, monthDay] as const));
}

/** What came to be on a leap day has the 28th in other years. */
function daysOfYear(day: string): string[] {
  const monthDay = day.slice(5);
  const isLeap = new Date(`${day.slice(0, 4)}-02-29T00:00:00Z`).getUTCMonth() === 1;
  return monthDay === '02-28' && !isLeap ? ['02-28', '02-29'] : [monthDay];
}

/**
 * The first day to look at: the last one that was, again, since it may have been looked at before its end. UTC
 * days of instants and days of the zone differ by one at most, so one more day back is looked at.
 */
async function firstDay(context: LedgerContext, program: Program, now: number): Promise<string> {
  const item = await context.store.get(keys.night);
  if (item) return new Date(Date.parse(fromItem(item, 'night').day) - dayMs).toISOString().slice(0, 10);
  const first = await context.store.get(keys.programVersion(1));
  const putAt = first ? Date.parse(fromItem(first, 'program').putAt) : now;
  return dateOf(putAt - dayMs, program.timeZone);
}

async function saveDay(context: LedgerContext, day: string): Promise<void> {
  await commit(context, 'Saving the night', [{ put: toItem(keys.night, 'night', { day }) }]);
}

async function* dueItems(context: LedgerContext, pk: (shard: number) => string) {
  for (let shard = 0; shard < dueShards; shard++)
    for await (const item of scanPartition(context.store, pk(shard), '')) yield fromItem(item, 'due');
}

/** Appends what `plan` says to an account, deciding again when somebody else was faster. */
async function appendTo(
  context: LedgerContext,
  memberId: MemberId,
  plan: (account: Account) => Plan,
  now: number,
): Promise<number> {
  return decide<number>(context, `Settling ${memberId}`, async () => {
    const account = await getOpenAccount(context, memberId);
    if (!account) return { result: 0, writes: [] };
    const { entries, writes } = append(context, account, plan(account), now);
    return { result: entries.length, writes };
  });
}

/**
 * What falls due: members whose points become available or lapse, or whose tier ends, on a day, newcomers whose
 * purchase comes to count for their referral, exceptions that have held somebody's contacts long enough, and members
 * by the days of theirs that come round every year. The night's walks look at the days that have passed and ask the
 * accounts; an entry here only says where to look, so one that is out of date does no harm: it is taken off the list
 * when it is met.
 */
import type { Account } from '../../core/account.ts';
import { type MemberDates, type YearlyBonus, yearlyBonuses, yearlyBonusNames } from '../../core/bonuses.ts';
import type { ExceptionId, MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { nextDue } from '../../core/points.ts';
import { keys, type Profile, toItem } from '../store/items.ts';
import type { Write } from '../store/store.ts';

/** The night has passed a day long before its entries are swept. */
const keptDays = 60;

/**
 * The day under which an instant is listed, and when its entry may go (epoch seconds). What fell due before `now` is
 * listed under today: a night is yet to come to that, and has passed the days before.
 */
function placeOf(at: string, now: number): { day: string; ttl: number } {
  const due = Math.max(Date.parse(at), now);
  return { day: utc(due).slice(0, 10), ttl: Math.floor(due / 1000) + keptDays * 86_400 };
}

/** The write that lists a member under the day on which something next falls due, when that day changed. */
export function dueWrite(previous: Account | undefined, account: Account, now: number): Write[] {
  const at = nextDue(account);
  if (at === null || (previous && nextDue(previous) === at)) return [];
  const { day, ttl } = placeOf(at, now);
  const { memberId } = account;
  return [{ put: toItem(keys.due(day, memberId), 'due', { memberId }, ttl) }];
}

/** The write that lists a newcomer under the day on which a purchase comes to count for their referral. */
export function referralDueWrite(memberId: MemberId, at: string, now: number): Write {
  const { day, ttl } = placeOf(at, now);
  return { put: toItem(keys.dueReferral(day, memberId), 'due', { memberId, referral: true }, ttl) };
}

/** The write that has somebody looked at at once, and by the night where that did not come to it: a contact is theirs. */
export function proofDueWrite(memberId: MemberId, now: number): Write {
  const { day, ttl } = placeOf(utc(now), now);
  return { put: toItem(keys.dueProof(day, memberId), 'due', { memberId }, ttl) };
}

/**
 * Where that lists them.
 * @param isNew whether they join with it, by somebody who has seen them: nobody can have come by them yet, and whoever
 *   brought them is known
 */
export function proofDuePlace(memberId: MemberId, now: number, isNew = false): DuePlace {
  const { day } = placeOf(utc(now), now);
  const { pk, sk } = keys.dueProof(day, memberId);
  return { pk, day, only: sk, ...(isNew && { isNew }) };
}

/** The write that has somebody without proof become whoever has their contact by now; and where it lists them. */
export function takenDueWrite(memberId: MemberId, takenBy: MemberId, now: number): Write {
  const { day, ttl } = placeOf(utc(now), now);
  return { put: toItem(keys.dueTaken(day, memberId), 'due', { memberId, takenBy }, ttl) };
}

export function takenDuePlace(memberId: MemberId, now: number): DuePlace {
  const { day } = placeOf(utc(now), now);
  const { pk, sk } = keys.dueTaken(day, memberId);
  return { pk, day, only: sk };
}

/** One item of what falls due, as the walk through it names it. */
export interface DuePlace {
  readonly pk: string;
  readonly day: string;
  readonly only: string;
  /** They join with it: there is less to look at. */
  readonly isNew?: true;
}

/** The write that lists somebody who joined by the public page under the day on which they have to have come. */
export function joinDueWrite(memberId: MemberId, joined: number, at: string, now: number): Write {
  const { day, ttl } = placeOf(at, now);
  return { put: toItem(keys.dueJoin(day, memberId), 'due', { memberId, joined }, ttl) };
}

/** The write that lists an exception under the day on which it no longer holds anybody's contacts. */
export function exceptionDueWrite(exceptionId: ExceptionId, at: string, now: number): Write {
  const { day, ttl } = placeOf(at, now);
  return { put: toItem(keys.dueException(day, exceptionId), 'due', {}, ttl) };
}

/** The writes that move a member's place among those whose day comes round; null for who is not there. */
export function yearlyWrites(
  memberId: MemberId,
  before: MemberDates | null,
  after: MemberDates | null,
): Write[] {
  return yearlyBonusNames.flatMap((bonus) => {
    const place = (dates: MemberDates | null) => dates && yearlyBonuses[bonus](dates);
    return placeWrites(bonus, memberId, place(before), place(after));
  });
}

function placeWrites(
  bonus: YearlyBonus,
  memberId: MemberId,
  before: string | null,
  after: string | null,
): Write[] {
  if (before === after) return [];
  const key = (day: string) => keys.yearly(bonus, day.slice(5), memberId);
  return [
    ...(before === null || before.slice(5) === after?.slice(5) ? [] : [{ delete: key(before) }]),
    ...(after === null ? [] : [{ put: toItem(key(after), 'due', { memberId }) }]),
  ];
}

/** A member's days that come round. */
export function datesOf(
  { birthday }: Pick<Profile, 'birthday'>,
  { createdAt }: Pick<Account, 'createdAt'>,
): MemberDates {
  return { birthday, joined: createdAt.slice(0, 10) };
}

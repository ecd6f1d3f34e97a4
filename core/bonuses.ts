/**
 * The bonuses that come round every year on a day of the member's own. One line makes one: the programme may give
 * points for it, members are listed under its day, and the night gives it; what phones say of it is in
 * passes/changes.ts.
 */

/** The days of a member that come round, as `2001-02-28`. */
export interface MemberDates {
  readonly birthday: string | null;
  /** The day on which they joined, in UTC. */
  readonly joined: string;
}

/** Each with the day on which it is given; null for a member who has none. */
export const yearlyBonuses = {
  birthday: ({ birthday }: MemberDates) => birthday,
} as const satisfies Record<string, (dates: MemberDates) => string | null>;
export type YearlyBonus = keyof typeof yearlyBonuses;
export const yearlyBonusNames = Object.keys(yearlyBonuses) as readonly YearlyBonus[];

/** What came to be on a leap day has the 28th in other years: the days `02-28` that a day comes round for. */
export function daysThatComeRound(day: string): string[] {
  const monthDay = day.slice(5);
  const isLeap = new Date(`${day.slice(0, 4)}-02-29T00:00:00Z`).getUTCMonth() === 1;
  return monthDay === '02-28' && !isLeap ? ['02-28', '02-29'] : [monthDay];
}

export function isYearly(name: string): name is YearlyBonus {
  return Object.hasOwn(yearlyBonuses, name);
}

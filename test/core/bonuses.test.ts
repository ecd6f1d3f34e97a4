/** Bonuses that come round belong to their day in the programme's zone, and to it alone, whenever they are given. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Account } from '../../core/account.ts';
import { daysThatComeRound } from '../../core/bonuses.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { enrol, giveYearly } from '../../core/points.ts';
import { dayStart } from '../../core/time.ts';
import { check } from '../passes/views.ts';
import { defaultProgram } from '../support/world.ts';

const memberId = 'mem_01JD0000000000000000000000' as MemberId;
const zones = Intl.supportedValuesOf('timeZone');
const dayMs = 86_400_000;
const years = [2026, 2027, 2028, 2029, 2030];

const arbBirthday = fc.oneof(
  fc.constantFrom('2000-02-29', '1999-02-28', '2000-03-29', '1990-12-31', '1990-01-01'),
  fc
    .date({ min: new Date('1930-01-01'), max: new Date('2020-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10)),
);

/** The days of each year by what comes round on them: the night asks every day. */
const daysBy = new Map(
  years.flatMap((year) =>
    Array.from({ length: 366 }, (_, at) => new Date(Date.UTC(year, 0, 1 + at)).toISOString().slice(0, 10))
      .filter((day) => day.startsWith(`${year}`))
      .flatMap((day) => daysThatComeRound(day).map((monthDay) => [`${year} ${monthDay}`, day] as const)),
  ),
);

function dayIn(year: number, birthday: string): string {
  return daysBy.get(`${year} ${birthday.slice(5)}`) ?? '';
}

const program = (timeZone: string) => defaultProgram({ timeZone, expiry: null, bonuses: { birthday: 100 } });
const joined = (timeZone: string) =>
  enrol(program(timeZone), memberId, Date.parse('2025-01-01T00:00:00Z')).account;

describe('a birthday', () => {
  it('comes round on one day of every year, a leap day’s on the 28th where there is none', () => {
    expect(daysBy.size).toBe(366 * years.length);
    expect(years.map((year) => dayIn(year, '2000-02-29').slice(5))).toEqual([
      '02-28',
      '02-28',
      '02-29',
      '02-28',
      '02-28',
    ]);
  });

  it('is honoured every year on its very day, in every zone', () => {
    check(
      fc.property(
        fc.constantFrom(...zones),
        arbBirthday,
        fc.array(fc.nat(30 * 24), { minLength: years.length, maxLength: years.length }),
        (timeZone, birthday, lateHours) => {
          const rules = program(timeZone);
          let account: Account = joined(timeZone);
          for (const [at, year] of years.entries()) {
            const day = dayIn(year, birthday);
            // Just after midnight, or as many hours later as a night was missed.
            const now = dayStart(day, timeZone) + 60_000 + (lateHours[at] ?? 0) * 3_600_000;
            const given = giveYearly(rules, account, 'birthday', day, now);
            expect(given.entries.at(-1)).toMatchObject({
              type: 'bonus',
              cause: { type: 'birthday', id: day },
            });
            account = given.account;
            expect(account.lifetime.earned).toBe(100 * (at + 1));
            // Looked at again, that day or the next, it is not given again.
            for (const later of [now, now + dayMs])
              expect(giveYearly(rules, account, 'birthday', day, later).entries).toEqual([]);
          }
        },
      ),
    );
  });

  it('never comes for two days less than 365 days apart, whatever is edited and whenever nights come', () => {
    check(
      fc.property(
        fc.constantFrom(...zones),
        fc.array(fc.tuple(fc.nat(800), fc.nat(30)), { maxLength: 12 }),
        (timeZone, all) => {
          const rules = program(timeZone);
          let account: Account = joined(timeZone);
          const honoured: number[] = [];
          for (const [offset, late] of all.toSorted(([a], [b]) => a - b)) {
            const at = Date.UTC(2026, 0, 1) + offset * dayMs;
            const day = new Date(at).toISOString().slice(0, 10);
            const now = dayStart(day, timeZone) + late * dayMs;
            const given = giveYearly(rules, account, 'birthday', day, now);
            if (given.entries.length > 0) honoured.push(offset);
            account = given.account;
          }
          for (const [index, offset] of honoured.entries())
            if (index > 0) expect(offset - (honoured[index - 1] ?? 0)).toBeGreaterThanOrEqual(365);
        },
      ),
    );
  });

  it('that was given before days were kept is told by the instant at which it was', () => {
    const rules = program('Europe/London');
    const before = { ...joined('Europe/London'), bonuses: { birthday: '2026-03-29T00:05:00Z' } };
    const now = dayStart('2027-03-29', 'Europe/London') + 60_000;
    expect(giveYearly(rules, before, 'birthday', '2027-03-28', now).entries).toEqual([]);
    expect(giveYearly(rules, before, 'birthday', '2027-03-29', now).entries).toHaveLength(1);
  });
});

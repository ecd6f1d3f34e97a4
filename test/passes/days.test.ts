/**
 * What ends at a midnight where the programme lives is told by the day before, by every wallet and the page alike, in
 * every zone that there is.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beginText, dayName, endText, startOfDay } from '../../core/time.ts';
import { storeCard } from '../../passes/apple/fields.ts';
import { loyaltyObject } from '../../passes/google/index.ts';
import { dayText, styleOf } from '../../passes/wording.ts';
import { formatLastDay, speechFor } from '../../web/shared/language.ts';
import { arbView, check, links } from './views.ts';

const zones = Intl.supportedValuesOf('timeZone');
const arbDay = fc
  .date({ min: new Date('2026-01-01'), max: new Date('2031-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

/** The instant at which the day after a date begins. */
function midnightAfter(day: string, timeZone: string): string {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  return new Date(startOfDay({ year, month, day: date + 1 }, timeZone)).toISOString();
}

/** Samoa had no 30 December 2011, and Kwajalein no 21 August 1993; no zone has skipped a day in these years. */
function nextDay(day: string): string {
  return dayName({
    year: Number(day.slice(0, 4)),
    month: Number(day.slice(5, 7)),
    day: Number(day.slice(8)) + 1,
  });
}

describe('the last day of what ends at midnight', () => {
  it('is the same on the page and in every wallet, in every zone', () => {
    check(
      fc.property(
        arbView,
        fc.constantFrom(...zones),
        arbDay,
        fc.constantFrom('en', 'fr', 'en-GB', 'fr-CA'),
        (one, timeZone, day, locale) => {
          const at = midnightAfter(day, timeZone);
          const view = {
            ...one,
            timeZone,
            locale,
            status: 'active' as const,
            tier: { ...one.tier, validUntil: at },
            expiring: [{ points: 120, at }],
          };
          const style = styleOf(locale);
          const said = dayText(`${day}T00:00:00Z`, 'UTC', style);
          const fields = Object.values(storeCard(view, links)).flat();
          const dates = fields.filter(({ key }) => key.startsWith('expiring') || key === 'tierUntil');
          expect(dates.length).toBeGreaterThan(1);
          for (const { value, ignoresTimeZone, dateStyle } of dates) {
            expect(String(value).slice(0, 10)).toBe(day);
            expect([ignoresTimeZone, dateStyle]).toEqual([true, 'PKDateStyleMedium']);
          }
          const modules = loyaltyObject(view, links, '1').textModulesData;
          for (const id of ['expiring', 'tierUntil'])
            expect(modules.find((module) => module.id === id)?.body).toContain(said);
          expect(formatLastDay(at, timeZone, speechFor([locale]))).toBe(said);
          expect(endText(at, timeZone)).toBe(`at the end of ${day}`);
          expect(beginText(at, timeZone)).toBe(nextDay(day));
        },
      ),
    );
  });
});

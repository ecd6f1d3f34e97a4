import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  addMonths,
  beginText,
  borderText,
  dayName,
  dayStart,
  endText,
  isTimeZone,
  localDate,
  localTime,
  monthName,
  monthOf,
  monthStart,
  startOfDay,
} from '../../core/time.ts';

const at = (text: string) => Date.parse(text);
const iso = (instant: number) => new Date(instant).toISOString();

describe('days and months begin where the zone says', () => {
  it.each([
    ['Europe/Paris', 2026, 12, 1, '2026-11-30T23:00:00.000Z'],
    ['Europe/Paris', 2026, 7, 1, '2026-06-30T22:00:00.000Z'],
    ['UTC', 2024, 2, 29, '2024-02-29T00:00:00.000Z'],
    ['Asia/Tokyo', 2027, 1, 1, '2026-12-31T15:00:00.000Z'],
    ['America/Los_Angeles', 2026, 3, 8, '2026-03-08T08:00:00.000Z'],
    ['America/Los_Angeles', 2026, 3, 9, '2026-03-09T07:00:00.000Z'],
    // Beirut sets its clocks forward at midnight, so the day begins at 01:00 by the new clock.
    ['Asia/Beirut', 2025, 3, 30, '2025-03-29T22:00:00.000Z'],
    // Havana sets them back at 01:00, so midnight happens twice; the first one counts.
    ['America/Havana', 2025, 11, 2, '2025-11-02T04:00:00.000Z'],
    ['Asia/Kathmandu', 2026, 1, 1, '2025-12-31T18:15:00.000Z'],
  ])('%s %d-%d-%d', (zone, year, month, day, expected) => {
    expect(iso(startOfDay({ year, month, day }, zone))).toBe(expected);
  });

  it('a day that overflows its month is counted on', () => {
    expect(iso(startOfDay({ year: 2026, month: 12, day: 31 + 14 }, 'Europe/Paris'))).toBe(
      '2027-01-13T23:00:00.000Z',
    );
  });

  it('the month of an instant is the zone’s, not UTC’s', () => {
    expect(monthOf(at('2026-11-30T23:30:00Z'), 'Europe/Paris')).toBe('2026-12');
    expect(monthOf(at('2026-11-30T23:30:00Z'), 'UTC')).toBe('2026-11');
    expect(monthOf(at('2026-12-01T03:00:00Z'), 'America/New_York')).toBe('2026-11');
  });

  it('the month of any instant is that of its date', () => {
    const zones = fc.constantFrom('Pacific/Kiritimati', 'Pacific/Pago_Pago', 'America/St_Johns', 'UTC');
    const instants = fc.oneof(
      fc.integer({ min: at('1972-01-01T00:00:00Z'), max: at('2045-01-01T00:00:00Z') }),
      // Within two days of a month's border.
      fc
        .tuple(fc.integer({ min: 24, max: 800 }), fc.integer({ min: -172_800, max: 172_800 }))
        .map(([month, seconds]) => Date.UTC(1970, month, 1) + seconds * 1000),
    );
    fc.assert(
      fc.property(zones, instants, (zone, instant) => {
        const { year, month } = localDate(instant, zone);
        expect(monthOf(instant, zone)).toBe(`${year}-${String(month).padStart(2, '0')}`);
      }),
      { numRuns: 2000 },
    );
  });

  it('months are added over years in both directions', () => {
    expect(addMonths('2026-11', 2)).toBe('2027-01');
    expect(addMonths('2027-01', -11)).toBe('2026-02');
    expect(addMonths('2026-12', -12)).toBe('2025-12');
    expect(iso(monthStart('2027-12', 'Europe/Paris'))).toBe('2027-11-30T23:00:00.000Z');
  });

  it('knows time zones from other words', () => {
    expect(isTimeZone('Europe/Paris')).toBe(true);
    expect(isTimeZone('Europe/Atlantis')).toBe(false);
  });

  it('every day begins within itself, and not a second earlier', () => {
    const zones = fc.constantFrom('Europe/Paris', 'America/Sao_Paulo', 'Asia/Beirut', 'Pacific/Apia', 'UTC');
    const days = fc.integer({ min: at('2000-01-01T00:00:00Z'), max: at('2045-01-01T00:00:00Z') });
    fc.assert(
      fc.property(zones, days, (zone, instant) => {
        const date = localDate(instant, zone);
        const start = startOfDay(date, zone);
        expect(localDate(start, zone)).toEqual(date);
        expect(localDate(start - 1000, zone)).not.toEqual(date);
        expect(start).toBeLessThanOrEqual(instant);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('days, months and borders in words', () => {
  it('are names that sort, whatever overflows', () => {
    expect(dayName({ year: 2027, month: 2, day: 28 + 1 })).toBe('2027-03-01');
    expect(monthName(2026, 12 + 1)).toBe('2027-01');
    expect(monthName(999, 2)).toBe('0999-02');
    expect(monthName(2026, 0)).toBe('2025-12');
  });

  it('say where a day begins', () => {
    expect(iso(dayStart('2027-07-09', 'Europe/Paris'))).toBe('2027-07-08T22:00:00.000Z');
    expect(iso(dayStart('2027-11-30', 'America/New_York'))).toBe('2027-11-30T05:00:00.000Z');
  });

  it('what ends at midnight ends at the end of the day before, and begins with the day', () => {
    expect(endText('2027-11-30T23:00:00Z', 'Europe/Paris')).toBe('at the end of 2027-11-30');
    expect(beginText('2027-11-30T23:00:00Z', 'Europe/Paris')).toBe('2027-12-01');
    for (const text of [endText, beginText]) {
      const instant = '2027-11-30T23:00:01Z';
      expect(text(instant, 'Europe/Paris')).toBe(text === endText ? `at ${instant}` : instant);
    }
  });

  it('of the same border are the same text', () => {
    const border = monthStart('2027-12', 'Europe/Paris');
    expect(borderText(border)).toBe('2027-11-30T23:00:00Z');
    expect(borderText(border)).toBe(borderText(border));
  });
});

describe('asking Intl takes longer than all the rest of a command', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  const day = 86_400_000;
  // A zone that no other test asks about: what is kept of it is kept here.
  const zone = 'Indian/Chagos';

  it('so of a day it is asked once, and of another hour of it not at all', () => {
    const made = vi.spyOn(Intl, 'DateTimeFormat');
    const asked = vi.spyOn(Intl.DateTimeFormat.prototype, 'formatToParts');
    const calls = (ask: () => void) => {
      asked.mockClear();
      ask();
      return asked.mock.calls.length;
    };
    const noon = at('2026-11-22T12:00:00Z');
    expect(calls(() => localDate(noon, zone))).toBeGreaterThan(0);
    expect(calls(() => localDate(noon, zone))).toBe(0);
    expect(calls(() => localTime(noon + 3_600_000, zone))).toBe(0);
    const date = { year: 2031, month: 5, day: 6 };
    expect(calls(() => startOfDay(date, zone))).toBeGreaterThan(0);
    expect(calls(() => startOfDay(date, zone))).toBe(0);
    expect(made).toHaveBeenCalledTimes(1);
  });

  it('and hostile dates do not fill the memory: of ten thousand days and more all are asked for again', () => {
    const first = at('1990-01-01T00:00:00Z');
    const asked = vi.spyOn(Intl.DateTimeFormat.prototype, 'formatToParts');
    const dateOf = (instant: number) => ({ year: 1970, month: 1, day: 1 + instant / day });
    const isAsked = (instant: number) => {
      asked.mockClear();
      startOfDay(dateOf(instant), zone);
      return asked.mock.calls.length > 0;
    };
    for (let days = 0; days < 9_000; days++) startOfDay(dateOf(first + days * day), zone);
    expect(isAsked(first)).toBe(false);
    for (let days = 9_000; days < 10_100; days++) startOfDay(dateOf(first + days * day), zone);
    expect(isAsked(first)).toBe(true);
    expect(isAsked(first)).toBe(false);
  });
});

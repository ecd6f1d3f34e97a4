/** The date that is kept of an instant is what Intl says of it, at clock changes too; instants are read as Date does. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { utc } from '../../core/contract/shapes/basics.ts';
import { dayOf } from '../../core/days.ts';
import { dateOf, instantOf, localDate, localTime } from '../../core/time.ts';
import { defaultProgram, runs } from '../support/world.ts';

const zones = [
  'Europe/Paris',
  // Set its clocks back one minute after midnight, so that a minute of a day came twice, an hour apart.
  'America/St_Johns',
  // Skipped the 30th of December 2011.
  'Pacific/Apia',
  'Asia/Beirut',
  'America/Havana',
  'Asia/Kathmandu',
  'Pacific/Kiritimati',
];
/** Asked anew each time. */
const shown = new Map(
  zones.map((timeZone) => [
    timeZone,
    new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }),
  ]),
);

const changes = [
  '2009-11-01T02:31:00Z',
  '2011-12-30T10:00:00Z',
  '2025-03-29T22:00:00Z',
  '2025-11-02T05:00:00Z',
];
const instants = fc.oneof(
  fc.integer({ min: Date.parse('2005-01-01T00:00:00Z'), max: Date.parse('2035-01-01T00:00:00Z') }),
  // Near a change, by the second.
  fc
    .tuple(fc.constantFrom(...changes), fc.integer({ min: -90_000, max: 90_000 }))
    .map(([change, seconds]) => Date.parse(change) + seconds * 1000),
);

it('a date is the one that the zone shows', () => {
  fc.assert(
    fc.property(fc.constantFrom(...zones), instants, (zone, instant) => {
      const { year, month, day } = localDate(instant, zone);
      const [y, m, d] = (shown.get(zone)?.format(instant) ?? '').split('-').map(Number);
      expect({ year, month, day }).toEqual({ year: y, month: m, day: d });
    }),
    runs(10_000),
  );
});

it('a date is the one that the zone shows in every quarter of an hour around clock changes', () => {
  for (const zone of zones)
    for (const change of changes)
      for (let quarter = -200; quarter <= 200; quarter++) {
        const instant = Date.parse(change) + quarter * 900_000;
        const { year, month, day } = localDate(instant, zone);
        const two = (number: number) => String(number).padStart(2, '0');
        expect(`${year}-${two(month)}-${two(day)}`).toBe(shown.get(zone)?.format(instant));
      }
});

it('the time of day is the one that the zone shows', () => {
  const clocks = new Map(
    zones.map((timeZone) => [
      timeZone,
      new Intl.DateTimeFormat('en-CA', { timeZone, timeStyle: 'medium', hourCycle: 'h23' }),
    ]),
  );
  fc.assert(
    fc.property(fc.constantFrom(...zones), instants, (zone, instant) => {
      const { hour, minute, second, ...date } = localTime(instant, zone);
      const two = (number: number) => String(number).padStart(2, '0');
      expect([hour, minute, second].map(two).join(':')).toBe(clocks.get(zone)?.format(instant));
      expect(date).toEqual(localDate(instant, zone));
      expect(dateOf(instant, zone)).toBe(`${date.year}-${two(date.month)}-${two(date.day)}`);
    }),
    runs(2000),
  );
});

it('an instant is read as Date reads it', () => {
  const anyInstant = fc.integer({
    min: Date.parse('0000-01-01T00:00:00Z'),
    max: Date.parse('9999-12-31T23:59:59Z'),
  });
  const seconds = anyInstant.map((instant) => Math.floor(instant / 1000) * 1000);
  fc.assert(
    fc.property(fc.oneof(seconds, anyInstant), (instant) => {
      expect(instantOf(utc(instant))).toBe(instant);
    }),
    runs(10_000),
  );
  // As others write them, too: what is not canonical is Date's own.
  for (const text of ['2027-02-28T23:00+01:00', '2027-02-28', '2027-02-28T22:00:00.5Z'])
    expect(instantOf(text)).toBe(Date.parse(text));
});

it('a day is the one of the programme’s zone, with when its points can be spent and lapse', () => {
  const program = defaultProgram();
  const day = (instant: string, of = program) => {
    const { opens, ...rest } = dayOf(of, Date.parse(instant));
    return { ...rest, web: opens({ channel: 'web' })?.text, store: opens({ channel: 'store' }) };
  };
  const fifth = {
    ...{ date: '2026-11-05', month: '2026-11', expiresAt: '2027-11-30T23:00:00Z' },
    ...{ web: '2026-11-18T23:00:00Z', store: null },
  };
  expect(day('2026-11-04T23:00:00Z')).toEqual(fifth);
  expect(day('2026-11-05T22:59:59Z')).toEqual(fifth);
  expect(day('2026-11-04T22:59:59Z')).toMatchObject({ date: '2026-11-04', web: '2026-11-17T23:00:00Z' });
  expect(day('2026-12-31T23:00:00Z')).toMatchObject({
    date: '2027-01-01',
    expiresAt: '2028-01-31T23:00:00Z',
  });
  const { expiry: _, ...never } = program;
  expect(day('2026-11-05T12:00:00Z', never as typeof program)).toMatchObject({
    date: '2026-11-05',
    expiresAt: null,
  });
  // Of two programmes in turn each has its own.
  expect(day('2026-11-05T22:59:59Z', { ...program, timeZone: 'Asia/Tokyo' }).date).toBe('2026-11-06');
  expect(day('2026-11-05T22:59:59Z')).toEqual(fifth);
});

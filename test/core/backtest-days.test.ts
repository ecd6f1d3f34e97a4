/** What a backtest keeps for each local day is what the calendar says of it, at clock changes too. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { byLocalDay } from '../../core/backtest/days.ts';
import { localDate } from '../../core/time.ts';
import { runs } from '../support/world.ts';

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
const of = new Map(zones.map((zone) => [zone, byLocalDay(zone, (date) => date)]));

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

it('gives the local date of any instant', () => {
  fc.assert(
    fc.property(fc.constantFrom(...zones), instants, (zone, instant) => {
      expect(of.get(zone)?.(instant)).toEqual(localDate(instant, zone));
    }),
    runs(10_000),
  );
});

it('makes what belongs to a day once', () => {
  let made = 0;
  const day = byLocalDay('Europe/Paris', () => ++made);
  for (let minute = 0; minute < 24 * 60; minute++) day(Date.parse('2026-11-21T23:00:00Z') + minute * 60_000);
  expect(day(Date.parse('2026-11-22T12:00:00Z'))).toBe(day(Date.parse('2026-11-22T22:59:59Z')));
  expect(made).toBeLessThanOrEqual(3);
});

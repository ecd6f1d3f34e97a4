/**
 * Calendar arithmetic in the programme's time zone. Everything else in the core compares instants; only the
 * borders of days and months need the zone. Built on Intl, which every JavaScript engine carries.
 */
import { utc } from './contract/shapes/basics.ts';

const formats = new Map<string, Intl.DateTimeFormat>();

function formatFor(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, format);
  }
  return format;
}

export function isTimeZone(name: string): boolean {
  try {
    formatFor(name);
    return true;
  } catch {
    return false;
  }
}

export interface LocalDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
}

/** The wall clock of the zone at an instant, as if it were UTC milliseconds. */
function wallClock(instant: number, timeZone: string): number {
  const part: Record<string, number> = {};
  for (const { type, value } of formatFor(timeZone).formatToParts(instant)) part[type] = Number(value);
  return Date.UTC(part.year ?? 0, (part.month ?? 1) - 1, part.day, part.hour, part.minute, part.second);
}

/** The date that the zone's calendar shows at an instant (milliseconds since 1970), asked of Intl. */
function dateAt(instant: number, timeZone: string): LocalDate {
  const wall = new Date(wallClock(instant, timeZone));
  return { year: wall.getUTCFullYear(), month: wall.getUTCMonth() + 1, day: wall.getUTCDate() };
}

/** What clock and calendar of a zone show. */
export interface LocalTime extends LocalDate {
  /** 0 to 23. */
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const dayMs = 86_400_000;

/** One UTC day, in which one local midnight falls. */
export interface UtcDay {
  readonly midnight: number;
  readonly before: LocalDate;
  readonly after: LocalDate;
}

/** What has been asked of Intl about a zone: asking again would take longer than all the rest of a command. */
interface Zone {
  /** Null for a UTC day near a clock change. */
  readonly utcDays: Map<number, UtcDay | null>;
  /** When local days begin, by their date as if it were UTC. */
  readonly begins: Map<number, number>;
}

const zones = new Map<string, Zone>();

function zoneOf(timeZone: string): Zone {
  let zone = zones.get(timeZone);
  if (!zone) {
    zone = { utcDays: new Map(), begins: new Map() };
    zones.set(timeZone, zone);
  }
  return zone;
}

/** A programme looks at a few hundred days and months; the bound only guards against hostile dates. */
const keptMax = 10_000;

function keep<K, V>(kept: Map<K, V>, key: K, value: V): V {
  if (kept.size > keptMax) kept.clear();
  kept.set(key, value);
  return value;
}

/**
 * Around a clock change the date is asked for anew, since there a day's border may be passed twice; away from it
 * every day has 24 hours and one border.
 */
function utcDay(number: number, timeZone: string): UtcDay | null {
  const begin = number * dayMs;
  const date = dateAt(begin, timeZone);
  const [first = 0, second = 0, third = 0] = [0, 1, 2].map((later) =>
    startOfDay({ ...date, day: date.day + later }, timeZone),
  );
  const usual = second - first === dayMs && third - second === dayMs && first <= begin && begin < second;
  return usual ? { midnight: second, before: date, after: dateAt(second, timeZone) } : null;
}

/** The UTC day number `number` since 1970 as the zone divides it; null near a clock change. */
export function utcDayOf(number: number, timeZone: string): UtcDay | null {
  const { utcDays } = zoneOf(timeZone);
  const known = utcDays.get(number);
  return known === undefined ? keep(utcDays, number, utcDay(number, timeZone)) : known;
}

/** The date that the zone's calendar shows at an instant (milliseconds since 1970). */
export function localDate(instant: number, timeZone: string): LocalDate {
  const day = utcDayOf(Math.floor(instant / dayMs), timeZone);
  if (day === null) return dateAt(instant, timeZone);
  return instant < day.midnight ? day.before : day.after;
}

function wallTime(wall: Date): LocalTime {
  return {
    year: wall.getUTCFullYear(),
    month: wall.getUTCMonth() + 1,
    day: wall.getUTCDate(),
    hour: wall.getUTCHours(),
    minute: wall.getUTCMinutes(),
    second: wall.getUTCSeconds(),
  };
}

/** What the zone's clock and calendar show at an instant (milliseconds since 1970). */
export function localTime(instant: number, timeZone: string): LocalTime {
  const day = utcDayOf(Math.floor(instant / dayMs), timeZone);
  if (day === null) return wallTime(new Date(wallClock(instant, timeZone)));
  // Away from clock changes the time of day is what has gone by since midnight.
  const { year, month, day: number } = instant < day.midnight ? day.before : day.after;
  const begin = instant < day.midnight ? day.midnight - dayMs : day.midnight;
  return wallTime(new Date(Date.UTC(year, month - 1, number) + instant - begin));
}

/**
 * The instant at which a date begins in the zone, in milliseconds. Day and month may overflow as in Date.UTC,
 * so `day: 31 + 14` is fourteen days after the 31st. Where midnight happens twice the first one counts; where
 * a clock change skips midnight the day begins at the change.
 */
export function startOfDay({ year, month, day }: LocalDate, timeZone: string): number {
  const { begins } = zoneOf(timeZone);
  const midnight = Date.UTC(year, month - 1, day);
  return begins.get(midnight) ?? keep(begins, midnight, dayBegin(midnight, timeZone));
}

/** @param midnight the date's midnight as if the zone were UTC */
function dayBegin(midnight: number, timeZone: string): number {
  const offsetAt = (instant: number) => wallClock(instant, timeZone) - Math.floor(instant / 1000) * 1000;
  const before = midnight - offsetAt(midnight - dayMs);
  const after = midnight - offsetAt(midnight + dayMs);
  const exact = [before, after].filter((instant) => wallClock(instant, timeZone) === midnight);
  return exact.length > 0 ? Math.min(...exact) : before;
}

/** A date as `2027-11-30`; days overflow into months. */
export function dayName({ year, month, day }: LocalDate): string {
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
}

/** The instant at which the day `2027-11-30` begins in the zone. */
export function dayStart(day: string, timeZone: string): number {
  const date = { year: Number(day.slice(0, 4)), month: Number(day.slice(5, 7)), day: Number(day.slice(8)) };
  return startOfDay(date, timeZone);
}

/** The date that the zone's calendar shows at an instant (milliseconds since 1970), as `2027-11-30`. */
export function dateOf(instant: number, timeZone: string): string {
  return dayName(localDate(instant, timeZone));
}

/**
 * When something ended, or ends, in words: what ends at a midnight of the zone, at the end of the day before; anything
 * else at the instant itself.
 */
export function endText(instant: string, timeZone: string): string {
  const at = Date.parse(instant);
  const isMidnight = startOfDay(localDate(at, timeZone), timeZone) === at;
  return isMidnight ? `at the end of ${dateOf(at - 1, timeZone)}` : `at ${instant}`;
}

/** From when on something holds, in words: a day of the zone where it begins with one. */
export function beginText(instant: string, timeZone: string): string {
  const at = Date.parse(instant);
  const date = localDate(at, timeZone);
  return startOfDay(date, timeZone) === at ? dayName(date) : instant;
}

const monthNames = new Map<number, string>();

/** A month as `2026-11`; months overflow into years. */
export function monthName(year: number, month: number): string {
  const count = year * 12 + month - 1;
  const known = monthNames.get(count);
  if (known !== undefined) return known;
  const name = `${String(Math.floor(count / 12)).padStart(4, '0')}-${String((count % 12) + 1).padStart(2, '0')}`;
  return keep(monthNames, count, name);
}

/** The calendar month of an instant in the zone, as `2026-11`. */
export function monthOf(instant: number, timeZone: string): string {
  const { year, month } = localDate(instant, timeZone);
  return monthName(year, month);
}

const zero = 48;

/** Two digits of a text. */
function digits(text: string, at: number): number {
  return (text.charCodeAt(at) - zero) * 10 + text.charCodeAt(at + 1) - zero;
}

/** Moves a month `2026-11` by a number of months. */
export function addMonths(month: string, by: number): string {
  return monthName(digits(month, 0) * 100 + digits(month, 2), digits(month, 5) + by);
}

/** The instant at which the month `2026-11` begins in the zone. */
export function monthStart(month: string, timeZone: string): number {
  return startOfDay({ year: Number(month.slice(0, 4)), month: Number(month.slice(5)), day: 1 }, timeZone);
}

/** Days before each month of a year that begins in March. */
const daysBefore = [306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275];
/** From 1 March of the year 0 to 1 January 1970. */
const daysTo1970 = 719_468;

function readInstant(text: string): number {
  const { length } = text;
  if (length !== 20 && length !== 24) return Date.parse(text);
  const month = digits(text, 5);
  // A year that begins in March ends with the leap day.
  const year = digits(text, 0) * 100 + digits(text, 2) - (month < 3 ? 1 : 0);
  const leapDays = Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400);
  const days = year * 365 + leapDays + (daysBefore[month - 1] ?? 0) + digits(text, 8) - 1 - daysTo1970;
  const seconds = digits(text, 11) * 3600 + digits(text, 14) * 60 + digits(text, 17);
  const ms = length === 20 ? 0 : digits(text, 20) * 10 + text.charCodeAt(22) - zero;
  return days * dayMs + seconds * 1000 + ms;
}

/** Instants that were read, each in the place that its month and day give it. */
const readTexts: string[] = new Array(1024).fill('');
const readValues: number[] = new Array(1024).fill(Number.NaN);

/**
 * The milliseconds since 1970 of an instant as it is kept, canonical UTC: what `Date.parse` says, which takes
 * several times as long. Whoever reads an account compares a handful of them, and the same ones again.
 */
export function instantOf(text: string): number {
  const place =
    ((text.charCodeAt(6) & 15) << 6) | ((text.charCodeAt(8) & 3) << 4) | (text.charCodeAt(9) & 15);
  if (readTexts[place] === text) return readValues[place] as number;
  const instant = readInstant(text);
  readTexts[place] = text;
  readValues[place] = instant;
  return instant;
}

const texts = new Map<number, string>();

/**
 * The inverse for the borders of days and months: one text for each, since comparing a text with itself takes no
 * time, and with its equal it does.
 */
export function borderText(instant: number): string {
  return texts.get(instant) ?? keep(texts, instant, utc(instant));
}

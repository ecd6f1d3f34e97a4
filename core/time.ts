/**
 * Calendar arithmetic in the programme's time zone. Everything else in the core compares instants; only the
 * borders of days and months need the zone. Built on Intl, which every JavaScript engine carries.
 */

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

/** The date that the zone's calendar shows at an instant (milliseconds since 1970). */
export function localDate(instant: number, timeZone: string): LocalDate {
  const wall = new Date(wallClock(instant, timeZone));
  return { year: wall.getUTCFullYear(), month: wall.getUTCMonth() + 1, day: wall.getUTCDate() };
}

/**
 * The instant at which a date begins in the zone, in milliseconds. Day and month may overflow as in Date.UTC,
 * so `day: 31 + 14` is fourteen days after the 31st. Where midnight happens twice the first one counts; where
 * a clock change skips midnight the day begins at the change.
 */
export function startOfDay({ year, month, day }: LocalDate, timeZone: string): number {
  const midnight = Date.UTC(year, month - 1, day);
  const day24 = 24 * 3_600_000;
  const offsetAt = (instant: number) => wallClock(instant, timeZone) - Math.floor(instant / 1000) * 1000;
  const before = midnight - offsetAt(midnight - day24);
  const after = midnight - offsetAt(midnight + day24);
  const exact = [before, after].filter((instant) => wallClock(instant, timeZone) === midnight);
  return exact.length > 0 ? Math.min(...exact) : before;
}

const monthStarts = new Map<string, number>();

/** The instant at which a month begins in the zone; months overflow into years. */
export function startOfMonth(year: number, month: number, timeZone: string): number {
  const key = `${timeZone} ${year * 12 + month}`;
  let start = monthStarts.get(key);
  if (start === undefined) {
    start = startOfDay({ year, month, day: 1 }, timeZone);
    // A programme looks at a few dozen months; the bound only guards against hostile dates.
    if (monthStarts.size > 10_000) monthStarts.clear();
    monthStarts.set(key, start);
  }
  return start;
}

/** The calendar month of an instant in the zone, as `2026-11`. */
export function monthOf(instant: number, timeZone: string): string {
  const utc = new Date(instant);
  const day = utc.getUTCDate();
  // No zone is a whole day away from UTC: away from a month's borders the month is the same everywhere.
  const isInside = day > 1 && day < 28;
  const { year, month } = isInside
    ? { year: utc.getUTCFullYear(), month: utc.getUTCMonth() + 1 }
    : localDate(instant, timeZone);
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}`;
}

/** Moves a month `2026-11` by a number of months. */
export function addMonths(month: string, by: number): string {
  const count = Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1 + by;
  return `${String(Math.floor(count / 12)).padStart(4, '0')}-${String((count % 12) + 1).padStart(2, '0')}`;
}

/** The instant at which the month `2026-11` begins in the zone. */
export function monthStart(month: string, timeZone: string): number {
  return startOfMonth(Number(month.slice(0, 4)), Number(month.slice(5)), timeZone);
}

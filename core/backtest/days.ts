/**
 * What follows from the local day of an instant, computed once for each day: a backtest asks for it with every
 * purchase, and asking Intl each time would take longer than all the rest.
 */
import { type LocalDate, localDate, startOfDay } from '../time.ts';

const dayMs = 86_400_000;
/** Windows are a few hundred days long; the bound only guards against hostile dates. */
const daysMax = 10_000;

/** One UTC day, in which one local midnight falls. */
interface UtcDay<T> {
  readonly midnight: number;
  readonly before: T;
  readonly after: T;
}

/**
 * `make` of the local date of an instant, kept for each date. Around a clock change the date is asked for anew,
 * since there a day's border may be passed twice; away from it every day has 24 hours and one border.
 */
export function byLocalDay<T>(timeZone: string, make: (date: LocalDate) => T): (instant: number) => T {
  const made = new Map<string, T>();
  const utcDays = new Map<number, UtcDay<T> | null>();

  function of(date: LocalDate): T {
    const key = `${date.year} ${date.month} ${date.day}`;
    const known = made.get(key);
    if (known !== undefined) return known;
    if (made.size > daysMax) made.clear();
    const value = make(date);
    made.set(key, value);
    return value;
  }

  /** Null for a UTC day near a clock change. */
  function utcDay(number: number): UtcDay<T> | null {
    const begin = number * dayMs;
    const date = localDate(begin, timeZone);
    const [first = 0, second = 0, third = 0] = [0, 1, 2].map((later) =>
      startOfDay({ ...date, day: date.day + later }, timeZone),
    );
    const usual = second - first === dayMs && third - second === dayMs && first <= begin && begin < second;
    if (!usual) return null;
    return { midnight: second, before: of(date), after: of(localDate(second, timeZone)) };
  }

  return (instant) => {
    const number = Math.floor(instant / dayMs);
    let day = utcDays.get(number);
    if (day === undefined) {
      if (utcDays.size > daysMax) utcDays.clear();
      day = utcDay(number);
      utcDays.set(number, day);
    }
    if (day === null) return of(localDate(instant, timeZone));
    return instant < day.midnight ? day.before : day.after;
  };
}

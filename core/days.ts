/** What follows from each local day of a programme, made once of each. */
import { ofSeller, type Seller } from './channels.ts';
import type { ProgramDocument } from './program.ts';
import {
  addMonths,
  borderText,
  type LocalDate,
  localDate,
  monthName,
  monthStart,
  startOfDay,
  utcDayOf,
} from './time.ts';

/** What follows from the day on which a purchase occurred. */
export interface Day {
  /** As 2026-11-22. */
  readonly date: string;
  readonly month: string;
  /** When points lapse that are earned on it; null for never. */
  readonly expiresAt: string | null;
  /** When its points can be spent; null for at once. */
  readonly opens: (seller: Seller) => { readonly at: number; readonly text: string } | null;
}

const made = new WeakMap<ProgramDocument, (instant: number) => Day>();
/** The newest, since hardly anybody works with two programmes in turn. */
let last: { readonly program: ProgramDocument; readonly dayOf: (instant: number) => Day } | undefined;

/**
 * The day of an instant, in milliseconds, in the programme's time zone. Programmes are never changed in place, so what
 * was made of one stays true.
 */
export function dayOf(program: ProgramDocument, instant: number): Day {
  if (last?.program === program) return last.dayOf(instant);
  let known = made.get(program);
  if (!known) {
    known = byDay(program);
    made.set(program, known);
  }
  last = { program, dayOf: known };
  return known(instant);
}

/** Windows are a few hundred days long; the bound only guards against hostile dates. */
const daysMax = 10_000;

const dayMs = 86_400_000;

/** What follows from both local days of a UTC day. */
interface Days {
  readonly midnight: number;
  readonly before: Day;
  readonly after: Day;
}

function byDay(program: ProgramDocument): (instant: number) => Day {
  const { timeZone } = program;
  const known = new Map<number, Days | null>();
  const daysOf = (number: number): Days | null => {
    const day = utcDayOf(number, timeZone);
    return (
      day && {
        midnight: day.midnight,
        before: dayOn(program, day.before),
        after: dayOn(program, day.after),
      }
    );
  };
  return (instant) => {
    const number = Math.floor(instant / dayMs);
    let days = known.get(number);
    if (days === undefined) {
      if (known.size > daysMax) known.clear();
      days = daysOf(number);
      known.set(number, days);
    }
    if (days === null) return dayOn(program, localDate(instant, timeZone));
    return instant < days.midnight ? days.before : days.after;
  };
}

function dayOn(program: ProgramDocument, date: LocalDate): Day {
  const { timeZone, expiry } = program;
  const month = monthName(date.year, date.month);
  const after = new Map<number, { readonly at: number; readonly text: string }>();
  const opens = (seller: Seller) => {
    const { pendingDays } = ofSeller(program.channels, seller);
    if (pendingDays === 0) return null;
    let known = after.get(pendingDays);
    if (!known) {
      const at = startOfDay({ ...date, day: date.day + pendingDays }, timeZone);
      known = { at, text: borderText(at) };
      after.set(pendingDays, known);
    }
    return known;
  };
  return {
    date: `${month}-${String(date.day).padStart(2, '0')}`,
    month,
    expiresAt: expiry ? borderText(monthStart(addMonths(month, expiry.months + 1), timeZone)) : null,
    opens,
  };
}

/**
 * EventBridge Scheduler's expressions: `cron(…)` with six fields, `rate(n unit)` and `at(date)`.
 * Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
import { Cron } from 'croner';
import { isRepeated, wallClockOf } from './wall-clock.ts';

/** When a schedule fires next after a moment. All moments are milliseconds since 1970. */
export interface Timing {
  /** The first firing strictly after `after`, or undefined when there is none. `anchor` is when a rate began. */
  next(after: number, anchor: number): number | undefined;
}

export type ParsedSchedule =
  | { readonly ok: true; readonly timing: Timing }
  | { readonly ok: false; readonly message: string };

const UNIT_MS: { readonly [unit: string]: number } = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Parses an expression; cron fields and `at` dates are read in `timeZone` (an IANA name). */
export function parseSchedule(expression: string, timeZone: string): ParsedSchedule {
  const [, kind = '', argument = ''] = /^(cron|rate|at)\((.*)\)$/.exec(expression) ?? [];
  if (kind === 'rate') return parseRate(expression, argument);
  if (kind !== 'cron' && kind !== 'at') {
    return { ok: false, message: `"${expression}" is not a schedule; known are cron(…), rate(…) and at(…).` };
  }
  const pattern = kind === 'cron' ? cronPattern(argument) : argument;
  if (pattern === undefined) {
    return { ok: false, message: `"${expression}" has not the six fields of a cron expression.` };
  }
  try {
    if (utcNames.has(timeZone) && kind === 'cron') return { ok: true, timing: utcTiming(pattern) };
    const wallClock = wallClockOf(timeZone); // Throws for a zone that does not exist.
    const cron = new Cron(pattern, { timezone: timeZone, ...asScheduler });
    return { ok: true, timing: kind === 'cron' ? cronTiming(cron, wallClock) : once(cron) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, message: `"${expression}" in ${timeZone} is not a schedule: ${reason}` };
  }
}

/** Scheduler counts weekdays from Sunday = 1, and takes "0/15" for "from 0, every 15". */
const asScheduler = { alternativeWeekdays: true, sloppyRanges: true };

/** The second is what the CDK writes. */
const utcNames: ReadonlySet<string> = new Set(['UTC', 'Etc/UTC']);

/** Where clocks never change nothing is skipped or comes twice; told as an offset, croner need not ask for a zone. */
function utcTiming(pattern: string): Timing {
  const cron = new Cron(pattern, { utcOffset: 0, ...asScheduler });
  return { next: (after) => cron.nextRun(new Date(after))?.getTime() };
}

function once(cron: Cron): Timing {
  return { next: (after) => cron.nextRun(new Date(after))?.getTime() };
}

/**
 * Where clocks go forward Scheduler skips the times that do not exist, which croner moves behind the change; where they
 * go back it runs once for a time that comes twice.
 * Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time
 */
function cronTiming(cron: Cron, wallClock: (at: number) => number): Timing {
  return {
    next(after) {
      for (let run = cron.nextRun(new Date(after)); run; run = cron.nextRun(run))
        if (cron.match(run) && !isRepeated(wallClock, run.getTime())) return run.getTime();
      return undefined;
    },
  };
}

/** Scheduler's fields are minute, hour, day, month, weekday and year; the second is always 0. */
function cronPattern(fields: string): string | undefined {
  return fields.trim().split(/\s+/).length === 6 ? `0 ${fields.trim()}` : undefined;
}

function parseRate(expression: string, argument: string): ParsedSchedule {
  const [, count = '', unit = ''] = /^(\d+) (minute|hour|day)s?$/.exec(argument) ?? [];
  const period = Number(count) * (UNIT_MS[unit] ?? 0);
  if (!(period > 0)) {
    return {
      ok: false,
      message: `"${expression}" is not a rate such as rate(5 minutes), rate(1 hour) or rate(7 days).`,
    };
  }
  const next = (after: number, anchor: number): number =>
    anchor + (Math.floor((after - anchor) / period) + 1) * period;
  return {
    ok: true,
    timing: { next: (after, anchor) => (after < anchor ? anchor + period : next(after, anchor)) },
  };
}

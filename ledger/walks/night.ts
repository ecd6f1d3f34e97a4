/** Which days a night looks at. What is done there the walks do. */
import type { Program } from '../../core/program.ts';
import { dateOf, dayStart } from '../../core/time.ts';
import type { LedgerContext } from '../store/context.ts';
import { commit } from '../store/decide.ts';
import { fromItem, keys, toItem } from '../store/items.ts';
import type { Store } from '../store/store.ts';
import type { NightDays } from './walk.ts';

const dayMs = 86_400_000;
/** Days that every night looks at again where a list does not say what was done: what was given up is found by then. */
const againDays = 7;

export function daysBefore(day: string, days: number): string {
  return new Date(Date.parse(day) - days * dayMs).toISOString().slice(0, 10);
}

/** The last so many days of a night. */
export function lastDays({ from, to }: NightDays, count: number): NightDays {
  const first = daysBefore(to, count - 1);
  return { from: from > first ? from : first, to };
}

/** The days from one to another, both included. */
export function daysOf({ from, to }: NightDays): string[] {
  const days: string[] = [];
  for (let day = from; day <= to; day = daysBefore(day, -1)) days.push(day);
  return days;
}

/** When the next night begins, as far as an instance knows: of those that have begun nothing is taken back. */
const nextNights = new WeakMap<Store, number>();

/**
 * Begins the night of a day that no night was for, and remembers that it has. An instance that has seen a day's night
 * begin asks nothing until that day is over.
 * @param begin puts the walks of these days on their queue; where it throws the next run tries again
 * @returns whether there was one to begin: none before the first programme
 */
export async function beginNight(
  context: LedgerContext,
  currentProgram: () => Promise<Program | undefined>,
  now: number,
  begin: (night: NightDays) => Promise<void>,
): Promise<boolean> {
  if (now < (nextNights.get(context.store) ?? 0)) return false;
  const [program, last] = await Promise.all([currentProgram(), lastNight(context)]);
  if (!program) return false;
  const isDue = last === undefined || last < dateOf(now, program.timeZone);
  const night = await daysSince(context, program, last, now);
  if (isDue) {
    await begin(night);
    await nightBegun(context, night);
  }
  nextNights.set(context.store, dayStart(daysBefore(isDue ? night.to : last, -1), program.timeZone));
  return isDue;
}

/** The day whose night was the last to begin. */
async function lastNight({ store }: LedgerContext): Promise<string | undefined> {
  const item = await store.get(keys.night);
  return item && fromItem(item, 'night').day;
}

/**
 * The days up to today: from the last one that was looked at, again, since that may have been before its end, and
 * those of the last week. UTC days of instants and days of the zone differ by one at most, so one more day back is
 * looked at.
 */
export async function nightDays(context: LedgerContext, program: Program, now: number): Promise<NightDays> {
  return daysSince(context, program, await lastNight(context), now);
}

async function daysSince(
  context: LedgerContext,
  program: Program,
  begun: string | undefined,
  now: number,
): Promise<NightDays> {
  const to = dateOf(now, program.timeZone);
  const from = begun === undefined ? await firstDay(context, program, now) : daysBefore(begun, 1);
  const week = daysBefore(to, againDays);
  return { from: from < week ? from : week, to };
}

/** The day before that of the first programme. */
async function firstDay(context: LedgerContext, program: Program, now: number): Promise<string> {
  const first = await context.store.get(keys.programVersion(1));
  const putAt = first ? Date.parse(fromItem(first, 'program').putAt) : now;
  return dateOf(putAt - dayMs, program.timeZone);
}

/** Remembers how far the nights have come, once the walks of this one are on their queue. */
export async function nightBegun(context: LedgerContext, { to }: NightDays): Promise<void> {
  await commit(context, 'Saving the night', [{ put: toItem(keys.night, 'night', { day: to }) }]);
}

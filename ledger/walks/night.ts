/** Which days a night looks at. What is done there the walks do. */
import type { Program } from '../../core/program.ts';
import { dateOf } from '../../core/time.ts';
import type { LedgerContext } from '../store/context.ts';
import { commit } from '../store/decide.ts';
import { fromItem, keys, toItem } from '../store/items.ts';
import type { NightDays } from './walk.ts';

const dayMs = 86_400_000;
/** Days that every night looks at again: what a step could not do, and nobody sent again, is found by then. */
const againDays = 7;

function daysBefore(day: string, days: number): string {
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

/** The days of the night that is to begin; undefined where one has begun since the day did. */
export async function dueNight(
  context: LedgerContext,
  program: Program,
  now: number,
): Promise<NightDays | undefined> {
  const begun = await context.store.get(keys.night);
  if (begun && fromItem(begun, 'night').day >= dateOf(now, program.timeZone)) return undefined;
  return nightDays(context, program, now);
}

/**
 * The days up to today: from the last one that was looked at, again, since that may have been before its end, and
 * those of the last week, which are empty by then and cost a query for each shard. UTC days of instants and days of
 * the zone differ by one at most, so one more day back is looked at.
 */
export async function nightDays(context: LedgerContext, program: Program, now: number): Promise<NightDays> {
  const to = dateOf(now, program.timeZone);
  const from = await lastDay(context, program, now);
  const week = daysBefore(to, againDays);
  return { from: from < week ? from : week, to };
}

async function lastDay(context: LedgerContext, program: Program, now: number): Promise<string> {
  const item = await context.store.get(keys.night);
  if (item) return daysBefore(fromItem(item, 'night').day, 1);
  const first = await context.store.get(keys.programVersion(1));
  const putAt = first ? Date.parse(fromItem(first, 'program').putAt) : now;
  return dateOf(putAt - dayMs, program.timeZone);
}

/** Remembers how far the nights have come, once the walks of this one are on their queue. */
export async function nightBegun(context: LedgerContext, { to }: NightDays): Promise<void> {
  await commit(context, 'Saving the night', [{ put: toItem(keys.night, 'night', { day: to }) }]);
}

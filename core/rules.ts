/**
 * What time, purchases and refunds do to a member's standing: the rules, before anything is written. Commands
 * (points.ts) write what these answer as entries; a backtest applies it and writes nothing.
 */
import {
  applyChange,
  type Change,
  change,
  type EarningBasis,
  foldLots,
  type Lot,
  type MemberFacts,
  type OwnStanding,
  type Standing,
} from './account.ts';
import type { Budgets } from './campaigns.ts';
import type { RecordedPurchase } from './contract/shapes/purchase.ts';
import { dayOf } from './days.ts';
import { decided, lotOn, type Valued, valuedAtBest } from './earning.ts';
import { credited, givenBack, type LotInstants, sumOf, type TakenBack, take, takenBack } from './lots.ts';
import { isTaken, nextPlace } from './places.ts';
import type { Program } from './program.ts';
import { afterMore, reviewed, stepsTakenBack } from './tiers.ts';
import { instantOf, monthOf } from './time.ts';

// What time alone makes true ------------------------------------------------------------------------------

/** Something that fell due. */
export interface Due {
  readonly type: 'holds_expired' | 'activated' | 'expired' | 'tier_reviewed';
  /** The newest of the instants at which it did. */
  readonly at: string;
  /** The points that it is about, whatever of them repays a debt. */
  readonly points: number;
  readonly change: Change;
}

const never = Number.POSITIVE_INFINITY;
const none: readonly Lot[] = [];

/** Pending lots whose day has come by `until`: they can be spent, after any debt is repaid, by the earliest first. */
function activation({ lots, debt }: Standing, until: number): Due | undefined {
  let due: Lot[] | undefined;
  for (const lot of lots)
    if (lot.availableAt !== null && instantOf(lot.availableAt) <= until) due = behind(due, lot);
  if (!due) return undefined;
  if (due.length > 1) due.sort((a, b) => instantOf(a.availableAt ?? '') - instantOf(b.availableAt ?? ''));
  const points = sumOf(due);
  const repaid = Math.min(debt, points);
  const moves: Lot[] = [];
  for (const lot of due) moves.push(negated(lot));
  for (const { expiresAt, points: rest } of due) moves.push({ availableAt: null, expiresAt, points: rest });
  if (repaid > 0) moves.push(...take(moves.slice(due.length), repaid).taken);
  const at = (due[due.length - 1] as Lot).availableAt as string;
  return { type: 'activated', at, points, change: change(moves, 0 - repaid) };
}

/** A list with one more; nearly always there is only the one. */
function behind<T>(list: T[] | undefined, one: T): T[] {
  if (!list) return [one];
  list.push(one);
  return list;
}

function negated({ availableAt, expiresAt, points }: Lot): Lot {
  return { availableAt, expiresAt, points: -points };
}

/** Lots whose end has come by `now`: their unspent rest lapses. */
function expiry({ lots }: Standing, now: number): Due | undefined {
  let due: Lot[] | undefined;
  for (const lot of lots)
    if (lot.availableAt === null && lot.expiresAt !== null && instantOf(lot.expiresAt) <= now)
      due = behind(due, lot);
  if (!due) return undefined;
  const at = due.at(-1)?.expiresAt ?? '';
  return { type: 'expired', at, points: sumOf(due), change: change(due.map(negated)) };
}

/** Holds that nobody captured by `until`: their points are back in their lots, as of the end of each. */
function holdsExpiry(standing: Standing, until: number): Due | undefined {
  if (standing.holds.length === 0) return undefined;
  // A programme that changed how long holds last may have let a later one end sooner.
  const due = standing.holds
    .filter(({ expiresAt }) => instantOf(expiresAt) <= until)
    .sort((a, b) => instantOf(a.expiresAt) - instantOf(b.expiresAt));
  const at = due.at(-1)?.expiresAt;
  if (!at) return undefined;
  let { debt } = standing;
  const back = due.flatMap(({ lots, expiresAt }) => {
    const given = givenBack({ debt }, lots, instantOf(expiresAt));
    debt += given.debt;
    return given.lots;
  });
  const made = change(foldLots(none, back), debt - standing.debt);
  made.holds = { ended: due.map(({ redemptionId }) => redemptionId) };
  const points = due.reduce((sum, { lots }) => sum + sumOf(lots), 0);
  return { type: 'holds_expired', at, points, change: made };
}

/**
 * What repays a debt next, of points that come out of a hold and points that can be spent from their day on:
 * whichever is earlier, as far as it is. Undefined where the order makes no difference.
 */
function repayment(standing: Standing, now: number): Due | undefined {
  if (standing.debt === 0) return undefined;
  let [ended, opened] = [never, never];
  for (const { expiresAt } of standing.holds) ended = Math.min(ended, instantOf(expiresAt));
  for (const { availableAt } of standing.lots)
    if (availableAt !== null) opened = Math.min(opened, instantOf(availableAt));
  if (ended > now || opened > now) return undefined;
  return ended <= opened ? holdsExpiry(standing, opened) : activation(standing, ended - 1);
}

/** Whom each thing is told that fell due, before it is applied. */
export type Told = (due: Due) => void;

/** Everything that falls due of points by `now`, in its order, is applied to a standing. */
export function settleLots(standing: OwnStanding, now: number, told?: Told): void {
  for (let due = repayment(standing, now); due; due = repayment(standing, now)) applyDue(standing, due, told);
  applyDue(standing, holdsExpiry(standing, now), told);
  applyDue(standing, activation(standing, now), told);
  applyDue(standing, expiry(standing, now), told);
}

/** A tier whose validity has ended by `now`: the window at that instant decides afresh. */
export function reviewTier(program: Program, standing: OwnStanding, now: number, told?: Told): void {
  const { validUntil } = standing.tier;
  if (validUntil === null) return;
  const at = instantOf(validUntil);
  if (at > now) return;
  const made = change(none);
  made.tier = reviewed(program, standing.tier, standing.qualifying, at);
  applyDue(standing, { type: 'tier_reviewed', at: validUntil, points: 0, change: made }, told);
}

function applyDue(standing: OwnStanding, due: Due | undefined, told: Told | undefined): void {
  if (!due) return;
  told?.(due);
  applyChange(standing, due.change);
}

/** Whether time alone has changed a standing by `now`. */
function isDue({ lots, holds, tier }: Standing, now: number): boolean {
  for (const { availableAt, expiresAt } of lots) {
    const at = availableAt ?? expiresAt;
    if (at !== null && instantOf(at) <= now) return true;
  }
  for (const { expiresAt } of holds) if (instantOf(expiresAt) <= now) return true;
  return tier.validUntil !== null && instantOf(tier.validUntil) <= now;
}

/** Makes all true of a standing that time has made true, however many nights would have written it down. */
export function settleOwn(program: Program, standing: OwnStanding, now: number): void {
  while (isDue(standing, now)) {
    settleLots(standing, now);
    reviewTier(program, standing, now);
  }
}

// Purchases -----------------------------------------------------------------------------------------------

/** What a purchase was worth, and under what, when it was posted. */
export interface Earned {
  readonly valued: Valued;
  readonly lot: LotInstants;
  readonly month: string;
  /** The day that it occurred on, as 2026-11-22. */
  readonly date: string;
  /** The standing's `lastVisitAt` before it. */
  readonly lastVisitAt: string | null;
  /** Its place among the member's purchases. */
  readonly place: number;
  readonly change: Change;
}

/** Adds qualifying points that come to a change, and the tier that they may bring. */
export function qualify(
  program: Program,
  { tier, qualifying }: Standing,
  made: Change,
  added: { readonly month: string; readonly points: number },
  now: number,
): void {
  if (added.points > 0) made.qualifying = added;
  made.tier = afterMore(program, tier, qualifying, added, now);
}

const noBudgets: Budgets = {};
const noFacts: MemberFacts = {};

/**
 * A purchase earns: one lot; the tier it may reach counts from the next purchase on. The standing must be settled.
 * @param occurredAt the purchase's instant, in milliseconds
 * @throws Error when the programme has no rate for the currency: the door refuses such a purchase
 */
export function earnedBy(
  program: Program,
  standing: OwnStanding,
  purchase: RecordedPurchase,
  occurredAt: number,
  now: number,
  budgets = noBudgets,
  facts: MemberFacts = noFacts,
): Earned {
  const { lastVisitAt } = standing;
  const valued = valuedAtBest(decided(program, standing, purchase, occurredAt, budgets, facts));
  const { points, qualifyingPoints, basis } = valued;
  const day = dayOf(program, occurredAt);
  const { month, date } = day;
  const lot = lotOn(day, purchase, now);
  const made = credited(standing, points, lot);
  const place = nextPlace(standing);
  made.purchases = 1;
  made.place = place;
  qualify(program, standing, made, { month, points: qualifyingPoints }, now);
  if (basis.visit)
    made.lastVisitAt =
      lastVisitAt !== null && instantOf(lastVisitAt) > occurredAt ? lastVisitAt : purchase.occurredAt;
  return { valued, lot, month, date, lastVisitAt, place, change: made };
}

// Refunds -------------------------------------------------------------------------------------------------

/** Points that a refund takes back, and where they were. */
export interface Taken {
  readonly points: number;
  readonly qualifyingPoints: number;
  /** The month that the qualifying points were filed under. */
  readonly month: string;
  /** Whether with it the purchase is wholly returned. */
  readonly isReturned?: boolean;
  /** The purchase's place; undefined where it has none among the member's own. */
  readonly place: number | undefined;
  /** The purchase's own lot, as it was when it was posted. */
  readonly own: LotInstants | undefined;
}

/** Points and qualifying points go, and with them the tiers that they had reached. The standing must be settled. */
export function clawedBack(
  program: Program,
  standing: OwnStanding,
  { points, qualifyingPoints, month, own, isReturned, place }: Taken,
  now: number,
): TakenBack {
  const { qualifying: before, tier } = standing;
  // The purchase's own lot is pending still, or it is among those that can be spent.
  const isPending = own !== undefined && own.availableAt !== null && instantOf(own.availableAt) > now;
  const first = own && { availableAt: isPending ? own.availableAt : null, expiresAt: own.expiresAt };
  const { change: made, forgiven } = takenBack(program, standing, points, first);
  // A place of which nobody knows whose it is stays taken: nothing is given for it twice.
  if (isReturned && place !== undefined && isTaken(standing, place)) {
    made.purchases = -1;
    made.place = place;
  }
  if (qualifyingPoints > 0) made.qualifying = { month, points: -qualifyingPoints };
  if (tier.steps.length > 0) {
    const left = before[month];
    const months = left === undefined ? before : { ...before, [month]: left - qualifyingPoints };
    made.tier = stepsTakenBack(tier, months, monthOf(now, program.timeZone));
  }
  return { change: made, forgiven };
}

/** What is told of a purchase that may have been a visit. */
export interface Visited {
  readonly visit: EarningBasis['visit'];
  readonly occurredAt: string;
  /** The account's `lastVisitAt` before it. */
  readonly lastVisitAt: string | null | undefined;
}

/**
 * The visit before this one counts again when what remains of the purchase is no visit any more: answers it, or
 * undefined.
 */
export function visitTakenBack(
  standing: Pick<Standing, 'lastVisitAt'>,
  { visit, lastVisitAt, occurredAt }: Visited,
  left: { readonly points: number; readonly totalMinor: number },
): string | null | undefined {
  if (!visit || lastVisitAt === undefined || standing.lastVisitAt !== occurredAt) return undefined;
  return left.points === 0 || left.totalMinor < visit.minimumMinor ? lastVisitAt : undefined;
}

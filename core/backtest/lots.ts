/**
 * A member's lots in a backtest: what core/points.ts does with them, on numbers instead of entries. Instants
 * are milliseconds; `availableAt` is 0 once points can be spent, `expiresAt` infinite where they never lapse.
 */
import type { Account, Lot } from '../account.ts';

export interface OwnedLot extends LotInstants {
  points: number;
}

/** Points set aside: spent when they are captured, back in their lots when the hold ends otherwise. */
interface Hold {
  readonly redemptionId: string;
  readonly expiresAt: number;
  readonly lots: readonly OwnedLot[];
}

export interface Lots {
  /** Soonest to lapse first; among equals those that can be spent come first. */
  owned: OwnedLot[];
  /** Oldest first. */
  holds: Hold[];
  debt: number;
  /** Nothing of this changes by time alone before this instant. */
  dueAt: number;
}

const never = Number.POSITIVE_INFINITY;

const instants = new Map<string, number>();

/** Few instants occur in lots, since all of them are borders of days and months: each is read once. */
export function instantOf(text: string): number {
  let instant = instants.get(text);
  if (instant === undefined) {
    if (instants.size > 10_000) instants.clear();
    instant = Date.parse(text);
    instants.set(text, instant);
  }
  return instant;
}

/** When a lot's points can be spent and when they lapse. */
export interface LotInstants {
  readonly availableAt: number;
  readonly expiresAt: number;
}

export function lotAt({ availableAt, expiresAt }: Omit<Lot, 'points'>): LotInstants {
  return {
    availableAt: availableAt === null ? 0 : instantOf(availableAt),
    expiresAt: expiresAt === null ? never : instantOf(expiresAt),
  };
}

export function lotsOf({ lots, holds, debt }: Pick<Account, 'lots' | 'holds' | 'debt'>): Lots {
  const started: Lots = { owned: [], holds: [], debt, dueAt: never };
  for (const lot of lots) {
    const { availableAt, expiresAt } = lotAt(lot);
    add(started, availableAt, expiresAt, lot.points);
  }
  for (const { redemptionId, expiresAt, lots: given } of holds)
    open(started, { redemptionId, expiresAt: Date.parse(expiresAt), lots: given.map(ownedLot) });
  return started;
}

export function ownedLot(lot: Lot): OwnedLot {
  return { ...lotAt(lot), points: lot.points };
}

export function sumOf(lots: readonly OwnedLot[]): number {
  let sum = 0;
  for (const lot of lots) sum += lot.points;
  return sum;
}

/** What the member has: the lots and what is held of them, less the debt. */
export function worthOfLots({ owned, holds, debt }: Lots): number {
  let sum = sumOf(owned) - debt;
  for (const { lots } of holds) sum += sumOf(lots);
  return sum;
}

function add(lots: Lots, availableAt: number, expiresAt: number, points: number): void {
  if (points === 0) return;
  const { owned } = lots;
  let at = owned.length;
  for (let index = 0; index < owned.length; index++) {
    const lot = owned[index] as OwnedLot;
    if (lot.expiresAt === expiresAt && lot.availableAt === availableAt) {
      lot.points += points;
      return;
    }
    const isLater =
      lot.expiresAt > expiresAt || (lot.expiresAt === expiresAt && lot.availableAt > availableAt);
    if (isLater && at === owned.length) at = index;
  }
  owned.splice(at, 0, { availableAt, expiresAt, points });
  const due = availableAt === 0 ? expiresAt : availableAt;
  if (due < lots.dueAt) lots.dueAt = due;
}

/** A credit: the debt is repaid first, the rest becomes a lot. */
export function credit(lots: Lots, points: number, availableAt: number, expiresAt: number): void {
  const repaid = lots.debt < points ? lots.debt : points;
  lots.debt -= repaid;
  add(lots, availableAt, expiresAt, points - repaid);
}

/**
 * Takes points: first from the lot with the instants of `own`, then from what can be spent, soonest to lapse
 * first. What is missing is owed, or written off.
 */
export function take(lots: Lots, points: number, own: LotInstants | undefined, forgives: boolean): void {
  let missing = points;
  const isOwn = (lot: OwnedLot) =>
    own !== undefined && lot.expiresAt === own.expiresAt && lot.availableAt === own.availableAt;
  const from = (lot: OwnedLot) => {
    const taken = lot.points < missing ? lot.points : missing;
    lot.points -= taken;
    missing -= taken;
  };
  for (const lot of lots.owned) if (isOwn(lot)) from(lot);
  for (const lot of lots.owned) if (lot.availableAt === 0 && !isOwn(lot)) from(lot);
  lots.owned = lots.owned.filter((lot) => lot.points !== 0);
  if (!forgives) lots.debt += missing;
}

/** Spends up to `points` of what can be spent, soonest to lapse first; answers which lots gave how much. */
export function spend(lots: Lots, points: number): OwnedLot[] {
  let missing = points;
  const given: OwnedLot[] = [];
  for (const lot of lots.owned) {
    if (lot.availableAt !== 0 || missing === 0) continue;
    const taken = Math.min(lot.points, missing);
    lot.points -= taken;
    missing -= taken;
    given.push({ ...lot, points: taken });
  }
  lots.owned = lots.owned.filter((lot) => lot.points !== 0);
  return given;
}

/** Sets points aside that were spent. */
export function open(lots: Lots, hold: Hold): void {
  lots.holds.push(hold);
  if (hold.expiresAt < lots.dueAt) lots.dueAt = hold.expiresAt;
}

/** Ends a hold and answers what it held; undefined when there is none such. */
export function endHold(lots: Lots, redemptionId: string): readonly OwnedLot[] | undefined {
  const hold = lots.holds.find((one) => one.redemptionId === redemptionId);
  lots.holds = lots.holds.filter((one) => one !== hold);
  return hold?.lots;
}

/** What comes back after its own end can be spent for so long again: as in core/lots.ts. */
const lapsedMs = 30 * 86_400_000;

/** Gives lots back as they were, after any debt, at an instant: with their expiry, or thirty days where that has passed. */
export function giveBack(lots: Lots, given: readonly OwnedLot[], at: number): void {
  const renewed = (expiresAt: number) => (expiresAt <= at ? at + lapsedMs : expiresAt);
  const back = given.map((lot) => ({ ...lot, expiresAt: renewed(lot.expiresAt) }));
  for (const lot of back.sort((a, b) => a.expiresAt - b.expiresAt))
    credit(lots, lot.points, 0, lot.expiresAt);
}

/** Holds that ended by `until`, each as of its end. */
function endHolds(lots: Lots, until: number): void {
  const ended = lots.holds.filter(({ expiresAt }) => expiresAt <= until);
  if (ended.length === 0) return;
  lots.holds = lots.holds.filter(({ expiresAt }) => expiresAt > until);
  ended.sort((a, b) => a.expiresAt - b.expiresAt);
  for (const hold of ended) giveBack(lots, hold.lots, hold.expiresAt);
}

/** Points that can be spent from a day on that has come by `until`: the earliest repays a debt first. */
function activate(lots: Lots, until: number): void {
  const due = lots.owned.filter((lot) => lot.availableAt !== 0 && lot.availableAt <= until);
  if (due.length === 0) return;
  lots.owned = lots.owned.filter((lot) => lot.availableAt === 0 || lot.availableAt > until);
  due.sort((a, b) => a.availableAt - b.availableAt);
  for (const lot of due) credit(lots, lot.points, 0, lot.expiresAt);
}

/** A debt is repaid by what comes first: points out of a hold, or points that can be spent from their day on. */
function repay(lots: Lots, now: number): void {
  while (lots.debt > 0) {
    let [ended, opened] = [never, never];
    for (const { expiresAt } of lots.holds) ended = Math.min(ended, expiresAt);
    for (const { availableAt } of lots.owned) if (availableAt !== 0) opened = Math.min(opened, availableAt);
    if (ended > now || opened > now) return;
    if (ended <= opened) endHolds(lots, opened);
    else activate(lots, ended - 1);
  }
}

/**
 * Writes down what time alone has made true: holds that ended, points that can now be spent, after any debt, and
 * points that lapsed.
 */
export function settleLots(lots: Lots, now: number): void {
  if (now < lots.dueAt) return;
  repay(lots, now);
  endHolds(lots, now);
  activate(lots, now);
  lots.owned = lots.owned.filter((lot) => lot.availableAt !== 0 || lot.expiresAt > now);
  lots.dueAt = never;
  for (const lot of lots.owned) {
    const at = lot.availableAt === 0 ? lot.expiresAt : lot.availableAt;
    if (at < lots.dueAt) lots.dueAt = at;
  }
  for (const { expiresAt } of lots.holds) if (expiresAt < lots.dueAt) lots.dueAt = expiresAt;
}

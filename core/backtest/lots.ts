/**
 * A member's lots in a backtest: what core/points.ts does with them, on numbers instead of entries. Instants
 * are milliseconds; `availableAt` is 0 once points can be spent, `expiresAt` infinite where they never lapse.
 */
import type { Account, Lot } from '../account.ts';

interface HeldLot extends LotInstants {
  points: number;
}

export interface Lots {
  /** Soonest to lapse first; among equals those that can be spent come first. */
  held: HeldLot[];
  debt: number;
  /** No lot changes by time alone before this instant. */
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

export function lotsOf({ lots, debt }: Pick<Account, 'lots' | 'debt'>): Lots {
  const started: Lots = { held: [], debt, dueAt: never };
  for (const lot of lots) {
    const { availableAt, expiresAt } = lotAt(lot);
    add(started, availableAt, expiresAt, lot.points);
  }
  return started;
}

/** What the member has: the lots less the debt. */
export function worthOfLots({ held, debt }: Lots): number {
  let sum = -debt;
  for (const lot of held) sum += lot.points;
  return sum;
}

function add(lots: Lots, availableAt: number, expiresAt: number, points: number): void {
  if (points === 0) return;
  const { held } = lots;
  let at = held.length;
  for (let index = 0; index < held.length; index++) {
    const lot = held[index] as HeldLot;
    if (lot.expiresAt === expiresAt && lot.availableAt === availableAt) {
      lot.points += points;
      return;
    }
    const isLater =
      lot.expiresAt > expiresAt || (lot.expiresAt === expiresAt && lot.availableAt > availableAt);
    if (isLater && at === held.length) at = index;
  }
  held.splice(at, 0, { availableAt, expiresAt, points });
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
  const isOwn = (lot: HeldLot) =>
    own !== undefined && lot.expiresAt === own.expiresAt && lot.availableAt === own.availableAt;
  const from = (lot: HeldLot) => {
    const taken = lot.points < missing ? lot.points : missing;
    lot.points -= taken;
    missing -= taken;
  };
  for (const lot of lots.held) if (isOwn(lot)) from(lot);
  for (const lot of lots.held) if (lot.availableAt === 0 && !isOwn(lot)) from(lot);
  lots.held = lots.held.filter((lot) => lot.points !== 0);
  if (!forgives) lots.debt += missing;
}

/** Writes down what time alone has made true: points that can now be spent, after any debt, and points that lapsed. */
export function settleLots(lots: Lots, now: number): void {
  if (now < lots.dueAt) return;
  const due = lots.held.filter((lot) => lot.availableAt !== 0 && lot.availableAt <= now);
  lots.held = lots.held.filter((lot) => lot.availableAt === 0 || lot.availableAt > now);
  for (const lot of due) credit(lots, lot.points, 0, lot.expiresAt);
  lots.held = lots.held.filter((lot) => lot.availableAt !== 0 || lot.expiresAt > now);
  lots.dueAt = never;
  for (const lot of lots.held) {
    const at = lot.availableAt === 0 ? lot.expiresAt : lot.availableAt;
    if (at < lots.dueAt) lots.dueAt = at;
  }
}

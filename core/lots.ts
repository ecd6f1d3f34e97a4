/** Points going into lots and out of them: what every command on an account is made of. */
import { type Account, type Change, change, foldLots, type Lot, type Posting, sameLot } from './account.ts';
import { utc } from './contract/shapes/basics.ts';
import type { ProgramDocument } from './program.ts';
import { instantOf } from './time.ts';

export type LotInstants = Pick<Lot, 'availableAt' | 'expiresAt'>;

/** One side of an entry: postings, and the lots that are the member's side of them. */
export interface Movement {
  readonly postings: Posting[];
  readonly lots: readonly Lot[];
}

/** Postings without the empty ones. */
export function postings(all: readonly Posting[]): Posting[] {
  return all.filter((posting) => posting.points !== 0);
}

export function sumOf(lots: readonly Lot[]): number {
  let total = 0;
  for (const { points } of lots) total += points;
  return total;
}

/** The lots that can be spent, in the order in which they are. */
export function spendable({ lots }: Pick<Account, 'lots'>): Lot[] {
  return lots.filter((lot) => lot.availableAt === null);
}

/** Takes up to `points` from lots in their order: what was taken from which, and what is missing. */
export function take(lots: readonly Lot[], points: number): { taken: Lot[]; missing: number } {
  const taken: Lot[] = [];
  let missing = points;
  for (const lot of lots) {
    if (missing === 0) break;
    const from = Math.min(lot.points, missing);
    if (from > 0) taken.push({ availableAt: lot.availableAt, expiresAt: lot.expiresAt, points: -from });
    missing -= from;
  }
  return { taken, missing };
}

const none: readonly Lot[] = [];

/** Points that come: the debt is repaid first, the rest becomes a lot. */
export function credited({ debt }: Pick<Account, 'debt'>, points: number, instants: LotInstants): Change {
  const repaid = Math.min(debt, points);
  const { availableAt, expiresAt } = instants;
  const rest = points - repaid;
  return change(rest > 0 ? [{ availableAt, expiresAt, points: rest }] : none, 0 - repaid);
}

/** The postings of points that came from the programme. */
export function creditPostings(points: number, { debt }: Change, { availableAt }: LotInstants): Posting[] {
  return postings([
    { account: 'programme:issued', points: -points },
    { account: 'member:debt', points: 0 - debt },
    { account: availableAt === null ? 'member:available' : 'member:pending', points: points + debt },
  ]);
}

/** A credit as an entry says it. */
export function credit(account: Pick<Account, 'debt'>, points: number, instants: LotInstants): Movement {
  const moved = credited(account, points, instants);
  return { postings: creditPostings(points, moved, instants), lots: moved.lots };
}

/** What taking points back does, and what was missing for it that the programme forgives. */
export interface TakenBack {
  readonly change: Change;
  readonly forgiven: number;
}

/**
 * Points that are taken back: from the lot with the instants of `own` first, pending or not, then from what can be
 * spent, soonest to lapse first. What is missing becomes debt, unless the programme forgives it.
 */
export function takenBack(
  { debt: rule }: Pick<ProgramDocument, 'debt'>,
  { lots }: Pick<Account, 'lots'>,
  points: number,
  own?: LotInstants,
): TakenBack {
  const isOwn = (lot: Lot) => own !== undefined && sameLot(lot, own);
  const others = lots.filter((lot) => lot.availableAt === null && !isOwn(lot));
  const { taken, missing } = take(own ? [...lots.filter(isOwn), ...others] : others, points);
  const forgiven = rule === 'forgive' ? missing : 0;
  return { change: change(taken, missing - forgiven), forgiven };
}

/** What comes back after its own end can be spent for so long again. */
const lapsedDays = 30;

/**
 * Lots that are given back as they were, at an instant (ms): with their expiry, or thirty days where that has
 * passed in the meantime. A debt that arose since is repaid first.
 */
export function givenBack({ debt }: Pick<Account, 'debt'>, lots: readonly Lot[], at: number): Change {
  const renewed = (lot: Lot) =>
    lot.expiresAt !== null && instantOf(lot.expiresAt) <= at
      ? { ...lot, expiresAt: utc(at + lapsedDays * 86_400_000) }
      : lot;
  const back = foldLots(none, lots.map(renewed));
  const repaid = Math.min(debt, sumOf(back));
  return change(foldLots(back, take(back, repaid).taken), 0 - repaid);
}

/** The same as an entry says it. The postings lack the account that the points come from. */
export function giveBack(account: Pick<Account, 'debt'>, lots: readonly Lot[], at: number): Movement {
  const moved = givenBack(account, lots, at);
  return {
    postings: postings([
      { account: 'member:debt', points: 0 - moved.debt },
      { account: 'member:available', points: sumOf(moved.lots) },
    ]),
    lots: moved.lots,
  };
}

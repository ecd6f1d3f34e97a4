/** Points going into lots and out of them: what every command on an account is made of. */
import { type Account, foldLots, type Lot, type Posting } from './account.ts';
import { utc } from './contract/shapes/basics.ts';

export type LotInstants = Pick<Lot, 'availableAt' | 'expiresAt'>;

/** One side of an entry: postings, and the lots that are the member's side of them. */
export interface Movement {
  readonly postings: Posting[];
  readonly lots: Lot[];
}

/** Postings without the empty ones. */
export function postings(all: readonly Posting[]): Posting[] {
  return all.filter((posting) => posting.points !== 0);
}

export function sumOf(lots: readonly Lot[]): number {
  return lots.reduce((total, lot) => total + lot.points, 0);
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
    const from = Math.min(lot.points, missing);
    if (from > 0) taken.push({ ...lot, points: -from });
    missing -= from;
  }
  return { taken, missing };
}

/** A credit of `points`: the debt is repaid first, the rest becomes a lot. */
export function credit(account: Pick<Account, 'debt'>, points: number, instants: LotInstants): Movement {
  const repaid = Math.min(account.debt, points);
  const rest = points - repaid;
  return {
    postings: postings([
      { account: 'programme:issued', points: -points },
      { account: 'member:debt', points: repaid },
      { account: instants.availableAt === null ? 'member:available' : 'member:pending', points: rest },
    ]),
    lots: rest > 0 ? [{ ...instants, points: rest }] : [],
  };
}

/** What comes back after its own end can be spent for so long again. */
const lapsedDays = 30;

/**
 * Gives lots back as they were, at an instant (ms): with their expiry, or thirty days where that has passed in
 * the meantime. A debt that arose since is repaid first. The postings lack the account that the points come from.
 */
export function giveBack(account: Pick<Account, 'debt'>, lots: readonly Lot[], at: number): Movement {
  const renewed = utc(at + lapsedDays * 86_400_000);
  const back = foldLots(
    [],
    lots.map((lot) =>
      lot.expiresAt !== null && Date.parse(lot.expiresAt) <= at ? { ...lot, expiresAt: renewed } : lot,
    ),
  );
  const total = sumOf(back);
  const repaid = Math.min(account.debt, total);
  return {
    postings: postings([
      { account: 'member:debt', points: repaid },
      { account: 'member:available', points: total - repaid },
    ]),
    lots: foldLots(back, take(back, repaid).taken),
  };
}

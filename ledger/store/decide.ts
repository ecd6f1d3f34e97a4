/**
 * The one way to write: read, decide, send all of it as one transaction, and decide again when something that it was
 * decided on had changed. Whoever decides is pure but for its reads: it gives back what is to be written and what that
 * comes to, and may be asked any number of times.
 */

import { backOff, decisionsMax, type LedgerContext, LedgerUnavailable } from './context.ts';
import { TooLarge, tooLarge } from './limits.ts';
import { listingOf } from './lists.ts';
import { nothing, type Standing, type Transacted, together, type Write } from './store.ts';
import { listWrites } from './usable.ts';

/** What a decision is made with. */
export interface Attempt {
  /** What stood in the way of the attempts before: it need not be read again. */
  readonly found: Standing;
  /** Of a decision that can be split: how many parts it may take at most. */
  readonly partsMax: number;
}

/** What is to be written, and what it comes to once it is. Nothing to write is an answer, too. */
export interface Decided<T> {
  readonly result: T;
  readonly writes: readonly Write[];
  /**
   * How many parts of something that can be split it has taken. Where a transaction has no room for them, the
   * decision is made again with half as many; the caller goes on with the others once it is committed.
   */
  readonly parts?: number;
}

/** Turns the ends of a transaction that leave nothing to decide into the error that says so. */
export function unavailable(
  outcome: Exclude<Transacted, { type: 'committed' } | { type: 'refused' }>,
  what: string,
): LedgerUnavailable {
  return new LedgerUnavailable(outcome.type, what, outcome.type === 'unknown' ? outcome.cause : undefined);
}

interface Whole {
  readonly writes: readonly Write[];
  /** Why they cannot be one transaction. */
  readonly excess: TooLarge | undefined;
  /** To be called once they are written. */
  written(): void;
}

/** Some writes with those that follow from them. */
async function whole(context: LedgerContext, what: string, decided: readonly Write[]): Promise<Whole> {
  const writes = [...decided, ...(await listWrites(context, decided))];
  const excess = tooLarge(writes);
  const listing = await listingOf(context, writes);
  const all = [...writes, ...listing.writes];
  if (excess || !tooLarge(all)) return { writes: all, excess, written: listing.written };
  // Partitions may have their places before there is anything in them.
  const outcome = await context.store.transact(listing.writes);
  if (outcome.type !== 'committed' && outcome.type !== 'refused') throw unavailable(outcome, what);
  listing.written();
  return { writes, excess, written: listing.written };
}

/**
 * Decides and commits.
 * @param what names it where it fails, as in "Posting store:INV-1"
 * @throws LedgerUnavailable when it could not be decided, or its outcome is unknown: it is safe to repeat
 * @throws TooLarge when no transaction has room for it, and it cannot be split any further; nothing was written
 */
export async function decide<T>(
  context: LedgerContext,
  what: string,
  attempt: (attempt: Attempt) => Promise<Decided<T>>,
): Promise<T> {
  let found: Standing = nothing;
  let partsMax = Number.POSITIVE_INFINITY;
  for (let tried = 1; tried <= decisionsMax; ) {
    const { result, writes: decided, parts = 0 } = await attempt({ found, partsMax });
    if (decided.length === 0) return result;
    const { writes, excess, written } = await whole(context, what, decided);
    if (excess) {
      if (parts === 0) throw excess;
      partsMax = Math.floor(parts / 2);
      continue;
    }
    const outcome = await context.store.transact(writes);
    if (outcome.type === 'committed') {
      written();
      return result;
    }
    if (outcome.type !== 'refused') throw unavailable(outcome, what);
    found = together(found, outcome.standing);
    await backOff(context, tried++);
  }
  throw new LedgerUnavailable('contended', what);
}

/**
 * Commits what needs no decision of its own: it stands as it is, or something stands in its way.
 * @returns what stood in the way; undefined when it was written
 * @throws LedgerUnavailable as `decide`
 */
export async function commit(
  context: LedgerContext,
  what: string,
  writes: readonly Write[],
): Promise<Standing | undefined> {
  const { writes: all, excess, written } = await whole(context, what, writes);
  if (excess) throw excess;
  const outcome = await context.store.transact(all);
  if (outcome.type === 'committed') {
    written();
    return undefined;
  }
  if (outcome.type === 'refused') return outcome.standing;
  throw unavailable(outcome, what);
}

/**
 * As many groups of writes behind some others as one transaction has room for. The groups that follow are found
 * again once these are written.
 */
export async function fitting(
  writes: readonly Write[],
  groups: AsyncIterable<readonly Write[]>,
): Promise<{ writes: Write[]; isFull: boolean }> {
  const all = [...writes];
  for await (const group of groups) {
    if (tooLarge([...all, ...group])) {
      if (all.length === 0) throw new Error('A group of writes is larger than a transaction.');
      return { writes: all, isFull: true };
    }
    all.push(...group);
  }
  return { writes: all, isFull: false };
}

export { TooLarge };

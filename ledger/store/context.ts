/** What the ledger is given from outside: the store, ids, hashes, and how to wait. Never a clock: `now` is an argument. */
import { entryIdOf, type Id, type Kind, makeId } from '../../core/contract/ids.ts';
import type { NewEntryId, Sha256 } from '../../core/replay.ts';
import type { Store } from './store.ts';

export interface LedgerContext {
  readonly store: Store;
  /** A ULID whose time part is `now` (milliseconds). */
  readonly ulid: (now: number) => string;
  /** SHA-256 of UTF-8 text, as base64url. */
  readonly sha256: Sha256;
  /** HMAC-SHA-256 under the deployment's secret, apart for each label, as base64url. */
  readonly keyed: (label: string, text: string) => string;
  /** A uniformly random integer of 0 up to (not including) `below`. */
  readonly randomInteger: (below: number) => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/**
 * How often a decision is made again because the account had changed: bounded, so that a hot member is slow
 * and never a loop. 64 writers on one member were seen to need up to 14.
 */
export const decisionsMax = 24;

/** Full jitter: between nothing and a bound that doubles up to 250 ms. */
export async function backOff(context: LedgerContext, attempt: number): Promise<void> {
  const bound = Math.min(250, 5 * 2 ** attempt);
  await context.sleep(context.randomInteger(bound + 1));
}

export function newId<K extends Kind>(context: LedgerContext, kind: K, now: number): Id<K> {
  return makeId(kind, context.ulid(now));
}

/** The ids of entries that are recorded now. */
export function entryIds(now: number): NewEntryId {
  return (memberId, sequence) => entryIdOf(now, memberId, sequence);
}

/** A write that cannot be decided or whose answer is lost. The caller answers 503, or lets the queue repeat. */
export class LedgerUnavailable extends Error {
  readonly reason: 'contended' | 'throttled' | 'unknown';

  constructor(reason: LedgerUnavailable['reason'], what: string, cause?: unknown) {
    super(`${what}: ${reason}.`, { cause });
    this.name = 'LedgerUnavailable';
    this.reason = reason;
  }
}

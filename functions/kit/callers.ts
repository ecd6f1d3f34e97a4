/** Who calls, by their keys: looked up once in a while by each instance, and not for every request. */
import { type Credential, findCredential, type LedgerContext, readCredential } from '../../ledger/ledger.ts';
import { type Clock, freshByKey } from './fresh.ts';

/**
 * How long an instance may go on with a key that it has read. Whoever ends a key is answered after this, when it is
 * refused everywhere; that one has expired is known at once.
 */
export const credentialFreshMs = 2_000;
/** What an instance itself goes by: a little less, for timers that are early and clocks that are set right. */
const keepMs = credentialFreshMs - 50;
/** More than an instance meets within that time; what is kept is bounded whoever calls. */
const credentialsMax = 200;

/** The caller of a key that is known and has not ended. */
export type FindCaller = (key: string) => Promise<Credential | undefined>;

/** @param clock the wall clock: an instance that was frozen knows that time has passed */
export function createCallers(ledger: LedgerContext, clock: Clock): FindCaller {
  // Kept under the key's hash, as in the table: whoever reads an instance's memory finds no key in it.
  const read = freshByKey(clock, { keepMs, entriesMax: credentialsMax }, (hash) =>
    readCredential(ledger, hash),
  );
  return (key) => findCredential(ledger, key, clock(), read);
}

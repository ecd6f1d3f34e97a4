/**
 * Who calls: by their keys, looked up once in a while by each instance and not for every request; or by the tokens of
 * people who sign in (clients/people.ts).
 */
import type { groups } from '../../core/contract/functions.ts';
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

/** A person who has signed in; whatever the person does is remembered under `keyId` and `name`. */
export interface Person {
  readonly role: (typeof groups)[keyof typeof groups];
  /** The `sub`: never given to anybody else. */
  readonly keyId: string;
  /** The user name, which whoever invites chooses and nobody can change. */
  readonly name: string;
  /** The person, by whichever of the person's keys. */
  readonly holder: string;
}

/** @throws Problem saying what is wrong with the token; 503 where nobody knows, since the pool's keys could not be read */
export type FindPerson = (token: string) => Promise<Person>;

/** Whether a credential has the form of a channel's key. */
export function isOfChannel(text: string): boolean {
  return text.startsWith('phk_') && !text.startsWith('phk_ops_');
}

/** Whether a credential has the form of a token, and not that of a key. */
export function isToken(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text);
}

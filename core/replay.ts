/** The fold of entries into an account: the oracle of tests, of verification and of recovery. */
import { type Account, apply, type Entry, emptyAccount } from './account.ts';
import { canonicalJson } from './canonical.ts';
import type { EntryId, MemberId } from './contract/ids.ts';
import type { Plan } from './points.ts';

/** SHA-256 of a text's UTF-8 bytes, as base64url. */
export type Sha256 = (text: string) => string;

/** Makes the id of the entry that a member has at a place. */
export type NewEntryId = (memberId: MemberId, sequence: number) => EntryId;

/** The hash that chains an entry to the one before it: over everything it says, that one's hash included. */
export function entryHash(entry: Omit<Entry, 'hash'>, sha256: Sha256): string {
  return sha256(canonicalJson(entry));
}

/** Gives a plan's entries their ids and their places in the member's chain. */
export function seal(
  plan: Plan,
  previous: Pick<Account, 'head'>,
  newId: NewEntryId,
  sha256: Sha256,
): { account: Account; entries: Entry[] } {
  let head = previous.head;
  const entries = plan.entries.map((draft): Entry => {
    const unhashed = { ...draft, entryId: newId(draft.memberId, draft.sequence), previousHash: head };
    head = entryHash(unhashed, sha256);
    return { ...unhashed, hash: head };
  });
  return { account: { ...plan.account, head }, entries };
}

/**
 * The account that a member's entries add up to, in their order.
 * @throws Error naming the sequence when an entry is missing, does not balance or breaks the chain
 */
export function replay(memberId: MemberId, entries: Iterable<Entry>, sha256: Sha256): Account {
  let account = emptyAccount(memberId);
  for (const { hash, ...entry } of entries) {
    if (entry.previousHash !== account.head || entryHash(entry, sha256) !== hash)
      throw new Error(`The chain of ${memberId} breaks at entry ${entry.sequence}.`);
    account = apply(account, entry, hash);
  }
  return account;
}

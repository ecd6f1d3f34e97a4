/** A ledger entry as the API answers it. */
import { type Entry, posted } from '../../core/account.ts';

/** What the API lists of an entry; how it came about is told by its explanation. */
export function entryAnswer(entry: Entry) {
  const { entryId, memberId, sequence, type, cause, occurredAt, recordedAt, programVersion } = entry;
  return {
    entryId,
    memberId,
    sequence,
    type,
    cause,
    occurredAt,
    recordedAt,
    programVersion,
    points: posted(entry, 'member:available') + posted(entry, 'member:pending'),
    postings: [...entry.postings],
    balance: entry.balance.after,
    hash: entry.hash,
    previousHash: entry.previousHash,
  };
}

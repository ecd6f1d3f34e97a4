/** How long cards are behind the ledger, told as a metric whenever one has caught up. */
import type { Account } from '../../core/account.ts';
import { supersededAt } from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';

/** The metric of each function that brings cards up to date, in seconds; an alarm watches it. */
export const lagMetric = 'CardLag';

/**
 * Measures from the entry by which the ledger left a version behind, the first of those that the card had not: of
 * several changes that came together, the one that waited longest counts.
 * @param newest the version that the card has now; mostly that entry is its own, and need not be read
 * @param version the one that the card showed until now
 */
export async function measureLag(
  deps: Deps,
  newest: Pick<Account, 'memberId' | 'version' | 'updatedAt'>,
  version: number,
): Promise<void> {
  const isNext = newest.version === version + 1;
  const since = isNext ? newest.updatedAt : await supersededAt(deps.ledger, newest.memberId, version);
  if (since === undefined) return;
  await deps.measure(lagMetric, Math.max(0, deps.now() - Date.parse(since)) / 1000);
}

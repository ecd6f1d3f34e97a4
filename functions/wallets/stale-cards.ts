/**
 * Cards that were left behind: a wallet was not told of the newest version, and nothing is under way. However that
 * came about (an event that was lost, a dead letter that was dismissed, a phone that Apple refused), the newest entry
 * is announced again, and everybody who has it already finds nothing to do.
 */
import { getEntry, type StaleCard, staleCards } from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { toEvents } from '../events/ledger-events.ts';
import type { Count } from '../kit/metrics.ts';

/** What is younger is on its way: a queue tries for half an hour before it gives up. */
const patienceMs = 60 * 60_000;
/**
 * Announced again in one night, at most. Where more were left behind, the cause is still there (a wallet without
 * credentials, say), and announcing them all would fill the dead letters; every one of them is counted.
 */
const announcedMax = 1000;

export interface Refreshed {
  readonly stale: number;
  readonly announced: number;
}

type Means = Pick<Deps, 'ledger' | 'bus' | 'now' | 'logger'> & { readonly count: Count };

/** @throws Error when the bus did not take an announcement for certain */
export async function refreshStaleCards(
  deps: Means,
  hasTime: () => boolean,
  announceMax = announcedMax,
): Promise<Refreshed> {
  let [stale, announced] = [0, 0];
  for await (const card of staleCards(deps.ledger, deps.now() - patienceMs, hasTime)) {
    stale++;
    if (announced === announceMax) continue;
    deps.logger.warn('A card was left behind', { ...card });
    await announce(deps, card);
    announced++;
  }
  if (stale > 0) deps.count('StaleCards', stale);
  return { stale, announced };
}

async function announce(deps: Means, { memberId, version }: StaleCard): Promise<void> {
  const entry = await getEntry(deps.ledger, memberId, version);
  const taken = entry ? await deps.bus.put(toEvents(entry)) : [];
  if (!taken.every(Boolean)) throw new Error(`The bus did not take the newest entry of ${memberId}.`);
}

/** The table of walks: whatever goes through many. A new one is one file, its name in steps.ts and its line here. */
import { dueWalk, erasureWalk, exceptionIndexWalk, type Walks, yearlyWalk } from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { staleCardsWalk } from '../wallets/stale-cards.ts';
import type { WalkName } from './steps.ts';

type Given = Pick<Deps, 'bus' | 'logger'>;

const walks = {
  'exception-index': () => exceptionIndexWalk,
  due: () => dueWalk,
  yearly: () => yearlyWalk,
  erasures: () => erasureWalk,
  'stale-cards': staleCardsWalk,
} as const satisfies Record<WalkName, (given: Given) => Walks[string]>;

export function walksOf(given: Given): Walks {
  return Object.fromEntries(Object.entries(walks).map(([name, make]) => [name, make(given)]));
}

/** The table of walks: whatever goes through many. A new one is one file and its line here. */
import * as z from 'zod';
import { walksQueue } from '../../core/contract/queues.ts';
import {
  dueWalk,
  erasureWalk,
  exceptionIndexWalk,
  sideBySide,
  type WalkMessage,
  type Walks,
  yearlyWalk,
} from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { staleCardsWalk } from '../wallets/stale-cards.ts';

type Given = Pick<Deps, 'bus' | 'logger'>;

const walks = {
  'exception-index': () => exceptionIndexWalk,
  due: () => dueWalk,
  yearly: () => yearlyWalk,
  erasures: () => erasureWalk,
  'stale-cards': staleCardsWalk,
} as const satisfies Record<string, (given: Given) => Walks[string]>;

/** Those that every night begins, in the order in which it does. */
export const nightly = Object.keys(walks) as (keyof typeof walks)[];

export function walksOf(given: Given): Walks {
  return Object.fromEntries(Object.entries(walks).map(([name, make]) => [name, make(given)]));
}

const day = z.iso.date();
export const walkMessage = z.union([
  z.strictObject({ walk: z.string(), night: z.strictObject({ from: day, to: day }) }),
  z.strictObject({ walk: z.string(), position: z.record(z.string(), z.unknown()) }),
]);

/**
 * Puts messages on the queue of walks.
 * @throws Error when one is not certain to be there; what is there twice does no harm
 */
export async function sendSteps(deps: Pick<Deps, 'send'>, messages: readonly WalkMessage[]): Promise<void> {
  const sent = await sideBySide(messages, (message) => deps.send(walksQueue, JSON.stringify(message)));
  for (const one of sent) if (one.status === 'rejected') throw one.reason;
}

/** The walks by name, and their steps as messages: what begins them need not carry what they do (walks.ts). */
import * as z from 'zod';
import { walksQueue } from '../../core/contract/queues.ts';
import { sideBySide, type WalkMessage } from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';

/** Those that every night begins. */
export const nightly = ['exception-index', 'due', 'yearly', 'erasures', 'stale-cards'] as const;
export type WalkName = (typeof nightly)[number];

const day = z.iso.date();
const night = z.strictObject({ from: day, to: day });
export const walkMessage = z.union([
  z.strictObject({ night }),
  z.strictObject({ walk: z.string(), night }),
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

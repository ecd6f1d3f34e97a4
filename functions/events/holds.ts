/**
 * Holds end in time: when points are set aside, a message waits until the hold is over, hop by hop since a queue
 * delays for a quarter of an hour at most. Then the points are given back, unless somebody was faster.
 */
import type { ParsedEvent } from '../../core/contract/events.ts';
import { expireRedemption, LedgerUnavailable } from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { consumer } from '../kit/queue.ts';

const delaySecondsMax = 900;

/** @param body the event as it was received, which is sent again as long as it is too early */
export async function followHold(
  event: ParsedEvent,
  deps: Pick<Deps, 'now' | 'send' | 'program' | 'ledger'>,
  body: string,
): Promise<void> {
  if (event.name !== 'RedemptionAuthorized')
    throw new Error(`The function of holds does not consume ${event.name}.`);
  const { redemptionId, expiresAt } = event.detail.redemption;
  const now = deps.now();
  const seconds = Math.ceil((Date.parse(expiresAt) - now) / 1000);
  if (seconds > 0) return deps.send('holds', body, Math.min(seconds, delaySecondsMax));
  const program = await deps.program();
  if (!program) throw new LedgerUnavailable('throttled', 'No programme is in force yet');
  await expireRedemption(deps.ledger, program, redemptionId, now);
}

export const handler = consumer(followHold);

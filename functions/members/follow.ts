/** What is listed as due is done at once by a step of its walk; the night does what did not come to it. */
import { walksQueue } from '../../core/contract/queues.ts';
import type { DuePlace } from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';

/** Never throws: what is due is listed, so nothing is lost where the queue does not answer. */
export async function goOnAt(
  deps: Pick<Deps, 'send' | 'logger'>,
  ...places: readonly DuePlace[]
): Promise<void> {
  try {
    for (const position of places) await deps.send(walksQueue, JSON.stringify({ walk: 'due', position }));
  } catch (error) {
    deps.logger.warn('What follows is left to the night', { error: error as Error });
  }
}

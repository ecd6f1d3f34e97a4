/**
 * Every hour it looks whether a day has begun in the programme's zone that no night was for: then what time alone has
 * made true is written down (points that can be spent, points that lapsed, tiers that ended), birthdays are honoured, erasures that were left
 * are finished, and cards that were left behind are announced again. Reads count all of it already; the entries are
 * what tells the cards. The night only begins the walks that do it.
 */
import { beginNight } from '../../ledger/ledger.ts';
import { type Deps, deps } from '../deps.ts';
import { sendSteps } from '../walks/steps.ts';

type Given = Pick<Deps, 'ledger' | 'program' | 'now' | 'send' | 'logger'>;

/** A run that was lost is made good by the next; begun twice, a night's walks find done what the first ones did. */
async function look(given: Given): Promise<void> {
  await beginNight(given.ledger, given.program, given.now(), async (night) => {
    await sendSteps(given, [{ night }]);
    given.logger.info('The night begins', { ...night });
  });
}

export const handler = async (): Promise<void> => look(await deps());

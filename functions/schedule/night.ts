/**
 * Every hour it looks whether a day has begun in the programme's zone that no night was for: then what time alone has
 * made true is written down (points that can be spent, points that lapsed, tiers that ended), birthdays are honoured, erasures that were left
 * are finished, and cards that were left behind are announced again. Reads count all of it already; the entries are
 * what tells the cards. The night only begins the walks that do it.
 */
import { dueNight, nightBegun } from '../../ledger/ledger.ts';
import { type Deps, deps } from '../deps.ts';
import { nightly, sendSteps } from '../walks/steps.ts';

type Given = Pick<Deps, 'ledger' | 'program' | 'now' | 'send' | 'logger'>;

/**
 * Begins the night of a new day. A run that was lost is made good by the next; begun twice, a night's walks find done
 * what the first ones did.
 */
export async function beginNight(given: Given): Promise<void> {
  const program = await given.program();
  if (!program) return;
  const night = await dueNight(given.ledger, program, given.now());
  if (!night) return;
  await sendSteps(
    given,
    nightly.map((walk) => ({ walk, night })),
  );
  await nightBegun(given.ledger, night);
  given.logger.info('The night has begun', { ...night });
}

export const handler = async (): Promise<void> => beginNight(await deps());

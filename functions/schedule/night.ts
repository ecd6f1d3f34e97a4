/**
 * Every night, just after the day began in the programme's zone: what time alone has made true is written down
 * (points that can be spent, points that lapsed, tiers that ended), and birthdays are honoured. Reads count all
 * of it already; the entries are what tells the cards. Then cards that were left behind are announced again.
 */
import type { Context } from 'aws-lambda';
import { finishErasures, runNight } from '../../ledger/ledger.ts';
import { deps } from '../deps.ts';
import { count } from '../kit/metrics.ts';
import { refreshStaleCards } from '../wallets/stale-cards.ts';

/** Time to finish a day that was begun. The next night goes on where this one stopped. */
const reserveMs = 60_000;

export const handler = async (_event: unknown, context: Context) => {
  const given = await deps();
  const program = await given.program();
  if (!program) return { days: [], members: 0, entries: 0, complete: true };
  const hasTime = () => context.getRemainingTimeInMillis() > reserveMs;
  const night = await runNight(given.ledger, program, given.now(), hasTime);
  const { members, entries, complete } = night;
  // What a request had no time for any more, or a crash has left.
  await finishErasures(given.ledger, hasTime);
  const { stale } = await refreshStaleCards({ ...given, count }, hasTime);
  given.logger.info('The night is done', { days: night.days.length, members, entries, complete, stale });
  return night;
};

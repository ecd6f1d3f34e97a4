/** A night of the ledger's own walks, from its beginning until nothing is left on their queue. */
import type { Program } from '../../core/program.ts';
import {
  dueWalk,
  erasureWalk,
  exceptionIndexWalk,
  type LedgerContext,
  nightBegun,
  nightDays,
  takeStep,
  type WalkMessage,
  type Walks,
  yearlyWalk,
} from '../../ledger/ledger.ts';
import type { NightDays } from '../../ledger/walks/walk.ts';

export const ledgerWalks: Walks = {
  'exception-index': exceptionIndexWalk,
  due: dueWalk,
  yearly: yearlyWalk,
  erasures: erasureWalk,
};

/** Takes steps until nothing is left on the queue; answers what all of them together have counted. */
export async function runWalks(
  walks: Walks,
  { context, program, now }: { context: LedgerContext; program: Program; now: number },
  night: NightDays,
): Promise<Record<string, number>> {
  const means = { context, program, now, hasTime: () => true };
  const queue: WalkMessage[] = Object.keys(walks).map((walk) => ({ walk, night }));
  const total: Record<string, number> = {};
  for (let message = queue.shift(); message; message = queue.shift()) {
    // As it is on a queue.
    const { messages, counted } = await takeStep(walks, means, JSON.parse(JSON.stringify(message)));
    queue.push(...messages);
    for (const [name, count] of Object.entries(counted)) total[name] = (total[name] ?? 0) + count;
  }
  return total;
}

export async function runNight(
  context: LedgerContext,
  program: Program,
  now: number,
): Promise<Record<string, number>> {
  const night = await nightDays(context, program, now);
  await nightBegun(context, night);
  return runWalks(ledgerWalks, { context, program, now }, night);
}

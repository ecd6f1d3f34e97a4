/** What all members together have given to each cause, as cards show it. */
import type { Program } from '../../core/program.ts';
import { speak } from '../../core/program-texts.ts';
import { readTally } from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { isFresh } from '../kit/fresh.ts';

export interface DonationTotal {
  readonly id: string;
  readonly name: string;
  readonly points: number;
}

interface Total {
  readonly id: string;
  readonly points: number;
}

/** Every card shows the same totals, so an instance reads them this seldom. */
const freshMs = 5_000;

let kept: { readonly version: number; readonly at: number; readonly totals: readonly Total[] } | undefined;

/** @param locale whose language the causes are named in */
export async function donationTotals(deps: Deps, program: Program, locale: string): Promise<DonationTotal[]> {
  const say = speak(program, locale);
  const points = new Map((await totalsOf(deps, program)).map((total) => [total.id, total.points]));
  return program.rewards
    .filter(({ type }) => type === 'donation')
    .map(({ id, name }) => ({ id, name: say(name), points: points.get(id) ?? 0 }));
}

async function totalsOf(deps: Deps, program: Program): Promise<readonly Total[]> {
  const at = deps.now();
  if (kept && kept.version === program.version && isFresh(kept.at, at, freshMs)) return kept.totals;
  const causes = program.rewards.filter(({ type }) => type === 'donation');
  const totals = await Promise.all(
    causes.map(async ({ id }) => {
      const { points } = await readTally(deps.ledger, id);
      return { id, points };
    }),
  );
  kept = { version: program.version, at, totals };
  return totals;
}

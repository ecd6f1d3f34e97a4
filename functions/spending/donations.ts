/** What all members together have given to each cause, as cards show it. */
import type { Program } from '../../core/program.ts';
import { readTally } from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { isFresh } from '../kit/fresh.ts';

export interface DonationTotal {
  readonly id: string;
  readonly name: string;
  readonly points: number;
}

/** Every card shows the same totals, so an instance reads them this seldom. */
const freshMs = 5_000;

let kept: { readonly version: number; readonly at: number; readonly totals: DonationTotal[] } | undefined;

export async function donationTotals(deps: Deps, program: Program): Promise<DonationTotal[]> {
  const at = deps.now();
  if (kept && kept.version === program.version && isFresh(kept.at, at, freshMs)) return kept.totals;
  const causes = program.rewards.filter(({ type }) => type === 'donation');
  const totals = await Promise.all(
    causes.map(async ({ id, name }) => {
      const { points } = await readTally(deps.ledger, id);
      return { id, name, points };
    }),
  );
  kept = { version: program.version, at, totals };
  return totals;
}

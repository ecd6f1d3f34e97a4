/** What a backtest found, as it is answered. */

import { utc } from '../contract/shapes/basics.ts';
import type { BacktestAnswer } from '../contract/shapes/plan.ts';
import type { ProgramDocument } from '../program.ts';
import type { Change } from '../program-difference.ts';
import { brokenInvariants } from './invariants.ts';
import type { BacktestSums, MemberPoints } from './sums.ts';

/** What is said beside the figures. */
export interface Asked {
  readonly from: number;
  readonly to: number;
  readonly candidate: ProgramDocument;
  readonly changes: readonly Change[];
  readonly invariants: readonly string[];
}

export function reportOf(sums: BacktestSums, asked: Asked): BacktestAnswer {
  const { members, purchases, refunds, issued, clawedBack, liability, winners, losers } = sums;
  return {
    from: utc(asked.from),
    to: utc(asked.to),
    members,
    purchases,
    refunds,
    issued,
    clawedBack,
    liability: { ...liability, difference: liability.candidate - liability.actual },
    tierMoves: tierMoves(sums),
    winners: winners.map(withDifference),
    losers: losers.map(withDifference),
    broken: brokenInvariants(asked.invariants, sums),
    notes: notesOf(sums, asked),
  };
}

function withDifference({ memberId, actual, candidate }: MemberPoints) {
  return { memberId, actual, candidate, difference: candidate - actual };
}

/** The most frequent first. */
function tierMoves({ tierMoves: moves }: BacktestSums): BacktestAnswer['tierMoves'] {
  return Object.entries(moves)
    .sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1))
    .map(([move, members]) => {
      const [from = '', to = ''] = move.split('>');
      return { from, to, members };
    });
}

/** Parts of the document that a backtest does not play: their changes show in the plan only. */
const unplayed: Readonly<Record<string, string>> = {
  bonuses: 'Bonuses are counted as they were given: the change of bonuses is not part of these figures.',
  stamps: 'Stamp cards are not filled: the change of stamp cards is not part of these figures.',
};

/** What somebody has to know to read the figures rightly. */
function notesOf({ unpriced, unknown, short }: BacktestSums, { candidate, changes }: Asked): string[] {
  const budgeted = candidate.campaigns.filter((one) => one.budgetPoints !== undefined);
  const changed = new Set(changes.map(({ path }) => path.split('.')[0] ?? ''));
  return [
    ...budgeted.map(
      ({ id }) => `Campaign ${id} has a budget: it was played as if the budget were never used up.`,
    ),
    ...Object.entries(unpriced).map(
      ([currency, count]) =>
        `The candidate has no rate for ${currency}: it would have refused ${purchases(count)}, without any points.`,
    ),
    ...Object.entries(unplayed).flatMap(([part, note]) => (changed.has(part) ? [note] : [])),
    ...(unknown > 0
      ? [`The records of ${purchases(unknown)} are not complete: the points were left as they were.`]
      : []),
    ...(short > 0
      ? [
          `For ${redemptions(short)} the candidate would have given too few points: only as much was spent as there was.`,
        ]
      : []),
  ];
}

function purchases(count: number): string {
  return count === 1 ? '1 purchase' : `${count} purchases`;
}

/** Operators' deductions are rare beside redemptions, and are counted with them. */
function redemptions(count: number): string {
  return count === 1 ? '1 redemption or deduction' : `${count} redemptions or deductions`;
}

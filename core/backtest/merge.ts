/** Parts of a backtest that were added up side by side, put together: each member is in one of them. */
import { type BacktestSums, noSums, plus, ranked } from './sums.ts';

export function mergeSums(parts: readonly BacktestSums[]): BacktestSums {
  return parts.reduce(merge, noSums);
}

function merge(a: BacktestSums, b: BacktestSums): BacktestSums {
  const compared = (name: 'issued' | 'clawedBack' | 'liability') =>
    plus(a[name], b[name].actual, b[name].candidate);
  return {
    members: a.members + b.members,
    purchases: a.purchases + b.purchases,
    refunds: a.refunds + b.refunds,
    issued: compared('issued'),
    clawedBack: compared('clawedBack'),
    liability: compared('liability'),
    tierMoves: added(a.tierMoves, b.tierMoves),
    winners: b.winners.reduce(ranked, a.winners),
    losers: b.losers.reduce(ranked, a.losers),
    membersLosingTier: a.membersLosingTier + b.membersLosingTier,
    membersLosingPoints: a.membersLosingPoints + b.membersLosingPoints,
    unpriced: added(a.unpriced, b.unpriced),
    unknown: a.unknown + b.unknown,
    short: a.short + b.short,
  };
}

function added(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> {
  const sums: Record<string, number> = { ...a };
  for (const [name, count] of Object.entries(b)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

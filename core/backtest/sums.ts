/**
 * What a backtest adds up over members. It is plain data and stays small however many members there are, so it
 * can travel in a cursor, and whoever goes on adds to what was found before.
 */
import type { MemberId } from '../contract/ids.ts';
import type { ProgramDocument } from '../program.ts';
import type { Candidate } from './candidate.ts';
import { type Replayed, replayMember } from './member.ts';
import type { MemberWindow } from './window.ts';

/** A figure as it was, and as it would have been. */
export interface Compared {
  readonly actual: number;
  readonly candidate: number;
}

/** A member's points for purchases in the window, less what refunds took back. */
export interface MemberPoints extends Compared {
  readonly memberId: MemberId;
}

type Counts = Readonly<Record<string, number>>;

export interface BacktestSums {
  readonly members: number;
  readonly purchases: number;
  readonly refunds: number;
  readonly issued: Compared;
  readonly clawedBack: Compared;
  readonly liability: Compared;
  /** Members whose tier at the window's end differs, by `from>to`. */
  readonly tierMoves: Counts;
  /** The biggest difference first. */
  readonly winners: readonly MemberPoints[];
  readonly losers: readonly MemberPoints[];
  readonly membersLosingTier: number;
  readonly membersLosingPoints: number;
  /** Purchases in currencies for which the candidate has no rate, by currency. */
  readonly unpriced: Counts;
  /** Purchases that were left as they were, since the ledger cannot tell them in full. */
  readonly unknown: number;
  /** Redemptions, and points taken by operators, for which the candidate would have given too few points. */
  readonly short: number;
}

const shownMax = 10;
const nothing: Compared = { actual: 0, candidate: 0 };

export const noSums: BacktestSums = {
  members: 0,
  purchases: 0,
  refunds: 0,
  issued: nothing,
  clawedBack: nothing,
  liability: nothing,
  tierMoves: {},
  winners: [],
  losers: [],
  membersLosingTier: 0,
  membersLosingPoints: 0,
  unpriced: {},
  unknown: 0,
  short: 0,
};

/** The same, growing in place: one for each request, since a copy for each member would cost more than the replay. */
type Growing = { -readonly [K in keyof BacktestSums]: BacktestSums[K] };

/** A backtest under way, of which `add` takes one member after the other. */
export interface Backtest {
  readonly add: (member: MemberWindow) => void;
  readonly sums: () => BacktestSums;
}

/**
 * @param inForce the programme that the candidate would replace: tiers that the candidate no longer has are
 *   ranked by it
 * @param to the window's end
 * @param before what was found of the members before
 */
export function backtest(
  candidate: Candidate,
  inForce: ProgramDocument,
  to: number,
  before: BacktestSums = noSums,
): Backtest {
  const sums: Growing = { ...before };
  const rank = rankOf(candidate, inForce);
  return {
    add: (member) => addMember(sums, member, replayMember(candidate, member, to), rank),
    sums: () => ({ ...sums }),
  };
}

/** A tier's rank: its threshold in the candidate; of a tier that is gone, in the programme that had it. */
function rankOf(candidate: ProgramDocument, inForce: ProgramDocument): (tier: string) => number {
  const known = [...inForce.tiers, ...candidate.tiers];
  const ranks = new Map(known.map(({ id, threshold }) => [id, threshold]));
  return (tier) => ranks.get(tier) ?? 0;
}

function plus(sum: Compared, actual: number, candidate: number): Compared {
  return { actual: sum.actual + actual, candidate: sum.candidate + candidate };
}

function addMember(
  sums: Growing,
  { memberId, actual, purchases, refunds, unknown }: MemberWindow,
  candidate: Replayed,
  rank: (tier: string) => number,
): void {
  sums.members++;
  sums.purchases += purchases;
  sums.refunds += refunds;
  sums.unknown += unknown;
  sums.short += candidate.short;
  sums.issued = plus(sums.issued, actual.issued, candidate.issued);
  sums.clawedBack = plus(sums.clawedBack, actual.clawedBack, candidate.clawedBack);
  sums.liability = plus(sums.liability, actual.liability, candidate.liability);
  for (const currency of candidate.unpriced) sums.unpriced = added(sums.unpriced, { [currency]: 1 });
  if (actual.tier !== candidate.tier) {
    sums.tierMoves = added(sums.tierMoves, { [`${actual.tier}>${candidate.tier}`]: 1 });
    if (rank(candidate.tier) < rank(actual.tier)) sums.membersLosingTier++;
  }
  const points: MemberPoints = {
    memberId,
    actual: actual.issued - actual.clawedBack,
    candidate: candidate.issued - candidate.clawedBack,
  };
  if (points.candidate > points.actual) sums.winners = ranked(sums.winners, points);
  if (points.candidate < points.actual) {
    sums.losers = ranked(sums.losers, points);
    sums.membersLosingPoints++;
  }
}

function added(counts: Counts, more: Counts): Counts {
  const sums = new Map(Object.entries(counts));
  for (const [name, count] of Object.entries(more)) sums.set(name, (sums.get(name) ?? 0) + count);
  return Object.fromEntries(sums);
}

/** Parts of a backtest that were added up side by side, put together: each member is in one of them. */
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

function size({ actual, candidate }: Compared): number {
  return Math.abs(candidate - actual);
}

/** The list with one more member, as long as it is among the biggest; among equals the lower id comes first. */
function ranked(list: readonly MemberPoints[], added: MemberPoints): readonly MemberPoints[] {
  const last = list.at(-1);
  if (list.length === shownMax && last && !isBefore(added, last)) return list;
  const at = list.findIndex((one) => isBefore(added, one));
  const place = at === -1 ? list.length : at;
  return [...list.slice(0, place), added, ...list.slice(place)].slice(0, shownMax);
}

function isBefore(a: MemberPoints, b: MemberPoints): boolean {
  return size(a) > size(b) || (size(a) === size(b) && a.memberId < b.memberId);
}

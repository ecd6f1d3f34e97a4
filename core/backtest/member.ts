/** One member's window, replayed under a candidate: by the rules that commands write down, without an entry. */
import {
  applyChange,
  change,
  type Lot,
  type MemberFacts,
  type OwnStanding,
  ownStanding,
  type Standing,
} from '../account.ts';
import type { RedemptionId } from '../contract/ids.ts';
import type { RecordedPurchase } from '../contract/shapes/purchase.ts';
import { lotInstants, valued } from '../earning.ts';
import { credited, givenBack, spendable, sumOf, take, takenBack } from '../lots.ts';
import { ownValue } from '../own.ts';
import { isReturned as isWholeReturned, leftOf } from '../remains.ts';
import { clawedBack, type Earned, earnedBy, qualify, settleOwn, visitTakenBack } from '../rules.ts';
import { afterMore, baseTier, tierOf } from '../tiers.ts';
import type { Candidate } from './candidate.ts';
import type { MemberWindow, Outcome, WindowEvent } from './window.ts';

type Event<Type extends WindowEvent['type']> = Extract<WindowEvent, { readonly type: Type }>;

const none: readonly never[] = [];

/** A purchase as it stands under the candidate. */
interface Posted {
  readonly purchase: RecordedPurchase;
  readonly earned: Earned;
  /** What it is worth now. */
  points: number;
  qualifyingPoints: number;
  /** What remains of the purchase in minor units, shipping included. */
  leftMinor: number;
  isReturned: boolean;
}

interface Play {
  readonly candidate: Candidate;
  readonly standing: OwnStanding;
  readonly facts: MemberFacts;
  isClosed: boolean;
  /** What redemptions spent, by their ids: it may come back. Undefined as long as there was none. */
  spent: Map<string, readonly Lot[]> | undefined;
  /** The window's purchases in their order; undefined where the candidate has no rate for the currency. */
  readonly posted: (Posted | undefined)[];
  unpriced: readonly string[];
  short: number;
  issued: number;
  clawedBack: number;
}

export interface Replayed extends Outcome {
  /** The currencies of purchases for which the candidate has no rate. */
  readonly unpriced: readonly string[];
  /** Redemptions, and points taken by operators, that found fewer points than they took in truth. */
  readonly short: number;
}

/** What the candidate would have given and taken by the window's end, `to`. */
export function replayMember(
  candidate: Candidate,
  { start, events, facts = {} }: Pick<MemberWindow, 'start' | 'events' | 'facts'>,
  to: number,
): Replayed {
  const play: Play = {
    candidate,
    standing: ownStanding(start),
    facts,
    isClosed: start.status === 'closed',
    spent: undefined,
    posted: [],
    unpriced: none,
    short: 0,
    issued: 0,
    clawedBack: 0,
  };
  for (const event of events) replayEvent(play, event);
  settle(play, to);
  const { standing, issued, clawedBack, unpriced, short } = play;
  const tier = tierOf(candidate, standing.tier.id).id;
  return { issued, clawedBack, liability: worthOfLots(standing), tier, unpriced, short };
}

/** What the member has: the lots and what is held of them, less the debt. */
function worthOfLots({ lots, holds, debt }: Standing): number {
  let sum = sumOf(lots) - debt;
  for (const hold of holds) sum += sumOf(hold.lots);
  return sum;
}

function settle(play: Play, now: number): void {
  if (!play.isClosed) settleOwn(play.candidate, play.standing, now);
}

function replayEvent(play: Play, event: WindowEvent): void {
  // Nothing is posted any more for who has left; a refund may still come, for the money's sake. Of a merge that is
  // undone something comes back.
  if (event.type === 'joined_up') play.isClosed = false;
  if (play.isClosed) return;
  switch (event.type) {
    case 'joined':
      play.standing.createdAt = event.since;
      play.standing.tier = { id: baseTier(play.candidate).id, validUntil: null, steps: [] };
      return;
    case 'purchase':
      play.posted.push(post(play, event));
      return;
    case 'refund': {
      const posted = play.posted[event.of];
      if (posted) refund(play, posted, event);
      return;
    }
    default:
      settle(play, event.at);
      repeat(play, event);
  }
}

function post(play: Play, { purchase, occurredAt, at }: Event<'purchase'>): Posted | undefined {
  if (!ownValue(play.candidate.currencies, purchase.currency)) {
    play.unpriced = [...play.unpriced, purchase.currency];
    return undefined;
  }
  settle(play, at);
  const { candidate, standing, facts } = play;
  const earned = earnedBy(candidate, standing, purchase, occurredAt, at, undefined, facts);
  applyChange(play.standing, earned.change);
  const { points, qualifyingPoints } = earned.valued;
  play.issued += points;
  return { purchase, earned, points, qualifyingPoints, leftMinor: purchase.totalMinor, isReturned: false };
}

function refund(play: Play, posted: Posted, { at, refunded }: Event<'refund'>): void {
  const { candidate, standing } = play;
  const { purchase, earned } = posted;
  const { basis } = earned.valued;
  const left = valued(leftOf(basis, { purchase, ...refunded }));
  const { totalMinor } = left.basis;
  const points = posted.points - left.points;
  const qualifyingPoints = posted.qualifyingPoints - left.qualifyingPoints;
  // A refund of money alone is an entry, too: it may take the visit back of a purchase that earned nothing else.
  const isReturned = isWholeReturned({ purchase, ...refunded });
  const returns = isReturned && !posted.isReturned;
  if (points === 0 && qualifyingPoints === 0 && totalMinor === posted.leftMinor && !returns) return;
  posted.isReturned = isReturned;
  posted.points = left.points;
  posted.qualifyingPoints = left.qualifyingPoints;
  posted.leftMinor = totalMinor;
  settle(play, at);
  const { month, lot: own, lastVisitAt, place } = earned;
  const taken = { points, qualifyingPoints, month, own, isReturned: returns, place };
  const { change: made } = clawedBack(candidate, standing, taken, at);
  const visited = { visit: basis.visit, occurredAt: purchase.occurredAt, lastVisitAt };
  made.lastVisitAt = visitTakenBack(standing, visited, { points: left.points, totalMinor });
  applyChange(standing, made);
  play.clawedBack += points;
}

/** What happens under any programme, as far as there are points for it. */
function repeat(
  play: Play,
  event: Exclude<WindowEvent, { readonly type: 'joined' | 'purchase' | 'refund' }>,
): void {
  const { candidate, standing } = play;
  const { at } = event;
  switch (event.type) {
    case 'settled':
      return;
    case 'clawback': {
      const { visit } = event;
      const { change: made } = clawedBack(candidate, standing, event, at);
      if (visit && standing.lastVisitAt === visit.at) made.lastVisitAt = visit.before;
      applyChange(standing, made);
      play.clawedBack += event.points;
      return;
    }
    case 'granted': {
      const { points, qualifying } = event;
      const made =
        points > 0
          ? credited(standing, points, lotInstants(candidate, null, at, at))
          : takenBack(candidate, standing, -points).change;
      if (qualifying) qualify(candidate, standing, made, qualifying, at);
      applyChange(standing, made);
      return;
    }
    case 'joined_up': {
      const { points, months, come, gone } = event;
      standing.merged = [...standing.merged.filter((one) => !gone.includes(one)), ...come];
      applyChange(
        standing,
        points > 0
          ? credited(standing, points, lotInstants(candidate, null, at, at))
          : takenBack(candidate, standing, -points).change,
      );
      for (const { month, points: some } of months) {
        const made = change(none);
        made.qualifying = { month, points: some };
        made.tier = afterMore(candidate, standing.tier, standing.qualifying, made.qualifying, at);
        applyChange(standing, made);
      }
      return;
    }
    case 'closed':
      play.isClosed = true;
      standing.lots.length = 0;
      standing.holds = [];
      standing.debt = 0;
      return;
    default:
      redeem(play, event);
  }
}

/** Redemptions. What they took of the candidate's points is what comes back of them. */
function redeem(play: Play, event: Event<'held' | 'spent' | 'captured' | 'released' | 'unspent'>): void {
  const { standing } = play;
  const { at, type } = event;
  const redemptionId = event.redemptionId as RedemptionId;
  const held = standing.holds.find((one) => one.redemptionId === redemptionId)?.lots ?? none;
  play.spent ??= new Map();
  let made = change(none);
  switch (type) {
    case 'held':
    case 'spent': {
      const { taken, missing } = take(spendable(standing), event.points);
      if (missing > 0) play.short++;
      made = change(taken);
      if (type === 'held') made.holds = { opened: { redemptionId, expiresAt: event.expiresAt } };
      else play.spent.set(redemptionId, given(taken));
      break;
    }
    case 'captured':
      play.spent.set(redemptionId, held);
      made.holds = { ended: [redemptionId] };
      break;
    case 'released':
      made = givenBack(standing, held, at);
      made.holds = { ended: [redemptionId] };
      break;
    case 'unspent':
      made = givenBack(standing, play.spent.get(redemptionId) ?? event.lots, at);
  }
  applyChange(standing, made);
}

function given(taken: readonly Lot[]): Lot[] {
  return taken.map((lot) => ({ ...lot, points: -lot.points }));
}

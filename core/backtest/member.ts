/**
 * One member's window, replayed under a candidate: what `award`, `clawBack` and `settle` (core/points.ts) would
 * have made of it, without writing an entry. Tiers change by the functions of core/tiers.ts themselves.
 */
import type { TierState } from '../account.ts';
import type { RecordedPurchase } from '../contract/shapes/purchase.ts';
import { baseTier } from '../program.ts';
import { reviewed, stepsTakenBack, upgraded } from '../tiers.ts';
import { addMonths, monthOf } from '../time.ts';
import { campaignsMet, earns } from './campaigns.ts';
import type { Candidate, Day, Terms } from './candidate.ts';
import {
  credit,
  endHold,
  giveBack,
  instantOf,
  type Lots,
  lotsOf,
  type OwnedLot,
  open,
  settleLots,
  spend,
  sumOf,
  take,
  worthOfLots,
} from './lots.ts';
import { type Sale, totalLeft, type Worth, worthOf } from './pricing.ts';
import type { MemberWindow, Outcome, Taken, WindowEvent } from './window.ts';

const never = Number.POSITIVE_INFINITY;
const none: readonly string[] = [];

/** A purchase as it stands under the candidate. */
interface Posted {
  readonly sale: Sale;
  readonly occurredAt: number;
  readonly day: Day;
  /** When its points can be spent; 0 for at once. */
  readonly availableAt: number;
  /** `lastVisitAt` before this purchase. */
  readonly visitBefore: number | null;
  worth: Worth;
  /** What remains of the purchase in minor units, shipping included. */
  leftMinor: number;
}

interface Standing {
  readonly candidate: Candidate;
  readonly lots: Lots;
  /** What redemptions spent, by their ids: it may come back. */
  readonly spent: Map<string, readonly OwnedLot[]>;
  isClosed: boolean;
  tier: TierState;
  /** The tier's place in the candidate; one that the candidate does not know counts as its base tier. */
  tierIndex: number;
  tierEndsAt: number;
  /** With fewer qualifying points no higher tier can have been reached. */
  nextThreshold: number;
  readonly qualifying: Record<string, number>;
  /** At least the points of any window of months. */
  qualifyingSum: number;
  since: string;
  lastVisitAt: number | null;
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
  { start, events }: Pick<MemberWindow, 'start' | 'events'>,
  to: number,
): Replayed {
  const standing = standingOf(candidate, start);
  for (const event of events) replayEvent(standing, event);
  settle(standing, to);
  const { issued, clawedBack, lots, tierIndex, unpriced, short } = standing;
  const tier = candidate.program.tiers[tierIndex]?.id ?? '';
  return { issued, clawedBack, liability: worthOfLots(lots), tier, unpriced, short };
}

function standingOf(candidate: Candidate, start: MemberWindow['start']): Standing {
  let qualifyingSum = 0;
  // A refund may leave a month below nothing that had been forgotten: it takes nothing from any window.
  for (const month in start.qualifying) qualifyingSum += Math.max(0, start.qualifying[month] ?? 0);
  const standing: Standing = {
    candidate,
    lots: lotsOf(start),
    spent: new Map(),
    isClosed: start.status === 'closed',
    tier: start.tier,
    tierIndex: 0,
    tierEndsAt: never,
    nextThreshold: never,
    qualifying: { ...start.qualifying },
    qualifyingSum,
    since: start.createdAt,
    lastVisitAt: start.lastVisitAt === null ? null : Date.parse(start.lastVisitAt),
    posted: [],
    unpriced: none,
    short: 0,
    issued: 0,
    clawedBack: 0,
  };
  setTier(standing, start.tier);
  return standing;
}

function replayEvent(standing: Standing, event: WindowEvent): void {
  // Nothing is posted any more for who has left; a refund may still come, for the money's sake.
  if (standing.isClosed) return;
  switch (event.type) {
    case 'joined':
      standing.since = event.since;
      setTier(standing, { id: baseTier(standing.candidate.program).id, validUntil: null, steps: [] });
      return;
    case 'purchase':
      standing.posted.push(post(standing, event.purchase, event.occurredAt, event.at));
      return;
    case 'refund': {
      const posted = standing.posted[event.of];
      if (posted) refund(standing, posted, event);
      return;
    }
    default:
      settle(standing, event.at);
      repeat(standing, event);
  }
}

/** What happens under any programme, as far as there are points for it. */
function repeat(
  standing: Standing,
  event: Exclude<WindowEvent, { readonly type: 'joined' | 'purchase' | 'refund' }>,
): void {
  const { candidate, lots } = standing;
  switch (event.type) {
    case 'settled':
      return;
    case 'clawback':
      takeBack(standing, event, event.at);
      if (event.visit && standing.lastVisitAt === event.visit.at) standing.lastVisitAt = event.visit.before;
      return;
    case 'granted':
      if (event.points > 0) credit(lots, event.points, 0, candidate.dayOf(event.at).expiresAt);
      else take(lots, -event.points, undefined, candidate.program.debt === 'forgive');
      if (event.qualifying) qualifyFor(standing, event.qualifying.month, event.qualifying.points, event.at);
      return;
    case 'closed':
      standing.isClosed = true;
      lots.owned = [];
      lots.holds = [];
      lots.debt = 0;
      return;
    default:
      redeem(standing, event);
  }
}

/** Redemptions. What they took of the candidate's points is what comes back of them. */
function redeem(
  standing: Standing,
  event: Extract<WindowEvent, { readonly type: 'held' | 'spent' | 'captured' | 'released' | 'unspent' }>,
): void {
  const { lots, spent } = standing;
  const { redemptionId } = event;
  switch (event.type) {
    case 'held':
    case 'spent': {
      const given = spend(lots, event.points);
      if (sumOf(given) < event.points) standing.short++;
      if (event.type === 'held') open(lots, { redemptionId, expiresAt: event.expiresAt, lots: given });
      else spent.set(redemptionId, given);
      return;
    }
    case 'captured':
      spent.set(redemptionId, endHold(lots, redemptionId) ?? []);
      return;
    case 'released':
      giveBack(lots, endHold(lots, redemptionId) ?? [], event.at);
      return;
    case 'unspent':
      giveBack(lots, spent.get(redemptionId) ?? event.lots, event.at);
  }
}

function settle(standing: Standing, now: number): void {
  if (standing.isClosed) return;
  settleLots(standing.lots, now);
  while (now >= standing.tierEndsAt) {
    const { candidate, tier, qualifying, tierEndsAt } = standing;
    setTier(standing, reviewed(candidate.program, tier, qualifying, tierEndsAt));
  }
}

function setTier(standing: Standing, tier: TierState): void {
  const { tiers } = standing.candidate.program;
  const index = Math.max(
    0,
    tiers.findIndex((one) => one.id === tier.id),
  );
  standing.tier = tier;
  standing.tierIndex = index;
  standing.tierEndsAt = tier.validUntil === null ? never : instantOf(tier.validUntil);
  standing.nextThreshold = tiers[index + 1]?.threshold ?? never;
}

/** Qualifying points come or go; months that no window asks for any more are forgotten, as in core/account.ts. */
function qualify(standing: Standing, month: string, points: number): void {
  if (points === 0) return;
  const { qualifying } = standing;
  const before = qualifying[month];
  const after = (before ?? 0) + points;
  // A month below nothing would make the sum no bound any more.
  standing.qualifyingSum = after < 0 ? never : standing.qualifyingSum + points;
  if (after === 0) delete qualifying[month];
  else qualifying[month] = after;
  if (before !== undefined) return;
  const months = Object.keys(qualifying).sort();
  const oldest = addMonths(months.at(-1) ?? month, -22);
  for (const name of months) if (name < oldest) delete qualifying[name];
}

/** Adds qualifying points, and the tiers that are reached by them. */
function qualifyFor(standing: Standing, month: string, points: number, now: number): void {
  qualify(standing, month, points);
  if (standing.qualifyingSum < standing.nextThreshold) return;
  const tier = upgraded(standing.candidate.program, standing.tier, standing.qualifying, now);
  if (tier) setTier(standing, tier);
}

function post(
  standing: Standing,
  purchase: RecordedPurchase,
  occurredAt: number,
  now: number,
): Posted | undefined {
  const { candidate, lots } = standing;
  const byTier = candidate.terms.get(purchase.currency)?.[purchase.channel];
  if (!byTier) {
    standing.unpriced = [...standing.unpriced, purchase.currency];
    return undefined;
  }
  settle(standing, now);
  const sale = saleOf(standing, byTier[standing.tierIndex] as Terms, purchase, occurredAt);
  const worth = worthOf(candidate, sale, undefined);
  const day = candidate.dayOf(occurredAt);
  const pendingUntil = day.availableAt[purchase.channel];
  const availableAt = pendingUntil > now ? pendingUntil : 0;
  credit(lots, worth.points, availableAt, day.expiresAt);
  standing.issued += worth.points;
  qualifyFor(standing, day.month, worth.qualifyingPoints, now);
  const visitBefore = standing.lastVisitAt;
  if (sale.visited && (visitBefore === null || occurredAt > visitBefore)) standing.lastVisitAt = occurredAt;
  return { sale, occurredAt, day, availableAt, visitBefore, worth, leftMinor: purchase.totalMinor };
}

function saleOf(
  { candidate, lastVisitAt, since }: Standing,
  terms: Terms,
  purchase: RecordedPurchase,
  occurredAt: number,
): Sale {
  const { visits } = candidate.program;
  const visited =
    visits !== undefined &&
    purchase.totalMinor >= visits.minimumMinor &&
    purchase.lines.some((line) => line.amountMinor > 0 && earns(candidate, line)) &&
    (lastVisitAt === null || Math.abs(occurredAt - lastVisitAt) >= visits.coolDownHours * 3_600_000);
  const met = campaignsMet(candidate, purchase, occurredAt, terms.tier.id, since);
  return { purchase, terms, met, visited };
}

function refund(
  standing: Standing,
  posted: Posted,
  { at, refunded }: Extract<WindowEvent, { readonly type: 'refund' }>,
): void {
  const { candidate } = standing;
  const { sale, day, availableAt, occurredAt, worth } = posted;
  const target = worthOf(candidate, sale, refunded);
  const points = worth.points - target.points;
  const qualifyingPoints = worth.qualifyingPoints - target.qualifyingPoints;
  const leftMinor = totalLeft(sale.purchase, refunded);
  // A refund of money alone is an entry, too: it may take the visit back of a purchase that earned nothing else.
  if (points === 0 && qualifyingPoints === 0 && leftMinor === posted.leftMinor) return;
  posted.worth = target;
  posted.leftMinor = leftMinor;
  settle(standing, at);
  const own = { availableAt, expiresAt: day.expiresAt };
  takeBack(standing, { points, qualifyingPoints, month: day.month, own }, at);
  if (!sale.visited || standing.lastVisitAt !== occurredAt) return;
  const minimum = candidate.program.visits?.minimumMinor ?? 0;
  if (target.points === 0 || leftMinor < minimum) standing.lastVisitAt = posted.visitBefore;
}

/** Points and qualifying points go, and with them the tiers that they had reached. */
function takeBack(standing: Standing, { points, qualifyingPoints, month, own }: Taken, now: number): void {
  const { candidate, lots, qualifying } = standing;
  const { program } = candidate;
  // The purchase's own lot is pending still, or it is among those that can be spent.
  const first = own && { ...own, availableAt: own.availableAt > now ? own.availableAt : 0 };
  take(lots, points, first, program.debt === 'forgive');
  standing.clawedBack += points;
  qualify(standing, month, -qualifyingPoints);
  if (standing.tier.steps.length === 0) return;
  const tier = stepsTakenBack(standing.tier, qualifying, monthOf(now, program.timeZone));
  if (tier) setTier(standing, tier);
}

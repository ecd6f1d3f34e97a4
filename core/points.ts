/**
 * What each command does to an account: (programme, account, command, now) -> plan. Nothing here reads a
 * clock, draws a random number or does I/O; `now` is milliseconds since 1970. A plan is the entries to write
 * and the account after them, and begins with what time alone has made true in the meantime.
 */
import {
  type Account,
  type BonusKind,
  balanceOf,
  type Cause,
  type Change,
  type EarningBasis,
  emptyAccount,
  type MemberFacts,
  ownStanding,
  type PlannedEntry,
  type Posting,
  write,
} from './account.ts';
import type { YearlyBonus } from './bonuses.ts';
import type { Budgets } from './campaigns.ts';
import type { MemberId } from './contract/ids.ts';
import { utc } from './contract/shapes/basics.ts';
import type { RecordedPurchase } from './contract/shapes/purchase.ts';
import { lotInstants, written } from './earning.ts';
import { giftOf, giftReward } from './gifts.ts';
import {
  credit,
  creditPostings,
  type LotInstants,
  postings,
  spendable,
  sumOf as sum,
  take,
  takenBack,
} from './lots.ts';
import type { Program } from './program.ts';
import {
  clawedBack,
  type Due,
  type Earned,
  earnedBy,
  reviewTier,
  settleLots,
  visitTakenBack,
} from './rules.ts';
import { addStamps, type StampCount, type StampVoucher, stampsLost, takeStamps } from './stamps.ts';
import { baseTier } from './tiers.ts';
import { dateOf, dayStart, instantOf } from './time.ts';
import { issuing, vouchersFor } from './vouchers.ts';

export interface Plan {
  readonly account: Account;
  readonly entries: readonly PlannedEntry[];
}

/** The postings of what fell due. */
function duePostings({ type, points, change }: Due): Posting[] {
  const back = [
    { account: 'member:debt' as const, points: 0 - change.debt },
    { account: 'member:available' as const, points: points + change.debt },
  ];
  switch (type) {
    case 'activated':
      return postings([{ account: 'member:pending', points: -points }, ...back]);
    case 'holds_expired':
      return postings([{ account: 'member:held', points: -points }, ...back]);
    case 'expired':
      return [
        { account: 'member:available', points: -points },
        { account: 'programme:expired', points },
      ];
    case 'tier_reviewed':
      return [];
  }
}

/** Writes down what fell due. */
function withDue(program: Program, plan: Plan, due: Due, now: number): Plan {
  const { type, at, change } = due;
  return after(plan, () => ({
    type,
    cause: { type: 'schedule', id: at },
    occurredAt: at,
    recordedAt: utc(now),
    programVersion: program.version,
    postings: duePostings(due),
    ...saidOf(change),
  }));
}

/** A change of a purchase as an entry says it: it counts the purchase, too. */
function ofPurchase(change: Change) {
  const { purchases, place } = change;
  return { ...saidOf(change), purchases, ...(place === undefined ? {} : { place }) };
}

/** A change as an entry says it. */
function saidOf({ lots, qualifying, tier, lastVisitAt, holds }: Change) {
  return {
    lots,
    ...(qualifying ? { qualifying } : {}),
    ...(tier ? { tier } : {}),
    ...(lastVisitAt === undefined ? {} : { lastVisitAt }),
    ...(holds ? { holds } : {}),
  };
}

/** One month before an instant: when the notice of what lapses then is due. */
function monthBefore(instant: string): string {
  const date = new Date(instant);
  const day = date.getUTCDate();
  date.setUTCMonth(date.getUTCMonth() - 1);
  // 31 March less a month is the last of February, not the third of March.
  if (date.getUTCDate() !== day) date.setUTCDate(0);
  return utc(date.getTime());
}

/** The points that can be spent and lapse soonest without their notice having been given. */
function unnoticed({ lots, noticedUntil }: Account): { points: number; at: string } | undefined {
  const lot = lots.find(
    ({ availableAt, expiresAt }) =>
      availableAt === null && expiresAt !== null && expiresAt > (noticedUntil ?? ''),
  );
  return lot && lot.expiresAt !== null ? { points: lot.points, at: lot.expiresAt } : undefined;
}

/** A month before points lapse their holder is told: an entry without points, so it is said once. */
function expiryNotice(account: Account, program: Program, now: number): Plan | undefined {
  const notice = unnoticed(account);
  if (!notice || Date.parse(monthBefore(notice.at)) > now) return undefined;
  const { account: after, draft } = write(account, {
    type: 'expiry_noticed',
    cause: { type: 'schedule', id: notice.at },
    occurredAt: monthBefore(notice.at),
    recordedAt: utc(now),
    programVersion: program.version,
    postings: [],
    lots: [],
    notice,
  });
  return { account: after, entries: [draft] };
}

/**
 * Writes down what time alone has made true: holds that ended, pending points that can be spent, points that
 * lapsed, a tier whose validity ended. Reads apply it in memory, so the night's schedule changes nothing that
 * anybody sees, and it makes no difference in how many nights it is written down.
 */
export function settle(program: Program, account: Account, now: number): Plan {
  let plan: Plan = { account, entries: [] };
  // Nothing falls due any more for who has left, or of what has gone to another account.
  if (account.status !== 'active') return plan;
  const standing = ownStanding(account);
  const told = (due: Due) => {
    plan = withDue(program, plan, due, now);
  };
  settleLots(standing, now, told);
  const noticed = expiryNotice(plan.account, program, now);
  if (noticed) plan = { account: noticed.account, entries: [...plan.entries, ...noticed.entries] };
  for (let times = 0; times < 2; times++) reviewTier(program, standing, now, told);
  return plan;
}

/** What a purchase is worth from now on, for the record that later refunds start from. */
export function shrunk(earning: Earning, target: EarningBasis): Earning {
  const { stamps: _stamps, ...rest } = earning;
  const { points, qualifyingPoints, stamps } = target;
  return { ...rest, points, qualifyingPoints, ...(stamps ? { stamps } : {}) };
}

/** Whether a clawback from one to the other would move neither points nor stamps. */
export function isWorthAsMuch(earning: Earning, target: EarningBasis): boolean {
  return (
    earning.points === target.points &&
    earning.qualifyingPoints === target.qualifyingPoints &&
    stampsLost(earning.stamps ?? [], target.stamps ?? []).length === 0
  );
}

/** The instant at which time alone next changes the account, or null. */
export function nextDue(account: Account): string | null {
  if (account.status !== 'active') return null;
  const instants = account.lots.map((lot) => lot.availableAt ?? lot.expiresAt);
  const notice = unnoticed(account);
  const told = notice ? monthBefore(notice.at) : null;
  const holds = account.holds.map(({ expiresAt }) => expiresAt);
  return [...instants, ...holds, told, account.tier.validUntil].filter((at) => at !== null).sort()[0] ?? null;
}

/** Writes one more entry behind a plan. */
export function after(plan: Plan, content: (account: Account) => Parameters<typeof write>[1]): Plan {
  const { account, draft } = write(plan.account, content(plan.account));
  return { account, entries: [...plan.entries, draft] };
}

/** A new member: the opening entry, and the welcome bonus where the programme gives one. */
export function enrol(program: Program, memberId: MemberId, now: number): Plan {
  const at = utc(now);
  const cause: Cause = { type: 'enrolment', id: memberId };
  const opened = after({ account: emptyAccount(memberId), entries: [] }, () => ({
    type: 'enrolled',
    cause,
    occurredAt: at,
    recordedAt: at,
    programVersion: program.version,
    postings: [],
    lots: [],
    tier: { id: baseTier(program).id, validUntil: null, steps: [] },
  }));
  return withBonus(program, opened, 'welcome', cause, now);
}

/**
 * One of the member's bonuses, when the programme gives it: points that are available at once, a reward's voucher, or
 * both, behind whatever time has made true.
 * @param since when it came to be theirs, in milliseconds, where that is not now
 */
function withBonus(
  program: Program,
  plan: Plan,
  bonus: BonusKind,
  cause: Cause,
  now: number,
  since = now,
): Plan {
  const { points } = giftOf(program.bonuses[bonus]);
  const reward = giftReward(program, bonus);
  if (points === 0 && !reward) return plan;
  return after(withSettled(program, plan, now), (account) => ({
    type: 'bonus',
    cause,
    bonus,
    occurredAt: utc(since),
    recordedAt: utc(now),
    programVersion: program.version,
    ...(points > 0
      ? credit(account, points, lotInstants(program, null, now, now))
      : { postings: [], lots: [] }),
    ...(reward ? issuing(vouchersFor(program, reward, account, now)) : {}),
  }));
}

/** Writes down behind a plan what time has made true. */
function withSettled(program: Program, { account, entries }: Plan, now: number): Plan {
  const settled = settle(program, account, now);
  return { account: settled.account, entries: [...entries, ...settled.entries] };
}

/** Whatever is edited in between, no two days that a yearly bonus is given for lie less than 365 days apart. */
export const yearlyApartDays = 365;

function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 86_400_000;
}

/**
 * A yearly bonus for a day of the programme's zone, as `2027-06-15`: it belongs to that day whenever it is given, so a
 * night that comes late takes nothing from the next year. An empty plan where the last one was for a day too near.
 */
export function giveYearly(
  program: Program,
  account: Account,
  bonus: YearlyBonus,
  day: string,
  now: number,
): Plan {
  const { timeZone } = program;
  const last = account.bonuses[bonus];
  if (last !== undefined && daysBetween(dateOf(instantOf(last), timeZone), day) < yearlyApartDays)
    return { account, entries: [] };
  const cause: Cause = { type: bonus, id: day };
  // Who joined on that very day has it from then on.
  const since = Math.max(dayStart(day, timeZone), instantOf(account.createdAt));
  return withBonus(program, { account, entries: [] }, bonus, cause, now, since);
}

/** Adds the bonus for a complete profile to a plan, once in a member's life. */
export function withProfileBonus(program: Program, plan: Plan, now: number): Plan {
  if (plan.account.bonuses.profile !== undefined) return plan;
  return withBonus(program, plan, 'profile', { type: 'profile', id: plan.account.memberId }, now);
}

/** Something on the card other than points changed. The entry says that, not what: it outlives an erasure. */
export function noteProfileChange(program: Program, account: Account, now: number): Plan {
  const at = utc(now);
  return after(settle(program, account, now), () => ({
    type: 'profile_changed',
    cause: { type: 'profile', id: account.memberId },
    occurredAt: at,
    recordedAt: at,
    programVersion: program.version,
    postings: [],
    lots: [],
  }));
}

/** A bonus for a referral, available at once. `newcomer` is who was referred, on both sides. */
export function giveReferral(
  program: Program,
  account: Account,
  points: number,
  newcomer: MemberId,
  now: number,
): Plan {
  const at = utc(now);
  return after(settle(program, account, now), (current) => ({
    type: 'bonus',
    cause: { type: 'referral', id: newcomer },
    occurredAt: at,
    recordedAt: at,
    programVersion: program.version,
    ...credit(current, points, lotInstants(program, null, now, now)),
  }));
}

/** Takes a referral's bonus back, since the purchase it was given for was: what is missing becomes debt. */
export function takeReferral(
  program: Program,
  account: Account,
  points: number,
  newcomer: MemberId,
  now: number,
): Plan {
  const at = utc(now);
  return after(settle(program, account, now), (current) => {
    const { change, forgiven } = takenBack(program, current, points);
    const { lots, debt } = change;
    return {
      type: 'bonus_taken_back',
      cause: { type: 'referral', id: newcomer },
      occurredAt: at,
      recordedAt: at,
      programVersion: program.version,
      postings: postings([
        { account: 'member:available', points: sum(lots) },
        { account: 'member:debt', points: 0 - debt },
        { account: 'programme:forgiven', points: -forgiven },
        { account: 'programme:clawed_back', points },
      ]),
      lots,
    };
  });
}

/** A grant by an operator, or an amount below zero that an operator takes: never more than can be spent. */
export function adjust(
  program: Program,
  account: Account,
  wanted: { readonly adjustmentId: string; readonly points: number },
  now: number,
): (Plan & { readonly type: 'planned' }) | { readonly type: 'insufficient'; readonly available: number } {
  const { adjustmentId, points } = wanted;
  const settled = settle(program, account, now);
  const { taken, missing } = take(spendable(settled.account), Math.max(0, -points));
  if (missing > 0) return { type: 'insufficient', available: sum(spendable(settled.account)) };
  const at = utc(now);
  const plan = after(settled, (current) => ({
    type: 'adjusted',
    cause: { type: 'adjustment', id: adjustmentId },
    occurredAt: at,
    recordedAt: at,
    programVersion: program.version,
    ...(points >= 0
      ? credit(current, points, lotInstants(program, null, now, now))
      : {
          postings: [
            { account: 'member:available' as const, points },
            { account: 'programme:clawed_back' as const, points: -points },
          ],
          lots: taken,
        }),
  }));
  return { type: 'planned', ...plan };
}

/** The end of a membership: what is left, held or owed is closed, and nothing can be posted any more. */
export function erase(program: Program, account: Account, now: number): Plan {
  const at = utc(now);
  return after(settle(program, account, now), (current) => {
    const { available, pending, held, debt } = balanceOf(current);
    return {
      type: 'erased',
      cause: { type: 'erasure', id: current.memberId },
      occurredAt: at,
      recordedAt: at,
      programVersion: program.version,
      postings: postings([
        { account: 'member:available', points: -available },
        { account: 'member:pending', points: -pending },
        { account: 'member:held', points: -held },
        { account: 'member:debt', points: debt },
        { account: 'programme:erased', points: available + pending + held - debt },
      ]),
      lots: current.lots.map((lot) => ({ ...lot, points: -lot.points })),
      ...(current.holds.length > 0
        ? { holds: { ended: current.holds.map(({ redemptionId }) => redemptionId) } }
        : {}),
    };
  });
}

/** What a purchase earned, as its record keeps it for later refunds. */
export interface Earning {
  /** What the purchase is worth now: less than at first when parts were refunded. */
  readonly points: number;
  readonly qualifyingPoints: number;
  /** What it was priced under; the amounts are the purchase's own. */
  readonly terms: Pick<
    EarningBasis,
    'rate' | 'tier' | 'channel' | 'maxPoints' | 'campaigns' | 'visit' | 'stampCards'
  >;
  /** Stamps for what remains. */
  readonly stamps?: readonly StampCount[];
  /** The day that they were given of; absent where there were none, and from records of before. */
  readonly stampDay?: string;
  /** The ids of the lines that earn. */
  readonly lines: readonly string[];
  /** The account's `lastVisitAt` before this purchase, when it counted as a visit. */
  readonly lastVisitAt?: string | null;
  readonly lot: LotInstants;
  readonly month: string;
  readonly occurredAt: string;
  /** Its place among the member's purchases; absent from records of before, and where nobody has counted them. */
  readonly place?: number;
  readonly programVersion: number;
}

/** The earning of a purchase that was just posted. */
function earningOf(earned: Earned, occurredAt: string, programVersion: number): Earning {
  const { valued, lot, month, date, lastVisitAt, change } = earned;
  const { basis, points, qualifyingPoints } = valued;
  const { rate, tier, channel, maxPoints, campaigns, visit, stampCards, stamps } = basis;
  return {
    points,
    qualifyingPoints,
    terms: {
      rate,
      tier,
      channel,
      maxPoints,
      ...(campaigns ? { campaigns } : {}),
      ...(visit ? { visit } : {}),
      ...(stampCards ? { stampCards } : {}),
    },
    lines: basis.lines.map(({ id }) => id),
    lot,
    month,
    occurredAt,
    ...(change.place === undefined ? {} : { place: change.place }),
    programVersion,
    ...(visit ? { lastVisitAt } : {}),
    ...(stamps ? { stamps, stampDay: date } : {}),
  };
}

const dayOf = ({ date, valued }: Earned) => ({ day: date, cards: valued.basis.stampCards ?? [] });

/** A purchase earns: one entry, one lot; the tier it may reach counts from the next purchase on. */
export function award(
  program: Program,
  account: Account,
  purchase: RecordedPurchase,
  now: number,
  budgets: Budgets = {},
  facts: MemberFacts = {},
): Plan & { earning: Earning } {
  const settled = settle(program, account, now);
  const occurredAt = instantOf(purchase.occurredAt);
  const own = ownStanding(settled.account);
  const earned = earnedBy(program, own, purchase, occurredAt, now, budgets, facts);
  const { valued, lot, change } = earned;
  // In an account of before nobody has counted the purchases yet.
  if (settled.account.purchases === undefined) change.place = undefined;
  const basis = written(valued);
  const plan = after(settled, (current) => ({
    type: 'earned',
    cause: { type: 'purchase', id: purchase.id },
    occurredAt: purchase.occurredAt,
    recordedAt: utc(now),
    programVersion: program.version,
    postings: creditPostings(basis.points, change, lot),
    ...ofPurchase(change),
    ...(basis.stamps ? { stamps: addStamps(program, current, basis.stamps, dayOf(earned), now) } : {}),
    basis,
  }));
  return { ...plan, earning: earningOf(earned, purchase.occurredAt, program.version) };
}

/**
 * Claws back to a target: `before` is what the purchase was worth until now, `target` what it is worth with
 * the lines that remain, both under the programme it was earned with. Takes the purchase's own lot first
 * (pending or not), then what can be spent, soonest to lapse first; what is missing becomes debt. `vouchers`
 * are the member's unused ones, oldest first: what stamps had paid for is revoked with them. `isReturned` says that
 * with this refund the whole purchase has come back.
 */
export function clawBack(
  program: Program,
  account: Account,
  earning: Earning,
  target: EarningBasis,
  refund: {
    readonly id: string;
    readonly occurredAt: string;
    readonly isReturned?: boolean;
    readonly of?: MemberId;
  },
  now: number,
  vouchers: readonly StampVoucher[] = [],
): Plan & { clawedBack: number; debt: number } {
  const settled = settle(program, account, now);
  const points = earning.points - target.points;
  const qualifyingPoints = earning.qualifyingPoints - target.qualifyingPoints;
  const { isReturned = false, of } = refund;
  const { month, lot: own } = earning;
  // Who was merged into this member had places of their own.
  const place = of === undefined ? earning.place : undefined;
  const taken = { points, qualifyingPoints, month, own, isReturned, place };
  const { change, forgiven } = clawedBack(program, ownStanding(settled.account), taken, now);
  const { lots, debt } = change;
  const { terms, occurredAt, lastVisitAt } = earning;
  const visited = { visit: terms.visit, occurredAt, lastVisitAt };
  change.lastVisitAt = visitTakenBack(settled.account, visited, target);
  const pending = sum(lots.filter((lot) => lot.availableAt !== null));
  const lost = stampsLost(earning.stamps ?? [], target.stamps ?? []);
  const { stampDay: day } = earning;
  const filled = day === undefined ? undefined : { day, cards: terms.stampCards ?? [] };
  const plan = after(settled, (current) => ({
    type: 'clawed_back',
    cause: { type: 'refund', id: refund.id },
    occurredAt: refund.occurredAt,
    recordedAt: utc(now),
    programVersion: earning.programVersion,
    postings: postings([
      { account: 'member:pending', points: pending },
      { account: 'member:available', points: sum(lots) - pending },
      { account: 'member:debt', points: 0 - debt },
      { account: 'programme:forgiven', points: -forgiven },
      { account: 'programme:clawed_back', points },
    ]),
    ...ofPurchase(change),
    ...(lost.length > 0 ? { stamps: takeStamps(current, lost, filled, vouchers, now) } : {}),
    ...(of ? { of } : {}),
    basis: target,
  }));
  return { ...plan, clawedBack: points, debt };
}

/** The balance at an instant, with everything settled that time has made true. */
export function balanceAt(program: Program, account: Account, now: number) {
  return balanceOf(settle(program, account, now).account);
}

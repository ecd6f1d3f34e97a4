/**
 * Two members who are one person: everything of one account goes to the other, by an entry on either side, and comes
 * back, as far as it is still there, where the two turn out not to be one.
 */
import {
  type Account,
  balanceOf,
  type Entry,
  foldLots,
  type Hold,
  idsOf,
  type Kept,
  type Lot,
  type MergeSide,
  type PlannedEntry,
  type Posting,
  posted,
  sameLot,
} from './account.ts';
import type { MemberId, VoucherId } from './contract/ids.ts';
import { utc } from './contract/shapes/basics.ts';
import { lotInstants } from './earning.ts';
import { givenBack, postings, spendable, sumOf, take, takenBack } from './lots.ts';
import { noPlaces, type Places, placesLeft } from './places.ts';
import { after, type Plan, settle } from './points.ts';
import type { Program } from './program.ts';
import { addedDays, addStamps, type StampCount, type StampVoucher, takeStamps } from './stamps.ts';
import { baseTier, mergedTier, unmergedTier } from './tiers.ts';
import { instantOf } from './time.ts';
import { type IssuedVoucher, voucherIdOf } from './vouchers.ts';

/** What becomes of the two accounts: `from` is the one that was merged. */
export interface Both {
  readonly into: Plan;
  readonly from: Plan;
}

const none: readonly Lot[] = [];

function negated(lots: readonly Lot[]): Lot[] {
  return lots.map((lot) => ({ ...lot, points: 0 - lot.points }));
}

/** The postings of what comes to an account from another, or goes there: what is owed counts against it. */
function transferPostings(lots: readonly Lot[], held: number, debt: number): Posting[] {
  const { available, pending } = balanceOf({ lots, held, debt });
  return postings([
    { account: 'member:available', points: available },
    { account: 'member:pending', points: pending },
    { account: 'member:held', points: held },
    { account: 'member:debt', points: 0 - debt },
    { account: 'programme:transferred', points: 0 - (available + pending + held - debt) },
  ]);
}

function keptOf({ tier, bonuses, lastVisitAt, noticedUntil, purchases, freePlaces }: Account): Kept {
  return {
    tier,
    bonuses,
    lastVisitAt,
    noticedUntil,
    ...(purchases === undefined ? {} : { purchases }),
    ...(freePlaces ? { freePlaces } : {}),
  };
}

/** Free places as a side of a merge sets them; nothing where there are none, as the fold leaves none by itself. */
function freed(
  freePlaces: readonly number[] | undefined,
): Pick<NonNullable<MergeSide['after']>, 'freePlaces'> {
  return freePlaces && freePlaces.length > 0 ? { freePlaces } : {};
}

function placesOf({
  purchases = 0,
  freePlaces = noPlaces,
}: Pick<Account, 'purchases' | 'freePlaces'>): Places {
  return { purchases, freePlaces };
}

function monthsOf({ qualifying }: Pick<Account, 'qualifying'>, sign: 1 | -1): MergeSide['qualifying'] {
  return Object.entries(qualifying).map(([month, points]) => ({ month, points: sign * points }));
}

/** Qualifying points with those that come or go. */
function withMonths(
  { qualifying }: Pick<Account, 'qualifying'>,
  added: MergeSide['qualifying'],
): Account['qualifying'] {
  const months = { ...qualifying };
  for (const { month, points } of added) months[month] = (months[month] ?? 0) + points;
  return months;
}

function lifetimeOf({ lifetime: { earned, spent, expired } }: Pick<Account, 'lifetime'>, sign: 1 | -1) {
  return { earned: 0 + sign * earned, spent: 0 + sign * spent, expired: 0 + sign * expired };
}

/** What both would have been told or given, of what is given once. */
function laterOf(a: string | null, b: string | null): string | null {
  return (a ?? '') >= (b ?? '') ? a : b;
}

function bonusesOf(a: Account['bonuses'], b: Account['bonuses']): Account['bonuses'] {
  const later = Object.entries(b).filter(([name, at]) => at > (a[name as keyof typeof a] ?? ''));
  return { ...a, ...Object.fromEntries(later) };
}

/** There is one bound on the stamps of a day for one person. */
function daysTogether(
  { stampDays: one }: Account,
  { stampDays: other }: Account,
): Pick<Account, 'stampDays'> {
  const days = addedDays(one, other);
  return days ? { stampDays: days } : {};
}

/** A notice twice is better than none: of two that hold points, what only one was told is told again. */
function noticedBy(into: Account, from: Account): string | null {
  if (from.lots.length === 0) return into.noticedUntil;
  if (into.lots.length === 0) return from.noticedUntil;
  return (into.noticedUntil ?? '') < (from.noticedUntil ?? '') ? into.noticedUntil : from.noticedUntil;
}

/** By how many the purchases that count change. */
function counted(purchases: number): Pick<PlannedEntry, 'purchases'> {
  return purchases === 0 ? {} : { purchases };
}

function stampsOf({ stamps }: Pick<Account, 'stamps'>): StampCount[] {
  return Object.entries(stamps).map(([id, count]) => ({ id, count }));
}

function plain(now: number, program: Program, other: MemberId) {
  const at = utc(now);
  return {
    cause: { type: 'merge' as const, id: other },
    occurredAt: at,
    recordedAt: at,
    programVersion: program.version,
  };
}

/**
 * Gives back what somebody got who had got it as another member before: as much as can still be spent of it.
 * @param given the entry of the bonus
 * @param unused the vouchers that it issued and nobody has used
 */
export function giveBackBonus(
  program: Program,
  account: Account,
  given: Pick<Entry, 'cause' | 'postings'>,
  unused: readonly VoucherId[],
  now: number,
): Plan {
  const at = utc(now);
  const settled = settle(program, account, now);
  const { taken } = take(spendable(settled.account), -posted(given, 'programme:issued'));
  const points = 0 - sumOf(taken);
  if (points === 0 && unused.length === 0) return settled;
  return after(settled, () => ({
    type: 'bonus_taken_back',
    cause: given.cause,
    occurredAt: at,
    recordedAt: at,
    programVersion: program.version,
    postings: postings([
      { account: 'member:available', points: 0 - points },
      { account: 'programme:clawed_back', points },
    ]),
    lots: taken,
    ...(unused.length > 0 ? { vouchers: { revoked: unused } } : {}),
  }));
}

// Together -----------------------------------------------------------------------------------------------------------

/** Everything of `from` goes to `into`. Both must be open, and two. */
export function merge(program: Program, into: Account, from: Account, now: number): Both {
  const settledFrom = settle(program, from, now);
  const settledInto = settle(program, into, now);
  const left = settledFrom.account;
  const joined = after(settledInto, (current) => mergedIn(program, current, left, now));
  const sequence = joined.account.version;
  const gone = after(settledFrom, (current) => mergedOut(program, current, into.memberId, sequence, now));
  return { into: joined, from: gone };
}

function mergedOut(program: Program, from: Account, into: MemberId, sequence: number, now: number) {
  const { lots, held, debt, holds } = from;
  const away = negated(lots);
  const counts = stampsOf(from).map(({ id, count }) => ({ id, count: -count }));
  return {
    type: 'merged_out' as const,
    ...plain(now, program, into),
    postings: transferPostings(away, -held, -debt),
    lots: away,
    tier: { id: baseTier(program).id, validUntil: null, steps: [] },
    lastVisitAt: null,
    ...(holds.length > 0 ? { holds: { ended: holds.map(({ redemptionId }) => redemptionId) } } : {}),
    ...(counts.length > 0 ? { stamps: { stamps: counts, issued: [], revoked: [] } } : {}),
    ...counted(0 - (from.purchases ?? 0)),
    merge: {
      memberId: into,
      members: idsOf(from),
      sequence,
      qualifying: monthsOf(from, -1),
      lifetime: lifetimeOf(from, -1),
      tier: from.tier,
      before: keptOf(from),
    },
  };
}

function mergedIn(program: Program, into: Account, from: Account, now: number) {
  const open = spendable({ lots: foldLots(into.lots, from.lots) });
  const repaid = take(open, Math.min(into.debt + from.debt, sumOf(open))).taken;
  const lots = foldLots(none, [...from.lots, ...repaid]);
  const qualifying = monthsOf(from, 1);
  const counts = stampsOf(from);
  const months = withMonths(into, qualifying);
  const lastVisitAt = laterOf(into.lastVisitAt, from.lastVisitAt);
  return {
    type: 'merged_in' as const,
    ...plain(now, program, from.memberId),
    postings: transferPostings(lots, from.held, from.debt + sumOf(repaid)),
    lots,
    tier: mergedTier(program, into.tier, from.tier, months, now),
    ...(lastVisitAt === into.lastVisitAt ? {} : { lastVisitAt }),
    ...(counts.length > 0 ? { stamps: addStamps(program, into, counts, undefined, now) } : {}),
    ...counted(from.purchases ?? 0),
    merge: {
      memberId: from.memberId,
      members: idsOf(from),
      qualifying,
      lifetime: lifetimeOf(from, 1),
      tier: from.tier,
      before: keptOf(into),
      after: {
        bonuses: bonusesOf(into.bonuses, from.bonuses),
        noticedUntil: noticedBy(into, from),
        ...daysTogether(into, from),
      },
      ...(from.holds.length > 0 ? { holds: from.holds } : {}),
      ...(repaid.length > 0 ? { repaid: negated(repaid) } : {}),
    },
  };
}

/**
 * Gives back, behind a plan, what was taken since two were one: the same points, in the lots that they were in, and less
 * of the debt that was made for what was missing; and a voucher for each that was revoked, to end when that would have.
 */
export function givenAgain(
  program: Program,
  plan: Plan,
  taken: Pick<PlannedEntry, 'cause' | 'lots' | 'postings'>,
  now: number,
  revoked: TakenBonus['vouchers'] = [],
): Plan {
  const at = utc(now);
  const owed = 0 - posted(taken, 'member:debt');
  return after(plan, (current) => {
    const repaid = Math.min(current.debt, owed);
    const back = givenBack({ debt: current.debt - repaid }, negated(taken.lots), now);
    const fresh = { ...lotInstants(program, null, now, now), points: owed - repaid };
    const lots = foldLots(back.lots, [fresh]);
    const debt = back.debt - repaid;
    const issued = revoked.map(({ rewardId, expiresAt, usesMax, programVersion }, index) => ({
      voucherId: voucherIdOf(current, index, now),
      rewardId,
      expiresAt,
      usesMax,
      ...(programVersion === undefined ? {} : { programVersion }),
    }));
    return {
      type: 'bonus',
      cause: taken.cause,
      occurredAt: at,
      recordedAt: at,
      programVersion: program.version,
      postings: postings([
        { account: 'programme:issued', points: debt - sumOf(lots) },
        { account: 'member:debt', points: 0 - debt },
        { account: 'member:available', points: sumOf(lots) },
      ]),
      lots,
      ...(issued.length > 0 ? { vouchers: { issued } } : {}),
    };
  });
}

// Apart again --------------------------------------------------------------------------------------------------------

/** A merge as its entries tell of it, and what was written on the account that both came to since. */
export interface Merged {
  readonly out: PlannedEntry & { readonly merge: MergeSide };
  readonly in: PlannedEntry & { readonly merge: MergeSide };
  readonly since: readonly (Entry | PlannedEntry)[];
}

/** The entries by which something was taken since two were one: of both, and of the one who came. */
export interface Taken {
  readonly into: readonly PlannedEntry[];
  readonly from: readonly TakenBonus[];
}

/** A bonus that was given back, with the vouchers that it had issued. */
export interface TakenBonus {
  readonly entry: PlannedEntry;
  readonly vouchers: readonly Omit<IssuedVoucher, 'voucherId'>[];
}

/** What of it is the one's who was merged, as far as what was written since has taken nothing of it. */
interface Share {
  readonly lots: readonly Lot[];
  readonly holds: readonly Hold[];
  readonly qualifying: MergeSide['qualifying'];
  readonly lifetime: Account['lifetime'];
  readonly stamps: readonly StampCount[];
  /** Of their lots, what repaid the other's debt; and of the other's, what repaid theirs. */
  readonly lent: readonly Lot[];
  readonly borrowed: readonly Lot[];
  readonly debt: number;
  readonly purchases: number;
}

/** Lots as they are by now: without what has lapsed, and what was pending can be spent. */
function lotsAt(lots: readonly Lot[], now: number): Lot[] {
  const left = lots.filter(({ expiresAt }) => expiresAt === null || instantOf(expiresAt) > now);
  const opened = ({ availableAt, ...lot }: Lot) => ({
    ...lot,
    availableAt: availableAt !== null && instantOf(availableAt) <= now ? null : availableAt,
  });
  return foldLots(none, left.map(opened));
}

/** As much of some lots as others hold, too. */
function commonLots(some: readonly Lot[], others: readonly Lot[]): Lot[] {
  return some.flatMap((lot) => {
    const there = others.find((one) => sameLot(one, lot))?.points ?? 0;
    const points = Math.min(lot.points, there);
    return points > 0 ? [{ ...lot, points }] : [];
  });
}

/** Lots that repaid a debt when they were set free: their owner's own, and the other's. */
interface Repaid {
  readonly own: readonly Lot[];
  readonly lent: readonly Lot[];
}

/**
 * What time or the end of a hold sets free repays what both owe together: of what is missing behind that, as much is
 * the owner's own debt as they had.
 * @param freed the lots among them that came
 */
function repaidBy(entry: Merged['since'][number], freed: readonly Lot[], debt: number): Repaid {
  const left = commonLots(freed, foldLots(none, entry.lots));
  const repaid = Math.max(0, posted(entry, 'member:debt'));
  const gone = take(foldLots(freed, negated(left)), repaid).taken;
  const own = take(negated(gone), debt).taken;
  return { own, lent: foldLots(gone, negated(own)) };
}

function shareOf({ out, in: came, since }: Merged, now: number): Share {
  const members = new Set(out.merge.members);
  let debt = posted(out, 'member:debt');
  const { repaid = [], holds = [], qualifying, lifetime } = came.merge;
  // Who owes has nothing that can be spent: what repaid a debt was the other's.
  const borrowed = take(repaid, debt).taken.map((lot) => ({ ...lot, points: -lot.points }));
  let lent = foldLots(repaid, negated(borrowed));
  const there = foldLots(negated(out.lots), negated(lent));
  let lots = lotsAt(there, now);
  let pending = there.filter(({ availableAt }) => availableAt !== null);
  const months = new Map(qualifying.map(({ month, points }) => [month, points]));
  const stamps = new Map((out.stamps?.stamps ?? []).map(({ id, count }) => [id, -count]));
  let earned = lifetime.earned;
  let purchases = came.purchases ?? 0;
  for (const entry of since) {
    const ended = holds.filter(({ redemptionId }) => entry.holds?.ended?.includes(redemptionId));
    const released = entry.type === 'captured' ? none : ended.flatMap((hold) => hold.lots);
    lots = foldLots(lots, lotsAt(released, now));
    const opened = entry.type === 'activated' ? commonLots(pending, negated(entry.lots)) : none;
    pending = foldLots(pending, negated(opened));
    const freed = foldLots(none, [...released, ...opened.map((lot) => ({ ...lot, availableAt: null }))]);
    const paid = repaidBy(entry, freed, debt);
    lots = foldLots(lots, lotsAt([...paid.own, ...paid.lent], now));
    lent = foldLots(lent, negated(paid.lent));
    debt += sumOf(paid.own);
    if (entry.of === undefined || !members.has(entry.of)) continue;
    lots = foldLots(lots, negated(commonLots(lots, lotsAt(negated(entry.lots), now))));
    pending = foldLots(pending, negated(commonLots(pending, negated(entry.lots))));
    earned -= posted(entry, 'programme:clawed_back');
    purchases += entry.purchases ?? 0;
    const { month, points } = entry.qualifying ?? {};
    if (month !== undefined) months.set(month, (months.get(month) ?? 0) + (points ?? 0));
    for (const { id, count } of entry.stamps?.stamps ?? [])
      if (count < 0) stamps.set(id, (stamps.get(id) ?? 0) + count);
  }
  return {
    lots,
    holds,
    qualifying: [...months].map(([month, points]) => ({ month, points })),
    lifetime: { ...lifetime, earned },
    stamps: [...stamps].map(([id, count]) => ({ id, count })),
    lent,
    borrowed,
    debt,
    purchases,
  };
}

/** What goes back: of lots as much as is still there, and holds that are still open. */
interface Returned {
  readonly share: Share;
  readonly given: readonly Lot[];
  readonly holds: readonly Hold[];
}

/**
 * What came from `from` goes back as far as it is still there; what was spent meanwhile stays spent. What repaid the
 * debt of one out of the other's points is owed again, and given back. All that the two have is as much as before.
 * @param into the account that both came to, with the entries since in `merged`
 * @param taken entries by which it was taken what is not theirs who are one: it comes back before they part
 * @param vouchers the unused vouchers that its stamps have paid for, oldest first
 */
export function unmerge(
  program: Program,
  into: Account,
  from: Account,
  merged: Merged,
  taken: Taken,
  now: number,
  vouchers: readonly StampVoucher[],
): Both {
  let settled = settle(program, into, now);
  for (const entry of taken.into) settled = givenAgain(program, settled, entry, now);
  const share = shareOf({ ...merged, since: [...merged.since, ...settled.entries] }, now);
  const { account } = settled;
  const holds = account.holds.filter((one) =>
    share.holds.some(({ redemptionId }) => redemptionId === one.redemptionId),
  );
  const back: Returned = { share, given: commonLots(share.lots, account.lots), holds };
  const apart = after(settled, (current) => unmergedOut(program, current, merged, back, now, vouchers));
  let again = after({ account: from, entries: [] }, (current) =>
    unmergedIn(program, current, merged, back, now),
  );
  for (const { entry, vouchers: lost } of taken.from) again = givenAgain(program, again, entry, now, lost);
  return { into: apart, from: again };
}

function heldBy(holds: readonly Hold[]): number {
  return holds.reduce((sum, { lots }) => sum + sumOf(lots), 0);
}

function unmergedOut(
  program: Program,
  into: Account,
  { out, in: came }: Merged,
  { share, given, holds }: Returned,
  now: number,
  vouchers: readonly StampVoucher[],
) {
  const { lots, debt } = leaving(program, into, { share, given }, now);
  const { before, after: then } = came.merge;
  const qualifying = share.qualifying.map(({ month, points }) => ({ month, points: 0 - points }));
  const months = withMonths(into, qualifying);
  const isSame = (came.lastVisitAt ?? before.lastVisitAt) === into.lastVisitAt;
  const counts = share.stamps.filter(({ count }) => count !== 0);
  return {
    type: 'unmerged_out' as const,
    ...plain(now, program, out.memberId),
    postings: transferPostings(lots, 0 - heldBy(holds), debt),
    lots,
    tier: unmergedTier(program, before.tier, months, now),
    ...(isSame ? { lastVisitAt: before.lastVisitAt } : {}),
    ...(holds.length > 0 ? { holds: { ended: holds.map(({ redemptionId }) => redemptionId) } } : {}),
    ...(counts.length > 0 ? { stamps: takeStamps(into, counts, undefined, vouchers, now) } : {}),
    ...counted(0 - share.purchases),
    merge: {
      memberId: out.memberId,
      members: out.merge.members,
      qualifying,
      lifetime: lifetimeOf(share, -1),
      tier: before.tier,
      before: keptOf(into),
      after: {
        bonuses: unchangedSince(into.bonuses, then?.bonuses ?? {}, before.bonuses),
        noticedUntil: into.noticedUntil === then?.noticedUntil ? before.noticedUntil : into.noticedUntil,
        // Their places are free again, and those of purchases since stay.
        ...(into.purchases === undefined
          ? {}
          : freed(placesLeft(placesOf(into), placesOf(before), share.purchases))),
      },
    },
  };
}

/** What was given since the merge stays noted; of what was not, what was noted before. */
function unchangedSince(
  now: Account['bonuses'],
  merged: Account['bonuses'],
  before: Account['bonuses'],
): Account['bonuses'] {
  const since = Object.entries(now).filter(([name, at]) => merged[name as keyof typeof now] !== at);
  return { ...before, ...Object.fromEntries(since) };
}

/** The lots and the debt that go, each as a change of the account's. */
function leaving(
  program: Program,
  into: Account,
  { share, given }: Pick<Returned, 'share' | 'given'>,
  now: number,
): { lots: Lot[]; debt: number } {
  const left = foldLots(into.lots, negated(given));
  // What was lent is owed again; what was borrowed is not owed here any more, and comes back where it was paid.
  const owed = takenBack({ debt: 'carry' }, { lots: left }, sumOf(share.lent)).change;
  const relieved = Math.min(into.debt + owed.debt, share.debt);
  const rest = share.debt - relieved;
  const old = take(share.borrowed, rest);
  const fresh = old.missing > 0 ? [{ ...lotInstants(program, null, now, now), points: old.missing }] : [];
  const back = [...negated(old.taken), ...fresh];
  return { lots: foldLots(none, [...negated(given), ...owed.lots, ...back]), debt: owed.debt - relieved };
}

function unmergedIn(
  program: Program,
  from: Account,
  { out, in: came }: Merged,
  { share, given, holds }: Returned,
  now: number,
) {
  const spendableNow = givenBack({ debt: share.debt }, [...spendable({ lots: given }), ...share.lent], now);
  const pending = given.filter(({ availableAt }) => availableAt !== null);
  const lots = foldLots(none, [...spendableNow.lots, ...pending]);
  const { before } = out.merge;
  const months = withMonths(from, share.qualifying);
  const counts = share.stamps.filter(({ count }) => count !== 0);
  return {
    type: 'unmerged_in' as const,
    ...plain(now, program, came.memberId),
    postings: transferPostings(lots, heldBy(holds), share.debt + spendableNow.debt),
    lots,
    tier: unmergedTier(program, before.tier, months, now),
    lastVisitAt: before.lastVisitAt,
    ...(counts.length > 0 ? { stamps: { stamps: counts, issued: [], revoked: [] } } : {}),
    ...counted(share.purchases),
    merge: {
      memberId: came.memberId,
      members: out.merge.members,
      qualifying: share.qualifying,
      lifetime: share.lifetime,
      tier: before.tier,
      before: keptOf(from),
      after: freed(before.freePlaces),
      ...(holds.length > 0 ? { holds } : {}),
    },
  };
}

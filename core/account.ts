/**
 * A member's account and the entries it is the fold of. An account is a cache: `apply` over the entries 1…n
 * from `emptyAccount` gives it back, field for field, and that is what verification compares.
 */
import type { YearlyBonus } from './bonuses.ts';
import type { AppliedCampaign } from './campaigns.ts';
import type { Listener } from './contract/events.ts';
import type { ChannelId, ChannelKind, EntryId, MemberId, RedemptionId } from './contract/ids.ts';
import type { Balance } from './contract/shapes/basics.ts';
import type { Fact } from './expressions.ts';
import { foldPlaces, noPlaces } from './places.ts';
import {
  type AppliedStamp,
  foldStampDays,
  type StampChange,
  type StampCount,
  type StampDays,
} from './stamps.ts';
import { addMonths } from './time.ts';
import type { VoucherChange } from './vouchers.ts';

/** Points that lapse together. Points with the same two instants are one lot: none of them differ. */
export interface Lot {
  /** Null once the points can be spent. */
  readonly availableAt: string | null;
  /** Null for points that never lapse. */
  readonly expiresAt: string | null;
  readonly points: number;
}

/** Points set aside for a redemption: spent when it is captured, back in the same lots when it is not. */
export interface Hold {
  readonly redemptionId: RedemptionId;
  /** From here on it has expired, written down or not. */
  readonly expiresAt: string;
  /** What it took from which lots. */
  readonly lots: readonly Lot[];
}

/** One upgrade: what was reached, by how many points and when, and what was held before. */
export interface TierStep {
  readonly id: string;
  /** The tier's threshold when it was reached: what a clawback judges the step by, whatever came since. */
  readonly threshold: number;
  readonly month: string;
  readonly before: { readonly id: string; readonly validUntil: string | null };
}

export interface TierState {
  readonly id: string;
  readonly validUntil: string | null;
  /** Upgrades since the tier was last reviewed, oldest first. */
  readonly steps: readonly TierStep[];
}

export interface Account {
  readonly memberId: MemberId;
  /** The sequence of the newest entry; 0 before the first. */
  readonly version: number;
  /** The hash of the newest entry; empty before the first. */
  readonly head: string;
  readonly createdAt: string;
  /** When the newest entry was recorded. */
  readonly updatedAt: string;
  /** Whole seconds, at least one more than for the version before: Apple's Last-Modified. */
  readonly modifiedAt: string;
  /** `merged`: everything has gone to `mergedInto`, and whatever comes goes there, too. */
  readonly status: 'active' | 'merged' | 'closed';
  readonly mergedInto?: MemberId;
  /** Who was merged into this member, and whoever was merged into those before: what is theirs is this member's. */
  readonly merged?: readonly MemberId[];
  /** Soonest to lapse first. */
  readonly lots: readonly Lot[];
  /** Open holds, oldest first; `held` is their sum. */
  readonly holds: readonly Hold[];
  readonly held: number;
  readonly debt: number;
  readonly lifetime: { readonly earned: number; readonly spent: number; readonly expired: number };
  readonly tier: TierState;
  /** Qualifying points by calendar month (programme time zone) for the months that any window may still ask for. */
  readonly qualifying: Readonly<Record<string, number>>;
  /** When the last purchase occurred that earned points for the visit: the next waits for the cool-down. */
  readonly lastVisitAt: string | null;
  /** Stamps by card, towards the next voucher; below zero when a used voucher is owed. */
  readonly stamps: Readonly<Record<string, number>>;
  /** Stamps of each of the last days: a day gives so many at most. Absent where there were none. */
  readonly stampDays?: StampDays;
  /**
   * Purchases that earned, less those that were wholly returned. Absent from accounts of before, in which nobody
   * counted, until somebody asks and all entries are counted (see ledger/purchases/facts.ts).
   */
  readonly purchases?: number;
  /**
   * Places below the last that no purchase has, lowest first: those of purchases that were wholly returned. The next
   * purchase takes the lowest (see core/places.ts). Absent where there are none.
   */
  readonly freePlaces?: readonly number[];
  /** Lots that lapse up to here have had their notice; null before the first. */
  readonly noticedUntil: string | null;
  /** When each bonus of the programme was last given: what guards against giving it again. */
  readonly bonuses: Readonly<Partial<Record<BonusKind, string>>>;
  /**
   * Who has something to do for this member when an entry is written. It is kept beside what the entries add up to
   * and is no part of it (see `withoutListeners`). Absent from accounts of before, whose entries everybody hears of.
   */
  readonly listeners?: readonly Listener[];
}

/** An account as far as it follows from its entries: what a fold of them gives. */
export function withoutListeners({ listeners: _, ...account }: Account): Account {
  return account;
}

/** The bonuses that depend on the member rather than on a purchase. */
export type BonusKind = 'welcome' | 'profile' | YearlyBonus;

/** The accounts that postings move points between; the member's own and the programme's. */
export const ledgerAccounts = [
  'member:available',
  'member:pending',
  'member:held',
  'member:debt',
  'programme:issued',
  'programme:redeemed',
  'programme:expired',
  'programme:clawed_back',
  'programme:forgiven',
  'programme:erased',
  'programme:transferred',
] as const;
export type LedgerAccount = (typeof ledgerAccounts)[number];

export interface Posting {
  readonly account: LedgerAccount;
  readonly points: number;
}

export type EntryType =
  | 'enrolled'
  | 'profile_changed'
  | 'bonus'
  | 'earned'
  | 'clawed_back'
  | 'activated'
  | 'expired'
  | 'tier_reviewed'
  | 'bonus_taken_back'
  | 'expiry_noticed'
  | 'held'
  | 'captured'
  | 'released'
  | 'holds_expired'
  | 'redeemed'
  | 'redemption_cancelled'
  | 'voucher_issued'
  | 'voucher_used'
  | 'voucher_returned'
  | 'voucher_revoked'
  | 'adjusted'
  | 'merged_out'
  | 'merged_in'
  | 'unmerged_out'
  | 'unmerged_in'
  | 'erased';

/** Why an entry exists: the business fact that caused it. */
export interface Cause {
  readonly type:
    | 'enrolment'
    | 'profile'
    | YearlyBonus
    | 'referral'
    | 'purchase'
    | 'refund'
    | 'schedule'
    | 'redemption'
    | 'voucher'
    | 'adjustment'
    | 'merge'
    | 'erasure';
  readonly id: string;
}

/** Facts of a member as of a purchase; core/conditions/scope.ts says what each is. */
export type MemberFacts = Partial<Readonly<Record<Fact, number>>>;

/** Everything an earning was computed from, so that it can be computed again without anything else. */
export interface EarningBasis {
  readonly currency: string;
  /** `points` per `perMinor` minor units. */
  readonly rate: { readonly points: number; readonly perMinor: number };
  readonly tier: { readonly id: string; readonly multiplier: string };
  /** `kind` of one that is not named like it. */
  readonly channel: { readonly id: ChannelId; readonly multiplier: string; readonly kind?: ChannelKind };
  readonly maxPoints: number;
  /** The eligible lines with what is left of them; `multiplier` is the campaigns', absent when 1. */
  readonly lines: readonly {
    readonly id: string;
    readonly amountMinor: number;
    readonly multiplier?: string;
  }[];
  /** The campaigns that the purchase met when it was posted. */
  readonly campaigns?: readonly AppliedCampaign[];
  /** Points for the visit itself, as long as what remains of the purchase reaches the minimum. */
  readonly visit?: {
    readonly points: number;
    readonly minimumMinor: number;
    /** Whether a purchase that cost nothing is one, too. */
    readonly free?: true;
  };
  /** The stamp cards that the purchase fills, by the lines that do. */
  readonly stampCards?: readonly AppliedStamp[];
  /** Stamps for what remains of the purchase. */
  readonly stamps?: readonly StampCount[];
  /** What remains of the whole purchase: what the minimums of campaigns and visits are held against. */
  readonly totalMinor: number;
  /** Refunded on the whole order, to be spread over the lines in proportion. */
  readonly orderRefundMinor?: number;
  /** What conditions asked of the member and neither account nor tier say by themselves. */
  readonly facts?: MemberFacts;
  /** What came out under these: for a refund what the purchase is still worth. */
  readonly points: number;
  readonly qualifyingPoints: number;
}

/** What an account is beside points, before a merge has made something else of it. */
export type Kept = Pick<
  Account,
  'tier' | 'bonuses' | 'lastVisitAt' | 'noticedUntil' | 'purchases' | 'freePlaces'
>;

/** One side of a merge, or of its undoing: what comes to an account, or goes from it, beside points and stamps. */
export interface MergeSide {
  /** The member on the other side. */
  readonly memberId: MemberId;
  /** Who comes or goes: the one who was merged, and whoever was merged into them before. */
  readonly members: readonly MemberId[];
  /** Of what goes: the sequence of the other side's entry. */
  readonly sequence?: number;
  readonly qualifying: readonly MonthPoints[];
  /** By how much the sums of a lifetime change. */
  readonly lifetime: Account['lifetime'];
  /** Holds that come; those that go are in the entry's `holds`. */
  readonly holds?: readonly Hold[];
  /** The tier that comes; of an undoing, the one that was held before the merge. */
  readonly tier: TierState;
  readonly before: Kept;
  /** From here on, where they change. */
  readonly after?: Partial<Pick<Account, 'bonuses' | 'noticedUntil' | 'stampDays' | 'freePlaces'>>;
  /** What one side owed and the other had: lots that repaid a debt at the merge. */
  readonly repaid?: readonly Lot[];
}

export interface Entry {
  readonly entryId: EntryId;
  readonly memberId: MemberId;
  /** 1, 2, 3 … per member, without a gap. */
  readonly sequence: number;
  readonly type: EntryType;
  readonly cause: Cause;
  /** When it happened in the world. */
  readonly occurredAt: string;
  /** When the ledger wrote it down. */
  readonly recordedAt: string;
  readonly programVersion: number;
  /** Sum to zero. */
  readonly postings: readonly Posting[];
  /** Changes of the member's lots, the balances' other side: they sum to the available and pending postings. */
  readonly lots: readonly Lot[];
  readonly qualifying?: { readonly month: string; readonly points: number };
  /** The member's tier from this entry on, when the entry changed it. */
  readonly tier?: TierState;
  /** How stamps change, and the vouchers that come and go with it. */
  readonly stamps?: StampChange;
  /** Holds that this entry opens (on the lots that it takes) and ends. */
  readonly holds?: {
    readonly opened?: { readonly redemptionId: RedemptionId; readonly expiresAt: string };
    readonly ended?: readonly RedemptionId[];
  };
  /** Vouchers that come, are used and go, other than by stamps. */
  readonly vouchers?: VoucherChange;
  /** Points that lapse in a month's time. */
  readonly notice?: { readonly points: number; readonly at: string };
  /** Which bonus this entry gives. */
  readonly bonus?: BonusKind;
  /** The account's `lastVisitAt` from this entry on, when the entry changed it. */
  readonly lastVisitAt?: string | null;
  /** Of a purchase and its refunds: by how much the count of purchases changes. Absent from entries of before. */
  readonly purchases?: number;
  /** The place among the member's purchases that is taken or given up with it. Absent from entries of before. */
  readonly place?: number;
  readonly basis?: EarningBasis;
  /** Of a clawback whose purchase is of somebody who was merged into this member. */
  readonly of?: MemberId;
  readonly merge?: MergeSide;
  readonly balance: { readonly before: Balance; readonly after: Balance };
  readonly previousHash: string;
  readonly hash: string;
}

/** An entry as the programme's arithmetic plans it; the ledger adds its id and its place in the hash chain. */
export type PlannedEntry = Omit<Entry, 'entryId' | 'previousHash' | 'hash'>;

export function emptyAccount(memberId: MemberId): Account {
  return {
    memberId,
    version: 0,
    head: '',
    createdAt: '',
    updatedAt: '',
    modifiedAt: '',
    status: 'active',
    lots: [],
    holds: [],
    held: 0,
    debt: 0,
    lifetime: { earned: 0, spent: 0, expired: 0 },
    tier: { id: '', validUntil: null, steps: [] },
    qualifying: {},
    lastVisitAt: null,
    stamps: {},
    purchases: 0,
    noticedUntil: null,
    bonuses: {},
  };
}

export function balanceOf(account: Pick<Account, 'lots' | 'held' | 'debt'>): Balance {
  let available = 0;
  let pending = 0;
  for (const lot of account.lots) {
    if (lot.availableAt === null) available += lot.points;
    else pending += lot.points;
  }
  return { available, pending, held: account.held, debt: account.debt };
}

/** Soonest to lapse first, lots without expiry last; among equals those that can be spent come first. */
function isBefore(a: Lot, b: Lot): boolean {
  const [left, right] = [a.expiresAt ?? '9999', b.expiresAt ?? '9999'];
  return left === right ? (a.availableAt ?? '') < (b.availableAt ?? '') : left < right;
}

/** Whether nothing tells two lots apart: their points are one lot. */
export function sameLot(a: Omit<Lot, 'points'>, b: Omit<Lot, 'points'>): boolean {
  return a.expiresAt === b.expiresAt && a.availableAt === b.availableAt;
}

/** Lots, which are in their order, with the given changes folded in; empty lots vanish. */
export function foldLots(lots: readonly Lot[], changes: readonly Lot[]): Lot[] {
  const folded = lots.slice();
  for (const change of changes) foldLot(folded, change);
  return folded;
}

/** Folds a change into lots, in place. A backtest does it several times for each purchase. */
function foldLot(lots: Lot[], change: Lot): void {
  let place = 0;
  for (; place < lots.length; place++) {
    const lot = lots[place] as Lot;
    if (sameLot(lot, change)) {
      const { availableAt, expiresAt } = lot;
      const points = lot.points + change.points;
      if (points === 0) removeAt(lots, place);
      else lots[place] = { availableAt, expiresAt, points };
      return;
    }
    if (isBefore(change, lot)) break;
  }
  if (change.points === 0) return;
  lots.push(change);
  for (let index = lots.length - 1; index > place; index--) lots[index] = lots[index - 1] as Lot;
  lots[place] = change;
}

function removeAt(lots: Lot[], place: number): void {
  for (let index = place + 1; index < lots.length; index++) lots[index - 1] = lots[index] as Lot;
  lots.pop();
}

/** The sum of an entry's postings on one account. */
export function posted(entry: Pick<Entry, 'postings'>, account: LedgerAccount): number {
  return entry.postings.reduce((sum, one) => sum + (one.account === account ? one.points : 0), 0);
}

function laterSecond(before: string, recordedAt: string): string {
  const recorded = Math.floor(Date.parse(recordedAt) / 1000) * 1000;
  const next = before === '' ? recorded : Math.max(recorded, Date.parse(before) + 1000);
  return new Date(next).toISOString().replace('.000Z', 'Z');
}

/** Adds to a month, in place. */
function foldQualifying(months: Record<string, number>, { month, points }: MonthPoints): void {
  const known = months[month];
  const sum = (known ?? 0) + points;
  if (sum === 0) delete months[month];
  else months[month] = sum;
  if (known !== undefined) return;
  // A tier's step is judged by the window of its own month, which may be eleven months old: 23 months count.
  let newest = '';
  for (const name in months) if (name > newest) newest = name;
  const oldest = newest === '' ? '' : addMonths(newest, -22);
  for (const name in months) if (name < oldest) delete months[name];
}

function inOrder(months: Account['qualifying']): Account['qualifying'] {
  return Object.fromEntries(Object.entries(months).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function foldStamps({ stamps }: Account, entry: PlannedEntry): Account['stamps'] {
  if (!entry.stamps) return stamps;
  const counts = new Map(Object.entries(stamps));
  for (const { id, count } of entry.stamps.stamps) {
    const sum = (counts.get(id) ?? 0) + count;
    if (sum === 0) counts.delete(id);
    else counts.set(id, sum);
  }
  return Object.fromEntries(counts);
}

function foldHolds(
  holds: Account['holds'],
  { opened, ended = [] }: NonNullable<Entry['holds']>,
  lots: readonly Lot[],
): Account['holds'] {
  const left = holds.filter(({ redemptionId }) => !ended.includes(redemptionId));
  if (!opened) return left;
  return [...left, { ...opened, lots: lots.map((lot) => ({ ...lot, points: -lot.points })) }];
}

/** What the rules look at of an account. */
export type Standing = Pick<
  Account,
  | 'memberId'
  | 'merged'
  | 'createdAt'
  | 'lots'
  | 'holds'
  | 'debt'
  | 'tier'
  | 'qualifying'
  | 'lastVisitAt'
  | 'purchases'
  | 'freePlaces'
>;

/** The same, changing in place. */
export interface OwnStanding extends Standing {
  merged: readonly MemberId[];
  createdAt: string;
  readonly lots: Lot[];
  holds: readonly Hold[];
  debt: number;
  tier: TierState;
  readonly qualifying: Record<string, number>;
  lastVisitAt: string | null;
  purchases: number;
  freePlaces: readonly number[];
}

const nobody: readonly MemberId[] = [];

export function ownStanding(account: Standing): OwnStanding {
  const { memberId, createdAt, lots, holds, debt, tier, qualifying, lastVisitAt } = account;
  const { merged = nobody, purchases = 0, freePlaces = noPlaces } = account;
  const copied = { lots: lots.slice(), qualifying: { ...qualifying } };
  return { memberId, merged, createdAt, holds, debt, tier, lastVisitAt, purchases, freePlaces, ...copied };
}

type MonthPoints = NonNullable<Entry['qualifying']>;

/** What an entry changes of a standing: the rules' answer, before anything is written. */
export interface Change {
  readonly lots: readonly Lot[];
  /** By how much the debt grows; below zero when it is repaid. */
  readonly debt: number;
  qualifying: MonthPoints | undefined;
  tier: TierState | undefined;
  lastVisitAt: string | null | undefined;
  holds: Entry['holds'] | undefined;
  /** By how much the count of purchases changes. */
  purchases: number;
  /** The place that is taken or given up with that. */
  place: number | undefined;
}

/** A change of points, to which more may be added: all changes have the same fields, which makes reading them fast. */
export function change(lots: readonly Lot[], debt = 0): Change {
  const unchanged = { qualifying: undefined, tier: undefined, lastVisitAt: undefined, holds: undefined };
  return { lots, debt, ...unchanged, purchases: 0, place: undefined };
}

/** Applies a change to a standing, in place. */
export function applyChange(standing: OwnStanding, made: Change): void {
  const { lots, qualifying, tier, lastVisitAt, holds } = made;
  for (const lot of lots) foldLot(standing.lots, lot);
  standing.debt += made.debt;
  if (qualifying) foldQualifying(standing.qualifying, qualifying);
  if (tier) standing.tier = tier;
  if (lastVisitAt !== undefined) standing.lastVisitAt = lastVisitAt;
  if (holds) standing.holds = foldHolds(standing.holds, holds, lots);
  if (made.purchases === 0) return;
  standing.freePlaces = foldPlaces(standing, made.purchases, made.place);
  standing.purchases += made.purchases;
}

/** What an entry changes. */
function changeOf(entry: PlannedEntry): Change {
  const made = change(entry.lots, 0 - posted(entry, 'member:debt'));
  made.qualifying = entry.qualifying;
  made.tier = entry.tier;
  made.lastVisitAt = entry.lastVisitAt;
  made.holds = entry.holds;
  made.purchases = countedBy(entry);
  made.place = entry.place;
  return made;
}

/**
 * By how much an entry changes the count of purchases. One of before does not say so: it counts as given back where
 * nothing of the money was left.
 */
export function countedBy({
  type,
  purchases,
  basis,
}: Pick<PlannedEntry, 'type' | 'purchases' | 'basis'>): number {
  if (purchases !== undefined) return purchases;
  if (type === 'earned') return 1;
  return type === 'clawed_back' && basis?.totalMinor === 0 ? -1 : 0;
}

/**
 * The account after one more entry. `hash` is the entry's own hash when it has one already.
 * @throws Error when the entry is not the next of this member, its postings do not sum to zero, or the account is
 *   closed: what has been erased is never written on again, whichever command would
 */
export function apply(account: Account, entry: PlannedEntry, hash = account.head): Account {
  if (entry.memberId !== account.memberId || entry.sequence !== account.version + 1)
    throw new Error(
      `Entry ${entry.sequence} of ${entry.memberId} does not follow version ${account.version} of ${account.memberId}.`,
    );
  if (!mayFollow(account, entry.type))
    throw new Error(`Entry ${entry.sequence} of ${entry.memberId} follows the one that closed the account.`);
  if (entry.postings.reduce((sum, one) => sum + one.points, 0) !== 0)
    throw new Error(`The postings of entry ${entry.sequence} of ${entry.memberId} do not sum to zero.`);
  return fold(account, entry, hash);
}

/** Whether an entry of a type may be the next: nothing follows an erasure, and only its undoing, or one, a merge. */
export function mayFollow({ status }: Pick<Account, 'status'>, type: EntryType): boolean {
  if (status === 'active') return true;
  return status === 'merged' && (type === 'unmerged_in' || type === 'erased');
}

/** What an entry does to an account, unchecked: verification goes on behind an entry that is not as it was. */
export function fold(account: Account, entry: PlannedEntry, hash: string): Account {
  const standing = ownStanding(account);
  applyChange(standing, changeOf(entry));
  const { lots, holds, debt, tier, lastVisitAt } = standing;
  const qualifying = entry.qualifying ? inOrder(standing.qualifying) : account.qualifying;
  const stampDays = foldStampDays(account.stampDays, entry.stamps?.given, entry.recordedAt);
  const after: Account = {
    memberId: account.memberId,
    version: entry.sequence,
    head: hash,
    createdAt: account.version === 0 ? entry.recordedAt : account.createdAt,
    updatedAt: entry.recordedAt,
    modifiedAt: laterSecond(account.modifiedAt, entry.recordedAt),
    status: entry.type === 'erased' ? 'closed' : account.status,
    lots,
    holds,
    held: account.held + posted(entry, 'member:held'),
    debt,
    lifetime: {
      earned:
        account.lifetime.earned - posted(entry, 'programme:issued') - posted(entry, 'programme:clawed_back'),
      spent: account.lifetime.spent + posted(entry, 'programme:redeemed'),
      expired: account.lifetime.expired + posted(entry, 'programme:expired'),
    },
    tier,
    qualifying,
    lastVisitAt,
    stamps: foldStamps(account, entry),
    ...(stampDays ? { stampDays } : {}),
    ...(account.purchases === undefined ? {} : countOf(standing)),
    noticedUntil: entry.notice?.at ?? account.noticedUntil,
    bonuses: entry.bonus ? { ...account.bonuses, [entry.bonus]: entry.occurredAt } : account.bonuses,
    ...(account.mergedInto && { mergedInto: account.mergedInto }),
    ...(account.merged && { merged: account.merged }),
  };
  return entry.merge ? foldMerge(after, entry, entry.merge) : after;
}

/** The count of purchases as accounts keep it. */
export function countOf({ purchases, freePlaces }: OwnStanding): Pick<Account, 'purchases' | 'freePlaces'> {
  return freePlaces.length > 0 ? { purchases, freePlaces } : { purchases };
}

/** What a side of a merge changes beside what every entry may. */
function foldMerge(account: Account, { type }: PlannedEntry, merge: MergeSide): Account {
  const months = { ...account.qualifying };
  for (const one of merge.qualifying) foldQualifying(months, one);
  const { lifetime } = account;
  const { mergedInto: _, merged = [], ...rest } = account;
  const others = merged.filter((one) => !merge.members.includes(one));
  const together = type === 'merged_in' ? [...others, ...merge.members] : others;
  // Of the one who goes, or comes back, who was merged into them stays with them.
  const own = type === 'merged_in' || type === 'unmerged_out' ? together : merged;
  return {
    ...rest,
    ...(type === 'merged_out' ? { status: 'merged', mergedInto: merge.memberId } : {}),
    ...(type === 'unmerged_in' ? { status: 'active' } : {}),
    holds: [...account.holds, ...(merge.holds ?? [])],
    qualifying: inOrder(months),
    lifetime: {
      earned: lifetime.earned + merge.lifetime.earned,
      spent: lifetime.spent + merge.lifetime.spent,
      expired: lifetime.expired + merge.lifetime.expired,
    },
    ...merge.after,
    ...(own.length > 0 ? { merged: own } : {}),
  };
}

/** Whether something under an id is an account's member's: their own, or of somebody who was merged into them. */
export function isTheirs(
  { memberId, merged = [] }: Pick<Account, 'memberId' | 'merged'>,
  of: MemberId,
): boolean {
  return of === memberId || merged.includes(of);
}

/** All the ids under which a member's things stand. */
export function idsOf({ memberId, merged = [] }: Pick<Account, 'memberId' | 'merged'>): readonly MemberId[] {
  return [memberId, ...merged];
}

/** What a command says of an entry; sequence and balances follow from the account. */
export type EntryContent = Omit<PlannedEntry, 'memberId' | 'sequence' | 'balance'>;

/** Writes one more entry on an account: the entry, and the account after it. */
export function write(account: Account, content: EntryContent): { account: Account; draft: PlannedEntry } {
  const before = balanceOf(account);
  const unbalanced: PlannedEntry = {
    ...content,
    memberId: account.memberId,
    sequence: account.version + 1,
    balance: { before, after: before },
  };
  const after = apply(account, unbalanced);
  return { account: after, draft: { ...unbalanced, balance: { before, after: balanceOf(after) } } };
}

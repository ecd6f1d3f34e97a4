/**
 * A member's account and the entries it is the fold of. An account is a cache: `apply` over the entries 1…n
 * from `emptyAccount` gives it back, field for field, and that is what verification compares.
 */
import type { YearlyBonus } from './bonuses.ts';
import type { AppliedCampaign } from './campaigns.ts';
import type { Listener } from './contract/events.ts';
import type { EntryId, MemberId, RedemptionId } from './contract/ids.ts';
import type { Balance } from './contract/shapes/basics.ts';
import type { AppliedStamp, StampChange, StampCount } from './stamps.ts';
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
  readonly status: 'active' | 'closed';
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
    | 'erasure';
  readonly id: string;
}

/** Everything an earning was computed from, so that it can be computed again without anything else. */
export interface EarningBasis {
  readonly currency: string;
  /** `points` per `perMinor` minor units. */
  readonly rate: { readonly points: number; readonly perMinor: number };
  readonly tier: { readonly id: string; readonly multiplier: string };
  readonly channel: { readonly id: string; readonly multiplier: string };
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
  readonly visit?: { readonly points: number; readonly minimumMinor: number };
  /** The stamp cards that the purchase fills, by the lines that do. */
  readonly stampCards?: readonly AppliedStamp[];
  /** Stamps for what remains of the purchase. */
  readonly stamps?: readonly StampCount[];
  /** What remains of the whole purchase: what the minimums of campaigns and visits are held against. */
  readonly totalMinor: number;
  /** Refunded on the whole order, to be spread over the lines in proportion. */
  readonly orderRefundMinor?: number;
  /** What came out under these: for a refund what the purchase is still worth. */
  readonly points: number;
  readonly qualifyingPoints: number;
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
  readonly basis?: EarningBasis;
  readonly balance: { readonly before: Balance; readonly after: Balance };
  readonly previousHash: string;
  readonly hash: string;
}

/** An entry as the programme's arithmetic plans it; the ledger adds its id and its place in the hash chain. */
export type Draft = Omit<Entry, 'entryId' | 'previousHash' | 'hash'>;

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
function lotOrder(a: Lot, b: Lot): number {
  const key = (lot: Lot) => `${lot.expiresAt ?? '9999'} ${lot.availableAt ?? ''}`;
  return key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0;
}

/** Lots with the given changes folded in; empty lots vanish. */
export function foldLots(lots: readonly Lot[], changes: readonly Lot[]): Lot[] {
  const folded = new Map<string, Lot>();
  for (const lot of [...lots, ...changes]) {
    const key = `${lot.availableAt} ${lot.expiresAt}`;
    folded.set(key, { ...lot, points: (folded.get(key)?.points ?? 0) + lot.points });
  }
  return [...folded.values()].filter((lot) => lot.points !== 0).sort(lotOrder);
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

function foldQualifying(account: Account, entry: Draft): Account['qualifying'] {
  if (!entry.qualifying) return account.qualifying;
  const { month, points } = entry.qualifying;
  const months: Record<string, number> = { ...account.qualifying };
  months[month] = (months[month] ?? 0) + points;
  if (months[month] === 0) delete months[month];
  // A tier's step is judged by the window of its own month, which may be eleven months old: 23 months count.
  const newest = Object.keys(months).sort().at(-1) ?? month;
  const oldest = addMonths(newest, -22);
  return Object.fromEntries(
    Object.entries(months)
      .filter(([name]) => name >= oldest)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function foldStamps({ stamps }: Account, entry: Draft): Account['stamps'] {
  if (!entry.stamps) return stamps;
  const counts: Record<string, number> = { ...stamps };
  for (const { id, count } of entry.stamps.stamps) {
    counts[id] = (counts[id] ?? 0) + count;
    if (counts[id] === 0) delete counts[id];
  }
  return counts;
}

function foldHolds({ holds }: Account, entry: Draft): Account['holds'] {
  if (!entry.holds) return holds;
  const { opened, ended = [] } = entry.holds;
  const left = holds.filter(({ redemptionId }) => !ended.includes(redemptionId));
  if (!opened) return left;
  return [...left, { ...opened, lots: entry.lots.map((lot) => ({ ...lot, points: -lot.points })) }];
}

/**
 * The account after one more entry. `hash` is the entry's own hash when it has one already.
 * @throws Error when the entry is not the next of this member, its postings do not sum to zero, or the account is
 *   closed: what has been erased is never written on again, whichever command would
 */
export function apply(account: Account, entry: Draft, hash = account.head): Account {
  if (entry.memberId !== account.memberId || entry.sequence !== account.version + 1)
    throw new Error(
      `Entry ${entry.sequence} of ${entry.memberId} does not follow version ${account.version} of ${account.memberId}.`,
    );
  if (account.status === 'closed')
    throw new Error(`Entry ${entry.sequence} of ${entry.memberId} follows the one that closed the account.`);
  if (entry.postings.reduce((sum, one) => sum + one.points, 0) !== 0)
    throw new Error(`The postings of entry ${entry.sequence} of ${entry.memberId} do not sum to zero.`);
  return fold(account, entry, hash);
}

/** What an entry does to an account, unchecked: verification goes on behind an entry that is not as it was. */
export function fold(account: Account, entry: Draft, hash: string): Account {
  return {
    memberId: account.memberId,
    version: entry.sequence,
    head: hash,
    createdAt: account.version === 0 ? entry.recordedAt : account.createdAt,
    updatedAt: entry.recordedAt,
    modifiedAt: laterSecond(account.modifiedAt, entry.recordedAt),
    status: entry.type === 'erased' ? 'closed' : account.status,
    lots: foldLots(account.lots, entry.lots),
    holds: foldHolds(account, entry),
    held: account.held + posted(entry, 'member:held'),
    debt: account.debt - posted(entry, 'member:debt'),
    lifetime: {
      earned:
        account.lifetime.earned - posted(entry, 'programme:issued') - posted(entry, 'programme:clawed_back'),
      spent: account.lifetime.spent + posted(entry, 'programme:redeemed'),
      expired: account.lifetime.expired + posted(entry, 'programme:expired'),
    },
    tier: entry.tier ?? account.tier,
    qualifying: foldQualifying(account, entry),
    lastVisitAt: entry.lastVisitAt === undefined ? account.lastVisitAt : entry.lastVisitAt,
    stamps: foldStamps(account, entry),
    noticedUntil: entry.notice?.at ?? account.noticedUntil,
    bonuses: entry.bonus ? { ...account.bonuses, [entry.bonus]: entry.occurredAt } : account.bonuses,
  };
}

/** What a command says of an entry; sequence and balances follow from the account. */
export type DraftContent = Omit<Draft, 'memberId' | 'sequence' | 'balance'>;

/** Writes one more entry on an account: the entry, and the account after it. */
export function write(account: Account, content: DraftContent): { account: Account; draft: Draft } {
  const before = balanceOf(account);
  const unbalanced: Draft = {
    ...content,
    memberId: account.memberId,
    sequence: account.version + 1,
    balance: { before, after: before },
  };
  const after = apply(account, unbalanced);
  return { account: after, draft: { ...unbalanced, balance: { before, after: balanceOf(after) } } };
}

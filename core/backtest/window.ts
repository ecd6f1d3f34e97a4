/**
 * A member's part of a window, made of what the ledger has: what happened, in its recorded order, as far as a
 * candidate programme could have made something else of it, and what the entries say came of it.
 */
import {
  type Account,
  balanceOf,
  countedBy,
  type Entry,
  type LedgerAccount,
  type Lot,
  type MemberFacts,
  posted,
} from '../account.ts';
import type { MemberId, PurchaseId, RefundId } from '../contract/ids.ts';
import type { RecordedPurchase } from '../contract/shapes/purchase.ts';
import type { RecordedRefund } from '../contract/shapes/refund.ts';
import { lotInstants } from '../earning.ts';
import { sumOf } from '../lots.ts';
import { settle } from '../points.ts';
import type { Program } from '../program.ts';
import { addRefund, type PurchaseRecord, refundedOf, unrefunded } from '../purchases.ts';
import type { Refunded } from '../remains.ts';
import type { MatchedPart } from '../returns.ts';
import type { Taken } from '../rules.ts';
import { tierOf } from '../tiers.ts';

/**
 * - `joined`: the member enrolled.
 * - `purchase`: a purchase earned.
 * - `refund`: what was refunded so far of the window's purchase number `of`, counted from 0.
 * - `clawback`: a refund of a purchase from before the window, which took back what it took back.
 * - `granted`: points came or went for another reason, as a bonus or from an operator; they do so under any
 *   programme, and what is missing of those that go is owed.
 * - `held`, `spent`: points were set aside for a redemption until `expiresAt`, or spent at once or taken by an
 *   operator. Under a candidate it is as much of them as there is to be spent: nobody redeems into debt.
 * - `captured`, `released`, `unspent`: a hold was spent or given up, a redemption that had been spent was undone. `lots`
 *   is what that gave back, for a redemption from before the window.
 * - `settled`: something was written that moves no points by itself; what time had made true was written with it.
 * - `joined_up`: points came from another account that was merged into this one, or went back there.
 * - `closed`: everything that was left lapsed with the member's erasure, or went to another account.
 */
export type WindowEvent = { readonly at: number } & (
  | { readonly type: 'joined'; readonly since: string }
  | { readonly type: 'purchase'; readonly purchase: RecordedPurchase; readonly occurredAt: number }
  | { readonly type: 'refund'; readonly of: number; readonly refunded: Refunded }
  | ({
      readonly type: 'clawback';
      /** The visit that the refund took back: when it was, and the one before it. */
      readonly visit?: { readonly at: string; readonly before: string | null };
    } & Taken)
  | { readonly type: 'granted'; readonly points: number; readonly qualifying?: Entry['qualifying'] }
  | {
      readonly type: 'held';
      readonly redemptionId: string;
      readonly points: number;
      readonly expiresAt: string;
    }
  | { readonly type: 'spent'; readonly redemptionId: string; readonly points: number }
  | { readonly type: 'captured' | 'released'; readonly redemptionId: string }
  | { readonly type: 'unspent'; readonly redemptionId: string; readonly lots: readonly Lot[] }
  | {
      readonly type: 'joined_up';
      readonly points: number;
      readonly months: NonNullable<Entry['merge']>['qualifying'];
      /** Who the member is besides from then on, and is no more. */
      readonly come: readonly MemberId[];
      readonly gone: readonly MemberId[];
    }
  | { readonly type: 'settled' | 'closed' }
);

/** What became of a member in a window. */
export interface Outcome {
  /** Points for purchases. */
  readonly issued: number;
  /** Points taken back by refunds. */
  readonly clawedBack: number;
  /** Points owed to the member at the window's end: available, pending and held, less debt. */
  readonly liability: number;
  /** The id of the tier held at the window's end. */
  readonly tier: string;
}

export interface MemberWindow {
  readonly memberId: MemberId;
  /** The account as it was when the window began. */
  readonly start: Account;
  readonly events: readonly WindowEvent[];
  /** What the candidate asks of the member that is in no entry, as it is now. */
  readonly facts?: MemberFacts;
  readonly purchases: number;
  readonly refunds: number;
  /** Purchases that the ledger cannot tell in full any more: their points are left as they were. */
  readonly unknown: number;
  /** What the entries say. */
  readonly actual: Outcome;
}

/** A refund as it was applied, with what a return without receipt took from which purchase. */
export interface AppliedRefund {
  readonly refundId: RefundId;
  readonly refund: RecordedRefund;
  readonly recordedAt: string;
  readonly matched?: readonly { readonly purchaseId: PurchaseId; readonly lines: readonly MatchedPart[] }[];
}

/** What the ledger has of a member's window. */
export interface WindowRecords {
  /** The fold of the entries before the window, and of all up to its end. */
  readonly start: Account;
  readonly end: Account;
  /** The window's entries, in their order. */
  readonly entries: readonly Entry[];
  /** The purchases that earned in the window, as they stand now. */
  readonly purchases: ReadonlyMap<PurchaseId, PurchaseRecord>;
  /** Their refunds. */
  readonly refunds: ReadonlyMap<RefundId, AppliedRefund>;
}

/** An event and its place: at an entry, or some time after it where it has none of its own. */
interface Placed {
  readonly sequence: number;
  /** 0 for what the entry itself says, else the instant. */
  readonly after: number;
  readonly event: WindowEvent;
}

/** One purchase of the window, the entry that it earned by, and its refunds up to the window's end. */
interface Known {
  readonly record: PurchaseRecord;
  readonly refunds: readonly (Placed & { readonly refundId: RefundId })[];
}

/**
 * @param program the one in force, by which the window's end is settled
 * @param to the window's end
 */
export function memberWindow(records: WindowRecords, program: Program, to: number): MemberWindow {
  const { start, end, entries } = records;
  const earned = entries.filter(({ type }) => type === 'earned');
  const known = new Map<string, Known>();
  for (const entry of earned) {
    const purchase = knownPurchase(records, entry, known.size, to);
    if (purchase) known.set(entry.cause.id, purchase);
  }
  const own = new Set<string>([...known.values()].flatMap(({ record }) => record.entryIds));
  const placed = [...known.values()].flatMap(({ refunds }) => refunds);
  const told = earned.filter(({ entryId }) => own.has(entryId));
  const others = entries.filter(({ type, entryId }) => type === 'clawed_back' && !own.has(entryId));
  return {
    memberId: end.memberId,
    start,
    events: [...entryEvents(records, program, known, own), ...placed]
      .sort((a, b) => a.sequence - b.sequence || a.after - b.after)
      .map(({ event }) => event),
    purchases: known.size,
    refunds: new Set([...placed.map(({ refundId }) => refundId), ...others.map(({ cause }) => cause.id)])
      .size,
    unknown: earned.length - known.size,
    actual: {
      issued: 0 - sumPosted(told, 'programme:issued'),
      clawedBack: sumPosted(
        entries.filter(({ type }) => type === 'clawed_back'),
        'programme:clawed_back',
      ),
      ...standingAt(end, program, to),
    },
  };
}

function sumPosted(entries: readonly Entry[], account: LedgerAccount): number {
  return entries.reduce((sum, entry) => sum + posted(entry, account), 0);
}

/** What an account is worth and which tier it holds at an instant, with all that time has made true. */
function standingAt(account: Account, program: Program, at: number): Pick<Outcome, 'liability' | 'tier'> {
  let plan = settle(program, account, at);
  while (plan.entries.length > 0) plan = settle(program, plan.account, at);
  const { available, pending, held, debt } = balanceOf(plan.account);
  return { liability: available + pending + held - debt, tier: tierOf(program, plan.account.tier.id).id };
}

// Entry by entry ------------------------------------------------------------------------------------------

function entryEvents(
  { start, entries }: WindowRecords,
  program: Program,
  known: ReadonlyMap<string, Known>,
  own: ReadonlySet<string>,
): Placed[] {
  let { lastVisitAt } = start;
  return entries.flatMap((entry) => {
    const before = lastVisitAt;
    if (entry.lastVisitAt !== undefined) lastVisitAt = entry.lastVisitAt;
    const isOwn = entry.type === 'clawed_back' && own.has(entry.entryId);
    if (isOwn) return [];
    const event = eventOf(entry, program, known.get(entry.cause.id), before);
    return [{ sequence: entry.sequence, after: 0, event }];
  });
}

/**
 * The event of an entry, other than a refund of the window's own purchases. What time does by itself happens at its
 * own instants, whenever it was written down.
 */
function eventOf(
  entry: Entry,
  program: Program,
  known: Known | undefined,
  lastVisitAt: string | null,
): WindowEvent {
  const at = Date.parse(entry.recordedAt);
  const { id } = entry.cause;
  switch (entry.type) {
    case 'enrolled':
      return { type: 'joined', at, since: entry.recordedAt };
    case 'earned': {
      if (!known) return { type: 'granted', at, points: ownChange(entry), qualifying: entry.qualifying };
      const { purchase } = known.record;
      return { type: 'purchase', at, purchase, occurredAt: Date.parse(purchase.occurredAt) };
    }
    case 'clawed_back':
      return clawbackOf(entry, at, lastVisitAt);
    case 'held': {
      const { expiresAt } = entry.holds?.opened ?? { expiresAt: entry.recordedAt };
      return { type: 'held', at, redemptionId: id, points: posted(entry, 'member:held'), expiresAt };
    }
    case 'captured':
    case 'released':
      return { type: entry.type, at, redemptionId: id };
    case 'redeemed':
      return { type: 'spent', at, redemptionId: id, points: posted(entry, 'programme:redeemed') };
    case 'redemption_cancelled':
      return { type: 'unspent', at, redemptionId: id, lots: unspentOf(entry, program, at) };
    case 'merged_out':
    case 'erased':
      return { type: 'closed', at };
    case 'unmerged_in':
    case 'merged_in':
    case 'unmerged_out': {
      const { qualifying: months = [], members = [] } = entry.merge ?? {};
      const come = entry.type === 'merged_in' ? members : [];
      const gone = entry.type === 'unmerged_out' ? members : [];
      return { type: 'joined_up', at, points: ownChange(entry), months, come, gone };
    }
    case 'expired':
    case 'holds_expired':
      return { type: 'settled', at };
    default: {
      const points = ownChange(entry);
      if (points === 0) return { type: 'settled', at };
      if (entry.type === 'adjusted' && points < 0)
        return { type: 'spent', at, redemptionId: id, points: -points };
      return { type: 'granted', at, points };
    }
  }
}

/**
 * The lots that an undone redemption gave back. What repaid a debt of them is not in the entry's lots: it is taken to
 * have lapsed with the first of the others, or as points that come now.
 */
function unspentOf(entry: Entry, program: Program, at: number): readonly Lot[] {
  const { lots } = entry;
  const repaid = 0 - posted(entry, 'programme:redeemed') - sumOf(lots);
  const instants = lots[0] ?? lotInstants(program, null, at, at);
  return repaid > 0 ? [{ ...instants, points: repaid }, ...lots] : lots;
}

/** How much more or less an entry leaves to its member, wherever it lies. */
function ownChange({ postings }: Entry): number {
  return postings.reduce((sum, one) => sum + (one.account.startsWith('member:') ? one.points : 0), 0);
}

/** The lot that gave first is the purchase's own, where that had anything left. */
function clawbackOf(entry: Entry, at: number, visitAt: string | null): WindowEvent {
  const [first] = entry.lots;
  const { month, points = 0 } = entry.qualifying ?? {};
  return {
    type: 'clawback',
    at,
    points: posted(entry, 'programme:clawed_back'),
    qualifyingPoints: 0 - points,
    month: month ?? '',
    own: first,
    isReturned: countedBy(entry) < 0,
    place: entry.place,
    ...(entry.lastVisitAt === undefined || visitAt === null
      ? {}
      : { visit: { at: visitAt, before: entry.lastVisitAt } }),
  };
}

// Purchases and their refunds -------------------------------------------------------------------------------

/** The purchase of an `earned` entry, number `of` of its window; undefined when not all of it can be told. */
function knownPurchase(
  { entries, purchases, refunds }: WindowRecords,
  earned: Entry,
  of: number,
  to: number,
): Known | undefined {
  const record = purchases.get(earned.cause.id as PurchaseId);
  if (!record) return undefined;
  const own = new Set(record.entryIds);
  const steps: (Placed & { readonly refundId: RefundId })[] = [];
  let standing = unrefunded(record);
  let [sequence, after] = [earned.sequence, 0];
  for (const refundId of record.refundIds) {
    const applied = refunds.get(refundId);
    const refund = applied && partOf(applied, record.purchase.id);
    if (!applied || !refund) return undefined;
    const entry = entries.find((one) => one.cause.id === refundId && own.has(one.entryId));
    const at = Date.parse(applied.recordedAt);
    if (!entry && at >= to) break;
    standing = addRefund(standing, refund).record;
    const event: WindowEvent = { type: 'refund', at, of, refunded: refundedOf(standing) };
    // What changed neither money nor points has no entry, nor has what came after the member had left; it stands
    // behind the last entry that was recorded before it. Whatever the clocks said, the refunds of a purchase stay in their order, since each holds those before it.
    const place = entry?.sequence ?? sequenceAt(entries, at);
    const isLater = place > sequence;
    after = isLater && entry ? 0 : isLater ? at : Math.max(after, at);
    sequence = Math.max(sequence, place);
    steps.push({ sequence, after, event, refundId });
  }
  return { record, refunds: steps };
}

/** What a refund asks of one purchase; undefined for a return of which that is not known. */
function partOf({ refund, matched }: AppliedRefund, purchaseId: PurchaseId): RecordedRefund | undefined {
  if (refund.purchaseId !== undefined) return refund;
  const part = matched?.find((one) => one.purchaseId === purchaseId);
  return part && { ...refund, lines: [...part.lines] };
}

/** The last entry that was recorded before an instant. */
function sequenceAt(entries: readonly Entry[], at: number): number {
  return entries.findLast((entry) => Date.parse(entry.recordedAt) <= at)?.sequence ?? 0;
}

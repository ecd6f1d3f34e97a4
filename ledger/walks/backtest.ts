/**
 * What a backtest reads of the stored ledger: member by member what happened in a window. It holds a few members
 * in memory, stops between them when its time is over, and goes on where it stopped.
 */
import { type Account, type Entry, emptyAccount, fold } from '../../core/account.ts';
import { type MemberWindow, memberWindow, type WindowRecords } from '../../core/backtest/window.ts';
import type { MemberId, PurchaseId } from '../../core/contract/ids.ts';
import type { Fact } from '../../core/expressions.ts';
import type { Program } from '../../core/program.ts';
import { getAccount } from '../members/members.ts';
import { getPurchase, getRefund } from '../purchases/decision.ts';
import { profileFacts } from '../purchases/facts.ts';
import type { LedgerContext } from '../store/context.ts';
import { entryPrefix, fromItem, keys, memberOf } from '../store/items.ts';
import { type Key, type Segment, scanPartition } from '../store/store.ts';

/** Where a backtest goes on. Plain data. */
export interface BacktestPosition {
  /** The part of the table that is looked at; without one, all of it. */
  readonly segment?: Segment;
  /** The key behind which it is still to be looked at; its beginning without one. */
  readonly after?: Key;
}

export interface Window {
  /** Milliseconds; what was recorded at it belongs to the window. */
  readonly from: number;
  /** Milliseconds; what was recorded at it is after the window. */
  readonly to: number;
}

const keysPerPage = 500;
/** Members whose reads are under way at a time: waiting for the table is nearly all that a member takes. */
export const membersAtOnce = 8;
/** Records of one member that are asked for at a time. */
export const recordsAtOnce = 25;

/**
 * Gives `onMember` each member who was there by the end of a window. At least one step is made however little
 * time there is, so whoever follows the positions comes to the end.
 * @param program the one in force, by which what time has made true at the window's end is settled
 * @returns where to go on; null when everybody was looked at
 */
export async function readWindows(
  context: LedgerContext,
  program: Program,
  wanted: {
    readonly window: Window;
    readonly from?: BacktestPosition;
    readonly hasTime: () => boolean;
    /** What the candidate asks of members. */
    readonly facts?: ReadonlySet<Fact>;
    readonly onMember: (member: MemberWindow) => void;
  },
): Promise<BacktestPosition | null> {
  const { window, from, hasTime, onMember, facts = new Set<Fact>() } = wanted;
  const part = from?.segment ? { segment: from.segment } : {};
  let after = from?.after;
  for (;;) {
    const range = { limit: keysPerPage, ...part, ...(after ? { after } : {}) };
    const page = await context.store.scan(['account'], range);
    for (let at = 0; at < page.keys.length; at += membersAtOnce) {
      const some = page.keys.slice(at, at + membersAtOnce);
      const members = await Promise.all(
        some.map((key) => readMember(context, program, memberOf(key), window, facts)),
      );
      for (const member of members) if (member) onMember(member);
      after = some.at(-1);
      if (after && !hasTime()) return { ...part, after };
    }
    if (!page.next) return null;
    after = page.next;
    if (!hasTime()) return { ...part, after };
  }
}

/** Undefined for somebody who joined after the window. */
async function readMember(
  context: LedgerContext,
  program: Program,
  memberId: MemberId | undefined,
  window: Window,
  asked: ReadonlySet<Fact>,
): Promise<MemberWindow | undefined> {
  const account = memberId && (await getAccount(context, memberId));
  if (!account || Date.parse(account.createdAt) >= window.to) return undefined;
  const facts = await profileFacts(context, asked, memberId);
  const read = await readEntries(context, account, window, asked);
  const records = { ...read, ...(await readRecords(context, read.entries)) };
  return { ...memberWindow(records, program, window.to), facts };
}

/**
 * The entries of a window, and the accounts on both sides of it. The first entry that was recorded in the window
 * begins it and the first one behind it ends it: entries count in their order, whatever clocks of two instances
 * said.
 */
async function readEntries(
  context: LedgerContext,
  account: Account,
  { from, to }: Window,
  asked: ReadonlySet<Fact>,
): Promise<Pick<WindowRecords, 'start' | 'end' | 'entries'>> {
  // Nothing was recorded since: the account is the fold of all entries.
  const isCounted = account.purchases !== undefined || !asked.has('purchases');
  if (Date.parse(account.updatedAt) < from && isCounted) return { start: account, end: account, entries: [] };
  let end = emptyAccount(account.memberId);
  let start: Account | undefined;
  const entries: Entry[] = [];
  for await (const item of scanPartition(context.store, keys.account(account.memberId).pk, entryPrefix)) {
    const entry = fromItem(item, 'entry');
    const at = Date.parse(entry.recordedAt);
    if (at >= from) start ??= end;
    if (start && at >= to) break;
    end = fold(end, entry, entry.hash);
    if (start) entries.push(entry);
  }
  return { start: start ?? end, end, entries };
}

/** The purchases that entries name as what earned, and the refunds of those. */
async function readRecords(
  context: LedgerContext,
  entries: readonly Entry[],
): Promise<Pick<WindowRecords, 'purchases' | 'refunds'>> {
  const earned = entries.filter(({ type }) => type === 'earned').map(({ cause }) => cause.id as PurchaseId);
  const purchases = await inChunks(earned, (id) => getPurchase(context, id));
  const refundIds = new Set(purchases.flatMap((record) => record.refundIds));
  const refunds = await inChunks([...refundIds], (id) => getRefund(context, id));
  return {
    purchases: new Map(purchases.map((record) => [record.purchase.id, record])),
    refunds: new Map(refunds.map((record) => [record.refundId, record])),
  };
}

async function inChunks<I, R>(ids: readonly I[], get: (id: I) => Promise<R | undefined>): Promise<R[]> {
  const found: R[] = [];
  for (let at = 0; at < ids.length; at += recordsAtOnce) {
    const some = await Promise.all(ids.slice(at, at + recordsAtOnce).map(get));
    found.push(...some.filter((one) => one !== undefined));
  }
  return found;
}

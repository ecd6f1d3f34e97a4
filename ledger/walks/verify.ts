/**
 * Verification of the stored ledger: each member's account against the fold of the entries. It holds one page
 * of keys and one of entries in memory, stops when its time is over, and goes on where it stopped.
 */
import type { Account } from '../../core/account.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import type { Program } from '../../core/program.ts';
import {
  compareAccount,
  type Difference,
  foldEntry,
  type Means,
  type MemberFold,
  startFold,
} from '../../core/verify.ts';
import { getAccount } from '../members/members.ts';
import { programAt } from '../operators/program-versions.ts';
import type { LedgerContext } from '../store/context.ts';
import { entryPrefix, fromItem, keys, memberOf, sequenceOf } from '../store/items.ts';
import type { Key, Segment } from '../store/store.ts';

/** Where a verification goes on. Plain data. */
export interface VerifyPosition {
  /** The part of the table that is looked at; without one, all of it. */
  readonly segment?: Segment;
  /** The key behind which the table is still to be looked at. */
  readonly after?: Key;
  /** The member that was verified last: more of its keys may follow. */
  readonly done?: MemberId;
  /** A member whose entries were too many for the time there was. */
  readonly open?: MemberFold;
}

export interface Verified {
  /** Members brought to their end by this call. */
  readonly members: number;
  /** Entries looked at by this call. */
  readonly entries: number;
  readonly differences: readonly Difference[];
  /** Where to go on; null when everything was verified. */
  readonly next: VerifyPosition | null;
}

const keysPerPage = 500;
const entriesPerPage = 100;
/** Programmes kept at a time: a ledger's entries name few versions, and those in long runs. */
const programsMax = 20;

/** What one call has found so far. */
interface Run {
  readonly context: LedgerContext;
  /** Whether there is time, and room in the answer, to go on. */
  readonly mayGoOn: () => boolean;
  readonly programs: Map<number, Program | undefined>;
  members: number;
  entries: number;
  readonly differences: Difference[];
}

/**
 * Verifies one member, or all. At least one step is made however little time there is, so whoever follows
 * `next` comes to the end.
 */
export async function verifyLedger(
  context: LedgerContext,
  wanted: {
    readonly memberId?: MemberId;
    readonly from?: VerifyPosition;
    readonly hasTime: () => boolean;
    readonly differencesMax: number;
  },
): Promise<Verified> {
  const { memberId, from = {}, hasTime, differencesMax } = wanted;
  const differences: Difference[] = [];
  const mayGoOn = () => differences.length < differencesMax && hasTime();
  const run: Run = { context, mayGoOn, programs: new Map(), members: 0, entries: 0, differences };
  const next = await (memberId ? verifyOne(run, memberId, from) : verifyAll(run, from));
  return { members: run.members, entries: run.entries, differences, next };
}

async function verifyOne(run: Run, memberId: MemberId, from: VerifyPosition): Promise<VerifyPosition | null> {
  const open = await verifyMember(run, memberId, from.open);
  return open && { open };
}

/** Members are found by their accounts and by their entries, so that a lost account does not hide them. */
async function verifyAll(run: Run, from: VerifyPosition): Promise<VerifyPosition | null> {
  const { segment } = from;
  const position = (after?: Key, done?: MemberId, open?: MemberFold): VerifyPosition => ({
    ...(segment ? { segment } : {}),
    ...(after ? { after } : {}),
    ...(done ? { done } : {}),
    ...(open ? { open } : {}),
  });
  let { after, done, open } = from;
  for (;;) {
    const page = await run.context.store.scan(['account', 'entry'], {
      limit: keysPerPage,
      ...(segment ? { segment } : {}),
      ...(after ? { after } : {}),
    });
    for (const key of page.keys) {
      const memberId = memberOf(key);
      if (memberId !== undefined && memberId !== done) {
        const left = await verifyMember(run, memberId, open);
        if (left) return position(after, done, left);
        [done, open] = [memberId, undefined];
      }
      after = key;
      if (!run.mayGoOn()) return position(after, done);
    }
    if (!page.next) return null;
    after = page.next;
    if (!run.mayGoOn()) return position(after, done);
  }
}

/**
 * Brings one member to its end, or returns how far it came. The account is read before the entries, so all
 * that it counts are there; what is committed in between is told from what is wrong by reading it again.
 */
async function verifyMember(
  run: Run,
  memberId: MemberId,
  begun: MemberFold | undefined,
): Promise<MemberFold | null> {
  let stored = await getAccount(run.context, memberId);
  let fold = begun?.account.memberId === memberId ? begun : startFold(memberId);
  for (;;) {
    const { fold: further, complete } = await foldEntries(run, fold);
    fold = further;
    if (!complete) return fold;
    if (stored?.version === fold.account.version) break;
    const again: Account | undefined = await getAccount(run.context, memberId);
    if (again?.version === stored?.version) break;
    stored = again;
  }
  // A member of whom there is neither an account nor an entry does not exist.
  if (stored === undefined && fold.account.version === 0) return null;
  run.members++;
  run.differences.push(...compareAccount(fold, stored));
  return null;
}

/** Folds the entries that follow, page by page, to their end or until the time is over. */
async function foldEntries(run: Run, from: MemberFold): Promise<{ fold: MemberFold; complete: boolean }> {
  let fold = from;
  const { pk, sk: begin } = keys.entry(fold.account.memberId, fold.account.version);
  let after = begin;
  for (;;) {
    const page = await run.context.store.query(pk, { prefix: entryPrefix, after, limit: entriesPerPage });
    for (const item of page) {
      after = item.sk;
      // What is no entry any more leaves a gap.
      if (item.item !== 'entry') continue;
      const entry = fromItem(item, 'entry');
      const means = await meansFor(run, entry.programVersion);
      const { fold: next, differences } = foldEntry(fold, sequenceOf(item), entry, means);
      fold = next;
      run.entries++;
      run.differences.push(...differences);
      if (!run.mayGoOn()) return { fold, complete: false };
    }
    if (page.length < entriesPerPage) return { fold, complete: true };
  }
}

async function meansFor(run: Run, version: number): Promise<Means> {
  const { programs, context } = run;
  if (!programs.has(version)) {
    if (programs.size === programsMax) programs.clear();
    programs.set(version, Number.isSafeInteger(version) ? await programAt(context, version) : undefined);
  }
  return { sha256: context.sha256, program: (wanted) => programs.get(wanted) };
}

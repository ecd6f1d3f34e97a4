/**
 * Two members of one person become one, in one transaction over both accounts, and can be parted again for thirty
 * days. Nothing that stands under the id of who was merged is moved: their account says where everything has gone, and
 * whoever looks for it follows (`currentAccount`). So no merge is larger than another, and what is under way for them
 * arrives.
 */
import {
  type Account,
  type BonusKind,
  type Entry,
  idsOf,
  type MergeSide,
  type PlannedEntry,
} from '../../core/account.ts';
import { canonicalJson } from '../../core/canonical.ts';
import type { Listener } from '../../core/contract/events.ts';
import type { MemberId, VoucherId } from '../../core/contract/ids.ts';
import { giveBackBonus, type Merged, merge, type TakenBonus, unmerge } from '../../core/merges.ts';
import type { Plan } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import { monthOf } from '../../core/time.ts';
import { auditWrite, type Operator } from '../operators/audit.ts';
import { getVoucher, unusedVouchers } from '../spending/vouchers.ts';
import type { LedgerContext } from '../store/context.ts';
import { type Decision, decideOnce, type Once, outcomeOf, type Reply } from '../store/idempotency.ts';
import { entryPrefix, fromItem, keys, type Voucher } from '../store/items.ts';
import { scanPartition, type Write } from '../store/store.ts';
import { append } from './append.ts';
import { getAccount, getEntry, type Member } from './members.ts';
import { joinedWrites, partedWrites } from './merged-profiles.ts';
import { endedBetween, movedCountWrites, revived, settleReferrals } from './referrals.ts';

/** So long a merge can be undone. */
export const undoDays = 30;
const dayMs = 86_400_000;
/** Who was merged into one member: more than one person has cards, few enough for every read that looks at all. */
const mergedMax = 20;

export interface MergeRequest {
  /** Who stays. */
  readonly into: MemberId;
  /** Who is merged into them. */
  readonly from: MemberId;
  /** Who has it done; undefined where the person has, by proving a contact. */
  readonly operator?: Operator | undefined;
  readonly reason?: string | null | undefined;
  /**
   * Whether what leads to `from` (card number, card link, contacts, referral code) leads to `into` from here on: yes,
   * unless somebody else may have it. Then all of that ends, but for the contacts that `into` takes over.
   */
  readonly leads?: boolean;
}

export type MergeOutcome =
  | { readonly type: 'done'; readonly member: Member }
  | { readonly type: 'missing'; readonly field: 'into' | 'from' }
  | { readonly type: 'refused'; readonly reason: string };

/**
 * Merges `from` into `into`. Done again, it changes nothing and answers the same.
 * @throws LedgerUnavailable when the outcome is unknown: it is safe to repeat
 */
export async function mergeMembers(
  context: LedgerContext,
  program: Program,
  request: MergeRequest,
  now: number,
): Promise<MergeOutcome> {
  return outcomeOf<MergeOutcome>((reply) => mergeMembersOnce(context, program, request, reply, now));
}

/** The same, once for a key: whoever repeats the request gets the answer to the first. */
export async function mergeMembersOnce(
  context: LedgerContext,
  program: Program,
  request: MergeRequest,
  reply: Reply<MergeOutcome>,
  now: number,
): Promise<Once> {
  const { into, from } = request;
  const once = await decideOnce(context, `Merging ${from} into ${into}`, reply.once, now, async () => {
    const both = await readBoth(context, request);
    if ('outcome' in both) return answered(reply, both.outcome);
    const reason = refusal(both);
    if (reason !== undefined) return answered(reply, { type: 'refused', reason });
    if (both.from.account.status === 'merged') return answered(reply, { type: 'done', member: both.into });
    return joined(context, program, request, both, reply, now);
  });
  // Who brought themselves is found out; should this not come to it, the entries are told of to whom it does.
  await settleReferrals(context, program, into, now);
  return once;
}

/**
 * Parts two that were merged: what came from `from` goes back to them as far as it is still there.
 * @throws LedgerUnavailable when the outcome is unknown: it is safe to repeat
 */
export async function unmergeMembers(
  context: LedgerContext,
  program: Program,
  request: Pick<MergeRequest, 'into' | 'from' | 'operator' | 'reason'>,
  now: number,
): Promise<MergeOutcome> {
  return outcomeOf<MergeOutcome>((reply) => unmergeMembersOnce(context, program, request, reply, now));
}

/** The same, once for a key. */
export async function unmergeMembersOnce(
  context: LedgerContext,
  program: Program,
  request: Pick<MergeRequest, 'into' | 'from' | 'operator' | 'reason'>,
  reply: Reply<MergeOutcome>,
  now: number,
): Promise<Once> {
  const { into, from } = request;
  const once = await decideOnce(context, `Parting ${from} from ${into}`, reply.once, now, async () => {
    const both = await readBoth(context, request);
    if ('outcome' in both) return answered(reply, both.outcome);
    const merged = await readMerge(context, both);
    if (typeof merged === 'string') return answered(reply, { type: 'refused', reason: merged });
    if (Date.parse(merged.out.recordedAt) + undoDays * dayMs < now)
      return answered(reply, { type: 'refused', reason: `It is more than ${undoDays} days ago.` });
    return parted(context, program, request, both, merged, reply, now);
  });
  for (const memberId of [from, into]) await settleReferrals(context, program, memberId, now);
  return once;
}

function answered(reply: Reply<MergeOutcome>, outcome: MergeOutcome): Decision {
  return { answer: reply.answer(outcome), writes: [] };
}

/** Both as they are themselves: what was merged is not followed here. */
interface Both {
  readonly into: Member;
  readonly from: Member;
}

async function readBoth(
  context: LedgerContext,
  { into, from }: Pick<MergeRequest, 'into' | 'from'>,
): Promise<Both | { readonly outcome: MergeOutcome }> {
  if (into === from)
    return { outcome: { type: 'refused', reason: 'A member cannot be merged into themselves.' } };
  const [one, other] = await Promise.all([readOwn(context, into), readOwn(context, from)]);
  if (!one) return { outcome: { type: 'missing', field: 'into' } };
  if (!other) return { outcome: { type: 'missing', field: 'from' } };
  if (typeof one === 'string' || typeof other === 'string') {
    const left = typeof one === 'string' ? into : from;
    return { outcome: { type: 'refused', reason: `${left} has left.` } };
  }
  return { into: one, from: other };
}

async function readOwn(context: LedgerContext, memberId: MemberId): Promise<Member | 'closed' | undefined> {
  const [account, profile] = await Promise.all([
    getAccount(context, memberId),
    context.store.get(keys.profile(memberId)),
  ]);
  if (!account) return undefined;
  return profile ? { account, profile: fromItem(profile, 'profile') } : 'closed';
}

/** Why these two cannot be merged; undefined when they can, or were. */
function refusal({ into, from }: Both): string | undefined {
  const [one, other] = [into.account, from.account];
  if (one.status === 'merged') return `${one.memberId} was merged into ${one.mergedInto}.`;
  if (other.status === 'merged')
    return other.mergedInto === one.memberId
      ? undefined
      : `${other.memberId} was merged into ${other.mergedInto}.`;
  const together = (one.merged?.length ?? 0) + idsOf(other).length;
  return together > mergedMax ? `No member is more than ${mergedMax} others, too.` : undefined;
}

async function joined(
  context: LedgerContext,
  program: Program,
  request: MergeRequest,
  { into, from }: Both,
  reply: Reply<MergeOutcome>,
  now: number,
): Promise<Decision> {
  const { plan: first, unused } = await bonusesBack(context, program, into, from, now);
  const plans = merge(program, into.account, first.account, now);
  const gone: Plan = { ...plans.from, entries: [...first.entries, ...plans.from.entries] };
  const listeners = togetherHeard(into.account, from.account);
  const { account, writes } = append(context, into.account, plans.into, now, { listeners });
  const profiles = joinedWrites(context, { into, from }, request.leads ?? true, now);
  return {
    answer: reply.answer({ type: 'done', member: { account, profile: profiles.into } }),
    writes: [
      ...writes,
      ...append(context, from.account, gone, now, { unused }).writes,
      ...profiles.writes,
      ...(await movedCountWrites(context, request, monthOf(now, program.timeZone))),
      ...auditWrites(context, request, 'merge_members', now),
    ],
    about: into.account.memberId,
  };
}

/** Whoever looks at what becomes of the purchases of one looks at those of both. */
function togetherHeard({ listeners }: Account, from: Account): readonly Listener[] | undefined {
  if (!listeners) return undefined;
  const isHeard = !from.listeners || from.listeners.includes('referrals');
  return isHeard ? [...new Set<Listener>([...listeners, 'referrals'])].sort() : listeners;
}

/** Who joined twice was given twice what is given once: what is left of it goes back, with the vouchers it names. */
async function bonusesBack(
  context: LedgerContext,
  program: Program,
  into: Member,
  from: Member,
  now: number,
): Promise<{ plan: Plan; unused: Voucher[] }> {
  let plan: Plan = { account: from.account, entries: [] };
  const unused: Voucher[] = [];
  for (const bonus of ['welcome', 'profile'] as const) {
    if (into.account.bonuses[bonus] === undefined || from.account.bonuses[bonus] === undefined) continue;
    const [entry, ...again] = await bonusEntries(context, from.account, bonus);
    if (!entry) continue;
    const given = (await Promise.all([entry, ...again].map((one) => unusedOf(context, one)))).flat();
    unused.push(...given);
    const ids = given.map(({ voucherId }) => voucherId);
    const back = giveBackBonus(program, plan.account, entry, ids, now);
    plan = { account: back.account, entries: [...plan.entries, ...back.entries] };
  }
  return { plan, unused };
}

/**
 * The entry by which a bonus was given, of whoever of those who are one had it first, and those by which it was given
 * again when they were parted from somebody.
 */
async function bonusEntries(context: LedgerContext, account: Account, bonus: BonusKind): Promise<Entry[]> {
  for (const memberId of idsOf(account)) {
    const found: Entry[] = [];
    for await (const item of entriesOf(context, memberId, 0)) {
      const entry = fromItem(item, 'entry');
      const [first] = found;
      const isAgain =
        entry.type === 'bonus' && first && canonicalJson(entry.cause) === canonicalJson(first.cause);
      if (entry.bonus === bonus || isAgain) found.push(entry);
    }
    if (found.length > 0) return found;
  }
  return [];
}

/** The vouchers of an entry that nobody has used. */
async function unusedOf(context: LedgerContext, { memberId, vouchers }: Entry): Promise<Voucher[]> {
  const ids = (vouchers?.issued ?? []).map(({ voucherId }) => voucherId);
  const found = await Promise.all(ids.map((id) => getVoucher(context, memberId, id)));
  return found.filter((one) => one !== undefined && one.status === 'issued' && one.uses === 0) as Voucher[];
}

function entriesOf(context: LedgerContext, memberId: MemberId, after: number) {
  const { pk, sk } = keys.entry(memberId, after);
  return scanPartition(context.store, pk, entryPrefix, sk);
}

function auditWrites(
  context: LedgerContext,
  { into, from, operator, reason = null }: Pick<MergeRequest, 'into' | 'from' | 'operator' | 'reason'>,
  action: string,
  now: number,
): Write[] {
  if (!operator) return [];
  return [auditWrite(context, operator, { action, subject: `${into} ${from}`, reason }, now)];
}

// Parting -------------------------------------------------------------------------------------------------------------

function isMerge(entry: Entry | undefined): entry is Entry & { readonly merge: MergeSide } {
  return entry?.merge !== undefined;
}

/** A merge as its entries tell of it; or why it cannot be undone. */
async function readMerge(context: LedgerContext, { into, from }: Both): Promise<Merged | string> {
  const [one, other] = [into.account, from.account];
  if (other.status !== 'merged' || other.mergedInto !== one.memberId)
    return `${other.memberId} is not merged into ${one.memberId}.`;
  if (one.status === 'merged')
    return `${one.memberId} was merged into ${one.mergedInto} since: that has to be undone first.`;
  const out = await getEntry(context, other.memberId, other.version);
  const came = isMerge(out) ? await getEntry(context, one.memberId, out.merge.sequence ?? 0) : undefined;
  if (!isMerge(out) || !isMerge(came)) throw new Error(`The merge of ${other.memberId} has no entries.`);
  const since: PlannedEntry[] = [];
  for await (const item of entriesOf(context, one.memberId, came.sequence))
    since.push(fromItem(item, 'entry'));
  return { out, in: came, since };
}

async function parted(
  context: LedgerContext,
  program: Program,
  request: Pick<MergeRequest, 'into' | 'from' | 'operator' | 'reason'>,
  { into, from }: Both,
  merged: Merged,
  reply: Reply<MergeOutcome>,
  now: number,
): Promise<Decision> {
  const others = into.account.merged?.filter((id) => !merged.out.merge.members.includes(id)) ?? [];
  // Vouchers of the one who goes stay theirs.
  const unused = await unusedVouchers(context, { memberId: into.account.memberId, merged: others });
  const ended = await endedBetween(context, into.account, merged.out.merge.members);
  const taken = {
    into: merged.since.filter((entry) => ended.some(({ newcomerId }) => isTakenFor(entry, newcomerId))),
    from: await bonusesTaken(context, merged.out),
  };
  const plans = unmerge(program, into.account, from.account, merged, taken, now, unused);
  const { account, writes } = append(context, into.account, plans.into, now, { unused });
  const profiles = await partedWrites(context, { into, from });
  return {
    answer: reply.answer({ type: 'done', member: { account, profile: profiles.into } }),
    writes: [
      ...writes,
      ...append(context, from.account, plans.from, now).writes,
      ...profiles.writes,
      ...ended.map(revived),
      ...auditWrites(context, request, 'unmerge_members', now),
    ],
    about: into.account.memberId,
  };
}

function isTakenFor({ type, cause }: PlannedEntry, newcomerId: MemberId): boolean {
  return type === 'bonus_taken_back' && cause.type === 'referral' && cause.id === newcomerId;
}

/** The entries right before a merge by which the one who came gave back what is given once, and their vouchers. */
async function bonusesTaken(
  context: LedgerContext,
  { memberId, sequence, recordedAt, merge: { members } }: Merged['out'],
): Promise<TakenBonus[]> {
  const taken: TakenBonus[] = [];
  for (let at = sequence - 1; at > 0; at--) {
    const entry = await getEntry(context, memberId, at);
    if (entry?.type !== 'bonus_taken_back' || entry.recordedAt !== recordedAt) break;
    if (entry.cause.type === 'referral') continue;
    const ids = entry.vouchers?.revoked ?? [];
    const vouchers = await Promise.all(ids.map((id) => voucherOfAny(context, members, id)));
    taken.push({ entry, vouchers: vouchers.filter((one) => one !== undefined) });
  }
  return taken;
}

async function voucherOfAny(
  context: LedgerContext,
  members: readonly MemberId[],
  id: VoucherId,
): Promise<Voucher | undefined> {
  for (const memberId of members) {
    const voucher = await getVoucher(context, memberId, id);
    if (voucher) return voucher;
  }
  return undefined;
}

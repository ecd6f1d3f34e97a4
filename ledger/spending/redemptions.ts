/**
 * Redemptions: each change is decided on the member's account and written with it in one transaction, so a hold
 * ends once and points are never spent twice, in whatever channels the requests arrive at the same moment.
 */
import type { Account } from '../../core/account.ts';
import type { Channel, MemberId, PurchaseId, RedemptionId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { MemberReference } from '../../core/contract/shapes/member.ts';
import { type Plan, settle } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import {
  capture,
  hold,
  type Reward,
  redeem,
  refuseReward,
  release,
  unredeem,
  voucherFor,
} from '../../core/redemptions.ts';
import { seal } from '../../core/replay.ts';
import { appendWrites, getAccount, resolveMember, unavailable } from '../members/members.ts';
import { programAt } from '../operators/programs.ts';
import {
  backOff,
  decisionsMax,
  entryIds,
  type LedgerContext,
  LedgerUnavailable,
  newId,
} from '../store/context.ts';
import { accountOf, decideOnce, type Once, type OnceKey, type StoredAnswer } from '../store/idempotency.ts';
import { fromItem, keys, type RedemptionRecord, toItem, type Voucher } from '../store/items.ts';
import type { Item, Write } from '../store/store.ts';
import { countForMember, countOne, uncountOne } from './tallies.ts';
import { changeVoucher, getVoucher, issueVouchers, revoke } from './vouchers.ts';

export interface RedemptionRequest {
  readonly member: MemberReference;
  readonly rewardId: string;
  readonly mode: 'authorize' | 'capture';
  readonly purchaseId: PurchaseId | null;
  /** The channel that asks; null for an operator. */
  readonly channel: Channel | null;
}

export type RedemptionStatus = RedemptionRecord['status'];

/** What became of a redemption, with the voucher that it gave. */
export interface RedemptionState {
  readonly record: RedemptionRecord;
  readonly status: RedemptionStatus;
  readonly voucher: Voucher | undefined;
}

export type Redeemed =
  | ({ readonly type: 'done' } & RedemptionState)
  | { readonly type: 'paused' }
  | { readonly type: 'no_member' }
  | { readonly type: 'unavailable'; readonly reason: string }
  | { readonly type: 'insufficient'; readonly available: number; readonly needed: number };

export type RedemptionEnded =
  | ({ readonly type: 'done'; readonly reward: Reward | undefined } & RedemptionState)
  | { readonly type: 'missing' }
  | { readonly type: 'closed'; readonly status: RedemptionStatus; readonly reason?: string };

interface Decided<O> {
  readonly outcome: O;
  readonly writes: readonly Write[];
}

/** The writes of a plan, and the vouchers that its entries issue. */
function sealedPlan(
  context: LedgerContext,
  before: Account,
  plan: Plan,
  now: number,
  redemptionId: RedemptionId | null,
) {
  const { account, entries } = seal(plan, before, entryIds(now), context.sha256);
  const issued = issueVouchers(context, entries, redemptionId);
  return {
    writes: [...appendWrites(before, account, entries), ...issued.writes],
    issued: issued.vouchers,
    entries,
  };
}

// Authorize, or spend at once -------------------------------------------------------------------------------

/**
 * Sets points aside for a reward, or spends them at once.
 * @throws LedgerUnavailable when the outcome is unknown: the same key is then safe
 */
export async function createRedemption(
  context: LedgerContext,
  program: Program,
  request: RedemptionRequest,
  given: {
    readonly paused: boolean;
    readonly once: OnceKey | undefined;
    readonly answer: (outcome: Redeemed) => StoredAnswer;
  },
  now: number,
): Promise<Once> {
  const redemptionId = newId(context, 'redemption', now);
  const memberId = await resolveMember(context, request.member);
  return decideOnce(context, `Redeeming ${request.rewardId}`, given.once, now, async (found) => {
    const { outcome, writes } = given.paused
      ? { outcome: { type: 'paused' as const }, writes: [] }
      : await decideRedemption(context, program, { ...request, redemptionId, memberId }, found, now);
    return { answer: given.answer(outcome), writes };
  });
}

async function decideRedemption(
  context: LedgerContext,
  program: Program,
  wanted: RedemptionRequest & { redemptionId: RedemptionId; memberId: MemberId | undefined },
  found: readonly Item[],
  now: number,
): Promise<Decided<Redeemed>> {
  const refused = (reason: string) => ({ outcome: { type: 'unavailable' as const, reason }, writes: [] });
  const account = wanted.memberId && (await accountOf(context, wanted.memberId, found));
  if (!account) return { outcome: { type: 'no_member' }, writes: [] };
  const reward = program.rewards.find(({ id }) => id === wanted.rewardId);
  if (!reward) return refused(`The programme has no reward ${wanted.rewardId}.`);
  const reason = refuseReward(program, account, reward, now);
  if (reason !== undefined) return refused(reason);
  const spent = spend(program, account, reward, wanted, now);
  if (spent.type === 'insufficient') return { outcome: { ...spent, needed: reward.points }, writes: [] };
  const tallied = await countOne(context, reward, account.memberId);
  if (!tallied) return refused(`Nothing is left of ${reward.id}.`);
  const own = await countOwn(context, reward, account.memberId);
  if (!own) return refused(`The member has had ${reward.id} as often as each may.`);
  const sealed = sealedPlan(context, account, spent, now, wanted.redemptionId);
  const [voucher] = sealed.issued;
  const record: RedemptionRecord = {
    redemptionId: wanted.redemptionId,
    revision: 1,
    memberId: account.memberId,
    rewardId: reward.id,
    programVersion: program.version,
    points: reward.points,
    status: wanted.mode === 'authorize' ? 'authorized' : 'captured',
    channel: wanted.channel,
    createdAt: utc(now),
    expiresAt:
      spent.account.holds.find(({ redemptionId }) => redemptionId === wanted.redemptionId)?.expiresAt ?? null,
    purchaseId: wanted.purchaseId,
    voucherId: voucher?.voucherId ?? null,
    lots: spent.lots,
    tallyShard: tallied.shard,
    counted: own.length > 0,
  };
  return {
    outcome: { type: 'done', record, status: record.status, voucher },
    writes: [
      ...sealed.writes,
      { put: toItem(keys.redemption(record.redemptionId), 'redemption', record), if: { kind: 'absent' } },
      ...tallied.writes,
      ...own,
      ...linkWrites(record),
    ],
  };
}

/** A hold, or the points spent with the voucher that the member gets for them. */
function spend(
  program: Program,
  account: Account,
  reward: Reward,
  { mode, redemptionId, purchaseId }: RedemptionRequest & { redemptionId: RedemptionId },
  now: number,
) {
  const { points } = reward;
  if (mode === 'authorize') return hold(program, account, { redemptionId, points }, now);
  const voucher = purchaseId === null ? voucherFor(reward, account, now) : undefined;
  return redeem(program, account, { redemptionId, points, ...(voucher ? { voucher } : {}) }, now);
}

async function countOwn(
  context: LedgerContext,
  reward: Reward,
  memberId: MemberId,
): Promise<Write[] | undefined> {
  if (reward.limitPerMember === undefined) return [];
  const write = await countForMember(context, memberId, reward.id, 1, reward.limitPerMember);
  return write && [write];
}

/** What leads from a purchase to what was spent on it, should it be given back. */
function linkWrites({ purchaseId, redemptionId, memberId }: RedemptionRecord): Write[] {
  if (purchaseId === null) return [];
  const link = { redemptionId, voucherId: null, memberId, returned: false, revision: 1 };
  return [{ put: toItem(keys.spent(purchaseId, redemptionId), 'spent', link), if: { kind: 'absent' } }];
}

// How a redemption stands -------------------------------------------------------------------------------------

export async function getRedemption(
  context: LedgerContext,
  redemptionId: RedemptionId,
): Promise<RedemptionRecord | undefined> {
  const item = await context.store.get(keys.redemption(redemptionId));
  return item && fromItem(item, 'redemption');
}

/** A hold that the account does not have any more, or whose time is over, has expired. */
function statusOf(record: RedemptionRecord, account: Account, now: number): RedemptionStatus {
  if (record.status !== 'authorized') return record.status;
  const isOpen = account.holds.some(({ redemptionId }) => redemptionId === record.redemptionId);
  return isOpen && Date.parse(record.expiresAt ?? '') > now ? 'authorized' : 'expired';
}

async function voucherOf(context: LedgerContext, record: RedemptionRecord): Promise<Voucher | undefined> {
  return record.voucherId === null ? undefined : getVoucher(context, record.memberId, record.voucherId);
}

/**
 * A redemption with its member's account. The two are read one after the other: a hold that is on the record but
 * no longer in the account may have been captured in between, so then the record is read once more, and says so
 * unless the hold has run out.
 */
async function readBoth(
  context: LedgerContext,
  redemptionId: RedemptionId,
  found: readonly Item[],
): Promise<{ record: RedemptionRecord; account: Account } | undefined> {
  const record = await getRedemption(context, redemptionId);
  const account = record && (await accountOf(context, record.memberId, found));
  if (!account) return undefined;
  const isGone = !account.holds.some((hold) => hold.redemptionId === redemptionId);
  if (record.status !== 'authorized' || !isGone) return { record, account };
  return { record: (await getRedemption(context, redemptionId)) ?? record, account };
}

export async function readRedemption(
  context: LedgerContext,
  redemptionId: RedemptionId,
  now: number,
): Promise<RedemptionState | undefined> {
  const both = await readBoth(context, redemptionId, []);
  if (!both) return undefined;
  const { record, account } = both;
  return { record, status: statusOf(record, account, now), voucher: await voucherOf(context, record) };
}

// Capture and cancel --------------------------------------------------------------------------------------------

interface Ending {
  readonly context: LedgerContext;
  readonly program: Program;
  readonly record: RedemptionRecord;
  readonly account: Account;
  readonly now: number;
}

/**
 * Ends a redemption: `capture` spends what it holds, `cancel` gives the points back to their lots, whether they
 * were held or spent. `mayUse` tells whether the redemption is the caller's own.
 * @throws LedgerUnavailable when the outcome is unknown: the same key is then safe
 */
export async function endRedemption(
  context: LedgerContext,
  program: Program,
  request: {
    readonly redemptionId: RedemptionId;
    readonly end: 'capture' | 'cancel';
    readonly mayUse: (record: RedemptionRecord) => boolean;
  },
  given: {
    readonly once: OnceKey | undefined;
    readonly answer: (outcome: RedemptionEnded) => StoredAnswer;
  },
  now: number,
): Promise<Once> {
  const { redemptionId, end, mayUse } = request;
  return decideOnce(context, `Ending ${redemptionId}`, given.once, now, async (found) => {
    const both = await readBoth(context, redemptionId, found);
    if (!both || !mayUse(both.record)) return { answer: given.answer({ type: 'missing' }), writes: [] };
    const { record, account } = both;
    const { outcome, writes } = await decideEnd({ context, program, record, account, now }, end);
    return { answer: given.answer(outcome), writes };
  });
}

async function decideEnd(ending: Ending, end: 'capture' | 'cancel'): Promise<Decided<RedemptionEnded>> {
  const { context, record, account, now } = ending;
  const status = statusOf(record, account, now);
  // Whoever asks again, with another key, for what has been done gets what it led to.
  if (status === (end === 'capture' ? 'captured' : 'cancelled'))
    return {
      outcome: {
        type: 'done',
        record,
        status,
        voucher: await voucherOf(context, record),
        reward: await promisedReward(ending),
      },
      writes: [],
    };
  if (status === 'authorized') return end === 'capture' ? captured(ending) : released(ending);
  if (status === 'captured') return undone(ending);
  return { outcome: { type: 'closed', status }, writes: [] };
}

function changed(record: RedemptionRecord, after: Partial<RedemptionRecord>) {
  const next: RedemptionRecord = { ...record, ...after, revision: record.revision + 1 };
  const write: Write = {
    put: toItem(keys.redemption(record.redemptionId), 'redemption', next),
    if: { kind: 'unchanged', field: 'revision', value: record.revision },
  };
  return { next, write };
}

/** The reward as it was when it was promised. */
async function promisedReward({ context, program, record }: Ending): Promise<Reward | undefined> {
  const version = record.programVersion;
  const promised = version === program.version ? program : await programAt(context, version);
  return promised?.rewards.find(({ id }) => id === record.rewardId);
}

async function captured(ending: Ending): Promise<Decided<RedemptionEnded>> {
  const { context, program, record, account, now } = ending;
  const { redemptionId } = record;
  const reward = await promisedReward(ending);
  const voucher = reward && record.purchaseId === null ? voucherFor(reward, account, now) : undefined;
  const plan = capture(program, account, { redemptionId, ...(voucher ? { voucher } : {}) }, now);
  if (plan.type === 'no_hold') return { outcome: { type: 'closed', status: 'expired' }, writes: [] };
  const sealed = sealedPlan(context, account, plan, now, redemptionId);
  const [issued] = sealed.issued;
  const { next, write } = changed(record, { status: 'captured', voucherId: issued?.voucherId ?? null });
  return {
    outcome: { type: 'done', record: next, status: 'captured', voucher: issued, reward },
    writes: [...sealed.writes, write],
  };
}

async function released(ending: Ending): Promise<Decided<RedemptionEnded>> {
  const { context, program, record, account, now } = ending;
  const plan = release(program, account, record.redemptionId, now);
  if (plan.type === 'no_hold') return { outcome: { type: 'closed', status: 'expired' }, writes: [] };
  const { next, write } = changed(record, { status: 'cancelled' });
  return {
    outcome: { type: 'done', record: next, status: 'cancelled', voucher: undefined, reward: undefined },
    writes: [
      ...sealedPlan(context, account, plan, now, null).writes,
      write,
      ...(await uncounted(context, record)),
    ],
  };
}

/** Points that were spent come back, unless what they had bought is used up. */
async function undone(ending: Ending): Promise<Decided<RedemptionEnded>> {
  const { context, program, record, account, now } = ending;
  const { redemptionId, lots } = record;
  const voucher = await voucherOf(context, record);
  if (voucher && voucher.uses > 0)
    return {
      outcome: { type: 'closed', status: 'captured', reason: 'Its voucher has been used.' },
      writes: [],
    };
  const revoked = voucher && voucher.status === 'issued' ? voucher : undefined;
  const given = { redemptionId, lots, ...(revoked ? { revoked: revoked.voucherId } : {}) };
  const sealed = sealedPlan(context, account, unredeem(program, account, given, now), now, null);
  const { next, write } = changed(record, { status: 'cancelled' });
  const entryId = sealed.entries.at(-1)?.entryId;
  return {
    outcome: { type: 'done', record: next, status: 'cancelled', voucher: undefined, reward: undefined },
    writes: [
      ...sealed.writes,
      write,
      ...(revoked && entryId ? [changeVoucher(revoked, revoke(revoked, entryId))] : []),
      ...(await uncounted(context, record)),
    ],
  };
}

/** A reward that was given back can be had again. */
async function uncounted(context: LedgerContext, record: RedemptionRecord): Promise<Write[]> {
  const own = record.counted
    ? await countForMember(context, record.memberId, record.rewardId, -1)
    : undefined;
  return [...(await uncountOne(context, record)), ...(own ? [own] : [])];
}

// The end of a hold by itself ---------------------------------------------------------------------------------

/**
 * Writes down that a hold is over which nobody captured: its points are back in their lots, unless they are
 * already, the redemption has expired, and what was counted of its reward can be had again. Doing it again, or
 * for a redemption that ended another way, changes nothing.
 * @returns `held` when it is too early
 * @throws LedgerUnavailable when it could not be decided, or its outcome is unknown: it is safe to repeat
 */
export async function expireRedemption(
  context: LedgerContext,
  program: Program,
  redemptionId: RedemptionId,
  now: number,
): Promise<'expired' | 'ended' | 'held'> {
  for (let attempt = 1; attempt <= decisionsMax; attempt++) {
    const record = await getRedemption(context, redemptionId);
    if (record?.status !== 'authorized') return 'ended';
    const account = await getAccount(context, record.memberId);
    if (!account) return 'ended';
    if (statusOf(record, account, now) === 'authorized') return 'held';
    const outcome = await context.store.transact([
      ...settledWrites(context, program, account, now),
      changed(record, { status: 'expired' }).write,
      ...(await uncounted(context, record)),
    ]);
    if (outcome.type === 'committed') return 'expired';
    if (outcome.type !== 'refused') throw unavailable(outcome, `Expiring ${redemptionId}`);
    await backOff(context, attempt);
  }
  throw new LedgerUnavailable('contended', `Expiring ${redemptionId}`);
}

/** What time has made true of an account and is not written down yet; nothing is, once its member has left. */
function settledWrites(context: LedgerContext, program: Program, account: Account, now: number): Write[] {
  const plan = settle(program, account, now);
  if (account.status !== 'active' || plan.entries.length === 0) return [];
  return sealedPlan(context, account, plan, now, null).writes;
}

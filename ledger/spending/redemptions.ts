/**
 * Redemptions: each change is decided on the member's account and written with it in one transaction, so a hold
 * ends once and points are never spent twice, in whatever channels the requests arrive at the same moment.
 */
import type { Account } from '../../core/account.ts';
import type { ChannelId, MemberId, PurchaseId, RedemptionId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { MemberReference } from '../../core/contract/shapes/member.ts';
import { settle } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import {
  capture,
  currencyOf,
  hold,
  type Reward,
  redeem,
  release,
  type Spent,
  unredeem,
} from '../../core/redemptions.ts';
import {
  type Circumstances,
  type RewardRefusal,
  refuseByAccount,
  refuseByCounts,
} from '../../core/rewards.ts';
import { type IssuedVoucher, vouchersFor } from '../../core/vouchers.ts';
import { append } from '../members/append.ts';
import { accountOf, currentAccount, resolveMember } from '../members/members.ts';
import { type LedgerContext, newId } from '../store/context.ts';
import { decide } from '../store/decide.ts';
import { decideOnce, type Once, type Reply } from '../store/idempotency.ts';
import { fromItem, keys, type RedemptionRecord, toItem, type Voucher } from '../store/items.ts';
import { absent, asRead, nothing, type Standing, type Write } from '../store/store.ts';
import { take } from './allotments.ts';
import { orderFor } from './orders.ts';
import { circumstancesOf, tellHeld } from './rewards.ts';
import { offerOne, ownCount, uncountOne, uncountOwn } from './tallies.ts';
import { promisedBy } from './voucher-uses.ts';
import { getVoucher } from './vouchers.ts';

export interface RedemptionRequest {
  readonly member: MemberReference;
  readonly rewardId: string;
  readonly mode: 'authorize' | 'capture';
  readonly purchaseId: PurchaseId | null;
  /** The channel that asks; null for an operator. */
  readonly channel: ChannelId | null;
  /** Whether operators have stopped redemptions. */
  readonly paused: boolean;
}

export type RedemptionStatus = RedemptionRecord['status'];

/** What became of a redemption, with the vouchers that it gave. */
export interface RedemptionState {
  readonly record: RedemptionRecord;
  readonly status: RedemptionStatus;
  readonly vouchers: readonly Voucher[];
}

export type Redeemed =
  | ({ readonly type: 'done' } & RedemptionState)
  | { readonly type: 'no_member' }
  | RewardRefusal;

export type RedemptionEnded =
  /** `terms` are the programme that the reward was promised under. */
  | ({ readonly type: 'done'; readonly terms: Program | undefined } & RedemptionState)
  | { readonly type: 'missing' }
  | { readonly type: 'closed'; readonly status: RedemptionStatus; readonly reason?: string };

/** What moves a reward's points, and from which lots. */
type Planned = Extract<Spent, { type: 'planned' }>;

interface Decided<O> {
  readonly outcome: O;
  readonly writes: readonly Write[];
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
  reply: Reply<Redeemed>,
  now: number,
): Promise<Once> {
  const redemptionId = newId(context, 'redemption', now);
  const memberId = await resolveMember(context, request.member);
  return decideOnce(context, `Redeeming ${request.rewardId}`, reply.once, now, async ({ found }) => {
    const wanted = { ...request, redemptionId, memberId };
    const { outcome, writes } = request.paused
      ? { outcome: { type: 'paused' as const }, writes: [] }
      : await decideRedemption(context, program, wanted, found, now);
    return { answer: reply.answer(outcome), writes };
  });
}

async function decideRedemption(
  context: LedgerContext,
  program: Program,
  wanted: RedemptionRequest & { redemptionId: RedemptionId; memberId: MemberId | undefined },
  found: Standing,
  now: number,
): Promise<Decided<Redeemed>> {
  const { memberId, paused } = wanted;
  const account = memberId && (await accountOf(context, memberId, found));
  if (!account) return { outcome: { type: 'no_member' }, writes: [] };
  const reward = program.rewards.find(({ id }) => id === wanted.rewardId);
  if (!reward) return unavailable(`The programme has no reward ${wanted.rewardId}.`);
  const circumstances = await circumstancesOf(context, program, account.memberId, paused);
  const order = await orderFor(context, account, wanted.purchaseId, currencyOf(program, reward));
  if (order.type === 'refused') return unavailable(order.reason);
  const taken = await takeReward(context, program, account, reward, circumstances, now);
  if ('refusal' in taken) {
    const writes =
      taken.refusal.type === 'held' ? tellHeld(context, account, reward, taken.refusal.hold, found, now) : [];
    return { outcome: taken.refusal, writes };
  }
  const spent = spend(program, account, reward, wanted, now);
  const { writes, vouchers } = append(context, account, spent, now, { redemptionId: wanted.redemptionId });
  const record = newRecord(program, wanted, { reward, spent, taken, vouchers }, now);
  return {
    outcome: { type: 'done', record, status: record.status, vouchers },
    writes: [
      ...writes,
      { put: toItem(keys.redemption(record.redemptionId), 'redemption', record), if: absent },
      ...taken.writes,
      ...linkWrites(record),
      ...order.writes,
    ],
  };
}

function unavailable(reason: string): Decided<Redeemed> {
  return { outcome: { type: 'unavailable', reason }, writes: [] };
}

function newRecord(
  program: Program,
  wanted: RedemptionRequest & { readonly redemptionId: RedemptionId },
  done: {
    readonly reward: Reward;
    readonly spent: Planned;
    readonly taken: Taken;
    readonly vouchers: readonly Voucher[];
  },
  now: number,
): RedemptionRecord {
  const { redemptionId, channel, purchaseId, mode } = wanted;
  const { reward, spent, taken, vouchers } = done;
  return {
    redemptionId,
    revision: 1,
    memberId: spent.account.memberId,
    rewardId: reward.id,
    programVersion: program.version,
    points: reward.points,
    status: mode === 'authorize' ? 'authorized' : 'captured',
    channel,
    createdAt: utc(now),
    expiresAt: spent.account.holds.find((hold) => hold.redemptionId === redemptionId)?.expiresAt ?? null,
    purchaseId,
    voucherIds: vouchers.map(({ voucherId }) => voucherId),
    lots: spent.lots,
    tallied: taken.tallied,
    counted: taken.counted,
  };
}

/** What a redemption takes of a reward that there is not without end. */
interface Taken {
  readonly tallied: boolean;
  readonly counted: boolean;
  readonly writes: readonly Write[];
}

/** Takes one of a reward, for all and for its member; or says why the member cannot have it. */
async function takeReward(
  context: LedgerContext,
  program: Program,
  account: Account,
  reward: Reward,
  given: Circumstances,
  now: number,
): Promise<Taken | { readonly refusal: RewardRefusal }> {
  const refusal = refuseByAccount(program, account, reward, given, now);
  if (refusal) return { refusal };
  const { memberId } = account;
  const all = await offerOne(context, program, reward, memberId);
  const own = await ownCount(context, reward, account);
  const exhausted = refuseByCounts(reward, { left: all?.left ?? Number.POSITIVE_INFINITY, own: own.count });
  if (exhausted) return { refusal: exhausted };
  return {
    tallied: all !== undefined,
    counted: own.write !== undefined,
    writes: [...(all ? take(all, 1, reward.points) : []), ...(own.write ? [own.write] : [])],
  };
}

/** A hold, or the points spent with the vouchers that the member gets for them. */
function spend(
  program: Program,
  account: Account,
  reward: Reward,
  { mode, redemptionId, purchaseId }: RedemptionRequest & { redemptionId: RedemptionId },
  now: number,
): Planned {
  const { points } = reward;
  const vouchers = purchaseId === null ? vouchersFor(program, reward, account, now) : [];
  const spent =
    mode === 'authorize'
      ? hold(program, account, { redemptionId, points }, now)
      : redeem(program, account, { redemptionId, points, vouchers }, now);
  if (spent.type === 'insufficient') throw new Error('What is available was looked at before.');
  return spent;
}

/** What leads from a purchase to what was spent on it, should it be given back. */
function linkWrites({ purchaseId, redemptionId, memberId }: RedemptionRecord): Write[] {
  if (purchaseId === null) return [];
  const link = { redemptionId, voucherId: null, memberId, returned: false, revision: 1 };
  return [{ put: toItem(keys.spent(purchaseId, redemptionId), 'spent', link), if: absent }];
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

async function vouchersOf(context: LedgerContext, record: RedemptionRecord): Promise<Voucher[]> {
  const { memberId, voucherIds } = record;
  const found = await Promise.all(voucherIds.map((id) => getVoucher(context, memberId, id)));
  return found.filter((one) => one !== undefined);
}

/** Whether a redemption is the caller's own. */
export type MayUse = (record: RedemptionRecord) => boolean;

/**
 * A redemption with its member's account. The two are read one after the other: a hold that is on the record but
 * no longer in the account may have been captured in between, so then the record is read once more, and says so
 * unless the hold has run out. Of one that is not the caller's nothing more is read than of one that is not there, so
 * that nobody can tell the two apart by the time they take.
 */
async function readBoth(
  context: LedgerContext,
  redemptionId: RedemptionId,
  mayUse: MayUse,
  found: Standing,
): Promise<{ record: RedemptionRecord; account: Account } | undefined> {
  const record = await getRedemption(context, redemptionId);
  if (!record || !mayUse(record)) return undefined;
  const account = await accountOf(context, record.memberId, found);
  if (!account) return undefined;
  const isGone = !account.holds.some((hold) => hold.redemptionId === redemptionId);
  if (record.status !== 'authorized' || !isGone) return { record, account };
  return { record: (await getRedemption(context, redemptionId)) ?? record, account };
}

export async function readRedemption(
  context: LedgerContext,
  redemptionId: RedemptionId,
  now: number,
  mayUse: MayUse = () => true,
): Promise<RedemptionState | undefined> {
  const both = await readBoth(context, redemptionId, mayUse, nothing);
  if (!both) return undefined;
  const { record, account } = both;
  return { record, status: statusOf(record, account, now), vouchers: await vouchersOf(context, record) };
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
    readonly mayUse: MayUse;
  },
  reply: Reply<RedemptionEnded>,
  now: number,
): Promise<Once> {
  const { redemptionId, end, mayUse } = request;
  return decideOnce(context, `Ending ${redemptionId}`, reply.once, now, async ({ found }) => {
    const both = await readBoth(context, redemptionId, mayUse, found);
    if (!both) return { answer: reply.answer({ type: 'missing' }), writes: [] };
    const { record, account } = both;
    const { outcome, writes } = await decideEnd({ context, program, record, account, now }, end);
    return { answer: reply.answer(outcome), writes };
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
        vouchers: await vouchersOf(context, record),
        terms: await promisedBy(context, ending.program, record),
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
    if: asRead(record),
  };
  return { next, write };
}

/** The vouchers that a captured hold gives, as they were promised. */
function promisedVouchers(terms: Program | undefined, ending: Ending): IssuedVoucher[] {
  const { program, record, account, now } = ending;
  const reward = terms?.rewards.find(({ id }) => id === record.rewardId);
  if (!terms || !reward || record.purchaseId !== null) return [];
  const vouchers = vouchersFor(terms, reward, account, now);
  return terms.version === program.version
    ? vouchers
    : vouchers.map((voucher) => ({ ...voucher, programVersion: terms.version }));
}

async function captured(ending: Ending): Promise<Decided<RedemptionEnded>> {
  const { context, program, record, account, now } = ending;
  const { redemptionId } = record;
  const terms = await promisedBy(context, program, record);
  const promised = promisedVouchers(terms, ending);
  const plan = capture(program, account, { redemptionId, vouchers: promised }, now);
  if (plan.type === 'no_hold') return { outcome: { type: 'closed', status: 'expired' }, writes: [] };
  const { writes, vouchers } = append(context, account, plan, now, { redemptionId });
  // A hold of somebody who was merged is captured by whom they were merged into, who gets the vouchers.
  const { memberId } = account;
  const voucherIds = vouchers.map(({ voucherId }) => voucherId);
  const { next, write } = changed(record, { status: 'captured', memberId, voucherIds });
  return {
    outcome: { type: 'done', record: next, status: 'captured', vouchers, terms },
    writes: [...writes, write],
  };
}

async function released(ending: Ending): Promise<Decided<RedemptionEnded>> {
  const { context, program, record, account, now } = ending;
  const plan = release(program, account, record.redemptionId, now);
  if (plan.type === 'no_hold') return { outcome: { type: 'closed', status: 'expired' }, writes: [] };
  const { next, write } = changed(record, { status: 'cancelled' });
  return {
    outcome: { type: 'done', record: next, status: 'cancelled', vouchers: [], terms: undefined },
    writes: [
      ...append(context, account, plan, now).writes,
      write,
      ...(await uncounted(context, program, record)),
    ],
  };
}

/** Points that were spent come back, unless what they had bought is used up. */
async function undone(ending: Ending): Promise<Decided<RedemptionEnded>> {
  const { context, program, record, account, now } = ending;
  const { redemptionId, lots } = record;
  const vouchers = await vouchersOf(context, record);
  if (vouchers.some(({ uses }) => uses > 0)) {
    const reason = vouchers.length > 1 ? 'One of its vouchers has been used.' : 'Its voucher has been used.';
    return { outcome: { type: 'closed', status: 'captured', reason }, writes: [] };
  }
  // All that are left are revoked together, of a bundle, too.
  const unused = vouchers.filter(({ status }) => status === 'issued');
  const spent = { redemptionId, lots, revoked: unused.map(({ voucherId }) => voucherId) };
  const plan = unredeem(program, account, spent, now);
  const { writes } = append(context, account, plan, now, { unused });
  const { next, write } = changed(record, { status: 'cancelled' });
  return {
    outcome: { type: 'done', record: next, status: 'cancelled', vouchers: [], terms: undefined },
    writes: [...writes, write, ...(await uncounted(context, program, record))],
  };
}

/** A reward that was given back can be had again. */
async function uncounted(
  context: LedgerContext,
  program: Program,
  record: RedemptionRecord,
): Promise<Write[]> {
  return [...(await uncountOne(context, program, record)), ...(await uncountOwn(context, record))];
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
  return decide<'expired' | 'ended' | 'held'>(context, `Expiring ${redemptionId}`, async () => {
    const record = await getRedemption(context, redemptionId);
    if (record?.status !== 'authorized') return { result: 'ended', writes: [] };
    const account = await currentAccount(context, record.memberId);
    if (!account) return { result: 'ended', writes: [] };
    if (statusOf(record, account, now) === 'authorized') return { result: 'held', writes: [] };
    return {
      result: 'expired',
      writes: [
        ...settledWrites(context, program, account, now),
        changed(record, { status: 'expired' }).write,
        ...(await uncounted(context, program, record)),
      ],
    };
  });
}

/** What time has made true of an account and is not written down yet; nothing is, once its member has left. */
function settledWrites(
  context: LedgerContext,
  program: Program,
  account: Account,
  now: number,
): readonly Write[] {
  return append(context, account, settle(program, account, now), now).writes;
}

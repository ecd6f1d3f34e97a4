/** Vouchers used, given back with their order, given away and revoked: each with an entry, so the card follows. */
import type { Account, Entry, EntryContent } from '../../core/account.ts';
import type { ChannelId, PurchaseId, VoucherId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { MemberReference } from '../../core/contract/shapes/member.ts';
import { after, type Plan, settle } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import { currencyOf, type Reward } from '../../core/redemptions.ts';
import { refuseVoucher, type VoucherRefusal, vouchersFor } from '../../core/vouchers.ts';
import { append } from '../members/append.ts';
import { accountOf, getOpenAccount, resolveMember } from '../members/members.ts';
import { auditWrite, type Operator } from '../operators/audit.ts';
import { programAt } from '../operators/program-versions.ts';
import type { LedgerContext } from '../store/context.ts';
import { decideOnce, type Once, type Reply } from '../store/idempotency.ts';
import { fromItem, keys, type SpentLink, toItem, type Voucher } from '../store/items.ts';
import { asRead, nothing, type Standing, type Write } from '../store/store.ts';
import { orderFor } from './orders.ts';
import { circumstancesOf } from './rewards.ts';
import { changeVoucher, getVoucher, revoke } from './vouchers.ts';

export type VoucherOutcome =
  | { readonly type: 'done'; readonly voucher: Voucher; readonly reward: Reward | undefined }
  | { readonly type: 'missing' }
  | { readonly type: 'paused' }
  | { readonly type: 'unconfirmed' }
  | { readonly type: 'refused'; readonly refusal: VoucherRefusal };

type Note = Pick<EntryContent, 'type' | 'vouchers'> & { readonly id: VoucherId };

const usedNote = (id: VoucherId): Note => ({ type: 'voucher_used', id, vouchers: { used: [id] } });
const returnedNote = (id: VoucherId): Note => ({
  type: 'voucher_returned',
  id,
  vouchers: { returned: [id] },
});

/** An entry that moves no points: it says what became of a voucher. */
function note(program: Program, account: Account, { id, ...said }: Note, now: number): Plan {
  return after(settle(program, account, now), () => ({
    ...said,
    cause: { type: 'voucher', id },
    occurredAt: utc(now),
    recordedAt: utc(now),
    programVersion: program.version,
    postings: [],
    lots: [],
  }));
}

/** The writes of a note, and its entry. */
function noted(
  context: LedgerContext,
  account: Account,
  plan: Plan,
  now: number,
): { writes: readonly Write[]; vouchers: readonly Voucher[]; last: Entry } {
  const { entries, vouchers, writes } = append(context, account, plan, now);
  const last = entries.at(-1);
  if (!last) throw new Error('A note on a voucher is an entry.');
  return { writes, vouchers, last };
}

/** The reward as it was when it was promised. */
export async function rewardOf(
  context: LedgerContext,
  program: Program,
  voucher: Pick<Voucher, 'programVersion' | 'rewardId'>,
): Promise<Reward | undefined> {
  const terms = await promisedBy(context, program, voucher);
  return terms?.rewards.find(({ id }) => id === voucher.rewardId);
}

/** The programme that promised a voucher, or what a redemption gives. */
export async function promisedBy(
  context: LedgerContext,
  program: Program,
  { programVersion }: Pick<Voucher, 'programVersion'>,
): Promise<Program | undefined> {
  return programVersion === program.version ? program : programAt(context, programVersion);
}

/** The voucher as it is now: as it was found, unless that is why the last attempt was refused. */
async function voucherNow(
  context: LedgerContext,
  voucher: Voucher,
  found: Standing,
): Promise<Voucher | undefined> {
  const key = keys.voucher(voucher.memberId, voucher.voucherId);
  const item = found.at(key);
  if (item) return fromItem(item, 'voucher');
  return found === nothing ? voucher : getVoucher(context, voucher.memberId, voucher.voucherId);
}

/**
 * Uses a voucher once more.
 * @throws LedgerUnavailable when the outcome is unknown: the same key is then safe
 */
export async function useVoucher(
  context: LedgerContext,
  program: Program,
  wanted: {
    readonly voucher: Voucher;
    readonly channel: ChannelId | null;
    readonly purchaseId: PurchaseId | null;
    readonly amountMinor: number | undefined;
    /** What the amount is in; undefined where the caller has not said it. */
    readonly currency?: string | undefined;
    readonly paused: boolean;
  },
  reply: Reply<VoucherOutcome>,
  now: number,
): Promise<Once> {
  const { memberId, voucherId } = wanted.voucher;
  return decideOnce(context, `Using ${voucherId}`, reply.once, now, async ({ found }) => {
    const refused = (outcome: VoucherOutcome) => ({ answer: reply.answer(outcome), writes: [] });
    if (wanted.paused) return refused({ type: 'paused' });
    const voucher = await voucherNow(context, wanted.voucher, found);
    const account = await accountOf(context, memberId, found);
    if (!voucher || !account) return refused({ type: 'missing' });
    const reward = await rewardOf(context, program, voucher);
    const inapplicable = (reason: string) =>
      refused({ type: 'refused', refusal: { code: 'voucher_not_applicable', reason } });
    const terms = (await promisedBy(context, program, voucher)) ?? program;
    const currency = reward && currencyOf(terms, reward);
    const order = await orderFor(context, account, wanted.purchaseId, currency);
    const known = order.type === 'open' ? order.purchase : undefined;
    if (known && wanted.currency !== undefined && wanted.currency !== known.currency)
      return inapplicable(`The purchase is in ${known.currency}, not in ${wanted.currency}.`);
    const use = {
      channel: wanted.channel,
      amountMinor: wanted.amountMinor ?? known?.totalMinor,
      currency: known?.currency ?? wanted.currency,
    };
    const refusal = refuseVoucher(voucher, terms, reward ?? {}, use, now);
    if (refusal) return refused({ type: 'refused', refusal });
    const circumstances = await circumstancesOf(context, program, account.memberId, wanted.paused);
    if (circumstances.mustConfirm) return refused({ type: 'unconfirmed' });
    if (order.type === 'refused') return inapplicable(order.reason);
    const { writes, last } = noted(context, account, note(program, account, usedNote(voucherId), now), now);
    const uses = voucher.uses + 1;
    const after: Voucher = {
      ...voucher,
      uses,
      status: voucher.usesMax !== null && uses >= voucher.usesMax ? 'used' : 'issued',
      entryId: last.entryId,
    };
    return {
      answer: reply.answer({ type: 'done', voucher: after, reward }),
      writes: [
        ...writes,
        changeVoucher(voucher, after),
        ...(await linkWrites(context, after, wanted.purchaseId)),
        ...order.writes,
      ],
    };
  });
}

/** What leads from a purchase to the voucher, should it be given back. */
async function linkWrites(
  context: LedgerContext,
  { memberId, voucherId }: Voucher,
  purchaseId: PurchaseId | null,
): Promise<Write[]> {
  if (purchaseId === null) return [];
  const key = keys.spent(purchaseId, voucherId);
  const item = await context.store.get(key);
  const before = item && fromItem(item, 'spent');
  const link: SpentLink = {
    redemptionId: null,
    voucherId,
    memberId,
    ...(before && { uses: (before.uses ?? 1) + 1 }),
    returned: false,
    revision: (before?.revision ?? 0) + 1,
  };
  return [{ put: toItem(key, 'spent', link), if: asRead(before) }];
}

/** Takes a voucher back that nobody has used up. */
export async function revokeVoucher(
  context: LedgerContext,
  program: Program,
  wanted: { readonly voucher: Voucher; readonly operator: Operator; readonly reason: string },
  reply: Reply<VoucherOutcome>,
  now: number,
): Promise<Once> {
  const { memberId, voucherId } = wanted.voucher;
  return decideOnce(context, `Revoking ${voucherId}`, reply.once, now, async ({ found }) => {
    const voucher = await voucherNow(context, wanted.voucher, found);
    const account = await accountOf(context, memberId, found);
    if (!voucher || !account) return { answer: reply.answer({ type: 'missing' }), writes: [] };
    const reward = await rewardOf(context, program, voucher);
    if (voucher.status === 'used')
      return {
        answer: reply.answer({
          type: 'refused',
          refusal: { code: 'voucher_used', reason: 'It has been used.' },
        }),
        writes: [],
      };
    if (voucher.status === 'revoked')
      return { answer: reply.answer({ type: 'done', voucher, reward }), writes: [] };
    const plan = note(
      program,
      account,
      { type: 'voucher_revoked', id: voucherId, vouchers: { revoked: [voucherId] } },
      now,
    );
    const { writes, last } = noted(context, account, plan, now);
    const revoked = revoke(voucher, last.entryId);
    const done = { action: 'revoke_voucher', subject: voucherId, reason: wanted.reason };
    return {
      answer: reply.answer({ type: 'done', voucher: revoked, reward }),
      writes: [...writes, changeVoucher(voucher, revoked), auditWrite(context, wanted.operator, done, now)],
    };
  });
}

export type VoucherGiven =
  | { readonly type: 'done'; readonly voucher: Voucher; readonly reward: Reward }
  | { readonly type: 'no_member' }
  | { readonly type: 'unavailable'; readonly reason: string };

/** Gives a member a voucher without taking points for it. */
export async function giveVoucher(
  context: LedgerContext,
  program: Program,
  wanted: {
    readonly member: MemberReference;
    readonly rewardId: string;
    readonly operator: Operator;
    readonly reason: string;
  },
  reply: Reply<VoucherGiven>,
  now: number,
): Promise<Once> {
  const memberId = await resolveMember(context, wanted.member);
  return decideOnce(context, `Giving ${wanted.rewardId}`, reply.once, now, async ({ found }) => {
    const account = memberId && (await accountOf(context, memberId, found));
    if (!account) return { answer: reply.answer({ type: 'no_member' }), writes: [] };
    const reward = program.rewards.find(({ id }) => id === wanted.rewardId);
    const [voucher, ...others] = reward ? vouchersFor(program, reward, account, now) : [];
    if (!reward || !voucher || others.length > 0)
      return {
        answer: reply.answer({ type: 'unavailable', reason: noGift(wanted.rewardId, reward) }),
        writes: [],
      };
    const content = {
      type: 'voucher_issued' as const,
      id: voucher.voucherId,
      vouchers: { issued: [voucher] },
    };
    const { writes, vouchers } = noted(context, account, note(program, account, content, now), now);
    const [first] = vouchers;
    if (!first) throw new Error('The entry issues a voucher.');
    const done = { action: 'issue_voucher', subject: first.voucherId, reason: wanted.reason };
    return {
      answer: reply.answer({ type: 'done', voucher: first, reward }),
      writes: [...writes, auditWrite(context, wanted.operator, done, now)],
    };
  });
}

/** Why a reward cannot be given as one voucher. */
function noGift(rewardId: string, reward: Reward | undefined): string {
  if (!reward) return `The programme has no reward ${rewardId}.`;
  return reward.type === 'bundle'
    ? `${rewardId} is a bundle: give its rewards one by one.`
    : `${rewardId} is a donation: it gives no voucher.`;
}

/** What comes back after its own end can be used for so long again. */
const lapsedDays = 30;

/**
 * The writes that make a used voucher usable again, since the order that it was used on was given back.
 * @param uses how often it was used on that order
 */
export async function returnVoucher(
  context: LedgerContext,
  program: Program,
  voucher: Voucher,
  uses: number,
  now: number,
): Promise<Write[]> {
  const account = await getOpenAccount(context, voucher.memberId);
  if (!account || voucher.uses === 0 || voucher.status === 'revoked') return [];
  const { voucherId } = voucher;
  const { writes, last } = noted(context, account, note(program, account, returnedNote(voucherId), now), now);
  const lapsed = voucher.expiresAt !== null && Date.parse(voucher.expiresAt) <= now;
  const returned: Voucher = {
    ...voucher,
    status: 'issued',
    uses: voucher.uses - uses,
    expiresAt: lapsed ? utc(now + lapsedDays * 86_400_000) : voucher.expiresAt,
    entryId: last.entryId,
  };
  return [...writes, changeVoucher(voucher, returned)];
}

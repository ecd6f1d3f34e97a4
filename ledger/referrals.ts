/** Referrals: who brought whom, and paying both for it, in one transaction over both accounts. */
import type { Account } from '../core/account.ts';
import type { MemberId, PurchaseId } from '../core/contract/ids.ts';
import { utc } from '../core/contract/shapes.ts';
import { giveReferral, takeReferral } from '../core/points.ts';
import type { Program } from '../core/program.ts';
import type { PurchaseRecord } from '../core/purchases.ts';
import { countsForReferralFrom, isSamePerson, readReferralCode, referralCodeOf } from '../core/referrals.ts';
import { seal } from '../core/replay.ts';
import { monthOf } from '../core/time.ts';
import { backOff, decisionsMax, entryIds, type LedgerContext, LedgerUnavailable } from './context.ts';
import { getPurchase } from './decision.ts';
import { referralDueWrite } from './due.ts';
import {
  entryPrefix,
  fromItem,
  keys,
  type Profile,
  type Referral,
  type ReferralCount,
  toItem,
} from './items.ts';
import { appendWrites, findByLookup, getAccount, getMember, unavailable } from './members.ts';
import { scanPartition, type Transacted, type Write } from './store.ts';

const samePerson = 'The same mailbox or phone.';

/** The code that a member passes on. */
export function referralCode(context: LedgerContext, memberId: MemberId): string {
  return referralCodeOf(Buffer.from(context.keyed('referral code', memberId), 'base64url'));
}

/** The member behind a referral code, or behind a card number given as one. */
export async function findReferrer(context: LedgerContext, typed: string): Promise<MemberId | undefined> {
  const code = readReferralCode(typed);
  if (code !== undefined) return findByLookup(context, 'referralCode', code);
  return findByLookup(context, 'cardNumber', typed);
}

/** The write that remembers who brought a newcomer. One's own second account is remembered as refused. */
export async function referralWrite(
  context: LedgerContext,
  newcomer: Profile,
  referrerId: MemberId,
): Promise<Write> {
  const referrer = await getMember(context, referrerId);
  const isOneself = referrer !== undefined && isSamePerson(newcomer, referrer.profile);
  const referral: Referral = {
    newcomerId: newcomer.memberId,
    referrerId,
    revision: 1,
    status: isOneself ? 'refused' : 'waiting',
    reason: isOneself ? samePerson : null,
    paid: null,
  };
  return { put: toItem(keys.referral(newcomer.memberId), 'referral', referral), if: { kind: 'absent' } };
}

export async function getReferral(context: LedgerContext, memberId: MemberId): Promise<Referral | undefined> {
  const item = await context.store.get(keys.referral(memberId));
  return item && fromItem(item, 'referral');
}

/**
 * Pays a newcomer's referral when a purchase has come to count for it, and takes it back when that purchase
 * no longer does. Doing it again changes nothing.
 */
export async function settleReferral(
  context: LedgerContext,
  program: Program,
  newcomerId: MemberId,
  now: number,
): Promise<void> {
  for (let attempt = 1; attempt <= decisionsMax; attempt++) {
    const referral = await getReferral(context, newcomerId);
    if (!referral || referral.status === 'refused') return;
    const outcome = referral.paid
      ? await takeBack(context, program, referral, referral.paid, now)
      : await pay(context, program, referral, now);
    if (!outcome || outcome.type === 'committed') return;
    if (outcome.type !== 'refused') throw unavailable(outcome, `Settling the referral of ${newcomerId}`);
    await backOff(context, attempt);
  }
  throw new LedgerUnavailable('contended', `Settling the referral of ${newcomerId}`);
}

/**
 * The newcomer's first purchase, in the order of posting, that counts; without one, the instant from which the
 * next one will if it is kept.
 */
async function countingPurchase(
  context: LedgerContext,
  newcomerId: MemberId,
  minimumMinor: number,
  now: number,
): Promise<{ record: PurchaseRecord } | { from: number | undefined }> {
  let next: number | undefined;
  for await (const item of scanPartition(context.store, keys.account(newcomerId).pk, entryPrefix)) {
    const { type, cause, basis } = fromItem(item, 'entry');
    // The entry says what was paid, and refunds only make it less: small purchases need not be read.
    if (type !== 'earned' || (basis && basis.totalMinor < minimumMinor)) continue;
    const record = await getPurchase(context, cause.id as PurchaseId);
    const from = record && countsForReferralFrom(record, minimumMinor);
    if (!record || from === undefined) continue;
    if (from <= now) return { record };
    next = Math.min(from, next ?? from);
  }
  return { from: next };
}

/** A refund of the purchase at the same moment makes it be decided again. */
function asDecidedOn({ purchase, revision }: PurchaseRecord): Write {
  return { check: keys.purchase(purchase.id), if: { kind: 'unchanged', field: 'revision', value: revision } };
}

async function countOf(context: LedgerContext, referrerId: MemberId, month: string): Promise<ReferralCount> {
  const item = await context.store.get(keys.referralCount(referrerId, month));
  return item ? fromItem(item, 'referralCount') : { referrerId, month, count: 0, revision: 0 };
}

function countWrite(before: ReferralCount, by: 1 | -1): Write {
  const after = { ...before, count: before.count + by, revision: before.revision + 1 };
  return {
    put: toItem(keys.referralCount(before.referrerId, before.month), 'referralCount', after),
    if:
      before.revision === 0
        ? { kind: 'absent' }
        : { kind: 'unchanged', field: 'revision', value: before.revision },
  };
}

function referralPut(before: Referral, after: Omit<Referral, 'revision'>): Write {
  return {
    put: toItem(keys.referral(before.newcomerId), 'referral', { ...after, revision: before.revision + 1 }),
    if: { kind: 'unchanged', field: 'revision', value: before.revision },
  };
}

/** Both accounts with one more entry each. */
function appendBoth(
  context: LedgerContext,
  accounts: readonly { account: Account; points: number }[],
  plan: (account: Account, points: number) => ReturnType<typeof giveReferral>,
  now: number,
): Write[] {
  return accounts
    .filter(({ points }) => points > 0)
    .flatMap(({ account, points }) => {
      const sealed = seal(plan(account, points), account, entryIds(now), context.sha256);
      return appendWrites(account, sealed.account, sealed.entries);
    });
}

/** @returns undefined when there is nothing to do yet */
async function pay(
  context: LedgerContext,
  program: Program,
  referral: Referral,
  now: number,
): Promise<Transacted | undefined> {
  const rules = program.bonuses.referral;
  if (!rules) return undefined;
  const { newcomerId, referrerId } = referral;
  const found = await countingPurchase(context, newcomerId, rules.minimumMinor, now);
  if (!('record' in found)) {
    if (found.from === undefined) return undefined;
    // The day may pass without a point moving, for instance when all of them repaid a debt: the night looks.
    return context.store.transact([referralDueWrite(newcomerId, utc(found.from))]);
  }
  const { record } = found;
  const month = monthOf(now, program.timeZone);
  const count = await countOf(context, referrerId, month);
  if (count.count >= rules.perMonth) {
    const reason = `More than ${rules.perMonth} referrals in ${month}.`;
    return context.store.transact([
      referralPut(referral, { ...referral, status: 'refused', reason }),
      asDecidedOn(record),
    ]);
  }
  const [one, other] = await Promise.all([getMember(context, newcomerId), getMember(context, referrerId)]);
  if (!one || !other) return undefined;
  // Whoever they said they were when they joined, they are looked at again when it is paid.
  if (isSamePerson(one.profile, other.profile))
    return context.store.transact([
      referralPut(referral, { ...referral, status: 'refused', reason: samePerson }),
      asDecidedOn(record),
    ]);
  const [newcomer, referrer] = [one.account, other.account];
  const paid = {
    purchaseId: record.purchase.id,
    at: utc(now),
    month,
    minimumMinor: rules.minimumMinor,
    referrer: rules.referrer,
    referee: rules.referee,
  };
  const accounts = [
    { account: newcomer, points: rules.referee },
    { account: referrer, points: rules.referrer },
  ];
  return context.store.transact([
    referralPut(referral, { ...referral, status: 'paid', paid }),
    asDecidedOn(record),
    countWrite(count, 1),
    ...appendBoth(
      context,
      accounts,
      (account, points) => giveReferral(program, account, points, newcomerId, now),
      now,
    ),
  ]);
}

/** @returns undefined when the purchase still counts */
async function takeBack(
  context: LedgerContext,
  program: Program,
  referral: Referral,
  paid: NonNullable<Referral['paid']>,
  now: number,
): Promise<Transacted | undefined> {
  const record = await getPurchase(context, paid.purchaseId);
  const from = record && countsForReferralFrom(record, paid.minimumMinor);
  if (from !== undefined && from <= now) return undefined;
  const { newcomerId, referrerId } = referral;
  const [newcomer, referrer, count] = await Promise.all([
    getAccount(context, newcomerId),
    getAccount(context, referrerId),
    countOf(context, referrerId, paid.month),
  ]);
  if (!newcomer || !referrer) return undefined;
  const accounts = [
    { account: newcomer, points: paid.referee },
    { account: referrer, points: paid.referrer },
  ];
  return context.store.transact([
    referralPut(referral, { ...referral, status: 'waiting', paid: null }),
    ...(record ? [asDecidedOn(record)] : []),
    countWrite(count, -1),
    ...appendBoth(
      context,
      accounts,
      (account, points) => takeReferral(program, account, points, newcomerId, now),
      now,
    ),
  ]);
}

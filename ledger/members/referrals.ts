/** Referrals: who brought whom, and paying both for it, in one transaction over both accounts. */
import { type Account, idsOf, isTheirs } from '../../core/account.ts';
import type { MemberId, PurchaseId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { minimumIn } from '../../core/minimums.ts';
import { giveReferral, type Plan, takeReferral } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import type { PurchaseRecord } from '../../core/purchases.ts';
import {
  countsForReferralFrom,
  isSamePerson,
  readReferralCode,
  referralCodeOf,
} from '../../core/referrals.ts';
import { mustConfirm } from '../../core/security.ts';
import { monthOf } from '../../core/time.ts';
import { getPurchase } from '../purchases/decision.ts';
import type { LedgerContext } from '../store/context.ts';
import { type Decided, decide } from '../store/decide.ts';
import {
  broughtPrefix,
  entryPrefix,
  fromItem,
  keys,
  type Profile,
  type Referral,
  type ReferralCount,
  toItem,
} from '../store/items.ts';
import { absent, asRead, type Key, scanPartition, type Write } from '../store/store.ts';
import { append } from './append.ts';
import { referralDueWrite } from './due.ts';
import { accountAsRead, silenceWrites } from './listeners.ts';
import {
  contactsOf,
  currentAccount,
  findByLookup,
  getAccount,
  getMember,
  getOpenAccount,
  knownOf,
  personHashes,
} from './members.ts';

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

/** Who brought a newcomer. One's own second account is refused from the first. */
export async function newReferral(
  context: LedgerContext,
  newcomer: Profile,
  referrerId: MemberId,
): Promise<Referral & { readonly referrerId: MemberId }> {
  const referrer = await getMember(context, referrerId);
  const isOneself = referrer !== undefined && isOnePerson(context, newcomer, referrer.profile);
  return {
    newcomerId: newcomer.memberId,
    referrerId,
    revision: 1,
    status: isOneself ? 'refused' : 'waiting',
    reason: isOneself ? samePerson : null,
    paid: null,
  };
}

/** Whether two profiles are one person's, by what they have or had: a contact that was given up is known again. */
function isOnePerson(context: LedgerContext, a: Profile, b: Profile): boolean {
  const had = (one: Profile, other: Profile) => {
    const hashes = new Set(contactsOf(one).flatMap((contact) => personHashes(context, contact)));
    return other.formerContacts.some((hash) => hashes.has(hash));
  };
  return isSamePerson(a, b) || had(a, b) || had(b, a);
}

/** The writes that remember it. */
export function referralWrites(referral: Referral & { readonly referrerId: MemberId }): Write[] {
  const { newcomerId, referrerId } = referral;
  return [
    { put: toItem(keys.referral(newcomerId), 'referral', referral), if: absent },
    { put: toItem(keys.brought(referrerId, newcomerId), 'brought', { newcomerId }) },
  ];
}

export async function getReferral(context: LedgerContext, memberId: MemberId): Promise<Referral | undefined> {
  const item = await context.store.get(keys.referral(memberId));
  return item && fromItem(item, 'referral');
}

/** Those whom a member has brought, in the order of their ids; from behind one of them if that is given. */
export async function* broughtBy(
  context: LedgerContext,
  referrerId: MemberId,
  after?: string,
): AsyncGenerator<{ readonly newcomerId: MemberId; readonly referral: Referral | undefined }> {
  const { pk, sk } = keys.brought(referrerId, (after ?? '') as MemberId);
  for await (const item of scanPartition(context.store, pk, broughtPrefix, after && sk)) {
    const { newcomerId } = fromItem(item, 'brought');
    yield { newcomerId, referral: await getReferral(context, newcomerId) };
  }
}

/** What is left of a referral when one of the two has left: nothing, or a referral by nobody. */
export function forgetReferral(
  { newcomerId, referrerId, revision, ...rest }: Referral,
  leaving: MemberId,
): Write[] {
  const unchanged = asRead({ revision });
  const link = referrerId === null ? [] : [{ delete: keys.brought(referrerId, newcomerId) }];
  if (leaving === newcomerId) return [{ delete: keys.referral(newcomerId), if: unchanged }, ...link];
  const anonymous: Referral = { newcomerId, referrerId: null, revision: revision + 1, ...rest };
  return [{ put: toItem(keys.referral(newcomerId), 'referral', anonymous), if: unchanged }, ...link];
}

/**
 * Pays a newcomer's referral when a purchase has come to count for it, and takes it back when that purchase
 * no longer does. Doing it again changes nothing.
 * @param place where it is listed as due: taken off with it
 */
export async function settleReferral(
  context: LedgerContext,
  program: Program,
  newcomerId: MemberId,
  now: number,
  place?: Key,
): Promise<void> {
  let mayGoOn = true;
  while (mayGoOn)
    mayGoOn = await decide(context, `Settling the referral of ${newcomerId}`, async () => {
      // Before the purchases: a newer one changes it, and may list the newcomer again.
      const account = place && (await getAccount(context, newcomerId));
      const { result, writes } = await settled(context, program, await getReferral(context, newcomerId), now);
      return { result, writes: place && !result ? [...writes, ...takenOff(writes, place, account)] : writes };
    });
}

/** The same for every referral that has brought a member: of whoever was merged into them, too. */
export async function settleReferrals(
  context: LedgerContext,
  program: Program,
  memberId: MemberId,
  now: number,
): Promise<void> {
  const account = await currentAccount(context, memberId);
  for (const id of account ? idsOf(account) : [memberId]) await settleReferral(context, program, id, now);
}

/** What becomes of a referral now, and whether there is more to look at. */
async function settled(
  context: LedgerContext,
  program: Program,
  referral: Referral | undefined,
  now: number,
): Promise<Decided<boolean>> {
  if (!referral || referral.status === 'refused') return { result: false, writes: [] };
  const oneself = await broughtOneself(context, program, referral, now);
  if (oneself) return { result: false, writes: oneself };
  if (!referral.paid) return pay(context, program, referral, now);
  return { result: false, writes: await takeBack(context, program, referral, referral.paid, now) };
}

/**
 * The writes that end a referral whose two sides were merged: nobody brings themselves, and what was paid for it goes
 * back. Undefined for two.
 */
async function broughtOneself(
  context: LedgerContext,
  program: Program,
  referral: Referral,
  now: number,
): Promise<Write[] | undefined> {
  const { newcomerId, referrerId, paid } = referral;
  const account = await getOpenAccount(context, newcomerId);
  if (!account?.merged || referrerId === null || !isTheirs(account, referrerId)) return undefined;
  const points = paid ? paid.referrer + paid.referee : 0;
  const ended = { ...referral, status: 'refused' as const, reason: samePerson, paid: null, asOne: { paid } };
  const [first] =
    points > 0
      ? [append(context, account, takeReferral(program, account, points, newcomerId, now), now).writes]
      : [[{ check: keys.account(account.memberId), if: accountAsRead(account) }]];
  return [referralPut(referral, ended), ...(first ?? [])];
}

/** Referrals that ended since their two sides were one, who are two again when some of them go. */
export async function endedBetween(
  context: LedgerContext,
  account: Account,
  going: readonly MemberId[],
): Promise<Referral[]> {
  const ids = idsOf(account);
  const goes = new Set<MemberId | null>(going);
  const referrals = await Promise.all(ids.map((id) => getReferral(context, id)));
  return referrals.filter(
    (one): one is Referral =>
      one?.asOne !== undefined && goes.has(one.newcomerId) !== goes.has(one.referrerId),
  );
}

/** The write by which a referral is what it was before its two sides were one. */
export function revived({ asOne, ...referral }: Referral): Write {
  const paid = asOne?.paid ?? null;
  const { revision } = referral;
  return referralPut(
    { ...referral, revision },
    { ...referral, status: paid ? 'paid' : 'waiting', reason: null, paid },
  );
}

/** Takes a place off the list, unless the same writes list it again. */
function takenOff(writes: readonly Write[], { pk, sk }: Key, account: Account | undefined): Write[] {
  const isWritten = (key: Key) =>
    writes.some((write) => 'put' in write && write.put.pk === key.pk && write.put.sk === key.sk);
  if (isWritten({ pk, sk })) return [];
  const key = account && keys.account(account.memberId);
  return [
    { delete: { pk, sk } },
    ...(account && key && !isWritten(key) ? [{ check: key, if: accountAsRead(account) }] : []),
  ];
}

type Seen = NonNullable<Referral['seen']>;

/** Entries that are read in one go, and after how many it is written down how far that was. */
const entriesMax = 1000;
const entriesUnnoted = 50;
/** Purchases of a newcomer that are large enough and still pending; who has more waits for the first of them. */
const candidatesMax = 50;

interface Search {
  /** The first purchase, in the order of posting, that counts. */
  readonly record?: PurchaseRecord;
  /** Without one, the instant from which the next one will if it is kept. */
  readonly from?: number;
  /** How far this looked: nothing before has to be read again. */
  readonly seen: Seen;
  /** Whether there is more to look at. */
  readonly mayGoOn: boolean;
}

type Rules = NonNullable<Program['bonuses']['referral']>;
type Rate = Program['currencies'][string];

/** What a purchase has to come to in its currency; one that the programme has no more is judged by its own rate. */
function minimumOf(program: Program, rules: Rules, currency: string, rate: Rate): number {
  const currencies = { ...program.currencies, [currency]: program.currencies[currency] ?? rate };
  return minimumIn({ currencies }, rules.minimumMinor, currency) ?? 0;
}

/** The same for every currency of the programme. */
function minimumsOf(program: Program, rules: Rules): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(program.currencies).map(([code, rate]) => [code, minimumOf(program, rules, code, rate)]),
  );
}

/** Whether minimums ask for less than those before, in some currency. */
function asksForLess(minimums: Readonly<Record<string, number>>, before: Seen['minimumMinor']): boolean {
  return Object.entries(minimums).some(
    ([code, amount]) => amount < (typeof before === 'number' ? before : (before[code] ?? 0)),
  );
}

/** Looks for the newcomer's purchase that counts, behind what was seen before. */
async function countingPurchase(
  context: LedgerContext,
  program: Program,
  rules: Rules,
  { newcomerId, seen: before }: Referral,
  now: number,
): Promise<Search> {
  const minimumMinor = minimumsOf(program, rules);
  // What was too small for a larger minimum may be large enough for this one.
  const known = before && !asksForLess(minimumMinor, before.minimumMinor) ? before : undefined;
  const candidates: PurchaseId[] = [];
  let { sequence = 0 } = known ?? {};
  let next: number | undefined;
  const seen = (): Seen => ({ sequence, minimumMinor, candidates: [...candidates] });
  /** Whether a purchase counts by now; one that may later is remembered. */
  const counting = async (id: PurchaseId): Promise<PurchaseRecord | undefined> => {
    const record = await getPurchase(context, id);
    const from = record && countsFrom(program, rules, record);
    // Refunds only make it less, so what does not count any more never will.
    if (!record || from === undefined) return undefined;
    candidates.push(id);
    if (from > now) next = Math.min(from, next ?? from);
    return from <= now ? record : undefined;
  };
  const old = known?.candidates ?? [];
  for (const [at, id] of old.entries()) {
    const record = await counting(id);
    if (!record) continue;
    candidates.push(...old.slice(at + 1));
    return { record, seen: seen(), mayGoOn: false };
  }
  const { pk, sk } = keys.entry(newcomerId, sequence);
  let read = 0;
  for await (const item of scanPartition(context.store, pk, entryPrefix, sk)) {
    if (read++ === entriesMax || candidates.length === candidatesMax) break;
    const { type, cause, basis, sequence: at } = fromItem(item, 'entry');
    sequence = at;
    // The entry says what was paid, and refunds only make it less: small purchases need not be read.
    if (type !== 'earned') continue;
    if (basis && basis.totalMinor < minimumOf(program, rules, basis.currency, basis.rate)) continue;
    const record = await counting(cause.id as PurchaseId);
    if (record) return { record, seen: seen(), mayGoOn: false };
  }
  return {
    ...(next === undefined ? {} : { from: next }),
    seen: seen(),
    mayGoOn: read > entriesMax,
  };
}

/** From when on a purchase counts by the programme; undefined where too little of it is left, or it cost nothing. */
function countsFrom(program: Program, rules: Rules, record: PurchaseRecord): number | undefined {
  if (record.purchase.totalMinor === 0) return undefined;
  return countsForReferralFrom(record, minimumFor(program, rules, record));
}

function minimumFor(program: Program, rules: Rules, { purchase, earning }: PurchaseRecord): number {
  const rate = earning?.terms.rate ?? { points: 1, perMinor: 1 };
  return minimumOf(program, rules, purchase.currency, rate);
}

/** A refund of the purchase at the same moment makes it be decided again. */
function asDecidedOn(record: PurchaseRecord): Write {
  return { check: keys.purchase(record.purchase.id), if: asRead(record) };
}

async function countOf(context: LedgerContext, referrerId: MemberId, month: string): Promise<ReferralCount> {
  const item = await context.store.get(keys.referralCount(referrerId, month));
  return item ? fromItem(item, 'referralCount') : { referrerId, month, count: 0, revision: 0 };
}

function countWrite(before: ReferralCount, by: number): Write {
  const after = { ...before, count: before.count + by, revision: before.revision + 1 };
  return {
    put: toItem(keys.referralCount(before.referrerId, before.month), 'referralCount', after),
    if: asRead(before.revision === 0 ? undefined : before),
  };
}

/** What somebody brought this month counts for whom they are merged into: there is one bound for one person. */
export async function movedCountWrites(
  context: LedgerContext,
  { into, from }: { readonly into: MemberId; readonly from: MemberId },
  month: string,
): Promise<Write[]> {
  const { count } = await countOf(context, from, month);
  return count > 0 ? [countWrite(await countOf(context, into, month), count)] : [];
}

function referralPut(before: Referral, after: Omit<Referral, 'revision'>): Write {
  return {
    put: toItem(keys.referral(before.newcomerId), 'referral', { ...after, revision: before.revision + 1 }),
    if: asRead(before),
  };
}

/** Both accounts with one more entry each. */
function appendBoth(
  context: LedgerContext,
  accounts: readonly { account: Account; points: number }[],
  plan: (account: Account, points: number) => Plan,
  now: number,
): Write[] {
  return accounts
    .filter(({ points }) => points > 0)
    .flatMap(({ account, points }) => [...append(context, account, plan(account, points), now).writes]);
}

/** The account of a referrer; undefined for one who has left, of whom nothing is paid or taken. */
async function referrerAccount(
  context: LedgerContext,
  referrerId: MemberId | null,
): Promise<Account | undefined> {
  return referrerId === null ? undefined : getOpenAccount(context, referrerId);
}

/** What is written of a referral that nothing counts for yet. */
function unpaid(referral: Referral, { seen, from, mayGoOn }: Search, now: number): Write[] {
  const { sequence = 0, minimumMinor = seen.minimumMinor } = referral.seen ?? {};
  const isNews =
    mayGoOn ||
    seen.sequence >= sequence + entriesUnnoted ||
    (typeof seen.minimumMinor === 'object' && asksForLess(seen.minimumMinor, minimumMinor));
  return [
    ...(isNews ? [referralPut(referral, { ...referral, seen })] : []),
    // The day may pass without a point moving, for instance when all of them repaid a debt: the night looks.
    ...(from === undefined ? [] : [referralDueWrite(referral.newcomerId, utc(from), now)]),
  ];
}

/** Pays a referral, refuses it, or looks at it again later; with whether there is more to look at at once. */
async function pay(
  context: LedgerContext,
  program: Program,
  referral: Referral,
  now: number,
): Promise<Decided<boolean>> {
  const { referral: rules } = program.bonuses;
  if (!rules) return { result: false, writes: [] };
  const { record, ...found } = await countingPurchase(context, program, rules, referral, now);
  if (!record) return { result: found.mayGoOn, writes: unpaid(referral, found, now) };
  const seen = { ...referral, seen: found.seen };
  return { result: false, writes: await payWrites(context, program, rules, seen, record, now) };
}

/** The writes that pay a referral for a purchase that counts, or refuse it. */
async function payWrites(
  context: LedgerContext,
  program: Program,
  rules: Rules,
  referral: Referral,
  record: PurchaseRecord,
  now: number,
): Promise<Write[]> {
  const { newcomerId, referrerId } = referral;
  const newcomer = await getMember(context, newcomerId);
  if (!newcomer) return [];
  const referrer = referrerId === null ? undefined : await getMember(context, referrerId);
  // Both wait until they are known to be somebody: then it is looked at again.
  const known = [newcomer, ...(referrer ? [referrer] : [])];
  if (known.some(({ profile }) => mustConfirm(program, knownOf(profile)))) return [];
  const month = monthOf(now, program.timeZone);
  // A refusal is for good: nobody looks at this member's purchases for it any more.
  const refuse = (reason: string) => [
    referralPut(referral, { ...referral, status: 'refused', reason }),
    asDecidedOn(record),
    ...(newcomer.account.merged ? [] : silenceWrites(newcomer.account, 'referrals')),
  ];
  const count = referrer && (await countOf(context, referrer.account.memberId, month));
  if (count && count.count >= rules.perMonth)
    return refuse(`More than ${rules.perMonth} referrals in ${month}.`);
  // Whoever they said they were when they joined, they are looked at again when it is paid.
  if (referrer && isOnePerson(context, newcomer.profile, referrer.profile)) return refuse(samePerson);
  const paid = {
    purchaseId: record.purchase.id,
    at: utc(now),
    month,
    minimumMinor: minimumFor(program, rules, record),
    // What the newcomer was promised is theirs, though the one who brought them may have left.
    referrer: referrer ? rules.referrer : 0,
    referee: rules.referee,
  };
  const accounts = [
    { account: newcomer.account, points: paid.referee },
    ...(referrer ? [{ account: referrer.account, points: paid.referrer }] : []),
  ];
  return [
    referralPut(referral, { ...referral, status: 'paid', paid }),
    asDecidedOn(record),
    ...(count ? [countWrite(count, 1)] : []),
    ...appendBoth(
      context,
      accounts,
      (account, points) => giveReferral(program, account, points, newcomerId, now),
      now,
    ),
  ];
}

/** The writes that take a referral back; none when the purchase still counts. */
async function takeBack(
  context: LedgerContext,
  program: Program,
  referral: Referral,
  paid: NonNullable<Referral['paid']>,
  now: number,
): Promise<Write[]> {
  const record = await getPurchase(context, paid.purchaseId);
  const from = record && countsForReferralFrom(record, paid.minimumMinor);
  if (from !== undefined && from <= now) return [];
  const { newcomerId, referrerId } = referral;
  const [newcomer, referrer] = await Promise.all([
    getOpenAccount(context, newcomerId),
    referrerAccount(context, referrerId),
  ]);
  if (!newcomer) return [];
  const count = referrer && (await countOf(context, referrer.memberId, paid.month));
  const accounts = [
    { account: newcomer, points: paid.referee },
    ...(referrer ? [{ account: referrer, points: paid.referrer }] : []),
  ];
  return [
    referralPut(referral, { ...referral, status: 'waiting', paid: null }),
    ...(record ? [asDecidedOn(record)] : []),
    ...(count && count.count > 0 ? [countWrite(count, -1)] : []),
    ...appendBoth(
      context,
      accounts,
      (account, points) => takeReferral(program, account, points, newcomerId, now),
      now,
    ),
  ];
}

/**
 * What an erasure removes of the member's own: in the transaction that closes the account as much as fits into it,
 * and the rest, which only few members have, in as many more as it takes.
 */
import type { Account } from '../../core/account.ts';
import { entryIdOf, type MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { erase, nextDue } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import { append } from '../members/append.ts';
import { datesOf, yearlyWrites } from '../members/due.ts';
import {
  cardToken,
  contactDeletes,
  contactHashes,
  getAccount,
  getCardAccount,
  heldContactsOf,
  lookupDelete,
  type Member,
} from '../members/members.ts';
import { broughtBy, forgetReferral, getReferral, referralCode } from '../members/referrals.ts';
import { auditWrite, type Operator } from '../operators/audit.ts';
import { forgetVouchers } from '../spending/vouchers.ts';
import type { LedgerContext } from '../store/context.ts';
import { decide, fitting } from '../store/decide.ts';
import { answerPrefix, fromItem, keys, type OpenErasure, type Profile, toItem } from '../store/items.ts';
import { scanPartition, type Write } from '../store/store.ts';
import { leavingDevices } from '../wallets/leaving-devices.ts';
import { nameHashes } from './names.ts';
import { cleaner } from './sweep.ts';

/** How long phones may come for their void pass, and events that name the person may still be under way. */
const keptDays = 30;

export interface ErasureRequest {
  readonly memberId: MemberId;
  readonly operator: Operator;
  readonly reason: string | null;
  /** Asked of the member as they are at that moment; absent where it is wanted in any case. */
  readonly isWanted?: (member: Member) => boolean;
}

/**
 * Closes an account and removes the person.
 * @returns whether this call did: there may be no account, or a closed one
 */
export async function closeMember(
  context: LedgerContext,
  program: Program,
  request: ErasureRequest,
  now: number,
): Promise<boolean> {
  const { memberId } = request;
  return decide(context, `Erasing ${memberId}`, async () => {
    // As it is itself, also where it was merged: whoever leaves takes along all that stands under each of their ids.
    const account = await getCardAccount(context, memberId);
    if (!account) return { result: false, writes: [] };
    const item = await context.store.get(keys.profile(memberId));
    const profile = item && fromItem(item, 'profile');
    if (request.isWanted && !(profile && request.isWanted({ account, profile })))
      return { result: false, writes: [] };
    // The last entry, behind what time alone has made true.
    const closed = append(context, account, erase(program, account, now), now);
    const due = nextDue(account);
    const needed: Write[] = [
      ...closed.writes,
      ...(due === null ? [] : [{ delete: keys.due(due.slice(0, 10), memberId) }]),
      ...personWrites(context, account, profile, request, now),
    ];
    const { writes } = await fitting(needed, leftovers(context, closed.account));
    return { result: true, writes };
  });
}

function personWrites(
  context: LedgerContext,
  account: Account,
  profile: Profile | undefined,
  { operator, reason }: ErasureRequest,
  now: number,
): Write[] {
  const { memberId } = account;
  const contacts = profile ? contactHashes(context, profile) : [];
  const erasedAt = utc(now);
  const names = nameHashes(context, profile?.name);
  const open: OpenErasure = { memberId, erasedAt, contacts, names };
  // Who writes down why may have written whom.
  const why = cleaner(context, open)(reason);
  const done = { action: 'erase_member', subject: memberId, reason: why };
  return [
    ...(profile ? profileDeletes(context, account, profile) : []),
    lookupDelete(context, 'cardToken', cardToken(context, memberId)),
    lookupDelete(context, 'referralCode', referralCode(context, memberId)),
    ...contacts.map((hash) => lateContactWrite(hash, erasedAt)),
    { put: toItem(keys.openErasure(memberId), 'openErasure', open) },
    auditWrite(context, operator, done, now),
  ];
}

function profileDeletes(context: LedgerContext, account: Account, profile: Profile): Write[] {
  const { memberId, revision, cardNumber } = profile;
  return [
    { delete: keys.profile(memberId), if: { kind: 'unchanged', fields: { revision } } },
    ...heldContactsOf(profile).flatMap((contact) => contactDeletes(context, contact)),
    lookupDelete(context, 'cardNumber', cardNumber),
    ...yearlyWrites(memberId, datesOf(profile, account), null),
  ];
}

function lateContactWrite(hash: string, erasedAt: string): Write {
  const expires = endOf(erasedAt);
  const contact = { erasedAt, expiresAt: utc(expires * 1000) };
  return { put: toItem(keys.erasedContact(hash), 'erasedContact', contact, expires) };
}

/** When what is kept a while behind an erasure goes, in epoch seconds. */
function endOf(erasedAt: string): number {
  return Math.floor(Date.parse(erasedAt) / 1000) + keptDays * 86_400;
}

// What may be much --------------------------------------------------------------------------------------------------

/** Removes what the closing transaction had no room for; answers whether all of it is gone. */
export async function removeLeftovers(
  context: LedgerContext,
  { memberId }: OpenErasure,
  hasTime: () => boolean,
): Promise<boolean> {
  const closed = await getAccount(context, memberId);
  if (closed?.status !== 'closed') return true;
  for (;;) {
    const isFull = await decide(context, `Erasing ${memberId}`, async () => {
      const some = await fitting([], leftovers(context, closed));
      return { result: some.isFull, writes: some.writes };
    });
    if (!isFull) return true;
    if (!hasTime()) return false;
  }
}

/** What is left of a closed account's member, in groups of writes that belong together. Done once, none is left. */
async function* leftovers(context: LedgerContext, closed: Account): AsyncGenerator<readonly Write[]> {
  const { memberId, version, updatedAt } = closed;
  const referral = await getReferral(context, memberId);
  if (referral) yield forgetReferral(referral, memberId);
  for await (const { pk, sk } of scanPartition(context.store, keys.account(memberId).pk, answerPrefix))
    yield [{ delete: { pk, sk } }];
  yield* await leavingDevices(context, memberId, endOf(updatedAt));
  yield* forgetVouchers(context, memberId, entryIdOf(Date.parse(updatedAt), memberId, version));
  for await (const { newcomerId, referral: brought } of broughtBy(context, memberId))
    yield brought ? forgetReferral(brought, memberId) : [{ delete: keys.brought(memberId, newcomerId) }];
}

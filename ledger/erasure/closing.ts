/**
 * What an erasure removes of the member's own: in the transaction that closes the account as much as fits into it,
 * and the rest, which only few members have, in as many more as it takes.
 */
import type { Account } from '../../core/account.ts';
import { entryIdOf, type MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { erase, nextDue } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import { seal } from '../../core/replay.ts';
import { recogniser, withoutContacts } from '../members/contacts.ts';
import { birthdayWrites } from '../members/due.ts';
import {
  appendWrites,
  cardToken,
  contactHashes,
  contactsOf,
  getAccount,
  getOpenAccount,
  lookupDelete,
  unavailable,
} from '../members/members.ts';
import { broughtBy, forgetReferral, getReferral, referralCode } from '../members/referrals.ts';
import { auditWrite, type Operator } from '../operators/audit.ts';
import { forgetVouchers } from '../spending/vouchers.ts';
import { backOff, decisionsMax, entryIds, type LedgerContext, LedgerUnavailable } from '../store/context.ts';
import { answerPrefix, fromItem, keys, type OpenErasure, type Profile, toItem } from '../store/items.ts';
import { scanPartition, type Write } from '../store/store.ts';
import { leavingDevices } from '../wallets/leaving-devices.ts';

/** How long phones may come for their void pass, and events that name the person may still be under way. */
const keptDays = 30;
const writesMax = 100;

export interface ErasureRequest {
  readonly memberId: MemberId;
  readonly operator: Operator;
  readonly reason: string | null;
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
  for (let attempt = 1; attempt <= decisionsMax; attempt++) {
    const account = await getOpenAccount(context, memberId);
    if (!account) return false;
    const item = await context.store.get(keys.profile(memberId));
    const profile = item && fromItem(item, 'profile');
    const { account: closed, writes } = sealed(context, program, account, now);
    writes.push(...personWrites(context, account, profile, request, now));
    const { all } = await filled(writes, leftovers(context, closed));
    const outcome = await context.store.transact(all);
    if (outcome.type === 'committed') return true;
    if (outcome.type !== 'refused') throw unavailable(outcome, `Erasing ${memberId}`);
    await backOff(context, attempt);
  }
  throw new LedgerUnavailable('contended', `Erasing ${memberId}`);
}

/** The last entry, behind what time alone has made true. */
function sealed(context: LedgerContext, program: Program, before: Account, now: number) {
  const { account, entries } = seal(erase(program, before, now), before, entryIds(now), context.sha256);
  const due = nextDue(before);
  const writes: Write[] = [
    ...appendWrites(before, account, entries),
    ...(due === null ? [] : [{ delete: keys.due(due.slice(0, 10), before.memberId) }]),
  ];
  return { account, writes };
}

function personWrites(
  context: LedgerContext,
  { memberId }: Account,
  profile: Profile | undefined,
  { operator, reason }: ErasureRequest,
  now: number,
): Write[] {
  const contacts = profile ? contactHashes(context, profile) : [];
  const erasedAt = utc(now);
  const open: OpenErasure = { memberId, erasedAt, contacts };
  // Who writes down why may have written whom.
  const why = withoutContacts(reason, recogniser(context, new Set(contacts)));
  const done = { action: 'erase_member', subject: memberId, reason: why };
  return [
    ...(profile ? profileDeletes(context, profile) : []),
    lookupDelete(context, 'cardToken', cardToken(context, memberId)),
    lookupDelete(context, 'referralCode', referralCode(context, memberId)),
    ...contacts.map((hash) => lateContactWrite(hash, erasedAt)),
    { put: toItem(keys.openErasure(memberId), 'openErasure', open) },
    auditWrite(context, operator, done, now),
  ];
}

function profileDeletes(context: LedgerContext, profile: Profile): Write[] {
  const { memberId, revision, cardNumber, birthday } = profile;
  return [
    { delete: keys.profile(memberId), if: { kind: 'unchanged', field: 'revision', value: revision } },
    ...contactsOf(profile).map(({ kind, value }) => lookupDelete(context, kind, value)),
    lookupDelete(context, 'cardNumber', cardNumber),
    ...birthdayWrites(memberId, birthday, null),
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
  for (let attempt = 1; attempt <= decisionsMax; ) {
    const { all, isFull } = await filled([], leftovers(context, closed));
    if (all.length === 0) return true;
    const outcome = await context.store.transact(all);
    if (outcome.type === 'committed') {
      if (!isFull) return true;
      if (!hasTime()) return false;
    } else if (outcome.type === 'refused') await backOff(context, attempt++);
    else throw unavailable(outcome, `Erasing ${memberId}`);
  }
  throw new LedgerUnavailable('contended', `Erasing ${memberId}`);
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

/** As many groups behind some writes as one transaction takes. */
async function filled(
  writes: readonly Write[],
  groups: AsyncGenerator<readonly Write[]>,
): Promise<{ all: Write[]; isFull: boolean }> {
  const all = [...writes];
  for await (const group of groups) {
    if (all.length + group.length > writesMax) return { all, isFull: true };
    all.push(...group);
  }
  return { all, isFull: false };
}

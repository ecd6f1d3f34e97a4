/**
 * Members: enrolment with exact uniqueness of card number, e-mail and phone, look-ups by keyed hash, profiles.
 * E-mail and phone must come normalised (see contacts.ts; phones as E.164).
 */
import type { Account, Entry } from '../core/account.ts';
import { canonicalJson } from '../core/canonical.ts';
import type { MemberId } from '../core/contract/ids.ts';
import { type Enrolment, type MemberReference, type ProfileChange, utc } from '../core/contract/shapes.ts';
import { noteProfileChange, type Plan, withProfileBonus } from '../core/points.ts';
import type { Program } from '../core/program.ts';
import { seal } from '../core/replay.ts';
import { contactHash, normaliseEmail } from './contacts.ts';
import { backOff, decisionsMax, entryIds, type LedgerContext, LedgerUnavailable } from './context.ts';
import { birthdayWrites, dueWrite } from './due.ts';
import { entryPrefix, fromItem, keys, type LookupKind, type Profile, toItem } from './items.ts';
import type { Item, Key, Transacted, Write } from './store.ts';

export interface Member {
  readonly account: Account;
  readonly profile: Profile;
}

function lookupHash(context: LedgerContext, kind: LookupKind, value: string): string {
  return context.keyed(`lookup ${kind}`, value);
}

export function lookupKey(context: LedgerContext, kind: LookupKind, value: string): Key {
  return keys.lookup(kind, lookupHash(context, kind, value));
}

export function lookupDelete(context: LedgerContext, kind: LookupKind, value: string): Write {
  return { delete: lookupKey(context, kind, value) };
}

/**
 * The secret in a card's URL: 192 bits that follow from the member and the deployment's key, so the link can
 * be shown again although only its hash is stored.
 */
export function cardToken(context: LedgerContext, memberId: MemberId): string {
  return context.keyed('card token', memberId).slice(0, 32);
}

/** The pass's `authenticationToken`: never changes, and opens nothing but Apple's web service. */
export function passToken(context: LedgerContext, memberId: MemberId): string {
  return context.keyed('pass token', memberId).slice(0, 32);
}

export function lookupWrite(
  context: LedgerContext,
  kind: LookupKind,
  value: string,
  memberId: MemberId,
): Write {
  return {
    put: toItem(lookupKey(context, kind, value), 'lookup', { memberId }),
    if: { kind: 'absent' },
  };
}

export function newProfile(memberId: MemberId, cardNumber: string, wanted: Enrolment, now: number): Profile {
  return {
    memberId,
    revision: 1,
    cardNumber,
    name: wanted.name ?? null,
    email: wanted.email ?? null,
    phone: wanted.phone ?? null,
    birthday: wanted.birthday ?? null,
    locale: wanted.locale ?? 'en',
    consents: consentsAt({}, wanted.consents, now),
    referralCode: wanted.referralCode ?? null,
    formerContacts: [],
  };
}

/** Consents as a record of when each was last given or withdrawn. */
function consentsAt(
  before: Profile['consents'],
  wanted: Readonly<Record<string, boolean>> | undefined,
  now: number,
): Profile['consents'] {
  const changed = Object.entries(wanted ?? {}).filter(
    ([purpose, granted]) => before[purpose]?.granted !== granted,
  );
  return {
    ...before,
    ...Object.fromEntries(changed.map(([purpose, granted]) => [purpose, { granted, at: utc(now) }])),
  };
}

/** The writes that append entries to an account that nobody else has changed since it was read. */
export function appendWrites(previous: Account, account: Account, entries: readonly Entry[]): Write[] {
  return [
    {
      put: toItem(keys.account(account.memberId), 'account', account),
      if:
        previous.version === 0
          ? { kind: 'absent' }
          : { kind: 'unchanged', field: 'version', value: previous.version },
    },
    ...dueWrite(previous.version === 0 ? undefined : previous, account),
    ...entries.map(
      (entry): Write => ({
        put: toItem(keys.entry(entry.memberId, entry.sequence), 'entry', entry),
        if: { kind: 'absent' },
      }),
    ),
  ];
}

/** Turns the ends of a transaction that leave nothing to decide into the error that says so. */
export function unavailable(
  outcome: Exclude<Transacted, { type: 'committed' } | { type: 'refused' }>,
  what: string,
): LedgerUnavailable {
  return new LedgerUnavailable(outcome.type, what, outcome.type === 'unknown' ? outcome.cause : undefined);
}

/** Name, birthday, phone or e-mail, and one consent: what the bonus for a complete profile asks for. */
export function isComplete({ name, birthday, email, phone, consents }: Profile): boolean {
  const consented = Object.values(consents).some(({ granted }) => granted);
  return name !== null && birthday !== null && (email !== null || phone !== null) && consented;
}

export function contactsOf(
  profile: Pick<Profile, 'email' | 'phone'>,
): { kind: 'email' | 'phone'; value: string }[] {
  return [
    ...(profile.email === null ? [] : [{ kind: 'email' as const, value: normaliseEmail(profile.email) }]),
    ...(profile.phone === null ? [] : [{ kind: 'phone' as const, value: profile.phone }]),
  ];
}

/** The hashes of everything that names or has named the person. */
export function contactHashes(context: LedgerContext, profile: Profile): string[] {
  const named = [...contactsOf(profile).map(({ value }) => value), profile.cardNumber];
  return [...new Set([...named.map((one) => contactHash(context, one)), ...profile.formerContacts])];
}

export async function findByLookup(
  context: LedgerContext,
  kind: LookupKind,
  value: string,
): Promise<MemberId | undefined> {
  const item = await context.store.get(keys.lookup(kind, lookupHash(context, kind, value)));
  return item && fromItem(item, 'lookup').memberId;
}

/** The member that a channel means; undefined when there is none such. */
export async function resolveMember(
  context: LedgerContext,
  reference: MemberReference,
): Promise<MemberId | undefined> {
  if (reference.memberId !== undefined) return reference.memberId;
  if (reference.cardNumber !== undefined) return findByLookup(context, 'cardNumber', reference.cardNumber);
  if (reference.email !== undefined) return findByLookup(context, 'email', normaliseEmail(reference.email));
  return reference.phone === undefined ? undefined : findByLookup(context, 'phone', reference.phone);
}

export async function getAccount(context: LedgerContext, memberId: MemberId): Promise<Account | undefined> {
  const item = await context.store.get(keys.account(memberId));
  return item && fromItem(item, 'account');
}

/** The account of somebody who is a member; undefined also for who was one. */
export async function getOpenAccount(
  context: LedgerContext,
  memberId: MemberId,
): Promise<Account | undefined> {
  return ifOpen(await getAccount(context, memberId));
}

export function ifOpen(account: Account | undefined): Account | undefined {
  return account?.status === 'active' ? account : undefined;
}

/** A member with the person; undefined also for who was one, of whom only the account is left. */
export async function getMember(context: LedgerContext, memberId: MemberId): Promise<Member | undefined> {
  const [account, profile] = await Promise.all([
    getOpenAccount(context, memberId),
    context.store.get(keys.profile(memberId)),
  ]);
  return account && profile && { account, profile: fromItem(profile, 'profile') };
}

export async function getEntry(
  context: LedgerContext,
  memberId: MemberId,
  sequence: number,
): Promise<Entry | undefined> {
  const item = await context.store.get(keys.entry(memberId, sequence));
  return item && fromItem(item, 'entry');
}

/** A page of entries, newest first; `before` is the last sequence of the page before. */
export async function listEntries(
  context: LedgerContext,
  memberId: MemberId,
  page: { before?: number; limit: number },
): Promise<Entry[]> {
  const { pk, sk } = keys.entry(memberId, page.before ?? 0);
  const items = await context.store.query(pk, {
    prefix: entryPrefix,
    descending: true,
    limit: page.limit,
    ...(page.before === undefined ? {} : { after: sk }),
  });
  return items.map((item) => fromItem(item, 'entry'));
}

export type Changed =
  | { readonly type: 'changed'; readonly member: Member }
  | { readonly type: 'missing' }
  | { readonly type: 'exists'; readonly field: 'email' | 'phone' };

/**
 * Changes a profile. Look-ups move in the same transaction; where the card shows what changed, an entry is
 * written too, so that every wallet follows by the member's version alone.
 */
export async function changeProfile(
  context: LedgerContext,
  program: Program,
  memberId: MemberId,
  wanted: ProfileChange,
  now: number,
): Promise<Changed> {
  for (let attempt = 1; attempt <= decisionsMax; attempt++) {
    const member = await getMember(context, memberId);
    if (!member) return { type: 'missing' };
    const changed = changedProfile(member.profile, wanted, now);
    // What is as it was asked to be is left alone: a repeat writes nothing.
    if (canonicalJson({ ...changed, revision: 0 }) === canonicalJson({ ...member.profile, revision: 0 }))
      return { type: 'changed', member };
    const before = contactsOf(member.profile);
    const after = contactsOf(changed);
    const differs = (one: { kind: string; value: string }, others: typeof before) =>
      !others.some((other) => other.kind === one.kind && other.value === one.value);
    const added = after.filter((one) => differs(one, before));
    const removed = before.filter((one) => differs(one, after));
    const profile = { ...changed, formerContacts: formerContacts(context, changed, removed) };
    const shown = profile.name !== member.profile.name || profile.locale !== member.profile.locale;
    const unchanged: Plan = { account: member.account, entries: [] };
    const noted = shown ? noteProfileChange(program, member.account, now) : unchanged;
    const plan = isComplete(profile) ? withProfileBonus(program, noted, now) : noted;
    const { account, entries } = seal(plan, member.account, entryIds(now), context.sha256);
    const outcome = await context.store.transact([
      ...added.map(({ kind, value }) => lookupWrite(context, kind, value, memberId)),
      {
        put: toItem(keys.profile(memberId), 'profile', profile),
        if: { kind: 'unchanged', field: 'revision', value: member.profile.revision },
      },
      ...removed.map(({ kind, value }) => lookupDelete(context, kind, value)),
      ...(entries.length > 0 ? appendWrites(member.account, account, entries) : []),
      ...birthdayWrites(memberId, member.profile.birthday, profile.birthday),
    ]);
    if (outcome.type === 'committed') return { type: 'changed', member: { account, profile } };
    if (outcome.type !== 'refused') throw unavailable(outcome, 'Changing a profile');
    const taken = added.find((_, index) => isOthers(outcome.items, index, memberId));
    if (taken) return { type: 'exists', field: taken.kind };
    await backOff(context, attempt);
  }
  throw new LedgerUnavailable('contended', 'Changing a profile');
}

/** Of contacts that were replaced so many are remembered, by their hashes. */
const formerContactsMax = 20;

function formerContacts(
  context: LedgerContext,
  profile: Profile,
  removed: readonly { readonly value: string }[],
): string[] {
  const hashes = removed.map(({ value }) => contactHash(context, value));
  return [...new Set([...profile.formerContacts, ...hashes])].slice(-formerContactsMax);
}

/** Whether a refused look-up belongs to somebody else (and is not our own, written by a lost first try). */
function isOthers(
  refused: ReadonlyMap<number, Item | undefined>,
  index: number,
  memberId: MemberId,
): boolean {
  const item = refused.get(index);
  return item !== undefined && fromItem(item, 'lookup').memberId !== memberId;
}

function changedProfile(profile: Profile, wanted: ProfileChange, now: number): Profile {
  return {
    ...profile,
    revision: profile.revision + 1,
    name: wanted.name ?? profile.name,
    email: wanted.email ?? profile.email,
    phone: wanted.phone ?? profile.phone,
    birthday: wanted.birthday ?? profile.birthday,
    locale: wanted.locale ?? profile.locale,
    consents: consentsAt(profile.consents, wanted.consents, now),
  };
}

/**
 * Members: enrolment with exact uniqueness of card number, e-mail and phone, look-ups by keyed hash, profiles.
 * E-mail and phone must come normalised (see contacts.ts; phones as E.164).
 */

import { type Account, type Entry, idsOf } from '../../core/account.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { ContactStatus, Enrolment, MemberReference } from '../../core/contract/shapes/member.ts';
import { ownValue } from '../../core/own.ts';
import { phoneForms } from '../../core/phones.ts';
import { mailboxOf } from '../../core/referrals.ts';
import type { Known } from '../../core/security.ts';
import type { LedgerContext } from '../store/context.ts';
import { entryPrefix, fromItem, keys, type LookupKind, type Profile, toItem } from '../store/items.ts';
import { absent, type Key, nothing, type Standing, type Write } from '../store/store.ts';
import { contactHash, normaliseEmail, spelling } from './contacts.ts';

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
    if: absent,
  };
}

export const defaultLocale = 'en';

export function newProfile(memberId: MemberId, cardNumber: string, wanted: Enrolment, now: number): Profile {
  return {
    memberId,
    revision: 1,
    cardNumber,
    name: wanted.name ?? null,
    email: wanted.email ?? null,
    phone: wanted.phone ?? null,
    birthday: wanted.birthday ?? null,
    locale: wanted.locale ?? defaultLocale,
    consents: consentsAt({}, wanted.consents, now),
    referralCode: wanted.referralCode ?? null,
    formerContacts: [],
  };
}

/** Consents as a record of when each was last given or withdrawn. */
export function consentsAt(
  before: Profile['consents'],
  wanted: Readonly<Record<string, boolean>> | undefined,
  now: number,
): Profile['consents'] {
  const changed = Object.entries(wanted ?? {}).filter(
    ([purpose, granted]) => ownValue(before, purpose)?.granted !== granted,
  );
  return {
    ...before,
    ...Object.fromEntries(changed.map(([purpose, granted]) => [purpose, { granted, at: utc(now) }])),
  };
}

/** Name, birthday, phone or e-mail, and one consent: what the bonus for a complete profile asks for. */
export function isComplete({ name, birthday, email, phone, consents }: Profile): boolean {
  const consented = Object.values(consents).some(({ granted }) => granted);
  return name !== null && birthday !== null && (email !== null || phone !== null) && consented;
}

export type ContactKind = 'email' | 'phone';
export const contactKinds: readonly ContactKind[] = ['email', 'phone'];

export interface Contact {
  readonly kind: ContactKind;
  /** In the form by which it is found. */
  readonly value: string;
  /** Under which a look-up of before may lie, where that is another one. */
  readonly before?: string;
}

export function contactOf(kind: ContactKind, given: string): Contact {
  if (kind === 'phone') return { kind, value: given };
  const [value, before] = [normaliseEmail(given), spelling(given)];
  return value === before ? { kind, value } : { kind, value, before };
}

export function contactsOf(profile: Pick<Profile, ContactKind>): Contact[] {
  return contactKinds.flatMap((kind) => {
    const given = profile[kind];
    return given === null ? [] : [contactOf(kind, given)];
  });
}

/** How it is known that a contact is the member's. */
export function contactStatusOf({ proofs }: Pick<Profile, 'proofs'>, kind: ContactKind): ContactStatus {
  return proofs?.[kind]?.status ?? 'vouched';
}

/** What core/security.ts asks of a member. */
export function knownOf(profile: Profile): Known {
  const statuses = contactsOf(profile).map(({ kind }) => contactStatusOf(profile, kind));
  const isDoubted = heldContactsOf(profile).some(
    ({ kind }) => contactStatusOf(profile, kind) === 'unconfirmed',
  );
  return { isPublic: profile.joined === 'public', statuses, isDoubted };
}

/** The contacts that lead to a member. */
export function heldContactsOf(profile: Pick<Profile, ContactKind | 'proofs'>): Contact[] {
  return contactsOf(profile).filter(({ kind }) => profile.proofs?.[kind]?.held ?? true);
}

/** The places at which a contact leads to its member: one of them has an item at most. */
export function contactKeys(context: LedgerContext, { kind, value, before }: Contact): Key[] {
  return [value, ...(before === undefined ? [] : [before])].map((one) => lookupKey(context, kind, one));
}

/** The writes that make a contact lead to a member, unless it leads to somebody. */
export function contactWrites(context: LedgerContext, contact: Contact, memberId: MemberId): Write[] {
  const [, ...before] = contactKeys(context, contact);
  return [
    lookupWrite(context, contact.kind, contact.value, memberId),
    ...before.map((check): Write => ({ check, if: absent })),
  ];
}

export function contactDeletes(context: LedgerContext, contact: Contact): Write[] {
  return contactKeys(context, contact).map((key) => ({ delete: key }));
}

/** To whom a contact leads, when that stood in the way. */
export function takenBy(context: LedgerContext, contact: Contact, found: Standing): MemberId | undefined {
  const items = contactKeys(context, contact).map((key) => found.at(key));
  const item = items.find((one) => one !== undefined);
  return item && fromItem(item, 'lookup').memberId;
}

/** The member to whom a contact leads. */
export async function findByContact(context: LedgerContext, contact: Contact): Promise<MemberId | undefined> {
  for (const key of contactKeys(context, contact)) {
    const item = await context.store.get(key);
    if (item) return fromItem(item, 'lookup').memberId;
  }
  return undefined;
}

/** The hashes by which a person is known again: the contact's, and that of the mailbox behind an address. */
export function personHashes(context: LedgerContext, { kind, value }: Contact): string[] {
  const names = kind === 'email' ? [value, mailboxOf(value)] : [value];
  return [...new Set(names.map((one) => contactHash(context, one)))];
}

/** The hashes by which a contact is recognised in a text, however it is written there. */
export function contactTraces(context: LedgerContext, contact: Contact): string[] {
  const forms = contact.kind === 'phone' ? phoneForms(contact.value) : [];
  const hashes = forms.map((form) => contactHash(context, form));
  return [...new Set([...personHashes(context, contact), ...hashes])];
}

/**
 * The hashes of everything that names or has named the person. A contact that leads to somebody else, and that nobody
 * has confirmed, is not taken for theirs.
 */
export function contactHashes(context: LedgerContext, profile: Profile): string[] {
  const named = heldContactsOf(profile).flatMap((contact) => contactTraces(context, contact));
  return [...new Set([...named, contactHash(context, profile.cardNumber), ...profile.formerContacts])];
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
  for (const kind of contactKinds) {
    const given = reference[kind];
    if (given !== undefined) return findByContact(context, contactOf(kind, given));
  }
  return undefined;
}

export async function getAccount(context: LedgerContext, memberId: MemberId): Promise<Account | undefined> {
  const item = await context.store.get(keys.account(memberId));
  return item && fromItem(item, 'account');
}

/**
 * The account that whatever stands under a member's id is on by now: who was merged into another has gone there, and
 * with everything that names them. Closed accounts are answered, too.
 * @param found what stood in the way of the attempts before: it need not be read again
 */
export async function currentAccount(
  context: LedgerContext,
  memberId: MemberId,
  found: Standing = nothing,
): Promise<Account | undefined> {
  for (let id = memberId; ; ) {
    const item = found.at(keys.account(id)) ?? (await context.store.get(keys.account(id)));
    const account = item && fromItem(item, 'account');
    if (account?.status !== 'merged' || !account.mergedInto) return account;
    id = account.mergedInto;
  }
}

/** The account of somebody who is a member, as whoever they were merged into; undefined also for who was one. */
export async function getOpenAccount(
  context: LedgerContext,
  memberId: MemberId,
): Promise<Account | undefined> {
  return ifOpen(await currentAccount(context, memberId));
}

/** A member's account: the one that stood in the way of the last attempt, or else read. */
export async function accountOf(
  context: LedgerContext,
  memberId: MemberId,
  found: Standing,
): Promise<Account | undefined> {
  return ifOpen(await currentAccount(context, memberId, found));
}

export function ifOpen(account: Account | undefined): Account | undefined {
  return account?.status === 'active' ? account : undefined;
}

/** The account behind a card, also where it has gone to another: its phones are told so. Undefined for who has left. */
export async function getCardAccount(
  context: LedgerContext,
  memberId: MemberId,
): Promise<Account | undefined> {
  const account = await getAccount(context, memberId);
  return account?.status === 'closed' ? undefined : account;
}

/** The id that a member goes by now: their own, unless they were merged. */
export async function currentId(context: LedgerContext, memberId: MemberId): Promise<MemberId> {
  return (await currentAccount(context, memberId))?.memberId ?? memberId;
}

/** A member with the person; undefined also for who was one, of whom only the account is left. */
export async function getMember(context: LedgerContext, memberId: MemberId): Promise<Member | undefined> {
  const [account, own] = await Promise.all([
    getOpenAccount(context, memberId),
    context.store.get(keys.profile(memberId)),
  ]);
  if (!account) return undefined;
  const isMerged = account.memberId !== memberId;
  const profile = isMerged ? await context.store.get(keys.profile(account.memberId)) : own;
  return profile && { account, profile: fromItem(profile, 'profile') };
}

/** Every id of a person: whoever they were merged into comes first, also where they have left since. */
export async function idsOfPerson(context: LedgerContext, memberId: MemberId): Promise<readonly MemberId[]> {
  for (let id = memberId; ; ) {
    const account = await getAccount(context, id);
    if (!account?.mergedInto) return account ? idsOf(account) : [];
    id = account.mergedInto;
  }
}

/** Those who were merged into a member, with what is kept of each. */
export async function mergedInto(
  context: LedgerContext,
  { merged = [] }: Pick<Account, 'merged'>,
): Promise<Member[]> {
  const found = await Promise.all(
    merged.map(async (memberId) => {
      const [account, profile] = await Promise.all([
        getAccount(context, memberId),
        context.store.get(keys.profile(memberId)),
      ]);
      return account && profile ? [{ account, profile: fromItem(profile, 'profile') }] : [];
    }),
  );
  return found.flat();
}

/** The profile of somebody who was merged, as far as what names them leads on: what their own card still shows. */
export async function getMovedProfile(
  context: LedgerContext,
  memberId: MemberId,
): Promise<Profile | undefined> {
  const item = await context.store.get(keys.profile(memberId));
  const profile = item && fromItem(item, 'profile');
  return profile?.merged?.leads ? profile : undefined;
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

/** Changes of a member's profile. */
import { type Account, balanceOf, isTheirs } from '../../core/account.ts';
import { canonicalJson } from '../../core/canonical.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { ProfileChange } from '../../core/contract/shapes/member.ts';
import { noteProfileChange, type Plan, settle, withProfileBonus } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import { holdContact } from '../../core/security.ts';
import { auditWrite, type Operator } from '../operators/audit.ts';
import type { LedgerContext } from '../store/context.ts';
import { decide } from '../store/decide.ts';
import { type Decision, decideOnce, type Once, outcomeOf, type Reply } from '../store/idempotency.ts';
import { keys, type Profile, toItem } from '../store/items.ts';
import { asRead, type Standing, type Write } from '../store/store.ts';
import { append } from './append.ts';
import { type DuePlace, datesOf, proofDuePlace, proofDueWrite, takenDuePlace, yearlyWrites } from './due.ts';
import {
  type Contact,
  type ContactKind,
  consentsAt,
  contactDeletes,
  contactKinds,
  contactOf,
  contactStatusOf,
  contactsOf,
  contactTraces,
  contactWrites,
  defaultLocale,
  getMember,
  heldContactsOf,
  isComplete,
  type Member,
  takenBy,
} from './members.ts';
import { hasProof, type Taking, takingOf, takingWrites } from './taking.ts';

export type Changed =
  | {
      readonly type: 'changed';
      readonly member: Member;
      /** What follows from it is to be looked at. */
      readonly due: readonly DuePlace[];
    }
  | { readonly type: 'missing' }
  | { readonly type: 'exists'; readonly field: ContactKind }
  /** It would take the last way to reach the member. */
  | { readonly type: 'last_contact'; readonly field: ContactKind };

/**
 * Changes a profile. Look-ups move in the same transaction; where the card shows what changed, an entry is
 * written too, so that every wallet follows by the member's version alone.
 * @throws LedgerUnavailable when the outcome is unknown: it is safe to repeat
 */
export async function changeProfile(
  context: LedgerContext,
  program: Program,
  memberId: MemberId,
  wanted: ProfileChange,
  now: number,
): Promise<Changed> {
  return outcomeOf<Changed>((reply) => changeProfileOnce(context, program, memberId, wanted, reply, now));
}

/** Changes a profile, once for a key: whoever repeats the request gets the answer to the first. */
export async function changeProfileOnce(
  context: LedgerContext,
  program: Program,
  memberId: MemberId,
  wanted: ProfileChange,
  reply: Reply<Changed>,
  now: number,
): Promise<Once> {
  return decideOnce(context, 'Changing a profile', reply.once, now, async ({ found }): Promise<Decision> => {
    const refused = (outcome: Changed) => ({ answer: reply.answer(outcome), writes: [] });
    const member = await getMember(context, memberId);
    if (!member) return refused({ type: 'missing' });
    const changed = changedProfile(member.profile, wanted, now);
    const last = lastContact(member.profile, changed);
    if (last) return refused({ type: 'last_contact', field: last });
    const takings = await takingsOf(context, changed, member.account, found);
    if (typeof takings === 'string') return refused({ type: 'exists', field: takings });
    const done = (after: Member, writes: readonly Write[], due: readonly DuePlace[]) => ({
      answer: reply.answer({ type: 'changed', member: after, due }),
      writes,
      about: memberId,
    });
    // What is as it was asked to be is left alone: a repeat writes nothing. An answer that is kept tells about the
    // person, so it is kept only of somebody who has not left meanwhile.
    if (canonicalJson({ ...changed, revision: 0 }) === canonicalJson({ ...member.profile, revision: 0 }))
      return done(
        member,
        reply.once ? [{ check: keys.profile(memberId), if: asRead(member.profile) }] : [],
        [],
      );
    const planned = plan(context, program, member, changed, { found, takings }, now);
    return done(planned.member, planned.writes, planned.due);
  });
}

/** The contact that a change takes away without leaving one; who never had one needs none. */
function lastContact(before: Profile, after: Profile): ContactKind | undefined {
  return contactsOf(after).length > 0 ? undefined : contactsOf(before)[0]?.kind;
}

/** Who has the new contacts by their word alone; or which of them is known to be somebody else's. */
async function takingsOf(
  context: LedgerContext,
  profile: Profile,
  account: Account,
  found: Standing,
): Promise<readonly Taking[] | ContactKind> {
  const takings: Taking[] = [];
  for (const contact of heldContactsOf(profile)) {
    const owner = takenBy(context, contact, found);
    // Our own is one that a lost first try has written.
    if (owner === undefined || isTheirs(account, owner)) continue;
    const taking = await takingOf(context, contact, owner);
    if (!taking) return contact.kind;
    takings.push(taking);
  }
  return takings;
}

/** What a change writes, and the member after it. */
function plan(
  context: LedgerContext,
  program: Program,
  { account: opened, profile: old }: Member,
  changed: Profile,
  standing: { readonly found: Standing; readonly takings: readonly Taking[] },
  now: number,
): { member: Member; writes: Write[]; due: DuePlace[] } {
  const { found, takings } = standing;
  const { memberId } = old;
  const [before, after] = [heldContactsOf(old), heldContactsOf(changed)];
  const differs = (one: Contact, others: readonly Contact[]) =>
    !others.some((other) => other.kind === one.kind && other.value === one.value);
  const added = after.filter((one) => differs(one, before));
  const removed = before.filter((one) => differs(one, after));
  const profile: Profile = {
    ...changed,
    formerContacts: formerContacts(context, changed, removed),
    ...(removed.length > 0 ? heldAfter(program, { account: opened, profile: old }, now) : {}),
  };
  const isKnown = after.some(
    (contact) =>
      contactStatusOf(changed, contact.kind) !== 'unconfirmed' &&
      (contactStatusOf(old, contact.kind) === 'unconfirmed' || added.includes(contact)),
  );
  const isFree = ({ kind }: Contact) => !takings.some(({ contact }) => contact.kind === kind);
  const shown = profile.name !== old.name || profile.locale !== old.locale;
  const nothing: Plan = { account: opened, entries: [] };
  const noted = shown ? noteProfileChange(program, opened, now) : nothing;
  const planned = isComplete(profile) ? withProfileBonus(program, noted, now) : noted;
  const { account, writes: appended } = append(context, opened, planned, now);
  const writes: Write[] = [
    ...added.filter(isFree).flatMap((contact) => takeContact(context, contact, opened, found)),
    ...takings.flatMap((taking) => takingWrites(context, taking, memberId, now)),
    { put: toItem(keys.profile(memberId), 'profile', profile), if: asRead(old) },
    ...removed.flatMap((contact) => contactDeletes(context, contact)),
    ...appended,
    ...(isKnown ? [proofDueWrite(memberId, now)] : []),
    ...yearlyWrites(memberId, datesOf(old, opened), datesOf(profile, opened)),
  ];
  const due = [
    ...takings.map(({ from }) => takenDuePlace(from.account.memberId, now)),
    ...(isKnown ? [proofDuePlace(memberId, now)] : []),
  ];
  return { member: { account, profile }, writes, due };
}

/** A contact comes to a member: from nobody, or from somebody who was merged into them. */
function takeContact(context: LedgerContext, contact: Contact, account: Account, found: Standing): Write[] {
  const [write, ...others] = contactWrites(context, contact, account.memberId);
  const owner = takenBy(context, contact, found);
  if (!write || owner === undefined || !account.merged?.includes(owner))
    return write ? [write, ...others] : [];
  return [{ ...write, if: { kind: 'unchanged', fields: { memberId: owner } } }, ...others];
}

/**
 * What is held once a contact that was there is another, or one was given by the card: one that a channel or an operator
 * gives for the first time holds nothing.
 */
export function heldAfter(
  program: Program,
  { account, profile }: Member,
  now: number,
): Pick<Profile, 'contactHold'> {
  const { available } = balanceOf(settle(program, account, now).account);
  const contactHold = holdContact(program, available, profile.contactHold, now);
  return contactHold ? { contactHold } : {};
}

/**
 * Lets a member spend all points again before a hold ends by itself; who and why is written down.
 * @throws LedgerUnavailable when the outcome is unknown: the same key is then safe
 */
export async function liftContactHold(
  context: LedgerContext,
  memberId: MemberId,
  by: { readonly operator: Operator; readonly reason: string },
  reply: Reply<Changed>,
  now: number,
): Promise<Once> {
  return decideOnce(context, `Lifting the hold of ${memberId}`, reply.once, now, async () => {
    const member = await getMember(context, memberId);
    if (!member) return { answer: reply.answer({ type: 'missing' }), writes: [] };
    const { contactHold, ...rest } = member.profile;
    const profile = { ...rest, revision: rest.revision + 1 };
    const done = { action: 'lift_contact_hold', subject: memberId, reason: by.reason };
    const writes: Write[] = [
      { put: toItem(keys.profile(memberId), 'profile', profile), if: asRead(member.profile) },
      auditWrite(context, by.operator, done, now),
    ];
    const after = contactHold ? { account: member.account, profile } : member;
    return {
      answer: reply.answer({ type: 'changed', member: after, due: [] }),
      writes: contactHold ? writes : [{ check: keys.profile(memberId), if: asRead(member.profile) }],
      about: memberId,
    };
  });
}

/** Of contacts that were replaced so many are remembered, by their hashes. */
export const formerContactsMax = 20;

function formerContacts(context: LedgerContext, profile: Profile, removed: readonly Contact[]): string[] {
  const hashes = removed.flatMap((contact) => contactTraces(context, contact));
  return [...new Set([...profile.formerContacts, ...hashes])].slice(-formerContactsMax);
}

function changedProfile(profile: Profile, wanted: ProfileChange, now: number): Profile {
  return {
    ...profile,
    revision: profile.revision + 1,
    name: given(wanted.name, profile.name),
    email: given(wanted.email, profile.email),
    phone: given(wanted.phone, profile.phone),
    birthday: given(wanted.birthday, profile.birthday),
    locale: given(wanted.locale, profile.locale) ?? defaultLocale,
    consents: consentsAt(profile.consents, wanted.consents, now),
    ...vouchedFor(profile, wanted),
  };
}

/**
 * Whoever sells vouches for the contacts that they give; what was confirmed stays so. The same again of somebody who has
 * proved nothing says nothing: it is how they were found, and whoever made the card may be somebody else. Enrolled anew,
 * the person gets a card of their own.
 */
function vouchedFor(profile: Profile, wanted: ProfileChange): Pick<Profile, 'proofs'> {
  if (!profile.proofs) return {};
  const isSomebody = profile.joined !== 'public' || hasProof({ profile });
  const proofs = Object.entries(profile.proofs).filter(([name, proof]) => {
    const kind = name as ContactKind;
    const [given, had] = [wanted[kind], profile[kind]];
    if (given === undefined) return true;
    if (given === null || had === null || (isSomebody && proof.status !== 'confirmed')) return false;
    return contactOf(kind, given).value === contactOf(kind, had).value;
  });
  return { proofs: Object.fromEntries(proofs) };
}

/** What is asked for; null takes away what was there. */
function given<T>(wanted: T | null | undefined, before: T | null): T | null {
  return wanted === undefined ? before : wanted;
}

// By the bearer of a card ---------------------------------------------------------------------------------------------

/** What a card can add: each only where there is none. */
export type Missing = Pick<ProfileChange, 'name' | 'birthday' | ContactKind | 'consents'>;
const addable = ['name', 'birthday', ...contactKinds] as const;

export type Added =
  | { readonly type: 'added'; readonly member: Member }
  | { readonly type: 'missing' }
  /** It is there already; whether it is the same is not said. */
  | { readonly type: 'given'; readonly fields: readonly string[] };

/**
 * Adds to a profile what it lacks, for whoever has the card: nothing that is there is changed or told. A contact is one
 * that nobody has confirmed yet, and leads nowhere until it is. Since the card may be a stolen one, a part of the points
 * has to stay from then on, and anew from when it is confirmed.
 * @throws LedgerUnavailable when the outcome is unknown: whoever asks again may be told that it is there
 */
export async function addToProfile(
  context: LedgerContext,
  program: Program,
  memberId: MemberId,
  wanted: Missing,
  now: number,
): Promise<Added> {
  return decide<Added>(context, `Adding to the profile of ${memberId}`, async ({ found }) => {
    const member = await getMember(context, memberId);
    if (!member) return { result: { type: 'missing' }, writes: [] };
    const { profile } = member;
    const fields = addable.filter((name) => wanted[name] !== undefined && profile[name] !== null);
    if (fields.length > 0) return { result: { type: 'given', fields }, writes: [] };
    const contacts = contactKinds.filter((kind) => wanted[kind] !== undefined);
    const proof = { status: 'unconfirmed' as const, at: utc(now), held: false, byCard: true as const };
    const after: Profile = {
      ...changedProfile(profile, wanted, now),
      ...(contacts.length > 0 ? heldAfter(program, member, now) : {}),
      proofs: { ...profile.proofs, ...Object.fromEntries(contacts.map((kind) => [kind, proof])) },
    };
    const planned = plan(context, program, member, after, { found, takings: [] }, now);
    return { result: { type: 'added', member: planned.member }, writes: planned.writes };
  });
}

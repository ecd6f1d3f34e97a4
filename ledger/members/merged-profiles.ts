/**
 * What a merge makes of two profiles, and its undoing: contacts and names that one lacks come from the other, what one
 * has withdrawn is withdrawn, and what names the one who was merged leads to the other, or nowhere.
 */
import { canonicalJson } from '../../core/canonical.ts';
import type { ContactHold } from '../../core/security.ts';
import type { LedgerContext } from '../store/context.ts';
import { fromItem, keys, type Profile, toItem } from '../store/items.ts';
import { absent, asRead, type Write } from '../store/store.ts';
import { contactHash } from './contacts.ts';
import { datesOf, yearlyWrites } from './due.ts';
import {
  cardToken,
  contactTraces,
  heldContactsOf,
  lookupDelete,
  lookupKey,
  lookupWrite,
  type Member,
} from './members.ts';
import { formerContactsMax } from './profiles.ts';
import { referralCode } from './referrals.ts';

interface Both {
  readonly into: Member;
  readonly from: Member;
}

/** What who stays takes over where they lack it. */
const shared = ['name', 'email', 'phone', 'birthday'] as const;

/** Whoever has withdrawn a consent anywhere has withdrawn it. */
function stricter(one: Profile['consents'], other: Profile['consents']): Profile['consents'] {
  const purposes = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries(
    [...purposes].flatMap((purpose) => {
      const [a, b] = [one[purpose], other[purpose]];
      const said = !a || (b && !b.granted && a.granted) ? b : a;
      return said ? [[purpose, said] as const] : [];
    }),
  );
}

/** Points that had to stay on either side have to stay. */
function holdOfBoth(one?: ContactHold, other?: ContactHold): Pick<Profile, 'contactHold'> {
  if (!one || !other) return one || other ? { contactHold: (one ?? other) as ContactHold } : {};
  return {
    contactHold: {
      since: one.since > other.since ? one.since : other.since,
      until: one.until > other.until ? one.until : other.until,
      keeps: one.keeps + other.keeps,
    },
  };
}

/** How what is taken over is known to be the person's. */
function proofsOf(one: Profile, other: Profile, gave: readonly string[]): Pick<Profile, 'proofs'> {
  const taken = Object.entries(other.proofs ?? {}).filter(([kind]) => gave.includes(kind));
  const proofs = { ...one.proofs, ...Object.fromEntries(taken) };
  return Object.keys(proofs).length > 0 ? { proofs } : {};
}

/** The hashes of what names the other: should this one ever be forgotten, that is, too. */
function formerOf(context: LedgerContext, { into, from }: Both, leads: boolean): readonly string[] {
  const contacts = leads ? heldContactsOf(from.profile) : [];
  const named = contacts.flatMap((contact) => contactTraces(context, contact));
  const hashes = [...from.profile.formerContacts, ...named, contactHash(context, from.profile.cardNumber)];
  return [...new Set([...into.profile.formerContacts, ...hashes])].slice(-formerContactsMax);
}

/** What a merge writes of the persons, and the profile of the one who stays. */
export function joinedWrites(
  context: LedgerContext,
  both: Both,
  leads: boolean,
  now: number,
): { into: Profile; writes: Write[] } {
  const { into, from } = both;
  const [one, other] = [into.profile, from.profile];
  // A contact that leads to somebody else, or to nobody before it is confirmed, is nothing to take over.
  const held = new Set<string>(heldContactsOf(other).map(({ kind }) => kind));
  const isTheirs = (name: (typeof shared)[number]) =>
    (name !== 'email' && name !== 'phone') || held.has(name);
  const isGiven = (name: (typeof shared)[number]) =>
    one[name] === null && other[name] !== null && isTheirs(name);
  // What somebody else may have said is nothing to go by.
  const gave = leads ? shared.filter(isGiven) : [];
  const { contactHold: _, ...rest } = one;
  const isOpen = (hold: ContactHold | undefined) => (hold && Date.parse(hold.until) > now ? hold : undefined);
  const after: Profile = {
    ...rest,
    ...Object.fromEntries(gave.map((name) => [name, other[name]])),
    revision: one.revision + 1,
    consents: leads ? stricter(one.consents, other.consents) : one.consents,
    ...proofsOf(one, other, gave),
    formerContacts: formerOf(context, both, leads),
    ...holdOfBoth(isOpen(one.contactHold), isOpen(other.contactHold)),
  };
  const gone: Profile = {
    ...other,
    revision: other.revision + 1,
    merged: { into: one.memberId, leads, gave, consents: one.consents },
  };
  return {
    into: after,
    writes: [
      { put: toItem(keys.profile(one.memberId), 'profile', after), if: asRead(one) },
      { put: toItem(keys.profile(other.memberId), 'profile', gone), if: asRead(other) },
      ...yearlyWrites(other.memberId, datesOf(other, from.account), null),
      ...yearlyWrites(one.memberId, datesOf(one, into.account), datesOf(after, into.account)),
      ...(leads ? [] : endedLookups(context, after, other)),
    ],
  };
}

/** What named somebody leads nowhere any more; the contacts that were taken over lead to who has them. */
function endedLookups(context: LedgerContext, after: Profile, gone: Profile): Write[] {
  const { memberId } = gone;
  const kept = new Set(heldContactsOf(after).map(({ kind, value }) => `${kind} ${value}`));
  return [
    ...heldContactsOf(gone).map(({ kind, value }): Write => {
      const key = lookupKey(context, kind, value);
      const isTheirs = { kind: 'unchanged' as const, fields: { memberId } };
      return kept.has(`${kind} ${value}`)
        ? { put: toItem(key, 'lookup', { memberId: after.memberId }), if: isTheirs }
        : { delete: key, if: isTheirs };
    }),
    lookupDelete(context, 'cardNumber', gone.cardNumber),
    lookupDelete(context, 'cardToken', cardToken(context, memberId)),
    lookupDelete(context, 'referralCode', referralCode(context, memberId)),
  ];
}

/**
 * What the undoing of a merge writes of the persons: each has again what was theirs, but for what was changed since, and
 * contacts that are somebody else's by now.
 */
export async function partedWrites(
  context: LedgerContext,
  { into, from }: Both,
): Promise<{ into: Profile; writes: Write[] }> {
  const [one, { merged, ...other }] = [into.profile, from.profile];
  const { gave = [], consents: before = {}, leads = true } = merged ?? {};
  const back = gave.filter((name) => one[name] === other[name]);
  const together = leads ? stricter(before, other.consents) : before;
  const consents = Object.entries(one.consents).flatMap(([purpose, said]) => {
    const isSame = canonicalJson(said) === canonicalJson(together[purpose] ?? null);
    const own = isSame ? before[purpose] : said;
    return own ? [[purpose, own] as const] : [];
  });
  const { proofs: known, ...rest } = one;
  const proofs = Object.entries(known ?? {}).filter(([kind]) => !back.some((name) => name === kind));
  const after: Profile = {
    ...rest,
    ...(proofs.length > 0 ? { proofs: Object.fromEntries(proofs) } : {}),
    ...Object.fromEntries(back.map((name) => [name, null])),
    revision: one.revision + 1,
    consents: Object.fromEntries(consents),
  };
  const contacts = await contactsBack(context, other, after);
  const again: Profile = { ...other, ...contacts.lost, revision: other.revision + 1 };
  const { memberId } = other;
  return {
    into: after,
    writes: [
      { put: toItem(keys.profile(one.memberId), 'profile', after), if: asRead(one) },
      { put: toItem(keys.profile(memberId), 'profile', again), if: asRead(from.profile) },
      ...contacts.writes,
      ...(leads
        ? []
        : [
            lookupWrite(context, 'cardNumber', other.cardNumber, memberId),
            lookupWrite(context, 'cardToken', cardToken(context, memberId), memberId),
            lookupWrite(context, 'referralCode', referralCode(context, memberId), memberId),
          ]),
      ...yearlyWrites(memberId, null, datesOf(again, from.account)),
      ...yearlyWrites(one.memberId, datesOf(one, into.account), datesOf(after, into.account)),
    ],
  };
}

/** The contacts of somebody who is apart again, and those that are another's meanwhile. */
async function contactsBack(
  context: LedgerContext,
  profile: Omit<Profile, 'merged'>,
  into: Profile,
): Promise<{ lost: Partial<Pick<Profile, 'email' | 'phone'>>; writes: Write[] }> {
  const kept = new Set(heldContactsOf(into).map(({ kind, value }) => `${kind} ${value}`));
  const lost: Partial<Record<'email' | 'phone', null>> = {};
  const writes: Write[] = [];
  for (const { kind, value } of heldContactsOf(profile)) {
    const key = lookupKey(context, kind, value);
    const item = await context.store.get(key);
    const owner = item && fromItem(item, 'lookup').memberId;
    const put = toItem(key, 'lookup', { memberId: profile.memberId });
    if (owner === undefined) writes.push({ put, if: absent });
    else if (owner === into.memberId && !kept.has(`${kind} ${value}`))
      writes.push({ put, if: { kind: 'unchanged', fields: { memberId: owner } } });
    else if (owner !== profile.memberId) lost[kind] = null;
  }
  return { lost, writes };
}

/**
 * A contact that somebody has by their word alone goes to whoever is known to have it: who has proved it, or is vouched
 * for by somebody who sells. What was gathered by it follows; the card that it was gathered with ends, since whoever made
 * it may be somebody else.
 */
import type { MemberId } from '../../core/contract/ids.ts';
import { isProven } from '../../core/security.ts';
import type { LedgerContext } from '../store/context.ts';
import { keys, type Profile, toItem } from '../store/items.ts';
import { asRead, type Write } from '../store/store.ts';
import { takenDueWrite } from './due.ts';
import {
  type Contact,
  type ContactKind,
  contactKeys,
  contactStatusOf,
  getMember,
  knownOf,
  type Member,
} from './members.ts';

/** A contact, and who has it by their word alone. */
export interface Taking {
  readonly contact: Contact;
  readonly from: Member;
}

export function isUnconfirmed({ profile }: Member, kind: ContactKind): boolean {
  return contactStatusOf(profile, kind) === 'unconfirmed';
}

/** Whether one contact at least is known to be theirs. */
export function hasProof({ profile }: Pick<Member, 'profile'>): boolean {
  return knownOf(profile).statuses.some((status) => status !== 'unconfirmed');
}

/** What can be taken of a contact that leads to somebody; undefined where it is known to be theirs. */
export async function takingOf(
  context: LedgerContext,
  contact: Contact,
  holderId: MemberId,
): Promise<Taking | undefined> {
  const from = await getMember(context, holderId);
  return from && isUnconfirmed(from, contact.kind) ? { contact, from } : undefined;
}

/** The contact leads to somebody else from here on, and what they who had it have gathered without proof goes there. */
export function takingWrites(
  context: LedgerContext,
  { contact, from }: Taking,
  to: MemberId,
  now: number,
): Write[] {
  const { memberId } = from.account;
  const [key, ...before] = contactKeys(context, contact);
  const isTheirs = { kind: 'unchanged' as const, fields: { memberId } };
  return [
    withoutContact(from, contact.kind),
    ...(key ? [{ put: toItem(key, 'lookup', { memberId: to }), if: isTheirs }] : []),
    ...before.map((one): Write => ({ delete: one })),
    ...(isProven(knownOf(from.profile)) ? [] : [takenDueWrite(memberId, to, now)]),
  ];
}

/** A contact that is not theirs is no longer on somebody's card. */
export function withoutContact({ account, profile }: Member, kind: ContactKind): Write {
  const { proofs = {}, ...rest } = profile;
  const { [kind]: _, ...others } = proofs;
  const after: Profile = { ...rest, proofs: others, [kind]: null, revision: profile.revision + 1 };
  return { put: toItem(keys.profile(account.memberId), 'profile', after), if: asRead(profile) };
}

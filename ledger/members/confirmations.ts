/**
 * Proving that a contact is one's own: by a link that was sent there. Whoever proves it is the member whose it is: what
 * somebody else has gathered by it without proof goes to them; and where it is a member's who was vouched for, or has
 * proved it before, the newcomer is that member.
 */
import type { MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { Program } from '../../core/program.ts';
import { isProven } from '../../core/security.ts';
import type { LedgerContext } from '../store/context.ts';
import { commit, decide } from '../store/decide.ts';
import { type Confirmation, fromItem, keys, type Profile, toItem } from '../store/items.ts';
import { absent, asRead, type Write } from '../store/store.ts';
import { contactHash } from './contacts.ts';
import { type DuePlace, proofDuePlace, proofDueWrite, takenDuePlace } from './due.ts';
import { newMember } from './enrolment.ts';
import {
  type Contact,
  type ContactKind,
  cardToken,
  contactsOf,
  contactWrites,
  findByContact,
  getMember,
  knownOf,
  type Member,
} from './members.ts';
import { heldAfter } from './profiles.ts';
import { hasProof, isUnconfirmed, type Taking, takingWrites, withoutContact } from './taking.ts';

/** People read their mail the next day, and some the day after. */
export const linkHours = 72;
const hourMs = 3_600_000;

function codeHash(context: LedgerContext, code: string): string {
  return context.keyed('confirmation code', code);
}

/**
 * The code that proves, for a while, that whoever has it reads what comes to a contact. Like a card's token it is 192 bits
 * that follow from what was asked for and the deployment's key, so the message that is sent again holds the same link;
 * only its hash is kept.
 * @param asked names the request, of which there is one
 * @throws LedgerUnavailable when it is not certain to be kept
 */
export async function newConfirmation(
  context: LedgerContext,
  memberId: MemberId,
  { kind, value }: Contact,
  { proofs }: Pick<Profile, 'proofs'>,
  asked: string,
  now: number,
): Promise<string> {
  const code = context.keyed('confirmation', `${memberId} ${kind} ${asked}`).slice(0, 32);
  const expires = now + linkHours * hourMs;
  const confirmation: Confirmation = {
    memberId,
    kind,
    contact: contactHash(context, value),
    expiresAt: utc(expires),
    ...(proofs?.[kind]?.byCard ? { byCard: true } : {}),
    revision: 1,
  };
  const key = keys.confirmation(codeHash(context, code));
  const put = toItem(key, 'confirmation', confirmation, Math.ceil(expires / 1000));
  // It stands there where the message is sent again.
  await commit(context, 'Keeping a link', [{ put, if: absent }]);
  return code;
}

export type Confirmed =
  /** The contact is this member's: who asked, or who they turned out to be. */
  | {
      readonly type: 'confirmed';
      readonly kind: ContactKind;
      readonly memberId: MemberId;
      /** What follows from it is to be looked at. */
      readonly due: readonly DuePlace[];
    }
  /** No such code, or not any more. */
  | { readonly type: 'expired' }
  /** The contact that the code was sent to is not on that card any more. */
  | { readonly type: 'moved' };

/** What has to become one before a contact can be confirmed: `from` is to be merged into `into`. */
export interface ToMerge {
  readonly into: MemberId;
  readonly from: MemberId;
  /** Whether what leads to `from` may lead to `into`: not where somebody else has it. */
  readonly leads: boolean;
}

/** @returns whether the two are one now */
export type Merge = (wanted: ToMerge) => Promise<boolean>;

export interface ConfirmRequest {
  /** Of the card that the code was sent with. */
  readonly token: string;
  readonly code: string;
  /**
   * Whether whoever has the code made that card, too. Who did not may be anybody: it is then no card of whoever has the
   * contact, who goes on with the one that they have, or with a new one.
   */
  readonly keepsCard: boolean;
}

/**
 * Uses a code. Done again, it answers the same.
 * Of one that was given by the card alone, a part of the points has to stay for a while (see `heldAfter`).
 * @param merge makes two members one; see ledger/members/merges.ts
 * @throws LedgerUnavailable when the outcome is unknown: it is safe to repeat
 */
export async function confirmContact(
  context: LedgerContext,
  program: Program,
  wanted: ConfirmRequest,
  merge: Merge,
  now: number,
): Promise<Confirmed> {
  let isWhole = true;
  for (;;) {
    const next = await step(context, program, wanted, isWhole, now);
    if (!('into' in next)) return next;
    isWhole = await merge(next);
  }
}

const expired = { result: { type: 'expired' as const }, writes: [] };
const moved = { result: { type: 'moved' as const }, writes: [] };

/** Confirms, or says what has to be merged before; of two that cannot be one, only the contact changes hands. */
async function step(
  context: LedgerContext,
  program: Program,
  wanted: ConfirmRequest,
  isWhole: boolean,
  now: number,
): Promise<Confirmed | ToMerge> {
  return decide<Confirmed | ToMerge>(context, 'Confirming a contact', async () => {
    const confirmation = await readConfirmation(context, wanted, now);
    if (!confirmation) return expired;
    const { kind, ledTo } = confirmation;
    if (ledTo !== undefined)
      return { result: { type: 'confirmed', kind, memberId: ledTo, due: [] }, writes: [] };
    const parties = await readParties(context, confirmation);
    if (!parties) return moved;
    const whole = wanted.keepsCard && isWhole ? wholeOf(parties, kind) : undefined;
    if (whole) return { result: whole, writes: [] };
    const { memberId, due, writes } = wanted.keepsCard
      ? onThisCard(context, program, parties, confirmation.byCard ?? false, now)
      : await onTheirOwn(context, program, parties, now);
    const used: Confirmation = { ...confirmation, ledTo: memberId, revision: confirmation.revision + 1 };
    const ttl = Math.ceil(Date.parse(used.expiresAt) / 1000);
    const key = keys.confirmation(codeHash(context, wanted.code));
    return {
      result: { type: 'confirmed', kind, memberId, due },
      writes: [...writes, { put: toItem(key, 'confirmation', used, ttl), if: asRead(confirmation) }],
    };
  });
}

/** What a code was sent for, as long as it counts, with the card that it was sent with. */
async function readConfirmation(
  context: LedgerContext,
  { token, code }: ConfirmRequest,
  now: number,
): Promise<Confirmation | undefined> {
  const item = await context.store.get(keys.confirmation(codeHash(context, code)));
  const confirmation = item && fromItem(item, 'confirmation');
  if (!confirmation || Date.parse(confirmation.expiresAt) <= now) return undefined;
  // The card's own look-up may be gone: it may be another member's by now.
  return cardToken(context, confirmation.memberId) === token ? confirmation : undefined;
}

/** Whose card it is, and whom the contact leads to; undefined where the card has another one by now, or has ended. */
async function readParties(context: LedgerContext, confirmation: Confirmation): Promise<Parties | undefined> {
  const member = await getMember(context, confirmation.memberId);
  const contact = member && contactsOf(member.profile).find(({ kind }) => kind === confirmation.kind);
  if (!contact || contactHash(context, contact.value) !== confirmation.contact) return undefined;
  const holderId = await findByContact(context, contact);
  const holder = holderId === undefined ? undefined : await getMember(context, holderId);
  if (!holder) return { member, contact };
  return { member, contact, holder: holder.account.memberId === member.account.memberId ? member : holder };
}

interface Parties {
  /** Whose card the code was sent with. */
  readonly member: Member;
  readonly contact: Contact;
  /** To whom the contact leads. */
  readonly holder?: Member;
}

interface Outcome {
  readonly memberId: MemberId;
  readonly due: readonly DuePlace[];
  readonly writes: readonly Write[];
}

/** The contact is of whoever has the card: theirs from here on, unless it is known to be another's. */
function onThisCard(
  context: LedgerContext,
  program: Program,
  { member, contact, holder }: Parties,
  isByCard: boolean,
  now: number,
): Outcome {
  const taking = holder && holder !== member && isUnconfirmed(holder, contact.kind);
  const owner = holder && !taking ? holder : member;
  const { memberId } = owner.account;
  const takings = taking ? [{ contact, from: holder }] : [];
  // Of two who stay two, nothing of the card's is the other's.
  const hold = isByCard && owner === member ? heldAfter(program, owner, now) : {};
  return {
    memberId,
    due: dueOf(takings, memberId, now),
    writes: [
      ...(holder ? [] : contactWrites(context, contact, memberId)),
      ...takings.flatMap((one) => takingWrites(context, one, memberId, now)),
      ...confirmWrites(owner, contact.kind, hold, now),
    ],
  };
}

/** The card is somebody else's: the contact leaves it, for the member whose it is, or for a new one. */
async function onTheirOwn(
  context: LedgerContext,
  program: Program,
  { member, contact, holder }: Parties,
  now: number,
): Promise<Outcome> {
  const { kind } = contact;
  const isLeft = holder !== member;
  const left = isLeft ? [withoutContact(member, kind)] : [];
  if (holder && !isUnconfirmed(holder, kind)) {
    const { memberId } = holder.account;
    return {
      memberId,
      due: dueOf([], memberId, now),
      writes: [...left, ...confirmWrites(holder, kind, {}, now)],
    };
  }
  const { locale } = member.profile;
  const proofs = { [kind]: confirmedAt(now) };
  const takings = holder ? [{ contact, from: holder }] : [];
  const wanted = { [kind]: member.profile[kind] ?? contact.value, locale };
  const own = await newMember(context, program, wanted, { proofs, takings }, now);
  return { memberId: own.member.account.memberId, due: own.due, writes: [...left, ...own.writes] };
}

function dueOf(takings: readonly Taking[], memberId: MemberId, now: number): DuePlace[] {
  return [
    ...takings.map(({ from }) => takenDuePlace(from.account.memberId, now)),
    proofDuePlace(memberId, now),
  ];
}

/**
 * Which of two becomes the other, where it is one person's: somebody without proof becomes whoever has one. Two who have
 * both proved another contact stay two, since they may be two people.
 */
function wholeOf({ member, holder }: Parties, kind: ContactKind): ToMerge | undefined {
  if (!holder || holder === member) return undefined;
  const [one, other] = [member.account.memberId, holder.account.memberId];
  if (isUnconfirmed(holder, kind))
    return isProven(knownOf(holder.profile)) ? undefined : { into: one, from: other, leads: false };
  return hasProof(member) ? undefined : { into: other, from: one, leads: true };
}

/** The contact is confirmed, and leads to the one whose it is. */
function confirmWrites(
  { account, profile }: Member,
  kind: ContactKind,
  hold: Pick<Profile, 'contactHold'>,
  now: number,
): Write[] {
  const { memberId } = account;
  const after: Profile = {
    ...profile,
    ...hold,
    revision: profile.revision + 1,
    proofs: { ...profile.proofs, [kind]: confirmedAt(now) },
  };
  return [
    { put: toItem(keys.profile(memberId), 'profile', after), if: asRead(profile) },
    proofDueWrite(memberId, now),
  ];
}

function confirmedAt(now: number) {
  return { status: 'confirmed' as const, at: utc(now), held: true };
}

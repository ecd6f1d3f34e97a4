/**
 * Proving that a contact is one's own: by a link that was sent there. Whoever proves it is the member whose it is: what
 * somebody else has gathered by it without proof goes to them; and where it is a member's who was vouched for, or has
 * proved it before, the newcomer is that member.
 */
import type { MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { Program } from '../../core/program.ts';
import type { LedgerContext } from '../store/context.ts';
import { commit, decide } from '../store/decide.ts';
import { type Confirmation, fromItem, keys, type Profile, toItem } from '../store/items.ts';
import { absent, asRead, type Write } from '../store/store.ts';
import { contactHash } from './contacts.ts';
import { type DuePlace, proofDuePlace, proofDueWrite } from './due.ts';
import {
  type Contact,
  type ContactKind,
  cardToken,
  contactKeys,
  contactStatusOf,
  contactsOf,
  contactWrites,
  findByContact,
  getMember,
  knownOf,
  type Member,
} from './members.ts';
import { heldAfter } from './profiles.ts';

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
      readonly due?: DuePlace;
    }
  /** No such code, or not any more. */
  | { readonly type: 'expired' };

/** What has to become one before a contact can be confirmed: `from` is to be merged into `into`. */
export interface ToMerge {
  readonly into: MemberId;
  readonly from: MemberId;
  /** Whether what leads to `from` may lead to `into`: not where somebody else has it. */
  readonly leads: boolean;
}

/** @returns whether the two are one now */
export type Merge = (wanted: ToMerge) => Promise<boolean>;

/**
 * Uses a code on the card that it was sent with. Done again, it answers the same.
 * Of one that was given by the card alone, a part of the points has to stay for a while (see `heldAfter`).
 * @param merge makes two members one; see ledger/members/merges.ts
 * @throws LedgerUnavailable when the outcome is unknown: it is safe to repeat
 */
export async function confirmContact(
  context: LedgerContext,
  program: Program,
  wanted: { readonly token: string; readonly code: string },
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

/** Confirms, or says what has to be merged before; of two that cannot be one, only the contact changes hands. */
async function step(
  context: LedgerContext,
  program: Program,
  wanted: { readonly token: string; readonly code: string },
  isWhole: boolean,
  now: number,
): Promise<Confirmed | ToMerge> {
  const key = keys.confirmation(codeHash(context, wanted.code));
  return decide<Confirmed | ToMerge>(context, 'Confirming a contact', async () => {
    const item = await context.store.get(key);
    const confirmation = item && fromItem(item, 'confirmation');
    if (!confirmation || Date.parse(confirmation.expiresAt) <= now) return expired;
    // The card's own look-up may be gone: it may be another member's by now.
    if (cardToken(context, confirmation.memberId) !== wanted.token) return expired;
    const { kind, ledTo, byCard } = confirmation;
    if (ledTo !== undefined) return { result: { type: 'confirmed', kind, memberId: ledTo }, writes: [] };
    const asked = await getMember(context, confirmation.memberId);
    const contact = asked && contactsOf(asked.profile).find((one) => one.kind === kind);
    if (!asked || !contact || contactHash(context, contact.value) !== confirmation.contact) return expired;
    const holderId = await findByContact(context, contact);
    const isOwn = holderId === undefined || holderId === asked.account.memberId;
    const holder = isOwn ? asked : ((await getMember(context, holderId)) ?? asked);
    const whole = isWhole ? wholeOf(asked, holder, kind) : undefined;
    if (whole) return { result: whole, writes: [] };
    const isTaken = holder !== asked && isUnconfirmed(holder, kind);
    const owner = isTaken ? asked : holder;
    const { memberId } = owner.account;
    const used: Confirmation = { ...confirmation, ledTo: memberId, revision: confirmation.revision + 1 };
    const ttl = Math.ceil(Date.parse(used.expiresAt) / 1000);
    return {
      result: { type: 'confirmed', kind, memberId, due: proofDuePlace(memberId, now) },
      writes: [
        ...(holderId === undefined ? contactWrites(context, contact, memberId) : []),
        ...(isTaken ? takenWrites(context, holder, contact, memberId) : []),
        // Of two who stay two, nothing of the card's is the other's.
        ...confirmWrites(owner, kind, byCard && owner === asked ? heldAfter(program, owner, now) : {}, now),
        { put: toItem(key, 'confirmation', used, ttl), if: asRead(confirmation) },
      ],
    };
  });
}

function isUnconfirmed({ profile }: Member, kind: ContactKind): boolean {
  return contactStatusOf(profile, kind) === 'unconfirmed';
}

/**
 * Which of two becomes the other, where it is one person's: somebody without proof becomes whoever has one. Two who have
 * both proved another contact stay two, since they may be two people.
 */
function wholeOf(asked: Member, holder: Member, kind: ContactKind): ToMerge | undefined {
  const [one, other] = [asked.account.memberId, holder.account.memberId];
  if (one === other) return undefined;
  const hasProved = ({ profile }: Member) =>
    knownOf(profile).statuses.some((status) => status !== 'unconfirmed');
  if (isUnconfirmed(holder, kind))
    return hasProved(holder) ? undefined : { into: one, from: other, leads: false };
  return hasProved(asked) ? undefined : { into: other, from: one, leads: true };
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
    proofs: { ...profile.proofs, [kind]: { status: 'confirmed', at: utc(now), held: true } },
  };
  return [
    { put: toItem(keys.profile(memberId), 'profile', after), if: asRead(profile) },
    proofDueWrite(memberId, now),
  ];
}

/** A contact that somebody had without proof is no longer theirs. */
function takenWrites(context: LedgerContext, from: Member, contact: Contact, to: MemberId): Write[] {
  const { memberId, proofs = {}, ...profile } = from.profile;
  const { [contact.kind]: _, ...others } = proofs;
  const after: Profile = {
    ...profile,
    memberId,
    proofs: others,
    [contact.kind]: null,
    revision: profile.revision + 1,
  };
  const [key, ...before] = contactKeys(context, contact);
  return [
    { put: toItem(keys.profile(memberId), 'profile', after), if: asRead(from.profile) },
    ...(key ? [{ put: toItem(key, 'lookup', { memberId: to }) }] : []),
    ...before.map((one): Write => ({ delete: one })),
  ];
}

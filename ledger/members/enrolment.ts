/** Enrolment: everything of a new member in one transaction, with exact uniqueness of every look-up. */
import { type Account, emptyAccount } from '../../core/account.ts';
import { makeCardNumber } from '../../core/cardnumber.ts';
import { type MemberId, memberTail } from '../../core/contract/ids.ts';
import type { Enrolment } from '../../core/contract/shapes/member.ts';
import { enrol as planEnrolment, withProfileBonus } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import { type LedgerContext, newId } from '../store/context.ts';
import { decideOnce, type Once, outcomeOf, type Reply } from '../store/idempotency.ts';
import { keys, type Profile, toItem } from '../store/items.ts';
import { absent, type Standing, type Write } from '../store/store.ts';
import { append } from './append.ts';
import { type DuePlace, datesOf, proofDuePlace, proofDueWrite, takenDuePlace, yearlyWrites } from './due.ts';
import {
  type Contact,
  cardToken,
  contactStatusOf,
  contactsOf,
  contactWrites,
  heldContactsOf,
  isComplete,
  lookupWrite,
  type Member,
  newProfile,
  takenBy,
} from './members.ts';
import { findReferrer, newReferral, referralCode, referralWrites } from './referrals.ts';
import { type Taking, takingOf, takingWrites } from './taking.ts';

export type Enrolled =
  | {
      readonly type: 'enrolled';
      readonly member: Member;
      /** What follows from it is to be looked at. */
      readonly due: readonly DuePlace[];
    }
  /** The e-mail or the phone belongs to a member already. */
  | { readonly type: 'exists'; readonly field: 'email' | 'phone'; readonly memberId: MemberId }
  /** Nobody has this referral code. */
  | { readonly type: 'unknown_referral' };

/**
 * Enrols a member: account, profile, look-ups and the first entries in one transaction.
 * @throws LedgerUnavailable when the outcome is unknown or the database asks to come later
 */
export async function enrol(
  context: LedgerContext,
  program: Program,
  wanted: Enrolment,
  now: number,
): Promise<Enrolled> {
  return outcomeOf<Enrolled>((reply) => enrolOnce(context, program, wanted, reply, now));
}

/** Enrols a member, once for a key: whoever repeats the request gets the answer to the first. */
export async function enrolOnce(
  context: LedgerContext,
  program: Program,
  wanted: Enrolment,
  reply: Reply<Enrolled>,
  now: number,
): Promise<Once> {
  const { referralCode: typed } = wanted;
  const referrerId = typed === undefined ? undefined : await findReferrer(context, typed);
  return decideOnce(context, 'Enrolling a member', reply.once, now, async ({ found }) => {
    const refused = (outcome: Enrolled) => ({ answer: reply.answer(outcome), writes: [] });
    if (typed !== undefined && referrerId === undefined) return refused({ type: 'unknown_referral' });
    const takings = await takingsOf(context, wanted, found);
    if ('type' in takings) return refused(takings);
    // Where only the card number, the referral code or the tail of the id were taken, others are drawn.
    const { member, writes, due } = await newMember(context, program, wanted, { referrerId, takings }, now);
    const answer = reply.answer({ type: 'enrolled', member, due });
    return { answer, writes, about: member.account.memberId };
  });
}

/** Who has the e-mail or phone by their word alone; or whose it is, when that stood in the way. */
async function takingsOf(
  context: LedgerContext,
  wanted: Enrolment,
  found: Standing,
): Promise<readonly Taking[] | Extract<Enrolled, { type: 'exists' }>> {
  const takings: Taking[] = [];
  for (const contact of contactsOf({ email: wanted.email ?? null, phone: wanted.phone ?? null })) {
    const memberId = takenBy(context, contact, found);
    if (!memberId) continue;
    const taking = await takingOf(context, contact, memberId);
    if (!taking) return { type: 'exists', field: contact.kind, memberId };
    takings.push(taking);
  }
  return takings;
}

/**
 * A new member, and everything that is written of them.
 * @param how who brought them; of who came by themselves, what is known of their contacts; and from whom they take one
 * @returns with what follows from it, for whoever has a contact
 */
export async function newMember(
  context: LedgerContext,
  program: Program,
  wanted: Enrolment,
  how: {
    readonly referrerId?: MemberId | undefined;
    readonly proofs?: NonNullable<Profile['proofs']>;
    readonly takings?: readonly Taking[];
  },
  now: number,
): Promise<{ member: Member; writes: Write[]; due: DuePlace[] }> {
  const { referrerId, proofs, takings = [] } = how;
  const memberId = newId(context, 'member', now);
  const cardNumber = makeCardNumber(context.randomInteger(10_000_000_000));
  const profile = {
    ...newProfile(memberId, cardNumber, wanted, now),
    ...(proofs && { joined: 'public' as const, proofs }),
  };
  const referral = referrerId === undefined ? undefined : await newReferral(context, profile, referrerId);
  // One that is refused stays so: nobody has to look at what becomes of it.
  const listeners: Account['listeners'] = referral?.status === 'waiting' ? ['referrals'] : [];
  const opened = planEnrolment(program, memberId, now);
  const plan = isComplete(profile) ? withProfileBonus(program, opened, now) : opened;
  const { account, writes: appended } = append(context, { ...emptyAccount(memberId), listeners }, plan, now);
  const owner = toItem(keys.entryOwner(memberTail(memberId)), 'lookup', { memberId });
  const isTaken = ({ kind }: Contact) => takings.some(({ contact }) => contact.kind === kind);
  const free = heldContactsOf(profile).filter((contact) => !isTaken(contact));
  const isKnown = contactsOf(profile).some(({ kind }) => contactStatusOf(profile, kind) !== 'unconfirmed');
  const writes: Write[] = [
    ...free.flatMap((contact) => contactWrites(context, contact, memberId)),
    ...takings.flatMap((taking) => takingWrites(context, taking, memberId, now)),
    ...appended,
    { put: toItem(keys.profile(memberId), 'profile', profile), if: absent },
    lookupWrite(context, 'cardNumber', cardNumber, memberId),
    lookupWrite(context, 'cardToken', cardToken(context, memberId), memberId),
    lookupWrite(context, 'referralCode', referralCode(context, memberId), memberId),
    { put: owner, if: absent },
    ...yearlyWrites(memberId, null, datesOf(profile, account)),
    ...(referral ? referralWrites(referral) : []),
    ...(isKnown ? [proofDueWrite(memberId, now)] : []),
  ];
  const due = [
    ...takings.map(({ from }) => takenDuePlace(from.account.memberId, now)),
    ...(isKnown ? [proofDuePlace(memberId, now, !proofs && takings.length === 0)] : []),
  ];
  return { member: { account, profile }, writes, due };
}

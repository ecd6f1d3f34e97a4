/** Enrolment: everything of a new member in one transaction, with exact uniqueness of every look-up. */
import { makeCardNumber } from '../../core/cardnumber.ts';
import { type MemberId, memberTail } from '../../core/contract/ids.ts';
import type { Enrolment } from '../../core/contract/shapes/member.ts';
import { enrol as planEnrolment, withProfileBonus } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import { seal } from '../../core/replay.ts';
import { entryIds, type LedgerContext, newId } from '../store/context.ts';
import { decideOnce, type Given, type Once, outcomeOf } from '../store/idempotency.ts';
import { fromItem, keys, toItem } from '../store/items.ts';
import type { Item, Write } from '../store/store.ts';
import { birthdayWrites } from './due.ts';
import {
  appendWrites,
  cardToken,
  contactsOf,
  isComplete,
  lookupKey,
  lookupWrite,
  type Member,
  newProfile,
} from './members.ts';
import { findReferrer, referralCode, referralWrites } from './referrals.ts';

export type Enrolled =
  | { readonly type: 'enrolled'; readonly member: Member }
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
  return outcomeOf<Enrolled>((given) => enrolOnce(context, program, wanted, given, now));
}

/** Enrols a member, once for a key: whoever repeats the request gets the answer to the first. */
export async function enrolOnce(
  context: LedgerContext,
  program: Program,
  wanted: Enrolment,
  given: Given<Enrolled>,
  now: number,
): Promise<Once> {
  const { referralCode: typed } = wanted;
  const referrerId = typed === undefined ? undefined : await findReferrer(context, typed);
  return decideOnce(context, 'Enrolling a member', given.once, now, async (found) => {
    const refused = (outcome: Enrolled) => ({ answer: given.answer(outcome), writes: [] });
    if (typed !== undefined && referrerId === undefined) return refused({ type: 'unknown_referral' });
    const taken = takenContact(context, wanted, found);
    if (taken) return refused(taken);
    // Where only the card number, the referral code or the tail of the id were taken, others are drawn.
    const { member, writes } = await newMember(context, program, wanted, referrerId, now);
    const answer = given.answer({ type: 'enrolled', member });
    return { answer, writes, about: member.account.memberId };
  });
}

/** Whose the e-mail or phone is, when that stood in the way. */
function takenContact(
  context: LedgerContext,
  wanted: Enrolment,
  found: readonly Item[],
): Enrolled | undefined {
  for (const { kind, value } of contactsOf({ email: wanted.email ?? null, phone: wanted.phone ?? null })) {
    const item = found.find(({ pk }) => pk === lookupKey(context, kind, value).pk);
    if (item) return { type: 'exists', field: kind, memberId: fromItem(item, 'lookup').memberId };
  }
  return undefined;
}

async function newMember(
  context: LedgerContext,
  program: Program,
  wanted: Enrolment,
  referrerId: MemberId | undefined,
  now: number,
): Promise<{ member: Member; writes: Write[] }> {
  const memberId = newId(context, 'member', now);
  const cardNumber = makeCardNumber(context.randomInteger(10_000_000_000));
  const profile = newProfile(memberId, cardNumber, wanted, now);
  const opened = planEnrolment(program, memberId, now);
  const plan = isComplete(profile) ? withProfileBonus(program, opened, now) : opened;
  const { account, entries } = seal(plan, { head: '' }, entryIds(now), context.sha256);
  const owner = toItem(keys.entryOwner(memberTail(memberId)), 'lookup', { memberId });
  const writes: Write[] = [
    ...contactsOf(profile).map(({ kind, value }) => lookupWrite(context, kind, value, memberId)),
    ...appendWrites({ ...account, version: 0 }, account, entries),
    { put: toItem(keys.profile(memberId), 'profile', profile), if: { kind: 'absent' } },
    lookupWrite(context, 'cardNumber', cardNumber, memberId),
    lookupWrite(context, 'cardToken', cardToken(context, memberId), memberId),
    lookupWrite(context, 'referralCode', referralCode(context, memberId), memberId),
    { put: owner, if: { kind: 'absent' } },
    ...birthdayWrites(memberId, null, profile.birthday),
    ...(referrerId === undefined ? [] : await referralWrites(context, profile, referrerId)),
  ];
  return { member: { account, profile }, writes };
}

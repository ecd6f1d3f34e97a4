/** Enrolment: everything of a new member in one transaction, with exact uniqueness of every look-up. */
import { makeCardNumber } from '../core/cardnumber.ts';
import { type MemberId, memberTail } from '../core/contract/ids.ts';
import type { Enrolment } from '../core/contract/shapes.ts';
import { enrol as planEnrolment, withProfileBonus } from '../core/points.ts';
import type { Program } from '../core/program.ts';
import { seal } from '../core/replay.ts';
import { decisionsMax, entryIds, type LedgerContext, LedgerUnavailable, newId } from './context.ts';
import { birthdayWrites } from './due.ts';
import { fromItem, keys, toItem } from './items.ts';
import {
  appendWrites,
  cardToken,
  contactsOf,
  isComplete,
  lookupWrite,
  type Member,
  newProfile,
  unavailable,
} from './members.ts';
import { findReferrer, referralCode, referralWrites } from './referrals.ts';
import type { Write } from './store.ts';

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
  const { referralCode: typed } = wanted;
  const referrerId = typed === undefined ? undefined : await findReferrer(context, typed);
  if (typed !== undefined && referrerId === undefined) return { type: 'unknown_referral' };
  for (let attempt = 1; attempt <= decisionsMax; attempt++) {
    const memberId = newId(context, 'member', now);
    const cardNumber = makeCardNumber(context.randomInteger(10_000_000_000));
    const profile = newProfile(memberId, cardNumber, wanted, now);
    const opened = planEnrolment(program, memberId, now);
    const plan = isComplete(profile) ? withProfileBonus(program, opened, now) : opened;
    const { account, entries } = seal(plan, { head: '' }, entryIds(now), context.sha256);
    const contacts = contactsOf(profile);
    const lookups: Write[] = [
      lookupWrite(context, 'cardNumber', cardNumber, memberId),
      lookupWrite(context, 'cardToken', cardToken(context, memberId), memberId),
      lookupWrite(context, 'referralCode', referralCode(context, memberId), memberId),
    ];
    const outcome = await context.store.transact([
      ...contacts.map(({ kind, value }) => lookupWrite(context, kind, value, memberId)),
      ...appendWrites({ ...account, version: 0 }, account, entries),
      { put: toItem(keys.profile(memberId), 'profile', profile), if: { kind: 'absent' } },
      ...lookups,
      {
        put: toItem(keys.entryOwner(memberTail(memberId)), 'lookup', { memberId }),
        if: { kind: 'absent' },
      },
      ...birthdayWrites(memberId, null, profile.birthday),
      ...(referrerId === undefined ? [] : await referralWrites(context, profile, referrerId)),
    ]);
    if (outcome.type === 'committed') return { type: 'enrolled', member: { account, profile } };
    if (outcome.type !== 'refused') throw unavailable(outcome, 'Enrolling a member');
    for (const [index, { kind }] of contacts.entries()) {
      const taken = outcome.items.get(index);
      if (outcome.items.has(index) && taken)
        return { type: 'exists', field: kind, memberId: fromItem(taken, 'lookup').memberId };
    }
    // Only the card number, the referral code or the tail of the id can have been taken: others are drawn.
  }
  throw new LedgerUnavailable('contended', 'Enrolling a member');
}

/**
 * Joining by the public page. Whoever comes has a card at once, whether or not they are known: of a contact that nobody
 * has yet they are the member, until somebody else proves that it is theirs; of one that is a member's already the new
 * one holds nothing, and becomes that member's when the link that is sent there is used.
 */
import { utc } from '../../core/contract/shapes/basics.ts';
import type { Enrolment } from '../../core/contract/shapes/member.ts';
import type { Program } from '../../core/program.ts';
import type { LedgerContext } from '../store/context.ts';
import { decide } from '../store/decide.ts';
import type { Profile } from '../store/items.ts';
import { joinDueWrite } from './due.ts';
import { newMember } from './enrolment.ts';
import { type Contact, contactsOf, findByContact, type Member, takenBy } from './members.ts';

/** Who has not come in so many days leaves nothing behind. */
export const joinDays = 30;
const dayMs = 86_400_000;

/**
 * Enrols somebody whose contact nobody has confirmed yet. Of two that are given the first is taken, the e-mail: the
 * second may be somebody else's, who would then prove what the first one's owner has gathered. It can be added on the
 * card. A referral code is kept as it was given: it is looked at
 * once the newcomer is known to be somebody, so that nothing here tells a wrong one from a right one.
 * @throws LedgerUnavailable when the outcome is unknown; who asks again is one more, and the first leaves by itself
 */
export async function joinPublicly(
  context: LedgerContext,
  program: Program,
  wanted: Enrolment,
  now: number,
): Promise<Member> {
  return decide<Member>(context, 'Joining', async ({ found }) => {
    const { email, phone, ...person } = wanted;
    const [contact] = contactsOf({ email: email ?? null, phone: phone ?? null });
    const owner = contact && (takenBy(context, contact, found) ?? (await findByContact(context, contact)));
    const proofs = contact ? proofOf(contact, owner === undefined, utc(now)) : {};
    const joining = contact ? { ...person, [contact.kind]: contact.value } : person;
    const { member, writes } = await newMember(context, program, joining, { proofs }, now);
    const { memberId, version } = member.account;
    return {
      result: member,
      writes: [...writes, joinDueWrite(memberId, version, utc(now + joinDays * dayMs), now)],
    };
  });
}

function proofOf({ kind }: Contact, isFree: boolean, at: string): NonNullable<Profile['proofs']> {
  return { [kind]: { status: 'unconfirmed', at, held: isFree } };
}

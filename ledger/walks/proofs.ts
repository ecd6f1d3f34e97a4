/**
 * What follows once somebody is known to be who they say: the referral that they named is looked up, those that wait for
 * it are paid, and what was bought by the contact before anybody had it is theirs. It is listed in the transaction that
 * knew it, so it is done once whatever ends in between; doing it again changes nothing.
 */
import type { MemberId, PurchaseId } from '../../core/contract/ids.ts';
import { contactHash } from '../members/contacts.ts';
import { listenWrites } from '../members/listeners.ts';
import {
  type Contact,
  contactKinds,
  contactOf,
  contactStatusOf,
  getMember,
  heldContactsOf,
  type Member,
} from '../members/members.ts';
import {
  broughtBy,
  findReferrer,
  getReferral,
  newReferral,
  referralWrites,
  settleReferral,
} from '../members/referrals.ts';
import { placesIn } from '../operators/exception-places.ts';
import { getException } from '../operators/exceptions.ts';
import { claimPurchase } from '../purchases/claims.ts';
import { getPurchase } from '../purchases/decision.ts';
import { commit, decide } from '../store/decide.ts';
import { contactPk } from '../store/items.ts';
import type { Key } from '../store/store.ts';
import type { Handled, Means } from './walk.ts';

/** Purchases that one step gives to their member. */
const claimsMax = 20;
/** Newcomers whose referral waits for the one who brought them; the others are paid when they buy again. */
const broughtMax = 100;

/**
 * Does what follows, as much as a step may; what is left is the next one's.
 * @param isNew whether they join with it, so that no referral waits for them
 */
export async function followProof(
  means: Means,
  memberId: MemberId,
  { pk, sk }: Key,
  isNew = false,
): Promise<Handled> {
  const { context } = means;
  const member = await getMember(context, memberId);
  let claimed = 0;
  if (member) {
    if (!isNew) await settleAll(means, member, memberId);
    for (const contact of heldContactsOf(member.profile))
      if (contactStatusOf(member.profile, contact.kind) !== 'unconfirmed')
        claimed += await claimGuests(means, memberId, contact, claimsMax - claimed);
  }
  if (claimed >= claimsMax) return { counted: { claimed }, isOpen: true };
  await commit(context, `Taking ${sk} off the list`, [{ delete: { pk, sk } }]);
  return { counted: { members: 1, claimed } };
}

/** The referral that brought a member, and those of whom they brought. */
async function settleAll(means: Means, member: Member, memberId: MemberId): Promise<void> {
  if (typedBy(member) !== null) await openReferral(means, member);
  await settleReferral(means.context, means.program, memberId, means.now);
  await settleBrought(means, memberId);
}

/** The code that a newcomer typed when joining, which nobody has looked up. */
function typedBy({ profile }: Member): string | null {
  return profile.joined === 'public' ? profile.referralCode : null;
}

/** The referral that a newcomer named when joining, if its code is anybody's. */
async function openReferral({ context }: Means, { account: { memberId } }: Member): Promise<void> {
  await decide(context, `Opening the referral of ${memberId}`, async () => {
    const member = await getMember(context, memberId);
    const typed = member ? typedBy(member) : null;
    if (!member || typed === null || (await getReferral(context, memberId)))
      return { result: undefined, writes: [] };
    const referrerId = await findReferrer(context, typed);
    if (referrerId === undefined || referrerId === memberId) return { result: undefined, writes: [] };
    const referral = await newReferral(context, member.profile, referrerId);
    const listening = referral.status === 'waiting' ? listenWrites(member.account, 'referrals') : [];
    return { result: undefined, writes: [...referralWrites(referral), ...listening] };
  });
}

async function settleBrought({ context, program, now }: Means, memberId: MemberId): Promise<void> {
  let looked = 0;
  for await (const { newcomerId, referral } of broughtBy(context, memberId)) {
    if (looked++ === broughtMax) return;
    if (referral?.status === 'waiting') await settleReferral(context, program, newcomerId, now);
  }
}

/**
 * Gives a member what was bought by their contact while nobody had it, as of when it was bought. Guests' purchases are
 * found by the exceptions that were opened for them, which name the contact for as long as there may be a claim.
 * @returns how many were given
 */
async function claimGuests(
  { context, program, now }: Means,
  memberId: MemberId,
  contact: Contact,
  most: number,
): Promise<number> {
  let claimed = 0;
  for await (const { exceptionId } of placesIn(context, contactPk(contactHash(context, contact.value)), '')) {
    if (claimed >= most) return claimed;
    const exception = await getException(context, exceptionId);
    if (exception?.type !== 'purchase_unclaimed') continue;
    const purchaseId = exception.subject as PurchaseId;
    const record = await getPurchase(context, purchaseId);
    if (!record || record.memberId !== null || !names(record.purchase.member, contact)) continue;
    const claim = { member: { memberId }, totalMinor: record.purchase.totalMinor };
    const { type } = await claimPurchase(context, program, purchaseId, claim, now);
    if (type === 'claimed') claimed++;
  }
  return claimed;
}

/** Whether it was the contact that the purchase was made by. */
function names(
  member: { readonly email?: string | undefined; readonly phone?: string | undefined } | undefined,
  { kind, value }: Contact,
): boolean {
  return contactKinds.some((one) => {
    const given = member?.[one];
    return one === kind && given !== undefined && contactOf(kind, given).value === value;
  });
}

/** What the API answers of a member and a card: the ledger's account with the person and the links beside it. */
import { balanceOf } from '../../core/account.ts';
import {
  type CardLinks,
  type CardView,
  type CardVoucher,
  expiringOf,
  type LastChange,
  nobody,
  viewCard,
} from '../../core/card.ts';
import { Problem } from '../../core/contract/errors.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import type { CardAnswer } from '../../core/contract/shapes/card.ts';
import { type MemberAnswer, missingFields } from '../../core/contract/shapes/member.ts';
import { giftOf, giftReward } from '../../core/gifts.ts';
import { settle } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import { speak } from '../../core/program-texts.ts';
import { type PurchaseRecord, statusOf } from '../../core/purchases.ts';
import { refundedMinor } from '../../core/remains.ts';
import { isOpen, mustConfirm } from '../../core/security.ts';
import { shownStamps } from '../../core/stamps.ts';
import { standing } from '../../core/tiers.ts';
import {
  cardToken,
  contactStatusOf,
  contactsOf,
  currentId,
  findByLookup,
  getAccount,
  getMember,
  getMovedProfile,
  knownOf,
  type Member,
  referralCode,
  rewardOf,
  usableVouchers,
  type Voucher,
} from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { donationTotals } from '../spending/donations.ts';
import type { Offered } from '../wallets/offered.ts';

/** @throws Problem when no programme was put yet: nothing can be computed without one */
export async function programOf(deps: Deps): Promise<Program> {
  const program = await deps.program();
  if (!program) throw new Problem('unavailable', 'No programme is in force yet.');
  return program;
}

/** @returns the problem of an enrolment with a referral code that nobody has */
export function unknownReferral(): Problem {
  return new Problem('invalid_request', undefined, [{ path: 'referralCode', message: 'is not known' }]);
}

export function linksOf(deps: Deps, memberId: MemberId): CardLinks {
  const token = cardToken(deps.ledger, memberId);
  const api = `${deps.publicUrl}/v1/cards/${token}`;
  return { cardUrl: `${deps.publicUrl}/card/${token}`, appleUrl: `${api}/apple`, googleUrl: `${api}/google` };
}

/** @throws Problem where no card has this token */
export async function memberOfToken(deps: Deps, token: string): Promise<Member> {
  const memberId = await findByLookup(deps.ledger, 'cardToken', token);
  const member = memberId && (await getMember(deps.ledger, memberId));
  if (!member) throw new Problem('not_found');
  return member;
}

/** Where the links of a card lead: those of one that has moved to the new one. */
export async function linksOfCard(
  deps: Deps,
  { memberId, status }: Pick<CardView, 'memberId' | 'status'>,
): Promise<CardLinks> {
  return linksOf(deps, status === 'moved' ? await currentId(deps.ledger, memberId) : memberId);
}

/** The member as of now: what time alone has made true is counted, written down or not. */
export function memberAnswer(deps: Deps, program: Program, { account, profile }: Member): MemberAnswer {
  const now = deps.now();
  const settled = settle(program, account, now).account;
  const { cardUrl, ...wallet } = linksOf(deps, account.memberId);
  const { contactHold } = profile;
  return {
    memberId: account.memberId,
    cardNumber: profile.cardNumber,
    name: profile.name,
    email: profile.email,
    phone: profile.phone,
    birthday: profile.birthday,
    locale: profile.locale,
    contacts: contactsOf(profile).map(({ kind }) => ({
      kind,
      status: contactStatusOf(profile, kind),
      at: profile.proofs?.[kind]?.at ?? null,
    })),
    consents: profile.consents,
    createdAt: account.createdAt,
    balance: balanceOf(settled),
    lifetime: settled.lifetime,
    tier: standing(program, settled, now, profile.locale),
    expiring: expiringOf(settled),
    stamps: shownStamps(program, settled).map(({ id, count, of }) => ({ id, count, of })),
    version: account.version,
    ...(contactHold && isOpen(contactHold, now) ? { contactHold } : {}),
    cardUrl,
    wallet,
  };
}

/** What a profile lacks, by the names of its fields. */
export function missingOf(profile: Member['profile']): CardAnswer['profile']['missing'] {
  const isGiven = Object.values(profile.consents).some(({ granted }) => granted);
  return missingFields.filter((name) => (name === 'consents' ? !isGiven : profile[name] === null));
}

/** @param memberId whose it is by now */
export function purchaseAnswer(record: PurchaseRecord, memberId = record.memberId) {
  return {
    purchaseId: record.purchase.id,
    memberId,
    status: statusOf(record),
    totalMinor: record.purchase.totalMinor,
    refundedMinor: refundedMinor(record),
    points: {
      earned: (record.earning?.points ?? 0) + record.clawedBack,
      clawedBack: record.clawedBack,
    },
    entryIds: [...record.entryIds],
  };
}

/**
 * The card as of its newest entry, with the vouchers that could be used then.
 * @param change what that entry did, for a card that tells it
 */
export async function cardView(
  deps: Deps,
  program: Program,
  member: Member,
  change: LastChange | null = null,
): Promise<CardView> {
  const { account, profile } = member;
  // What was somebody's who was merged is shown on the card that it has gone to.
  const usable =
    account.status === 'active'
      ? await usableVouchers(deps.ledger, account, Date.parse(account.updatedAt))
      : [];
  const vouchers = await Promise.all(
    usable.map((voucher) => cardVoucher(deps, program, voucher, profile.locale)),
  );
  return viewCard(program, account, profile, vouchers.flat(), change);
}

/**
 * The card as a wallet gets it: for who has left, closed and without the person, so that it can be voided where it
 * lies; for who was merged, with where it is now. Undefined for who never was a member.
 */
export async function walletView(
  deps: Deps,
  program: Program,
  memberId: MemberId,
): Promise<CardView | undefined> {
  const member = await getMember(deps.ledger, memberId);
  if (member?.account.memberId === memberId) return cardView(deps, program, member);
  const account = await getAccount(deps.ledger, memberId);
  if (!account || account.status === 'active') return undefined;
  return viewCard(program, account, (await getMovedProfile(deps.ledger, memberId)) ?? nobody);
}

async function cardVoucher(
  deps: Deps,
  program: Program,
  voucher: Voucher,
  locale: string,
): Promise<CardVoucher[]> {
  const reward = await rewardOf(deps.ledger, program, voucher);
  const { code, expiresAt } = voucher;
  if (!reward || code === null) return [];
  return [{ code, name: speak(program, locale)(reward.name), type: reward.type, expiresAt }];
}

/** What a complete profile gives. */
function profileGift(program: Program, locale: string): Pick<CardAnswer['profile'], 'points' | 'reward'> {
  const reward = giftReward(program, 'profile');
  const { points } = giftOf(program.bonuses.profile);
  return { points, reward: reward ? speak(program, locale)(reward.name) : null };
}

export async function cardAnswer(
  deps: Deps,
  program: Program,
  { account, profile }: Member,
  view: CardView,
  offered: Offered,
): Promise<CardAnswer> {
  const { cardUrl, appleUrl, googleUrl } = linksOf(deps, view.memberId);
  const samsungUrl = `${deps.publicUrl}/v1/cards/${cardToken(deps.ledger, view.memberId)}/samsung`;
  const { cardNumber } = view;
  if (cardNumber === null) throw new Problem('not_found');
  const now = deps.now();
  // What only phones are told of is left out; all else is on the card's page as it is on the cards.
  const { modifiedAt, programVersion, lastChange, stores, beacons, nfc, texts, ...shown } = view;
  return {
    ...shown,
    barcodes: view.barcodes && [...view.barcodes],
    status: view.status === 'active' ? 'active' : 'closed',
    cardNumber,
    expiring: [...view.expiring],
    stamps: view.stamps.map(({ id, name, count, of }) => ({ id, name, count, of })),
    vouchers: view.vouchers.filter(({ expiresAt }) => expiresAt === null || Date.parse(expiresAt) > now),
    donations: await donationTotals(deps, program, view.locale),
    referralCode: referralCode(deps.ledger, view.memberId),
    profile: {
      missing: missingOf(profile),
      ...(account.bonuses.profile === undefined
        ? profileGift(program, view.locale)
        : { points: 0, reward: null }),
      unconfirmed: contactsOf(profile)
        .map(({ kind }) => kind)
        .filter((kind) => contactStatusOf(profile, kind) === 'unconfirmed'),
      mustConfirm: mustConfirm(program, knownOf(profile)),
    },
    cardUrl,
    wallet: {
      ...(offered.apple && { appleUrl }),
      ...(offered.google && { googleUrl }),
      ...(offered.samsung && { samsungUrl }),
    },
  };
}

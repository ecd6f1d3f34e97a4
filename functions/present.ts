/** What the API answers of a member and a card: the ledger's account with the person and the links beside it. */
import { balanceOf } from '../core/account.ts';
import { type CardLinks, type CardView, expiringOf, type LastChange, viewCard } from '../core/card.ts';
import { Problem } from '../core/contract/errors.ts';
import type { MemberId } from '../core/contract/ids.ts';
import type { CardAnswer, MemberAnswer } from '../core/contract/shapes.ts';
import { settle } from '../core/points.ts';
import type { Program } from '../core/program.ts';
import { shownStamps } from '../core/stamps.ts';
import { standing } from '../core/tiers.ts';
import { cardToken, type Member, referralCode } from '../ledger/ledger.ts';
import type { Deps } from './deps.ts';

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

/** The member as of now: what time alone has made true is counted, written down or not. */
export function memberAnswer(deps: Deps, program: Program, { account, profile }: Member): MemberAnswer {
  const now = deps.now();
  const settled = settle(program, account, now).account;
  const { cardUrl, ...wallet } = linksOf(deps, account.memberId);
  return {
    memberId: account.memberId,
    cardNumber: account.cardNumber,
    name: profile.name,
    email: profile.email,
    phone: profile.phone,
    birthday: profile.birthday,
    locale: profile.locale,
    createdAt: account.createdAt,
    balance: balanceOf(settled),
    lifetime: settled.lifetime,
    tier: standing(program, settled, now),
    expiring: expiringOf(settled),
    stamps: shownStamps(program, settled).map(({ id, count, of }) => ({ id, count, of })),
    version: account.version,
    cardUrl,
    wallet,
  };
}

/** @param change what the newest entry did, for a card that tells it */
export function cardView(
  program: Program,
  { account, profile }: Member,
  change: LastChange | null = null,
): CardView {
  return viewCard(program, account, profile, change);
}

export function cardAnswer(deps: Deps, view: CardView): CardAnswer {
  const { cardUrl, ...wallet } = linksOf(deps, view.memberId);
  return {
    memberId: view.memberId,
    version: view.version,
    programName: view.programName,
    name: view.name,
    locale: view.locale,
    cardNumber: view.cardNumber,
    balance: view.balance,
    tier: view.tier,
    expiring: [...view.expiring],
    stamps: view.stamps.map(({ id, count, of }) => ({ id, count, of })),
    status: view.status,
    referralCode: referralCode(deps.ledger, view.memberId),
    updatedAt: view.updatedAt,
    cardUrl,
    wallet,
  };
}

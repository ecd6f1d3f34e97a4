/**
 * What every wallet shows. One view of a member's account, as the ledger stood when the entry numbered
 * `version` was written: the Apple pass, the Google object and the card page are all drawn from it, so no
 * two of them can disagree.
 */
import { type Account, balanceOf } from './account.ts';
import type { MemberId } from './contract/ids.ts';
import type { Balance } from './contract/shapes.ts';
import type { Program } from './program.ts';
import { shownStamps } from './stamps.ts';
import { standing } from './tiers.ts';

export interface TierStanding {
  readonly id: string;
  readonly name: string;
  readonly qualifyingPoints: number;
  readonly nextTier: { readonly id: string; readonly name: string; readonly pointsMissing: number } | null;
  readonly validUntil: string | null;
}

export interface CardView {
  readonly memberId: MemberId;
  /** The ledger's sequence that the view shows; it only grows. */
  readonly version: number;
  /** RFC 3339 UTC in whole seconds; grows by at least one second per version (Apple's Last-Modified). */
  readonly modifiedAt: string;
  /** The instant of the entry numbered `version`: everything below is true as of it. */
  readonly updatedAt: string;
  readonly programName: string;
  readonly programVersion: number;
  readonly timeZone: string;
  readonly name: string | null;
  /** BCP 47, for example `fr` or `en-GB`. */
  readonly locale: string;
  /** EAN-13 in the in-store range; null once the member has left. */
  readonly cardNumber: string | null;
  readonly balance: Balance;
  readonly tier: TierStanding;
  /** Points by the instant at which they lapse, soonest first. */
  readonly expiring: readonly { readonly points: number; readonly at: string }[];
  readonly stamps: readonly {
    readonly id: string;
    readonly name: string;
    readonly count: number;
    readonly of: number;
  }[];
  /** What the member can use, soonest to expire first. */
  readonly vouchers: readonly CardVoucher[];
  /** `closed` once the member has left: passes are voided and objects expired. */
  readonly status: 'active' | 'closed';
}

export interface CardVoucher {
  readonly code: string;
  /** The reward's name. */
  readonly name: string;
  readonly type: string;
  readonly expiresAt: string | null;
}

/** Where a card's links lead; made from the card's token, which is never stored. */
export interface CardLinks {
  readonly cardUrl: string;
  readonly appleUrl: string;
  readonly googleUrl: string;
}

/** What a card needs to know of the person; everything else on it is the ledger's. */
export interface CardHolder {
  readonly name: string | null;
  readonly locale: string;
  readonly cardNumber: string | null;
}

/** Who has left: the card says that it is closed, and nothing of the person. */
export const nobody: CardHolder = { name: null, locale: 'en', cardNumber: null };

/** Points by the instant at which they lapse, soonest first. */
export function expiringOf(account: Pick<Account, 'lots'>): { points: number; at: string }[] {
  const byInstant = new Map<string, number>();
  for (const { expiresAt, points } of account.lots)
    if (expiresAt !== null) byInstant.set(expiresAt, (byInstant.get(expiresAt) ?? 0) + points);
  return [...byInstant].sort(([a], [b]) => (a < b ? -1 : 1)).map(([at, points]) => ({ points, at }));
}

/** The card of an account: true as of its newest entry, so the same version always looks the same. */
export function viewCard(
  program: Program,
  account: Account,
  holder: CardHolder,
  vouchers: readonly CardVoucher[] = [],
): CardView {
  return {
    memberId: account.memberId,
    version: account.version,
    modifiedAt: account.modifiedAt,
    updatedAt: account.updatedAt,
    programName: program.name,
    programVersion: program.version,
    timeZone: program.timeZone,
    name: holder.name,
    locale: holder.locale,
    cardNumber: holder.cardNumber,
    balance: balanceOf(account),
    tier: standing(program, account, Date.parse(account.updatedAt)),
    expiring: expiringOf(account),
    stamps: shownStamps(program, account),
    vouchers,
    status: account.status,
  };
}

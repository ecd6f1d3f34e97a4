/**
 * What every wallet shows. One view of a member's account, as the ledger stood when the entry numbered
 * `version` was written: the Apple pass, the Google object and the card page are all drawn from it, so no
 * two of them can disagree.
 */
import type { MemberId } from './contract/ids.ts';
import type { Balance } from './contract/shapes.ts';

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
  /** EAN-13 in the in-store range. */
  readonly cardNumber: string;
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
  /** `closed` once the member has left: passes are voided and objects expired. */
  readonly status: 'active' | 'closed';
}

/** Where a card's links lead; made from the card's token, which is never stored. */
export interface CardLinks {
  readonly cardUrl: string;
  readonly appleUrl: string;
  readonly googleUrl: string;
}

/**
 * What every wallet shows. One view of a member's account, as the ledger stood when the entry numbered
 * `version` was written: the Apple pass, the Google object and the card page are all drawn from it, so no
 * two of them can disagree.
 */
import { type Account, balanceOf, type Cause, type Entry, type EntryType, posted } from './account.ts';
import type { MemberId } from './contract/ids.ts';
import type { Balance } from './contract/shapes/basics.ts';
import type { Localized, LocalizedText } from './localized.ts';
import type { BarcodeFormat, Beacon, CardColours, CardLook, Store } from './look.ts';
import type { Program } from './program.ts';
import { speak, translatedTexts } from './program-texts.ts';
import { shownStamps } from './stamps.ts';
import { standing } from './tiers.ts';

export interface TierStanding {
  readonly id: string;
  readonly name: string;
  readonly qualifyingPoints: number;
  readonly nextTier: { readonly id: string; readonly name: string; readonly pointsMissing: number } | null;
  readonly validUntil: string | null;
}

/** Why a card is as it is: what its newest entry did. */
export interface LastChange {
  readonly type: EntryType;
  readonly cause: Cause['type'];
  /** The change of the points that can be spent; for points that were on hold, their spending. */
  readonly points: number;
  readonly pending: number;
  /** The name of the store that sold it, where the programme lists that store. */
  readonly store?: string;
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
  /**
   * `closed` once the member has left: passes are voided and objects expired. `moved` where they were merged into
   * another: the number still names them, and the card says where the new one is.
   */
  readonly status: 'active' | 'moved' | 'closed';
  /** What the entry numbered `version` did; null where nobody asked the ledger for it. */
  readonly lastChange: LastChange | null;
  /** The programme's own colours; null for the house's. */
  readonly colours: CardColours | null;
  /** In which formats phones get the card number; null for each wallet's own choice. */
  readonly barcodes: readonly BarcodeFormat[] | null;
  /** Places in which the card offers itself, at most ten. */
  readonly stores: readonly CardPlace<Store>[];
  readonly beacons: readonly CardPlace<Beacon>[];
  /** How the card speaks to a reader that it is held to; null for a programme without such readers. */
  readonly nfc: NonNullable<CardLook['nfc']> | null;
  readonly supportUrl: string | null;
  /** The programme's texts that differ by language: a phone that speaks another one than the member looks here. */
  readonly texts: readonly Localized[];
}

/** A place with its texts in the member's language. */
export type CardPlace<P> = {
  readonly [F in keyof P]: F extends 'name' | 'relevantText' ? Exclude<P[F], object> : P[F];
};

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

/**
 * What an entry did, for its member's eyes.
 * @param storeId that of the purchase that caused it
 * @param locale the member's
 */
export function lastChangeOf(program: Program, entry: Entry, storeId?: string, locale?: string): LastChange {
  const store = program.card?.stores?.find(({ id }) => id === storeId);
  return {
    type: entry.type,
    cause: entry.cause.type,
    points: posted(entry, entry.type === 'captured' ? 'member:held' : 'member:available'),
    pending: posted(entry, 'member:pending'),
    ...(store && { store: speak(program, locale)(store.name) }),
  };
}

/** Where what named somebody who was merged leads nowhere any more, their card is void. */
function statusOf({ status }: Pick<Account, 'status'>, { cardNumber }: CardHolder): CardView['status'] {
  if (status === 'active') return 'active';
  return status === 'merged' && cardNumber !== null ? 'moved' : 'closed';
}

/**
 * The card of an account: true as of its newest entry, so the same version always looks the same.
 * @param lastChange what that entry did, for a card that tells it
 */
export function viewCard(
  program: Program,
  account: Account,
  holder: CardHolder,
  vouchers: readonly CardVoucher[] = [],
  lastChange: LastChange | null = null,
): CardView {
  const {
    barcodes = null,
    colours = null,
    stores = [],
    beacons = [],
    nfc = null,
    supportUrl = null,
  } = program.card ?? {};
  const { locale } = holder;
  const say = speak(program, locale);
  return {
    memberId: account.memberId,
    version: account.version,
    modifiedAt: account.modifiedAt,
    updatedAt: account.updatedAt,
    programName: say(program.name),
    programVersion: program.version,
    timeZone: program.timeZone,
    name: holder.name,
    locale,
    cardNumber: holder.cardNumber,
    balance: balanceOf(account),
    tier: standing(program, account, Date.parse(account.updatedAt), locale),
    expiring: expiringOf(account),
    stamps: shownStamps(program, account, locale),
    vouchers,
    status: statusOf(account, holder),
    lastChange,
    colours,
    barcodes,
    stores: stores.map((store) => ({ ...relevant(store, say), name: say(store.name) })),
    beacons: beacons.map((beacon) => relevant(beacon, say)),
    nfc,
    supportUrl,
    texts: translatedTexts(program),
  };
}

function relevant<P extends { readonly relevantText?: LocalizedText | undefined }>(
  { relevantText, ...place }: P,
  say: (text: LocalizedText) => string,
) {
  return relevantText === undefined ? place : { ...place, relevantText: say(relevantText) };
}

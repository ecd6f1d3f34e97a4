/**
 * Stamp cards: a stamp for each whole unit of a matching line that was paid for, up to what one purchase and one day
 * may give; at `of` stamps the reward's voucher is issued and the count goes on with the rest. A refund takes stamps
 * back, and revokes an unused voucher they had paid for.
 */

import type { Account } from './account.ts';
import { type CampaignMember, scopesOf } from './campaigns.ts';
import type { VoucherId } from './contract/ids.ts';
import { utc } from './contract/shapes/basics.ts';
import { isSettlement, type RecordedPurchase } from './contract/shapes/purchase.ts';
import { lineScope, storedCondition } from './expressions.ts';
import { ownValue } from './own.ts';
import type { Program } from './program.ts';
import { speak } from './program-texts.ts';
import { voucherIdOf } from './vouchers.ts';

/** The lines of a purchase that give stamps of one card. */
export interface AppliedStamp {
  readonly id: string;
  readonly lines: readonly string[];
  /** The most that the purchase gives, where its units are more: the card's own bound, or what its day had left. */
  readonly max?: number;
  /** By how many its units were more. */
  readonly over?: number;
}

/** The most stamps of a card that one purchase, and one day of a member, give where the card says nothing. */
export const defaultStampsMax = 20;

/** Stamps of each card that a member got of each of the last days, by the programme's calendar. */
export type StampDays = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Stamps of one card: how many, or by how many they change. */
export interface StampCount {
  readonly id: string;
  readonly count: number;
}

/** A voucher that stamps have paid for and that nobody has used yet. */
export interface StampVoucher {
  readonly voucherId: VoucherId;
  readonly stampId: string;
  readonly rewardId: string;
  /** How many stamps it cost, which is how many come back when it is revoked. */
  readonly stamps: number;
  /** Null for a voucher that never expires. */
  readonly expiresAt: string | null;
}

const noCards: readonly AppliedStamp[] = [];

/** The stamp cards that a purchase fills, decided once, when it is posted. */
export function matchingStamps(
  program: Program,
  purchase: RecordedPurchase,
  member: CampaignMember,
): readonly AppliedStamp[] {
  if (program.stamps.length === 0) return noCards;
  const scope = scopesOf(purchase, member, program.timeZone);
  return program.stamps.flatMap(({ id, when, free }) => {
    const { condition } = storedCondition(when);
    const lines = purchase.lines
      .filter((line) => !isSettlement(line) && (free || line.amountMinor > 0))
      .filter((line) => condition({ ...scope, line: lineScope(line) }))
      .map((line) => line.id);
    return lines.length > 0 ? [{ id, lines }] : [];
  });
}

/**
 * The cards with the most that the purchase gives of each, where its units are more. That is decided once and kept, so
 * a refund takes nothing as long as what remains still fills as much.
 * @param given what the member has got of the purchase's day so far, by card
 */
export function boundStamps(
  program: Program,
  stamps: readonly AppliedStamp[],
  units: (lineId: string) => number,
  given: (cardId: string) => number,
): readonly AppliedStamp[] {
  return stamps.map((applied) => {
    const card = program.stamps.find(({ id }) => id === applied.id);
    const { perPurchase = defaultStampsMax, perDay = defaultStampsMax } = card ?? {};
    const max = Math.max(0, Math.min(perPurchase, perDay - given(applied.id)));
    const all = unitsOf(applied, units);
    return all > max ? { ...applied, max, over: all - max } : applied;
  });
}

function unitsOf({ lines }: AppliedStamp, units: (lineId: string) => number): number {
  return lines.reduce((sum, line) => sum + units(line), 0);
}

/** Stamps for what remains of a purchase: `units` tells the whole units that are left of a line. */
export function countStamps(
  stamps: readonly AppliedStamp[],
  units: (lineId: string) => number,
): StampCount[] {
  return stamps
    .map((applied) => ({ id: applied.id, count: Math.min(applied.max ?? Infinity, unitsOf(applied, units)) }))
    .filter(({ count }) => count !== 0);
}

/** What an entry says of stamps: the change of each count, and vouchers issued and revoked. */
export interface StampChange {
  readonly stamps: readonly StampCount[];
  readonly issued: readonly StampVoucher[];
  readonly revoked: readonly VoucherId[];
  /** How many more or fewer were given of the purchase's day; absent from entries of before. */
  readonly given?: { readonly day: string; readonly counts: readonly StampCount[] };
}

/**
 * So many vouchers come of one purchase at most, for one transaction; the stamps of the others stay, and count with
 * the next. A card that says nothing of its bounds gives 20 stamps of a purchase, so it takes more cards than most
 * programmes have, or a bound that somebody raised.
 */
export const issuedMax = 32;
/**
 * So many are revoked by one refund at most, for one transaction; what is beyond stays owed in stamps. It is well more
 * than one purchase can have issued, with those that an earlier one had left behind.
 */
export const revokedMax = 64;

const none: StampChange = { stamps: [], issued: [], revoked: [] };
const dayMs = 86_400_000;

/** New stamps, of a purchase of a day: vouchers are issued for every card that is full. */
export function addStamps(
  program: Program,
  account: Account,
  added: readonly StampCount[],
  day: string,
  now: number,
): StampChange {
  if (added.length === 0) return none;
  const stamps: StampCount[] = [];
  const issued: StampVoucher[] = [];
  for (const { id, count } of added) {
    const card = program.stamps.find((one) => one.id === id);
    let after = (ownValue(account.stamps, id) ?? 0) + count;
    while (card && after >= card.of && issued.length < issuedMax) {
      const { validDays } = program.rewards.find((reward) => reward.id === card.reward) ?? {};
      issued.push({
        voucherId: voucherIdOf(account, issued.length, now),
        stampId: id,
        rewardId: card.reward,
        stamps: card.of,
        expiresAt: validDays === undefined ? null : utc(now + validDays * dayMs),
      });
      after -= card.of;
    }
    stamps.push({ id, count: after - (ownValue(account.stamps, id) ?? 0) });
  }
  return { stamps, issued, revoked: [], given: { day, counts: added } };
}

/**
 * Stamps taken back: where fewer remain than none, unused vouchers of that card are revoked, newest first. What
 * a used voucher had cost stays owed in stamps. `vouchers` are the member's unused ones, oldest first; `day` is that
 * of the purchase, which may give as many again.
 */
export function takeStamps(
  account: Account,
  taken: readonly StampCount[],
  day: string | undefined,
  vouchers: readonly StampVoucher[],
): StampChange {
  if (taken.length === 0) return none;
  const stamps: StampCount[] = [];
  const revoked: VoucherId[] = [];
  for (const { id, count } of taken) {
    let after = (ownValue(account.stamps, id) ?? 0) - count;
    const unused = vouchers.filter((voucher) => voucher.stampId === id);
    for (
      let voucher = unused.pop();
      voucher && after < 0 && revoked.length < revokedMax;
      voucher = unused.pop()
    ) {
      revoked.push(voucher.voucherId);
      after += voucher.stamps;
    }
    stamps.push({ id, count: after - (ownValue(account.stamps, id) ?? 0) });
  }
  const counts = taken.map(({ id, count }) => ({ id, count: -count }));
  return { stamps, issued: [], revoked, ...(day === undefined ? {} : { given: { day, counts } }) };
}

/** The days so far that stamps are counted of: a purchase that comes later is bounded by itself alone. */
const keptDays = 35;

/** The stamps of days after one more entry; undefined where none are kept. */
export function foldStampDays(
  days: StampDays | undefined,
  given: StampChange['given'],
  recordedAt: string,
): StampDays | undefined {
  if (!days && !given) return undefined;
  const oldest = new Date(Date.parse(recordedAt) - keptDays * dayMs).toISOString().slice(0, 10);
  const folded = new Map<string, Map<string, number>>();
  const add = (id: string, day: string, count: number) => {
    if (day < oldest) return;
    const byDay = folded.get(id) ?? new Map<string, number>();
    folded.set(id, byDay.set(day, (byDay.get(day) ?? 0) + count));
  };
  for (const [id, counts] of Object.entries(days ?? {}))
    for (const [day, count] of Object.entries(counts)) add(id, day, count);
  for (const { id, count } of given?.counts ?? []) add(id, given?.day ?? '', count);
  const left = [...folded]
    .map(
      ([id, counts]) =>
        [
          id,
          Object.fromEntries(inOrder(Object.fromEntries(counts)).filter(([, count]) => count > 0)),
        ] as const,
    )
    .filter(([, counts]) => Object.keys(counts).length > 0);
  return left.length > 0 ? Object.fromEntries(left) : undefined;
}

/** The stamps of the days of two members together. */
export function addedDays(one: StampDays | undefined, other: StampDays | undefined): StampDays | undefined {
  if (!one || !other) return one ?? other;
  const ids = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(
    ids.map((id) => {
      const counts = new Map(Object.entries(ownValue(one, id) ?? {}));
      for (const [day, count] of Object.entries(ownValue(other, id) ?? {}))
        counts.set(day, (counts.get(day) ?? 0) + count);
      return [id, Object.fromEntries(inOrder(Object.fromEntries(counts)))];
    }),
  );
}

function inOrder(counts: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Counts that changed between two states of a purchase, as what is to be taken back. */
export function stampsLost(before: readonly StampCount[], after: readonly StampCount[]): StampCount[] {
  const left = new Map(after.map(({ id, count }) => [id, count]));
  return before
    .map(({ id, count }) => ({ id, count: count - (left.get(id) ?? 0) }))
    .filter(({ count }) => count !== 0);
}

/** The cards as they are shown in somebody's language: a card that owes stamps shows none. */
export function shownStamps(program: Program, account: Pick<Account, 'stamps'>, locale?: string) {
  const say = speak(program, locale);
  return program.stamps.map(({ id, name, of }) => ({
    id,
    name: say(name),
    count: Math.max(0, ownValue(account.stamps, id) ?? 0),
    of,
  }));
}

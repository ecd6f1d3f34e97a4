/**
 * Stamp cards: a stamp for each whole unit of a matching line that was paid for, up to what one purchase and one day
 * may give. A day gives what its purchases bring together, in whatever order they come and go, up to its bound; at `of`
 * stamps the reward's voucher is issued and the count goes on with the rest. A refund takes stamps back, and revokes an
 * unused voucher they had paid for.
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
  /** The most that the purchase brings, where its units are more. In entries of before also what its day had left. */
  readonly max?: number;
  /** By how many its units were more. */
  readonly over?: number;
  /** The most that its day gives, as the card said then; `defaultStampsMax` where it is absent. */
  readonly perDay?: number;
}

/** The most stamps of a card that one purchase, and one day of a member, give where the card says nothing. */
export const defaultStampsMax = 20;

/** Stamps of a day: what its purchases brought, and what was given of them. One number where that is the same. */
type DayCount = number | { readonly brought: number; readonly given: number };

/** Stamps of each card of each of the last days of a member, by the programme's calendar. */
export type StampDays = Readonly<Record<string, Readonly<Record<string, DayCount>>>>;

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
 * The cards with their bounds, and the most that the purchase brings of each where its units are more. That is decided
 * once and kept, so a refund takes nothing as long as what remains still fills as much.
 */
export function boundStamps(
  program: Program,
  stamps: readonly AppliedStamp[],
  units: (lineId: string) => number,
): readonly AppliedStamp[] {
  return stamps.map((applied) => {
    const card = program.stamps.find(({ id }) => id === applied.id);
    const { perPurchase = defaultStampsMax, perDay = defaultStampsMax } = card ?? {};
    const max = Math.min(perPurchase, perDay);
    const all = unitsOf(applied, units);
    return {
      ...applied,
      ...(perDay === defaultStampsMax ? {} : { perDay }),
      ...(all > max ? { max, over: all - max } : {}),
    };
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
  readonly given?: {
    readonly day: string;
    readonly counts: readonly StampCount[];
    /** How many more or fewer it brought, where the day's bound made that another number. */
    readonly brought?: readonly StampCount[];
  };
}

/** The day of a purchase, by the programme's calendar, and the cards that it fills with their bounds. */
export interface StampDay {
  readonly day: string;
  readonly cards: readonly AppliedStamp[];
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

/**
 * By how many the stamps of a day change when it brings so many more or fewer: the day gives what it brings up to its
 * bound, never more than are brought nor taking more than are taken, also where a programme has moved the bound since.
 */
function givenOf(account: Account, { id, count }: StampCount, of: StampDay | undefined, now: number): number {
  const known = of && countOfDay(account.stampDays, id, of.day, utc(now));
  const card = of?.cards.find((one) => one.id === id);
  const perDay = card ? (card.perDay ?? defaultStampsMax) : Infinity;
  // Of a day that is no longer counted, each purchase is what it is by itself.
  if (!of || (known === undefined && count < 0)) return count;
  const { brought, given } = known ?? { brought: 0, given: 0 };
  const change = Math.min(perDay, brought + count) - given;
  return count > 0 ? Math.min(Math.max(change, 0), count) : Math.max(Math.min(change, 0), count);
}

function givenChange(
  brought: readonly StampCount[],
  counts: readonly StampCount[],
  of: StampDay | undefined,
): Pick<StampChange, 'given'> {
  if (!of) return {};
  const isSame = counts.every(({ count }, at) => count === brought[at]?.count);
  return { given: { day: of.day, counts, ...(isSame ? {} : { brought }) } };
}

/** New stamps, of a purchase of a day, or of no day: vouchers are issued for every card that is full. */
export function addStamps(
  program: Program,
  account: Account,
  brought: readonly StampCount[],
  of: StampDay | undefined,
  now: number,
): StampChange {
  if (brought.length === 0) return none;
  const added = brought.map((one) => ({ id: one.id, count: givenOf(account, one, of, now) }));
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
  return { stamps, issued, revoked: [], ...givenChange(brought, added, of) };
}

/**
 * Stamps taken back: where fewer remain than none, unused vouchers of that card are revoked, newest first. What
 * a used voucher had cost stays owed in stamps. `vouchers` are the member's unused ones, oldest first; `of` is the day
 * of the purchase, whose other purchases may fill what this one has left.
 */
export function takeStamps(
  account: Account,
  lost: readonly StampCount[],
  of: StampDay | undefined,
  vouchers: readonly StampVoucher[],
  now: number,
): StampChange {
  if (lost.length === 0) return none;
  const brought = lost.map(({ id, count }) => ({ id, count: -count }));
  const counts = brought.map((one) => ({ id: one.id, count: givenOf(account, one, of, now) }));
  const stamps: StampCount[] = [];
  const revoked: VoucherId[] = [];
  for (const { id, count } of counts) {
    let after = (ownValue(account.stamps, id) ?? 0) + count;
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
  return { stamps, issued: [], revoked, ...givenChange(brought, counts, of) };
}

/**
 * The days so far that stamps are counted of: a purchase of an older one is bounded by itself alone. Those that have
 * brought more than they gave stay beyond that, as many of a card, so that what is given back of them ends the same.
 */
const keptDays = 35;
const boundDaysMax = 40;

const oldestOf = (recordedAt: string) =>
  new Date(Date.parse(recordedAt) - keptDays * dayMs).toISOString().slice(0, 10);

const parted = (count: DayCount) => (typeof count === 'number' ? { brought: count, given: count } : count);
const together = (count: { readonly brought: number; readonly given: number }): DayCount =>
  count.brought === count.given ? count.brought : count;

/** What a day has brought and given so far; undefined where it is not counted, or no longer. */
function countOfDay(days: StampDays | undefined, id: string, day: string, recordedAt: string) {
  const count = ownValue(ownValue(days ?? {}, id) ?? {}, day);
  if (count === undefined || (typeof count === 'number' && day < oldestOf(recordedAt))) return undefined;
  return parted(count);
}

/** The stamps of days after one more entry; undefined where none are kept. */
export function foldStampDays(
  days: StampDays | undefined,
  given: StampChange['given'],
  recordedAt: string,
): StampDays | undefined {
  if (!days && !given) return undefined;
  const oldest = oldestOf(recordedAt);
  const folded = new Map(
    Object.entries(days ?? {}).map(([id, counts]) => [id, new Map(Object.entries(counts))]),
  );
  for (const [at, { id, count }] of (given?.counts ?? []).entries()) {
    const { day, brought } = given as NonNullable<typeof given>;
    const known = countOfDay(days, id, day, recordedAt);
    if (!known && day < oldest) continue;
    const before = known ?? { brought: 0, given: 0 };
    const after = { brought: before.brought + (brought?.[at]?.count ?? count), given: before.given + count };
    const byDay = folded.get(id) ?? new Map<string, DayCount>();
    folded.set(id, byDay.set(day, together(after)));
  }
  const left = [...folded]
    .map(([id, counts]) => [id, Object.fromEntries(keptOf([...counts], oldest))] as const)
    .filter(([, counts]) => Object.keys(counts).length > 0);
  return left.length > 0 ? Object.fromEntries(left) : undefined;
}

/** The days of a card that stay, in their order. */
function keptOf(counts: readonly [string, DayCount][], oldest: string): [string, DayCount][] {
  const left = inOrder(
    counts.filter(([day, count]) => (typeof count === 'number' ? count > 0 && day >= oldest : true)),
  );
  const bound = left.filter(([, count]) => typeof count !== 'number').map(([day]) => day);
  const gone = new Set(bound.slice(0, Math.max(0, bound.length - boundDaysMax)));
  return left.filter(([day]) => !gone.has(day));
}

/** The stamps of the days of two members together. */
export function addedDays(one: StampDays | undefined, other: StampDays | undefined): StampDays | undefined {
  if (!one || !other) return one ?? other;
  const ids = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(
    ids.map((id) => {
      const counts = new Map(Object.entries(ownValue(one, id) ?? {}));
      for (const [day, count] of Object.entries(ownValue(other, id) ?? {})) {
        const [a, b] = [parted(counts.get(day) ?? 0), parted(count)];
        counts.set(day, together({ brought: a.brought + b.brought, given: a.given + b.given }));
      }
      return [id, Object.fromEntries(inOrder([...counts]))];
    }),
  );
}

function inOrder(counts: readonly [string, DayCount][]): [string, DayCount][] {
  return counts.toSorted(([a], [b]) => (a < b ? -1 : 1));
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

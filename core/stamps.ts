/**
 * Stamp cards: a stamp for each whole unit of a matching line; at `of` stamps the reward's voucher is issued and
 * the count goes on with the rest. A refund takes stamps back, and revokes an unused voucher they had paid for.
 */
import type { Account } from './account.ts';
import type { CampaignMember } from './campaigns.ts';
import type { VoucherId } from './contract/ids.ts';
import { utc } from './contract/shapes/basics.ts';
import { isSettlement, type RecordedPurchase } from './contract/shapes/purchase.ts';
import { lineScope, memberScope, purchaseScope, storedCondition } from './expressions.ts';
import type { Program } from './program.ts';
import { speak } from './program-texts.ts';
import { voucherIdOf } from './vouchers.ts';

/** The lines of a purchase that give stamps of one card. */
export interface AppliedStamp {
  readonly id: string;
  readonly lines: readonly string[];
}

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
  const scope = { purchase: purchaseScope(purchase, program.timeZone), member: memberScope(member) };
  return program.stamps.flatMap(({ id, when }) => {
    const { condition } = storedCondition(when);
    const lines = purchase.lines
      .filter((line) => !isSettlement(line) && condition({ ...scope, line: lineScope(line) }))
      .map((line) => line.id);
    return lines.length > 0 ? [{ id, lines }] : [];
  });
}

/** Stamps for what remains of a purchase: `units` tells the whole units that are left of a line. */
export function countStamps(
  stamps: readonly AppliedStamp[],
  units: (lineId: string) => number,
): StampCount[] {
  return stamps
    .map(({ id, lines }) => ({ id, count: lines.reduce((sum, line) => sum + units(line), 0) }))
    .filter(({ count }) => count !== 0);
}

/** What an entry says of stamps: the change of each count, and vouchers issued and revoked. */
export interface StampChange {
  readonly stamps: readonly StampCount[];
  readonly issued: readonly StampVoucher[];
  readonly revoked: readonly VoucherId[];
}

/** So many vouchers come of one purchase at most; the stamps of the others stay, and count with the next. */
export const issuedMax = 32;
/**
 * So many are revoked by one refund at most, for one transaction; what is beyond stays owed in stamps. It is well more
 * than one purchase can have issued, with those that an earlier one had left behind.
 */
export const revokedMax = 64;

const none: StampChange = { stamps: [], issued: [], revoked: [] };
const dayMs = 86_400_000;

/** New stamps: vouchers are issued for every card that is full. */
export function addStamps(
  program: Program,
  account: Account,
  added: readonly StampCount[],
  now: number,
): StampChange {
  if (added.length === 0) return none;
  const stamps: StampCount[] = [];
  const issued: StampVoucher[] = [];
  for (const { id, count } of added) {
    const card = program.stamps.find((one) => one.id === id);
    let after = (account.stamps[id] ?? 0) + count;
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
    stamps.push({ id, count: after - (account.stamps[id] ?? 0) });
  }
  return { stamps, issued, revoked: [] };
}

/**
 * Stamps taken back: where fewer remain than none, unused vouchers of that card are revoked, newest first. What
 * a used voucher had cost stays owed in stamps. `vouchers` are the member's unused ones, oldest first.
 */
export function takeStamps(
  account: Account,
  taken: readonly StampCount[],
  vouchers: readonly StampVoucher[],
): StampChange {
  if (taken.length === 0) return none;
  const stamps: StampCount[] = [];
  const revoked: VoucherId[] = [];
  for (const { id, count } of taken) {
    let after = (account.stamps[id] ?? 0) - count;
    const unused = vouchers.filter((voucher) => voucher.stampId === id);
    for (
      let voucher = unused.pop();
      voucher && after < 0 && revoked.length < revokedMax;
      voucher = unused.pop()
    ) {
      revoked.push(voucher.voucherId);
      after += voucher.stamps;
    }
    stamps.push({ id, count: after - (account.stamps[id] ?? 0) });
  }
  return { stamps, issued: [], revoked };
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
    count: Math.max(0, account.stamps[id] ?? 0),
    of,
  }));
}

/**
 * Spending: a redemption sets points aside (a hold, which ends once: captured, cancelled or expired) or spends
 * them at once. Every debit says which lots gave how much, so what comes back comes back to the same lots.
 */
import type { Account, Lot } from './account.ts';
import type { RedemptionId, VoucherId } from './contract/ids.ts';
import { utc } from './contract/shapes/basics.ts';
import { giveBack, postings, spendable, sumOf, take } from './lots.ts';
import { after, type Plan, settle } from './points.ts';
import type { Program, ProgramDocument } from './program.ts';
import { tierOf } from './tiers.ts';
import { type IssuedVoucher, issuing, partsOf } from './vouchers.ts';

export type Reward = ProgramDocument['rewards'][number];

/** The currency of a reward that takes an amount off; the others take what a purchase in any currency has. */
export function currencyOf(program: Pick<ProgramDocument, 'rewards'>, reward: Reward): string | undefined {
  return partsOf(program, reward).find((one) => one.type === 'amount')?.currency;
}

/** Holds that one member may have open: more than any till needs, few enough for a small account. */
export const holdsMax = 100;

export type Spent =
  | (Plan & { readonly type: 'planned'; readonly lots: readonly Lot[] })
  | { readonly type: 'insufficient'; readonly available: number };

export type HoldEnded = (Plan & { readonly type: 'planned' }) | { readonly type: 'no_hold' };

interface Debit {
  readonly redemptionId: RedemptionId;
  readonly points: number;
}

/** Takes points from what can be spent, or says how much that is. */
function debit(program: Program, account: Account, points: number, now: number) {
  const settled = settle(program, account, now);
  const lots = spendable(settled.account);
  const { taken, missing } = take(lots, points);
  return missing > 0
    ? { type: 'insufficient' as const, available: sumOf(lots) }
    : { type: 'taken' as const, settled, taken };
}

function given(taken: readonly Lot[]): Lot[] {
  return taken.map((lot) => ({ ...lot, points: -lot.points }));
}

/** Sets points aside for the programme's `holdMinutes`. */
export function hold(program: Program, account: Account, wanted: Debit, now: number): Spent {
  const { redemptionId, points } = wanted;
  const drawn = debit(program, account, points, now);
  if (drawn.type === 'insufficient') return drawn;
  const { settled, taken } = drawn;
  const expiresAt = utc(now + program.holdMinutes * 60_000);
  const plan = after(settled, () => ({
    type: 'held',
    cause: { type: 'redemption', id: redemptionId },
    occurredAt: utc(now),
    recordedAt: utc(now),
    programVersion: program.version,
    postings: postings([
      { account: 'member:available', points: -points },
      { account: 'member:held', points },
    ]),
    lots: taken,
    holds: { opened: { redemptionId, expiresAt } },
  }));
  return { type: 'planned', ...plan, lots: given(taken) };
}

/** Spends points at once; `vouchers` are what the member gets for them. */
export function redeem(
  program: Program,
  account: Account,
  wanted: Debit & { readonly vouchers?: readonly IssuedVoucher[] },
  now: number,
): Spent {
  const { redemptionId, points, vouchers = [] } = wanted;
  const drawn = debit(program, account, points, now);
  if (drawn.type === 'insufficient') return drawn;
  const { settled, taken } = drawn;
  const plan = after(settled, () => ({
    type: 'redeemed',
    cause: { type: 'redemption', id: redemptionId },
    occurredAt: utc(now),
    recordedAt: utc(now),
    programVersion: program.version,
    postings: postings([
      { account: 'member:available', points: -points },
      { account: 'programme:redeemed', points },
    ]),
    lots: taken,
    ...issuing(vouchers),
  }));
  return { type: 'planned', ...plan, lots: given(taken) };
}

/** Ends a hold by spending it; `no_hold` when it has ended already. */
export function capture(
  program: Program,
  account: Account,
  wanted: { readonly redemptionId: RedemptionId; readonly vouchers?: readonly IssuedVoucher[] },
  now: number,
): HoldEnded {
  const { redemptionId, vouchers = [] } = wanted;
  const settled = settle(program, account, now);
  const open = settled.account.holds.find((one) => one.redemptionId === redemptionId);
  if (!open) return { type: 'no_hold' };
  const points = sumOf(open.lots);
  const plan = after(settled, () => ({
    type: 'captured',
    cause: { type: 'redemption', id: redemptionId },
    occurredAt: utc(now),
    recordedAt: utc(now),
    programVersion: program.version,
    postings: postings([
      { account: 'member:held', points: -points },
      { account: 'programme:redeemed', points },
    ]),
    lots: [],
    holds: { ended: [redemptionId] },
    ...issuing(vouchers),
  }));
  return { type: 'planned', ...plan };
}

/** Ends a hold by giving its points back; `no_hold` when it has ended already. */
export function release(
  program: Program,
  account: Account,
  redemptionId: RedemptionId,
  now: number,
): HoldEnded {
  const settled = settle(program, account, now);
  const open = settled.account.holds.find((one) => one.redemptionId === redemptionId);
  if (!open) return { type: 'no_hold' };
  const plan = after(settled, (current) => {
    const back = giveBack(current, open.lots, now);
    return {
      type: 'released',
      cause: { type: 'redemption', id: redemptionId },
      occurredAt: utc(now),
      recordedAt: utc(now),
      programVersion: program.version,
      postings: postings([{ account: 'member:held', points: -sumOf(open.lots) }, ...back.postings]),
      lots: back.lots,
      holds: { ended: [redemptionId] },
    };
  });
  return { type: 'planned', ...plan };
}

/** Undoes a redemption that had spent its points; `revoked` are the vouchers that they had bought. */
export function unredeem(
  program: Program,
  account: Account,
  spent: {
    readonly redemptionId: RedemptionId;
    readonly lots: readonly Lot[];
    readonly revoked?: readonly VoucherId[];
  },
  now: number,
): Plan {
  const { redemptionId, lots, revoked = [] } = spent;
  return after(settle(program, account, now), (current) => {
    const back = giveBack(current, lots, now);
    return {
      type: 'redemption_cancelled',
      cause: { type: 'redemption', id: redemptionId },
      occurredAt: utc(now),
      recordedAt: utc(now),
      programVersion: program.version,
      postings: postings([{ account: 'programme:redeemed', points: -sumOf(lots) }, ...back.postings]),
      lots: back.lots,
      ...(revoked.length > 0 ? { vouchers: { revoked } } : {}),
    };
  });
}

/** Why a member cannot have a reward, whatever the points; undefined when nothing speaks against it. */
export function refuseReward(
  program: Program,
  account: Account,
  reward: Reward,
  now: number,
): string | undefined {
  const { status, tier, holds } = settle(program, account, now).account;
  if (status !== 'active') return 'The member has left.';
  if (reward.from !== undefined && now < Date.parse(reward.from))
    return `${reward.id} begins on ${reward.from}.`;
  if (reward.to !== undefined && now >= Date.parse(reward.to)) return `${reward.id} ended on ${reward.to}.`;
  const threshold = (id: string) => tierOf(program, id).threshold;
  if (reward.tier !== undefined && threshold(tier.id) < threshold(reward.tier))
    return `${reward.id} is for tier ${reward.tier}.`;
  if (holds.length >= holdsMax) return `The member has ${holdsMax} redemptions open.`;
  return undefined;
}

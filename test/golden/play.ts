/** Plays an example's steps against the pure core, as the ledger does with one member and nobody else. */
import type { Account, MemberFacts } from '../../core/account.ts';
import { makeId, type RedemptionId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import {
  award,
  clawBack,
  enrol,
  giveYearly,
  isWorthAsMuch,
  type Plan,
  settle,
  shrunk,
  withProfileBonus,
} from '../../core/points.ts';
import { type Program, programDocument } from '../../core/program.ts';
import { addRefund, type PurchaseRecord, worth } from '../../core/purchases.ts';
import { redeem, type Spent, unredeem } from '../../core/redemptions.ts';
import { isReturned, refundedMinor } from '../../core/remains.ts';
import { matchPurchase } from '../../core/returns.ts';
import type { StampVoucher } from '../../core/stamps.ts';
import { dateOf } from '../../core/time.ts';
import { type IssuedVoucher, vouchersFor } from '../../core/vouchers.ts';
import { aPurchase, aRefund, defaultProgram, recordOf } from '../support/world.ts';
import {
  type Buy,
  type Example,
  linesOf,
  minorOf,
  type Redeem,
  type Refund,
  type Return,
  type Step,
  theMember,
  type Units,
} from './shapes.ts';

/** Long enough ago that nothing of it matters. */
const enrolledLongAgo = Date.parse('2024-01-01T12:00:00Z');

/** What a step did, and the member as a reader sees it at that instant. */
export interface Played {
  readonly account: Account;
  readonly earned?: number;
  readonly taken?: number;
  /** Vouchers of full stamp cards that nobody has used. */
  readonly vouchers: number;
  /** The names of the rewards of all others. */
  readonly gifts: readonly string[];
  /** The purchase that the step is about. */
  readonly record?: PurchaseRecord | undefined;
}

interface World {
  program: Program;
  readonly facts: MemberFacts;
  account: Account;
  readonly records: PurchaseRecord[];
  vouchers: readonly StampVoucher[];
  gifts: readonly IssuedVoucher[];
  /** The last redemption. */
  spent?: Parameters<typeof unredeem>[2];
}

/** The default programme without the bonuses that come by themselves, with the example's differences. */
export function programOf(example: Example): Program {
  const { version, ...document } = defaultProgram({ bonuses: {}, ...example.program });
  return { ...programDocument.parse(document), version };
}

/** Plays all steps; the result has one element for each. */
export function play(example: Example): Played[] {
  const program = programOf(example);
  const { facts = {} } = example;
  const { account } = enrol(program, theMember, enrolledLongAgo);
  const world: World = { program, facts, account, records: [], vouchers: [], gifts: [] };
  return example.steps.map((step) => {
    const now = Date.parse(step.at);
    const done = playStep(world, step, now);
    const { account: seen } = settle(world.program, world.account, now);
    const { vouchers, gifts } = world;
    const record = recordOfStep(world, step);
    return { ...done, account: seen, vouchers: vouchers.length, gifts: namesOf(world, gifts), record };
  });
}

function namesOf({ program }: World, gifts: readonly IssuedVoucher[]): string[] {
  return gifts.map(({ rewardId }) => String(program.rewards.find(({ id }) => id === rewardId)?.name));
}

function recordOfStep({ records }: World, step: Step): PurchaseRecord | undefined {
  if (step.do === 'refund') return records[step.of - 1];
  return step.do === 'buy' ? records.at(-1) : undefined;
}

/** The account after a plan, and the vouchers that it leaves unused. */
function written(world: World, { account, entries }: Plan): void {
  world.account = account;
  const issued = entries.flatMap((entry) => entry.stamps?.issued ?? []);
  const revoked = entries.flatMap((entry) => entry.stamps?.revoked ?? []);
  world.vouchers = [...world.vouchers, ...issued].filter(({ voucherId }) => !revoked.includes(voucherId));
  const given = entries.flatMap((entry) => entry.vouchers?.issued ?? []);
  const gone = entries.flatMap((entry) => entry.vouchers?.revoked ?? []);
  world.gifts = [...world.gifts, ...given].filter(({ voucherId }) => !gone.includes(voucherId));
}

function playStep(world: World, step: Step, now: number): Pick<Played, 'earned' | 'taken'> {
  const { program, account } = world;
  switch (step.do) {
    case 'buy':
      return { earned: playBuy(world, step, now) };
    case 'refund':
      return { taken: playRefund(world, step, now) };
    case 'return':
      return { taken: playReturn(world, step, now) };
    case 'enrol':
      written(world, enrol(program, theMember, now));
      return {};
    case 'birthday':
      written(
        world,
        giveYearly(program, account, 'birthday', step.day ?? dateOf(now, program.timeZone), now),
      );
      return {};
    case 'profile':
      written(world, withProfileBonus(program, { account, entries: [] }, now));
      return {};
    case 'program':
      world.program = { ...program, ...step.changes, version: program.version + 1 };
      return {};
    case 'spend':
      world.account = spent(settle(program, account, now).account, step.points);
      return {};
    case 'redeem':
      playRedeem(world, step, now);
      return {};
    case 'cancel':
      if (world.spent) written(world, unredeem(program, account, world.spent, now));
      return {};
    case 'voucher':
      world.vouchers = world.vouchers.slice(1);
      return {};
    case 'look':
      // Reading writes nothing: what time has made true is settled again by the next step.
      return {};
  }
}

/** Spends points on a reward at once, as a till does without a purchase. */
function playRedeem(world: World, { reward: wanted }: Redeem, now: number): void {
  const { program, account } = world;
  const reward = program.rewards.find(({ id }) => id === wanted);
  if (!reward) throw new Error(`There is no reward ${wanted}.`);
  const redemptionId = makeId('redemption', theMember.slice(4)) as RedemptionId;
  const vouchers = vouchersFor(program, reward, account, now);
  const spent: Spent = redeem(program, account, { redemptionId, points: reward.points, vouchers }, now);
  if (spent.type === 'insufficient') throw new Error(`${spent.available} points can be spent.`);
  written(world, spent);
  world.spent = { redemptionId, lots: spent.lots, revoked: vouchers.map(({ voucherId }) => voucherId) };
}

/** The account after a debit, which the core has no command for: soonest to lapse first, pending points never. */
function spent(account: Account, points: number): Account {
  let missing = points;
  const lots = account.lots.flatMap((lot) => {
    const from = lot.availableAt === null ? Math.min(lot.points, missing) : 0;
    missing -= from;
    return lot.points === from ? [] : [{ ...lot, points: lot.points - from }];
  });
  if (missing > 0) throw new Error(`${missing} of ${points} points cannot be spent.`);
  return { ...account, lots };
}

function purchaseOf(step: Buy, number: number): RecordedPurchase {
  const currency = step.currency ?? 'EUR';
  const lines = linesOf(step).map(({ amount, category, brand, sku, quantity = 1 }, index) => ({
    id: String(index + 1),
    sku: sku ?? `SKU-${index + 1}`,
    quantity,
    amountMinor: minorOf(amount, currency),
    ...(category === undefined ? {} : { category }),
    ...(brand === undefined ? {} : { brand }),
  }));
  const shippingMinor = step.shipping === undefined ? 0 : minorOf(step.shipping, currency);
  const totalMinor = lines.reduce((sum, line) => sum + line.amountMinor, shippingMinor);
  return aPurchase([], {
    id: `${step.channel}:P${number}`,
    channel: step.channel,
    occurredAt: utc(step.boughtAt ?? step.at),
    currency,
    lines,
    ...(shippingMinor > 0 ? { shippingMinor } : {}),
    totalMinor,
  });
}

function playBuy(world: World, step: Buy, now: number): number {
  const purchase = purchaseOf(step, world.records.length + 1);
  const { earning, ...plan } = award(world.program, world.account, purchase, now, {}, world.facts);
  written(world, plan);
  world.records.push(recordOf(purchase, earning));
  return earning.points;
}

function recordAt(world: World, index: number): PurchaseRecord {
  const record = world.records[index];
  if (!record) throw new Error(`There is no purchase ${index + 1}: there are ${world.records.length}.`);
  return record;
}

/** Shrinks a purchase and claws back to what it is then worth. */
function shrink(world: World, index: number, refund: ReturnType<typeof aRefund>, now: number): number {
  const before = recordAt(world, index);
  const { record } = addRefund(before, refund);
  const { earning } = record;
  if (!earning) throw new Error(`Purchase ${index + 1} was never posted.`);
  const target = worth(record, earning);
  world.records[index] = { ...record, earning: shrunk(earning, target) };
  if (refundedMinor(record) === refundedMinor(before) && isWorthAsMuch(earning, target)) return 0;
  const asked = { ...refund, isReturned: isReturned(record) && !isReturned(before) };
  const plan = clawBack(world.program, world.account, earning, target, asked, now, world.vouchers);
  written(world, plan);
  return plan.clawedBack;
}

function playRefund(world: World, step: Refund, now: number): number {
  const { purchase } = recordAt(world, step.of - 1);
  const { back } = step;
  const minor = (amount: unknown) => minorOf(String(amount), purchase.currency);
  const { amountMinor: _amount, ...empty } = aRefund(purchase, 0, { occurredAt: utc(now) });
  const lines = (named: readonly (readonly [string, number, number?])[]) => ({
    ...empty,
    lines: named.map(([lineId, amountMinor, quantity]) => ({
      lineId,
      amountMinor,
      ...(quantity === undefined ? {} : { quantity }),
    })),
  });
  const refund =
    back === 'everything'
      ? lines(purchase.lines.map((line) => [line.id, line.amountMinor]))
      : 'order' in back
        ? { ...empty, amountMinor: minor(back.order) }
        : 'shipping' in back
          ? { ...empty, shippingMinor: minor(back.shipping) }
          : lines(Object.entries(back).map(([line, part]) => unitsOf(line, part, minor)));
  return shrink(world, step.of - 1, refund, now);
}

function unitsOf(
  line: string,
  part: string | Units,
  minor: (amount: string) => number,
): readonly [string, number, number?] {
  return typeof part === 'string' ? [line, minor(part)] : [line, minor(part.amount), part.quantity];
}

/** A return without receipt: newest purchase first, by when it happened, then by when it was posted. */
function playReturn(world: World, step: Return, now: number): number {
  const happened = (index: number) => Date.parse(recordAt(world, index).purchase.occurredAt);
  const newest = world.records.map((_, index) => index).sort((a, b) => happened(b) - happened(a) || b - a);
  let wanted: Parameters<typeof matchPurchase>[1] = [{ sku: step.sku, quantity: step.quantity }];
  let taken = 0;
  for (const index of newest) {
    const record = recordAt(world, index);
    const { parts, rest } = matchPurchase(record, wanted);
    const more = { occurredAt: utc(now), lines: parts };
    if (parts.length > 0) taken += shrink(world, index, aRefund(record.purchase, {}, more), now);
    wanted = rest;
  }
  return taken;
}

/**
 * Random lives of one member: purchases, their refunds, redemptions, what operators do, the end of the membership.
 * A life can be lived again under another programme.
 */
import fc from 'fast-check';
import type { KeyId, MemberId, RedemptionId } from '../../core/contract/ids.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import { balanceAt } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import { closeMember } from '../../ledger/erasure/closing.ts';
import {
  changeProfile,
  claimPurchase,
  createAdjustment,
  createRedemption,
  endRedemption,
  getAccount,
  type Redeemed,
  recordPurchase,
  recordRefund,
} from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { type Bought, bought, purchaseOf } from './histories.ts';
import { runNight } from './night.ts';
import { aRefund, noon } from './world.ts';

const hour = 3_600_000;

interface Part {
  readonly line: number | null;
  readonly hundredths: number;
}
type Act =
  | { readonly type: 'buy' | 'guest' | 'late'; readonly buy: Bought; readonly part: Part }
  | { readonly type: 'refund' | 'return'; readonly which: number; readonly part: Part }
  | { readonly type: 'authorize' | 'capture'; readonly points: number; readonly on: number | null }
  | { readonly type: 'end'; readonly end: 'capture' | 'cancel'; readonly back: number }
  | { readonly type: 'adjust'; readonly points: number }
  | { readonly type: 'night' | 'rename' | 'erase' };
export interface Step {
  readonly hours: number;
  readonly act: Act;
}

/** What an act came to: whether anything was written for the member, and the points that it took. */
export interface Done {
  readonly wrote: boolean;
  readonly points: number;
}

export const rename: Act = { type: 'rename' };
const part = fc.record({ line: fc.option(fc.nat(3)), hundredths: fc.integer({ min: 1, max: 130 }) });
const points = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 800 }));
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 20, arbitrary: fc.record({ type: fc.constant('buy' as const), buy: bought, part }) },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constantFrom('guest' as const, 'late' as const), buy: bought, part }),
  },
  {
    weight: 16,
    arbitrary: fc.record({
      type: fc.constantFrom('refund' as const, 'return' as const),
      which: fc.nat(9),
      part,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constantFrom('authorize' as const, 'capture' as const),
      points,
      on: fc.option(fc.nat(9)),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('end' as const),
      end: fc.constantFrom('capture' as const, 'cancel' as const),
      back: fc.constantFrom(0, 0, 1, 2),
    }),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(points, fc.constantFrom(1, -1))
      .map(([amount, sign]) => ({ type: 'adjust' as const, points: amount * sign })),
  },
  { weight: 6, arbitrary: fc.constantFrom<Act>({ type: 'night' }, rename) },
  { weight: 1, arbitrary: fc.constant<Act>({ type: 'erase' }) },
);
const hours = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 24 * 40 }) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 20 }) },
  { weight: 1, arbitrary: fc.integer({ min: 24 * 200, max: 24 * 500 }) },
);
const step = fc.record({ hours, act });
const soon = fc.integer({ min: 0, max: 9 });
/** Points held or spent, and what becomes of that within a day, with something in between or not. */
const redemption: fc.Arbitrary<Step[]> = fc
  .record({
    hours,
    type: fc.constantFrom('authorize' as const, 'capture' as const),
    points,
    on: fc.option(fc.nat(9)),
    between: fc.array(fc.record({ hours: soon, act }), { maxLength: 1 }),
    later: soon,
    end: fc.constantFrom('capture' as const, 'cancel' as const),
  })
  .map(({ hours: first, between, later, end, ...act }) => [
    { hours: first, act },
    ...between,
    { hours: later, act: { type: 'end' as const, end, back: 0 } },
  ]);
export const steps: fc.Arbitrary<Step[]> = fc
  .array(fc.oneof({ weight: 7, arbitrary: step.map((one) => [one]) }, { weight: 1, arbitrary: redemption }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((scenes) => scenes.flat());

/** What a life has had so far. */
export interface Life {
  readonly ledger: LedgerContext;
  readonly program: Program;
  readonly memberId: MemberId;
  readonly purchases: RecordedPurchase[];
  /** By the order in which they were asked for; undefined for one that did not come about. */
  readonly redemptions: (RedemptionId | undefined)[];
}

/**
 * Lives steps through the ledger's commands; answers when each of them was and what it came to. With `once`, what a
 * life before came to, redemptions and deductions are those of then, as far as there are points. A life may go on
 * where others have come to, with what they have had.
 */
export async function live(
  ledger: LedgerContext,
  program: Program,
  memberId: MemberId,
  happened: readonly Step[],
  once?: readonly Done[],
  begun?: { readonly at: number; readonly lives: readonly Life[] },
): Promise<{ times: number[]; done: Done[]; life: Life; now: number }> {
  const { at = noon, lives = [] } = begun ?? {};
  const life: Life = {
    ledger,
    program,
    memberId,
    purchases: lives.flatMap(({ purchases }) => purchases),
    redemptions: lives.flatMap(({ redemptions }) => redemptions),
  };
  const times = [at];
  const done: Done[] = [];
  let now = at;
  const version = async () => (await getAccount(ledger, memberId))?.version ?? 0;
  for (const [index, { hours: later, act: what }] of happened.entries()) {
    // Within one millisecond nothing tells a refund without an entry from what came after it.
    now += later * hour + 1;
    times.push(now);
    const before = await version();
    const spent = await play(life, what, now, once?.[index]);
    if (what.type === 'guest') now += hour;
    done.push({ wrote: (await version()) > before, points: spent });
    // A redemption that finds nothing at all is nothing, yet at its time the account was looked at.
    if (once?.[index]?.wrote && done[index]?.wrote === false)
      await changeProfile(ledger, program, memberId, { name: `N${index}` }, now);
  }
  return { times, done, life, now };
}

/** Plays one act; answers the points that it took. */
async function play(life: Life, what: Act, now: number, once: Done | undefined): Promise<number> {
  const { ledger, program, memberId, purchases } = life;
  switch (what.type) {
    case 'night':
      await runNight(ledger, program, now);
      return 0;
    case 'rename':
      await changeProfile(ledger, program, memberId, { name: `N${now}` }, now);
      return 0;
    case 'erase': {
      const operator = { keyId: 'key_test', name: 'Tess' };
      await closeMember(ledger, program, { memberId, operator, reason: null }, now);
      return 0;
    }
    case 'adjust':
      return adjust(life, what.points, now, once);
    case 'authorize':
    case 'capture':
      return redeem(life, what, now, once);
    case 'end':
      await end(life, what, now);
      return 0;
    case 'refund':
    case 'return': {
      const purchase = purchases[what.which % Math.max(1, purchases.length)];
      if (purchase) await giveBack(life, purchase, what, now);
      return 0;
    }
    default:
      await buy(life, what, now);
      return 0;
  }
}

function refundOf(purchase: RecordedPurchase, { line, hundredths }: Part) {
  const share = (minor: number) => Math.max(1, Math.round((minor * hundredths) / 100));
  const named = purchase.lines[(line ?? 0) % purchase.lines.length];
  return line === null
    ? aRefund(purchase, share(purchase.totalMinor))
    : aRefund(purchase, { [named?.id ?? '1']: share(named?.amountMinor ?? 1) });
}

async function buy(
  { ledger, program, memberId, purchases }: Life,
  what: Extract<Act, { readonly buy: Bought }>,
  now: number,
): Promise<void> {
  const purchase = purchaseOf(what.buy, what.type === 'guest' ? undefined : memberId, now);
  const refund = refundOf(purchase, what.part);
  if (what.type === 'late') await recordRefund(ledger, program, refund, now - 1);
  await recordPurchase(ledger, program, purchase, now);
  if (what.type === 'guest') {
    await recordRefund(ledger, program, refund, now + 1);
    const claim = { member: { memberId }, totalMinor: purchase.totalMinor };
    await claimPurchase(ledger, program, purchase.id, claim, now + hour);
  }
  purchases.push(purchase);
}

async function giveBack(
  { ledger, program, memberId }: Life,
  purchase: RecordedPurchase,
  what: Extract<Act, { readonly type: 'refund' | 'return' }>,
  now: number,
): Promise<void> {
  const refund = refundOf(purchase, what.part);
  const { purchaseId: _purchaseId, amountMinor: _amountMinor, ...rest } = refund;
  const [line] = purchase.lines;
  const lines = [{ sku: line?.sku ?? '', quantity: 0.4, amountMinor: 1 }];
  const withoutReceipt = { ...rest, member: { memberId }, lines };
  await recordRefund(ledger, program, what.type === 'return' ? withoutReceipt : refund, now);
}

/** The points to take this time: as many as the time before, as far as there are. */
async function takable({ ledger, program, memberId }: Life, once: Done, now: number): Promise<number> {
  const account = await getAccount(ledger, memberId);
  return account ? Math.min(once.points, balanceAt(program, account, now).available) : 0;
}

async function adjust(life: Life, points: number, now: number, once: Done | undefined): Promise<number> {
  const { ledger, program, memberId } = life;
  if (once && !once.wrote) return 0;
  const wanted = points < 0 && once ? 0 - (await takable(life, once, now)) : points;
  if (wanted === 0) return 0;
  const by = { keyId: 'key_test' as KeyId, holder: 'key_test' as KeyId, name: 'Tess' };
  const request = { memberId, points: wanted, reason: 'a test', by };
  const answer = () => ({ status: 201, body: null });
  await createAdjustment(ledger, program, request, { once: undefined, answer }, now);
  return Math.max(0, -wanted);
}

async function redeem(
  life: Life,
  what: Extract<Act, { readonly type: 'authorize' | 'capture' }>,
  now: number,
  once: Done | undefined,
): Promise<number> {
  const { ledger, program, memberId, purchases, redemptions } = life;
  const wanted = once ? await takable(life, once, now) : what.points;
  redemptions.push(undefined);
  if (wanted === 0 || once?.wrote === false) return 0;
  const reward = { id: 'any', name: 'Any', type: 'donation' as const, points: wanted };
  const on = what.on === null ? undefined : purchases[what.on % Math.max(1, purchases.length)];
  const result = await createRedemption(
    ledger,
    { ...program, rewards: [reward] },
    {
      member: { memberId },
      rewardId: reward.id,
      mode: what.type,
      purchaseId: on?.id ?? null,
      channel: 'store',
      paused: false,
    },
    { once: undefined, answer: (body: Redeemed) => ({ status: 200, body }) },
    now,
  );
  const body = result.type !== 'answered' ? undefined : (result.answer.body as Redeemed);
  if (body?.type !== 'done') return 0;
  redemptions[redemptions.length - 1] = body.record.redemptionId;
  return wanted;
}

/** Ends one of the newest redemptions. */
async function end(
  { ledger, program, redemptions }: Life,
  what: Extract<Act, { readonly type: 'end' }>,
  now: number,
): Promise<void> {
  const redemptionId = redemptions.at(-1 - what.back);
  if (!redemptionId) return;
  const request = { redemptionId, end: what.end, mayUse: () => true };
  const answer = () => ({ status: 200, body: null });
  await endRedemption(ledger, program, request, { once: undefined, answer }, now);
}

/** What a backtest reads of the ledger: whatever happened, in whatever window, the programme itself changes nothing. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileCandidate } from '../../core/backtest/candidate.ts';
import { replayMember } from '../../core/backtest/member.ts';
import { type BacktestSums, backtest, noSums } from '../../core/backtest/sums.ts';
import type { MemberWindow, Outcome } from '../../core/backtest/window.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import type { RecordedPurchase } from '../../core/contract/shapes.ts';
import type { Program } from '../../core/program.ts';
import type { LedgerContext } from '../../ledger/context.ts';
import { keys } from '../../ledger/items.ts';
import {
  type BacktestPosition,
  changeProfile,
  claimPurchase,
  enrol,
  readWindows,
  recordPurchase,
  recordRefund,
  referralCode,
  runNight,
  settleReferral,
} from '../../ledger/ledger.ts';
import { createMemoryStore } from '../../ledger/memory.ts';
import { type Bought, bought, newMember, purchaseOf, putInForce, richProgram } from '../support/histories.ts';
import { aPurchase, aRefund, noon, runs, testContext } from '../support/world.ts';
import { type Engine, engines } from './engines.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** A budget ends for real and never in a backtest, so the programme has none here. */
const rich = richProgram();
const program: Program = {
  ...rich,
  campaigns: rich.campaigns.map(({ budgetPoints: _budgetPoints, ...rest }) => rest),
};

const { visits: _visits, ...unvisited } = program;
const plain: Program = { ...unvisited, campaigns: [] };
const doubled: Program = {
  ...plain,
  channels: { ...program.channels, store: { multiplier: '2', pendingDays: 0 } },
};
/** Other rules for nearly everything that a purchase can meet. */
const other: Program = {
  ...program,
  currencies: { EUR: { points: 3, perMinor: 200 }, JPY: { points: 1, perMinor: 90 } },
  excludedCategories: ['kitchen'],
  channels: {
    web: { multiplier: '1.5', pendingDays: 0 },
    store: { multiplier: '2', pendingDays: 3 },
    app: { multiplier: '1', pendingDays: 30 },
  },
  expiry: { months: 3 },
  debt: 'forgive',
  tiers: [
    { id: 'ami', name: 'Ami', threshold: 0, multiplier: '1' },
    { id: 'intime', name: 'Intime', threshold: 700, multiplier: '1.75' },
    { id: 'soleil', name: 'Soleil', threshold: 1500, multiplier: '2' },
  ],
  visits: { points: 5, minimumMinor: 3000, coolDownHours: 100 },
};

type Act =
  | { readonly type: 'buy' | 'guest' | 'late'; readonly buy: Bought; readonly part: Part }
  | { readonly type: 'refund' | 'return'; readonly which: number; readonly part: Part }
  | { readonly type: 'night' }
  | { readonly type: 'rename' };
interface Part {
  readonly line: number | null;
  readonly hundredths: number;
}
interface Step {
  readonly hours: number;
  readonly act: Act;
}

const part = fc.record({ line: fc.option(fc.nat(3)), hundredths: fc.integer({ min: 1, max: 130 }) });
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant('buy' as const), buy: bought, part }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constantFrom<'guest' | 'late'>('guest', 'late'), buy: bought, part }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom<'refund' | 'return'>('refund', 'return'),
      which: fc.nat(9),
      part,
    }),
  },
  { weight: 2, arbitrary: fc.constantFrom<Act>({ type: 'night' }, { type: 'rename' }) },
);
const hours = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 24 * 40 }) },
  { weight: 1, arbitrary: fc.integer({ min: 24 * 200, max: 24 * 500 }) },
);
const steps: fc.Arbitrary<Step[]> = fc.array(fc.record({ hours, act }), { minLength: 1, maxLength: 12 });

/** Plays steps for one member through the ledger's commands; answers when each of them was. */
async function play(
  ledger: LedgerContext,
  program: Program,
  memberId: MemberId,
  happened: readonly Step[],
): Promise<number[]> {
  const times = [noon];
  const purchases: RecordedPurchase[] = [];
  let now = noon;
  const refundOf = (purchase: RecordedPurchase, { line, hundredths }: Part) => {
    const share = (minor: number) => Math.max(1, Math.round((minor * hundredths) / 100));
    const named = purchase.lines[(line ?? 0) % purchase.lines.length];
    return line === null
      ? aRefund(purchase, share(purchase.totalMinor))
      : aRefund(purchase, { [named?.id ?? '1']: share(named?.amountMinor ?? 1) });
  };
  for (const [index, { hours: later, act: what }] of happened.entries()) {
    // Within one millisecond nothing tells a refund that took nothing back from what came after it.
    now += later * hour + 1;
    times.push(now);
    if (what.type === 'night') await runNight(ledger, program, now, () => true);
    else if (what.type === 'rename')
      await changeProfile(ledger, program, memberId, { name: `N${index}` }, now);
    else if ('which' in what) {
      const purchase = purchases[what.which % Math.max(1, purchases.length)];
      if (!purchase) continue;
      const refund = refundOf(purchase, what.part);
      const { purchaseId: _purchaseId, amountMinor: _amountMinor, ...rest } = refund;
      const [line] = purchase.lines;
      const lines = [{ sku: line?.sku ?? '', quantity: 0.4, amountMinor: 1 }];
      const withoutReceipt = { ...rest, member: { memberId }, lines };
      await recordRefund(ledger, program, what.type === 'return' ? withoutReceipt : refund, now);
    } else {
      const purchase = purchaseOf(what.buy, what.type === 'guest' ? undefined : memberId, now);
      const refund = refundOf(purchase, what.part);
      if (what.type === 'late') await recordRefund(ledger, program, refund, now - 1);
      await recordPurchase(ledger, program, purchase, now);
      if (what.type === 'guest') {
        await recordRefund(ledger, program, refund, now + 1);
        now += hour;
        const claim = { member: { memberId }, totalMinor: purchase.totalMinor };
        await claimPurchase(ledger, program, purchase.id, claim, now);
      }
      purchases.push(purchase);
    }
  }
  return times;
}

interface Read {
  readonly members: MemberWindow[];
  readonly next: BacktestPosition | null;
}

async function read(
  ledger: LedgerContext,
  from: number,
  to: number,
  inForce: Program = program,
): Promise<Read> {
  const members: MemberWindow[] = [];
  const next = await readWindows(ledger, inForce, {
    window: { from, to },
    hasTime: () => true,
    onMember: (member) => members.push(member),
  });
  return { members, next };
}

function replayed(member: MemberWindow, candidate: Program, to: number): Outcome {
  const { unpriced: _unpriced, ...outcome } = replayMember(compileCandidate(candidate), member, to);
  return outcome;
}

/** Somebody, brought by a friend or not, and a history of theirs under a programme. */
async function lived(under: Program, all: readonly Step[], brought: boolean) {
  const ledger = testContext(createMemoryStore());
  await putInForce(ledger, under);
  const friend = brought ? { referralCode: referralCode(ledger, await newMember(ledger, under)) } : {};
  const joined = await enrol(ledger, under, friend, noon);
  if (joined.type !== 'enrolled') throw new Error('The member exists already.');
  const { memberId } = joined.member.account;
  const times = await play(ledger, under, memberId, all);
  await settleReferral(ledger, under, memberId, (times.at(-1) ?? noon) + 2 * hour);
  return { ledger, times, memberId };
}

describe('for any history, a backtest', () => {
  it('of the programme in force gives what the entries say, in any window', async () => {
    const happened = { purchases: 0, refunds: 0, clawed: 0, midway: 0 };
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(12), fc.nat(12), fc.boolean(), async (all, begin, length, exact) => {
        const { ledger, times } = await lived(program, all, true);
        const at = (index: number) => (times[Math.min(index, times.length - 1)] ?? noon) + (exact ? 0 : 1);
        const [from, to] = [at(begin), at(begin + length) + 3 * hour];
        for (const member of (await read(ledger, from, to)).members) {
          expect(replayed(member, program, to)).toEqual(member.actual);
          expect(member.unknown).toBe(0);
          happened.purchases += member.purchases;
          happened.refunds += member.refunds;
          happened.clawed += member.actual.clawedBack > 0 ? 1 : 0;
          happened.midway += member.start.version > 3 && member.purchases > 0 ? 1 : 0;
        }
      }),
      runs(1000),
    );
    for (const [what, count] of Object.entries(happened)) expect(count, what).toBeGreaterThan(50);
  }, 240_000);

  it('gives what the ledger says when the same is lived under the candidate', async () => {
    const happened = { differ: 0, clawed: 0, moved: 0 };
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        // When a friend's bonus is paid follows from pending days: that one is left as it was.
        const was = await lived(program, all, false);
        const would = await lived(other, all, false);
        const to = (was.times.at(-1) ?? noon) + 3 * hour;
        const [actual] = (await read(was.ledger, noon, to)).members as [MemberWindow];
        const [{ actual: expected }] = (await read(would.ledger, noon, to, other)).members as [MemberWindow];
        expect(replayed(actual, other, to)).toEqual(expected);
        happened.differ += expected.issued === actual.actual.issued ? 0 : 1;
        happened.clawed += expected.clawedBack > 0 ? 1 : 0;
        happened.moved += expected.tier === actual.actual.tier ? 0 : 1;
      }),
      runs(1000),
    );
    for (const [what, count] of Object.entries(happened)) expect(count, what).toBeGreaterThan(50);
  }, 240_000);
});

describe.each(Object.entries(engines))('a backtest on %s', (_name, { wanted, start }) => {
  let engine: Engine;
  beforeAll(async () => {
    if (wanted) engine = await start();
  });
  afterAll(async () => {
    await engine?.stop();
  });
  const test = it.skipIf(!wanted);

  async function plainLedger(): Promise<LedgerContext> {
    const ledger = testContext(await engine.newStore());
    await putInForce(ledger, plain);
    return ledger;
  }

  test('counts what was recorded in the window, and knows what refunds left of it by its end', async () => {
    const ledger = await plainLedger();
    const memberId = await newMember(ledger, plain);
    const buy = (amounts: number[], at: number) => {
      const purchase = aPurchase(amounts, { member: { memberId } });
      return recordPurchase(ledger, plain, purchase, at).then(() => purchase);
    };
    const before = await buy([10_000], noon);
    const [from, to] = [noon + day, noon + 10 * day];
    const first = await buy([20_050, 5_000], from);
    await recordRefund(ledger, plain, aRefund(before, { '1': 4_000 }), from + 1);
    // Takes nothing back at 200.50 points, but half a point of 401.
    await recordRefund(ledger, plain, aRefund(first, { '1': 30 }), from + 2);
    await buy([30_000], to - 1);
    await buy([7_700], to);
    await recordRefund(ledger, plain, aRefund(first, { '2': 5_000 }), to + 1);
    const [member] = (await read(ledger, from, to)).members;
    expect(member).toMatchObject({ purchases: 2, refunds: 2, unknown: 0 });
    // 50 for joining, 100 before the window, 250 and 300 × 1 (500 are reached at the end only) less 40.
    expect(member?.actual).toEqual({ issued: 550, clawedBack: 40, liability: 660, tier: 'complice' });
    expect(replayed(member as MemberWindow, doubled, to)).toEqual({
      issued: 501 + 600,
      clawedBack: 40 + 1,
      liability: 50 + 100 + 501 + 600 - 41,
      tier: 'complice',
    });
  });

  test('follows a return without receipt to the purchases that it was matched to', async () => {
    const ledger = await plainLedger();
    const memberId = await newMember(ledger, plain);
    for (const [index, amount] of [1_000, 2_000, 4_000].entries()) {
      const occurredAt = new Date(noon + index * 60_000).toISOString();
      await recordPurchase(
        ledger,
        plain,
        aPurchase([amount], { member: { memberId }, occurredAt }),
        noon + hour,
      );
    }
    const { purchaseId: _purchaseId, ...refund } = aRefund(aPurchase([1]), {});
    const lines = [{ sku: 'SKU-1', quantity: 1.5, amountMinor: 1 }];
    await recordRefund(ledger, plain, { ...refund, member: { memberId }, lines }, noon + 2 * hour);
    const to = noon + day;
    // 40 of the newest purchase, 10 of the one before.
    const [whole] = (await read(ledger, noon, to)).members;
    expect(whole).toMatchObject({ purchases: 3, refunds: 1, actual: { issued: 70, clawedBack: 50 } });
    expect(replayed(whole as MemberWindow, doubled, to)).toMatchObject({ issued: 140, clawedBack: 100 });
    // Of purchases from before the window a refund takes back what it took back.
    const [later] = (await read(ledger, noon + 2 * hour, to)).members;
    expect(later).toMatchObject({ purchases: 0, refunds: 1, actual: { issued: 0, clawedBack: 50 } });
    expect(replayed(later as MemberWindow, doubled, to)).toMatchObject({ issued: 0, clawedBack: 50 });
  });

  test('lets a visit count again when the one before it is given back, whatever the window', async () => {
    const visits = { points: 7, minimumMinor: 1_000, coolDownHours: 100 };
    const visited: Program = { ...plain, visits };
    const ledger = testContext(await engine.newStore());
    await putInForce(ledger, visited);
    const memberId = await newMember(ledger, visited);
    const buy = async (at: number) => {
      const occurredAt = new Date(at).toISOString().replace('.000Z', 'Z');
      const purchase = aPurchase([1_000], { member: { memberId }, occurredAt });
      await recordPurchase(ledger, visited, purchase, at);
      return purchase;
    };
    const first = await buy(noon);
    await buy(noon + hour);
    await recordRefund(ledger, visited, aRefund(first, { '1': 1_000 }), noon + 2 * hour);
    await buy(noon + 3 * hour);
    const to = noon + day;
    for (const [from, issued] of [
      [noon, 17 + 10 + 17],
      [noon + 1, 10 + 17],
      [noon + 2 * hour, 17],
    ] as const) {
      const [member] = (await read(ledger, from, to, visited)).members;
      expect(member?.actual).toMatchObject({ issued, clawedBack: 17 });
      expect(replayed(member as MemberWindow, visited, to)).toEqual(member?.actual);
    }
  });

  test('leaves a purchase as it was of which the records are not complete, and says so', async () => {
    const ledger = await plainLedger();
    const memberId = await newMember(ledger, plain);
    const purchase = aPurchase([60_000], { member: { memberId } });
    await recordPurchase(ledger, plain, purchase, noon);
    await recordPurchase(ledger, plain, aPurchase([1_000], { member: { memberId } }), noon + 1);
    await ledger.store.transact([{ delete: keys.purchase(purchase.id) }]);
    const [member] = (await read(ledger, noon, noon + day)).members;
    expect(member).toMatchObject({
      purchases: 1,
      unknown: 1,
      actual: { issued: 12, liability: 50 + 600 + 12 },
    });
    expect(replayed(member as MemberWindow, doubled, noon + day)).toEqual({
      issued: 25,
      clawedBack: 0,
      liability: 50 + 600 + 25,
      tier: 'complice',
    });
  });

  test('knows nobody who joined after the window', async () => {
    const ledger = await plainLedger();
    const memberId = await newMember(ledger, plain);
    expect((await read(ledger, noon - day, noon)).members).toEqual([]);
    const [member] = (await read(ledger, noon - day, noon + 1)).members;
    expect(member).toMatchObject({ memberId, purchases: 0, actual: { liability: 50, tier: 'ami' } });
    expect(member?.events.map(({ type }) => type)).toEqual(['joined', 'granted']);
  });

  test('goes on where it stopped, however little time there is, and adds up to the same', async () => {
    const ledger = await plainLedger();
    for (let made = 0; made < 21; made++) {
      const memberId = await newMember(ledger, plain);
      const purchase = aPurchase([(made + 1) * 5_000], { member: { memberId } });
      await recordPurchase(ledger, plain, purchase, noon + made);
      if (made % 3 === 0) await recordRefund(ledger, plain, aRefund(purchase, { '1': 2_500 }), noon + hour);
    }
    const window = { from: noon, to: noon + day };
    const go = async (hasTime: () => boolean) => {
      let sums: BacktestSums = noSums;
      let position: BacktestPosition | null | undefined;
      let calls = 0;
      while (position !== null) {
        const test = backtest(compileCandidate(doubled), plain, window.to, sums);
        const from = position && (JSON.parse(JSON.stringify(position)) as BacktestPosition);
        position = await readWindows(ledger, plain, {
          window,
          hasTime,
          onMember: test.add,
          ...(from ? { from } : {}),
        });
        // A cursor carries what was found as JSON.
        sums = JSON.parse(JSON.stringify(test.sums())) as BacktestSums;
        expect(++calls).toBeLessThan(200);
      }
      return { sums, calls };
    };
    const whole = await go(() => true);
    const stepwise = await go(() => false);
    expect(whole.calls).toBe(1);
    expect(stepwise.calls).toBeGreaterThan(2);
    expect(stepwise.sums).toEqual(whole.sums);
    expect(whole.sums).toMatchObject({ members: 21, purchases: 21, refunds: 7 });
    expect(whole.sums.winners).toHaveLength(10);
  });
});

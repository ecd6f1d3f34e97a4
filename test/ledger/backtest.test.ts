/** What a backtest reads of the ledger: whatever happened, in whatever window, the programme itself changes nothing. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileCandidate } from '../../core/backtest/candidate.ts';
import { replayMember } from '../../core/backtest/member.ts';
import { type BacktestSums, backtest, noSums } from '../../core/backtest/sums.ts';
import type { MemberWindow, Outcome } from '../../core/backtest/window.ts';
import type { Program } from '../../core/program.ts';
import {
  type BacktestPosition,
  enrol,
  readWindows,
  recordPurchase,
  recordRefund,
  referralCode,
  settleReferral,
} from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { keys } from '../../ledger/store/items.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { newMember, putInForce, richProgram } from '../support/histories.ts';
import { type Done, live, rename, type Step, steps } from '../support/lives.ts';
import { aPurchase, aRefund, noon, often, runs, testContext } from '../support/world.ts';
import { type Engine, engines } from './engines.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** A budget ends for real and never in a backtest, so the programme has none here. */
const rich = richProgram();
const program: Program = {
  ...rich,
  // Long enough that refunds and purchases come while points are held.
  holdMinutes: 1440,
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

/** Events that move points otherwise than purchases and their refunds do. */
const moving = ['granted', 'held', 'spent', 'captured', 'released', 'unspent', 'closed'];

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
  const {
    unpriced: _unpriced,
    short: _short,
    ...outcome
  } = replayMember(compileCandidate(candidate), member, to);
  return outcome;
}

/** Somebody, brought by a friend or not, and a history of theirs under a programme. */
async function lived(under: Program, all: readonly Step[], brought: boolean, once?: readonly Done[]) {
  const ledger = testContext(createMemoryStore());
  await putInForce(ledger, under);
  const friend = brought ? { referralCode: referralCode(ledger, await newMember(ledger, under)) } : {};
  const joined = await enrol(ledger, under, friend, noon);
  if (joined.type !== 'enrolled') throw new Error('The member exists already.');
  const { memberId } = joined.member.account;
  const { times, done } = await live(ledger, under, memberId, all, once);
  await settleReferral(ledger, under, memberId, (times.at(-1) ?? noon) + 2 * hour);
  return { ledger, times, memberId, done };
}

/** How often each kind of entry was in windows. */
type Counts = Record<string, number>;
function countEvents(counts: Counts, { events }: MemberWindow): void {
  for (const { type } of events) counts[type] = (counts[type] ?? 0) + 1;
}

describe('for any history, a backtest', () => {
  it('of the programme in force gives what the entries say, in any window', async () => {
    const happened = { purchases: 0, refunds: 0, clawed: 0, midway: 0 };
    const events: Counts = {};
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(12), fc.nat(12), fc.boolean(), async (all, begin, length, exact) => {
        const { ledger, times } = await lived(program, all, true);
        const at = (index: number) => (times[Math.min(index, times.length - 1)] ?? noon) + (exact ? 0 : 1);
        const [from, to] = [at(begin), at(begin + length) + 3 * hour];
        for (const member of (await read(ledger, from, to)).members) {
          expect(replayed(member, program, to)).toEqual(member.actual);
          expect(member.unknown).toBe(0);
          countEvents(events, member);
          happened.purchases += member.purchases;
          happened.refunds += member.refunds;
          happened.clawed += member.actual.clawedBack > 0 ? 1 : 0;
          happened.midway += member.start.version > 3 && member.purchases > 0 ? 1 : 0;
        }
      }),
      runs(1000),
    );
    for (const [what, count] of Object.entries(happened)) expect(count, what).toBeGreaterThan(often(50));
    for (const type of moving) expect(events[type] ?? 0, type).toBeGreaterThan(often(5));
  }, 240_000);

  it('gives what the ledger says when the same is lived under the candidate', async () => {
    const happened = { differ: 0, clawed: 0, moved: 0, short: 0 };
    const events: Counts = {};
    await fc.assert(
      fc.asyncProperty(steps, fc.constantFrom('carry' as const, 'forgive' as const), async (some, debt) => {
        const candidate: Program = { ...other, debt };
        // What a night writes down depends on what is due: behind each something is written in both ledgers.
        const all = some.flatMap((one) =>
          one.act.type === 'night' ? [one, { hours: 0, act: rename }] : [one],
        );
        // When a friend's bonus is paid follows from pending days: that one is left as it was.
        const was = await lived(program, all, false);
        const would = await lived(candidate, all, false, was.done);
        const to = (was.times.at(-1) ?? noon) + 3 * hour;
        const [actual] = (await read(was.ledger, noon, to)).members as [MemberWindow];
        const [{ actual: expected }] = (await read(would.ledger, noon, to, candidate)).members as [
          MemberWindow,
        ];
        const {
          unpriced: _unpriced,
          short,
          ...outcome
        } = replayMember(compileCandidate(candidate), actual, to);
        expect(outcome).toEqual(expected);
        countEvents(events, actual);
        happened.differ += expected.issued === actual.actual.issued ? 0 : 1;
        happened.clawed += expected.clawedBack > 0 ? 1 : 0;
        happened.moved += expected.tier === actual.actual.tier ? 0 : 1;
        happened.short += short;
      }),
      runs(1000),
    );
    for (const [what, count] of Object.entries(happened)) expect(count, what).toBeGreaterThan(often(50));
    for (const type of moving) expect(events[type] ?? 0, type).toBeGreaterThan(often(20));
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

  test('lets a refund of money alone take back the visit of a purchase that earned nothing', async () => {
    const visits = { points: 7, minimumMinor: 1_000, coolDownHours: 100 };
    const visited: Program = { ...plain, visits };
    const ledger = testContext(await engine.newStore());
    await putInForce(ledger, visited);
    const memberId = await newMember(ledger, visited);
    const purchase = aPurchase([1_000], { member: { memberId } });
    const card = { ...purchase, lines: purchase.lines.map((line) => ({ ...line, category: 'gift-card' })) };
    await recordPurchase(ledger, visited, card, noon);
    await recordRefund(ledger, visited, aRefund(card, { '1': 1 }), noon + 1);
    await recordPurchase(ledger, visited, aPurchase([1_000], { member: { memberId } }), noon + 2);
    const [member] = (await read(ledger, noon, noon + day, visited)).members;
    expect(member?.actual).toMatchObject({ issued: 17, clawedBack: 0 });
    expect(replayed(member as MemberWindow, visited, noon + day)).toEqual(member?.actual);
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

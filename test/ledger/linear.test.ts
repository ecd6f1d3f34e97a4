/**
 * Redemptions, refunds, cancellations and expiry at one instant: whatever was answered, one serial order explains
 * it, lost answers included. The model below is written from the programme's rules and shares nothing with the
 * ledger but the numbers.
 */
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { balanceOf, type Entry, withoutListeners } from '../../core/account.ts';
import type { MemberId, RedemptionId } from '../../core/contract/ids.ts';
import { replay } from '../../core/replay.ts';
import {
  createRedemption,
  endRedemption,
  getAccount,
  getRefund,
  listEntries,
  onceKey,
  recordPurchase,
  recordRefund,
} from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import type { Store } from '../../ledger/store/store.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { serialOrder } from '../support/linear.ts';
import { runNight } from '../support/night.ts';
import { known, unreliable } from '../support/unreliable.ts';
import { aPurchase, aRefund, defaultProgram, noon, runs, sha256, testContext } from '../support/world.ts';
import { type Engine, engines } from './engines.ts';

const minute = 60_000;
const program = defaultProgram({
  bonuses: {},
  rewards: [
    { id: 'small', name: 'Small', type: 'experience', points: 70 },
    { id: 'large', name: 'Large', type: 'donation', points: 150 },
  ],
});
const costs = { small: 70, large: 150 } as const;

/** The instant at which the older of two lots lapses: some operations come just before it, some just after. */
const lapse = Date.parse('2027-11-30T23:00:00Z');

// The model: two lots, the older of which lapses, debt, and the redemptions by their number -----------------------

interface Spent {
  readonly old: number;
  readonly young: number;
}

interface State {
  readonly old: number;
  readonly young: number;
  readonly debt: number;
  readonly held: Readonly<Record<string, Spent>>;
  readonly captured: Readonly<Record<string, Spent>>;
  /** What came back after the old lot had lapsed, with thirty days of its own. */
  readonly renewed: number;
}

type Ask =
  | { readonly kind: 'redeem'; readonly reward: keyof typeof costs; readonly late: boolean }
  | { readonly kind: 'capture' | 'cancel'; readonly which: string; readonly late: boolean }
  | { readonly kind: 'refund'; readonly points: number; readonly late: boolean }
  | { readonly kind: 'night'; readonly late: true };

function lapseIf(state: State, late: boolean): State {
  return late ? { ...state, old: 0 } : state;
}

/** Soonest to lapse first: what came back late has thirty days, less than the young lot's month. */
function draw(state: State, points: number): { state: State; spent: Spent; missing: number } {
  const old = Math.min(state.old, points);
  const renewed = Math.min(state.renewed, points - old);
  const young = Math.min(state.young, points - old - renewed);
  return {
    state: {
      ...state,
      old: state.old - old,
      renewed: state.renewed - renewed,
      young: state.young - young,
    },
    spent: { old: old + renewed, young },
    missing: points - old - renewed - young,
  };
}

/** An operation that comes late renews what came of the old lot; one whose clock is behind gives it back as it was. */
function giveBack(state: State, { old, young }: Spent, late: boolean): State {
  const repaid = Math.min(state.debt, old + young);
  const oldRest = old - Math.min(old, repaid);
  const youngRest = young - (repaid - Math.min(old, repaid));
  return {
    ...state,
    debt: state.debt - repaid,
    old: state.old + (late ? 0 : oldRest),
    renewed: state.renewed + (late ? oldRest : 0),
    young: state.young + youngRest,
  };
}

function without(all: Readonly<Record<string, Spent>>, which: string): Record<string, Spent> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => name !== which));
}

function step(before: State, ask: Ask): { state: State; answer: string } {
  const state = lapseIf(before, ask.late);
  switch (ask.kind) {
    case 'night':
      return { state, answer: 'done' };
    case 'redeem': {
      const drawn = draw(state, costs[ask.reward]);
      // A refusal writes nothing, so what has lapsed is not written down either.
      return drawn.missing > 0
        ? { state: before, answer: 'insufficient' }
        : { state: drawn.state, answer: 'done' };
    }
    case 'refund': {
      // The purchase's own lot is the young one: it gives first, then the others, and the rest is owed.
      const young = Math.min(state.young, ask.points);
      const drawn = draw({ ...state, young: state.young - young }, ask.points - young);
      const debt = state.debt + drawn.missing;
      return { state: { ...drawn.state, debt }, answer: `owes ${drawn.missing}` };
    }
    case 'capture': {
      const held = state.held[ask.which];
      if (state.captured[ask.which]) return { state: before, answer: 'done' };
      if (!held) return { state: before, answer: 'closed' };
      const captured = { ...state.captured, [ask.which]: held };
      return { state: { ...state, held: without(state.held, ask.which), captured }, answer: 'done' };
    }
    case 'cancel': {
      const spent = state.held[ask.which] ?? state.captured[ask.which];
      if (!spent) return { state: before, answer: 'done' };
      const open = {
        ...state,
        held: without(state.held, ask.which),
        captured: without(state.captured, ask.which),
      };
      return { state: giveBack(open, spent, ask.late), answer: 'done' };
    }
  }
}

// The system ---------------------------------------------------------------------------------------------------------

interface Outcome {
  readonly type: string;
  readonly record?: { readonly redemptionId: RedemptionId };
}

/** Some come just before the older lot lapses, some just after. */
function timeOf({ late }: Ask): number {
  return lapse + (late ? 1000 : -1000);
}

interface Said {
  readonly answer: string;
  /** What the entry that it made is about. */
  readonly id?: string | undefined;
}

interface Prepared {
  readonly ledger: LedgerContext;
  readonly memberId: MemberId;
  readonly purchase: ReturnType<typeof aPurchase>;
  readonly start: State;
  readonly open: readonly RedemptionId[];
}

/** A member with an old lot of 300 points and a young one of 400, of which four holds have taken some. */
async function prepare(store: Store): Promise<Prepared> {
  // Whoever has to try again waits for the others to have had a turn, not for milliseconds.
  const ledger: LedgerContext = {
    ...testContext(store),
    sleep: async (milliseconds) => {
      for (let turns = 0; turns < milliseconds % 7; turns++) await turn();
    },
  };
  await putInForce(ledger, program);
  const memberId = await newMember(ledger, program);
  const older = aPurchase([30_000], { member: { memberId }, occurredAt: '2026-11-22T11:00:00Z' });
  await recordPurchase(ledger, program, older, noon);
  const later = lapse - 20 * minute;
  const purchase = aPurchase([40_000], {
    member: { memberId },
    occurredAt: new Date(later).toISOString(),
    lines: [{ id: '1', sku: 'A', quantity: 1, amountMinor: 40_000 }],
  });
  await recordPurchase(ledger, program, purchase, later);
  // The night has come as far as it can, so that one more has a day to look at and not a year.
  await runNight(ledger, program, lapse - minute);
  const open: RedemptionId[] = [];
  for (let index = 0; index < 4; index++) {
    let id: RedemptionId | undefined;
    await createRedemption(
      ledger,
      program,
      {
        member: { memberId },
        rewardId: 'small',
        mode: 'authorize',
        purchaseId: null,
        channel: 'store',
        paused: false,
      },
      {
        once: undefined,
        answer: (outcome) => {
          if (outcome.type === 'done') id = outcome.record.redemptionId;
          return { status: 0, body: null };
        },
      },
      lapse - minute,
    );
    if (id) open.push(id);
  }
  const spent = { old: 70, young: 0 };
  const start: State = {
    old: 20,
    young: 400,
    debt: 0,
    held: Object.fromEntries(open.map((_, index) => [String(index), spent])),
    captured: {},
    renewed: 0,
  };
  return { ledger, memberId, purchase, start, open };
}

function doAsk({ ledger, memberId, purchase, open }: Prepared, ask: Ask, key: string): Promise<Said> {
  const now = timeOf(ask);
  const once = onceKey(ledger, { caller: 'store', operation: ask.kind, key, content: ask });
  const answer = ({ type, record }: Outcome) => ({
    status: 200,
    body: { answer: type, id: record?.redemptionId } satisfies Said,
  });
  const said = (result: Awaited<ReturnType<typeof createRedemption>>): Said =>
    result.type === 'answered' ? (result.answer.body as Said) : { answer: 'mismatch' };
  switch (ask.kind) {
    case 'redeem':
      return known(async () =>
        said(
          await createRedemption(
            ledger,
            program,
            {
              member: { memberId },
              rewardId: ask.reward,
              mode: 'capture',
              purchaseId: null,
              channel: 'store',
              paused: false,
            },
            { once, answer },
            now,
          ),
        ),
      );
    case 'capture':
    case 'cancel':
      return known(async () =>
        said(
          await endRedemption(
            ledger,
            program,
            {
              redemptionId: open[Number(ask.which)] as RedemptionId,
              end: ask.kind as 'capture' | 'cancel',
              mayUse: () => true,
            },
            { once, answer },
            now,
          ),
        ),
      );
    case 'refund': {
      const refund = { ...aRefund(purchase, { '1': ask.points * 100 }), id: `store:R-${key}` as const };
      return known(async () => {
        await recordRefund(ledger, program, refund, now);
        return { answer: `owes ${(await getRefund(ledger, refund.id))?.debt}`, id: refund.id };
      });
    }
    case 'night':
      return known(async () => {
        await runNight(ledger, program, now);
        return { answer: 'done' };
      });
  }
}

const entryTypes: Readonly<Record<Ask['kind'], readonly string[]>> = {
  redeem: ['redeemed'],
  capture: ['captured'],
  cancel: ['released', 'redemption_cancelled'],
  refund: ['clawed_back'],
  night: ['expired'],
};

/** Where the ledger says that something happened; the checker does not believe it, but looks there first. */
function placeOf(entries: readonly Entry[], ask: Ask, id: string | undefined): number | undefined {
  const own = entries.find(
    ({ type, cause, recordedAt }) =>
      entryTypes[ask.kind].includes(type) &&
      Date.parse(recordedAt) === timeOf(ask) &&
      (id === undefined || cause.id === id),
  );
  return own?.sequence;
}

const ask: fc.Arbitrary<Ask> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('redeem' as const),
      reward: fc.constantFrom('small' as const, 'large' as const),
      late: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('capture' as const, 'cancel' as const),
      which: fc.constantFrom('0', '1', '2', '3'),
      late: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('refund' as const),
      points: fc.constantFrom(20, 50),
      late: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'night' as const, late: true as const }) },
);

/** Refunds never ask for more than the purchase of 400 points held. */
function refundable(asks: readonly Ask[]): Ask[] {
  let left = 400;
  return asks.filter((one) => {
    if (one.kind !== 'refund') return true;
    left -= one.points;
    return left >= 0;
  });
}

async function burst(store: Store, asks: readonly Ask[], fates: readonly number[]) {
  let armed = false;
  let at = 0;
  const fate = () => {
    // Once all are used nothing is lost any more, so whoever tries again comes through in the end.
    const drawn = armed ? (fates[at++] ?? 0) : 0;
    return drawn === 1 ? ('before' as const) : drawn === 2 ? ('after' as const) : ('no' as const);
  };
  const prepared = await prepare(unreliable(store, fate));
  armed = true;
  const operations = await Promise.all(
    asks.map(async (one, index) => ({ ask: one, said: await doAsk(prepared, one, String(index)) })),
  );
  armed = false;
  const { ledger, memberId } = prepared;
  const account = await getAccount(ledger, memberId);
  if (!account) throw new Error('The member has no account.');
  const entries = (await listEntries(ledger, memberId, { limit: 1000 })).reverse();
  expect(replay(memberId, entries, sha256)).toEqual(withoutListeners(account));
  const placed = operations.map(({ ask: asked, said: { answer, id } }) => {
    return { ask: asked, answer, place: placeOf(entries, asked, id) };
  });
  return { prepared, operations: placed, balance: balanceOf(account) };
}

function sumOf(all: Readonly<Record<string, Spent>>): number {
  return Object.values(all).reduce((sum, { old, young }) => sum + old + young, 0);
}

function explain({ prepared, operations, balance }: Awaited<ReturnType<typeof burst>>) {
  const isEnd = (state: State) =>
    state.old + state.young + state.renewed === balance.available &&
    sumOf(state.held) === balance.held &&
    state.debt === balance.debt;
  return serialOrder<State, Ask, string>({ start: prepared.start, step, isEnd }, operations);
}

/** DynamoDB Local takes up to a minute for fifty operations on one member where it shares its machine. */
const runsOf: Readonly<Record<string, number>> = { memory: 20, SQLite: 3, 'DynamoDB Local': 2 };

describe.each(Object.entries(engines))('at one instant, on %s', (name, { wanted, start }) => {
  let engine: Engine;
  beforeAll(async () => {
    if (wanted) engine = await start();
    else console.warn(`${name} is not tried: set DYNAMODB_LOCAL=1 to accept its licence.`);
  });
  afterAll(async () => {
    await engine?.stop();
  });
  const test = it.skipIf(!wanted);

  test('50 redemptions, refunds, captures, cancellations and nights have one serial order that explains every answer', async () => {
    const asks = fc.array(ask, { minLength: 50, maxLength: 50 }).map(refundable);
    // One in five answers is lost, half of them after the commit.
    const fates = fc.array(fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 1, 2), {
      minLength: 300,
      maxLength: 300,
    });
    await fc.assert(
      fc.asyncProperty(asks, fates, async (wantedAsks, drawn) => {
        const result = await burst(await engine.newStore(), wantedAsks, drawn);
        expect(explain(result)).toMatchObject({ explained: true });
      }),
      { ...runs(runsOf[engine.name] ?? 1), endOnFailure: true },
    );
  }, 600_000);
});

describe('the checker', () => {
  it('finds no order for points spent twice', () => {
    const start: State = { old: 0, young: 100, debt: 0, held: {}, captured: {}, renewed: 0 };
    const twice = { ask: { kind: 'redeem', reward: 'small', late: false } as Ask, answer: 'done' };
    const model = { start, step, isEnd: () => true };
    expect(serialOrder(model, [twice])).toMatchObject({ explained: true });
    expect(serialOrder(model, [twice, twice])).toMatchObject({ explained: false });
  });

  it('finds an order in which what could change nothing has to wait until it does', () => {
    const start = { isOn: false };
    const step = ({ isOn }: typeof start, turnsOn: boolean) => ({
      state: { isOn: turnsOn },
      answer: turnsOn || isOn ? 'done' : 'refused',
    });
    const asks = [true, true, false].map((ask) => ({ ask, answer: 'done' }));
    const found = serialOrder({ start, step, isEnd: ({ isOn }) => isOn }, asks);
    expect(found).toMatchObject({ explained: true });
  });

  it('finds no order for an answer that no moment explains, or an end that no order leads to', () => {
    const start: State = { old: 0, young: 100, debt: 0, held: {}, captured: {}, renewed: 0 };
    const refused = { ask: { kind: 'redeem', reward: 'small', late: false } as Ask, answer: 'insufficient' };
    expect(serialOrder({ start, step, isEnd: () => true }, [refused])).toMatchObject({ explained: false });
    const done = { ...refused, answer: 'done' };
    expect(serialOrder({ start, step, isEnd: ({ young }) => young === 100 }, [done])).toMatchObject({
      explained: false,
    });
  });
});

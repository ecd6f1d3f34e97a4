/**
 * Merging and parting two members at one instant with purchases and redemptions of both, answers lost: one serial order
 * explains every answer. The model is written from what a merge promises and shares nothing with the ledger.
 */
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { balanceOf } from '../../core/account.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import {
  createRedemption,
  getAccount,
  mergeMembersOnce,
  onceKey,
  recordPurchase,
  recordRefund,
  unmergeMembersOnce,
  verifyLedger,
} from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import type { Once } from '../../ledger/store/idempotency.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { serialOrder } from '../support/linear.ts';
import { known, unreliable } from '../support/unreliable.ts';
import { aPurchase, aRefund, defaultProgram, noon, runs, testContext } from '../support/world.ts';

const program = defaultProgram({
  bonuses: {},
  stamps: [],
  rewards: [{ id: 'small', name: 'Small', type: 'experience', points: 30 }],
});
const bought = { occurredAt: '2026-11-22T11:00:00Z' };

type Side = 'into' | 'from';
type Ask =
  | { readonly kind: 'buy'; readonly who: Side }
  | { readonly kind: 'redeem'; readonly who: Side }
  | { readonly kind: 'refund'; readonly who: Side }
  | { readonly kind: 'merge' | 'unmerge' };

interface State {
  readonly into: number;
  readonly from: number;
  /** What came from the other, as far as nothing of theirs was given back. */
  readonly share: number | null;
  /** Whether the purchase that each of them began with was given back. */
  readonly returned: Readonly<Record<Side, boolean>>;
}

function step(state: State, ask: Ask): { state: State; answer: string } {
  const { share, returned } = state;
  const done = (after: Partial<State>) => ({ state: { ...state, ...after }, answer: 'done' });
  switch (ask.kind) {
    case 'merge':
      return share === null ? done({ into: state.into + state.from, from: 0, share: state.from }) : done({});
    case 'unmerge': {
      if (share === null) return { state, answer: 'refused' };
      const back = Math.min(share, state.into);
      return done({ into: state.into - back, from: back, share: null });
    }
    case 'buy': {
      const side = share === null ? ask.who : 'into';
      return done({ [side]: state[side] + 10 });
    }
    case 'redeem': {
      const side = share === null ? ask.who : 'into';
      return state[side] < 30 ? { state, answer: 'insufficient' } : done({ [side]: state[side] - 30 });
    }
    case 'refund': {
      if (returned[ask.who]) return done({});
      const side = share === null ? ask.who : 'into';
      return done({
        [side]: state[side] - 50,
        returned: { ...returned, [ask.who]: true },
        ...(share !== null && ask.who === 'from' ? { share: Math.max(0, share - 50) } : {}),
      });
    }
  }
}

const side = fc.constantFrom<Side>('into', 'from');
const ask: fc.Arbitrary<Ask> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('buy' as const, 'redeem' as const), who: side }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('merge' as const, 'unmerge' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('refund' as const), who: side }) },
);

it('one serial order explains what was answered, and the entries add up', async () => {
  const fates = fc.array(fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 1, 2), { minLength: 200, maxLength: 200 });
  await fc.assert(
    fc.asyncProperty(fc.array(ask, { minLength: 12, maxLength: 16 }), fates, async (asks, drawn) => {
      let [armed, at] = [false, 0];
      const fate = () => {
        const one = armed ? (drawn[at++] ?? 0) : 0;
        return one === 1 ? ('before' as const) : one === 2 ? ('after' as const) : ('no' as const);
      };
      const ledger: LedgerContext = {
        ...testContext(unreliable(createMemoryStore(), fate)),
        sleep: async (milliseconds) => {
          for (let turns = 0; turns < milliseconds % 7; turns++) await turn();
        },
      };
      await putInForce(ledger, program);
      const ids = { into: await newMember(ledger, program), from: await newMember(ledger, program) };
      const first = (who: Side) => ({
        ...aPurchase([5_000], { ...bought, member: { memberId: ids[who] } }),
        id: `store:FIRST-${who}` as const,
      });
      const firsts = { into: first('into'), from: first('from') };
      for (const who of ['into', 'from'] as const) {
        await recordPurchase(ledger, program, firsts[who], noon);
        // Enough that a refund finds its points whatever was redeemed: nobody comes to owe.
        await recordPurchase(
          ledger,
          program,
          aPurchase([12_000], { ...bought, member: { memberId: ids[who] } }),
          noon,
        );
      }
      const refunds = {
        into: aRefund(firsts.into, { '1': 5_000 }),
        from: aRefund(firsts.from, { '1': 5_000 }),
      };
      const redeemed = { into: 0, from: 0 };
      const fair = asks.filter((one) => one.kind !== 'redeem' || ++redeemed[one.who] <= 2);
      armed = true;
      const operations = await Promise.all(
        fair.map(async (one, index) => ({
          ask: one,
          answer: await known(() => act(ledger, ids, one, String(index), { refunds })),
        })),
      );
      armed = false;
      const [into, from] = await Promise.all([getAccount(ledger, ids.into), getAccount(ledger, ids.from)]);
      if (!into || !from) throw new Error('Both have accounts.');
      const start: State = { into: 170, from: 170, share: null, returned: { into: false, from: false } };
      const isEnd = (end: State) =>
        end.into === balanceOf(into).available &&
        end.from === balanceOf(from).available &&
        (end.share !== null) === (from.status === 'merged');
      expect(serialOrder({ start, step, isEnd }, operations)).toMatchObject({ explained: true });
      expect((await verifyLedger(ledger, { hasTime: () => true, differencesMax: 9 })).differences).toEqual(
        [],
      );
    }),
    { ...runs(40), endOnFailure: true },
  );
}, 240_000);

async function act(
  ledger: LedgerContext,
  ids: Readonly<Record<Side, MemberId>>,
  one: Ask,
  key: string,
  { refunds }: { readonly refunds: Readonly<Record<Side, ReturnType<typeof aRefund>>> },
): Promise<string> {
  const once = onceKey(ledger, { caller: 'ops', operation: one.kind, key, content: one });
  const reply = { once, answer: ({ type }: { readonly type: string }) => ({ status: 200, body: type }) };
  const said = (result: Once) => (result.type === 'answered' ? String(result.answer.body) : result.type);
  switch (one.kind) {
    case 'merge':
      return said(await mergeMembersOnce(ledger, program, ids, reply, noon));
    case 'unmerge':
      return said(await unmergeMembersOnce(ledger, program, ids, reply, noon));
    case 'buy': {
      const purchase = aPurchase([1_000], { ...bought, member: { memberId: ids[one.who] } });
      await recordPurchase(ledger, program, { ...purchase, id: `store:${key}` }, noon);
      return 'done';
    }
    case 'refund':
      await recordRefund(ledger, program, refunds[one.who], noon);
      return 'done';
    case 'redeem': {
      const request = {
        member: { memberId: ids[one.who] },
        rewardId: 'small',
        mode: 'capture' as const,
        purchaseId: null,
        channel: 'store' as const,
        paused: false,
      };
      return said(await createRedemption(ledger, program, request, reply, noon));
    }
  }
}

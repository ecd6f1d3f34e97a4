/** Ids that come again with other content: each content is one exception, and what was dismissed stays so. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import type { RecordedRefund } from '../../core/contract/shapes/refund.ts';
import { statusOf } from '../../core/purchases.ts';
import {
  dismissException,
  getPurchase,
  listExceptions,
  onceKey,
  recordPurchase,
  recordRefund,
} from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { decideOnce } from '../../ledger/store/idempotency.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { aPurchase, aRefund, defaultProgram, noon, testContext } from '../support/world.ts';
import { type Engine, engines } from './engines.ts';

const program = defaultProgram();
const by = { operator: { keyId: 'key_01JD0000000000000000000000', name: 'test' }, reason: 'seen' };

async function open(ledger: LedgerContext) {
  return (await listExceptions(ledger, { status: 'open', limit: 100 })).items;
}

async function dismissAll(ledger: LedgerContext): Promise<void> {
  for (const { exceptionId } of await open(ledger)) await dismissException(ledger, exceptionId, by, noon);
}

describe.each(Object.entries(engines))('conflicts on %s', (_name, { wanted, start }) => {
  let engine: Engine;
  beforeAll(async () => {
    if (wanted) engine = await start();
  });
  afterAll(async () => engine?.stop());

  async function world() {
    const ledger = testContext(await engine.newStore());
    await putInForce(ledger, program);
    const memberId = await newMember(ledger, program);
    const purchase = aPurchase([1000], { member: { memberId } });
    await recordPurchase(ledger, program, purchase, noon);
    return { ledger, memberId, purchase };
  }

  it.runIf(wanted)(
    'of purchases are listed once each, and stay dismissed when the same comes again',
    async () => {
      const { ledger, purchase } = await world();
      const other = (totalMinor: number): RecordedPurchase => ({
        ...purchase,
        totalMinor,
        shippingMinor: totalMinor - 1000,
      });
      const status = async () => {
        const record = await getPurchase(ledger, purchase.id);
        return record && statusOf(record);
      };
      const post = async (one: RecordedPurchase) => (await recordPurchase(ledger, program, one, noon)).type;
      for (let time = 0; time < 3; time++) expect(await post(other(1100))).toBe('conflict');
      expect((await open(ledger)).map(({ type }) => type)).toEqual(['purchase_conflict']);
      expect(await status()).toBe('conflict');
      await dismissAll(ledger);
      expect(await status()).toBe('posted');
      expect(await post(other(1100))).toBe('conflict');
      expect([await open(ledger), await status()]).toEqual([[], 'posted']);
      // Other content again is another conflict, and each has to be seen.
      await post(other(1200));
      await post(other(1300));
      expect(await open(ledger)).toHaveLength(2);
      const [first] = await open(ledger);
      if (first) await dismissException(ledger, first.exceptionId, by, noon);
      expect(await status()).toBe('conflict');
      await dismissAll(ledger);
      expect(await status()).toBe('posted');
    },
  );

  it.runIf(wanted)('of refunds stay dismissed when the same comes again', async () => {
    const { ledger, purchase } = await world();
    const refund = aRefund(purchase, 100);
    const other: RecordedRefund = { ...refund, amountMinor: 200 };
    await recordRefund(ledger, program, refund, noon);
    for (let time = 0; time < 2; time++)
      expect((await recordRefund(ledger, program, other, noon)).type).toBe('conflict');
    expect((await open(ledger)).map(({ type }) => type)).toEqual(['refund_conflict']);
    await dismissAll(ledger);
    expect((await recordRefund(ledger, program, other, noon)).type).toBe('conflict');
    expect(await open(ledger)).toEqual([]);
  });

  it.runIf(wanted)(
    'of a key: a refusal that passes by itself is not kept with it, what was answered is',
    async () => {
      const { ledger } = await world();
      const once = onceKey(ledger, { caller: 'store', operation: 'redeem', key: 'a', content: {} });
      const answer = async (status: number, code?: string) => {
        const body = code ? { code } : 'done';
        const result = await decideOnce(ledger, 'Testing', once, noon, async () => ({
          answer: { status, body },
          writes: [],
        }));
        return result.type === 'answered' ? [result.answer.status, result.replayed] : result.type;
      };
      expect(await answer(409, 'redemptions_paused')).toEqual([409, false]);
      expect(await answer(503, 'unavailable')).toEqual([503, false]);
      expect(await answer(201)).toEqual([201, false]);
      expect(await answer(409, 'redemptions_paused')).toEqual([201, true]);
      expect(await answer(409, 'insufficient_points')).toEqual([201, true]);
      const other = onceKey(ledger, { caller: 'store', operation: 'redeem', key: 'b', content: {} });
      const refuse = async (code: string) =>
        decideOnce(ledger, 'Testing', other, noon, async () => ({
          answer: { status: 409, body: { code } },
          writes: [],
        }));
      expect(await refuse('insufficient_points')).toMatchObject({ replayed: false });
      expect(await refuse('redemptions_paused')).toMatchObject({
        replayed: true,
        answer: { body: { code: 'insufficient_points' } },
      });
    },
  );
});

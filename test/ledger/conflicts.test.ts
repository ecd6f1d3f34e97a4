/** Ids that come again with other content: each content is one exception, and what was dismissed stays so. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExceptionId, PurchaseId } from '../../core/contract/ids.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import type { RecordedRefund } from '../../core/contract/shapes/refund.ts';
import { statusOf } from '../../core/purchases.ts';
import {
  dismissException,
  getPurchase,
  getRefund,
  listExceptions,
  onceKey,
  postAs,
  recordPurchase,
  recordRefund,
  retryException,
  verifyLedger,
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

function retryAs(
  ledger: LedgerContext,
  { exceptionId }: { readonly exceptionId: ExceptionId },
  as: PurchaseId,
) {
  return retryException(
    ledger,
    exceptionId,
    (exception, found) => postAs(ledger, program, exception, as, { operator: by.operator, found }, noon),
    noon,
  );
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
    'of purchases name the second buyer, and are posted under another id or dismissed',
    async () => {
      const { ledger, memberId, purchase } = await world();
      const second = await newMember(ledger, program);
      const others = [1100, 1200].map((totalMinor) => ({
        ...purchase,
        member: { memberId: second },
        totalMinor,
        shippingMinor: totalMinor - 1000,
      }));
      for (const other of others) await recordPurchase(ledger, program, other, noon);
      const [one, two] = await open(ledger);
      if (!one || !two) throw new Error('Both are listed.');
      for (const { memberId, data } of [one, two])
        expect([memberId, (data as RecordedPurchase).member]).toEqual([second, { memberId: second }]);
      const status = async (id: RecordedPurchase['id']) => {
        const record = await getPurchase(ledger, id);
        return record && [statusOf(record), record.memberId];
      };
      const as: RecordedPurchase['id'] = `${purchase.id}/B`;
      expect(await retryAs(ledger, one, as)).toMatchObject({
        type: 'done',
        exception: { status: 'resolved', handledBy: by.operator },
      });
      expect(await status(as)).toEqual(['posted', second]);
      expect(await status(purchase.id)).toEqual(['conflict', memberId]);
      // The same id cannot be taken twice, by whatever else.
      expect(await retryAs(ledger, two, as)).toMatchObject({ type: 'not_retryable' });
      await dismissAll(ledger);
      expect(await status(purchase.id)).toEqual(['posted', memberId]);
      // What comes again is known.
      for (const other of others) await recordPurchase(ledger, program, other, noon);
      expect(await open(ledger)).toEqual([]);
      await recordRefund(ledger, program, aRefund(purchase, 1000), noon);
      expect(await status(purchase.id)).toEqual(['refunded', memberId]);
      expect((await verifyLedger(ledger, { hasTime: () => true, differencesMax: 10 })).differences).toEqual(
        [],
      );
    },
  );

  it.runIf(wanted)('are posted under one id, whoever tries another at the same moment', async () => {
    for (const [one, other] of [
      ['A', 'B'],
      ['A', 'A'],
    ]) {
      const { ledger, purchase } = await world();
      await recordPurchase(ledger, program, { ...purchase, shippingMinor: 100, totalMinor: 1100 }, noon);
      const [conflict] = await open(ledger);
      if (!conflict) throw new Error('It is listed.');
      const ids = [one, other].map((end): RecordedPurchase['id'] => `${purchase.id}/${end}`);
      const told = await Promise.all(ids.map((as) => retryAs(ledger, conflict, as)));
      const posted = await Promise.all(ids.map((id) => getPurchase(ledger, id)));
      const winner = posted.findIndex((record) => record !== undefined);
      const handledBy = { ...by.operator, reason: `posted as ${ids[winner]}` };
      expect(told[winner]).toMatchObject({ type: 'done', exception: { handledBy } });
      // Who wanted the same finds it done; who wanted another id is told under which it is.
      if (one === other) expect(told.map(({ type }) => type)).toEqual(['done', 'done']);
      else expect(told[1 - winner]).toEqual({ type: 'closed', status: 'resolved', handledBy });
      if (one !== other) expect(posted[1 - winner]).toBeUndefined();
    }
  });

  it.runIf(wanted)('of purchases meet the refunds that wait for their new id', async () => {
    const { ledger, purchase } = await world();
    const other = { ...purchase, shippingMinor: 100, totalMinor: 1100 };
    const as: RecordedPurchase['id'] = `${purchase.id}/B`;
    for (let index = 0; index < 60; index++)
      await recordRefund(ledger, program, aRefund({ ...purchase, id: as }, 10), noon);
    await recordPurchase(ledger, program, other, noon);
    const conflict = (await open(ledger)).find(({ type }) => type === 'purchase_conflict');
    if (!conflict) throw new Error('It is listed.');
    expect((await retryAs(ledger, conflict, as)).type).toBe('done');
    const record = await getPurchase(ledger, as);
    expect([record?.refundedOrderMinor, record?.awaited]).toEqual([600, undefined]);
    expect(await open(ledger)).toEqual([]);
  });

  it.runIf(wanted)('of refunds, too, of a purchase and of a return without receipt', async () => {
    const { ledger, purchase, memberId } = await world();
    const refund = aRefund(purchase, 100);
    await recordRefund(ledger, program, refund, noon);
    const { purchaseId: _purchase, amountMinor: _amount, ...rest } = refund;
    const lines = [{ sku: 'SKU-1', quantity: 1, amountMinor: 200 }];
    const others = [
      { ...refund, amountMinor: 200 },
      { ...rest, member: { memberId }, lines },
    ];
    for (const [index, other] of others.entries()) {
      await recordRefund(ledger, program, other, noon);
      const [conflict] = await open(ledger);
      if (!conflict) throw new Error('It is listed.');
      const as: RecordedRefund['id'] = `store:again ${index}`;
      expect((await retryAs(ledger, conflict, as)).type).toBe('done');
      expect(await getRefund(ledger, as)).toMatchObject({ status: 'applied', memberId });
      expect(await open(ledger)).toEqual([]);
    }
  });

  it.runIf(wanted)(
    'of a purchase that was given back: told when it is sent again, not when it is delivered again',
    async () => {
      const { ledger, memberId } = await world();
      const purchase = aPurchase([1000], { member: { memberId } });
      const send = (key: string | undefined, now: number) =>
        recordPurchase(ledger, program, purchase, now, key);
      await send('first', noon);
      await send('a try of a caller that had no answer', noon + 1000);
      await recordRefund(ledger, program, aRefund(purchase, 1000), noon + 2000);
      for (const key of ['first', undefined]) await send(key, noon + 3000);
      expect(await open(ledger)).toEqual([]);
      for (const key of ['completed again', 'and again']) await send(key, noon + 4000);
      const [reopened, ...others] = await open(ledger);
      expect(others).toEqual([]);
      if (!reopened) throw new Error('It is listed.');
      expect(reopened).toMatchObject({ type: 'purchase_reopened', subject: purchase.id, memberId });
      const record = await getPurchase(ledger, purchase.id);
      expect(record && statusOf(record)).toBe('refunded');
      const as: RecordedPurchase['id'] = `${purchase.id}-B`;
      expect((await retryAs(ledger, reopened, as)).type).toBe('done');
      expect(await getPurchase(ledger, as)).toMatchObject({ memberId, clawedBack: 0 });
      await send('once more', noon + 5000);
      expect(await open(ledger)).toEqual([]);
    },
  );

  it.runIf(wanted)(
    'of a purchase that came back before it was posted: a second try of it says nothing',
    async () => {
      const { ledger } = await world();
      const purchase = aPurchase([1000]);
      await recordRefund(ledger, program, aRefund(purchase, 1000), noon);
      for (const key of ['first', 'second'])
        await recordPurchase(ledger, program, purchase, noon + 1000, key);
      expect((await open(ledger)).filter(({ type }) => type === 'purchase_reopened')).toEqual([]);
    },
  );

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

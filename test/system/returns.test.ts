/** What comes back of purchases on the running system, as tills and web shops see it. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type System, startSystem } from '../support/system.ts';

const at = '2026-11-22T09:59:00Z';

let system: System;
beforeAll(async () => {
  system = await startSystem('--clock', '2026-11-22T10:00:00Z');
}, 150_000);
afterAll(async () => {
  await system?.remove();
});

/** A call with an Idempotency-Key of its own. */
async function post(path: string, body: unknown): Promise<Answer> {
  const response = await fetch(`${system.baseUrl}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${system.credentials.channels.store}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json(), headers: response.headers };
}

const read = async (path: string) => (await system.call('GET', path, undefined, 'store')).body;
const memberOf = (memberId: string) => read(`/v1/members/${memberId}`);

let serial = 0;
const newId = () => `R-${++serial}`;

interface Sold {
  readonly amountMinor: number;
  readonly category?: string;
  readonly quantity?: number;
}

async function buy(memberId: string | undefined, sold: readonly Sold[], more: object = {}) {
  const { shippingMinor = 0 } = more as { shippingMinor?: number };
  const lines = sold.map((line, index) => ({ id: String(index + 1), sku: 'S', quantity: 1, ...line }));
  const totalMinor = lines.reduce((sum, { amountMinor }) => sum + amountMinor, shippingMinor);
  const member = memberId === undefined ? {} : { member: { memberId } };
  const purchase = { id: newId(), occurredAt: at, currency: 'EUR', ...member, lines, totalMinor, ...more };
  const { status, body } = await system.call('POST', '/v1/purchases', purchase, 'store');
  expect(status).toBe(202);
  await system.idle();
  return body.purchaseId as string;
}

async function refund(purchaseId: string, what: object) {
  const body = { id: newId(), occurredAt: at, currency: 'EUR', purchaseId, ...what };
  const answer = await system.call('POST', '/v1/refunds', body, 'store');
  expect(answer).toMatchObject({ status: 202 });
  await system.idle();
  return read(`/v1/refunds/${answer.body.refundId}`);
}

const stateOf = async (purchaseId: string) => read(`/v1/purchases/${purchaseId}`);

/** A member with so many points beside the fifty of the welcome. */
async function memberWith(points: number) {
  const person = { email: `back${++serial}@example.com` };
  const { body } = await system.call('POST', '/v1/members', person, 'store');
  if (points > 0) await buy(body.memberId, [{ amountMinor: points * 100 }]);
  return body.memberId as string;
}

/** A voucher for a coffee, for points. */
async function voucherOf(memberId: string): Promise<string> {
  const want = { member: { memberId }, rewardId: 'free-coffee', mode: 'capture' };
  return (await post('/v1/redemptions', want)).body.voucher.code;
}

const use = (code: string, purchaseId: string) => post(`/v1/vouchers/${code}/redeem`, { purchaseId });
const statusOf = async (code: string) => (await read(`/v1/vouchers/${code}`)).status;

describe('a voucher that was used on an order', () => {
  it('stays used as long as its gift is kept, and can be used again when every line is back', async () => {
    const memberId = await memberWith(200);
    const code = await voucherOf(memberId);
    const id = newId();
    expect((await use(code, id)).status).toBe(200);
    const purchaseId = await buy(memberId, [{ amountMinor: 500 }, { amountMinor: 0 }], { id });
    await refund(id, { lines: [{ lineId: '1', amountMinor: 500 }] });
    expect(await statusOf(code)).toBe('used');
    expect(await stateOf(purchaseId)).toMatchObject({ status: 'partially_refunded', refundedMinor: 500 });
    await refund(id, { lines: [{ lineId: '2', quantity: 1, amountMinor: 0 }] });
    expect(await statusOf(code)).toBe('issued');
    expect(await stateOf(purchaseId)).toMatchObject({ status: 'refunded' });
    expect(await use(code, id)).toMatchObject({ status: 409, body: { code: 'voucher_not_applicable' } });
  });

  it('waits for one that is not known yet, and is judged when it and its refund have come', async () => {
    const memberId = await memberWith(200);
    const code = await voucherOf(memberId);
    const id = newId();
    expect((await use(code, id)).status).toBe(200);
    expect(await use(code, newId())).toMatchObject({ status: 409, body: { code: 'voucher_used' } });
    expect(await refund(id, { amountMinor: 500 })).toMatchObject({ status: 'waiting' });
    expect(await statusOf(code)).toBe('used');
    await buy(memberId, [{ amountMinor: 500 }], { id });
    expect(await statusOf(code)).toBe('issued');
    expect(await use(code, id)).toMatchObject({ status: 409, body: { code: 'voucher_not_applicable' } });
  });
});

describe('an order that cost nothing', () => {
  it.each([
    ['by its units', { lines: [{ lineId: '1', quantity: 1, amountMinor: 0 }] }],
    ['as a whole', { amountMinor: 0 }],
  ])('comes back %s, with the points and the voucher that paid for it', async (_how, what) => {
    const memberId = await memberWith(300);
    const code = await voucherOf(memberId);
    const id = newId();
    const want = { member: { memberId }, rewardId: 'five-euros', mode: 'capture', purchaseId: id };
    expect((await post('/v1/redemptions', want)).status).toBe(201);
    expect((await use(code, id)).status).toBe(200);
    const purchaseId = await buy(memberId, [{ amountMinor: 0 }], { id, shippingMinor: 490 });
    expect((await memberOf(memberId)).balance).toMatchObject({ available: 100 });
    expect(await refund(id, what)).toMatchObject({ status: 'applied' });
    expect(await stateOf(purchaseId)).toMatchObject({ status: 'refunded', refundedMinor: 0 });
    expect(await statusOf(code)).toBe('issued');
    expect((await memberOf(memberId)).balance).toMatchObject({ available: 200 });
  });
});

describe('a refund', () => {
  it('of shipping takes no points, of more than was paid for it nothing, and the rest is all of it', async () => {
    const memberId = await memberWith(0);
    const purchaseId = await buy(memberId, [{ amountMinor: 1000 }], { shippingMinor: 490 });
    expect(await refund(purchaseId, { shippingMinor: 490 })).toMatchObject({
      status: 'applied',
      points: { clawedBack: 0 },
    });
    expect(await stateOf(purchaseId)).toMatchObject({ status: 'partially_refunded', refundedMinor: 490 });
    const tooMuch = await refund(purchaseId, { shippingMinor: 1 });
    expect(tooMuch).toMatchObject({ status: 'rejected' });
    const { body } = await system.call('GET', '/v1/exceptions?limit=100', undefined, 'ops');
    expect(body.items).toContainEqual(
      expect.objectContaining({ type: 'over_refund', subject: tooMuch.refundId }),
    );
    await refund(purchaseId, { amountMinor: 1000 });
    expect(await stateOf(purchaseId)).toMatchObject({
      status: 'refunded',
      refundedMinor: 1490,
      points: { earned: 10, clawedBack: 10 },
    });
  });

  it('of sums that were rounded and deposits has their sign, and they neither earn nor take', async () => {
    const memberId = await memberWith(0);
    const sold = [
      { amountMinor: 1002 },
      { amountMinor: -2, category: 'rounding' },
      { amountMinor: -100, category: 'deposit' },
    ];
    const purchaseId = await buy(memberId, sold);
    expect(await stateOf(purchaseId)).toMatchObject({ totalMinor: 900, points: { earned: 10 } });
    const lines = [{ lineId: '3', amountMinor: -100 }];
    expect(await refund(purchaseId, { lines })).toMatchObject({
      status: 'applied',
      points: { clawedBack: 0 },
    });
    await refund(purchaseId, { lines: [{ lineId: '1', amountMinor: 1002 }] });
    expect(await stateOf(purchaseId)).toMatchObject({ status: 'refunded', points: { clawedBack: 10 } });
    const page = await system.call('GET', `/v1/members/${memberId}/export`, undefined, 'ops');
    expect(page.body.purchases[0].lines.map((line: Sold) => line.amountMinor)).toEqual([1002, -2, -100]);
    const wrong = { id: newId(), occurredAt: at, currency: 'EUR', totalMinor: 98 };
    const other = [
      { id: '1', sku: 'S', quantity: 1, amountMinor: 100 },
      { id: '2', sku: 'S', quantity: 1, amountMinor: -2, category: 'coffee' },
    ];
    const answer = await system.call('POST', '/v1/purchases', { ...wrong, lines: other }, 'store');
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'lines.1.amountMinor' }] } });
  });

  it('in a currency that has left the programme is judged by its purchase, a claim too', async () => {
    const memberId = await memberWith(0);
    const purchaseId = await buy(memberId, [{ amountMinor: 10_000 }], { currency: 'USD' });
    const guestId = await buy(undefined, [{ amountMinor: 20_000 }], { currency: 'USD' });
    const { program: document } = (await system.call('GET', '/v1/program', undefined, 'ops')).body;
    const { USD: _dollar, ...currencies } = document.currencies;
    const put = await system.call('PUT', '/v1/program', { ...document, currencies }, 'ops');
    expect(put.status).toBe(200);
    await new Promise((passed) => setTimeout(passed, 2500));
    const back = { currency: 'USD', amountMinor: 10_000 };
    expect(await refund(purchaseId, back)).toMatchObject({ status: 'applied', points: { clawedBack: 100 } });
    const claim = { member: { memberId }, totalMinor: 20_000 };
    expect(await post(`/v1/purchases/${guestId}/claim`, claim)).toMatchObject({
      status: 200,
      body: { points: { earned: 200 } },
    });
    expect(await refund(guestId, { currency: 'CHF', amountMinor: 1 })).toMatchObject({ status: 'rejected' });
    const unknown = { id: newId(), occurredAt: at, currency: 'ZZZ', purchaseId, amountMinor: 1 };
    expect(await system.call('POST', '/v1/refunds', unknown, 'store')).toMatchObject({
      status: 400,
      body: { code: 'currency_not_supported', errors: [{ path: 'currency' }] },
    });
    expect((await system.call('PUT', '/v1/program', document, 'ops')).status).toBe(200);
  });
});

describe('the stamp card', () => {
  const coffees = (quantity: number, amountMinor: number) => [{ amountMinor, quantity, category: 'coffee' }];
  const usable = async (memberId: string) => {
    const { cardUrl, stamps } = await memberOf(memberId);
    const { body } = await system.call('GET', `/v1/cards/${cardUrl.split('/').pop()}`);
    return { stamps: stamps[0].count, vouchers: body.vouchers.length };
  };

  it('takes nothing for what cost nothing', async () => {
    const memberId = await memberWith(0);
    await buy(memberId, coffees(5, 0));
    expect(await usable(memberId)).toEqual({ stamps: 0, vouchers: 0 });
  });

  it('loses its voucher with all but a cent of the coffees, whichever way it was given back', async () => {
    for (const what of [{ amountMinor: 1499 }, { lines: [{ lineId: '1', amountMinor: 1499 }] }]) {
      const memberId = await memberWith(0);
      const purchaseId = await buy(memberId, coffees(5, 1500));
      expect(await usable(memberId)).toEqual({ stamps: 0, vouchers: 1 });
      await refund(purchaseId, what);
      expect(await usable(memberId)).toEqual({ stamps: 0, vouchers: 0 });
    }
  });

  it('takes twenty stamps of a million coffees and none more of that day, and says so', async () => {
    const memberId = await memberWith(0);
    const purchaseId = await buy(memberId, coffees(1_000_000, 100));
    await buy(memberId, coffees(3, 900));
    expect(await usable(memberId)).toEqual({ stamps: 0, vouchers: 4 });
    const { entryIds } = await stateOf(purchaseId);
    const { stamps } = await read(`/v1/entries/${entryIds[0]}/explain`);
    expect(stamps).toMatchObject([{ id: 'coffee', notGiven: { count: 999_980 } }]);
    await refund(purchaseId, { amountMinor: 100 });
    // The three that were bought beside it count now.
    expect(await usable(memberId)).toEqual({ stamps: 3, vouchers: 0 });
    await buy(memberId, coffees(3, 900));
    expect(await usable(memberId)).toEqual({ stamps: 1, vouchers: 1 });
  });
});

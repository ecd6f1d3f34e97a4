/** Spending on the running system, as tills and phones see it. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type System, startSystem } from '../support/system.ts';

type As = 'web' | 'store' | 'app' | 'ops';

let system: System;
beforeAll(async () => {
  system = await startSystem('--clock', '2026-11-22T10:00:00Z');
}, 150_000);
afterAll(async () => {
  await system?.remove();
});

/** A call with an Idempotency-Key, a fresh one unless it is given; null for none. */
async function post(
  path: string,
  body: unknown,
  as: As = 'store',
  key: string | null = randomUUID(),
): Promise<Answer> {
  const { channels, ops } = system.credentials;
  const response = await fetch(`${system.baseUrl}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${as === 'ops' ? ops : channels[as]}`,
      ...(key === null ? {} : { 'idempotency-key': key }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json(), headers: response.headers };
}

let serial = 0;

async function memberWith(points: number) {
  serial++;
  const person = { email: `spender${serial}@example.com` };
  const { body: member } = await system.call('POST', '/v1/members', person, 'store');
  // Fifty are the welcome.
  const amountMinor = (points - 50) * 100;
  const { body: clock } = await system.call('GET', '/local/clock');
  const purchase = {
    id: `S-${serial}`,
    occurredAt: clock.now,
    currency: 'EUR',
    member: { memberId: member.memberId },
    lines: [{ id: '1', sku: 'A', quantity: 1, amountMinor }],
    totalMinor: amountMinor,
  };
  if (amountMinor > 0) await system.call('POST', '/v1/purchases', purchase, 'store');
  await system.idle();
  return member;
}

async function balance(memberId: string) {
  return (await system.call('GET', `/v1/members/${memberId}`, undefined, 'store')).body.balance;
}

const want = (memberId: string, rewardId = 'five-euros', mode = 'capture') => ({
  member: { memberId },
  rewardId,
  mode,
});

describe('a redemption', () => {
  it('is set aside at once in every channel, captured once, and its voucher used once', async () => {
    const { memberId, cardUrl } = await memberWith(300);
    const authorized = await post('/v1/redemptions', want(memberId, 'five-euros', 'authorize'));
    expect(authorized).toMatchObject({
      status: 201,
      body: { status: 'authorized', points: 100, expiresAt: expect.stringContaining('2026-11-22T10:15') },
    });
    expect(await balance(memberId)).toMatchObject({ available: 200, held: 100 });
    const path = `/v1/redemptions/${authorized.body.redemptionId}`;
    const captured = await post(`${path}/capture`, undefined);
    expect(captured).toMatchObject({
      status: 200,
      body: { status: 'captured', voucher: { type: 'amount' } },
    });
    expect(await balance(memberId)).toMatchObject({ available: 200, held: 0 });
    const { code } = captured.body.voucher;
    const { body: card } = await system.call('GET', `/v1/cards/${cardUrl.split('/').pop()}`);
    expect(card.vouchers).toMatchObject([{ code, name: '€5 off' }]);
    const typed = ` ${code.slice(0, 4).toLowerCase()}-${code.slice(4).replaceAll('0', 'o').replaceAll('1', 'l')}`;
    const read = await system.call('GET', `/v1/vouchers/${encodeURIComponent(typed)}`, undefined, 'web');
    expect(read).toMatchObject({ status: 200, body: { code, status: 'issued', valueMinor: 500 } });
    expect(await post(`/v1/vouchers/${code}/redeem`, { amountMinor: 1200 })).toMatchObject({
      status: 200,
      body: { status: 'used', discountMinor: 500 },
    });
    expect(await post(`/v1/vouchers/${code}/redeem`, {})).toMatchObject({
      status: 409,
      body: { code: 'voucher_used' },
    });
    const after = await system.call('GET', `/v1/cards/${cardUrl.split('/').pop()}`);
    expect(after.body.vouchers).toEqual([]);
  });

  it('ends the other way only once: cancelled is closed for a capture, and a cancelled capture gives all back', async () => {
    const { memberId } = await memberWith(300);
    const held = await post('/v1/redemptions', want(memberId, 'five-euros', 'authorize'));
    const path = `/v1/redemptions/${held.body.redemptionId}`;
    expect(await post(`${path}/cancel`, {})).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect(await post(`${path}/capture`, {})).toMatchObject({
      status: 409,
      body: { code: 'redemption_closed' },
    });
    const spent = await post('/v1/redemptions', want(memberId));
    expect(await balance(memberId)).toMatchObject({ available: 200 });
    const undone = await post(`/v1/redemptions/${spent.body.redemptionId}/cancel`, {});
    expect(undone).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect(await balance(memberId)).toMatchObject({ available: 300, held: 0, debt: 0 });
    const voucher = await system.call('GET', `/v1/vouchers/${spent.body.voucher.code}`, undefined, 'store');
    expect(voucher.body).toMatchObject({ status: 'revoked', code: null });
  });

  it('of another channel is one that does not exist', async () => {
    const { memberId } = await memberWith(300);
    const { body } = await post('/v1/redemptions', want(memberId, 'five-euros', 'authorize'));
    const path = `/v1/redemptions/${body.redemptionId}`;
    expect((await post(`${path}/capture`, {}, 'web')).status).toBe(404);
    expect((await system.call('GET', path, undefined, 'web')).status).toBe(404);
    expect((await system.call('GET', path, undefined, 'ops')).body.status).toBe('authorized');
  });

  it('is refused for want of points, tier or reward, with nothing written', async () => {
    const { memberId } = await memberWith(120);
    const before = await system.call('GET', `/v1/members/${memberId}`, undefined, 'ops');
    const refused = async (rewardId: string) =>
      (await post('/v1/redemptions', want(memberId, rewardId))).body.code;
    expect(await refused('ten-percent')).toBe('insufficient_points');
    expect(await refused('vip-evening')).toBe('reward_unavailable');
    expect(await refused('nothing')).toBe('reward_unavailable');
    expect(await system.call('GET', `/v1/members/${memberId}`, undefined, 'ops')).toMatchObject({
      body: before.body,
    });
  });

  it('a hundred at once of a balance that is worth twelve: twelve succeed', async () => {
    const { memberId } = await memberWith(449);
    for (let more = 0; more < 2; more++) {
      const { body: clock } = await system.call('GET', '/local/clock');
      const purchase = {
        id: `H-${more}`,
        occurredAt: clock.now,
        currency: 'EUR',
        member: { memberId },
        lines: [{ id: '1', sku: 'A', quantity: 1, amountMinor: 32_000 }],
        totalMinor: 32_000,
      };
      await system.call('POST', '/v1/purchases', purchase, 'store');
      await system.idle();
    }
    const { available } = await balance(memberId);
    const all = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        post('/v1/redemptions', want(memberId, 'plant-a-tree', index % 2 ? 'capture' : 'authorize')),
      ),
    );
    expect(all.filter(({ status }) => status === 201)).toHaveLength(Math.floor(available / 100));
    const refused = all.filter(({ status }) => status !== 201);
    expect(new Set(refused.map(({ body }) => body.code))).toEqual(new Set(['insufficient_points']));
    const { held, available: rest } = await balance(memberId);
    expect(rest).toBe(available % 100);
    expect(held % 100).toBe(0);
    await system.idle();
    const verified = await post('/v1/ledger/verify', { memberId }, 'ops', null);
    expect(verified.body.differences).toEqual([]);
  });
});

describe('an Idempotency-Key', () => {
  it('gives the first answer again, whatever the order of its fields, a refusal to the letter', async () => {
    const { memberId } = await memberWith(150);
    const key = randomUUID();
    const first = await post('/v1/redemptions', want(memberId), 'store', key);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    const turned = `{ "mode" : "capture", "rewardId": "five-euros", "member":{"memberId":"${memberId}"} }`;
    const again = await post('/v1/redemptions', turned, 'store', key);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect([again.status, again.body]).toEqual([first.status, first.body]);
    expect(await balance(memberId)).toMatchObject({ available: 50 });
    const poor = randomUUID();
    const refused = await post('/v1/redemptions', want(memberId), 'store', poor);
    expect(refused).toMatchObject({ status: 409, body: { code: 'insufficient_points' } });
    const repeated = await post('/v1/redemptions', want(memberId), 'store', poor);
    expect([repeated.status, repeated.body]).toEqual([refused.status, refused.body]);
    expect(repeated.headers.get('content-type')).toBe('application/problem+json');
    expect(repeated.headers.get('idempotency-replayed')).toBe('true');
  });

  it('belongs to its caller, and to its content', async () => {
    const { memberId } = await memberWith(400);
    const key = randomUUID();
    const mine = await post('/v1/redemptions', want(memberId), 'store', key);
    const other = await post('/v1/redemptions', want(memberId), 'web', key);
    expect(other.body.redemptionId).not.toBe(mine.body.redemptionId);
    expect(await post('/v1/redemptions', want(memberId, 'plant-a-tree'), 'store', key)).toMatchObject({
      status: 422,
      body: { code: 'idempotency_mismatch' },
    });
  });

  it.each([
    ['is missing', null, 'idempotency_key_missing'],
    ['is empty', '', 'invalid_request'],
    ['is too long', 'k'.repeat(256), 'invalid_request'],
    ['has a blank in it', 'a b', 'invalid_request'],
  ])('that %s is refused with its name, and nothing is written', async (_what, key, code) => {
    const { memberId } = await memberWith(300);
    const refused = await post('/v1/redemptions', want(memberId), 'store', key);
    expect(refused).toMatchObject({ status: 400, body: { code, errors: [{ path: 'Idempotency-Key' }] } });
    expect(await balance(memberId)).toMatchObject({ available: 300 });
  });

  it('of 255 visible characters is taken', async () => {
    const { memberId } = await memberWith(300);
    expect((await post('/v1/redemptions', want(memberId), 'store', '~'.repeat(255))).status).toBe(201);
  });

  it('released together forty times has one effect', async () => {
    const { memberId } = await memberWith(350);
    const key = randomUUID();
    const all = await Promise.all(
      Array.from({ length: 40 }, () => post('/v1/redemptions', want(memberId), 'store', key)),
    );
    expect(new Set(all.map(({ body }) => body.redemptionId)).size).toBe(1);
    expect(await balance(memberId)).toMatchObject({ available: 250 });
  });
});

describe('voucher codes', () => {
  it('that are wrong stop their visitor after ten, also for a right one, and nobody else of the shop', async () => {
    const { memberId } = await memberWith(300);
    const { body } = await post('/v1/redemptions', want(memberId), 'store');
    const { code } = body.voucher;
    const read = async (what: string, client?: string) => {
      const headers: Record<string, string> = { authorization: `Bearer ${system.credentials.channels.app}` };
      if (client !== undefined) headers['X-Philia-Client'] = client;
      const { status, headers: answered } = await fetch(`${system.baseUrl}/v1/vouchers/${what}`, { headers });
      return { status, retryAfter: answered.get('retry-after') };
    };
    for (const client of ['a visitor', undefined]) {
      const guesses = await Promise.all(Array.from({ length: 30 }, (_, at) => read(`WRONG${at}`, client)));
      expect(guesses.filter(({ status }) => status === 404)).toHaveLength(10);
      expect(guesses.filter(({ status }) => status === 429)).toHaveLength(20);
    }
    const stopped = await read(code, 'a visitor');
    expect(stopped.status).toBe(429);
    expect(Number(stopped.retryAfter)).toBeGreaterThan(890);
    expect((await read(code, 'another visitor')).status).toBe(200);
    expect((await read('WRONG', 'another visitor')).status).toBe(404);
    expect((await read(code)).status).toBe(200);
    await system.call('PUT', '/local/clock', { now: '2026-11-22T10:40:00Z' });
    expect((await read(code, 'a visitor')).status).toBe(200);
  });
});

describe('an order that is given back', () => {
  it('gives back the points that paid for it, once', async () => {
    const { memberId } = await memberWith(300);
    const { body: clock } = await system.call('GET', '/local/clock');
    await post('/v1/redemptions', { ...want(memberId), purchaseId: 'BACK-1' });
    const order = {
      id: 'BACK-1',
      occurredAt: clock.now,
      currency: 'EUR',
      member: { memberId },
      lines: [{ id: '1', sku: 'A', quantity: 1, amountMinor: 2000 }],
      totalMinor: 2000,
    };
    await system.call('POST', '/v1/purchases', order, 'store');
    await system.idle();
    expect(await balance(memberId)).toMatchObject({ available: 220 });
    for (let times = 0; times < 2; times++) {
      const refund = {
        id: 'BACK-R',
        occurredAt: clock.now,
        currency: 'EUR',
        purchaseId: 'BACK-1',
        amountMinor: 2000,
      };
      await system.call('POST', '/v1/refunds', refund, 'store');
      await system.idle();
    }
    expect(await balance(memberId)).toMatchObject({ available: 300, debt: 0 });
  });
});

describe('money', () => {
  it('of one currency is never taken for another’s', async () => {
    const { memberId } = await memberWith(500);
    const { body: clock } = await system.call('GET', '/local/clock');
    const yen = {
      id: 'YEN-1',
      occurredAt: clock.now,
      currency: 'JPY',
      member: { memberId },
      lines: [{ id: '1', sku: 'A', quantity: 1, amountMinor: 3000 }],
      totalMinor: 3000,
    };
    expect((await system.call('POST', '/v1/purchases', yen, 'store')).status).toBe(202);
    await system.idle();
    const { body } = await post('/v1/redemptions', want(memberId));
    const path = `/v1/vouchers/${body.voucher.code}/redeem`;
    for (const use of [
      { purchaseId: 'YEN-1', amountMinor: 3000 },
      { purchaseId: 'YEN-1', amountMinor: 3000, currency: 'JPY' },
      { purchaseId: 'YEN-1', amountMinor: 3000, currency: 'EUR' },
      { amountMinor: 3000, currency: 'JPY' },
    ])
      expect([use, await post(path, use)]).toMatchObject([
        use,
        { status: 409, body: { code: 'voucher_not_applicable' } },
      ]);
    expect(await post(path, { amountMinor: 3000, currency: 'EUR' })).toMatchObject({
      status: 200,
      body: { status: 'used', discountMinor: 500 },
    });
  });
});

describe('an e-mail that was replaced', () => {
  it('keeps the points from being drained in the same hour, until an operator knows better', async () => {
    const { memberId } = await memberWith(300);
    const path = `/v1/members/${memberId}`;
    await system.call('PATCH', path, { email: `taken.over${serial}@example.com` }, 'web');
    const drained = await post('/v1/redemptions', want(memberId, 'ten-percent'), 'web');
    expect([drained.status, drained.body.code]).toEqual([409, 'points_held']);
    expect(Number(drained.headers.get('retry-after'))).toBeGreaterThan(3000);
    expect((await post('/v1/redemptions', want(memberId))).status).toBe(201);
    const { body: listed } = await system.call('GET', '/v1/exceptions?type=points_held', undefined, 'ops');
    expect(listed.items).toMatchObject([{ memberId, status: 'open' }]);
    const { body: held } = await system.call('GET', path, undefined, 'ops');
    expect(held.contactHold).toMatchObject({ keeps: 150 });
    expect((await post(`${path}/lift-hold`, { reason: 'Came to the shop' }, 'store')).status).toBe(403);
    const lifted = await post(`${path}/lift-hold`, { reason: 'Came to the shop' }, 'ops');
    expect([lifted.status, lifted.body.contactHold]).toEqual([200, undefined]);
    expect((await post('/v1/redemptions', want(memberId))).status).toBe(201);
  });
});

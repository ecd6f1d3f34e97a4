/** The operators' part on the running system: points by two hands, the switch, keys, dead letters, holds that end. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  const program = JSON.parse(readFileSync(join(import.meta.dirname, '../../program.json'), 'utf8'));
  system = await startSystem('--clock', '2026-11-22T10:00:00Z');
  const mug = { id: 'mug', name: 'Mug', points: 40, type: 'gift', sku: 'MUG', validDays: 30, limit: 1 };
  const rewards = [...program.rewards, mug];
  const { status } = await as(system.credentials.ops, 'PUT', '/v1/program', { ...program, rewards });
  expect(status).toBe(200);
}, 150_000);
afterAll(async () => {
  await system?.remove();
});

let serial = 0;

/** A call with a key of any caller; every POST has an Idempotency-Key of its own unless one is given. */
async function as(key: string, method: string, path: string, body?: unknown, idempotencyKey?: string) {
  serial++;
  const response = await fetch(`${system.baseUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(method === 'POST' ? { 'idempotency-key': idempotencyKey ?? `own-${serial}` } : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    // biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests are about.
    body: (text === '' ? null : JSON.parse(text)) as any,
    replayed: response.headers.get('idempotency-replayed'),
  };
}
const ops = (method: string, path: string, body?: unknown, key?: string) =>
  as(system.credentials.ops, method, path, body, key);
const store = (method: string, path: string, body?: unknown, key?: string) =>
  as(system.credentials.channels.store, method, path, body, key);

/** The access token of a person of the local pool, for as long as it lasts; or another token of the answer. */
async function tokenOf(username: string, groups: readonly string[], which = 'access_token'): Promise<string> {
  const { status, body } = await system.call('POST', '/local/operators/token', { username, groups });
  expect(status).toBe(200);
  return body[which];
}

async function newMember(): Promise<{ memberId: string; cardUrl: string }> {
  serial++;
  const { body } = await store('POST', '/v1/members', { email: `person${serial}@example.com` });
  return body;
}

async function balance(memberId: string) {
  return (await ops('GET', `/v1/members/${memberId}`)).body.balance;
}

async function cardOf({ cardUrl }: { cardUrl: string }) {
  return (await system.call('GET', `/v1/cards/${cardUrl.split('/').pop()}`)).body;
}

async function clock(): Promise<number> {
  return Date.parse((await system.call('GET', '/local/clock')).body.now);
}

async function moveClock(minutes: number): Promise<void> {
  const now = new Date((await clock()) + minutes * 60_000).toISOString();
  const { status } = await system.call('PUT', '/local/clock', { now });
  expect(status).toBe(200);
  await system.idle();
}

/** Posts a purchase, without waiting for what it sets in motion. */
async function post(id: string, memberId: string | undefined, amountMinor: number): Promise<void> {
  const purchase = {
    id,
    occurredAt: new Date(await clock()).toISOString(),
    currency: 'EUR',
    ...(memberId ? { member: { memberId } } : {}),
    lines: [{ id: '1', sku: 'A', quantity: 1, amountMinor }],
    totalMinor: amountMinor,
  };
  expect((await store('POST', '/v1/purchases', purchase)).status).toBe(202);
}

async function buy(id: string, memberId: string | undefined, amountMinor = 1000): Promise<void> {
  await post(id, memberId, amountMinor);
  await system.idle();
}

async function audit(): Promise<{ action: string; name: string; reason: string | null; subject: string }[]> {
  return (await ops('GET', '/v1/audit?limit=100')).body.items;
}

async function newOperator(name: string): Promise<{ keyId: string; key: string }> {
  const { status, body } = await ops('POST', '/v1/keys', { name, role: 'ops' });
  expect(status).toBe(201);
  return body;
}

describe('adjustments', () => {
  it('up to the limit are posted at once, and once for each key', async () => {
    const person = await newMember();
    const { memberId } = person;
    const wanted = { memberId, points: 100, reason: 'A parcel came late' };
    const first = await ops('POST', '/v1/adjustments', wanted, 'late-parcel');
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({
      memberId,
      type: 'adjusted',
      points: 100,
      balance: { available: 150 },
    });
    const again = await ops('POST', '/v1/adjustments', wanted, 'late-parcel');
    expect(again).toEqual({ ...first, replayed: 'true' });
    const other = await ops('POST', '/v1/adjustments', { ...wanted, points: 1 }, 'late-parcel');
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_mismatch']);
    expect((await balance(memberId)).available).toBe(150);
    await system.idle();
    expect((await cardOf(person)).balance.available).toBe(150);
    const { body } = await ops('GET', '/v1/adjustments?status=decided');
    expect(body.items).toMatchObject([{ ...wanted, status: 'approved', entryId: first.body.entryId }]);
  });

  it('never take more than there is, and are for members only', async () => {
    const { memberId } = await newMember();
    const adjust = async (change: object) => {
      const { status, body } = await ops('POST', '/v1/adjustments', {
        memberId,
        points: 1,
        reason: 'x',
        ...change,
      });
      return [status, body.code, body.errors[0]?.path];
    };
    expect(await adjust({ points: -51 })).toEqual([409, 'insufficient_points', undefined]);
    expect(await adjust({ points: -6000 })).toEqual([409, 'insufficient_points', undefined]);
    const invalid = (path: string) => [400, 'invalid_request', path];
    expect(await adjust({ memberId: 'mem_01JD0000000000000000000000' })).toEqual(invalid('memberId'));
    expect(await adjust({ points: 0 })).toEqual(invalid('points'));
    expect(await adjust({ points: 0.5 })).toEqual(invalid('points'));
    expect(await adjust({ points: 10_000_001 })).toEqual(invalid('points'));
    expect(await adjust({ reason: '' })).toEqual(invalid('reason'));
    expect((await balance(memberId)).available).toBe(50);
  });

  it('beyond the limit wait for another operator', async () => {
    const { memberId } = await newMember();
    const wanted = { memberId, points: 5001, reason: 'A lost year' };
    const asked = await ops('POST', '/v1/adjustments', wanted);
    expect(asked.status).toBe(202);
    const { adjustmentId, requestedBy, requestedAt, ...said } = asked.body;
    expect(said).toEqual({ ...wanted, status: 'waiting' });
    expect([adjustmentId, requestedBy, requestedAt]).toEqual([
      expect.stringMatching(/^adj_/),
      expect.stringMatching(/^key_/),
      expect.stringMatching(/Z$/),
    ]);
    expect((await balance(memberId)).available).toBe(50);
    expect((await ops('GET', '/v1/adjustments')).body.items).toEqual([asked.body]);
    const approve = `/v1/adjustments/${adjustmentId}/approve`;
    const own = await ops('POST', approve, {});
    expect([own.status, own.body.code]).toEqual([409, 'second_operator_needed']);
    const second = await newOperator('second');
    const approved = await as(second.key, 'POST', approve, { reason: 'Seen the file' }, 'yes');
    expect(approved.status).toBe(200);
    expect(approved.body).toMatchObject({ type: 'adjusted', points: 5001, balance: { available: 5051 } });
    expect(await as(second.key, 'POST', approve, { reason: 'Seen the file' }, 'yes')).toEqual({
      ...approved,
      replayed: 'true',
    });
    for (const how of ['approve', 'reject']) {
      const late = await as(second.key, 'POST', `/v1/adjustments/${adjustmentId}/${how}`, { reason: 'x' });
      expect([late.status, late.body.code]).toEqual([409, 'adjustment_closed']);
    }
    expect((await balance(memberId)).available).toBe(5051);
    const said2 = (await audit()).filter(({ subject }) => subject === adjustmentId);
    expect(said2.map(({ action, name, reason }) => [action, name, reason])).toEqual([
      ['approve_adjustment', 'second', 'Seen the file'],
      ['request_adjustment', 'ops', 'A lost year'],
    ]);
  });
});

describe('people who sign in', () => {
  const refusalOf = async (token: string, method = 'GET', path = '/v1/audit', body?: unknown) => {
    const answer = await as(token, method, path, body);
    return [answer.status, answer.body.code];
  };

  it('do what operators do, and the audit names them', async () => {
    const ada = await tokenOf('ada', ['operator']);
    const { memberId } = await newMember();
    const given = await as(ada, 'POST', '/v1/adjustments', { memberId, points: 10, reason: 'Late' });
    expect(given.status).toBe(201);
    const [newest] = (await as(ada, 'GET', '/v1/audit?limit=1')).body.items;
    expect(newest).toMatchObject({ name: 'ada', action: 'adjust', reason: 'Late' });
    expect(newest.keyId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it('read everything in the group reader, and change nothing', async () => {
    const eve = await tokenOf('eve', ['reader']);
    const { memberId } = await newMember();
    for (const path of [
      '/v1/audit',
      '/v1/keys',
      '/v1/program',
      '/v1/certificates',
      `/v1/members/${memberId}`,
    ])
      expect([path, (await as(eve, 'GET', path)).status]).toEqual([path, 200]);
    const wanted = { memberId, points: 10, reason: 'x' };
    expect(await refusalOf(eve, 'POST', '/v1/adjustments', wanted)).toEqual([403, 'forbidden']);
    expect(await refusalOf(eve, 'POST', '/v1/keys', { name: 'x', role: 'ops' })).toEqual([403, 'forbidden']);
    expect(await refusalOf(eve, 'DELETE', `/v1/members/${memberId}`, {})).toEqual([403, 'forbidden']);
    expect((await balance(memberId)).available).toBe(50);
  });

  it('are nobody without a group, by an ID token, with another signature, or when the time is over', async () => {
    expect(await refusalOf(await tokenOf('bob', []))).toEqual([403, 'forbidden']);
    expect(await refusalOf(await tokenOf('ada', ['operator'], 'id_token'))).toEqual([401, 'invalid_token']);
    const ada = await tokenOf('ada', ['operator']);
    const [head = '', claims = ''] = ada.split('.');
    const [, , foreign = ''] = (await tokenOf('eve', ['reader'])).split('.');
    expect(await refusalOf(`${head}.${claims}.${foreign}`)).toEqual([401, 'invalid_token']);
    expect((await as(ada, 'GET', '/v1/audit')).status).toBe(200);
    await moveClock(16);
    expect(await refusalOf(ada)).toEqual([401, 'token_expired']);
    expect(await refusalOf(await tokenOf('ada', ['operator']))).toEqual([200, undefined]);
  });

  it('approve what another person asked for, and not with a key of their own', async () => {
    const { memberId } = await newMember();
    const [ada, grace] = [await tokenOf('ada', ['operator']), await tokenOf('grace', ['operator'])];
    const asked = await as(ada, 'POST', '/v1/adjustments', { memberId, points: 5001, reason: 'A lost year' });
    expect(asked.status).toBe(202);
    const approve = `/v1/adjustments/${asked.body.adjustmentId}/approve`;
    const own = await as(ada, 'POST', '/v1/keys', { name: 'a script of Ada', role: 'ops' });
    for (const one of [ada, own.body.key, system.credentials.ops])
      expect(await refusalOf(one, 'POST', approve, {})).toEqual([409, 'second_operator_needed']);
    expect((await as(grace, 'POST', approve, {})).status).toBe(200);
    expect((await balance(memberId)).available).toBe(5051);
  });
});

describe('the kill switch', () => {
  it('stops redemptions at once and lets purchases post, until it is thrown back', async () => {
    const path = '/v1/switches/redemption';
    expect((await ops('GET', path)).body).toEqual({
      paused: false,
      changedAt: null,
      changedBy: null,
      reason: null,
    });
    const { memberId } = await newMember();
    const thrown = await ops('PUT', path, { paused: true, reason: 'A wave of fraud' });
    expect(thrown.status).toBe(200);
    expect(thrown.body).toMatchObject({ paused: true, reason: 'A wave of fraud' });
    expect((await ops('GET', path)).body).toEqual(thrown.body);
    const wanted = { member: { memberId }, rewardId: 'mug', mode: 'capture' };
    const refused = await store('POST', '/v1/redemptions', wanted);
    expect([refused.status, refused.body.code]).toEqual([409, 'redemptions_paused']);
    await buy('paused', memberId);
    expect((await balance(memberId)).available).toBe(60);
    expect((await ops('PUT', path, { paused: false })).body).toMatchObject({ paused: false, reason: null });
    const { status } = await store('POST', '/v1/redemptions', { ...wanted, rewardId: 'nothing' });
    expect(status).toBe(409);
    expect((await audit()).slice(0, 2).map(({ action, reason }) => [action, reason])).toEqual([
      ['resume', null],
      ['pause', 'A wave of fraud'],
    ]);
  });
});

describe('keys', () => {
  it('are rotated with both alive for a while, revoked at once, and never listed with their texts', async () => {
    const till = await ops('POST', '/v1/keys', { name: 'till 7', role: 'channel', channel: 'store' });
    expect(till.body).toMatchObject({ name: 'till 7', role: 'channel', channel: 'store', expiresAt: null });
    const next = await ops('POST', `/v1/keys/${till.body.keyId}/rotate`, { graceHours: 1 });
    expect(next.status).toBe(201);
    expect(next.body).toMatchObject({ name: 'till 7', role: 'channel', channel: 'store', expiresAt: null });
    const works = async ({ body }: { body: { key: string } }) =>
      (await as(body.key, 'GET', '/v1/rewards')).status;
    expect([await works(till), await works(next)]).toEqual([200, 200]);
    const { body: listed } = await ops('GET', '/v1/keys?limit=100');
    expect(JSON.stringify(listed)).not.toContain('phk_');
    const { key: _key, ...shown } = next.body;
    expect(listed.items).toContainEqual(shown);
    await moveClock(61);
    expect([await works(till), await works(next)]).toEqual([401, 200]);
    expect((await ops('DELETE', `/v1/keys/${next.body.keyId}`)).status).toBe(204);
    expect(await works(next)).toBe(401);
    expect((await ops('DELETE', `/v1/keys/${next.body.keyId}`)).status).toBe(404);
    for (const [body, path] of [
      [{ name: 'x', role: 'channel' }, 'channel'],
      [{ name: 'x', role: 'ops', channel: 'web' }, 'channel'],
      [{ name: '', role: 'ops' }, 'name'],
    ] as const) {
      const wrong = await ops('POST', '/v1/keys', body);
      expect([wrong.status, wrong.body.errors[0]?.path]).toEqual([400, path]);
    }
  });

  it('of operators cannot all be taken away', async () => {
    const { body } = await ops('GET', '/v1/keys?limit=100');
    const operators = body.items.filter(({ role }: { role: string }) => role === 'ops');
    const own = operators.find(({ name }: { name: string }) => name === 'ops');
    for (const { keyId } of operators)
      if (keyId !== own.keyId) expect((await ops('DELETE', `/v1/keys/${keyId}`)).status).toBe(204);
    const last = await ops('DELETE', `/v1/keys/${own.keyId}`);
    expect([last.status, last.body.code]).toEqual([409, 'last_operator_key']);
    const channel = await store('GET', '/v1/keys');
    expect(channel.status).toBe(403);
  });
});

describe('dead letters', () => {
  /** A member whose card is in Google Wallet, and what Google shows of it. */
  async function googleHolder() {
    const person = await newMember();
    const link = await fetch(`${system.baseUrl}/v1/cards/${person.cardUrl.split('/').pop()}/google`, {
      redirect: 'manual',
    });
    const [, payload = ''] = (link.headers.get('location') ?? '').split('.').slice(-3);
    const objectId = JSON.parse(Buffer.from(payload, 'base64url').toString()).payload.loyaltyObjects[0].id;
    const saved = await system.call('POST', '/local/google/callback', { objectId, eventType: 'save' });
    expect(saved.status).toBe(200);
    const shown = async () =>
      (await system.call('GET', `/local/google/objects/${objectId}`)).body.loyaltyPoints.balance.int;
    return { ...person, shown };
  }

  /** Google refuses whatever it is sent, for longer than any message is tried. */
  async function failGoogle(): Promise<void> {
    for (let one = 0; one < 300; one++)
      await system.call('POST', '/local/google/respond', { status: 400, reason: 'invalid' });
  }
  const calmGoogle = () => system.call('DELETE', '/local/google/respond');

  /** Each try is three minutes apart at most; the clock brings them together. */
  const giveUp = () => moveClock(35);
  const open = async () => (await ops('GET', '/v1/exceptions?type=dead_letter')).body.items;

  it('are listed with what was received, dismissed or handled after all', async () => {
    const people = [await googleHolder(), await googleHolder()];
    await failGoogle();
    for (const [at, { memberId }] of people.entries()) await post(`LATE-${at}`, memberId, 10_000);
    await giveUp();
    const [one, two, ...more] = await open();
    expect(more).toEqual([]);
    for (const letter of [one, two])
      expect(letter).toMatchObject({
        type: 'dead_letter',
        status: 'open',
        detail: 'google-update gave PointsPosted up after its last try.',
        data: {
          consumer: 'google-update',
          queue: 'google-update-dead',
          body: { 'detail-type': 'PointsPosted', detail: { entryType: 'earned' } },
        },
      });
    const dismissed = await ops('POST', `/v1/exceptions/${one.exceptionId}/dismiss`, { reason: 'A test' });
    expect(dismissed.body).toMatchObject({
      status: 'dismissed',
      handledBy: { name: 'ops', reason: 'A test' },
    });
    const { body } = await ops('GET', '/v1/exceptions?status=dismissed');
    expect(body.items).toEqual([dismissed.body]);
    const closed = await ops('POST', `/v1/exceptions/${one.exceptionId}/retry`);
    expect([closed.status, closed.body.code]).toEqual([409, 'exception_closed']);
    await calmGoogle();
    const behind = people.find(({ memberId }) => memberId === two.memberId);
    expect(await behind?.shown()).toBe(50);
    const redrive = '/v1/dead-letters/redrive';
    expect((await ops('POST', redrive, { consumer: 'messages' })).body).toEqual({ redriven: 0, left: 0 });
    expect((await ops('POST', redrive, { consumer: 'google-update' })).body).toEqual({
      redriven: 1,
      left: 0,
    });
    await system.idle();
    expect(await behind?.shown()).toBe(150);
    expect(await open()).toEqual([]);
    expect((await ops('POST', redrive, {})).body).toEqual({ redriven: 0, left: 0 });
  }, 120_000);

  it('that fail again come again, as new ones', async () => {
    const person = await googleHolder();
    await failGoogle();
    await post('NEVER', person.memberId, 10_000);
    await giveUp();
    const [first] = await open();
    expect((await ops('POST', `/v1/exceptions/${first.exceptionId}/retry`)).body).toMatchObject({
      status: 'resolved',
      handledBy: { name: 'ops' },
    });
    await giveUp();
    const [second, ...more] = await open();
    expect(more).toEqual([]);
    expect(second.exceptionId).not.toBe(first.exceptionId);
    expect(second.data.body).toEqual(first.data.body);
    await calmGoogle();
    const unknown = await ops('POST', '/v1/exceptions/exc_01JD0000000000000000000000/dismiss', {
      reason: 'x',
    });
    expect(unknown.status).toBe(404);
  }, 120_000);

  it('that wait for something else say so', async () => {
    const occurredAt = new Date(await clock()).toISOString();
    const refund = { id: 'EARLY', occurredAt, currency: 'EUR', purchaseId: 'NOT-YET', amountMinor: 100 };
    expect((await store('POST', '/v1/refunds', refund)).status).toBe(202);
    await system.idle();
    const [waiting] = (await ops('GET', '/v1/exceptions?type=refund_waiting')).body.items;
    const useless = await ops('POST', `/v1/exceptions/${waiting.exceptionId}/retry`);
    expect([useless.status, useless.body.code]).toEqual([409, 'exception_not_retryable']);
  });
});

describe('holds', () => {
  it('end by themselves: the card shows the points again and somebody else can have the reward', async () => {
    const [person, other] = [await newMember(), await newMember()];
    const hold = (memberId: string) =>
      store('POST', '/v1/redemptions', { member: { memberId }, rewardId: 'mug', mode: 'authorize' });
    const held = await hold(person.memberId);
    expect(held.status).toBe(201);
    await system.idle();
    expect((await cardOf(person)).balance).toMatchObject({ available: 10, held: 40 });
    expect((await hold(other.memberId)).body.code).toBe('reward_unavailable');
    await moveClock(16);
    const card = await cardOf(person);
    expect(card.balance).toMatchObject({ available: 50, held: 0 });
    expect(await balance(person.memberId)).toMatchObject({ available: 50, held: 0 });
    const { body } = await store('GET', `/v1/redemptions/${held.body.redemptionId}`);
    expect(body.status).toBe('expired');
    const late = await store('POST', `/v1/redemptions/${held.body.redemptionId}/capture`);
    expect([late.status, late.body.code]).toEqual([409, 'redemption_closed']);
    const taken = await hold(other.memberId);
    expect(taken.status).toBe(201);
    // Captured in time, a hold stays captured when its time is over.
    expect((await store('POST', `/v1/redemptions/${taken.body.redemptionId}/capture`)).status).toBe(200);
    await moveClock(16);
    expect(await balance(other.memberId)).toMatchObject({ available: 10, held: 0 });
    expect((await hold(person.memberId)).body.code).toBe('reward_unavailable');
  }, 120_000);
});

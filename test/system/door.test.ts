/** The door as callers meet it over HTTP: ids, paths, queries, and what a single item may spoil. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runScript, type System, startSystem } from '../support/system.ts';

let system: System;
let member: { readonly memberId: string; readonly cardNumber: string };
const contact = { email: 'ada+shop@example.com', phone: '+33612345678' };
beforeAll(async () => {
  system = await startSystem('--clock', '2026-11-22T10:00:00Z');
  member = (await system.call('POST', '/v1/members', contact, 'store')).body;
}, 150_000);
afterAll(async () => {
  await system?.remove();
});

const purchase = (id: string, more: object = {}) => ({
  id,
  occurredAt: '2026-11-22T09:59:00Z',
  currency: 'EUR',
  lines: [{ id: '1', sku: 'ESP-250', quantity: 1, amountMinor: 1000 }],
  totalMinor: 1000,
  ...more,
});

describe('an id as shops write them', () => {
  it.each(['#1001', 'INV/2024/1', 'Beleg 5', 'Übung', '100%', 'a?b=c', '%2F', '../1', '字'])(
    'may be %j: posted, read, refunded and claimed',
    async (id) => {
      const lines = [{ id, sku: 'ESP-250', quantity: 1, amountMinor: 1000 }];
      const posted = await system.call('POST', '/v1/purchases', purchase(id, { lines }), 'store');
      expect(posted).toMatchObject({ status: 202, body: { purchaseId: `store:${id}` } });
      await system.idle();
      const path = `/v1/purchases/${encodeURIComponent(`store:${id}`)}`;
      const claim = { member: { memberId: member.memberId }, totalMinor: 1000 };
      expect((await system.call('POST', `${path}/claim`, claim, 'store')).status).toBe(200);
      const refund = {
        id: `R ${id}`,
        occurredAt: '2026-11-22T09:59:30Z',
        currency: 'EUR',
        purchaseId: id,
        lines: [{ lineId: id, amountMinor: 1000 }],
      };
      expect((await system.call('POST', '/v1/refunds', refund, 'store')).status).toBe(202);
      await system.idle();
      expect((await system.call('GET', path, undefined, 'store')).body).toMatchObject({ status: 'refunded' });
      const refunded = `/v1/refunds/${encodeURIComponent(`store:R ${id}`)}`;
      expect((await system.call('GET', refunded, undefined, 'store')).body).toMatchObject({
        status: 'applied',
      });
    },
  );
});

describe("a refund of another channel's purchase", () => {
  it.each(['before', 'behind'])('%s it takes its points back, and shows nothing of it', async (order) => {
    const id = `W ${order}`;
    const sold = () =>
      system.call('POST', '/v1/purchases', purchase(id, { member: { memberId: member.memberId } }), 'web');
    const refund = {
      id: `S ${order}`,
      occurredAt: '2026-11-22T09:59:30Z',
      currency: 'EUR',
      amountMinor: 1000,
    };
    const named = { ...refund, purchaseId: `web:${id}`, member: { email: contact.email } };
    const returned = () => system.call('POST', '/v1/refunds', named, 'store');
    for (const step of order === 'before' ? [returned, sold] : [sold, returned]) {
      expect((await step()).status).toBe(202);
      await system.idle();
    }
    const path = `/v1/purchases/${encodeURIComponent(`web:${id}`)}`;
    expect((await system.call('GET', path, undefined, 'web')).body).toMatchObject({ status: 'refunded' });
    expect((await system.call('GET', path, undefined, 'store')).status).toBe(404);
    const refunded = `/v1/refunds/${encodeURIComponent(`store:S ${order}`)}`;
    expect((await system.call('GET', refunded, undefined, 'store')).body).toMatchObject({
      status: 'applied',
    });
    expect((await system.call('GET', refunded, undefined, 'web')).status).toBe(404);
  });
});

describe('an address', () => {
  it('is decoded once', async () => {
    const { memberId } = member;
    const get = async (text: string) =>
      (await system.call('GET', `/v1/members/${text}`, undefined, 'store')).status;
    expect(await get(memberId.replace('_', '%5F'))).toBe(200);
    expect(await get(memberId.replace('_', '%255F'))).toBe(404);
  });

  it.each(['phone=+33612345678', 'phone=%2B33612345678', 'email=ada+shop@example.com'])(
    'finds a member by %s',
    async (query) => {
      const { body } = await system.call('GET', `/v1/members?${query}`, undefined, 'store');
      expect(body.items.map((one: { memberId: string }) => one.memberId)).toEqual([member.memberId]);
    },
  );
});

describe('a card number whose check digit is wrong', () => {
  const last = () => String((Number(member.cardNumber.at(-1)) + 1) % 10);
  const reference = () => ({ cardNumber: member.cardNumber.slice(0, -1) + last() });
  const { id: _id, ...quote } = purchase('Q');
  const aReturn = { id: 'RC', occurredAt: '2026-11-22T09:59:00Z', currency: 'EUR' };
  const lines = [{ sku: 'ESP-250', quantity: 1, amountMinor: 1000 }];
  it.each<[string, string, () => object | undefined, string]>([
    ['POST', '/v1/purchases', () => purchase('C1', { member: reference() }), 'member.cardNumber'],
    ['POST', '/v1/quotes', () => ({ ...quote, member: reference() }), 'member.cardNumber'],
    ['POST', '/v1/refunds', () => ({ ...aReturn, member: reference(), lines }), 'member.cardNumber'],
    [
      'POST',
      '/v1/purchases/store:X/claim',
      () => ({ member: reference(), totalMinor: 1 }),
      'member.cardNumber',
    ],
    [
      'POST',
      '/v1/redemptions',
      () => ({ member: reference(), rewardId: 'free-coffee', mode: 'capture' }),
      'member.cardNumber',
    ],
  ])('is refused by %s %s with the field named', async (method, path, body, field) => {
    const answer = await system.call(method, path, body(), 'store');
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: field }] } });
  });

  it('is refused where a member is looked for', async () => {
    const path = `/v1/members?cardNumber=${reference().cardNumber}`;
    const answer = await system.call('GET', path, undefined, 'store');
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'cardNumber' }] } });
  });
});

describe('one bad item', () => {
  it('spoils no other of its batch', async () => {
    const text = JSON.stringify({
      purchases: [purchase('G1', { store: '\uFFFD' }), purchase('BAD'), purchase('G2')],
    });
    const bad = text.replace('"BAD"', '"BAD","store":"\\ud800"');
    const { status, body } = await system.call('POST', '/v1/purchases/batch', bad, 'store');
    expect([status, body.results.map((one: { status: string }) => one.status)]).toEqual([
      200,
      ['accepted', 'rejected', 'accepted'],
    ]);
    expect(body.results[1].error.errors[0].path).toBe('store');
  });

  it('spoils no other line of an import, and its line is named', async () => {
    const lines = Array.from({ length: 120 }, (_, index) => JSON.stringify(purchase(`I${index}`)));
    lines[56] = (lines[56] ?? '').replace('{', '{"store":"\\ud800",');
    const file = join(system.dataDirectory, '..', 'some.ndjson');
    await writeFile(file, `\uFEFF${lines.join('\n')}\n`);
    const { code, stdout, stderr } = await runScript('cli/philia.js', [
      'purchases',
      'import',
      file,
      '--channel',
      'store',
      '--data',
      system.dataDirectory,
    ]);
    expect(code).toBe(1);
    expect(stderr.split('\n').filter((line) => line.startsWith('line '))).toEqual([
      expect.stringMatching(/^line 57: invalid_request: store: .*well-formed Unicode/),
    ]);
    expect(stdout).toMatch(/purchases +119/);
    expect((await system.call('GET', '/v1/purchases/store:I119', undefined, 'store')).status).toBe(200);
  });
});

it('an id or code with a slash in it is nothing, and not a path that there is none of', async () => {
  for (const [path, detail] of [
    ['/v1/vouchers/a%2Fb', 'There is nothing at /v1/vouchers/a/b.'],
    ['/v1/nothing/a%2Fb', 'There is no path /v1/nothing/a/b; every one is listed in /openapi.json.'],
  ] as const)
    expect(await system.call('GET', path, undefined, 'store')).toMatchObject({
      status: 404,
      body: { detail },
    });
});

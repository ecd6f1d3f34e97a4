/** Two members of one person, on the running system: merged, used as one, parted again. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem('--clock', '2026-11-22T10:00:00Z');
}, 150_000);
afterAll(async () => {
  await system?.remove();
});

let serial = 0;
async function as(key: string, method: string, path: string, body?: unknown, onceKey?: string) {
  serial++;
  const response = await fetch(`${system.baseUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(method === 'POST' && onceKey !== '' ? { 'idempotency-key': onceKey ?? `own-${serial}` } : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  // biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests are about.
  return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as any };
}
const ops = (method: string, path: string, body?: unknown, key?: string) =>
  as(system.credentials.ops, method, path, body, key);
const store = (method: string, path: string, body?: unknown, key?: string) =>
  as(system.credentials.channels.store, method, path, body, key);
const idle = () => system.call('GET', '/local/idle');

function sale(id: string, member: object, amountMinor: number) {
  const lines = [{ id: '1', sku: 'MUG', quantity: 1, amountMinor }];
  return { id, occurredAt: '2026-11-22T10:00:00Z', currency: 'EUR', member, lines, totalMinor: amountMinor };
}

it('is one member by every name, to the last refund, until it is undone', async () => {
  const { body: into } = await store('POST', '/v1/members', { name: 'Ada', email: 'ada@example.com' });
  const { body: from } = await store('POST', '/v1/members', { name: 'Ada L.', phone: '+33612345678' });
  await store('POST', '/v1/purchases', sale('A', { memberId: into.memberId }, 10_000));
  await store('POST', '/v1/purchases', sale('B', { phone: '+33612345678' }, 30_000));
  await idle();
  const held = await store('POST', '/v1/redemptions', {
    member: { memberId: from.memberId },
    rewardId: 'free-coffee',
    mode: 'authorize',
  });
  expect(held.status).toBe(201);

  const path = `/v1/members/${into.memberId}/merge`;
  const body = { from: from.memberId };
  expect((await store('POST', path, body)).status).toBe(403);
  expect((await ops('POST', path, body, '')).body.code).toBe('idempotency_key_missing');
  expect((await ops('POST', path, { from: into.memberId })).body).toMatchObject({
    status: 400,
    errors: [{ path: 'from' }],
  });
  const unknown = `mem_${'0'.repeat(26)}`;
  expect((await ops('POST', path, { from: unknown })).body).toMatchObject({ errors: [{ path: 'from' }] });
  expect((await ops('POST', `/v1/members/${unknown}/merge`, body)).status).toBe(404);

  const merged = await ops('POST', path, body, 'merge-1');
  expect(merged).toMatchObject({
    status: 200,
    body: {
      memberId: into.memberId,
      email: 'ada@example.com',
      phone: '+33612345678',
      // Of the points for joining one of two is left.
      balance: { available: 300, held: 150, debt: 0 },
    },
  });
  expect(await ops('POST', path, body, 'merge-1')).toEqual(merged);
  await idle();

  for (const query of ['email=ada@example.com', 'phone=%2B33612345678', `cardNumber=${from.cardNumber}`])
    expect((await store('GET', `/v1/members?${query}`)).body.items).toMatchObject([
      { memberId: into.memberId },
    ]);
  expect((await store('GET', '/v1/purchases/store:B')).body.memberId).toBe(into.memberId);
  const old = new URL(from.cardUrl).pathname.split('/').pop();
  expect((await system.call('GET', `/v1/cards/${old}`)).body).toMatchObject({
    memberId: into.memberId,
    cardUrl: into.cardUrl,
  });
  const captured = await store('POST', `/v1/redemptions/${held.body.redemptionId}/capture`, {});
  expect(captured).toMatchObject({ status: 200, body: { status: 'captured', memberId: into.memberId } });
  await store('POST', '/v1/purchases', sale('C', { cardNumber: from.cardNumber }, 1_000));
  await store('POST', '/v1/refunds', {
    id: 'RB',
    occurredAt: '2026-11-22T10:00:00Z',
    currency: 'EUR',
    purchaseId: 'B',
    amountMinor: 10_000,
  });
  await idle();
  const { body: now } = await ops('GET', `/v1/members/${from.memberId}`);
  expect(now).toMatchObject({ memberId: into.memberId, balance: { available: 210, held: 0 } });

  const entries = (await ops('GET', `/v1/members/${into.memberId}/entries`)).body.items;
  const joined = entries.find(({ type }: { type: string }) => type === 'merged_in');
  expect(joined.cause).toEqual({ type: 'merge', id: from.memberId });
  const explained = await ops('GET', `/v1/entries/${joined.entryId}/explain`);
  expect(explained.body.summary).toContain(`${from.memberId} was merged into this member: 300 points`);
  const verified = await ops('POST', '/v1/ledger/verify', {});
  expect(verified.body).toMatchObject({ members: 2, differences: [] });
  const exported = await ops('GET', `/v1/members/${into.memberId}/export`);
  expect(exported.body.purchases.map(({ purchaseId }: { purchaseId: string }) => purchaseId).sort()).toEqual([
    'store:A',
    'store:B',
    'store:C',
  ]);
  expect(exported.body.person.merged).toMatchObject([
    { member: { memberId: from.memberId, name: 'Ada L.', cardNumber: from.cardNumber } },
  ]);

  const undone = await ops('POST', `/v1/members/${into.memberId}/unmerge`, body);
  expect(undone.status).toBe(200);
  const { body: apart } = await ops('GET', `/v1/members/${from.memberId}`);
  expect(apart).toMatchObject({ memberId: from.memberId, phone: '+33612345678' });
  // Of what came from there the redemption took its part, and the refund was of their purchase.
  expect(undone.body.balance.available + apart.balance.available).toBe(260);
  expect(apart.balance.available).toBe(100);
  expect((await ops('POST', '/v1/ledger/verify', {})).body).toMatchObject({ members: 2, differences: [] });
  expect((await ops('POST', `/v1/members/${into.memberId}/unmerge`, body)).body.code).toBe('merge_refused');
}, 120_000);

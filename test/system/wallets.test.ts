/** What Google and Samsung say of cards, and what they are told, on the running system. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCardData, openJws, requestToken, secret } from '../passes/samsung/partner.ts';
import { type System, startSystemWith } from '../support/system.ts';

const now = '2026-11-22T10:00:00Z';
/** Samsung's server: what it was told. */
const told: { path: string; token: string; body: unknown }[] = [];
const samsung = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
  told.push({ path: request.url ?? '', token, body: JSON.parse(Buffer.concat(chunks).toString()) });
  response.end();
});
let system: System;

beforeAll(async () => {
  samsung.listen(0, '127.0.0.1');
  await new Promise((resolve) => samsung.once('listening', resolve));
  const apiUrl = `http://127.0.0.1:${(samsung.address() as AddressInfo).port}`;
  const files = { 'samsung.json': { ...secret, apiUrl } };
  system = await startSystemWith(files, '--clock', now);
}, 150_000);
afterAll(async () => {
  samsung.close();
  await system?.remove();
});

let serial = 0;

async function newMember() {
  serial++;
  const { body } = await system.call('POST', '/v1/members', { email: `w${serial}@example.com` }, 'store');
  return body;
}

async function buy(member: { memberId: string }, amountMinor: number) {
  serial++;
  const lines = [{ id: '1', sku: 'ESP-250', quantity: 1, amountMinor }];
  const rest = { occurredAt: '2026-11-22T09:59:00Z', currency: 'EUR', totalMinor: amountMinor };
  const purchase = { id: `W-${serial}`, member: { memberId: member.memberId }, lines, ...rest };
  expect((await system.call('POST', '/v1/purchases', purchase, 'store')).status).toBe(202);
  await system.idle();
}

const walletsOf = async (member: { memberId: string }) =>
  (await system.call('GET', `/v1/members/${member.memberId}/wallets`, undefined, 'ops')).body;

describe('Google', () => {
  const offer = async (member: { wallet: { googleUrl: string } }) => {
    const { headers } = await fetch(member.wallet.googleUrl, { redirect: 'manual' });
    const [, payload = ''] = (headers.get('location') ?? '').split('.').slice(-3);
    return JSON.parse(Buffer.from(payload, 'base64url').toString()).payload.loyaltyObjects[0].id as string;
  };
  const pointsOf = async (objectId: string) =>
    (await system.call('GET', `/local/google/objects/${objectId}`)).body.loyaltyPoints.balance.int;

  it('says that a card was deleted, hears no more of it, and says that it was saved again', async () => {
    const member = await newMember();
    const objectId = await offer(member);
    const tell = async (eventType: string) =>
      (await system.call('POST', '/local/google/callback', { objectId, eventType })).body;
    expect(await tell('save')).toMatchObject({ status: 200 });
    expect((await walletsOf(member)).google).toMatchObject({ state: 'saved', version: 2 });
    expect(await tell('del')).toMatchObject({ status: 200 });
    await buy(member, 10_000);
    expect(await pointsOf(objectId)).toBe(50);
    expect(await tell('save')).toMatchObject({ status: 200 });
    expect(await pointsOf(objectId)).toBe(150);
    expect((await walletsOf(member)).google).toMatchObject({ state: 'saved', version: 3 });
  });

  it('is not believed without a signature', async () => {
    const forged = {
      protocolVersion: 'ECv2SigningOnly',
      signature: 'MEUCIQ==',
      intermediateSigningKey: {
        signedKey: '{"keyValue":"","keyExpiration":"9999999999999"}',
        signatures: ['MEUCIQ=='],
      },
      signedMessage: '{"eventType":"del"}',
    };
    expect(await system.call('POST', '/google/callback', forged)).toMatchObject({
      status: 401,
      body: { code: 'unauthorized' },
    });
    expect((await system.call('POST', '/google/callback', {})).status).toBe(400);
  });

  it('shows the newest version although it failed in every way before', async () => {
    const member = await newMember();
    const objectId = await offer(member);
    for (const fault of [{ status: 403, reason: 'quotaExceeded' }, { close: 'after' }])
      expect((await system.call('POST', '/local/google/respond', fault)).status).toBe(200);
    await buy(member, 10_000);
    expect(await pointsOf(objectId)).toBe(150);
  });
});

describe('Samsung', () => {
  it('gets the card by a link, fetches it, is told of a purchase, and fetches it again', async () => {
    const member = await newMember();
    const token = member.cardUrl.split('/').pop();
    const { body: card } = await system.call('GET', `/v1/cards/${token}`);
    const added = await fetch(card.wallet.samsungUrl, { redirect: 'manual' });
    expect(added.status).toBe(302);
    const [address, cdata = ''] = (added.headers.get('location') ?? '').split('cdata=');
    expect(address).toBe(`https://a.swallet.link/atw/v3/${secret.cardId}#Clip?`);
    const { refId, attributes } = (await openCardData(cdata)).card.card.data[0];
    expect(attributes.balance).toBe('50');

    const path = `/samsung/cards/${secret.cardId}/${refId}`;
    const ask = async (method: 'GET' | 'POST', query = '') => {
      const { body: clock } = await system.call('GET', '/local/clock');
      const authorization = `Bearer ${await requestToken(method, path, Date.parse(clock.now))}`;
      return fetch(`${system.baseUrl}${path}${query}`, { method, headers: { authorization } });
    };
    expect((await fetch(`${system.baseUrl}${path}`)).status).toBe(401);
    expect((await ask('POST', '?cc2=FR&event=ADDED')).status).toBe(200);
    expect(await walletsOf(member)).toMatchObject({ samsung: { state: 'saved', version: 2 } });

    await buy(member, 10_000);
    expect(told.map(({ path: at, body }) => [at, body])).toEqual([
      [
        `/FR/wltex/cards/${secret.cardId}/updates`,
        { card: { type: 'loyalty', data: [{ refId, state: 'UPDATED' }] } },
      ],
    ]);
    expect((await openJws(told[0]?.token ?? '')).header).toMatchObject({ cty: 'AUTH' });
    const fetched = await ask('GET', '?fields=balance');
    expect(fetched.status).toBe(200);
    const { card: fresh } = await openCardData(((await fetched.json()) as { cdata: string }).cdata);
    expect(fresh.card.data[0]).toMatchObject({ refId, attributes: { balance: '150' } });
  });
});

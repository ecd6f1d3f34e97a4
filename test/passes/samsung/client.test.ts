import { describe, expect, it } from 'vitest';
import { createSamsungClient } from '../../../passes/samsung/index.ts';
import { credentialsOf, openJws, secret } from './partner.ts';

const now = Date.parse('2026-11-22T10:00:00Z');
const update = {
  refId: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  countryCode: 'FR',
  callback: null,
  requestId: '7b0f1c1e-8f0a-4f53-9d0e-0a6f0c2b1d3e',
  now,
};

function start(answer: () => Promise<Response>) {
  const requests: Request[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    requests.push(new Request(input, init));
    return answer();
  };
  return { requests, client: createSamsungClient({ credentials: credentialsOf(), fetch, timeoutMs: 100 }) };
}

describe('word of an update', () => {
  it('goes to the country’s path as Samsung documents it', async () => {
    const { client, requests } = start(async () => new Response(null, { status: 200 }));
    expect(await client.tellUpdated(update)).toEqual({ type: 'told' });
    const [request] = requests;
    const path = `/FR/wltex/cards/${secret.cardId}/updates`;
    expect([request?.method, request?.url]).toEqual([
      'POST',
      `https://tsapi-card.walletsvc.samsung.com${path}`,
    ]);
    expect(request?.headers.get('x-smcs-partner-id')).toBe(secret.partnerId);
    expect(request?.headers.get('x-request-id')).toBe('7b0f1c1e8f0a4f539d0e0a6f0c2b1d3e');
    expect(await request?.json()).toEqual({
      card: { type: 'loyalty', data: [{ refId: update.refId, state: 'UPDATED' }] },
    });
    const token = request?.headers.get('authorization')?.replace('Bearer ', '') ?? '';
    const { header, payload } = await openJws(token);
    expect(header).toMatchObject({ cty: 'AUTH', ver: '3', partnerId: secret.partnerId, utc: now });
    expect(JSON.parse(payload)).toEqual({ API: { method: 'POST', path }, refId: update.refId });
  });

  it.each([
    ['https://us-tsapi.walletsvc.samsung.com', 'https://us-tsapi.walletsvc.samsung.com'],
    ['https://us-tsapi.walletsvc.samsung.com/', 'https://us-tsapi.walletsvc.samsung.com'],
    ['https://evil.example', 'https://tsapi-card.walletsvc.samsung.com'],
    ['https://us.walletsvc.samsung.com.evil.example', 'https://tsapi-card.walletsvc.samsung.com'],
    ['http://us-tsapi.walletsvc.samsung.com', 'https://tsapi-card.walletsvc.samsung.com'],
    ['https://user@169.254.169.254/latest', 'https://tsapi-card.walletsvc.samsung.com'],
    ['not an address', 'https://tsapi-card.walletsvc.samsung.com'],
  ])('goes where Samsung asked for the card, if that is Samsung: %s', async (callback, origin) => {
    const { client, requests } = start(async () => new Response());
    await client.tellUpdated({ ...update, callback });
    expect(new URL(requests[0]?.url ?? '').origin).toBe(origin);
  });

  it.each([
    [429, 'retry'],
    [500, 'retry'],
    [503, 'retry'],
    [400, 'refused'],
    [401, 'refused'],
    [404, 'refused'],
  ])('that is answered %i is %s', async (status, type) => {
    const { client } = start(async () => new Response('because', { status }));
    expect(await client.tellUpdated(update)).toEqual({ type, reason: `Samsung answered ${status}: because` });
  });

  it('that is not answered is to be said again', async () => {
    const { client } = start(async () => Promise.reject(new TypeError('closed')));
    expect((await client.tellUpdated(update)).type).toBe('retry');
  });
});

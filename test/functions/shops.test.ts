/** What shops are asked for and how it is taken, where the running system's test does not come: a shop that answers. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import square from '../../channels/square/vectors/vectors.json' with { type: 'json' };
import type { Deps } from '../../functions/deps.ts';
import { ShopUnavailable } from '../../functions/shops/asking.ts';
import { shopOf } from '../../functions/shops/shops.ts';
import { fetchOrder, take } from '../../functions/shops/telling.ts';
import { createKey, listExceptions, observeReturn, previewReturn } from '../../ledger/ledger.ts';
import { knock } from '../support/doors.ts';
import { putInForce } from '../support/histories.ts';
import { newWorld, type World } from '../support/ports.ts';
import { defaultProgram, noon } from '../support/world.ts';

const current = vi.hoisted(() => ({ deps: undefined as unknown }));
vi.mock('../../functions/deps.ts', () => ({ deps: async () => current.deps as Deps, programFreshMs: 0 }));

let server: Server;
let answer: (url: string) => { status?: number; headers?: Record<string, string>; body: string };
const asked: string[] = [];
beforeAll(async () => {
  server = createServer(({ method, url = '' }, response) => {
    asked.push(`${method} ${url}`);
    const { status = 200, headers = {}, body } = answer(url);
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
});
afterAll(() => server.close());

let world: World;
let ops: string;
let serial = 0;
/** A channel that Square sells by. */
beforeEach(async () => {
  asked.length = 0;
  world = newWorld({ now: noon });
  current.deps = world.deps;
  await putInForce(world.ledger, defaultProgram());
  const by = { keyId: 'setup', name: 'setup' };
  ops = (await createKey(world.ledger, { name: 'ops', role: 'ops' }, by, noon)).text;
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const body = {
    kind: 'store',
    name: 'Till',
    adapter: 'square',
    settings: { api, locations: 'L1' },
    secrets: ['key'],
    apiToken: 'token',
  };
  const put = await ask('putChannel', body);
  expect([put.status, put.body.errors]).toEqual([200, undefined]);
});
const ask = (name: 'putChannel' | 'reconcileChannel', body: object) =>
  knock(name, {
    key: ops,
    headers: { 'idempotency-key': `k${++serial}` },
    params: { channelId: 'square' },
    body,
  });
const reconcile = (more: object = {}) => ask('reconcileChannel', { since: '2026-11-01T00:00:00Z', ...more });
const shop = async () => {
  const channel = (await world.deps.channels()).get('square');
  if (!channel) throw new Error('There is no channel.');
  return shopOf(world.deps, channel);
};

const sold = square.find(({ name }) => name === 'an order of two lines, tax inside') as unknown as {
  answers: [{ order: { id: string } }, object];
};
const [order, customer] = sold.answers;
const shows = (url: string) => ({
  body: JSON.stringify(
    url.includes('/customers/')
      ? customer
      : url.endsWith('/search')
        ? { order_entries: [{ order_id: order.order.id, version: 4 }] }
        : order,
  ),
});

describe('a channel with a shop', () => {
  const put = (body: object, key = `put${++serial}`) =>
    knock('putChannel', {
      key: ops,
      headers: { 'idempotency-key': key },
      params: { channelId: 'square' },
      body: { kind: 'store', name: 'Till', ...body },
    });
  const secrets = async () => (await world.deps.channelSecrets.read('square'))?.secrets;

  it('is renamed and paused without saying again what it is connected to', async () => {
    const { status, body } = await put({ name: 'Till, Lyon', paused: true });
    expect([status, body]).toMatchObject([
      200,
      { name: 'Till, Lyon', paused: true, adapter: 'square', settings: { locations: 'L1' }, secretCount: 1 },
    ]);
    expect(await secrets()).toEqual(['key']);
  });

  it('keeps its newest secrets when an older request is repeated, or one is refused', async () => {
    await put({ secrets: ['second'] }, 'once');
    await put({ secrets: ['third'] });
    expect((await put({ secrets: ['second'] }, 'once')).status).toBe(200);
    expect((await put({ secrets: ['fourth'] }, 'once')).status).toBe(422);
    expect((await put({ kind: 'web', secrets: ['fifth'] })).status).toBe(409);
    expect(await secrets()).toEqual(['third']);
  });

  it('keeps nothing of one shop for another', async () => {
    const { body } = await put({ adapter: 'shopify', settings: { shop: 'maison.myshopify.com' } });
    expect(body).toMatchObject({ adapter: 'shopify', secretCount: 0, hasApiToken: false });
    expect(await secrets()).toEqual([]);
  });
});

describe('an order', () => {
  it('is asked for with what its answer names: whose it is', async () => {
    answer = shows;
    const reading = await fetchOrder(world.deps, await shop(), order.order.id);
    expect(asked).toEqual([
      `GET /v2/orders/${order.order.id}`,
      expect.stringMatching(/^GET \/v2\/customers\/\w+$/),
    ]);
    expect(reading).toMatchObject({
      type: 'told',
      told: [{ order: { sale: { member: { email: 'ada@example.com' } } } }],
    });
  });

  it.each([
    ['refuses', { status: 401, body: '{}' }, 'is answered 401'],
    ['answers in HTML', { body: '<html>' }, 'is not answered with JSON'],
  ])('of a shop that %s is nothing that is known', async (_what, said, message) => {
    answer = () => said;
    const asking = fetchOrder(world.deps, await shop(), '7');
    await expect(asking).rejects.toThrow(message);
    await expect(asking).rejects.toBeInstanceOf(ShopUnavailable);
  });
});

describe('an order that is told', () => {
  const told = (occurredAt: string, totalMinor = 100) => ({
    type: 'order' as const,
    order: {
      id: 'O1',
      revision: 1,
      sale: {
        occurredAt,
        currency: 'EUR',
        lines: [{ id: '1', sku: 'A', quantity: 1, amountMinor: 100 }],
        totalMinor,
      },
    },
  });
  const listed = async () =>
    (await listExceptions(world.ledger, { status: 'open', type: 'delivery_unreadable', limit: 10 })).items;

  it('and cannot be posted is listed with why; one of long ago is left alone', async () => {
    const of = await shop();
    expect(await take(world.deps, of, told('2025-01-01T00:00:00Z'))).toBe(false);
    expect(await listed()).toEqual([]);
    expect(await take(world.deps, of, told('2026-11-22T11:00:00Z', 101))).toBe(false);
    expect(await listed()).toMatchObject([
      { subject: 'square:O1', detail: expect.stringContaining('totalMinor') },
    ]);
    expect(await take(world.deps, of, told('2026-11-22T11:00:00Z'))).toBe(true);
  });
});

describe('reconciling', () => {
  it('asks for each order that the list only names, and posts it once', async () => {
    answer = shows;
    const missing = {
      orderId: order.order.id,
      purchases: [{ id: order.order.id, totalMinor: 3230, currency: 'EUR' }],
    };
    expect((await reconcile()).body.items).toMatchObject([missing]);
    expect((await reconcile({ post: true })).body.items).toMatchObject([missing]);
    expect((await reconcile()).body.items).toMatchObject([{ purchases: [], refunds: [] }]);
  });

  it('tells what the shop answered, and takes no cursor that is not its own', async () => {
    answer = () => ({ status: 429, headers: { 'retry-after': '7' }, body: '' });
    const busy = await reconcile();
    expect([busy.status, busy.body.code, busy.headers['retry-after']]).toEqual([
      502,
      'shop_unavailable',
      '7',
    ]);
    answer = () => ({ body: '[]' });
    expect((await reconcile()).body.code).toBe('shop_unavailable');
    asked.length = 0;
    expect((await reconcile({ cursor: 'https://elsewhere.example' })).body.code).toBe('invalid_cursor');
    expect(asked).toEqual([]);
  });
});

describe('a return without receipt', () => {
  const refund = {
    id: 'R1',
    occurredAt: '2026-11-22T11:00:00Z',
    currency: 'EUR',
    member: { email: 'ada@example.com' },
    lines: [{ sku: 'A', quantity: 1, amountMinor: 100 }],
  };
  const events = async () => (await world.ledger.store.scan(['channelEvents'], { limit: 1000 })).keys.length;

  it('is looked at without being taken, and taken once', async () => {
    const of = await shop();
    expect(await previewReturn(world.ledger, of, refund, noon)).toMatchObject({ refunds: [{ id: 'R1' }] });
    expect(await events()).toBe(0);
    await observeReturn(world.ledger, of, refund, noon);
    await observeReturn(world.ledger, of, refund, noon);
    expect(await events()).toBe(1);
  });
});

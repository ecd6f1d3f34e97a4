/**
 * A shop connected to a running system: what it delivers over HTTP, signed as it signs, is on the member's cards; what
 * is forged, late, repeated or lost changes nothing that it should not. The shop is a stand-in that speaks its API.
 */
import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Phone } from '../support/storm.ts';
import { runScript, type System, startSystem } from '../support/system.ts';

let system: System;
let shop: Server;
let member: { memberId: string; appleUrl: string; objectId: string };
let phone: Phone;
/** The shop's orders as its API shows them, by their ids. */
const orders = new Map<number, Record<string, unknown>>();
const asked: { url: string; token: string | undefined }[] = [];

beforeAll(async () => {
  shop = createServer(({ url = '', headers }, answer) => {
    asked.push({ url, token: headers['x-shopify-access-token'] as string });
    const id = /\/orders\/(\d+)\.json/.exec(url)?.[1];
    const order = orders.get(Number(id));
    answer.statusCode = id === undefined || order ? 200 : 404;
    answer.setHeader('content-type', 'application/json');
    answer.end(JSON.stringify(id === undefined ? { orders: [...orders.values()] } : { order }));
  });
  await new Promise<void>((done) => void shop.listen(0, '127.0.0.1', done));
  system = await startSystem('--clock', '2026-12-01T10:00:00Z');
  const { body } = await system.call('POST', '/v1/members', { email: 'ada@example.com' }, 'store');
  const { headers } = await fetch(body.wallet.googleUrl, { redirect: 'manual' });
  const [, payload = ''] = (headers.get('location') ?? '').split('.').slice(-3);
  const [object] = JSON.parse(Buffer.from(payload, 'base64url').toString()).payload.loyaltyObjects;
  member = { memberId: body.memberId, appleUrl: body.wallet.appleUrl, objectId: object.id };
  phone = new Phone(system, 'phone', 'phone');
  await phone.download(member);
  await phone.register(member);
}, 150_000);
afterAll(async () => {
  await system?.remove();
  shop?.close();
});

let serial = 0;
async function send(method: string, path: string, body: unknown) {
  const response = await fetch(`${system.baseUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${system.credentials.ops}`,
      'content-type': 'application/json',
      'idempotency-key': `shops-${++serial}`,
    },
    body: JSON.stringify(body),
  });
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely.
  const answer: any = await response.json();
  return { status: response.status, body: answer };
}
const api = () => `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;
const connect = (more: object = {}) =>
  send('PUT', '/v1/channels/shopify', {
    kind: 'web',
    name: 'Webshop',
    adapter: 'shopify',
    settings: { shop: 'maison.myshopify.com', api: api() },
    ...more,
  });

interface Delivered {
  readonly secret?: string;
  readonly deliveryId?: string;
}

/** Posts as Shopify does. */
async function deliver(
  topic: string,
  body: object | string,
  { secret = 'first', deliveryId }: Delivered = {},
) {
  const bytes = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(`${system.baseUrl}/v1/channels/shopify/deliveries`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-shopify-topic': topic,
      'x-shopify-api-version': '2026-10',
      'x-shopify-webhook-id': deliveryId ?? `delivery-${++serial}`,
      'x-shopify-hmac-sha256': createHmac('sha256', secret).update(bytes).digest('base64'),
    },
    body: bytes,
  });
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely.
  const answer: any = await response.json();
  return { status: response.status, body: answer };
}

const money = (euros: number) => euros.toFixed(2);

/** An order of cups at ten euros each, paid at ten o'clock. */
function order(id: number, quantity: number, more: Record<string, unknown> = {}) {
  const total = money(quantity * 10);
  return {
    id,
    admin_graphql_api_id: `gid://shopify/Order/${id}`,
    name: `#${id}`,
    email: 'ada@example.com',
    created_at: '2026-12-01T09:00:00Z',
    processed_at: '2026-12-01T09:00:00Z',
    updated_at: '2026-12-01T09:00:00Z',
    currency: 'EUR',
    presentment_currency: 'EUR',
    taxes_included: true,
    financial_status: 'paid',
    note_attributes: [],
    customer: { id: 1, email: 'ada@example.com' },
    shipping_lines: [],
    refunds: [],
    total_price: total,
    total_tax: '0.00',
    line_items: [
      {
        id: id * 10,
        admin_graphql_api_id: `gid://shopify/LineItem/${id * 10}`,
        sku: 'CUP-1',
        name: 'A cup',
        quantity,
        current_quantity: quantity,
        price: money(10),
        gift_card: false,
        total_discount: '0.00',
        discount_allocations: [],
        tax_lines: [],
      },
    ],
    ...more,
  };
}

/** One cup of an order is brought back. */
function refund(orderId: number, id: number) {
  return {
    id,
    admin_graphql_api_id: `gid://shopify/Refund/${id}`,
    order_id: orderId,
    created_at: '2026-12-01T09:30:00Z',
    processed_at: '2026-12-01T09:30:00Z',
    refund_line_items: [
      {
        id: id * 10,
        line_item_id: orderId * 10,
        quantity: 1,
        subtotal: '10.00',
        total_tax: '0.00',
        line_item: order(orderId, 1).line_items[0],
      },
    ],
    order_adjustments: [],
    refund_shipping_lines: [],
    transactions: [{ id: id * 100, kind: 'refund', status: 'success', amount: '10.00', currency: 'EUR' }],
  };
}

const state = async (id: number) =>
  (await system.call('GET', `/v1/purchases/shopify:${id}`, undefined, 'ops')).body;
const pending = async () =>
  (await system.call('GET', `/v1/members/${member.memberId}`, undefined, 'ops')).body.balance.pending;

it('is connected by configuration: what it needs is said, its secrets are not', async () => {
  const { body } = await system.call('GET', '/v1/adapters', undefined, 'ops');
  expect(
    body.items.find(({ adapter }: { adapter: string }) => adapter === 'shopify').settings,
  ).toContainEqual(expect.objectContaining({ name: 'shop', needed: true }));
  const lacking = await connect({ settings: {} });
  expect([lacking.status, lacking.body.errors[0].path]).toEqual([400, 'settings.shop']);
  expect((await deliver('orders/paid', order(1, 3))).status).toBe(401);
  const connected = await connect({ secrets: ['first'], apiToken: 'token' });
  expect([connected.status, connected.body]).toMatchObject([
    200,
    { adapter: 'shopify', secretCount: 1, hasApiToken: true, lastDeliveryAt: null },
  ]);
  expect(JSON.stringify(connected.body)).not.toMatch(/first|"token"/);
});

it('sells, and the cards show it', async () => {
  expect(await deliver('orders/paid', order(1, 3), { deliveryId: 'once' })).toEqual({
    status: 200,
    body: { accepted: 1 },
  });
  await system.idle();
  expect(await state(1)).toMatchObject({
    memberId: member.memberId,
    status: 'posted',
    points: { earned: 30 },
  });
  expect(await pending()).toBe(30);
  const { version } = (await system.call('GET', `/v1/members/${member.memberId}`, undefined, 'ops')).body;
  await phone.wake((await system.call('GET', '/local/apns')).body.pushes);
  expect(phone.passes.get(member.memberId)?.held.version).toBe(version);
  const channel = (await system.call('GET', '/v1/channels/shopify', undefined, 'ops')).body;
  expect(channel).toMatchObject({ lastDeliveryAt: expect.any(String), removable: false });
}, 60_000);

it('tells it again, and in other words later: nothing more is posted', async () => {
  expect((await deliver('orders/paid', order(1, 3), { deliveryId: 'once' })).body).toEqual({ accepted: 0 });
  expect((await deliver('orders/updated', order(1, 3, { updated_at: '2026-12-01T09:10:00Z' }))).status).toBe(
    200,
  );
  await system.idle();
  expect(await pending()).toBe(30);
}, 60_000);

it('takes back, before or after the order is told', async () => {
  expect((await deliver('refunds/create', refund(2, 20))).status).toBe(200);
  expect((await deliver('refunds/create', refund(1, 21))).status).toBe(200);
  expect((await deliver('orders/paid', order(2, 2))).status).toBe(200);
  await system.idle();
  expect([await state(1), await state(2)]).toMatchObject([
    { status: 'partially_refunded', points: { earned: 30, clawedBack: 10 } },
    { status: 'partially_refunded', points: { earned: 20, clawedBack: 10 } },
  ]);
}, 60_000);

it('is not believed when it is forged, cut off, or not signed', async () => {
  const before = await pending();
  const forged = await deliver('orders/paid', order(3, 9), { secret: 'not it' });
  expect([forged.status, forged.body.code]).toEqual([401, 'unauthorized']);
  const { detail, ...nothing } = await system
    .call('POST', '/v1/channels/nobody/deliveries', {})
    .then(({ body }) => body);
  expect(nothing.code).toBe('unauthorized');
  expect(detail).toBe(forged.body.detail);
  const cut = JSON.stringify(order(3, 9)).slice(0, -5);
  expect(await deliver('orders/paid', cut)).toEqual({ status: 200, body: { accepted: 0 } });
  await system.idle();
  const { body } = await system.call('GET', '/v1/exceptions?type=delivery_unreadable', undefined, 'ops');
  expect(body.items).toHaveLength(1);
  expect(JSON.stringify(body.items)).not.toContain('ada@example.com');
  expect((await system.call('GET', '/v1/purchases/shopify:3', undefined, 'ops')).status).toBe(404);
  expect(await pending()).toBe(before);
}, 60_000);

it('signs with another secret: both hold while there are two, and the old one no more when it is gone', async () => {
  await connect({ secrets: ['first', 'second'] });
  expect((await deliver('orders/paid', order(4, 1), { secret: 'second' })).status).toBe(200);
  expect((await deliver('orders/paid', order(5, 1))).status).toBe(200);
  await connect({ secrets: ['second'] });
  expect((await deliver('orders/paid', order(6, 1))).status).toBe(401);
}, 60_000);

it('is asked for an order of which it says only that it was edited', async () => {
  orders.set(4, order(4, 3, { updated_at: '2026-12-01T09:40:00Z' }));
  const edited = { order_edit: { id: 1, order_id: 4, committed_at: '2026-12-01T09:40:00Z' } };
  expect((await deliver('orders/edited', edited, { secret: 'second' })).body).toEqual({ accepted: 1 });
  await system.idle();
  expect(asked.at(-1)).toMatchObject({ token: 'token' });
  expect(await state(4)).toMatchObject({ points: { earned: 10 } });
  expect((await system.call('GET', '/v1/purchases/shopify:4+1', undefined, 'ops')).body).toMatchObject({
    memberId: member.memberId,
    points: { earned: 20 },
  });
}, 60_000);

it('has sold what never came: reconciling shows it, posts it, and finds nothing more', async () => {
  for (const id of [1, 2])
    orders.set(id, order(id, id === 1 ? 3 : 2, { refunds: [refund(id, id === 1 ? 21 : 20)] }));
  orders.set(7, order(7, 2, { refunds: [refund(7, 70)] }));
  const reconcile = (...more: string[]) =>
    runScript('cli/philia.js', [
      ...['--data', system.dataDirectory, '--json', 'channels', 'reconcile', 'shopify'],
      ...['--since', '2026-11-01T00:00:00Z', ...more],
    ]);
  const found = await reconcile();
  expect(found.code, found.stderr).toBe(1);
  expect(JSON.parse(found.stdout).items).toMatchObject([
    { orderId: '7', purchases: [{ id: '7' }], refunds: [{ id: '70' }] },
  ]);
  expect((await system.call('GET', '/v1/purchases/shopify:7', undefined, 'ops')).status).toBe(404);
  expect((await reconcile('--post')).code).toBe(0);
  await system.idle();
  expect(await state(7)).toMatchObject({ points: { earned: 20, clawedBack: 10 } });
  expect(JSON.parse((await reconcile()).stdout)).toMatchObject({ items: [] });
}, 60_000);

it('ends with the same ledger, on which nothing differs', async () => {
  const verified = await send('POST', '/v1/ledger/verify', {});
  expect(verified.body.differences).toEqual([]);
  const { body } = await system.call('GET', `/local/google/objects/${member.objectId}`);
  const { balance } = (await system.call('GET', `/v1/members/${member.memberId}`, undefined, 'ops')).body;
  expect(body.loyaltyPoints.balance.int).toBe(balance.available);
});

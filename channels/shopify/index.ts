/**
 * Shopify: webhooks and Events, and the REST Admin API, whose orders have the same form.
 * https://shopify.dev/docs/api/webhooks, https://shopify.dev/docs/apps/build/events/delivery-structure
 */
import type { Told } from '../../core/orders.ts';
import type { Adapter, ShopApi } from '../adapter.ts';
import {
  isSigned,
  type Json,
  object,
  objects,
  optionalId,
  reading,
  readJson,
  text,
  Unreadable,
} from '../reading.ts';
import { alone, order, ownId } from './order.ts';

/** What the orders of this version look like is what is read here; Shopify serves it for a year. */
const version = '2026-10';

/** Topics that are posted to every app and say nothing of orders: people's requests are served by operators. */
const nothing = new Set(['customers/redact', 'customers/data_request', 'shop/redact', 'app/uninstalled']);

/** The order that an Event is about: its variables name it, or the paths of what was changed. */
function changedOrder(event: Json): Told {
  const variables = event['query_variables'];
  const said = JSON.stringify([variables, event['fields_changed'], event['data']]);
  const id = /gid:\/\/shopify\/Order\/(\d+)/.exec(said)?.[1];
  if (!id) throw new Unreadable('query_variables, fields_changed and data name no order.');
  return { type: 'changed', orderId: id };
}

function tellings(topic: string, body: Json, settings: Readonly<Record<string, string>>): readonly Told[] {
  switch (topic) {
    case 'orders/paid':
    case 'orders/updated':
    case 'orders/create':
    case 'orders/cancelled':
      return order(body, settings);
    case 'orders/edited':
      return [
        {
          type: 'changed',
          orderId: ownOrder(object(body['order_edit'], 'order_edit')['order_id'], 'order_edit.order_id'),
        },
      ];
    case 'refunds/create':
      return alone(body, settings);
    default:
      if (nothing.has(topic)) return [];
      throw new Unreadable(`The topic ${topic.slice(0, 64)} is not one that is read.`);
  }
}

function ownOrder(value: unknown, path: string): string {
  const id = optionalId(value);
  if (!id) throw new Unreadable(`${path} is not an id.`);
  return id;
}

const base = (settings: Readonly<Record<string, string>>) =>
  `${settings['api'] ?? `https://${settings['shop'] ?? ''}`}/admin/api/${version}`;

const api: ShopApi = {
  order: (orderId, settings, { apiToken }) => [
    {
      method: 'GET',
      url: `${base(settings)}/orders/${encodeURIComponent(orderId)}.json`,
      headers: { 'x-shopify-access-token': apiToken ?? '' },
    },
  ],
  readOrder: ([answer], settings) =>
    reading(() => (answer ? order(object(object(answer, 'The answer')['order'], 'order'), settings) : [])),
  changed: (since, cursor, settings, { apiToken }) => ({
    method: 'GET',
    url:
      cursor ??
      `${base(settings)}/orders.json?status=any&limit=250&order=updated_at+asc&updated_at_min=${encodeURIComponent(since)}`,
    headers: { 'x-shopify-access-token': apiToken ?? '' },
  }),
  readChanged: (answer, { link }, settings) => ({
    told: objects(object(answer, 'The answer')['orders'], 'orders').flatMap((one) => {
      const read = reading(() => order(one, settings));
      // What cannot be read in a page is asked for by itself, and then says why.
      if (read.type === 'unreadable') return [{ type: 'changed' as const, orderId: ownId(one, 'orders') }];
      return read.type === 'told' ? read.told : [];
    }),
    cursor: nextPage(link, settings),
  }),
};

/** The address behind `rel="next"`, at the base that is asked: links name the shop's own host. */
function nextPage(link: string | undefined, settings: Readonly<Record<string, string>>): string | null {
  const found = /<([^>]*[?&]page_info=[^>]*)>;\s*rel="?next"?/.exec(link ?? '')?.[1];
  const query = found?.slice(found.indexOf('?'));
  return query ? `${base(settings)}/orders.json${query}` : null;
}

export const shopify: Adapter = {
  settings: {
    shop: { says: "The shop's own host, as maison.myshopify.com.", needed: true },
    money: {
      says: "In which money points are earned: `customer` for the one that was paid in (so it is when nothing is said), `shop` for the shop's own.",
    },
    api: { says: "Another base address than the shop's own host." },
  },
  secret: "The app's client secret (or the signing key shown under Settings, Notifications, Webhooks).",
  apiToken: "The app's Admin API access token, with read_orders (and read_all_orders for older ones).",
  clicks: [
    'In the Dev Dashboard, make an app, give it the scopes read_orders and read_customers, and install it in the shop.',
    `Under Webhooks, choose the API version ${version} and the topics orders/paid, orders/updated, orders/edited and refunds/create, each as JSON to {url}.`,
    'Under Compliance webhooks, enter {url} three times.',
  ],
  verify: ({ body, headers }, { secrets }) =>
    isSigned(headers['shopify-hmac-sha256'] ?? headers['x-shopify-hmac-sha256'], body, secrets),
  deliveryId: ({ headers }) => headers['shopify-webhook-id'] ?? headers['x-shopify-webhook-id'],
  read: ({ body, headers }, settings) =>
    reading(() =>
      readJson(body, (json) => {
        if (headers['shopify-hmac-sha256'] === undefined)
          return tellings(headers['x-shopify-topic'] ?? '', json, settings);
        const said = headers['shopify-api-version'];
        if (said !== version && said !== 'unstable')
          throw new Unreadable(`The version ${said ?? ''} of Events is not ${version}.`);
        const topic = text(json['topic'])?.toLowerCase();
        return topic === 'order' || topic === 'refund' ? [changedOrder(json)] : [];
      }),
    ),
  api,
};

/**
 * BigCommerce: its webhooks name an order, which is asked for with its products and refunds.
 * https://developer.bigcommerce.com/docs/integrations/webhooks, https://developer.bigcommerce.com/docs/rest-management/orders
 */
import type { Told } from '../../core/orders.ts';
import type { Adapter, Settings, ShopApi } from '../adapter.ts';
import {
  id,
  isStandardWebhook,
  type Json,
  object,
  objects,
  optionalId,
  reading,
  readJson,
  text,
  Unreadable,
} from '../reading.ts';
import { order, time } from './order.ts';

const pageSize = 250;

const base = (settings: Settings) =>
  `${settings['api'] ?? 'https://api.bigcommerce.com'}/stores/${settings['store'] ?? ''}`;

const headersOf = (apiToken: string | null) => ({
  accept: 'application/json',
  'x-auth-token': apiToken ?? '',
});

function tellings(body: Json): readonly Told[] {
  const scope = text(body['scope']) ?? '';
  if (!/^store\/order\//.test(scope))
    throw new Unreadable(`The scope ${scope.slice(0, 64)} is not one that is read.`);
  const data = object(body['data'], 'data');
  // Messages and transactions of an order name it beside their own id.
  return [{ type: 'changed', orderId: optionalId(data['order_id']) ?? id(data['id'], 'data.id') }];
}

const api: ShopApi = {
  order: (orderId, settings, { apiToken }) =>
    [
      `/v2/orders/${encodeURIComponent(orderId)}?include=fees`,
      `/v2/orders/${encodeURIComponent(orderId)}/products?limit=${pageSize}`,
      `/v3/orders/${encodeURIComponent(orderId)}/payment_actions/refunds`,
    ].map((path) => ({ method: 'GET', url: `${base(settings)}${path}`, headers: headersOf(apiToken) })),
  readOrder: ([answer, products, refunds]) =>
    reading(() => {
      if (!answer) return [];
      const items = objects(products, 'products');
      if (items.length >= pageSize) throw new Unreadable('products are more than one page.');
      return order(
        object(answer, 'The order'),
        items,
        objects(refunds && object(refunds, 'refunds')['data'], 'refunds'),
      );
    }),
  changed: (since, cursor, settings, { apiToken }) => ({
    method: 'GET',
    url: `${base(settings)}/v2/orders?min_date_modified=${encodeURIComponent(cursor ?? since)}&sort=date_modified:asc&limit=${pageSize}`,
    headers: headersOf(apiToken),
  }),
  // A page begins with the second in which the one before ended; 250 orders of one second are passed over.
  readChanged: (answer) => {
    const orders = objects(answer, 'The answer');
    const times = orders.map((one) => Date.parse(time(one['date_modified'], 'date_modified')));
    const last = times.at(-1) ?? 0;
    const next = times[0] === last ? last + 1000 : last;
    return {
      told: orders.map((one) => ({ type: 'changed', orderId: id(one['id'], 'id') })),
      cursor: orders.length < pageSize ? null : new Date(next).toISOString(),
    };
  },
};

export const bigcommerce: Adapter = {
  settings: {
    store: { says: "The store's hash, as in store-<hash>.mybigcommerce.com.", needed: true },
    api: { says: "Another base address than BigCommerce's." },
  },
  secret: 'The client secret of the API account that made the webhooks.',
  apiToken: 'The access token of a store-level API account that may read orders.',
  clicks: [
    'Under Settings, Store-level API accounts, make a V2/V3 token that may read orders and manage webhooks.',
    'Post { "scope": "store/order/*", "destination": "{url}", "is_active": true } to /v3/hooks with that token: webhooks have no page in the control panel.',
  ],
  // The secret is the text itself, of which the scheme's own form is base64.
  verify: (delivery, { secrets }, now) => isStandardWebhook(delivery, secrets, now),
  deliveryId: ({ headers }) => headers['webhook-id'],
  read: ({ body }) => reading(() => readJson(body, tellings)),
  api,
};

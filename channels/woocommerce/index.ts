/**
 * WooCommerce: webhooks and the REST API v3, whose orders have the same form.
 * https://developer.woocommerce.com/docs/apis/rest-api/v3/orders/,
 * https://developer.woocommerce.com/docs/best-practices/urls-and-routing/webhooks/
 */
import type { Told } from '../../core/orders.ts';
import type { Adapter, Delivery, Settings, ShopApi } from '../adapter.ts';
import {
  id,
  instant,
  isSigned,
  type Json,
  milliseconds,
  object,
  objects,
  reading,
  readJson,
  text,
  Unreadable,
} from '../reading.ts';
import { order } from './order.ts';

/** What is posted, unsigned, when a webhook is made: a form with its number. */
function isPing({ body, headers }: Delivery): boolean {
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  return isForm && body.length < 64 && /^webhook_id=\d{1,20}$/.test(body.toString('latin1'));
}

const pageSize = 100;

const base = (settings: Settings) => `${settings['api'] ?? settings['shop'] ?? ''}/wp-json/wc/v3`;

const headersOf = (apiToken: string | null) => ({
  authorization: `Basic ${Buffer.from(apiToken ?? '').toString('base64')}`,
});

const api: ShopApi = {
  order: (orderId, settings, { apiToken }) =>
    ['', '/refunds?per_page=100'].map((rest) => ({
      method: 'GET' as const,
      url: `${base(settings)}/orders/${encodeURIComponent(orderId)}${rest}`,
      headers: headersOf(apiToken),
    })),
  readOrder: ([answer, refunds], settings) =>
    reading(() =>
      answer ? order(object(answer, 'The order'), settings, objects(refunds, 'The refunds')) : [],
    ),
  // By the time of the last one and not by numbers of pages: an order that changes meanwhile goes to the end, and
  // another one takes its place on a page that was read. Only more orders than a page in one second need numbers.
  changed: (since, cursor, settings, { apiToken }) => {
    const [after = '', page = '1'] = cursor?.split(' ') ?? [instant(since, 'since').slice(0, 19)];
    const query = `modified_after=${after}&dates_are_gmt=true&orderby=modified&order=asc&per_page=${pageSize}&page=${page}`;
    return { method: 'GET', url: `${base(settings)}/orders?${query}`, headers: headersOf(apiToken) };
  },
  readChanged: (answer, { link }, settings) => {
    if (!Array.isArray(answer)) throw new Unreadable('The answer is not a list.');
    const orders = objects(answer, 'The answer');
    const told = orders.flatMap((one) => {
      const read = reading(() => order(one, settings));
      if (read.type === 'unreadable') return [{ type: 'changed' as const, orderId: id(one['id'], 'id') }];
      return read.type === 'told' ? read.told : [];
    });
    return { told, cursor: orders.length < pageSize ? null : cursorBehind(orders.map(modifiedAt), link) };
  },
};

const modifiedAt = (one: { readonly [key: string]: unknown }) =>
  milliseconds(one['date_modified_gmt'], 'date_modified_gmt');

/** `modified_after` leaves out what was changed in its own second, so the last one's second is asked for again. */
function cursorBehind(times: readonly number[], link: string | undefined): string | null {
  const last = times.at(-1) ?? 0;
  const before = new Date(last - 1000).toISOString().slice(0, 19);
  if (times[0] !== last) return before;
  const next = /<[^>]*[?&]page=(\d+)[^>]*>;\s*rel="?next"?/.exec(link ?? '')?.[1];
  return next ? `${before} ${next}` : null;
}

function posted(json: Json, topic: string, settings: Settings): readonly Told[] {
  // A webhook's owner who may not read orders any more: the error is signed like an order.
  if (text(json['code']) && text(json['message']))
    throw new Unreadable(`The shop posted an error in place of the order: ${text(json['code'])}.`);
  if (topic === 'order.deleted') return [];
  if (!/^order\.|^action\./.test(topic))
    throw new Unreadable(`The topic ${topic.slice(0, 64)} is not one that is read.`);
  return order(json, settings);
}

export const woocommerce: Adapter = {
  settings: {
    shop: { says: "The shop's address, as https://shop.example.com.", needed: true },
    refunds: {
      says: 'How refunds are known: `total` by their amount (so it is when nothing is said), `asked` by their lines and shipping, for which each order with refunds is asked.',
    },
    api: { says: "Another base address than the shop's own." },
  },
  secret: 'The secret of the webhook, as WooCommerce, Settings, Advanced, Webhooks shows it.',
  apiToken: 'A consumer key and its secret with a colon between, of a REST API key that may read.',
  clicks: [
    'Under WooCommerce, Settings, Advanced, REST API, add a key that may read.',
    'Under Webhooks, add one: active, topic Order updated, delivery URL {url}, a secret of 32 characters or more, API version 3.',
    'Add a second one with the topic Order created, the same address and the same secret.',
  ],
  verify: (delivery, { secrets }) =>
    isSigned(delivery.headers['x-wc-webhook-signature'], delivery.body, secrets) || isPing(delivery),
  deliveryId: ({ headers }) => headers['x-wc-webhook-delivery-id'],
  read: (delivery, settings) =>
    reading(() => {
      if (isPing(delivery)) return [];
      return readJson(delivery.body, (json) =>
        posted(json, delivery.headers['x-wc-webhook-topic'] ?? '', settings),
      );
    }),
  api,
};

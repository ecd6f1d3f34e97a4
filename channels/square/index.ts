/**
 * Square: its notifications name an order, which is asked for.
 * https://developer.squareup.com/docs/webhooks/overview, https://developer.squareup.com/docs/webhooks/step3validate
 */
import type { Told } from '../../core/orders.ts';
import type { Adapter, Settings, ShopApi } from '../adapter.ts';
import {
  id,
  idInBody,
  isSigned,
  type Json,
  noneUnless,
  object,
  objects,
  optional,
  optionalId,
  reading,
  readJson,
  text,
  Unreadable,
} from '../reading.ts';
import { order } from './order.ts';

const version = '2026-09-16';

const base = (settings: Settings) => settings['api'] ?? 'https://connect.squareup.com';

const headersOf = (apiToken: string | null) => ({
  authorization: `Bearer ${apiToken ?? ''}`,
  'square-version': version,
});

/** Refunds say which order their goods are in; that it failed, that order says. */
function tellings(body: Json): readonly Told[] {
  const type = text(body['type']) ?? '';
  const data = object(body['data'], 'data');
  const changed = (orderId: string): readonly Told[] => [{ type: 'changed', orderId }];
  if (/^order\.(?:created|updated|fulfillment\.updated)$/.test(type))
    return changed(id(data['id'], 'data.id'));
  if (type !== 'payment.created' && type !== 'payment.updated' && !/^refund\.(?:created|updated)$/.test(type))
    throw new Unreadable(`The type ${type.slice(0, 64)} is not one that is read.`);
  const kind = type.startsWith('payment') ? 'payment' : 'refund';
  const path = `data.object.${kind}`;
  const one = object(object(data['object'], 'data.object')[kind], path);
  if (kind === 'payment' && one['status'] !== 'COMPLETED') return [];
  // A payment that is of no order, as of an invoice that was paid elsewhere, has nothing to earn by.
  const orderId = optionalId(one['order_id']);
  return orderId ? changed(orderId) : [];
}

const api: ShopApi = {
  order: (orderId, settings, { apiToken }) => [
    {
      method: 'GET',
      url: `${base(settings)}/v2/orders/${encodeURIComponent(orderId)}`,
      headers: headersOf(apiToken),
    },
  ],
  // Whose it is, the order says by a customer's id alone.
  more: ([answer], settings, { apiToken }) =>
    noneUnless(() => customersOf(answer)).map((customer) => ({
      method: 'GET',
      url: `${base(settings)}/v2/customers/${encodeURIComponent(customer)}`,
      headers: headersOf(apiToken),
    })),
  readOrder: ([answer, customer]) =>
    reading(() =>
      answer
        ? order(
            object(object(answer, 'The answer')['order'], 'order'),
            optional(optional(customer, 'The customer')['customer'], 'customer'),
          )
        : [],
    ),
  changed: (since, cursor, settings, { apiToken }) => ({
    method: 'POST',
    url: `${base(settings)}/v2/orders/search`,
    headers: headersOf(apiToken),
    body: {
      location_ids: (settings['locations'] ?? '').split(/[\s,]+/).filter((one) => one !== ''),
      query: {
        filter: { date_time_filter: { updated_at: { start_at: since } } },
        sort: { sort_field: 'UPDATED_AT', sort_order: 'ASC' },
      },
      limit: 500,
      return_entries: true,
      ...(cursor === null ? {} : { cursor }),
    },
  }),
  readChanged: (answer) => {
    const page = object(answer, 'The answer');
    const told = objects(page['order_entries'], 'order_entries').map((one) => ({
      type: 'changed' as const,
      orderId: id(one['order_id'], 'order_entries.order_id'),
    }));
    return { told, cursor: text(page['cursor']) ?? null };
  },
};

function customersOf(answer: unknown): readonly string[] {
  const json = object(object(answer, 'The answer')['order'], 'order');
  const tenders = objects(json['tenders'], 'tenders').map((one) => one['customer_id']);
  return [json['customer_id'], ...tenders].flatMap((one) => optionalId(one) ?? []).slice(0, 1);
}

export const square: Adapter = {
  settings: {
    locations: {
      says: 'The ids of the locations whose orders count, with commas between: needed to look for what was missed.',
    },
    api: { says: "Another base address than Square's, as https://connect.squareupsandbox.com." },
  },
  secret: 'The signature key of the webhook subscription, as the Developer Console shows it.',
  apiToken: 'The access token of the application, which may read orders, payments and customers.',
  clicks: [
    'In the Developer Console, open the application, and under Webhooks, Subscriptions, add one.',
    `Enter {url} as its URL and ${version} as the API version.`,
    'Choose the events order.created, order.updated, payment.updated, refund.created and refund.updated.',
  ],
  verify: ({ body, headers, url }, { secrets }) =>
    isSigned(headers['x-square-hmacsha256-signature'], Buffer.concat([Buffer.from(url), body]), secrets),
  deliveryId: (delivery) => idInBody(delivery, 'event_id'),
  read: ({ body }) => reading(() => readJson(body, tellings)),
  api,
};

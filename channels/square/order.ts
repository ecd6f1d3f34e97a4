/**
 * An order of Square, which may sell, take back, or both. https://developer.squareup.com/reference/square/objects/Order
 */
import type { MemberReference } from '../../core/contract/shapes/member.ts';
import type { OrderRefund, Sale, Told } from '../../core/orders.ts';
import {
  currency,
  fitted,
  id,
  instant,
  integer,
  type Json,
  type Line,
  memberOf,
  milliseconds,
  objects,
  optional,
  optionalId,
  quantity,
  refundsOf,
  sale,
  settled,
  text,
  Unreadable,
} from '../reading.ts';

/** Minor units of a Money, in whole units of the currency's smallest; 0 where nothing is said. */
function money(json: Json, field: string, code: string, path: string): number {
  const said = optional(json[field], `${path}.${field}`);
  if (said['amount'] === undefined || said['amount'] === null) return 0;
  if (said['currency'] !== code) throw new Unreadable(`${path}.${field}.currency is not ${code}.`);
  return integer(said['amount'], `${path}.${field}.amount`);
}

/** What an article is known by: orders hold no SKU, and only the catalogue's id is the same wherever it is sold. */
function skuOf(item: Json, own: string): string {
  return optionalId(item['catalog_object_id']) ?? fitted(item['name'], 128) ?? own;
}

const categoryOf = (item: Json) => (item['item_type'] === 'GIFT_CARD' ? 'gift-card' : undefined);

export function order(json: Json, customer: Json): readonly Told[] {
  const orderId = id(json['id'], 'order.id');
  const code = currency(optional(json['total_money'], 'total_money')['currency'], 'total_money.currency');
  const member = whose(json, customer);
  const returns = objects(json['returns'], 'returns');
  const items = objects(json['line_items'], 'line_items');
  // An order that only takes back has nothing of its own to sell.
  const sells = items.length > 0 || returns.length === 0;
  return [
    ...(sells
      ? [
          {
            type: 'order' as const,
            order: {
              id: orderId,
              revision: milliseconds(json['updated_at'], 'updated_at'),
              sale: isPaid(json, code) ? saleOf(json, items, code, member) : null,
            },
          },
        ]
      : []),
    ...(json['state'] === 'COMPLETED' ? returns.flatMap((one) => returnOf(json, one, code, member)) : []),
  ];
}

/** Tenders that are only authorized are no money yet. */
function isPaid(json: Json, code: string): boolean {
  const tenders = objects(json['tenders'], 'tenders');
  const isHeld = tenders.some(
    (one) => optional(one['card_details'], 'card_details')['status'] === 'AUTHORIZED',
  );
  if (json['state'] === 'CANCELED' || json['state'] === 'DRAFT' || isHeld) return false;
  if (json['state'] === 'COMPLETED') return true;
  return tenders.length > 0 && json['net_amount_due_money'] !== undefined
    ? money(json, 'net_amount_due_money', code, 'order') === 0
    : false;
}

function whose(json: Json, customer: Json): MemberReference | undefined {
  const metadata = optional(json['metadata'], 'metadata');
  const recipients = objects(json['fulfillments'], 'fulfillments').flatMap((one) =>
    ['pickup_details', 'shipment_details', 'delivery_details'].map((details) =>
      optional(optional(one[details], `fulfillments.${details}`)['recipient'], 'recipient'),
    ),
  );
  return memberOf(
    (name) => metadata[name],
    [
      customer['email_address'],
      ...recipients.map((one) => one['email_address']),
      customer['phone_number'],
      ...recipients.map((one) => one['phone_number']),
    ],
  );
}

function lineOf(item: Json, code: string, path: string): Line {
  const own = id(item['uid'], `${path}.uid`);
  return {
    id: own,
    sku: skuOf(item, own),
    name: fitted(item['name'], 500),
    category: categoryOf(item),
    quantity: quantity(item['quantity'], `${path}.quantity`),
    amountMinor: money(item, 'total_money', code, path),
  };
}

function saleOf(json: Json, items: readonly Json[], code: string, member: MemberReference | undefined): Sale {
  // What is apportioned stands in the lines already.
  const charges = objects(json['service_charges'], 'service_charges').filter(
    (one) => one['treatment_type'] !== 'APPORTIONED_TREATMENT',
  );
  const rounding = optional(json['rounding_adjustment'], 'rounding_adjustment');
  return sale(
    {
      occurredAt: paidAt(json),
      currency: code,
      member,
      lines: [
        ...items.map((item, index) => lineOf(item, code, `line_items.${index}`)),
        ...charges.map((one) =>
          settled(
            id(one['uid'], 'service_charges.uid'),
            one['type'] === 'AUTO_GRATUITY' ? 'tip' : 'fee',
            money(one, 'total_money', code, 'service_charges'),
            one['name'],
          ),
        ),
        ...some('tip', 'tip', money(json, 'total_tip_money', code, 'order')),
        settled('rounding', 'rounding', money(rounding, 'amount_money', code, 'rounding_adjustment')),
      ],
      store: optionalId(json['location_id']),
    },
    { totalMinor: money(json, 'total_money', code, 'order'), path: 'total_money' },
  );
}

const some = (own: string, category: string, amountMinor: number) =>
  amountMinor === 0 ? [] : [settled(own, category, amountMinor)];

/** When the last of its money came: the order may be closed days later, once it is delivered. */
function paidAt(json: Json): string {
  const times = objects(json['tenders'], 'tenders')
    .map((one) => text(one['created_at']))
    .filter((one) => one !== undefined)
    .map((one) => instant(one, 'tenders.created_at'))
    .sort((one, other) => Date.parse(one) - Date.parse(other));
  return times.at(-1) ?? instant(json['closed_at'] ?? json['created_at'], 'closed_at');
}

// Returns -------------------------------------------------------------------------------------------------

const failed = new Set(['FAILED', 'REJECTED']);

/** What one order takes back of another, or of nothing that is known: then whose it is has to be known. */
function returnOf(json: Json, one: Json, code: string, member: MemberReference | undefined): readonly Told[] {
  const own = `${id(json['id'], 'order.id')}-${id(one['uid'], 'returns.uid')}`;
  const orderId = optionalId(one['source_order_id']);
  const refunds = objects(json['refunds'], 'refunds');
  const hasFailed = refunds.length > 0 && refunds.every((refund) => failed.has(text(refund['status']) ?? ''));
  const fields = {
    id: own,
    currency: code,
    occurredAt: instant(json['closed_at'] ?? json['created_at'], 'closed_at'),
  };
  if (orderId && hasFailed)
    return [own, `${own}-rest`].map((refundId) => ({ type: 'refund_failed' as const, orderId, refundId }));
  if (orderId)
    return linked(one, fields, code).map((refund) => ({ type: 'refund' as const, orderId, refund }));
  const lines = objects(one['return_line_items'], 'return_line_items')
    .map((item, index) => {
      const path = `return_line_items.${index}`;
      return {
        sku: skuOf(item, 'unknown'),
        quantity: quantity(item['quantity'], `${path}.quantity`),
        amountMinor: money(item, 'total_money', code, path),
      };
    })
    .filter((line) => line.quantity > 0);
  // Nobody's return takes nothing back from anybody.
  return member && lines.length > 0 && !hasFailed
    ? [{ type: 'return', refund: { ...fields, member, lines } }]
    : [];
}

/** Lines and charges by the original's; an amount by itself, which has none, is of the whole order. */
function linked(
  one: Json,
  fields: Pick<OrderRefund, 'id' | 'currency' | 'occurredAt'>,
  code: string,
): readonly OrderRefund[] {
  const goods = objects(one['return_line_items'], 'return_line_items').map((item, index) => ({
    lineId: optionalId(item['source_line_item_uid']),
    quantity: quantity(item['quantity'], `return_line_items.${index}.quantity`),
    amountMinor: money(item, 'total_money', code, `return_line_items.${index}`),
  }));
  const charges = objects(one['return_service_charges'], 'return_service_charges')
    .filter((charge) => charge['treatment_type'] !== 'APPORTIONED_TREATMENT')
    .map((charge) => ({
      lineId: optionalId(charge['source_service_charge_uid']),
      quantity: 0,
      amountMinor: money(charge, 'total_money', code, 'return_service_charges'),
    }));
  const tips = objects(one['return_tips'], 'return_tips').map((tip) => ({
    lineId: 'tip',
    quantity: 0,
    amountMinor: money(tip, 'applied_money', code, 'return_tips'),
  }));
  const lines = new Map<string, { lineId: string; quantity?: number; amountMinor: number }>();
  let rest = 0;
  for (const { lineId, quantity: pieces, amountMinor } of [...goods, ...charges, ...tips]) {
    if (!lineId) rest += amountMinor;
    else {
      const before = lines.get(lineId);
      const all = pieces + (before?.quantity ?? 0);
      lines.set(lineId, {
        lineId,
        amountMinor: amountMinor + (before?.amountMinor ?? 0),
        ...(all > 0 ? { quantity: Math.round(all * 1000) / 1000 } : {}),
      });
    }
  }
  return refundsOf(fields, [...lines.values()], 0, rest);
}

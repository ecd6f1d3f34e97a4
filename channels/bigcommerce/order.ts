/** An order of BigCommerce's API v2, with its products, and its refunds of v3. */
import type { OrderRefund, Sale, Told } from '../../core/orders.ts';
import {
  currency,
  fitted,
  id,
  inNote,
  instant,
  type Json,
  type Line,
  memberOf,
  minorUnits,
  minorUnitsOr0,
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

/** Statuses that are neither paid nor kept: incomplete, pending, cancelled, declined, awaiting payment, verification. */
const unpaid = new Set([0, 1, 5, 6, 7, 12]);

/** RFC 2822, as v2 writes times, or RFC 3339. */
export function time(value: unknown, path: string): string {
  const at = typeof value === 'string' && /^[A-Z][a-z]{2}, /.test(value) ? Date.parse(value) : Number.NaN;
  return instant(Number.isNaN(at) ? value : new Date(at).toISOString(), path);
}

export function order(json: Json, products: readonly Json[], refunds: readonly Json[]): readonly Told[] {
  const code = currency(json['currency_code'], 'currency_code');
  const isPaid = !unpaid.has(Number(json['status_id'])) || text(json['payment_status']) === 'captured';
  const isCancelled = json['status_id'] === 5 || json['status_id'] === 6;
  return [
    {
      type: 'order',
      order: {
        id: id(json['id'], 'id'),
        revision: Date.parse(time(json['date_modified'], 'date_modified')),
        sale: isPaid && !isCancelled ? saleOf(json, products, code) : null,
        refunds: refunds.flatMap((one) => refundOf(one, code)),
      },
    },
  ];
}

function lineOf(item: Json, code: string, path: string): Line {
  const own = id(item['id'], `${path}.id`);
  // What coupons and promotions of the order take off is beside the total of a line, by the line.
  const off = objects(item['applied_discounts'], `${path}.applied_discounts`)
    .filter((one) => one['target'] === 'order')
    .reduce((sum, one) => sum + minorUnits(one['amount'], code, `${path}.applied_discounts`), 0);
  return {
    id: own,
    sku: fitted(item['sku'], 128) ?? optionalId(item['product_id']) ?? own,
    name: fitted(item['name'], 500),
    brand: fitted(item['brand'], 128),
    category: item['type'] === 'giftcertificate' ? 'gift-card' : undefined,
    quantity: quantity(item['quantity'], `${path}.quantity`),
    amountMinor: minorUnits(item['total_inc_tax'], code, `${path}.total_inc_tax`) - off,
  };
}

function saleOf(json: Json, products: readonly Json[], code: string): Sale {
  const fees = objects(json['fees'], 'fees').map((one) =>
    settled(
      `fee-${id(one['id'], 'fees.id')}`,
      'fee',
      minorUnits(one['cost_inc_tax'], code, 'fees.cost_inc_tax'),
      one['name'],
    ),
  );
  const of = (field: string) => minorUnitsOr0(json[field], code, field);
  const extra = (field: string, name: string) =>
    of(field) === 0 ? [] : [settled(name, 'fee', of(field), name)];
  const billing = optional(json['billing_address'], 'billing_address');
  return sale(
    {
      occurredAt: time(json['date_created'], 'date_created'),
      currency: code,
      member: memberOf(
        (name) => inNote(json['staff_notes'], name) ?? inNote(json['customer_message'], name),
        [billing['email'], billing['phone']],
      ),
      lines: [
        ...products.map((item, index) => lineOf(item, code, `products.${index}`)),
        ...fees,
        ...extra('handling_cost_inc_tax', 'handling'),
        ...extra('wrapping_cost_inc_tax', 'wrapping'),
      ],
      shippingMinor: of('shipping_cost_inc_tax'),
    },
    // Store credit and gift certificates are money: the total holds what they paid.
    { totalMinor: minorUnits(json['total_inc_tax'], code, 'total_inc_tax'), path: 'total_inc_tax' },
    products.length > 1 ? products.length : 0,
  );
}

const shippingTypes = new Set(['SHIPPING', 'HANDLING']);

function refundOf(json: Json, code: string): readonly OrderRefund[] {
  const total = minorUnits(json['total_amount'], code, 'refund.total_amount');
  const items = objects(json['items'], 'refund.items');
  const payments = objects(json['payments'], 'refund.payments');
  if (payments.length > 0 && payments.every((one) => one['is_declined'] === true)) return [];
  const amountOf = (one: Json) =>
    one['requested_amount'] === undefined || one['requested_amount'] === null
      ? undefined
      : minorUnits(one['requested_amount'], code, 'refund.items.requested_amount');
  const goods = items.filter((one) => one['item_type'] === 'PRODUCT');
  const shipping = items.filter((one) => shippingTypes.has(text(one['item_type']) ?? ''));
  const lines = goods.flatMap((one) => {
    const amountMinor = amountOf(one);
    if (amountMinor === undefined) return [];
    const pieces = quantity(one['quantity'] ?? 0, 'refund.items.quantity');
    return [
      {
        lineId: id(one['item_id'], 'refund.items.item_id'),
        amountMinor,
        ...(pieces > 0 ? { quantity: pieces } : {}),
      },
    ];
  });
  // What a product's refund came to is not always said: then the refund is known by its amount.
  const areSaid = lines.length === goods.length;
  const shippingMinor = shipping.reduce((sum, one) => sum + (amountOf(one) ?? 0), 0);
  const known = areSaid ? lines.reduce((sum, one) => sum + one.amountMinor, 0) : 0;
  if (shippingMinor > total) throw new Unreadable('refund.total_amount is less than its shipping.');
  return refundsOf(
    {
      id: id(json['id'], 'refund.id'),
      currency: code,
      occurredAt: time(json['created'], 'refund.created'),
    },
    areSaid ? lines : [],
    shippingMinor,
    Math.max(0, total - known - shippingMinor),
  );
}

/** An order of Saleor's GraphQL API. https://docs.saleor.io/api-reference/orders/objects/order */
import type { OrderRefund, Sale, Told } from '../../core/orders.ts';
import {
  currency,
  fitted,
  id,
  instant,
  type Json,
  type Line,
  memberOf,
  milliseconds,
  minorUnits,
  object,
  objects,
  optional,
  optionalId,
  quantity,
  refundsOf,
  sale,
  text,
  Unreadable,
} from '../reading.ts';

/** What is asked of an order: the subscription query of README.md holds the same. */
export const fields =
  'id updatedAt created status chargeStatus userEmail user { email } billingAddress { phone } metadata { key value } total { gross { amount currency } } shippingPrice { gross { amount } } lines { id productSku productName quantity totalPrice { gross { amount } } variant { product { productType { kind } category { slug } } } } transactions { createdAt } grantedRefunds { id createdAt status amount { amount } shippingCostsIncluded lines { quantity orderLine { id unitPrice { gross { amount } } } } }';

function gross(value: unknown, code: string, path: string): number {
  const money = object(object(value, path)['gross'], `${path}.gross`);
  return minorUnits(money['amount'], code, `${path}.gross.amount`);
}

const kept = new Set(['UNFULFILLED', 'PARTIALLY_FULFILLED', 'FULFILLED', 'PARTIALLY_RETURNED', 'RETURNED']);
const paid = new Set(['FULL', 'OVERCHARGED']);

export function order(json: Json): readonly Told[] {
  const total = object(object(json['total'], 'total')['gross'], 'total.gross');
  const code = currency(total['currency'], 'total.gross.currency');
  const granted = objects(json['grantedRefunds'], 'grantedRefunds');
  const charged = text(json['chargeStatus']) ?? '';
  // What was given back is charged no more: an order with refunds has been paid before.
  const isPaid = kept.has(text(json['status']) ?? '') && (paid.has(charged) || granted.length > 0);
  return [
    {
      type: 'order',
      order: {
        id: id(json['id'], 'id'),
        revision: milliseconds(json['updatedAt'], 'updatedAt'),
        sale: isPaid ? saleOf(json, code) : null,
        ...(Array.isArray(json['grantedRefunds'])
          ? { refunds: granted.flatMap((one) => refundOf(one, json, code)) }
          : {}),
      },
    },
  ];
}

function categoryOf(item: Json): string | undefined {
  const product = optional(optional(item['variant'], 'variant')['product'], 'product');
  if (optional(product['productType'], 'productType')['kind'] === 'GIFT_CARD') return 'gift-card';
  return fitted(optional(product['category'], 'category')['slug'], 128);
}

function lineOf(item: Json, code: string, path: string): Line {
  const own = id(item['id'], `${path}.id`);
  const name = fitted(item['productName'], 500);
  return {
    id: own,
    sku: fitted(item['productSku'], 128) ?? fitted(name, 128) ?? own,
    name,
    category: categoryOf(item),
    quantity: quantity(item['quantity'], `${path}.quantity`),
    amountMinor: gross(item['totalPrice'], code, `${path}.totalPrice`),
  };
}

function saleOf(json: Json, code: string): Sale {
  const metadata = objects(json['metadata'], 'metadata');
  const times = objects(json['transactions'], 'transactions').map((one) => text(one['createdAt']));
  return sale(
    {
      occurredAt: instant(times.filter((one) => one !== undefined).sort()[0] ?? json['created'], 'created'),
      currency: code,
      member: memberOf(
        (name) => metadata.find((one) => one['key'] === name)?.['value'],
        [
          json['userEmail'],
          optional(json['user'], 'user')['email'],
          optional(json['billingAddress'], 'billingAddress')['phone'],
        ],
      ),
      lines: objects(json['lines'], 'lines').map((item, index) => lineOf(item, code, `lines.${index}`)),
      shippingMinor: gross(json['shippingPrice'], code, 'shippingPrice'),
    },
    { totalMinor: gross(json['total'], code, 'total'), path: 'total' },
  );
}

const failed = new Set(['FAILURE', 'NONE']);

/** A granted refund says pieces of lines, which are taken back at what a piece cost, and its amount. */
function refundOf(json: Json, of: Json, code: string): readonly OrderRefund[] {
  if (failed.has(text(json['status']) ?? '')) return [];
  const amount = minorUnits(object(json['amount'], 'amount')['amount'], code, 'grantedRefunds.amount');
  const lines = objects(json['lines'], 'grantedRefunds.lines').map((one) => {
    const line = object(one['orderLine'], 'orderLine');
    const pieces = quantity(one['quantity'], 'grantedRefunds.lines.quantity');
    const unit = gross(line['unitPrice'], code, 'orderLine.unitPrice');
    return {
      lineId: id(line['id'], 'orderLine.id'),
      quantity: pieces,
      amountMinor: Math.round(unit * pieces),
    };
  });
  const shippingMinor =
    json['shippingCostsIncluded'] === true ? gross(of['shippingPrice'], code, 'shippingPrice') : 0;
  const worth = lines.reduce((sum, one) => sum + one.amountMinor, 0) + shippingMinor;
  const own = optionalId(json['id']);
  if (!own) throw new Unreadable('grantedRefunds.id is not an id.');
  return refundsOf(
    { id: own, currency: code, occurredAt: instant(json['createdAt'], 'grantedRefunds.createdAt') },
    lines,
    shippingMinor,
    Math.max(0, amount - worth),
  );
}

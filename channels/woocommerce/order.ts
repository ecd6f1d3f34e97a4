/** An order of WooCommerce's REST API v3, as webhooks carry it. */
import { utc } from '../../core/contract/shapes/basics.ts';
import type { OrderRefund, Sale, Told } from '../../core/orders.ts';
import type { Settings } from '../adapter.ts';
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
  minorUnitsOr0,
  objects,
  optional,
  optionalId,
  quantity,
  refundsOf,
  sale,
  settled,
  text,
} from '../reading.ts';

/** Statuses of an order that is not paid, or not any more; plugins have others beside, which are known by `date_paid`. */
const unpaid = new Set([
  'pending',
  'on-hold',
  'failed',
  'cancelled',
  'trash',
  'draft',
  'auto-draft',
  'checkout-draft',
]);
const paid = new Set(['processing', 'completed', 'refunded']);

/**
 * @param details the order's refunds as the API answers them, where it was asked
 */
export function order(json: Json, settings: Settings, details?: readonly Json[]): readonly Told[] {
  const orderId = id(json['id'], 'id');
  const code = currency(json['currency'], 'currency');
  const status = text(json['status']) ?? '';
  const isPaid =
    !unpaid.has(status) &&
    (paid.has(status) || text(json['date_paid_gmt'] ?? json['date_paid']) !== undefined);
  const changedMs = milliseconds(json['date_modified_gmt'], 'date_modified_gmt');
  const listed = objects(json['refunds'], 'refunds');
  const areAsked = settings['refunds'] === 'asked';
  const refunds =
    areAsked && details
      ? details.flatMap((one) => refundOf(one, code))
      : listed.map((one) => amountOf(one, code, changedMs, details));
  const isComplete = Array.isArray(json['refunds']) && (!areAsked || details || listed.length === 0);
  return [
    {
      type: 'order',
      order: {
        id: orderId,
        revision: changedMs,
        sale: isPaid ? saleOf(json, code) : null,
        ...(isComplete ? { refunds } : {}),
      },
    },
    ...(isComplete ? [] : [{ type: 'changed' as const, orderId }]),
  ];
}

/** What is paid for something: WooCommerce keeps its tax beside it, whatever prices are shown with. */
function charged(json: Json, code: string, path: string): number {
  return (
    minorUnits(json['total'], code, `${path}.total`) +
    minorUnitsOr0(json['total_tax'], code, `${path}.total_tax`)
  );
}

const metaOf = (json: Json, path: string) => objects(json['meta_data'], `${path}.meta_data`);

/** What the gift cards of WooCommerce and of YITH write to the line that sells one. */
const isGiftCard = (meta: Json) => /^_?(?:wc_gc_giftcard|ywgc)_/.test(text(meta['key']) ?? '');

function lineOf(item: Json, code: string, path: string): Line {
  const own = id(item['id'], `${path}.id`);
  const article = optionalId(item['variation_id']) ?? optionalId(item['product_id']);
  return {
    id: own,
    sku: fitted(item['sku'], 128) ?? article ?? own,
    name: fitted(item['name'], 500),
    category: metaOf(item, path).some(isGiftCard) ? 'gift-card' : undefined,
    quantity: quantity(item['quantity'], `${path}.quantity`) || 1,
    amountMinor: charged(item, code, path),
  };
}

/** A fee, or what plugins make one of: a tip, a sum that is rounded, or something that is taken off. */
function feeOf(fee: Json, code: string, path: string): Line {
  const amount = charged(fee, code, path);
  const name = text(fee['name']) ?? '';
  const category = /round/i.test(name)
    ? 'rounding'
    : amount < 0
      ? 'deposit'
      : /^(?:tip|gratuity)\b/i.test(name)
        ? 'tip'
        : 'fee';
  return settled(id(fee['id'], `${path}.id`), category, amount, name);
}

function saleOf(json: Json, code: string): Sale {
  const goods = objects(json['line_items'], 'line_items');
  const fees = objects(json['fee_lines'], 'fee_lines');
  const shipping = objects(json['shipping_lines'], 'shipping_lines');
  const billing = optional(json['billing'], 'billing');
  const meta = metaOf(json, 'order');
  const cards = objects(json['gift_cards'], 'gift_cards').map((one) =>
    settled(
      `gift-card-${id(one['id'], 'gift_cards.id')}`,
      'deposit',
      -minorUnits(one['amount'], code, 'gift_cards.amount'),
    ),
  );
  const isTaxed = (one: Json) => Number(one['total_tax'] ?? 0) !== 0;
  return sale(
    {
      occurredAt: instant(
        text(json['date_paid_gmt']) ?? text(json['date_created_gmt']) ?? json['date_modified_gmt'],
        'date_paid_gmt',
      ),
      currency: code,
      member: memberOf(
        (name) => meta.find((one) => one['key'] === name)?.['value'],
        [billing['email'], billing['phone']],
      ),
      lines: [
        ...goods.map((one, index) => lineOf(one, code, `line_items.${index}`)),
        ...fees.map((one, index) => feeOf(one, code, `fee_lines.${index}`)),
        ...cards,
      ],
      shippingMinor: shipping.reduce((total, one) => total + charged(one, code, 'shipping_lines'), 0),
    },
    { totalMinor: minorUnits(json['total'], code, 'total'), path: 'total' },
    // A total is of unrounded taxes, and each line shows its own rounded.
    [...goods, ...fees, ...shipping].filter(isTaxed).length,
  );
}

// Refunds -------------------------------------------------------------------------------------------------

/** A refund as an order lists it: what it was of, and when, is not said, so it is dated as it is first told. */
function amountOf(one: Json, code: string, changedMs: number, details: readonly Json[] = []): OrderRefund {
  const own = id(one['id'], 'refunds.id');
  const detail = details.find((other) => String(other['id']) === own);
  return {
    id: own,
    currency: code,
    occurredAt: detail ? instant(detail['date_created_gmt'], 'refund.date_created_gmt') : utc(changedMs),
    amountMinor: Math.abs(minorUnits(one['total'], code, 'refunds.total')),
  };
}

/** A refund as the API answers it: its lines, below zero, name the order's by `_refunded_item_id`. */
function refundOf(json: Json, code: string): readonly OrderRefund[] {
  const amount = minorUnits(json['amount'], code, 'refund.amount');
  const items = [
    ...objects(json['line_items'], 'refund.line_items'),
    ...objects(json['fee_lines'], 'refund.fee_lines'),
  ];
  const lines = items.map((item, index) => {
    const path = `refund.line_items.${index}`;
    const of = metaOf(item, path).find((one) => one['key'] === '_refunded_item_id')?.['value'];
    return {
      lineId: id(of, `${path}._refunded_item_id`),
      quantity: Math.abs(quantity(item['quantity'] ?? 0, `${path}.quantity`)) || undefined,
      amountMinor: -charged(item, code, path),
    };
  });
  const shippingMinor = objects(json['shipping_lines'], 'refund.shipping_lines').reduce(
    (total, one) => total - charged(one, code, 'refund.shipping_lines'),
    0,
  );
  const known = lines.reduce((total, one) => total + one.amountMinor, 0) + shippingMinor;
  return refundsOf(
    {
      id: id(json['id'], 'refund.id'),
      currency: code,
      occurredAt: instant(json['date_created_gmt'], 'refund.date_created_gmt'),
    },
    lines.filter((one) => one.amountMinor !== 0),
    shippingMinor,
    Math.max(0, amount - known),
  );
}

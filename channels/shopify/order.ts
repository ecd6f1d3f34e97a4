/**
 * An order of Shopify's REST form, as webhooks carry it and the Admin API answers it.
 * https://shopify.dev/docs/api/admin-rest/latest/resources/order
 */
import type { OrderRefund, Told } from '../../core/orders.ts';
import type { Settings } from '../adapter.ts';
import {
  currency,
  fitted,
  inNote,
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
  settled,
  text,
  Unreadable,
} from '../reading.ts';

/** The number in an id, of which `admin_graphql_api_id` holds every digit whoever passed it on. */
export function ownId(json: Json, path: string): string {
  const id = /\d+$/.exec(text(json['admin_graphql_api_id']) ?? '')?.[0] ?? optionalId(json['id']);
  if (!id) throw new Unreadable(`${path}.id is not an id.`);
  return id;
}

/**
 * In which of two moneys an order is read: the one that the customer paid in, or the shop's. Every amount stands in
 * the shop's money, and beside it, as `<field>_set`, in both.
 */
interface Cash {
  readonly code: string;
  readonly of: (json: Json, field: string, path: string) => number;
  /** Amounts that were converted are rounded each by itself. */
  readonly isConverted: boolean;
}

function cashOf(codes: { readonly shop: string; readonly customer: string }, settings: Settings): Cash {
  const side = settings['money'] === 'shop' ? 'shop' : 'customer';
  const code = codes[side];
  const isForeign = codes.shop !== codes.customer;
  const of = (json: Json, field: string, path: string) => {
    const set = optional(json[`${field}_set`], `${path}.${field}_set`);
    const money = optional(set[side === 'shop' ? 'shop_money' : 'presentment_money'], `${path}.${field}_set`);
    const said = money['amount'] ?? (isForeign && side === 'customer' ? undefined : json[field]);
    if (said === undefined || said === null) {
      if (json[field] === undefined || json[field] === null || Number(json[field]) === 0) return 0;
      throw new Unreadable(`${path}.${field}_set does not say it in ${code}.`);
    }
    return minorUnits(said, code, `${path}.${field}`);
  };
  return { code, of, isConverted: isForeign && side === 'shop' };
}

const sum = (amounts: readonly number[]) => amounts.reduce((total, one) => total + one, 0);

/** What discounts, and taxes that stand beside the price, make of an amount: of goods or of shipping. */
function charged(json: Json, grossMinor: number, isTaxInside: boolean, cash: Cash, path: string): number {
  const discounts = objects(json['discount_allocations'], `${path}.discount_allocations`);
  const taxes = isTaxInside ? [] : objects(json['tax_lines'], `${path}.tax_lines`);
  return (
    grossMinor -
    sum(discounts.map((one) => cash.of(one, 'amount', `${path}.discount_allocations`))) +
    sum(taxes.map((one) => cash.of(one, 'price', `${path}.tax_lines`)))
  );
}

function categoryOf(item: Json): string | undefined {
  if (item['gift_card'] === true) return 'gift-card';
  return item['tip'] || item['tip_payment_gateway'] ? 'tip' : undefined;
}

/** A line of the order, and what of import duties was charged for it. */
function linesOf(item: Json, isTaxInside: boolean, cash: Cash, path: string): readonly Line[] {
  const id = ownId(item, path);
  const pieces = quantity(item['quantity'], `${path}.quantity`);
  const gross = Math.round(cash.of(item, 'price', path) * pieces);
  const name = fitted(item['name'], 500) ?? fitted(item['title'], 500);
  const line: Line = {
    id,
    sku: fitted(item['sku'], 128) ?? optionalId(item['variant_id']) ?? fitted(name, 128) ?? id,
    name,
    category: categoryOf(item),
    brand: fitted(item['vendor'], 128),
    quantity: pieces,
    amountMinor: charged(item, gross, isTaxInside, cash, path),
  };
  const duties = objects(item['duties'], `${path}.duties`).map((duty) => {
    const taxes = objects(duty['tax_lines'], `${path}.duties.tax_lines`);
    const amount =
      cash.of(duty, 'price', `${path}.duties`) + sum(taxes.map((one) => cash.of(one, 'price', path)));
    return settled(`duty-${ownId(duty, `${path}.duties`)}`, 'fee', amount, 'Duties');
  });
  return pieces === 0 ? duties : [line, ...duties];
}

/** A fee of the whole order, as some places charge for deliveries. */
function feesOf(json: Json, cash: Cash): readonly Line[] {
  return objects(json['additional_fees'], 'additional_fees').map((fee, index) =>
    settled(
      `fee-${optionalId(fee['id']) ?? index}`,
      'fee',
      cash.of(fee, 'price', 'additional_fees'),
      fee['name'],
    ),
  );
}

/** Neither means that it was paid, nor that it was not: what was told of the order stands. */
const between = new Set(['partially_paid']);
const paid = new Set(['paid', 'partially_refunded', 'refunded']);

export function order(json: Json, settings: Settings): readonly Told[] {
  const status = text(json['financial_status']) ?? '';
  if (between.has(status)) return [];
  const shop = currency(json['currency'], 'currency');
  const cash = cashOf(
    { shop, customer: currency(json['presentment_currency'] ?? shop, 'presentment_currency') },
    settings,
  );
  const isTaxInside = json['taxes_included'] === true;
  const refunds = objects(json['refunds'], 'refunds');
  return [
    {
      type: 'order',
      order: {
        id: ownId(json, 'order'),
        revision: milliseconds(json['updated_at'], 'updated_at'),
        sale: paid.has(status) ? saleOf(json, isTaxInside, cash) : null,
        ...(Array.isArray(json['refunds'])
          ? {
              refunds: refunds
                .filter((one) => !hasFailed(one))
                .flatMap((one) => refundOf(one, isTaxInside, cash)),
            }
          : {}),
      },
    },
  ];
}

function saleOf(json: Json, isTaxInside: boolean, cash: Cash) {
  const items = objects(json['line_items'], 'line_items');
  const goods = items.flatMap((item, index) => linesOf(item, isTaxInside, cash, `line_items.${index}`));
  const shipping = objects(json['shipping_lines'], 'shipping_lines')
    .filter((one) => one['is_removed'] !== true)
    .map((one) => charged(one, cash.of(one, 'price', 'shipping_lines'), isTaxInside, cash, 'shipping_lines'));
  const roundedMinor = cash.of(json, 'total_cash_rounding_payment_adjustment', 'order');
  const rounding = settled('cash-rounding', 'rounding', roundedMinor);
  const lines = [...goods, ...feesOf(json, cash), rounding];
  const saidMinor = cash.of(json, 'total_price', 'order') + roundedMinor;
  // What an edit took out of the order is a refund without money, and may be left out of the total or not.
  const grossMinor = sum(lines.map((line) => line.amountMinor)) + sum(shipping);
  const totalMinor = saidMinor + takenOut(json, isTaxInside, cash) === grossMinor ? grossMinor : saidMinor;
  return sale(
    {
      occurredAt: instant(json['processed_at'] ?? json['created_at'], 'processed_at'),
      currency: cash.code,
      member: memberOf(attributesOf(json), contactsOf(json)),
      lines,
      shippingMinor: sum(shipping),
      store: optionalId(json['location_id']),
    },
    { totalMinor, path: 'total_price' },
    cash.isConverted ? lines.length + shipping.length : 0,
  );
}

function takenOut(json: Json, isTaxInside: boolean, cash: Cash): number {
  const refunds = objects(json['refunds'], 'refunds').map((one) => partsOf(one, cash));
  return sum(refunds.filter((one) => one.moneyMinor === null).map((one) => worth(one, isTaxInside)));
}

function attributesOf(json: Json): (name: string) => unknown {
  const attributes = objects(json['note_attributes'], 'note_attributes');
  return (name) => attributes.find((one) => one['name'] === name)?.['value'] ?? inNote(json['note'], name);
}

function contactsOf(json: Json): readonly unknown[] {
  const customer = optional(json['customer'], 'customer');
  return [json['email'], json['contact_email'], customer['email'], json['phone'], customer['phone']];
}

// Refunds -------------------------------------------------------------------------------------------------

const counts = new Set(['success', 'pending']);

/** Whether all the money of a refund was refused on its way; goods that were taken back without money were not. */
function hasFailed(json: Json): boolean {
  const transactions = objects(json['transactions'], 'transactions');
  return transactions.length > 0 && !transactions.some((one) => counts.has(text(one['status']) ?? ''));
}

/** What a refund says of goods, shipping and money, in minor units; taxes that stand beside them by themselves. */
function partsOf(json: Json, cash: Cash) {
  const items = objects(json['refund_line_items'], 'refund_line_items').map((one, index) => {
    const path = `refund_line_items.${index}`;
    return {
      lineId: optionalId(one['line_item_id']) ?? ownId(optional(one['line_item'], path), path),
      quantity: quantity(one['quantity'], `${path}.quantity`),
      amountMinor: cash.of(one, 'subtotal', path),
      taxMinor: cash.of(one, 'total_tax', path),
    };
  });
  const shipping = objects(json['refund_shipping_lines'], 'refund_shipping_lines').map((one) => ({
    amountMinor: cash.of(one, 'subtotal_amount', 'refund_shipping_lines'),
    taxMinor: cash.of(one, 'tax_amount', 'refund_shipping_lines'),
  }));
  const adjustments = objects(json['order_adjustments'], 'order_adjustments');
  // Of old versions, whose tax is always beside the amount; both are below zero.
  const adjusted = adjustments
    .filter((one) => one['kind'] === 'shipping_refund' && shipping.length === 0)
    .map(
      (one) => -cash.of(one, 'amount', 'order_adjustments') - cash.of(one, 'tax_amount', 'order_adjustments'),
    );
  const duties = objects(json['refund_duties'], 'refund_duties').map((one) => ({
    lineId: `duty-${optionalId(one['duty_id']) ?? ''}`,
    amountMinor: cash.of(one, 'amount', 'refund_duties'),
  }));
  const money = objects(json['transactions'], 'transactions')
    .filter((one) => one['kind'] === 'refund' && counts.has(text(one['status']) ?? ''))
    .map((one) => cash.of(one, 'amount', 'transactions'));
  return {
    items,
    shipping,
    adjustedMinor: sum(adjusted),
    duties,
    moneyMinor: money.length > 0 ? sum(money) : null,
  };
}

type Parts = ReturnType<typeof partsOf>;

/** What goods, duties and shipping of a refund are worth. */
function worth({ items, shipping, adjustedMinor, duties }: Parts, isTaxInside: boolean): number {
  const of = (one: { amountMinor: number; taxMinor: number }) =>
    one.amountMinor + (isTaxInside ? 0 : one.taxMinor);
  return sum([...items, ...shipping].map(of)) + sum(duties.map((one) => one.amountMinor)) + adjustedMinor;
}

/**
 * A refund. Goods are taken back at what they cost, whatever money went with them: an exchange gives none, and what is
 * kept for restocking is a fee. Money beyond that was given for nothing that came back.
 */
function refundOf(json: Json, isTaxInside: boolean, cash: Cash): readonly OrderRefund[] {
  const parts = partsOf(json, cash);
  const taxed = (one: { amountMinor: number; taxMinor: number }) =>
    one.amountMinor + (isTaxInside ? 0 : one.taxMinor);
  const lines = new Map<string, { lineId: string; quantity?: number | undefined; amountMinor: number }>();
  // The same line may come back to several places.
  for (const one of parts.items) {
    const before = lines.get(one.lineId);
    lines.set(one.lineId, {
      lineId: one.lineId,
      quantity: one.quantity + (before?.quantity ?? 0),
      amountMinor: taxed(one) + (before?.amountMinor ?? 0),
    });
  }
  for (const one of parts.duties) lines.set(one.lineId, one);
  const rest = (parts.moneyMinor ?? 0) - worth(parts, isTaxInside);
  return refundsOf(
    {
      id: ownId(json, 'refund'),
      currency: cash.code,
      occurredAt: instant(json['processed_at'] ?? json['created_at'], 'refund.created_at'),
    },
    [...lines.values()].filter((one) => one.quantity !== 0),
    sum(parts.shipping.map(taxed)) + parts.adjustedMinor,
    Math.max(0, rest),
  );
}

/** The moneys of a refund by itself, from the first of its amounts that is said in both. */
function codesOf(json: Json): { readonly shop: string; readonly customer: string } {
  const amounts = [
    ...objects(json['refund_line_items'], 'refund_line_items').map((one) => one['subtotal_set']),
    ...objects(json['refund_shipping_lines'], 'refund_shipping_lines').map(
      (one) => one['subtotal_amount_set'],
    ),
    ...objects(json['order_adjustments'], 'order_adjustments').map((one) => one['amount_set']),
    ...objects(json['transactions'], 'transactions').map((one) => one['amount_set']),
  ];
  for (const one of amounts) {
    if (one === undefined || one === null) continue;
    const set = object(one, 'amount_set');
    return {
      shop: currency(object(set['shop_money'], 'shop_money')['currency_code'], 'shop_money'),
      customer: currency(
        object(set['presentment_money'], 'presentment_money')['currency_code'],
        'presentment_money',
      ),
    };
  }
  const [transaction] = objects(json['transactions'], 'transactions');
  const code = currency(transaction?.['currency'], 'transactions.0.currency');
  return { shop: code, customer: code };
}

/**
 * A refund by itself. It does not say whether taxes are inside its amounts; where there are any, its money does, or the
 * order has to be asked for.
 */
export function alone(json: Json, settings: Settings): readonly Told[] {
  const orderId = optionalId(json['order_id']);
  if (!orderId) throw new Unreadable('order_id is not an id.');
  const id = ownId(json, 'refund');
  if (hasFailed(json))
    return [id, `${id}-rest`].map((refundId) => ({ type: 'refund_failed' as const, orderId, refundId }));
  const cash = cashOf(codesOf(json), settings);
  const parts = partsOf(json, cash);
  const [inside, outside] = [worth(parts, true), worth(parts, false)];
  const { moneyMinor } = parts;
  if (inside !== outside && moneyMinor !== inside && moneyMinor !== outside)
    return [{ type: 'changed', orderId }];
  return refundOf(json, inside === outside || moneyMinor === inside, cash).map((refund) => ({
    type: 'refund' as const,
    orderId,
    refund,
  }));
}

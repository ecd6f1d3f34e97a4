/** Stripe's objects as sales and refunds. https://docs.stripe.com/api */
import { exponentOf } from '../../core/money.ts';
import type { Order, Told } from '../../core/orders.ts';
import type { Answer } from '../adapter.ts';
import {
  currency,
  fitted,
  id,
  integer,
  type Json,
  type Line,
  memberOf,
  object,
  objects,
  optional,
  optionalId,
  quantity,
  sale,
  settled,
  text,
  Unreadable,
} from '../reading.ts';

/** Currencies whose amounts have no decimals at Stripe. https://docs.stripe.com/currencies#zero-decimal */
const zeroDecimals = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF'.split(' '));
/** Those with three. https://docs.stripe.com/currencies#three-decimal */
const threeDecimals = new Set('BHD JOD KWD OMR TND'.split(' '));

/** Minor units by ISO 4217 of an amount in Stripe's: króna have two decimals there, ariary none. @throws Unreadable */
function minor(value: unknown, code: string, path: string): number {
  if (value === undefined || value === null) return 0;
  const said = integer(value, path);
  const digits = exponentOf(code) - (zeroDecimals.has(code) ? 0 : threeDecimals.has(code) ? 3 : 2);
  if (digits >= 0) return said * 10 ** digits;
  const units = said / 10 ** -digits;
  if (!Number.isInteger(units)) throw new Unreadable(`${path} is no whole amount of ${code}.`);
  return units;
}

/** @param seconds since 1970 */
function at(seconds: unknown, path: string): string {
  const said = integer(seconds, path);
  if (said < 0 || said > 1e11) throw new Unreadable(`${path} is not a time.`);
  return `${new Date(said * 1000).toISOString().slice(0, 19)}Z`;
}

/** What several answers hold, each known by what it calls itself: objects by their kind, lists by their address. */
export interface Gathered {
  readonly session?: Json;
  readonly payment?: Json;
  readonly invoice?: Json;
  readonly refund?: Json;
  readonly invoicePayment?: Json;
  readonly refunds?: readonly Json[];
  readonly lines?: Json;
  /** The order that they make together; undefined where what it is sold by is not among them. */
  readonly whole: (sells: string) => Order | undefined;
}

export function gathered(answers: readonly Answer[]): Gathered {
  const all = answers.filter(
    (one): one is Json => typeof one === 'object' && one !== null && !Array.isArray(one),
  );
  const lists = all.filter((one) => one['object'] === 'list');
  const error = all.find((one) => one['object'] === undefined);
  const listed = (end: RegExp) => lists.find((one) => end.test(text(one['url']) ?? ''));
  const first = (list: Json | undefined) => (list ? objects(list['data'], 'data')[0] : undefined);
  const kind = (name: string) => all.find((one) => one['object'] === name);
  const refunds = listed(/\/refunds$/);
  const session = kind('checkout.session') ?? first(listed(/\/checkout\/sessions$/));
  const intent = kind('payment_intent');
  const bill = kind('invoice');
  const lines = listed(/\/line(?:s|_items)$/);
  const listedRefunds = refunds && whole(refunds, 'refunds');
  const known = {
    ...named('session', session),
    ...named('payment', intent),
    ...named('invoice', bill),
    ...named('refund', kind('refund')),
    ...named('invoicePayment', first(listed(/\/invoice_payments$/))),
    ...(listedRefunds ? { refunds: listedRefunds } : {}),
    ...named('lines', lines),
  };
  return {
    ...known,
    whole: (sells) => {
      if (error) throw new Unreadable('The shop answered an error.');
      const order =
        sells === 'invoices'
          ? bill && invoice(bill, lines)
          : sells === 'payments'
            ? intent && payment(intent)
            : session && checkout(session, intent, lines);
      return order && withRefunds(order, listedRefunds);
    },
  };
}

const named = <K extends string>(name: K, value: Json | undefined) =>
  (value ? { [name]: value } : {}) as { readonly [P in K]?: Json };

/** All refunds are listed by payment; those that failed are told by themselves. */
function withRefunds(order: Order, refunds: readonly Json[] | undefined): Order {
  if (!refunds) return order;
  const told = refunds.map((one) => refundTold(one, order.id));
  const times = refunds.map((one) => integer(one['created'], 'refund.created') * 1000);
  return {
    ...order,
    revision: Math.max(order.revision, ...times),
    refunds: told.flatMap((one) => (one.type === 'refund' ? [one.refund] : [])),
  };
}

function attributesOf(json: Json): (name: string) => unknown {
  const metadata = optional(json['metadata'], 'metadata');
  const fields = objects(json['custom_fields'], 'custom_fields');
  // Keys of custom fields have letters and digits only.
  const field = (name: string) => fields.find((one) => one['key'] === name.replace('_', ''));
  return (name) => metadata[name] ?? optional(field(name)?.['text'], 'custom_fields.text')['value'];
}

const chargeOf = (payment: Json | undefined): Json =>
  typeof payment?.['latest_charge'] === 'object' ? optional(payment['latest_charge'], 'latest_charge') : {};

/** What an article is known by: its product's id, or what the product's metadata call its SKU. */
function articleOf(item: Json, own: string) {
  const price = optional(item['price'], 'price');
  const details = optional(optional(item['pricing'], 'pricing')['price_details'], 'price_details');
  const product = price['product'] ?? details['product'];
  const expanded = typeof product === 'object' ? optional(product, 'product') : {};
  const metadata = optional(expanded['metadata'], 'product.metadata');
  const name = fitted(item['description'], 500) ?? fitted(expanded['name'], 500);
  return {
    sku:
      fitted(metadata['sku'], 128) ??
      optionalId(expanded['id']) ??
      optionalId(product) ??
      fitted(name, 128) ??
      own,
    name,
    category: fitted(metadata['category'], 128),
  };
}

/** A list that is whole, or why not: a page of the API has 100 at most. @throws Unreadable */
function whole(list: Json | undefined, path: string): readonly Json[] {
  if (!list) throw new Unreadable(`${path} are not there.`);
  if (list['has_more'] === true) throw new Unreadable(`${path} are more than one page.`);
  return objects(list['data'], path);
}

// Checkout ------------------------------------------------------------------------------------------------

function checkout(session: Json, payment: Json | undefined, lines: Json | undefined): Order {
  const code = currency(session['currency'], 'currency');
  const created = integer(session['created'], 'created');
  const charge = chargeOf(payment);
  const details = optional(session['customer_details'], 'customer_details');
  const isPaid = session['payment_status'] === 'paid' || session['payment_status'] === 'no_payment_required';
  const own = optionalId(session['payment_intent']) ?? id(session['id'], 'id');
  if (!isPaid) return { id: own, revision: created * 1000, sale: null };
  const shipping = optional(session['shipping_cost'], 'shipping_cost');
  return {
    id: own,
    revision: created * 1000,
    sale: sale(
      {
        occurredAt: at(charge['created'] ?? payment?.['created'] ?? created, 'created'),
        currency: code,
        member: memberOf(attributesOf(session), [
          details['email'],
          session['customer_email'],
          details['phone'],
        ]),
        lines: whole(lines, 'line_items').map((item, index): Line => {
          const own = id(item['id'], `line_items.${index}.id`);
          return {
            id: own,
            ...articleOf(item, own),
            quantity: quantity(item['quantity'] ?? 1, `line_items.${index}.quantity`),
            amountMinor: minor(item['amount_total'], code, `line_items.${index}.amount_total`),
          };
        }),
        shippingMinor: minor(shipping['amount_total'], code, 'shipping_cost.amount_total'),
      },
      { totalMinor: minor(session['amount_total'], code, 'amount_total'), path: 'amount_total' },
    ),
  };
}

// Payment intents -----------------------------------------------------------------------------------------

/** A payment by itself: what was bought it does not say, but for tips and shipping. */
export function payment(json: Json): Order {
  const code = currency(json['currency'], 'currency');
  const created = integer(json['created'], 'created');
  const details = optional(json['amount_details'], 'amount_details');
  const tipMinor = minor(optional(details['tip'], 'amount_details.tip')['amount'], code, 'tip.amount');
  const shipping = optional(details['shipping'], 'amount_details.shipping');
  const shippingMinor = minor(shipping['amount'], code, 'amount_details.shipping.amount');
  const totalMinor = minor(json['amount_received'], code, 'amount_received');
  const billing = optional(chargeOf(json)['billing_details'], 'billing_details');
  const own = id(json['id'], 'id');
  if (json['status'] !== 'succeeded') return { id: own, revision: created * 1000, sale: null };
  return {
    id: own,
    revision: created * 1000,
    sale: sale(
      {
        occurredAt: at(created, 'created'),
        currency: code,
        member: memberOf(attributesOf(json), [json['receipt_email'], billing['email'], billing['phone']]),
        lines: [
          {
            id: 'payment',
            sku: 'payment',
            name: fitted(json['description'], 500),
            quantity: 1,
            amountMinor: totalMinor - tipMinor - shippingMinor,
          },
          ...(tipMinor === 0 ? [] : [settled('tip', 'tip', tipMinor)]),
        ],
        shippingMinor,
      },
      { totalMinor, path: 'amount_received' },
    ),
  };
}

// Invoices ------------------------------------------------------------------------------------------------

/** @param more all lines, where they were asked for by themselves */
export function invoice(json: Json, more?: Json): Order {
  const code = currency(json['currency'], 'currency');
  const created = integer(json['created'], 'created');
  const own = id(json['id'], 'id');
  if (json['status'] !== 'paid') return { id: own, revision: created * 1000, sale: null };
  const paidAt = optional(json['status_transitions'], 'status_transitions')['paid_at'] ?? created;
  const shipping = optional(json['shipping_cost'], 'shipping_cost');
  const parent = optional(optional(json['parent'], 'parent')['subscription_details'], 'parent');
  const named = attributesOf(json);
  const ofSubscription = optional(parent['metadata'], 'parent.subscription_details.metadata');
  return {
    id: own,
    revision: integer(paidAt, 'paid_at') * 1000,
    sale: sale(
      {
        occurredAt: at(paidAt, 'status_transitions.paid_at'),
        currency: code,
        member: memberOf(
          (name) => named(name) ?? ofSubscription[name],
          [json['customer_email'], json['customer_phone']],
        ),
        lines: whole(more ?? optional(json['lines'], 'lines'), 'lines').map((item, index) =>
          billed(item, code, `lines.${index}`),
        ),
        shippingMinor: minor(shipping['amount_total'], code, 'shipping_cost.amount_total'),
      },
      { totalMinor: minor(json['total'], code, 'total'), path: 'total' },
    ),
  };
}

/** A line of an invoice. What is below zero is what was not used up of the time before: it settles the sum. */
function billed(item: Json, code: string, path: string): Line {
  const own = id(item['id'], `${path}.id`);
  const off = objects(item['discount_amounts'], `${path}.discount_amounts`);
  const taxes = [
    ...objects(item['taxes'], `${path}.taxes`),
    ...objects(item['tax_amounts'], `${path}.tax_amounts`),
  ];
  const beside = taxes.filter((one) => one['tax_behavior'] === 'exclusive' || one['inclusive'] === false);
  const total = (list: readonly Json[]) =>
    list.reduce((sum, one) => sum + minor(one['amount'], code, `${path}.amount`), 0);
  const amountMinor = minor(item['amount'], code, `${path}.amount`) - total(off) + total(beside);
  const article = articleOf(item, own);
  return {
    id: own,
    ...article,
    category: amountMinor < 0 ? 'deposit' : article.category,
    quantity: quantity(item['quantity'] ?? 1, `${path}.quantity`) || 1,
    amountMinor,
  };
}

// Refunds -------------------------------------------------------------------------------------------------

const undone = new Set(['failed', 'canceled']);

export function refundTold(json: Json, orderId: string): Told {
  const own = id(json['id'], 'refund.id');
  if (undone.has(text(json['status']) ?? '')) return { type: 'refund_failed', orderId, refundId: own };
  const code = currency(json['currency'], 'refund.currency');
  const refund = {
    id: own,
    currency: code,
    occurredAt: at(json['created'], 'refund.created'),
    amountMinor: minor(object(json, 'refund')['amount'], code, 'refund.amount'),
  };
  return { type: 'refund', orderId, refund };
}

/**
 * Stripe: Checkout, payment intents of one's own, or invoices, by classic and thin events.
 * https://docs.stripe.com/webhooks, https://docs.stripe.com/webhooks/signature, https://docs.stripe.com/event-destinations
 */
import type { Told } from '../../core/orders.ts';
import type { Adapter, Answer, Ask, Credentials, Settings, ShopApi } from '../adapter.ts';
import {
  id,
  idInBody,
  isRecent,
  isSigned,
  type Json,
  noneUnless,
  object,
  objects,
  optionalId,
  reading,
  readJson,
  text,
  Unreadable,
} from '../reading.ts';
import { gathered, invoice, payment, refundTold } from './objects.ts';

const version = '2026-08-26.dahlia';

/** What a channel sells by: the same money is told by events of all three kinds. */
type Sells = 'checkout' | 'payments' | 'invoices';

function sellsBy(settings: Settings): Sells {
  const said = settings['sells'];
  return said === 'payments' || said === 'invoices' ? said : 'checkout';
}

const changed = (orderId: string): readonly Told[] => [{ type: 'changed', orderId }];

/** Events that come with those that are wanted where somebody subscribes to all of a kind. */
const nothing =
  /^(?:checkout\.session|payment_intent|invoice|invoiceitem|invoice_payment|charge|customer|product|price|payout|balance|setup_intent|payment_method|subscription_schedule|credit_note)[._]/;

const refundTypes = new Set(['refund.created', 'refund.updated', 'refund.failed', 'charge.refund.updated']);

function wanted(type: string, sells: Sells): boolean {
  if (refundTypes.has(type)) return true;
  if (sells === 'checkout')
    return type === 'checkout.session.completed' || type === 'checkout.session.async_payment_succeeded';
  return type === (sells === 'payments' ? 'payment_intent.succeeded' : 'invoice.paid');
}

/** A classic event holds its object as it was: lines of a Checkout are never in it, all else is. */
function classic(event: Json, sells: Sells): readonly Told[] {
  const one = object(object(event['data'], 'data')['object'], 'data.object');
  switch (text(one['object'])) {
    case 'checkout.session': {
      if (one['mode'] !== 'payment' || one['payment_status'] === 'unpaid') return [];
      return changed(optionalId(one['payment_intent']) ?? id(one['id'], 'data.object.id'));
    }
    case 'payment_intent':
      return [{ type: 'order', order: payment(one) }];
    case 'invoice':
      return object(one['lines'], 'data.object.lines')['has_more'] === true
        ? changed(id(one['id'], 'data.object.id'))
        : [{ type: 'order', order: invoice(one) }];
    case 'refund': {
      const of = optionalId(one['payment_intent']);
      // Which invoice it is of, the payment is asked.
      if (sells === 'invoices') return of ? changed(of) : [];
      return of ? [refundTold(one, of)] : [];
    }
    default:
      throw new Unreadable('data.object.object is not one that is read.');
  }
}

function tellings(event: Json, settings: Settings): readonly Told[] {
  const isThin = event['object'] === 'v2.core.event';
  if (!isThin && event['object'] !== 'event') throw new Unreadable('object is not an event.');
  const type = (text(event['type']) ?? '').replace(/^v1\./, '');
  const sells = sellsBy(settings);
  if (!wanted(type, sells)) {
    if (nothing.test(type)) return [];
    throw new Unreadable(`The type ${type.slice(0, 64)} is not one that is read.`);
  }
  return isThin
    ? changed(id(object(event['related_object'], 'related_object')['id'], 'related_object.id'))
    : classic(event, sells);
}

// The API -------------------------------------------------------------------------------------------------

function ask(path: string, settings: Settings, { apiToken }: Credentials): Ask {
  const headers = { authorization: `Bearer ${apiToken ?? ''}`, 'stripe-version': version };
  return { method: 'GET', url: `${settings['api'] ?? 'https://api.stripe.com'}/v1/${path}`, headers };
}

/** What of a payment is asked side by side. */
const paymentPaths = (of: string, sells: Sells): readonly string[] => [
  ...(sells === 'checkout' ? [`checkout/sessions?payment_intent=${of}&limit=1`] : []),
  ...(sells === 'invoices'
    ? [`invoice_payments?payment[type]=payment_intent&payment[payment_intent]=${of}&limit=1`]
    : [`payment_intents/${of}?expand[]=latest_charge`]),
  `refunds?payment_intent=${of}&limit=100`,
];

function pathsOf(orderId: string, sells: Sells): readonly string[] {
  const own = encodeURIComponent(orderId);
  if (orderId.startsWith('cs_')) return [`checkout/sessions/${own}`];
  if (orderId.startsWith('in_')) return [`invoices/${own}`];
  if (orderId.startsWith('re_') || orderId.startsWith('pyr_')) return [`refunds/${own}`];
  return paymentPaths(own, sells);
}

/** What the first answers name: the lines of a Checkout, its payment, the invoice of a payment. */
function furtherPaths(answers: readonly Answer[], sells: Sells): readonly string[] {
  const known = gathered(answers);
  const linesOf = (what: string, one: Json | undefined) =>
    one && text(one['id'])
      ? [
          `${what}/${encodeURIComponent(String(one['id']))}/line${what === 'invoices' ? 's' : '_items'}?limit=100&expand[]=data.price.product`,
        ]
      : [];
  const isAlone = known.session && !known.payment && !known.refunds;
  const of = optionalId(known.session?.['payment_intent']) ?? optionalId(known.refund?.['payment_intent']);
  const invoiceId = optionalId(known.invoicePayment?.['invoice']);
  return [
    ...linesOf('checkout/sessions', known.session),
    ...(isAlone && of
      ? paymentPaths(encodeURIComponent(of), sells).filter((path) => !path.startsWith('checkout'))
      : []),
    ...(known.refund && of && sells === 'invoices'
      ? paymentPaths(encodeURIComponent(of), sells).filter((path) => path.startsWith('invoice'))
      : []),
    ...(invoiceId ? [`invoices/${encodeURIComponent(invoiceId)}`] : []),
    ...(hasMoreLines(known.invoice)
      ? linesOf('invoices', known.invoice).map((path) => path.split('&')[0] ?? path)
      : []),
  ];
}

function hasMoreLines(one: Json | undefined): boolean {
  const lines = one?.['lines'];
  return typeof lines === 'object' && lines !== null && (lines as Json)['has_more'] === true;
}

const api: ShopApi = {
  order: (orderId, settings, credentials) =>
    pathsOf(orderId, sellsBy(settings)).map((path) => ask(path, settings, credentials)),
  more: (answers, settings, credentials) =>
    noneUnless(() => furtherPaths(answers, sellsBy(settings))).map((path) =>
      ask(path, settings, credentials),
    ),
  readOrder: (answers, settings) => reading(() => gatheredTold(answers, sellsBy(settings))),
  // Stripe lists the newest first, and has no other order: whoever goes on behind a page goes back in time. First what
  // was paid, then what was given back.
  changed: (since, cursor, settings, credentials) => {
    const [list = 'charges', after] = cursor?.split(' ') ?? [];
    const from = Math.floor(Date.parse(since) / 1000);
    return ask(
      `${list}?created[gte]=${from}&limit=100${after ? `&starting_after=${encodeURIComponent(after)}` : ''}`,
      settings,
      credentials,
    );
  },
  readChanged: (answer) => {
    const page = object(answer, 'The answer');
    const data = objects(page['data'], 'data');
    const list = text(page['url'])?.endsWith('/refunds') ? 'refunds' : 'charges';
    const payments = new Set(
      data.filter((one) => one['paid'] !== false).map((one) => optionalId(one['payment_intent'])),
    );
    const told = [...payments].flatMap((of) => (of ? changed(of) : []));
    const last = optionalId(data.at(-1)?.['id']);
    if (page['has_more'] === true && last) return { told, cursor: `${list} ${last}` };
    return { told, cursor: list === 'charges' ? 'refunds' : null };
  },
};

/** What the answers say together. */
function gatheredTold(answers: readonly Answer[], sells: Sells): readonly Told[] {
  const known = gathered(answers);
  const refunds = known.refunds ?? (known.refund ? [known.refund] : []);
  const of = optionalId(refunds[0]?.['payment_intent']);
  const whole = known.whole(sells);
  const orderId = whole?.id ?? (sells === 'invoices' ? undefined : of);
  const told = orderId ? refunds.map((one) => refundTold(one, orderId)) : [];
  // An order lists its refunds; that one failed, it cannot say.
  return whole
    ? [{ type: 'order', order: whole }, ...told.filter((one) => one.type === 'refund_failed')]
    : told;
}

export const stripe: Adapter = {
  settings: {
    sells: {
      says: 'What is sold by: `checkout` for Checkout and Payment Links (so it is when nothing is said), `payments` for payment intents of your own, `invoices` for invoices and subscriptions.',
    },
    api: { says: "Another base address than Stripe's." },
  },
  secret: 'The signing secret of the event destination (whsec_…).',
  apiToken:
    'A restricted key that may read Checkout Sessions, Payment Intents, Charges, Refunds and Invoices.',
  clicks: [
    'In the Dashboard, under Developers, Webhooks, add an event destination with {url} as its endpoint.',
    `Choose the API version ${version}; full and thin payloads are both understood.`,
    'Choose refund.created, refund.updated and refund.failed, and beside them checkout.session.completed and checkout.session.async_payment_succeeded, or payment_intent.succeeded, or invoice.paid: whichever you sell by.',
  ],
  verify: ({ body, headers }, { secrets }, now) => {
    const parts = (headers['stripe-signature'] ?? '').split(',').map((one) => one.split('='));
    const at = parts.findLast(([name]) => name === 't')?.[1];
    if (!isRecent(at, now)) return false;
    const signed = Buffer.concat([Buffer.from(`${at}.`), body]);
    return parts
      .filter(([name]) => name === 'v1')
      .map(([, signature]) => isSigned(signature, signed, secrets, 'hex'))
      .includes(true);
  },
  deliveryId: (delivery) => idInBody(delivery, 'id'),
  read: ({ body }, settings) => reading(() => readJson(body, (event) => tellings(event, settings))),
  api,
};

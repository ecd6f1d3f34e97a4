/**
 * Deliveries of the size that shops post: what a vector leaves out since nobody reads it has to be verified and parsed
 * all the same. Names of fields are the shops', values ours.
 */

const address = {
  first_name: 'Ada',
  last_name: 'Example',
  company: '',
  address_1: '1 Example Street',
  address_2: '',
  city: 'Exampleville',
  state: '',
  postcode: '75001',
  country: 'FR',
};

type Body = Readonly<Record<string, unknown>>;

const each = (value: unknown, more: Body) =>
  Array.isArray(value) ? value.map((one) => ({ ...more, ...(one as Body) })) : value;

const money = { shop_money: { amount: '0.00', currency_code: 'EUR' } };
const set = { ...money, presentment_money: money.shop_money };

const shopifyLine = {
  current_quantity: 1,
  fulfillable_quantity: 1,
  fulfillment_service: 'manual',
  fulfillment_status: null,
  grams: 250,
  price_set: undefined,
  product_exists: true,
  product_id: 632910392,
  properties: [],
  requires_shipping: true,
  taxable: true,
  title: 'Espresso 250 g',
  total_discount_set: set,
  variant_inventory_management: 'shopify',
  variant_title: null,
  attributed_staffs: [],
  duties: [],
};

const totals = [
  'current_subtotal_price',
  'current_total_discounts',
  'current_total_tax',
  'subtotal_price',
  'total_discounts',
  'total_line_items_price',
  'total_outstanding',
  'total_shipping_price',
  'total_tax',
];

const shopify = (body: Body): Body => ({
  app_id: 580111,
  browser_ip: '203.0.113.7',
  buyer_accepts_marketing: false,
  cart_token: 'c1-7a1c08c6b4b3a2fa41cd8e1a7d7e0b6c',
  checkout_token: 'bd5a8aa1ecd019dd3520ff791ee3a24c',
  client_details: {
    accept_language: 'fr',
    browser_height: 900,
    browser_ip: '203.0.113.7',
    user_agent: 'Mozilla/5.0',
  },
  confirmation_number: 'KVPB4FBY3',
  confirmed: true,
  contact_email: 'ada@example.com',
  customer_locale: 'fr',
  discount_applications: [],
  discount_codes: [],
  duties_included: false,
  landing_site: 'https://shop.example.com/?utm_source=letter',
  merchant_of_record_app_id: null,
  order_number: 1001,
  order_status_url:
    'https://shop.example.com/548380009/orders/b1946ac92492d2347c6235b4d2611184/authenticate?key=none',
  payment_gateway_names: ['shopify_payments'],
  source_name: 'web',
  tags: '',
  tax_lines: [{ price: '5.38', rate: 0.2, title: 'TVA', price_set: set, channel_liable: false }],
  test: false,
  token: 'b1946ac92492d2347c6235b4d2611184',
  ...Object.fromEntries(
    totals.flatMap((name) => [
      [name, '0.00'],
      [`${name}_set`, set],
    ]),
  ),
  billing_address: { ...address, latitude: 48.85, longitude: 2.35, name: 'Ada Example', country_code: 'FR' },
  shipping_address: { ...address, latitude: 48.85, longitude: 2.35, name: 'Ada Example', country_code: 'FR' },
  fulfillments: [],
  payment_terms: null,
  ...body,
  line_items: each(body['line_items'], shopifyLine),
});

const wooLine = {
  tax_class: '',
  parent_name: null,
  image: { id: '93', src: 'https://shop.example.com/esp.jpg' },
};

const woocommerce = (body: Body): Body => ({
  order_key: 'wc_order_58d2d042d1d',
  created_via: 'checkout',
  cart_hash: 'd2d3a4b5c6d7e8f90123456789abcdef',
  cart_tax: '1.97',
  discount_tax: '0.00',
  shipping_total: '0.00',
  shipping_tax: '0.00',
  total_tax: '1.97',
  customer_ip_address: '203.0.113.7',
  customer_user_agent:
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140 Safari/537.36',
  customer_note: '',
  payment_method: 'stripe',
  payment_method_title: 'Credit card',
  transaction_id: 'ch_none',
  currency_symbol: '€',
  payment_url: 'https://shop.example.com/checkout/order-pay/727/?pay_for_order=true&key=wc_order_58d2d042d1d',
  is_editable: false,
  needs_payment: false,
  needs_processing: true,
  shipping: { ...address, phone: '' },
  _links: {
    self: [
      {
        href: 'https://shop.example.com/wp-json/wc/v3/orders/727',
        targetHints: { allow: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] },
      },
    ],
    collection: [{ href: 'https://shop.example.com/wp-json/wc/v3/orders' }],
  },
  ...body,
  billing: { ...address, ...(body['billing'] as Body) },
  line_items: each(body['line_items'], wooLine),
  tax_lines: [
    {
      id: 318,
      rate_code: 'FR-TVA-1',
      rate_id: 75,
      label: 'TVA',
      compound: false,
      tax_total: '1.97',
      shipping_tax_total: '0.00',
      rate_percent: 20,
      meta_data: [],
    },
  ],
  meta_data: [
    'device_type',
    'referrer',
    'session_count',
    'session_entry',
    'session_pages',
    'source_type',
    'user_agent',
    'utm_source',
  ].map((name, index) => ({ id: 4000 + index, key: `_wc_order_attribution_${name}`, value: 'typein' })),
});

const stripeLine = {
  currency: 'eur',
  discountable: true,
  discounts: [],
  invoice: 'in_1SVx',
  livemode: true,
  metadata: {},
  parent: {
    invoice_item_details: null,
    subscription_item_details: {
      invoice_item: null,
      proration: false,
      proration_details: { credited_items: null },
      subscription: 'sub_1SVx',
      subscription_item: 'si_TSVx',
    },
    type: 'subscription_item_details',
  },
  period: { end: 1797933600, start: 1795341600 },
  pretax_credit_amounts: [],
};

const stripeInvoice = {
  account_country: 'FR',
  account_name: 'Maison Example',
  account_tax_ids: null,
  amount_due: 2160,
  amount_overpaid: 0,
  amount_paid: 2160,
  amount_remaining: 0,
  amount_shipping: 0,
  application: null,
  attempt_count: 0,
  attempted: true,
  auto_advance: false,
  automatic_tax: {
    disabled_reason: null,
    enabled: true,
    liability: { type: 'self' },
    provider: 'stripe',
    status: 'complete',
  },
  billing_reason: 'subscription_cycle',
  collection_method: 'charge_automatically',
  custom_fields: null,
  customer: 'cus_TSVx',
  customer_address: { ...address, line1: '1 Example Street', line2: null },
  customer_name: 'Ada Example',
  customer_phone: null,
  customer_shipping: null,
  customer_tax_exempt: 'none',
  customer_tax_ids: [],
  default_payment_method: null,
  default_source: null,
  default_tax_rates: [],
  description: null,
  discounts: [],
  due_date: null,
  effective_at: 1795341600,
  ending_balance: 0,
  footer: null,
  from_invoice: null,
  hosted_invoice_url: `https://invoice.example.com/i/acct_none/live_${'Y2xpZW50'.repeat(16)}?s=ap`,
  invoice_pdf: `https://invoice.example.com/invoice/acct_none/live_${'Y2xpZW50'.repeat(16)}/pdf?s=ap`,
  issuer: { type: 'self' },
  last_finalization_error: null,
  latest_revision: null,
  livemode: true,
  next_payment_attempt: null,
  number: 'Y5NRZB9N-0001',
  on_behalf_of: null,
  parent: {
    quote_details: null,
    subscription_details: { metadata: {}, subscription: 'sub_1SVx' },
    type: 'subscription_details',
  },
  payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
  period_end: 1795341600,
  period_start: 1792749600,
  post_payment_credit_notes_amount: 0,
  pre_payment_credit_notes_amount: 0,
  receipt_number: null,
  rendering: null,
  shipping_cost: null,
  shipping_details: null,
  starting_balance: 0,
  statement_descriptor: null,
  subtotal_excluding_tax: 2000,
  test_clock: null,
  total_discount_amounts: [{ amount: 200, discount: 'di_1SVx' }],
  total_excluding_tax: 1800,
  total_pretax_credit_amounts: [],
  total_taxes: [
    {
      amount: 360,
      tax_behavior: 'exclusive',
      tax_rate_details: { tax_rate: 'txr_1SVx' },
      taxability_reason: 'standard_rated',
      taxable_amount: 1800,
      type: 'tax_rate_details',
    },
  ],
  webhooks_delivered_at: null,
};

function stripe(body: Body): Body {
  const invoice = (body['data'] as { object: Body }).object;
  const lines = invoice['lines'] as Body;
  return {
    ...body,
    data: {
      object: {
        ...stripeInvoice,
        ...invoice,
        lines: { ...lines, total_count: 1, data: each(lines['data'], stripeLine) },
      },
    },
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
  };
}

const fillings: Readonly<Record<string, (body: Body) => Body>> = { shopify, woocommerce, stripe };

/** A vector's body with whatever else is posted with it, as the shop writes JSON: Stripe in lines. */
export function posted(shop: string, body: unknown): string {
  const whole = fillings[shop]?.(body as Body) ?? body;
  return JSON.stringify(whole, null, shop === 'stripe' ? 2 : 0);
}

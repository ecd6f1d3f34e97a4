/** What is asked of shops: further requests that only answers name, and pages until the last. */
import { describe, expect, it } from 'vitest';
import type { Answer, Settings, ShopApi } from '../../channels/adapter.ts';
import { adapters } from '../../channels/adapters.ts';
import type { Shop } from './vectors.ts';

const credentials = { secrets: [], apiToken: 'token' };
const at = 'http://shop.test';

function apiOf(shop: Shop): ShopApi {
  const { api } = adapters[shop];
  if (!api) throw new Error(`${shop} is never asked.`);
  return api;
}

const more = (shop: Shop, answers: readonly Answer[], settings: Settings = {}) =>
  apiOf(shop)
    .more?.(answers, { api: at, ...settings }, credentials)
    .map(({ url }) => url);

describe('further requests', () => {
  it('are of the customer that an order of Square names, and none of a guest or of what is no order', () => {
    const order = (rest: object) => [{ order: { id: 'o', ...rest } }];
    expect(more('square', order({ customer_id: 'c' }))).toEqual([`${at}/v2/customers/c`]);
    expect(more('square', order({ tenders: [{ customer_id: 'd' }] }))).toEqual([`${at}/v2/customers/d`]);
    expect(more('square', order({}))).toEqual([]);
    expect(more('square', [null])).toEqual([]);
    expect(more('square', ['no order'])).toEqual([]);
  });

  it('are of the lines of a Checkout, and of its payment where only the session is known', () => {
    const session = { object: 'checkout.session', id: 'cs_1', payment_intent: 'pi_1' };
    const lines = `${at}/v1/checkout/sessions/cs_1/line_items?limit=100&expand[]=data.price.product`;
    const refunds = `${at}/v1/refunds?payment_intent=pi_1&limit=100`;
    const payment = `${at}/v1/payment_intents/pi_1?expand[]=latest_charge`;
    const list = { object: 'list', url: '/v1/checkout/sessions', data: [session] };
    const nothing = { object: 'list', url: '/v1/refunds', data: [] };
    expect(more('stripe', [list, { object: 'payment_intent', id: 'pi_1' }, nothing])).toEqual([lines]);
    expect(more('stripe', [session])).toEqual([lines, payment, refunds]);
    expect(more('stripe', [null, 'nothing'])).toEqual([]);
  });

  it('are of the invoice that a payment is of', () => {
    const found = { object: 'list', url: '/v1/invoice_payments', data: [{ invoice: 'in_1' }] };
    expect(more('stripe', [found], { sells: 'invoices' })).toEqual([`${at}/v1/invoices/in_1`]);
  });
});

describe('pages of what changed', () => {
  const since = '2026-11-22T10:00:00Z';

  it('of Shopify go on at the base that is asked, whichever host the link names', () => {
    const { changed, readChanged } = apiOf('shopify');
    const settings = { api: at };
    const next =
      '<https://maison.myshopify.com/admin/api/2026-10/orders.json?limit=250&page_info=abc>; rel="next"';
    const page = readChanged({ orders: [] }, { link: next }, settings);
    expect(page.cursor).toBe(`${at}/admin/api/2026-10/orders.json?limit=250&page_info=abc`);
    expect(changed(since, page.cursor, settings, credentials).url).toBe(page.cursor);
    expect(
      readChanged({ orders: [] }, { link: next.replace('next', 'previous') }, settings).cursor,
    ).toBeNull();
    expect(() => readChanged({ errors: 'no' }, {}, settings).cursor).not.toThrow();
    expect(() => readChanged(null, {}, settings)).toThrow('The answer is not an object.');
  });

  it('of WooCommerce begin with the second in which the page before ended', () => {
    const { changed, readChanged } = apiOf('woocommerce');
    const order = (second: number, id: number) => ({
      id,
      date_modified_gmt: `2026-11-22T10:00:${String(second).padStart(2, '0')}`,
    });
    const full = Array.from({ length: 100 }, (_, index) => order(Math.floor(index / 10), index));
    expect(readChanged(full, {}, {}).cursor).toBe('2026-11-22T10:00:08');
    expect(readChanged(full.slice(1), {}, {}).cursor).toBeNull();
    const once = full.map((one) => ({ ...one, date_modified_gmt: '2026-11-22T10:00:09' }));
    const link = '<https://shop.example.com/wp-json/wc/v3/orders?per_page=100&page=3>; rel="next"';
    expect(readChanged(once, { link }, {}).cursor).toBe('2026-11-22T10:00:08 3');
    const { url } = changed(since, '2026-11-22T10:00:08 3', { api: at }, credentials);
    expect(url).toContain('modified_after=2026-11-22T10:00:08&');
    expect(url).toContain('&page=3');
    expect(readChanged([order(1, 7)], {}, {}).told).toEqual([{ type: 'changed', orderId: '7' }]);
  });

  it('of Stripe are of what was paid first, and then of what was given back', () => {
    const { changed, readChanged } = apiOf('stripe');
    const page = (url: string, has_more: boolean) =>
      readChanged({ url, has_more, data: [{ id: 'x_1', payment_intent: 'pi_1' }] }, {}, {});
    expect(page('/v1/charges', true)).toEqual({
      told: [{ type: 'changed', orderId: 'pi_1' }],
      cursor: 'charges x_1',
    });
    expect(page('/v1/charges', false).cursor).toBe('refunds');
    expect(page('/v1/refunds', true).cursor).toBe('refunds x_1');
    expect(page('/v1/refunds', false).cursor).toBeNull();
    expect(changed(since, 'refunds x_1', { api: at }, credentials).url).toBe(
      `${at}/v1/refunds?created[gte]=1795341600&limit=100&starting_after=x_1`,
    );
  });
});

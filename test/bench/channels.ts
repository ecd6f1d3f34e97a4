/**
 * `npm run bench:channels`: deliveries that one core verifies and reads in a second, for each adapter, beside what the
 * shop's own library takes to verify the same bytes and parse them as JSON. Both take turns in one run, so that what
 * else the machine does falls on both; the goal is 0.7 of theirs, with all of the mapping. Figures are of CPU time.
 */
import { createHmac } from 'node:crypto';
import '@shopify/shopify-api/adapters/node';
import { shopifyApi } from '@shopify/shopify-api';
import { WebhooksHelper } from 'square';
import { Stripe } from 'stripe';
import type { Delivery, Settings } from '../../channels/adapter.ts';
import { adapters } from '../../channels/adapters.ts';
import { deliveryOf, postUrl, type Shop, vectorsOf } from '../channels/vectors.ts';
import { posted } from './posted.ts';

const goal = 0.7;
const secret = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const now = Math.floor(Date.now() / 1000);

const hmac = (key: string | Buffer, signed: string, encoding: 'base64' | 'hex' = 'base64') =>
  createHmac('sha256', key).update(signed).digest(encoding);

interface Contest {
  readonly shop: Shop;
  /** Which of the vectors is posted. */
  readonly vector: string;
  readonly sign: (body: string) => Record<string, string>;
  /** The library that theirs is. */
  readonly by: string;
  readonly theirs: (delivery: Delivery) => unknown;
}

const shopifySdk = shopifyApi({
  apiKey: 'key',
  apiSecretKey: secret,
  apiVersion: '2026-10' as never,
  hostName: 'api.example.com',
  isEmbeddedApp: false,
  logger: { log: () => {} },
});
const stripeSdk = new Stripe('sk_test_none');

const contests: readonly Contest[] = [
  {
    shop: 'shopify',
    vector: 'an order of two lines, tax inside',
    sign: (body) => ({
      'x-shopify-hmac-sha256': hmac(secret, body),
      'x-shopify-shop-domain': 'maison.myshopify.com',
    }),
    by: '@shopify/shopify-api',
    theirs: async ({ body, headers }) => {
      const rawRequest = { method: 'POST', url: postUrl, headers };
      const text = body.toString();
      const said = await shopifySdk.webhooks.validate({
        rawBody: text,
        rawRequest,
        rawResponse: {},
      } as never);
      return said.valid && JSON.parse(text);
    },
  },
  {
    shop: 'woocommerce',
    vector: 'prices shown with tax, which is kept beside them',
    sign: (body) => ({ 'x-wc-webhook-signature': hmac(secret, body) }),
    by: 'node:crypto, since there is no library',
    theirs: ({ body, headers }) =>
      hmac(secret, body.toString()) === headers['x-wc-webhook-signature'] && JSON.parse(body.toString()),
  },
  {
    shop: 'square',
    vector: 'an order changed',
    sign: (body) => ({ 'x-square-hmacsha256-signature': hmac(secret, postUrl + body) }),
    by: 'square',
    theirs: async ({ body, headers }) => {
      const requestBody = body.toString();
      const isGenuine = await WebhooksHelper.verifySignature({
        requestBody,
        signatureHeader: headers['x-square-hmacsha256-signature'] ?? '',
        signatureKey: secret,
        notificationUrl: postUrl,
      });
      return isGenuine && JSON.parse(requestBody);
    },
  },
  {
    shop: 'stripe',
    vector: 'an invoice: discount, and tax beside',
    sign: (body) => ({ 'stripe-signature': `t=${now},v1=${hmac(secret, `${now}.${body}`, 'hex')}` }),
    by: 'stripe',
    theirs: ({ body, headers }) =>
      stripeSdk.webhooks.constructEvent(body, headers['stripe-signature'] ?? '', secret, 1e9),
  },
];

const calls = 3000;

/** Milliseconds of CPU that so many calls take. */
async function cost(call: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  for (let index = 0; index < calls; index++) {
    const said = call();
    if (said instanceof Promise) await said;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function contestOf({ shop, vector, sign, theirs }: Contest) {
  const found = vectorsOf(shop).find((one) => one.name === vector);
  if (!found) throw new Error(`${shop} has no vector that is called: ${vector}`);
  const { body, headers } = deliveryOf({ ...found, text: posted(shop, found.body) });
  const delivery = { body, headers: { ...headers, ...sign(body.toString()) }, url: postUrl };
  const settings: Settings = found.settings ?? {};
  const adapter = adapters[shop];
  const credentials = { secrets: [secret], apiToken: null };
  const ours = () => {
    if (!adapter.verify(delivery, credentials, now * 1000)) throw new Error('It is genuine.');
    const read = adapter.read(delivery, settings);
    if (read.type !== 'told') throw new Error(`It tells something: ${JSON.stringify(read)}`);
    return read;
  };
  return { ours, theirs: () => theirs(delivery), bytes: body.length };
}

let isReached = true;
const wanted = process.argv[2];
for (const contest of contests.filter(({ shop }) => (wanted ?? shop) === shop)) {
  const { ours, theirs, bytes } = contestOf(contest);
  if (!(await theirs())) throw new Error(`${contest.by} does not take it.`);
  const best = { ours: Number.POSITIVE_INFINITY, theirs: Number.POSITIVE_INFINITY };
  // The best of many turns: the machine's other work only ever makes a turn slower.
  for (let turn = 0; turn < 100; turn++) {
    best.theirs = Math.min(best.theirs, await cost(theirs));
    best.ours = Math.min(best.ours, await cost(ours));
  }
  const rate = (cpuMs: number) => Math.round((calls * 1000) / cpuMs);
  const ratio = best.theirs / best.ours;
  isReached &&= ratio >= goal;
  console.log(
    `${contest.shop.padEnd(12)} ${bytes} bytes: ${rate(best.ours)} deliveries a CPU-second, ${contest.by} ${rate(best.theirs)}: ${ratio.toFixed(2)} of theirs`,
  );
}
if (!isReached) process.exitCode = 1;

/** What is signed by each shop's scheme is genuine, and by its own library's word; nothing else is. */
import { createHmac, generateKeyPairSync, sign as signs } from 'node:crypto';
import '@shopify/shopify-api/adapters/node';
import { type Shopify, shopifyApi } from '@shopify/shopify-api';
import fc from 'fast-check';
import { WebhooksHelper } from 'square';
import { Webhook } from 'standardwebhooks';
import { Stripe } from 'stripe';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../channels/adapter.ts';
import { adapters } from '../../channels/adapters.ts';
import { isStandardWebhook } from '../../channels/reading.ts';
import { runs } from '../support/world.ts';
import { postUrl } from './vectors.ts';

const hmac = (secret: string | Buffer, signed: string, encoding: 'base64' | 'hex' = 'base64') =>
  createHmac('sha256', secret).update(signed).digest(encoding);

interface Scheme {
  readonly shop: keyof typeof adapters;
  readonly header: string;
  readonly secret: fc.Arbitrary<string>;
  /** The headers that a body is posted with. */
  readonly sign: (body: string, secret: string, at: number) => Record<string, string>;
  /** What the shop's own library says of them; undefined where it is not asked. */
  readonly library: (delivery: Delivery, secret: string) => boolean | Promise<boolean>;
}

const word = fc.stringMatching(/^[A-Za-z0-9]{8,40}$/);

/** What both say where the library throws instead of answering. */
async function said(verify: () => unknown): Promise<boolean> {
  try {
    return (await verify()) !== false;
  } catch {
    return false;
  }
}

const shopOf = (apiSecretKey: string): Shopify =>
  shopifyApi({
    apiKey: 'key',
    apiSecretKey,
    apiVersion: '2026-10' as never,
    hostName: 'api.example.com',
    isEmbeddedApp: false,
    logger: { log: () => {} },
  });

async function shopifySays({ body, headers }: Delivery, secret: string): Promise<boolean> {
  const rawRequest = { method: 'POST', url: postUrl, headers };
  const answer = await shopOf(secret).webhooks.validate({
    rawBody: body.toString(),
    rawRequest,
    rawResponse: {},
  } as never);
  return answer.valid;
}

const shopifyHeaders = (prefix: string) => ({
  [`${prefix}shopify-topic`]: 'orders/paid',
  [`${prefix}shopify-shop-domain`]: 'maison.myshopify.com',
  [`${prefix}shopify-api-version`]: '2026-10',
  [`${prefix}shopify-webhook-id`]: 'b54557e4',
});

const stripeSdk = new Stripe('sk_test_none');

const schemes: readonly Scheme[] = [
  ...['x-', ''].map((prefix) => ({
    shop: 'shopify' as const,
    header: `${prefix}shopify-hmac-sha256`,
    secret: word,
    sign: (body: string, secret: string) => ({
      ...shopifyHeaders(prefix),
      [`${prefix}shopify-hmac-sha256`]: hmac(secret, body),
    }),
    library: shopifySays,
  })),
  {
    shop: 'square',
    header: 'x-square-hmacsha256-signature',
    secret: word,
    sign: (body, secret) => ({ 'x-square-hmacsha256-signature': hmac(secret, postUrl + body) }),
    library: ({ body, headers }, signatureKey) =>
      WebhooksHelper.verifySignature({
        requestBody: body.toString(),
        signatureHeader: headers['x-square-hmacsha256-signature'] ?? '',
        signatureKey,
        notificationUrl: postUrl,
      }),
  },
  {
    shop: 'stripe',
    header: 'stripe-signature',
    secret: word.map((text) => `whsec_${text}`),
    sign: (body, secret, at) => ({
      'stripe-signature': `t=${at},v1=${hmac(secret, `${at}.${body}`, 'hex')},v0=${'0'.repeat(64)}`,
    }),
    library: ({ body, headers }, secret) =>
      said(
        () =>
          stripeSdk.webhooks.signature?.verifyHeader(body, headers['stripe-signature'] ?? '', secret, 300) ??
          false,
      ),
  },
  {
    shop: 'bigcommerce',
    header: 'webhook-signature',
    secret: word,
    sign: (body, secret, at) => ({
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(at),
      'webhook-signature': `v1a,none v1,${hmac(secret, `msg_1.${at}.${body}`)}`,
    }),
    library: ({ body, headers }, secret) =>
      said(() => {
        new Webhook(secret, { format: 'raw' }).verify(body, headers as Record<string, string>, {
          jsonParse: false,
        });
      }),
  },
];

const now = () => Math.floor(Date.now() / 1000);

/** What happens to a delivery on its way. */
const fates = ['none', 'none', 'body', 'signature', 'longer', 'no signature', 'secret', 'old'] as const;

const letters = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 });
/** A mark of the byte order is no part of a text for some libraries: nobody's JSON begins with one. */
const bodies = letters.filter((text) => !text.startsWith('\ufeff'));

/** Another letter in the place of one. */
function bent(text: string, at: number): string {
  const place = at % text.length;
  const letter = text[place] === 'A' ? 'B' : 'A';
  return text.slice(0, place) + letter + text.slice(place + 1);
}

describe.each(schemes.map((scheme) => [`${scheme.shop} by ${scheme.header}`, scheme] as const))(
  '%s',
  (_, scheme) => {
    const { verify } = adapters[scheme.shop];

    it("agrees with the shop's own library on a thousand deliveries", async () => {
      const seen = new Set<boolean>();
      await fc.assert(
        fc.asyncProperty(
          bodies,
          scheme.secret,
          fc.constantFrom(...fates),
          fc.nat(),
          async (text, secret, fate, at) => {
            const headers = scheme.sign(text, secret, now() - (fate === 'old' ? 400 : 0));
            const signature = headers[scheme.header] ?? '';
            if (fate === 'signature') headers[scheme.header] = bent(signature, at);
            if (fate === 'longer') headers[scheme.header] = `${signature}A`;
            if (fate === 'no signature') delete headers[scheme.header];
            const body = Buffer.from(fate === 'body' ? bent(text, at) : text);
            const own = fate === 'secret' ? bent(secret, secret.length - 1 - (at % 8)) : secret;
            const delivery = { body, headers, url: postUrl };
            const ours = verify(delivery, { secrets: [own], apiToken: null }, Date.now());
            seen.add(ours);
            expect(ours).toBe(await scheme.library(delivery, own));
          },
        ),
        runs(1000),
      );
      expect([...seen].sort()).toEqual([false, true]);
    });

    it('takes the old secret and the new one, and none that is empty', () => {
      const secrets = ['the old secret', 'the new secret'];
      const delivery = (secret: string) => ({
        body: Buffer.from('{}'),
        headers: scheme.sign('{}', secret, now()),
        url: postUrl,
      });
      const taken = (secret: string, of: readonly string[]) =>
        verify(delivery(secret), { secrets: of, apiToken: null }, Date.now());
      expect(secrets.map((secret) => taken(secret, secrets))).toEqual([true, true]);
      expect([taken('another', secrets), taken('', ['']), taken('another', [])]).toEqual([
        false,
        false,
        false,
      ]);
    });
  },
);

describe('woocommerce', () => {
  const { verify } = adapters.woocommerce;
  const taken = (body: string, headers: Record<string, string>) =>
    verify(
      { body: Buffer.from(body), headers, url: postUrl },
      { secrets: ['secret'], apiToken: null },
      Date.now(),
    );

  it('takes what is signed by the secret of the webhook, and nothing else', () => {
    const body = '{"id":727}';
    expect(taken(body, { 'x-wc-webhook-signature': hmac('secret', body) })).toBe(true);
    expect(taken(body, { 'x-wc-webhook-signature': hmac('other', body) })).toBe(false);
    expect(taken(`${body} `, { 'x-wc-webhook-signature': hmac('secret', body) })).toBe(false);
  });

  it('takes the ping of a new webhook unsigned, and nothing like it', () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(taken('webhook_id=17', form)).toBe(true);
    expect(taken('webhook_id=17&id=1', form)).toBe(false);
    expect(taken('webhook_id=17\n', form)).toBe(false);
    expect(taken('webhook_id=17', { 'content-type': 'application/json' })).toBe(false);
    expect(taken('webhook_id=', form)).toBe(false);
  });
});

describe('stripe', () => {
  const { verify } = adapters.stripe;
  const secret = 'whsec_test_secret';
  const payload = '{\n  "id": "evt_test_webhook",\n  "object": "event"\n}';

  function taken(header: string, at: number, body = payload): boolean {
    const delivery = { body: Buffer.from(body), headers: { 'stripe-signature': header }, url: postUrl };
    return verify(delivery, { secrets: [secret], apiToken: null }, at * 1000);
  }

  it("takes the headers that Stripe's library makes for tests", () => {
    const timestamp = 1_795_341_600;
    const header = stripeSdk.webhooks.generateTestHeaderString({ payload, secret, timestamp });
    expect(taken(header, timestamp)).toBe(true);
    expect(taken(header, timestamp + 300)).toBe(true);
    expect(taken(header, timestamp + 301)).toBe(false);
    expect(taken(header, timestamp - 301)).toBe(false);
    expect(taken(header, timestamp, `${payload} `)).toBe(false);
    const [, other] = stripeSdk.webhooks
      .generateTestHeaderString({ payload, secret: 'whsec_other', timestamp })
      .split(',');
    expect(taken(`${header},${other}`, timestamp)).toBe(true);
    expect(taken(`t=${timestamp},${other}`, timestamp)).toBe(false);
    expect(taken(header.replace('v1=', 'v0='), timestamp)).toBe(false);
    expect(taken(header.replace(/^t=\d+/, `t=${timestamp + 1}`), timestamp)).toBe(false);
  });
});

describe('Standard Webhooks', () => {
  it("takes the example of the scheme's own libraries", () => {
    const headers = {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    };
    const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
    const delivery = { body: Buffer.from('{"test": 2432232314}'), headers, url: postUrl };
    expect(isStandardWebhook(delivery, [key], 1_614_265_330_000)).toBe(true);
    expect(isStandardWebhook(delivery, [key], 1_614_265_631_000)).toBe(false);
    expect(isStandardWebhook({ ...delivery, body: Buffer.from('{}') }, [key], 1_614_265_330_000)).toBe(false);
  });
});

describe('saleor', () => {
  const pairs = ['old', 'new'].map((kid) => ({
    kid,
    ...generateKeyPairSync('rsa', { modulusLength: 2048 }),
  }));
  const jwks = JSON.stringify({
    keys: pairs.map(({ kid, publicKey }) => ({ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' })),
  });
  const body = '{"order":{}}';

  function signed(header: object, pair = 1, payload = body): string {
    const head = Buffer.from(JSON.stringify(header)).toString('base64url');
    const key = pairs[pair]?.privateKey;
    if (!key) throw new Error('There are two.');
    return `${head}..${signs('sha256', Buffer.from(`${head}.${payload}`), key).toString('base64url')}`;
  }

  const taken = (signature: string, secrets = [jwks], text = body) =>
    adapters.saleor.verify(
      { body: Buffer.from(text), headers: { 'saleor-signature': signature }, url: postUrl },
      { secrets, apiToken: null },
      Date.now(),
    );

  it('takes a detached JWS by a key of the shop, whichever it names', () => {
    const plain = { alg: 'RS256', b64: false, crit: ['b64'] };
    expect(taken(signed({ ...plain, kid: 'new' }))).toBe(true);
    expect(taken(signed({ ...plain, kid: 'old' }, 0))).toBe(true);
    expect(taken(signed(plain, 0))).toBe(true);
    const encoded = Buffer.from(body).toString('base64url');
    expect(taken(signed({ alg: 'RS256', kid: 'new' }, 1, encoded))).toBe(true);
  });

  it('takes nothing else', () => {
    const plain = { alg: 'RS256', b64: false, crit: ['b64'], kid: 'new' };
    expect(taken(signed(plain, 0))).toBe(false);
    expect(taken(signed(plain), [jwks], `${body} `)).toBe(false);
    expect(taken(signed(plain), ['{}', 'no JSON'])).toBe(false);
    expect(taken(signed({ ...plain, alg: 'none' }))).toBe(false);
    expect(taken(signed({ ...plain, alg: 'HS256' }))).toBe(false);
    expect(taken(signed({ ...plain, crit: ['b64', 'exp'] }))).toBe(false);
    expect(taken(signed({ ...plain, crit: undefined }))).toBe(false);
    expect(taken(signed(plain).replace('..', '.e30.'))).toBe(false);
    expect(taken('')).toBe(false);
  });
});

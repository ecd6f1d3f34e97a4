/**
 * Saleor: webhooks whose subscription query asks for what is read here; README.md has the query.
 * https://docs.saleor.io/developer/extending/webhooks/payload-signature
 */
import { createPublicKey, type JsonWebKey, type KeyObject, verify as verifies } from 'node:crypto';
import type { Told } from '../../core/orders.ts';
import type { Adapter, Delivery, ShopApi } from '../adapter.ts';
import { type Json, object, objects, reading, readJson, text, Unreadable } from '../reading.ts';
import { fields, order } from './order.ts';

/** The RSA keys of a JWKS, and which they are called. */
interface Key {
  readonly kid: string | undefined;
  readonly key: KeyObject;
}

const known = new Map<string, readonly Key[]>();

/** Keys are made once for each text that they are given in: it takes longer than to verify by them. */
function keysOf(secret: string): readonly Key[] {
  const before = known.get(secret);
  if (before) return before;
  const keys = read(secret);
  if (known.size >= 64) known.clear();
  known.set(secret, keys);
  return keys;
}

function read(secret: string): readonly Key[] {
  try {
    const set = JSON.parse(secret) as { keys?: readonly (JsonWebKey & { kid?: string })[] };
    return (set.keys ?? [])
      .filter((one) => one.kty === 'RSA')
      .map((one) => ({ kid: one.kid, key: createPublicKey({ key: one, format: 'jwk' }) }));
  } catch {
    return [];
  }
}

/**
 * Whether a detached JWS by RS256 is of the body, with the payload as it is (RFC 7797) or as base64url (RFC 7515). Which
 * algorithm it is by is not left to whoever signs.
 */
function isSigned({ body, headers }: Delivery, secrets: readonly string[]): boolean {
  const [head = '', payload, signature = '', ...rest] = (headers['saleor-signature'] ?? '').split('.');
  if (payload !== '' || rest.length > 0) return false;
  let protectedHeader: Json;
  try {
    protectedHeader = object(JSON.parse(Buffer.from(head, 'base64url').toString()), 'header');
  } catch {
    return false;
  }
  const { alg, kid, b64, crit } = protectedHeader;
  const isPlain = b64 === false;
  const extensions = crit === undefined ? [] : Array.isArray(crit) ? crit : [null];
  if (alg !== 'RS256' || extensions.some((one) => one !== 'b64') || (isPlain && extensions.length === 0))
    return false;
  const signed = Buffer.concat([
    Buffer.from(`${head}.`),
    isPlain ? body : Buffer.from(body.toString('base64url')),
  ]);
  const own = Buffer.from(signature, 'base64url');
  return secrets
    .flatMap(keysOf)
    .filter((one) => kid === undefined || one.kid === undefined || one.kid === kid)
    .some(({ key }) => verifies('sha256', signed, key, own));
}

function tellings(body: Json): readonly Told[] {
  // A subscription's payload is the query's answer, with or without its root.
  const payload = Array.isArray(body['data']) ? body : { ...body, ...(body['event'] as Json | undefined) };
  if (payload['errors'] !== undefined)
    throw new Unreadable('The payload holds errors in place of the order.');
  const one = payload['order'];
  return one ? order(object(one, 'order')) : [];
}

const request = (query: string, variables: Json, api: string | undefined, apiToken: string | null) => ({
  method: 'POST' as const,
  url: api ?? '',
  headers: { authorization: `Bearer ${apiToken ?? ''}` },
  body: { query, variables },
});

const endpoint = (settings: Readonly<Record<string, string>>) => settings['api'] ?? settings['shop'];

const api: ShopApi = {
  order: (orderId, settings, { apiToken }) => [
    request(
      `query ($id: ID!) { order(id: $id) { ${fields} } }`,
      { id: orderId },
      endpoint(settings),
      apiToken,
    ),
  ],
  readOrder: ([answer]) =>
    reading(() => {
      const data = answer ? object(answer, 'The answer') : {};
      if (data['errors'] !== undefined) throw new Unreadable('The shop answered an error.');
      const one = answer ? object(data['data'], 'data')['order'] : null;
      return one ? order(object(one, 'order')) : [];
    }),
  changed: (since, cursor, settings, { apiToken }) =>
    request(
      'query ($since: DateTime!, $after: String) { orders(first: 100, after: $after, sortBy: { field: LAST_MODIFIED_AT, direction: ASC }, filter: { updatedAt: { gte: $since } }) { edges { node { id } } pageInfo { hasNextPage endCursor } } }',
      { since, after: cursor },
      endpoint(settings),
      apiToken,
    ),
  readChanged: (answer) => {
    const data = object(object(answer, 'The answer')['data'], 'data');
    const orders = object(data['orders'], 'orders');
    const page = object(orders['pageInfo'], 'pageInfo');
    return {
      told: objects(orders['edges'], 'edges').flatMap((edge) => {
        const orderId = text(object(edge['node'], 'node')['id']);
        return orderId ? [{ type: 'changed' as const, orderId }] : [];
      }),
      cursor: page['hasNextPage'] === true ? (text(page['endCursor']) ?? null) : null,
    };
  },
};

export const saleor: Adapter = {
  settings: {
    shop: { says: "The address of the shop's API, as https://shop.saleor.cloud/graphql/.", needed: true },
    api: { says: 'Another address of the API.' },
  },
  secret: "The shop's keys, as https://<shop>/.well-known/jwks.json shows them: the whole JSON.",
  apiToken: 'The token of an app that may manage orders.',
  clicks: [
    'In the Dashboard, under Extensions, make an app with the permission Manage orders, and take its token.',
    'Add a webhook to {url} without a secret key, for the events Order paid, Order updated, Order refunded and Order fully refunded.',
    'Give it the subscription query of channels/saleor/README.md.',
  ],
  verify: (delivery, { secrets }) => isSigned(delivery, secrets),
  deliveryId: () => undefined,
  read: ({ body }) => reading(() => readJson(body, tellings)),
  api,
};

/**
 * The tokens between Samsung's server and ours. Source: Samsung Wallet, Secure your integration: Card data
 * token, and REST API authorization token.
 */
import type { SamsungCard } from './card.ts';
import type { SamsungCredentials } from './credentials.ts';
import { encrypt, opened, signed } from './jose.ts';

function header(cty: 'CARD' | 'AUTH', { certificateId, partnerId }: SamsungCredentials, now: number) {
  return { cty, ver: '3', certificateId, partnerId, utc: now };
}

/** A card that Samsung alone can read and that we signed; Samsung takes it for about 30 seconds. */
export function cardData(credentials: SamsungCredentials, card: SamsungCard, now: number): string {
  const { samsungKey, keyAlgorithm, privateKey } = credentials;
  const encrypted = encrypt(JSON.stringify(card), samsungKey, keyAlgorithm);
  return signed(header('CARD', credentials, now), encrypted, privateKey);
}

/** The link behind "Add to Samsung Wallet", good for as long as its card data. */
export function addLink(credentials: SamsungCredentials, card: SamsungCard, now: number): string {
  const { linkUrl, cardId } = credentials;
  return `${linkUrl}/atw/v3/${cardId}#Clip?cdata=${cardData(credentials, card, now)}`;
}

/** One request: its method, and its path without the query. */
export interface BoundRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
}

/** The token of a request of ours to Samsung. */
export function authorization(
  credentials: SamsungCredentials,
  { method, path }: BoundRequest,
  refId: string,
  now: number,
): string {
  const payload = JSON.stringify({ API: { method, path }, refId });
  return signed(header('AUTH', credentials, now), payload, credentials.privateKey);
}

export type Authorized =
  | { readonly type: 'authorized'; readonly signedAt: number }
  | { readonly type: 'refused'; readonly reason: string };

/**
 * Whether Samsung signed a request to us: for this partner, just now, and for just this method and path.
 * @param value the `Authorization` header, with or without `Bearer` before the token
 * @param paths what Samsung may call the path: as it is, or as it lies under the partner's address
 */
export function checkAuthorization(
  credentials: SamsungCredentials,
  value: string | undefined,
  request: { readonly method: 'GET' | 'POST'; readonly paths: readonly string[]; readonly refId: string },
  now: number,
): Authorized {
  const token = opened((value ?? '').replace(/^Bearer /i, ''), credentials.samsungKey);
  if (!token) return refused('The token is not signed by Samsung.');
  const { cty, partnerId, utc } = token.header;
  const { API: bound, refId } = token.payload as { API?: Partial<BoundRequest>; refId?: unknown };
  if (cty !== 'AUTH') return refused('The token is not one for requests.');
  if (partnerId !== credentials.partnerId) return refused('The token is for another partner.');
  const signedAt = Number(utc);
  if (!(Math.abs(now - signedAt) <= credentials.tokenSeconds * 1000))
    return refused('The token is not of now.');
  if (bound?.method !== request.method || !request.paths.includes(String(bound.path)))
    return refused('The token is for another request.');
  if (refId !== undefined && refId !== request.refId) return refused('The token is for another card.');
  return { type: 'authorized', signedAt };
}

function refused(reason: string): Authorized {
  return { type: 'refused', reason };
}

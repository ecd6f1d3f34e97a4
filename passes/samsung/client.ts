/**
 * Tells Samsung that a card changed; Samsung then fetches it. Source: Samsung Wallet, Card lifecycle APIs:
 * Update notification.
 */
import { cardType } from './card.ts';
import type { SamsungCredentials } from './credentials.ts';
import { authorization } from './tokens.ts';

export type TellOutcome =
  | { readonly type: 'told' }
  /** Told or not; telling again is harmless. */
  | { readonly type: 'retry'; readonly reason: string }
  | { readonly type: 'refused'; readonly reason: string };

export interface Update {
  readonly refId: string;
  readonly countryCode: string;
  /** Where Samsung asked to be told of this card; null for the usual address. */
  readonly callback: string | null;
  /** A UUID. */
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

export interface SamsungClientOptions {
  readonly credentials: SamsungCredentials;
  readonly fetch?: typeof globalThis.fetch;
  readonly timeoutMs?: number;
}

/** Samsung's addresses, one for each region. */
const samsungHosts = '.walletsvc.samsung.com';

/** Samsung's address for a card, if it is Samsung's: whatever else it says, nothing of ours goes there. */
function addressOf(callback: string | null, apiUrl: string): string {
  const url = callback === null ? null : URL.parse(callback);
  const isSamsungs = url?.protocol === 'https:' && url.hostname.endsWith(samsungHosts) && url.port === '';
  return url && (isSamsungs || url.origin === new URL(apiUrl).origin) ? url.origin : apiUrl;
}

export function createSamsungClient({
  credentials,
  fetch = globalThis.fetch,
  timeoutMs = 4_000,
}: SamsungClientOptions): { tellUpdated(update: Update): Promise<TellOutcome> } {
  return {
    async tellUpdated({ refId, countryCode, callback, requestId, now }) {
      const url = new URL(
        `${addressOf(callback, credentials.apiUrl)}/${countryCode}/wltex/cards/${credentials.cardId}/updates`,
      );
      const token = authorization(credentials, { method: 'POST', path: url.pathname }, refId, now);
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': 'application/json',
            'x-smcs-partner-id': credentials.partnerId,
            'x-request-id': requestId.replaceAll('-', ''),
          },
          body: JSON.stringify({ card: { type: cardType, data: [{ refId, state: 'UPDATED' }] } }),
          redirect: 'error',
          signal: AbortSignal.timeout(timeoutMs),
        });
        const text = await response.text();
        if (response.ok) return { type: 'told' };
        const reason = `Samsung answered ${response.status}: ${text.slice(0, 200)}`;
        return { type: response.status === 429 || response.status >= 500 ? 'retry' : 'refused', reason };
      } catch (error) {
        return { type: 'retry', reason: `Samsung did not answer: ${String(error)}` };
      }
    },
  };
}

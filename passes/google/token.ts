/**
 * Access tokens of a service account: an assertion that its key signed is traded for one (RFC 7523). Google's own library
 * does the same, and is as large as everything else that a function loads to tell Google of a card.
 */
import type { GoogleCredentials } from './credentials.ts';
import { signedJwt } from './jwt.ts';

const scope = 'https://www.googleapis.com/auth/wallet_object.issuer';
const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
/** How long an assertion is good for: the longest that Google takes, so that clocks may differ. */
const assertionSeconds = 3600;
/** A token lives for an hour; from here on before its end a new one is fetched. */
const renewBeforeMs = 5 * 60 * 1000;

export type TokenOutcome =
  | { readonly type: 'token'; readonly token: string }
  | { readonly type: 'retry'; readonly reason: string }
  | { readonly type: 'refused'; readonly reason: string };

export interface TokenSource {
  /** A token that is still good for some minutes, fetched when there is none. */
  get(): Promise<TokenOutcome>;
  /** Forgets the token, which Google did not accept. */
  drop(): void;
}

export interface TokenOptions {
  readonly credentials: GoogleCredentials;
  readonly fetch: typeof globalThis.fetch;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly timeoutMs: number;
}

interface Fetched {
  readonly outcome: TokenOutcome;
  /** From when on another one is fetched. */
  readonly renewAt: number;
}

export function createTokenSource(options: TokenOptions): TokenSource {
  let fetched: Promise<Fetched> | undefined;
  return {
    async get() {
      const before = fetched;
      const known = await before;
      // Whoever asks at the same time waits for the same one.
      if (fetched === before && known && options.now() >= known.renewAt) fetched = undefined;
      fetched ??= fetchToken(options);
      return (await fetched).outcome;
    },
    drop() {
      fetched = undefined;
    },
  };
}

/** Whoever called is told to try again and decides when, instead of waiting here. */
async function fetchToken({ credentials, fetch, now, timeoutMs }: TokenOptions): Promise<Fetched> {
  const { clientEmail, privateKey, tokenUri } = credentials;
  const failed = (type: 'retry' | 'refused', reason: string): Fetched => ({
    outcome: { type, reason: `No access token from ${tokenUri}: ${reason}` },
    renewAt: 0,
  });
  const at = now();
  const iat = Math.floor(at / 1000);
  const claims = { iss: clientEmail, scope, aud: tokenUri, iat, exp: iat + assertionSeconds };
  try {
    const response = await fetch(tokenUri, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: grantType, assertion: signedJwt(claims, privateKey) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const { status } = response;
    const answer = (await response.json().catch((error: unknown) => {
      if (response.ok) throw error;
      return {};
    })) as Readonly<Record<string, unknown>>;
    const { access_token: token, expires_in: seconds, error, error_description: description } = answer;
    if (response.ok)
      return typeof token === 'string'
        ? { outcome: { type: 'token', token }, renewAt: at + (Number(seconds) || 0) * 1000 - renewBeforeMs }
        : failed('refused', 'it answered without one.');
    const reason = [error ?? status, description].filter((part) => part !== undefined).join(': ');
    // A refusal of the account itself lasts; a fault or a limit on Google's side does not.
    return failed(status >= 400 && status < 500 && status !== 429 ? 'refused' : 'retry', reason);
  } catch (error) {
    return failed('retry', error instanceof Error ? error.message : String(error));
  }
}

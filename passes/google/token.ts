/** Access tokens of a service account, by Google's own library. */
import type { JWT } from 'google-auth-library';
import type { GoogleCredentials } from './credentials.ts';

const scope = 'https://www.googleapis.com/auth/wallet_object.issuer';
/** A token lives for an hour; from here on before its end a new one is fetched. */
const renewBeforeMs = 5 * 60 * 1000;
/** Whoever called is told to try again and decides when, instead of waiting here. */
const noRetries = { retry: 0, noResponseRetries: 0 };

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

export function createTokenSource(
  credentials: GoogleCredentials,
  fetch: typeof globalThis.fetch,
  timeoutMs: number,
): TokenSource {
  let account: Promise<JWT> | undefined;
  return {
    async get() {
      try {
        account ??= createAccount(credentials, fetch, timeoutMs);
        const { token } = await (await account).getAccessToken();
        return token
          ? { type: 'token', token }
          : { type: 'refused', reason: `${credentials.tokenUri} answered without an access token.` };
      } catch (error) {
        return failure(error, credentials.tokenUri);
      }
    },
    drop() {
      account = undefined;
    },
  };
}

/**
 * The library knows one token endpoint only, so a key file's own `token_uri` is put into the assertion's
 * audience and, by an interceptor, in place of the address; all that this client requests is tokens.
 */
async function createAccount(
  { clientEmail, privateKey, tokenUri }: GoogleCredentials,
  fetch: typeof globalThis.fetch,
  timeoutMs: number,
): Promise<JWT> {
  // Loaded when it is first needed: it takes 60 ms, and a function that makes links only needs none of it.
  const { JWT } = await import('google-auth-library');
  const account = new JWT({
    email: clientEmail,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    scopes: [scope],
    additionalClaims: { aud: tokenUri },
    eagerRefreshThresholdMillis: renewBeforeMs,
    transporterOptions: { fetchImplementation: fetch, timeout: timeoutMs },
  });
  account.transporter.interceptors.request.add({
    resolved: async (request) => ({ ...request, url: new URL(tokenUri), retryConfig: noRetries }),
  });
  return account;
}

function failure(error: unknown, tokenUri: string): TokenOutcome {
  const { message } = error instanceof Error ? error : new Error(String(error));
  const reason = `No access token from ${tokenUri}: ${message}`;
  const isAnswered = typeof error === 'object' && error !== null && 'status' in error;
  const status = isAnswered ? Number(error.status) : 0;
  // A refusal of the account itself lasts; a silence, a fault or a limit on Google's side does not.
  return status >= 400 && status < 500 && status !== 429
    ? { type: 'refused', reason }
    : { type: 'retry', reason };
}

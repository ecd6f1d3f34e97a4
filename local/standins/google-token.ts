import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { type Incoming, json, type Reply } from './http.ts';

export const WALLET_SCOPE = 'https://www.googleapis.com/auth/wallet_object.issuer';
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

const TOKEN_SECONDS = 3600;
/** Google takes assertions of at most an hour; how far a sender's clock may be off is not published. */
const ASSERTION_SECONDS_MAX = 3600;
const LEEWAY_SECONDS = 3600;

/** The service account's JSON file as Google hands it out, with the issuer that the account may write for. */
export interface ServiceAccount {
  type: 'service_account';
  project_id: string;
  private_key_id: string;
  private_key: string;
  client_email: string;
  client_id: string;
  token_uri: string;
  universe_domain: 'googleapis.com';
  issuerId: string;
}

/** Google's OAuth endpoint for service accounts, RFC 7523: an assertion signed by the account for a token. */
export interface TokenEndpoint {
  answer(request: Incoming): Reply;
  /** Whether the `Authorization` header holds a token of this endpoint that has not run out. */
  accepts(authorization: string | undefined): boolean;
  /** What a JWT of the account's says; undefined for one that it has not signed. */
  claims(jwt: string): Claims | undefined;
}

type Claims = Record<string, unknown>;

/**
 * Two clocks count here. A system under test takes its time from the local clock, which may stand in 2010;
 * a library that signs on its own takes the machine's. An assertion is in time, and a token alive, when it
 * is so by either.
 */
export function createTokenEndpoint(account: ServiceAccount, clock: () => number): TokenEndpoint {
  const publicKey = createPublicKey(account.private_key);
  const clocks = [clock, () => Date.now()];
  const now = () => clocks.map((read) => Math.floor(read() / 1000));
  /** Token → the second it runs out by each clock. Lost with the process, like the worker that holds it. */
  const tokens = new Map<string, number[]>();
  const isAlive = (until: number[] | undefined) =>
    now().some((second, index) => second < (until?.[index] ?? 0));

  function issue(): Reply {
    for (const [token, until] of tokens) if (!isAlive(until)) tokens.delete(token);
    const token = `ya29.${randomBytes(24).toString('base64url')}`;
    tokens.set(
      token,
      now().map((second) => second + TOKEN_SECONDS),
    );
    return json(200, { access_token: token, expires_in: TOKEN_SECONDS, token_type: 'Bearer' });
  }

  function claims(jwt: string): Claims | undefined {
    const [head = '', body = '', signature = '', ...more] = jwt.split('.');
    if (more.length > 0 || decode(head)?.['alg'] !== 'RS256') return undefined;
    const bytes = Buffer.from(signature, 'base64url');
    return verify('sha256', Buffer.from(`${head}.${body}`), publicKey, bytes) ? decode(body) : undefined;
  }

  return {
    claims,
    answer(request) {
      const form = new URLSearchParams(request.body);
      if (form.get('grant_type') !== JWT_BEARER) {
        return denied('unsupported_grant_type', `grant_type must be ${JWT_BEARER}.`);
      }
      const parts = (form.get('assertion') ?? '').split('.');
      const claims = decode(parts[1]);
      if (parts.length !== 3 || !claims) return denied('invalid_grant', 'The assertion is not a JWT.');
      if (decode(parts[0])?.['alg'] !== 'RS256')
        return denied('invalid_grant', 'The assertion must be RS256.');
      const signed = Buffer.from(`${parts[0]}.${parts[1]}`);
      const valid = verify('sha256', signed, publicKey, Buffer.from(parts[2] ?? '', 'base64url'));
      if (!valid) return denied('invalid_grant', 'Invalid JWT Signature.');
      return refuse(claims, account, now()) ?? issue();
    },
    accepts(authorization) {
      return isAlive(tokens.get(authorization?.replace(/^Bearer /, '') ?? ''));
    },
  };
}

function refuse(claims: Claims, account: ServiceAccount, seconds: number[]): Reply | undefined {
  const { iss, aud, scope, iat, exp } = claims;
  if (iss !== account.client_email)
    return denied('invalid_grant', `iss is ${iss}, not ${account.client_email}.`);
  if (aud !== account.token_uri) return denied('invalid_grant', `aud is ${aud}, not ${account.token_uri}.`);
  if (!String(scope).split(' ').includes(WALLET_SCOPE)) {
    return denied('invalid_scope', `scope is ${scope}, without ${WALLET_SCOPE}.`);
  }
  if (typeof iat !== 'number' || typeof exp !== 'number') {
    return denied('invalid_grant', 'iat and exp must be seconds since 1970.');
  }
  if (exp <= iat || exp - iat > ASSERTION_SECONDS_MAX) {
    return denied('invalid_grant', `exp must be at most ${ASSERTION_SECONDS_MAX} s after iat.`);
  }
  const inTime = seconds.some((now) => now >= iat - LEEWAY_SECONDS && now < exp + LEEWAY_SECONDS);
  return inTime
    ? undefined
    : denied('invalid_grant', `The assertion is out of time: iat ${iat}, exp ${exp}.`);
}

function decode(part: string | undefined): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Claims) : undefined;
  } catch {
    return undefined; // Not JSON, so not a JWT, which the caller says.
  }
}

function denied(error: string, description: string): Reply {
  return json(400, { error, error_description: description });
}

/** A pool of operators whose tokens are signed for real, and whatever others try in their place. */
import {
  createHash,
  createHmac,
  generateKeyPairSync,
  type KeyPairKeyObjectResult,
  randomUUID,
  sign,
} from 'node:crypto';
import { connect } from '../../functions/clients/people.ts';
import type { FindPerson } from '../../functions/kit/callers.ts';

export const issuer = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Philia123';
export const clientId = '4u1qkeo3ht7kr0bg3kdjc2q6pq';

/** RSA keys take a while, so that each is made once for all tests of a file. */
const made: KeyPairKeyObjectResult[] = [];

export interface Key extends KeyPairKeyObjectResult {
  readonly kid: string;
}

export function newKey(which: 0 | 1 | 2): Key {
  made[which] ??= generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { kid: randomUUID(), ...made[which] };
}

export type Claims = Readonly<Record<string, unknown>>;

/** What Cognito's access token of a person says. */
export function claimsOf(username: string, groups: readonly string[] | undefined, more: Claims = {}): Claims {
  const now = Math.floor(Date.now() / 1000);
  return {
    sub: subOf(username),
    ...(groups === undefined ? {} : { 'cognito:groups': groups }),
    iss: issuer,
    client_id: clientId,
    origin_jti: randomUUID(),
    token_use: 'access',
    scope: 'openid',
    auth_time: now,
    exp: now + 900,
    iat: now,
    jti: randomUUID(),
    username,
    ...more,
  };
}

/** The same person is the same in every test. */
export function subOf(username: string): string {
  const hex = createHash('sha256').update(username).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

export function signedBy({ kid, privateKey }: Key, claims: Claims, header: Claims = {}): string {
  const text = `${encoded({ kid, alg: 'RS256', ...header })}.${encoded(claims)}`;
  return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
}

/** Nobody has signed it, and it says so. */
export function unsigned({ kid }: Key, claims: Claims): string {
  return `${encoded({ kid, alg: 'none' })}.${encoded(claims)}.`;
}

/** Signed by the public key, as if it were a secret that both sides know. */
export function confused({ kid, publicKey }: Key, claims: Claims): string {
  const text = `${encoded({ kid, alg: 'HS256' })}.${encoded(claims)}`;
  const secret = publicKey.export({ type: 'spki', format: 'pem' });
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

/** What a pool publishes. */
export function jwksOf(...keys: readonly Key[]): string {
  const of = ({ kid, publicKey }: Key) => ({
    ...publicKey.export({ format: 'jwk' }),
    kid,
    alg: 'RS256',
    use: 'sig',
  });
  return JSON.stringify({ keys: keys.map(of) });
}

export function bytesOf(text: string): ArrayBuffer {
  return new TextEncoder().encode(text).buffer as ArrayBuffer;
}

let ours: Key | undefined;

/** The key of the pool that a world's tokens are of. */
export function poolKey(): Key {
  ours ??= newKey(0);
  return ours;
}

/** The access token of somebody in these groups of a world's pool. */
export function tokenOf(username: string, groups: readonly string[], more: Claims = {}): string {
  return signedBy(poolKey(), claimsOf(username, groups, more));
}

/** The people of a world. */
export function poolPeople(): FindPerson {
  return connect({ issuer, clientId, readKeys: async () => bytesOf(jwksOf(poolKey())) }, Date.now);
}

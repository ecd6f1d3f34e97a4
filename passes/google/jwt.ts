/** JSON Web Tokens as Google takes them of a service account: signed with its key (RFC 7515, RS256). */
import { type KeyObject, sign } from 'node:crypto';

export function signedJwt(claims: object, privateKey: KeyObject): string {
  const signed = `${base64url({ alg: 'RS256', typ: 'JWT' })}.${base64url(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

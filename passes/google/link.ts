/** The link behind "Add to Google Wallet". Source: Google Wallet, JSON Web Tokens for passes. */
import { sign } from 'node:crypto';
import type { GoogleCredentials } from './credentials.ts';

export interface SaveLinkInput {
  readonly credentials: Pick<GoogleCredentials, 'clientEmail' | 'privateKey'>;
  readonly objectId: string;
  readonly classId: string;
  /** The sites that show the button, as `https://example.com`. */
  readonly origins: readonly string[];
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * `https://pay.google.com/gp/v/save/<JWT>`. Browsers cut links beyond about 1,800 characters, so the token
 * names the object and holds only what a new one cannot do without; the rest comes over the API. Once the
 * object exists Google takes nothing but its id from the link, so an old link stays good.
 */
export function saveLink({ credentials, objectId, classId, origins, now }: SaveLinkInput): string {
  const claims = {
    iss: credentials.clientEmail,
    aud: 'google',
    typ: 'savetowallet',
    iat: Math.floor(now / 1000),
    origins,
    payload: { loyaltyObjects: [{ id: objectId, classId, state: 'ACTIVE' }] },
  };
  const signed = `${base64url({ alg: 'RS256', typ: 'JWT' })}.${base64url(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), credentials.privateKey).toString('base64url');
  return `https://pay.google.com/gp/v/save/${signed}.${signature}`;
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/**
 * Both sides of Samsung Wallet for tests: our secret, and Samsung's own keys with what its server does. What
 * Samsung does is written here by WebCrypto where there is one, apart from the code under test.
 */
import {
  constants,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  privateDecrypt,
  webcrypto,
} from 'node:crypto';
import { parseSamsungCredentials, type SamsungCredentials } from '../../../passes/samsung/index.ts';

const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const ours = pair();
const samsungs = pair();
const pem = (key: KeyObject, type: 'pkcs8' | 'spki') => key.export({ type, format: 'pem' }).toString();

export const secret = {
  partnerId: '4059557693262156416',
  cardId: '3glji6d406000',
  certificateId: 'YMtt',
  privateKey: pem(ours.privateKey, 'pkcs8'),
  samsungCertificate: pem(samsungs.publicKey, 'spki'),
};

export function credentialsOf(changed: object = {}): SamsungCredentials {
  const parsed = parseSamsungCredentials({ ...secret, ...changed });
  if (!parsed || 'problem' in parsed) throw new Error(parsed?.problem);
  return parsed;
}

type Json = Record<string, unknown>;
const rs256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
const bytesOf = (part: string | undefined) => new Uint8Array(Buffer.from(part ?? '', 'base64url'));
const jsonOf = (part: string | undefined): Json =>
  JSON.parse(Buffer.from(part ?? '', 'base64url').toString());

/** Opens a JWS of ours as Samsung does, by the public key of our certificate. */
export async function openJws(token: string): Promise<{ header: Json; payload: string }> {
  const [head, body, signature] = token.split('.');
  const spki = new Uint8Array(ours.publicKey.export({ type: 'spki', format: 'der' }));
  const key = await webcrypto.subtle.importKey('spki', spki, rs256, false, ['verify']);
  const signed = new TextEncoder().encode(`${head}.${body}`);
  if (!(await webcrypto.subtle.verify(rs256, key, bytesOf(signature), signed)))
    throw new Error('The signature is not that of the certificate.');
  return { header: jsonOf(head), payload: Buffer.from(bytesOf(body)).toString() };
}

/** Opens a JWE for Samsung with Samsung's private key. */
export async function openJwe(token: string): Promise<{ header: Json; text: string }> {
  const [head = '', wrapped, iv, encrypted, tag] = token.split('.');
  const header = jsonOf(head);
  const padding =
    header['alg'] === 'RSA1_5'
      ? { padding: constants.RSA_PKCS1_PADDING }
      : {
          padding: constants.RSA_PKCS1_OAEP_PADDING,
          oaepHash: header['alg'] === 'RSA-OAEP' ? 'sha1' : 'sha256',
        };
  const raw = new Uint8Array(privateDecrypt({ key: samsungs.privateKey, ...padding }, bytesOf(wrapped)));
  const key = await webcrypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['decrypt']);
  const sealed = Buffer.concat([bytesOf(encrypted), bytesOf(tag)]);
  const additionalData = new TextEncoder().encode(head);
  const algorithm = { name: 'AES-GCM', iv: bytesOf(iv), additionalData };
  const plain = await webcrypto.subtle.decrypt(algorithm, key, new Uint8Array(sealed));
  return { header, text: new TextDecoder().decode(plain) };
}

/** Card data as Samsung reads it: signed by us, then encrypted for Samsung. */
export async function openCardData(cdata: string) {
  const { header, payload } = await openJws(cdata);
  const { header: inner, text } = await openJwe(payload);
  return { header, inner, card: JSON.parse(text) };
}

export interface RequestToken {
  readonly header?: Json;
  readonly payload?: Json;
  readonly by?: 'samsung' | 'somebody';
}

const somebody = pair();

/** The token of a request of Samsung's, as its documentation says; `header` and `payload` change it. */
export async function requestToken(
  method: 'GET' | 'POST',
  path: string,
  now: number,
  { header = {}, payload = {}, by = 'samsung' }: RequestToken = {},
): Promise<string> {
  const { certificateId, partnerId } = secret;
  const head = { alg: 'RS256', cty: 'AUTH', ver: '3', certificateId, partnerId, utc: now, ...header };
  const body = { API: { method, path }, ...payload };
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${encode(head)}.${encode(body)}`;
  const { privateKey } = by === 'samsung' ? samsungs : somebody;
  const pkcs8 = new Uint8Array(privateKey.export({ type: 'pkcs8', format: 'der' }));
  const key = await webcrypto.subtle.importKey('pkcs8', pkcs8, rs256, false, ['sign']);
  const signature = await webcrypto.subtle.sign(rs256, key, new TextEncoder().encode(input));
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
}

export const samsungPublicKey: KeyObject = createPublicKey(secret.samsungCertificate);

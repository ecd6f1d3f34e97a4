/**
 * The two forms of token that Samsung takes, in compact serialisation: JWS (RFC 7515) signed with RS256, and
 * JWE (RFC 7516) with A128GCM. Samsung's documentation wraps the content key with RSA1_5, which the usual
 * library has dropped, so both are made of Node's own primitives here.
 */
import {
  constants,
  createCipheriv,
  type KeyObject,
  publicEncrypt,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';

/** How a JWE's content key is wrapped, by its name in RFC 7518. */
export const keyAlgorithms = ['RSA1_5', 'RSA-OAEP', 'RSA-OAEP-256'] as const;
export type KeyAlgorithm = (typeof keyAlgorithms)[number];

const wrapping = {
  RSA1_5: { padding: constants.RSA_PKCS1_PADDING },
  'RSA-OAEP': { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
  'RSA-OAEP-256': { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
} as const satisfies Record<KeyAlgorithm, object>;

export function base64url(value: string | Buffer): string {
  return Buffer.from(value as string).toString('base64url');
}

/** A JWE of a text for the holder of the private key. */
export function encrypt(text: string, publicKey: KeyObject, alg: KeyAlgorithm): string {
  const contentKey = randomBytes(16);
  const iv = randomBytes(12);
  const header = base64url(JSON.stringify({ alg, enc: 'A128GCM' }));
  const cipher = createCipheriv('aes-128-gcm', contentKey, iv).setAAD(Buffer.from(header));
  const encrypted = Buffer.concat([cipher.update(text), cipher.final()]);
  const wrapped = publicEncrypt({ key: publicKey, ...wrapping[alg] }, contentKey);
  return [header, ...[wrapped, iv, encrypted, cipher.getAuthTag()].map(base64url)].join('.');
}

/** A JWS of a text, its header as given and its algorithm RS256. */
export function signed(header: object, text: string, privateKey: KeyObject): string {
  const input = `${base64url(JSON.stringify({ alg: 'RS256', ...header }))}.${base64url(text)}`;
  return `${input}.${base64url(sign('sha256', Buffer.from(input), privateKey))}`;
}

type Json = Readonly<Record<string, unknown>>;

/** What a JWS says, if its algorithm is RS256 and its signature is the key's. */
export function opened(token: string, publicKey: KeyObject): { header: Json; payload: Json } | undefined {
  const [head = '', body = '', signature = '', ...more] = token.split('.');
  const header = parse(head);
  // The algorithm is ours to choose: a token that chose its own could choose none.
  if (more.length > 0 || header?.['alg'] !== 'RS256') return undefined;
  const isGenuine = verify(
    'sha256',
    Buffer.from(`${head}.${body}`),
    publicKey,
    Buffer.from(signature, 'base64url'),
  );
  const payload = isGenuine ? parse(body) : undefined;
  return payload && { header, payload };
}

function parse(part: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined; // Not JSON, so not a token.
  }
}

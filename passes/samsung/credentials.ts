/** What Samsung gives a brand that issues cards: a partner, a card template, and certificates both ways. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { type KeyAlgorithm, keyAlgorithms } from './jose.ts';

export interface SamsungCredentials {
  /** As the Partners Portal shows them. */
  readonly partnerId: string;
  readonly cardId: string;
  readonly certificateId: string;
  /** Signs what we send: the key of the certificate request that Samsung signed. */
  readonly privateKey: KeyObject;
  /** Samsung's own: encrypts what only Samsung may read, and proves what Samsung signed. */
  readonly samsungKey: KeyObject;
  /** Where updates go until Samsung has said so for a card. */
  readonly apiUrl: string;
  readonly countryCode: string;
  /** Where the link that adds a card begins. */
  readonly linkUrl: string;
  readonly keyAlgorithm: KeyAlgorithm;
  /** How old, or how far ahead of our clock, a token of Samsung's may be. */
  readonly tokenSeconds: number;
  /** The attributes of a loyalty card that show the points. */
  readonly balanceAttributes: readonly string[];
}

const defaults = {
  apiUrl: 'https://tsapi-card.walletsvc.samsung.com',
  countryCode: 'US',
  linkUrl: 'https://a.swallet.link',
  keyAlgorithm: 'RSA1_5',
  tokenSeconds: 300,
  balanceAttributes: ['balance', 'amount'],
} as const;
const needed = ['partnerId', 'cardId', 'certificateId', 'privateKey', 'samsungCertificate'];
const fields = [...needed, ...Object.keys(defaults)];

/**
 * Reads the secret `{ partnerId, cardId, certificateId, privateKey, samsungCertificate }`, the last two in
 * PEM, with whatever differs from the defaults.
 * @returns null for `{}`, which means that Samsung is not configured; else the credentials, or every problem
 *   found, each a sentence
 */
export function parseSamsungCredentials(
  secret: unknown,
): SamsungCredentials | { readonly problem: string } | null {
  if (!isRecord(secret))
    return { problem: `Samsung's secret must be a JSON object, not ${JSON.stringify(secret)}.` };
  if (Object.keys(secret).length === 0) return null;
  const { partnerId, cardId, certificateId, privateKey: privatePem, samsungCertificate } = secret;
  const given = { ...defaults, ...secret };
  const { apiUrl, countryCode, linkUrl, keyAlgorithm, tokenSeconds, balanceAttributes } = given;
  const privateKey = readKey(() => createPrivateKey(String(privatePem)));
  const samsungKey = readKey(() => createPublicKey(String(samsungCertificate)));
  const algorithm = keyAlgorithms.find((one) => one === keyAlgorithm);
  const problems = [
    ...Object.keys(secret)
      .filter((name) => !fields.includes(name))
      .map((name) => `Samsung's secret has the unknown field ${name}; known are ${fields.join(', ')}.`),
    ...wrong('partnerId', partnerId, isId(partnerId), 'as the Partners Portal shows it'),
    ...wrong('cardId', cardId, isId(cardId), 'as the Partners Portal shows it'),
    ...wrong('certificateId', certificateId, isId(certificateId), 'as the Partners Portal shows it'),
    ...wrong('apiUrl', apiUrl, isUrl(apiUrl), 'a URL'),
    ...wrong('linkUrl', linkUrl, isUrl(linkUrl), 'a URL'),
    ...wrong('countryCode', countryCode, /^[A-Za-z]{2}$/.test(String(countryCode)), 'two letters'),
    ...wrong('keyAlgorithm', keyAlgorithm, algorithm !== undefined, `one of ${keyAlgorithms.join(', ')}`),
    ...wrong('tokenSeconds', tokenSeconds, Number(tokenSeconds) > 0, 'a number of seconds'),
    ...wrong('balanceAttributes', balanceAttributes, isNames(balanceAttributes), 'a list of names'),
    // The value of a key that is wrong stays out of the message, for it may be right but for a letter.
    ...(privateKey ? [] : ["privateKey of Samsung's secret is not an unencrypted RSA key in PEM."]),
    ...(samsungKey
      ? []
      : ["samsungCertificate of Samsung's secret is not an RSA certificate or key in PEM."]),
  ];
  if (!privateKey || !samsungKey || !algorithm || problems.length > 0) return { problem: problems.join(' ') };
  return {
    partnerId: String(partnerId),
    cardId: String(cardId),
    certificateId: String(certificateId),
    privateKey,
    samsungKey,
    apiUrl: withoutSlash(String(apiUrl)),
    countryCode: String(countryCode),
    linkUrl: withoutSlash(String(linkUrl)),
    keyAlgorithm: algorithm,
    tokenSeconds: Number(tokenSeconds),
    balanceAttributes: balanceAttributes as readonly string[],
  };
}

function wrong(field: string, value: unknown, isRight: boolean, wanted: string): string[] {
  return isRight ? [] : [`${field} of Samsung's secret is ${JSON.stringify(value)}, but must be ${wanted}.`];
}

function isId(value: unknown): boolean {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(value);
}

function isUrl(value: unknown): boolean {
  return typeof value === 'string' && /^https?:\/\/\S+$/.test(value) && URL.canParse(value);
}

function isNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== '');
}

function withoutSlash(url: string): string {
  return url.replace(/\/$/, '');
}

function readKey(read: () => KeyObject): KeyObject | undefined {
  try {
    const key = read();
    return key.asymmetricKeyType === 'rsa' ? key : undefined;
  } catch {
    return undefined; // The caller names the field; the reason could quote the key.
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

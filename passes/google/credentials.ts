/** What Google gives a brand that issues Wallet passes: an issuer id, and a service account that may write for it. */
import { createPrivateKey, type KeyObject } from 'node:crypto';

export interface GoogleCredentials {
  /** Digits, as the Google Pay & Wallet Console shows it. */
  readonly issuerId: string;
  readonly clientEmail: string;
  readonly privateKey: KeyObject;
  /** Where the account trades a signed assertion for an access token. */
  readonly tokenUri: string;
  /** The API's root, without `/` at the end; `/walletobjects/v1/…` lies under it. */
  readonly walletUrl: string;
  /** Where Google publishes the root keys that its callbacks go back to. */
  readonly callbackKeysUrl: string;
}

const googleToken = 'https://oauth2.googleapis.com/token';
const googleWallet = 'https://walletobjects.googleapis.com';
const googleCallbackKeys = 'https://pay.google.com/gp/m/issuer/keys';
const fields = ['issuerId', 'serviceAccount', 'walletUrl', 'callbackKeysUrl'];

/**
 * Reads the secret `{ issuerId, serviceAccount, walletUrl?, callbackKeysUrl? }`, whose `serviceAccount` is the JSON key file as
 * Google hands it out; of it `client_email`, `private_key` and `token_uri` are read.
 *
 * @returns null for `{}`, which means that Google is not configured; else the credentials, or every problem
 *   found, each a sentence
 */
export function parseGoogleCredentials(
  secret: unknown,
): GoogleCredentials | { readonly problem: string } | null {
  if (!isRecord(secret))
    return { problem: `Google's secret must be a JSON object, not ${JSON.stringify(secret)}.` };
  if (Object.keys(secret).length === 0) return null;
  const { issuerId, serviceAccount, walletUrl = googleWallet } = secret;
  const { callbackKeysUrl = googleCallbackKeys } = secret;
  const account = isRecord(serviceAccount) ? serviceAccount : {};
  const { client_email: clientEmail, private_key: pem, token_uri: tokenUri = googleToken } = account;
  const privateKey = readKey(pem);
  const problems = [
    ...Object.keys(secret)
      .filter((name) => !fields.includes(name))
      .map((name) => `Google's secret has the unknown field ${name}; known are ${fields.join(', ')}.`),
    ...wrong('issuerId', issuerId, isDigits(issuerId), 'a text of digits, as the Wallet Console shows it'),
    ...wrong(
      'serviceAccount',
      typeof serviceAccount,
      isRecord(serviceAccount),
      'the key file, a JSON object',
    ),
    ...wrong('serviceAccount.client_email', clientEmail, isEmail(clientEmail), "the account's address"),
    ...wrong('serviceAccount.token_uri', tokenUri, isUrl(tokenUri), 'a URL'),
    ...wrong('walletUrl', walletUrl, isUrl(walletUrl), 'a URL'),
    ...wrong('callbackKeysUrl', callbackKeysUrl, isUrl(callbackKeysUrl), 'a URL'),
    // The value of a key that is wrong stays out of the message, for it may be right but for a letter.
    ...(privateKey ? [] : ['serviceAccount.private_key is not an unencrypted RSA key in PEM.']),
  ];
  if (!privateKey || problems.length > 0) return { problem: problems.join(' ') };
  return {
    issuerId: String(issuerId),
    clientEmail: String(clientEmail),
    privateKey,
    tokenUri: String(tokenUri),
    walletUrl: String(walletUrl).replace(/\/$/, ''),
    callbackKeysUrl: String(callbackKeysUrl),
  };
}

function wrong(field: string, value: unknown, isRight: boolean, wanted: string): string[] {
  return isRight ? [] : [`${field} of Google's secret is ${JSON.stringify(value)}, but must be ${wanted}.`];
}

function isDigits(value: unknown): boolean {
  return typeof value === 'string' && /^\d+$/.test(value);
}

function isEmail(value: unknown): boolean {
  return typeof value === 'string' && /^[^\s@]+@[^\s@]+$/.test(value);
}

function isUrl(value: unknown): boolean {
  return typeof value === 'string' && /^https?:\/\/\S+$/.test(value) && URL.canParse(value);
}

function readKey(pem: unknown): KeyObject | undefined {
  try {
    const key = createPrivateKey(String(pem));
    return key.asymmetricKeyType === 'rsa' ? key : undefined;
  } catch {
    return undefined; // The caller names the field; the reason could quote the key.
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Google's word that a card was saved or deleted, and whether it is Google's. Source: Google Wallet, Use
 * callbacks for saves and deletions; Google Pay, Payment data cryptography, for protocol ECv2SigningOnly.
 *
 * Google's root keys sign an intermediate key, which signs the message; both signatures are ECDSA on P-256
 * with SHA-256, over parts that each have their length in bytes before them, in four bytes, little-endian.
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { idSchema, type MemberId } from '../../core/contract/ids.ts';
import type { GoogleCallback } from '../../core/contract/shapes/wallet.ts';
import { classIdOf } from './loyalty.ts';

const sender = 'GooglePayPasses';
const protocol = 'ECv2SigningOnly';

/** A line of Google's published list; the expiry is in epoch milliseconds, as text. */
export interface RootKey {
  readonly keyValue: string;
  readonly protocolVersion: string;
  readonly keyExpiration: string;
}

export interface CallbackMessage {
  readonly classId: string;
  readonly objectId: string;
  readonly eventType: 'save' | 'del';
  /** Epoch milliseconds. */
  readonly expTimeMillis: number;
  readonly nonce: string;
}

export type CallbackOutcome =
  | { readonly type: 'verified'; readonly message: CallbackMessage }
  /** No root key given signed the intermediate key: a forgery, or a list that is out of date. */
  | { readonly type: 'unknown_root' }
  | { readonly type: 'forged'; readonly reason: string };

export interface CallbackCheck {
  readonly rootKeys: readonly RootKey[];
  /** Ours, from the configuration: what the message says of itself proves nothing. */
  readonly issuerId: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

export function verifyCallback(callback: GoogleCallback, check: CallbackCheck): CallbackOutcome {
  const { rootKeys, issuerId, now } = check;
  const { protocolVersion, intermediateSigningKey, signature, signedMessage } = callback;
  if (protocolVersion !== protocol) return forged(`The protocol is ${protocolVersion}, not ${protocol}.`);
  const { signedKey, signatures } = intermediateSigningKey;
  const keyBytes = lengthPrefixed(sender, protocol, signedKey);
  const isRooted = rootKeys
    .filter((key) => key.protocolVersion === protocol && Number(key.keyExpiration) > now)
    .some((key) => signatures.some((one) => isSignedBy(key.keyValue, keyBytes, one)));
  if (!isRooted) return { type: 'unknown_root' };
  const intermediate = parse(signedKey);
  if (!(Number(intermediate['keyExpiration']) > now)) return forged('The intermediate key has expired.');
  const messageBytes = lengthPrefixed(sender, issuerId, protocol, signedMessage);
  if (!isSignedBy(String(intermediate['keyValue']), messageBytes, signature))
    return forged('The message is not signed by the intermediate key for this issuer.');
  const message = messageOf(parse(signedMessage));
  if (!message) return forged('The message lacks a field, or its event is unknown.');
  if (message.expTimeMillis <= now) return forged('The message has expired.');
  return { type: 'verified', message };
}

function forged(reason: string): CallbackOutcome {
  return { type: 'forged', reason };
}

/** The member whose object of our class a message is about; undefined for any other object. */
export function memberOfCallback(issuerId: string, message: CallbackMessage): MemberId | undefined {
  if (message.classId !== classIdOf(issuerId) || !message.objectId.startsWith(`${issuerId}.`))
    return undefined;
  return idSchema('member').safeParse(message.objectId.slice(issuerId.length + 1)).data;
}

function lengthPrefixed(...parts: readonly string[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
}

/** @param keyValue the public key's DER (X.509), in base64 as the signature is */
function isSignedBy(keyValue: string, bytes: Buffer, signature: string): boolean {
  const key = readKey(keyValue);
  return key !== undefined && verify('sha256', bytes, key, Buffer.from(signature, 'base64'));
}

/** Undefined for what is no key on P-256. */
function readKey(keyValue: string): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(keyValue, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined;
  } catch {
    return undefined; // Whoever wrote it signed nothing that is taken here.
  }
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {}; // Lacks every field, and is refused for it.
  }
}

function messageOf(value: Readonly<Record<string, unknown>>): CallbackMessage | undefined {
  const { classId, objectId, eventType, nonce } = value;
  const expTimeMillis = Number(value['expTimeMillis']);
  if (typeof classId !== 'string' || typeof objectId !== 'string') return undefined;
  if (typeof nonce !== 'string' || nonce === '' || !Number.isSafeInteger(expTimeMillis)) return undefined;
  if (eventType !== 'save' && eventType !== 'del') return undefined;
  return { classId, objectId, eventType, expTimeMillis, nonce };
}

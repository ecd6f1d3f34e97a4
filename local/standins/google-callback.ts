/**
 * Google's side of the callbacks that tell an issuer of cards saved and deleted: the published root keys, and
 * messages signed as Google signs them. Source: Google Wallet, Use callbacks for saves and deletions; Google
 * Pay, Payment data cryptography (protocol ECv2SigningOnly).
 */
import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { json, type Reply } from './http.ts';

export const SENDER = 'GooglePayPasses';
export const PROTOCOL = 'ECv2SigningOnly';

const HOUR = 3_600_000;
/** The list is good for a week, an intermediate key for a day, a message for an hour. */
const ROOT_MS = 168 * HOUR;
const INTERMEDIATE_MS = 24 * HOUR;
const MESSAGE_MS = HOUR;

export interface CallbackEvent {
  classId: string;
  objectId: string;
  eventType: 'save' | 'del';
}

/** What Google posts. */
export interface SignedCallback {
  protocolVersion: string;
  signature: string;
  intermediateSigningKey: { signedKey: string; signatures: string[] };
  signedMessage: string;
}

/** What a test may have otherwise than Google would. */
export interface Otherwise {
  protocolVersion?: string;
  issuerId?: string;
  keyExpiration?: number;
  expTimeMillis?: number;
  nonce?: string;
  /** Signs the intermediate key in place of the published root. */
  rootKey?: KeyObject;
}

export interface CallbackSigner {
  /** `GET /gp/m/issuer/keys`. */
  keys(): Reply;
  sign(event: CallbackEvent, otherwise?: Otherwise): SignedCallback;
}

/** @param clock epoch milliseconds */
export function createCallbackSigner(issuerId: string, clock: () => number): CallbackSigner {
  const root = newKeys();
  const intermediate = newKeys();
  return {
    keys: () => {
      const keyExpiration = String(clock() + ROOT_MS);
      return json(200, {
        keys: [{ keyValue: publicValue(root.publicKey), protocolVersion: PROTOCOL, keyExpiration }],
      });
    },
    sign: (event, otherwise = {}) => {
      const { protocolVersion = PROTOCOL, rootKey = root.privateKey } = otherwise;
      const signedKey = JSON.stringify({
        keyValue: publicValue(intermediate.publicKey),
        keyExpiration: String(otherwise.keyExpiration ?? clock() + INTERMEDIATE_MS),
      });
      const signedMessage = JSON.stringify({
        ...event,
        expTimeMillis: otherwise.expTimeMillis ?? clock() + MESSAGE_MS,
        count: 1,
        nonce: otherwise.nonce ?? randomUUID(),
      });
      const recipient = otherwise.issuerId ?? issuerId;
      return {
        protocolVersion,
        signature: signature(intermediate.privateKey, SENDER, recipient, protocolVersion, signedMessage),
        intermediateSigningKey: {
          signedKey,
          signatures: [signature(rootKey, SENDER, protocolVersion, signedKey)],
        },
        signedMessage,
      };
    },
  };
}

function newKeys(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
}

function publicValue(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'der' }).toString('base64');
}

/** ECDSA over the parts, each with its length in bytes before it: four bytes, little-endian. */
function signature(key: KeyObject, ...parts: string[]): string {
  const bytes = parts.map((part) => Buffer.from(part, 'utf8'));
  const prefixed = bytes.flatMap((part) => [Buffer.from(new Uint32Array([part.length]).buffer), part]);
  return sign('sha256', Buffer.concat(prefixed), key).toString('base64');
}

/** Callbacks signed as Google signs them, and every way of forging one. */
import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createCallbackSigner,
  type Otherwise,
  type SignedCallback,
} from '../../../local/standins/google-callback.ts';
import { memberOfCallback, type RootKey, verifyCallback } from '../../../passes/google/index.ts';
import { ana, check } from '../views.ts';

const issuerId = '3388000000012345678';
const now = Date.parse('2026-11-22T10:00:00Z');
const signer = createCallbackSigner(issuerId, () => now);
const rootKeys = (JSON.parse(signer.keys().body) as { keys: RootKey[] }).keys;
const event = {
  classId: `${issuerId}.philia`,
  objectId: `${issuerId}.${ana.memberId}`,
  eventType: 'save' as const,
};
const signed = (otherwise: Otherwise = {}) => signer.sign(event, otherwise);
const outcomeOf = (callback: SignedCallback, changed: object = {}) =>
  verifyCallback(callback, { rootKeys, issuerId, now, ...changed });

describe('a callback of Google’s', () => {
  it.each(['save', 'del'] as const)('is taken: %s', (eventType) => {
    const callback = signer.sign({ ...event, eventType }, { nonce: 'n1' });
    expect(outcomeOf(callback)).toEqual({
      type: 'verified',
      message: { ...event, eventType, nonce: 'n1', expTimeMillis: now + 3_600_000 },
    });
  });

  it('is taken when any of the keys’ signatures is by a root key that is published', () => {
    const callback = signed();
    callback.intermediateSigningKey.signatures.unshift('AAAA');
    const stale = { ...(rootKeys[0] as RootKey), keyValue: 'AAAA' };
    expect(outcomeOf(callback, { rootKeys: [stale, ...rootKeys] }).type).toBe('verified');
  });
});

describe('a forged callback is refused', () => {
  const foreign = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const expiry = (keyExpiration: number) =>
    rootKeys.map((key) => ({ ...key, keyExpiration: `${keyExpiration}` }));

  it.each<[string, () => ReturnType<typeof outcomeOf>, string]>([
    ['signed for another issuer', () => outcomeOf(signed({ issuerId: '3388000000099999999' })), 'forged'],
    [
      'that is genuine, but another issuer’s',
      () => {
        const other = '3388000000099999999';
        const theirs = { classId: `${other}.philia`, objectId: `${other}.${ana.memberId}` };
        return outcomeOf(signer.sign({ ...event, ...theirs }, { issuerId: other }));
      },
      'forged',
    ],
    ['with an intermediate key that has expired', () => outcomeOf(signed({ keyExpiration: now })), 'forged'],
    ['that has expired', () => outcomeOf(signed({ expTimeMillis: now })), 'forged'],
    ['of another protocol', () => outcomeOf(signed({ protocolVersion: 'ECv2' })), 'forged'],
    [
      'by a root key that nobody published',
      () => outcomeOf(signed({ rootKey: foreign.privateKey })),
      'unknown_root',
    ],
    ['by a root key that has expired', () => outcomeOf(signed(), { rootKeys: expiry(now) }), 'unknown_root'],
    [
      'by a root key of another protocol',
      () => outcomeOf(signed(), { rootKeys: rootKeys.map((key) => ({ ...key, protocolVersion: 'ECv2' })) }),
      'unknown_root',
    ],
    ['where no root key is known', () => outcomeOf(signed(), { rootKeys: [] }), 'unknown_root'],
    ['without a nonce', () => outcomeOf(signed({ nonce: '' })), 'forged'],
    [
      'of an event that does not exist',
      () => outcomeOf(signer.sign({ ...event, eventType: 'stolen' as 'save' })),
      'forged',
    ],
    ['without a signature', () => outcomeOf({ ...signed(), signature: '' }), 'forged'],
  ])('%s', (_, outcome, type) => {
    expect(outcome().type).toBe(type);
  });

  it('with one byte changed anywhere in what is signed or signs', () => {
    const places: readonly ((callback: SignedCallback, change: (text: string) => string) => void)[] = [
      (callback, change) => {
        callback.signedMessage = change(callback.signedMessage);
      },
      (callback, change) => {
        callback.intermediateSigningKey.signedKey = change(callback.intermediateSigningKey.signedKey);
      },
      (callback, change) => {
        callback.protocolVersion = change(callback.protocolVersion);
      },
      (callback, change) => {
        callback.signature = changedBytes(callback.signature, change);
      },
      (callback, change) => {
        const [first = ''] = callback.intermediateSigningKey.signatures;
        callback.intermediateSigningKey.signatures = [changedBytes(first, change)];
      },
    ];
    check(
      fc.property(
        fc.constantFrom(...places),
        fc.nat(400),
        fc.integer({ min: 1, max: 127 }),
        (place, at, by) => {
          const callback = signed();
          place(callback, (text) => flipped(text, at, by));
          expect(outcomeOf(callback).type).not.toBe('verified');
        },
      ),
      500,
    );
  });

  it('whose message is one of two that were both signed, with the signature of the other', () => {
    const [one, other] = [signed(), signed()];
    expect(outcomeOf({ ...one, signedMessage: other.signedMessage }).type).toBe('forged');
  });
});

function flipped(text: string, at: number, by: number): string {
  const bytes = Buffer.from(text, 'latin1');
  bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ by;
  return bytes.toString('latin1');
}

/** A signature is base64 of bytes: its bytes are what is changed, for not every text is base64. */
function changedBytes(base64: string, change: (text: string) => string): string {
  const bytes = Buffer.from(base64, 'base64').toString('latin1');
  return Buffer.from(change(bytes), 'latin1').toString('base64');
}

describe('the member of a callback', () => {
  const message = { ...event, expTimeMillis: now, nonce: 'n' };

  it('is the one whose object it is', () => {
    expect(memberOfCallback(issuerId, message)).toBe(ana.memberId);
  });

  it.each([
    { classId: `${issuerId}.gift-cards` },
    { objectId: `3388000000099999999.${ana.memberId}` },
    { objectId: `${issuerId}.mem_` },
    { objectId: issuerId },
  ])('is nobody for %j', (changed) => {
    expect(memberOfCallback(issuerId, { ...message, ...changed })).toBeUndefined();
  });
});

import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseAppleCredentials } from '../../../passes/apple/index.ts';
import { type Chain, makeChain } from './chain.ts';

const now = Date.parse('2026-11-22T10:00:00Z');
let chain: Chain;
let other: Chain;
beforeAll(async () => {
  [chain, other] = await Promise.all([
    makeChain({ leafUntil: '2027-06-01', wwdrUntil: '2027-05-01' }),
    makeChain(),
  ]);
});

function secret() {
  const { certificate, privateKey, wwdr } = chain;
  return {
    passTypeIdentifier: 'pass.test.philia',
    teamIdentifier: 'TEAM000001',
    certificate,
    privateKey,
    wwdr,
  };
}

function problemOf(changed: object, at = now): string {
  const parsed = parseAppleCredentials({ ...secret(), ...changed }, at);
  if (parsed === null || !('problem' in parsed)) throw new Error('There is no problem.');
  return parsed.problem;
}

describe("Apple's credentials", () => {
  it('are taken when they fit, with Apple as the push service and the earlier expiry of both certificates', () => {
    expect(parseAppleCredentials(secret(), now)).toMatchObject({
      passTypeIdentifier: 'pass.test.philia',
      teamIdentifier: 'TEAM000001',
      pushUrl: 'https://api.push.apple.com',
      pushType: 'background',
      notAfter: Date.parse('2027-05-01'),
    });
  });

  it('keep what is optional', () => {
    const pushUrl = 'https://127.0.0.1:4000';
    const optional = { organizationName: 'Maison', pushUrl, pushCa: chain.root, pushType: 'alert' };
    expect(parseAppleCredentials({ ...secret(), ...optional }, now)).toMatchObject(optional);
  });

  it('are not configured when the secret is empty', () => {
    expect(parseAppleCredentials({}, now)).toBeNull();
  });

  it.each([null, 'text', []])('are a problem when the secret is %j', (value) => {
    expect(parseAppleCredentials(value, now)).toEqual({
      problem: `Apple's secret must be a JSON object, not ${JSON.stringify(value)}.`,
    });
  });

  it('name every field that is missing, unknown or empty', () => {
    expect(parseAppleCredentials({ wwdr: '', passTypeIdentifer: 'x' }, now)).toEqual({
      problem: expect.stringMatching(
        /unknown field passTypeIdentifer; known are .*lacks the field passTypeIdentifier\..*lacks the field privateKey\..*wwdr of Apple's secret must be a text that is not empty/,
      ),
    });
  });

  it('name the pass type of the certificate and that of the secret', () => {
    expect(problemOf({ passTypeIdentifier: 'pass.other' })).toBe(
      "The pass certificate's pass type (UID) is pass.test.philia, but the secret says pass.other.",
    );
  });

  it('name the team of the certificate and that of the secret', () => {
    expect(problemOf({ teamIdentifier: 'OTHER' })).toBe(
      "The pass certificate's team (OU) is TEAM000001, but the secret says OTHER.",
    );
  });

  it('say when which certificate expired, to the second', () => {
    expect(problemOf({}, Date.parse('2027-05-01'))).toBe(
      'The WWDR certificate expired at 2027-05-01T00:00:00.000Z; it is 2027-05-01T00:00:00.000Z.',
    );
    expect(problemOf({}, Date.parse('2028-01-01'))).toMatch(
      /^The pass certificate expired at 2027-06-01.* The WWDR certificate expired at 2027-05-01/,
    );
    expect(parseAppleCredentials(secret(), Date.parse('2027-05-01') - 1)).not.toHaveProperty('problem');
  });

  it('say that a certificate is not valid yet', () => {
    expect(problemOf({}, Date.parse('2019-01-01'))).toMatch(
      /pass certificate is valid only from 2020-01-01T00:00:00.000Z; it is 2019/,
    );
  });

  it('notice a key of another certificate, which the phone would not explain', () => {
    expect(problemOf({ privateKey: other.privateKey })).toBe(
      'The private key does not belong to the pass certificate: their public keys differ.',
    );
  });

  it('take RSA keys only', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    expect(problemOf({ privateKey: pem })).toBe(
      'The private key is of type ec, but passes are signed by an RSA key.',
    );
  });

  it('notice an intermediate of the right name that did not issue the certificate', () => {
    expect(problemOf({ wwdr: other.wwdr })).toBe(
      'The certificate in wwdr (CN=Test Developer Relations, O=Test) did not issue the pass certificate, whose issuer is CN=Test Developer Relations, O=Test.',
    );
  });

  it('name what is not PEM, and never quote the key', () => {
    const problem = problemOf({ certificate: 'x', wwdr: 'y', privateKey: 'secret stuff' });
    expect(problem).toBe(
      "The field certificate of Apple's secret is not a certificate in PEM. The field wwdr of Apple's secret is not a certificate in PEM. The field privateKey of Apple's secret is not an unencrypted key in PEM.",
    );
  });

  it('name an authority of the push service that is not PEM', () => {
    expect(problemOf({ pushCa: 'x' })).toBe(
      "The field pushCa of Apple's secret is not a certificate in PEM.",
    );
  });

  it('take the push types that Apple knows', () => {
    expect(problemOf({ pushType: 'loud' })).toBe(
      'pushType is loud, but must be one of alert, background, complication, controls, fileprovider, liveactivity, location, mdm, pushtotalk, voip, widgets.',
    );
  });

  it('push over TLS only', () => {
    expect(problemOf({ pushUrl: 'http://127.0.0.1:1' })).toBe(
      'pushUrl is http://127.0.0.1:1, but must be https://<host>.',
    );
  });
});

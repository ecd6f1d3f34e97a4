import { createPrivateKey, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { createSigner, type Signer } from '../../../passes/apple/cms.ts';
import { oid } from '../../../passes/apple/der.ts';
import { type Chain, makeChain } from './chain.ts';
import { isInstalled, runWith } from './openssl.ts';

const now = Date.parse('2026-11-22T10:20:30Z');
const content = Buffer.from('{"pass.json":"da39a3ee5e6b4b0d3255bfef95601890afd80709"}');
let chain: Chain;
let sign: Signer;
beforeAll(async () => {
  chain = await makeChain();
  sign = createSigner({
    certificate: new X509Certificate(chain.certificate),
    wwdr: new X509Certificate(chain.wwdr),
    privateKey: createPrivateKey(chain.privateKey),
  });
});

describe.skipIf(!isInstalled('openssl', 'version'))('a signature, to OpenSSL', () => {
  const files = (signature: Buffer, signed = content) => ({
    signature,
    content: signed,
    'root.pem': chain.root,
  });
  const verification = '-verify -in signature -inform DER -content content -binary -CAfile root.pem'.split(
    ' ',
  );

  it.each(['smime', 'cms'])('is valid for openssl %s with nothing but the root known', (command) => {
    expect(runWith(files(sign(content, now)), 'openssl', command, ...verification)).toBe(content.toString());
  });

  it('is invalid for any other content', () => {
    const forged = files(sign(content, now), Buffer.from(`${content} `));
    expect(() => runWith(forged, 'openssl', 'cms', ...verification)).toThrow(/digest|verification failure/i);
  });

  it('carries the signing time, as UTCTime up to 2049 and as GeneralizedTime after', () => {
    const print = 'cms -cmsout -print -noout -inform DER -in signature'.split(' ');
    expect(runWith(files(sign(content, now)), 'openssl', ...print)).toContain(
      'UTCTIME:Nov 22 10:20:30 2026 GMT',
    );
    const later = sign(content, Date.parse('2050-01-01T00:00:00Z'));
    expect(runWith(files(later), 'openssl', ...print)).toContain('GENERALIZEDTIME:Jan  1 00:00:00 2050 GMT');
    expect(runWith(files(later), 'openssl', 'cms', ...verification)).toBe(content.toString());
  });

  it('is strict DER: written out again by OpenSSL it has the same bytes', () => {
    const signature = sign(content, now);
    const base64 = runWith(
      files(signature),
      ...'openssl cms -cmsout -inform DER -in signature -outform PEM'.split(' '),
    );
    expect(Buffer.from(base64.replace(/-----.*-----/g, ''), 'base64').equals(signature)).toBe(true);
  });
});

describe('a signature', () => {
  it('is the same for the same content and time, and another for another', () => {
    expect(sign(content, now).equals(sign(content, now))).toBe(true);
    expect(sign(content, now).equals(sign(content, now + 1000))).toBe(false);
    expect(sign(content, now).equals(sign(Buffer.from('other'), now))).toBe(false);
  });

  it('does not contain what it signs', () => {
    expect(sign(content, now).includes(content)).toBe(false);
  });
});

describe('an object identifier', () => {
  it('is encoded as in the example of X.690 8.19.5 and with long components', () => {
    expect(oid('2.100.3').toString('hex')).toBe('0603813403');
    expect(oid('1.2.840.113549.1.7.2').toString('hex')).toBe('06092a864886f70d010702');
  });
});

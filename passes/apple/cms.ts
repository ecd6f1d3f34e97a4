/**
 * A pass's signature: CMS SignedData (RFC 5652) over the manifest, which it does not contain, with the
 * signing certificate and its issuer. Digests are SHA-256, the key is RSA (PKCS #1 v1.5).
 */
import { createHash, type KeyObject, sign, type X509Certificate } from 'node:crypto';
import {
  children,
  element,
  explicit,
  generalizedTimeTag,
  implicit,
  nothing,
  octets,
  oid,
  sequence,
  setOf,
  smallInteger,
  utcTimeTag,
} from './der.ts';

/** RFC 5652 sections 4, 5 and 11; RFC 8017 (RSA); RFC 5754 (SHA-256). */
const data = oid('1.2.840.113549.1.7.1');
const signedData = oid('1.2.840.113549.1.7.2');
const contentType = oid('1.2.840.113549.1.9.3');
const messageDigest = oid('1.2.840.113549.1.9.4');
const signingTime = oid('1.2.840.113549.1.9.5');
const sha256 = sequence(oid('2.16.840.1.101.3.4.2.1'), nothing);
const rsa = sequence(oid('1.2.840.113549.1.1.1'), nothing);
const version1 = smallInteger(1);

export interface SigningIdentity {
  readonly certificate: X509Certificate;
  readonly privateKey: KeyObject;
  /** The certificate that issued `certificate`. */
  readonly wwdr: X509Certificate;
}

/** Gives the signature of `content`, signed at an epoch time in milliseconds; the same for the same both. */
export type Signer = (content: Uint8Array, signedAt: number) => Buffer;

/**
 * From one pass to the next only the digest, the time and the RSA value change, so everything else is
 * encoded once, here.
 */
export function createSigner({ certificate, privateKey, wwdr }: SigningIdentity): Signer {
  const beforeSigner = Buffer.concat([
    version1,
    setOf(sha256),
    sequence(data),
    implicit(0, setOf(certificate.raw, wwdr.raw)),
  ]);
  const beforeAttributes = Buffer.concat([version1, issuerAndSerialNumber(certificate), sha256]);
  const isData = sequence(contentType, setOf(data));

  return (content, signedAt) => {
    const digest = createHash('sha256').update(content).digest();
    const attributes = setOf(
      isData,
      sequence(messageDigest, setOf(octets(digest))),
      sequence(signingTime, setOf(time(signedAt))),
    );
    // The signature covers the attributes as a SET OF, though they are sent under the tag [0].
    const signature = octets(sign('sha256', attributes, privateKey));
    const signer = sequence(beforeAttributes, implicit(0, attributes), rsa, signature);
    return sequence(signedData, explicit(0, sequence(beforeSigner, setOf(signer))));
  };
}

/** The certificate's issuer and serial number, byte for byte: that is how a verifier finds it. */
function issuerAndSerialNumber(certificate: X509Certificate): Buffer {
  const [toBeSigned] = children(certificate.raw);
  const fields = toBeSigned ? children(toBeSigned) : [];
  // RFC 5280: [0] version (absent from version 1), serial number, signature algorithm, issuer, …
  const [serialNumber, , issuer] = fields[0]?.[0] === 0xa0 ? fields.slice(1) : fields;
  if (!serialNumber || !issuer) throw new Error('The certificate has no issuer and serial number.');
  return sequence(issuer, serialNumber);
}

/** RFC 5652 section 11.3: UTCTime to the end of 2049, GeneralizedTime from then on, in whole seconds. */
function time(epochMs: number): Buffer {
  const digits = new Date(epochMs)
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replace(/\D/g, '');
  const isShort = digits < '2050';
  return element(
    isShort ? utcTimeTag : generalizedTimeTag,
    Buffer.from(`${isShort ? digits.slice(2) : digits}Z`, 'latin1'),
  );
}

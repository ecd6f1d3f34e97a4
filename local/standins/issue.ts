import { randomBytes, webcrypto } from 'node:crypto';
import { type Certificates, PASS_TYPE_IDENTIFIER, TEAM_IDENTIFIER } from './certificates.ts';

// The library's dependency-injection container refuses to load without the Reflect metadata proposal, which
// it consults for constructor parameters; none of the library's classes has any, so "no metadata" is true.
if (!('getMetadata' in Reflect)) {
  Object.assign(Reflect, { getMetadata: () => undefined, getOwnMetadata: () => undefined });
}
const x509 = await import('@peculiar/x509');

type Extension = InstanceType<typeof x509.Extension>;
type Certificate = InstanceType<typeof x509.X509Certificate>;
type Name = { [attribute: string]: string[] }[];

const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
};

// OpenSSL judges validity by the machine's clock while the local clock may stand at any date, in 2010 as in
// 2040. 2049 is the last year that X.509 writes as UTCTime, which every reader understands.
const VALIDITY = { notBefore: new Date('2000-01-01T00:00:00Z'), notAfter: new Date('2049-12-31T23:59:59Z') };

/** Object identifiers of RFC 5280 and of Apple's certificate policy, with what they mark. */
const OID = {
  userId: '0.9.2342.19200300.100.1.1',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  applePolicy: '1.2.840.113635.100.5.1',
  applePassSigning: '1.2.840.113635.100.4.14',
  applePassTypeMarker: '1.2.840.113635.100.6.1.16',
  appleLeafMarker: '1.2.840.113635.100.6.3.2',
  appleWwdrMarker: '1.2.840.113635.100.6.2.1',
};

const ROOT_NAME: Name = [{ CN: ['Philia Local Root CA'] }, { O: ['Philia Local'] }, { C: ['FR'] }];
const WWDR_NAME: Name = [
  { CN: ['Philia Local Developer Relations Certification Authority'] },
  { OU: ['G4'] },
  { O: ['Philia Local'] },
  { C: ['FR'] },
];
const PASS_NAME: Name = [
  { [OID.userId]: [PASS_TYPE_IDENTIFIER] },
  { CN: [`Pass Type ID: ${PASS_TYPE_IDENTIFIER}`] },
  { OU: [TEAM_IDENTIFIER] },
  { O: ['Philia Local'] },
  { C: ['FR'] },
];
const SERVER_NAME: Name = [{ CN: ['localhost'] }, { O: ['Philia Local'] }, { C: ['FR'] }];

/** Makes the whole chain and the service account's key; the keys are generated side by side. */
export async function issueCertificates(): Promise<Certificates> {
  const [rootKeys, wwdrKeys, passKeys, serverKeys, serviceAccountKeys] = await Promise.all([
    newKeys(),
    newKeys(),
    newKeys(),
    newKeys(),
    newKeys(),
  ]);
  const root = await issue({ subject: ROOT_NAME, keys: rootKeys, extensions: authority() });
  const signedByRoot = { certificate: root, key: rootKeys.privateKey };
  const [wwdr, server] = await Promise.all([
    issue({ subject: WWDR_NAME, keys: wwdrKeys, issuer: signedByRoot, extensions: intermediate() }),
    issue({ subject: SERVER_NAME, keys: serverKeys, issuer: signedByRoot, extensions: tlsServer() }),
  ]);
  const signedByWwdr = { certificate: wwdr, key: wwdrKeys.privateKey };
  const pass = await issue({
    subject: PASS_NAME,
    keys: passKeys,
    issuer: signedByWwdr,
    extensions: passLeaf(),
  });
  return {
    root: root.toString('pem'),
    wwdr: wwdr.toString('pem'),
    passCertificate: pass.toString('pem'),
    passKey: await privatePem(passKeys),
    serverCertificate: server.toString('pem'),
    serverKey: await privatePem(serverKeys),
    serviceAccountKey: await privatePem(serviceAccountKeys),
  };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(RSA, true, ['sign', 'verify']);
}

async function privatePem(keys: webcrypto.CryptoKeyPair): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
}

interface Issue {
  subject: Name;
  keys: webcrypto.CryptoKeyPair;
  /** Absent: the certificate signs itself. */
  issuer?: { certificate: Certificate; key: webcrypto.CryptoKey };
  extensions: Extension[];
}

async function issue({ subject, keys, issuer, extensions }: Issue): Promise<Certificate> {
  const identifiers = [await x509.SubjectKeyIdentifierExtension.create(keys.publicKey)];
  const authorityKey = issuer?.certificate.publicKey ?? keys.publicKey;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject,
    issuer: issuer?.certificate.subjectName ?? subject,
    publicKey: keys.publicKey,
    signingKey: issuer?.key ?? keys.privateKey,
    signingAlgorithm: RSA,
    ...VALIDITY,
    extensions: [
      ...extensions,
      ...identifiers,
      await x509.AuthorityKeyIdentifierExtension.create(authorityKey),
    ],
  });
  return certificate;
}

/** 16 bytes that read as a positive number, as RFC 5280 asks. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

const { digitalSignature, keyEncipherment, keyCertSign, cRLSign } = x509.KeyUsageFlags;

function authority(): Extension[] {
  return [
    new x509.BasicConstraintsExtension(true, undefined, true),
    new x509.KeyUsagesExtension(keyCertSign | cRLSign, true),
  ];
}

function intermediate(): Extension[] {
  return [
    new x509.BasicConstraintsExtension(true, 0, true),
    new x509.KeyUsagesExtension(keyCertSign | cRLSign, true),
    new x509.Extension(OID.appleWwdrMarker, false, derNull()),
  ];
}

/**
 * What Apple's Pass Type ID certificates carry, as published ones show: the pass-signing purpose, the pass
 * type in a marker extension, and client authentication, since the same certificate opens the push
 * connection. Two differences are meant: there are no addresses of revocation lists, for nothing answers
 * there, and e-mail protection is a purpose too, so that a plain `openssl smime -verify` accepts a pass.
 */
function passLeaf(): Extension[] {
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([OID.clientAuth, OID.applePassSigning, OID.emailProtection]),
    new x509.CertificatePolicyExtension([OID.applePolicy]),
    new x509.Extension(OID.applePassTypeMarker, false, derUtf8(PASS_TYPE_IDENTIFIER)),
    new x509.Extension(OID.appleLeafMarker, false, derNull()),
  ];
}

function tlsServer(): Extension[] {
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(digitalSignature | keyEncipherment, true),
    new x509.ExtendedKeyUsageExtension([OID.serverAuth]),
    new x509.SubjectAlternativeNameExtension([
      { type: 'dns', value: 'localhost' },
      { type: 'ip', value: '127.0.0.1' },
    ]),
  ];
}

function derNull(): Uint8Array<ArrayBuffer> {
  return new Uint8Array([0x05, 0x00]);
}

/** DER UTF8String of fewer than 128 bytes, whose length is one byte. */
function derUtf8(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > 127)
    throw new RangeError(`"${text}" is longer than the 127 bytes of a short DER string.`);
  return new Uint8Array([0x0c, bytes.length, ...bytes]);
}

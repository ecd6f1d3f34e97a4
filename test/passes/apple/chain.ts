/** A root, an intermediate like Apple's WWDR and a Pass Type ID leaf, made for one test file. */
import { webcrypto } from 'node:crypto';

// The library's container wants the Reflect metadata proposal at load; none of its classes has any.
if (!('getMetadata' in Reflect))
  Object.assign(Reflect, { getMetadata: () => undefined, getOwnMetadata: () => undefined });
const x509 = await import('@peculiar/x509');

const rsa = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
};
const userId = '0.9.2342.19200300.100.1.1';
const emailProtection = '1.3.6.1.5.5.7.3.4';
const clientAuth = '1.3.6.1.5.5.7.3.2';

type Name = { [attribute: string]: string[] }[];

export interface ChainOptions {
  readonly passType?: string;
  readonly team?: string;
  readonly leafUntil?: string;
  readonly wwdrUntil?: string;
}

export interface Chain {
  readonly root: string;
  readonly wwdr: string;
  readonly certificate: string;
  readonly privateKey: string;
  /** PEM of a server certificate for 127.0.0.1 under the same root, with its key. */
  readonly server: { readonly certificate: string; readonly privateKey: string };
}

export async function makeChain(options: ChainOptions = {}): Promise<Chain> {
  const { passType = 'pass.test.philia', team = 'TEAM000001' } = options;
  const { leafUntil = '2060-01-01', wwdrUntil = '2060-01-01' } = options;
  const [rootKeys, wwdrKeys, leafKeys, serverKeys] = await Promise.all([keys(), keys(), keys(), keys()]);
  const rootName: Name = [{ CN: ['Test Root'] }];
  const wwdrName: Name = [{ CN: ['Test Developer Relations'] }, { O: ['Test'] }];
  const leafName: Name = [{ [userId]: [passType] }, { CN: [`Pass Type ID: ${passType}`] }, { OU: [team] }];
  const authority = [new x509.BasicConstraintsExtension(true, undefined, true)];
  const root = await issue(rootName, rootName, rootKeys, rootKeys, '2060-01-01', authority);
  const wwdr = await issue(wwdrName, rootName, wwdrKeys, rootKeys, wwdrUntil, authority);
  const leaf = await issue(leafName, wwdrName, leafKeys, wwdrKeys, leafUntil, [
    new x509.ExtendedKeyUsageExtension([emailProtection, clientAuth]),
  ]);
  const server = await issue([{ CN: ['localhost'] }], rootName, serverKeys, rootKeys, '2060-01-01', [
    new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }]),
  ]);
  return {
    root,
    wwdr,
    certificate: leaf,
    privateKey: await pem(leafKeys),
    server: { certificate: server, privateKey: await pem(serverKeys) },
  };
}

function keys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(rsa, true, ['sign', 'verify']);
}

async function pem({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY');
}

async function issue(
  subject: Name,
  issuer: Name,
  own: webcrypto.CryptoKeyPair,
  signer: webcrypto.CryptoKeyPair,
  until: string,
  extensions: InstanceType<typeof x509.Extension>[],
): Promise<string> {
  const certificate = await x509.X509CertificateGenerator.create({
    subject,
    issuer,
    publicKey: own.publicKey,
    signingKey: signer.privateKey,
    signingAlgorithm: rsa,
    notBefore: new Date('2020-01-01'),
    notAfter: new Date(until),
    extensions,
  });
  return certificate.toString('pem');
}

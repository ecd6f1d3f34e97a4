import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Certificates, loadOrCreateCertificates } from '../../../local/standins/certificates.ts';

let dir: string;
let certificates: Certificates;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'philia-certificates-'));
  certificates = await loadOrCreateCertificates(dir);
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

const file = (name: string) => join(dir, 'certificates', name);

function signManifest(): { manifest: string; signature: string } {
  const manifest = join(dir, 'manifest.json');
  const signature = join(dir, 'signature');
  writeFileSync(manifest, '{"pass.json":"0000000000000000000000000000000000000000"}');
  execFileSync('openssl', [
    ...['smime', '-sign', '-binary', '-outform', 'DER', '-in', manifest, '-out', signature],
    ...['-signer', file('pass.pem'), '-inkey', file('pass.key'), '-certfile', file('wwdr.pem')],
  ]);
  return { manifest, signature };
}

function verifySignature(trusted: string): { status: number | null; stderr: string } {
  const { manifest, signature } = signManifest();
  return spawnSync(
    'openssl',
    ['smime', '-verify', '-inform', 'DER', '-in', signature, '-content', manifest, '-CAfile', trusted],
    { encoding: 'utf8' },
  );
}

describe('the chain of a pass signature', () => {
  test('a signature by the leaf with the intermediate is accepted by openssl under the root alone', () => {
    const { status, stderr } = verifySignature(file('root.pem'));
    expect(stderr).toContain('Verification successful');
    expect(status).toBe(0);
  });

  test('and refused under any other certificate', () => {
    const { status, stderr } = verifySignature(file('server.pem'));
    expect(stderr).toContain('Verification failure');
    expect(status).not.toBe(0);
  });

  test('each certificate is signed by the one above it', () => {
    const [root, wwdr, pass, server] = [
      certificates.root,
      certificates.wwdr,
      certificates.passCertificate,
      certificates.serverCertificate,
    ].map((pem) => new X509Certificate(pem)) as [
      X509Certificate,
      X509Certificate,
      X509Certificate,
      X509Certificate,
    ];
    expect(pass.verify(wwdr.publicKey) && pass.checkIssued(wwdr)).toBe(true);
    expect(wwdr.verify(root.publicKey) && wwdr.checkIssued(root)).toBe(true);
    expect(server.verify(root.publicKey) && server.checkIssued(root)).toBe(true);
    expect(root.verify(root.publicKey)).toBe(true);
    expect(pass.ca).toBe(false);
  });

  test('every certificate is RSA-2048 and valid wherever the local clock may stand', () => {
    const { root, wwdr, passCertificate, serverCertificate } = certificates;
    for (const pem of [root, wwdr, passCertificate, serverCertificate]) {
      const certificate = new X509Certificate(pem);
      expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
      expect(certificate.validFromDate.toISOString()).toBe('2000-01-01T00:00:00.000Z');
      expect(certificate.validToDate.toISOString()).toBe('2049-12-31T23:59:59.000Z');
    }
  });
});

describe('the Pass Type ID certificate', () => {
  test('names pass type, team and purposes where Apple does', () => {
    const text = execFileSync('openssl', ['x509', '-noout', '-text', '-in', file('pass.pem')], {
      encoding: 'utf8',
    });
    expect(text).toMatch(
      /Subject: UID ?= ?pass\.example\.philia, CN ?= ?Pass Type ID: pass\.example\.philia, OU ?= ?PHILIA0000/,
    );
    expect(text).toContain('Signature Algorithm: sha256WithRSAEncryption');
    expect(text).toMatch(
      /Extended Key Usage: \n.*TLS Web Client Authentication, 1\.2\.840\.113635\.100\.4\.14/,
    );
    expect(text).toMatch(/1\.2\.840\.113635\.100\.6\.1\.16: \n\s+\.\.pass\.example\.philia/);
    expect(text).toMatch(/Policy: 1\.2\.840\.113635\.100\.5\.1/);
  });
});

describe('the folder', () => {
  test('holds private keys that only their owner can read', () => {
    for (const name of readdirSync(join(dir, 'certificates'))) {
      expect(statSync(file(name)).mode & 0o777, name).toBe(0o600);
    }
  });

  test('gives the same certificates at the next start', async () => {
    expect(await loadOrCreateCertificates(dir)).toEqual(certificates);
  });

  test('that lost a file is named, and nothing is made anew over it', async () => {
    const damaged = mkdtempSync(join(tmpdir(), 'philia-certificates-'));
    await loadOrCreateCertificates(damaged);
    rmSync(join(damaged, 'certificates', 'wwdr.pem'));
    await expect(loadOrCreateCertificates(damaged)).rejects.toThrow(/certificates lacks wwdr\.pem/);
    rmSync(damaged, { recursive: true });
  });
});

import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartFailure } from '../failure.ts';

/** What Apple would have issued to the brand: the pass type is the certificate's UID, the team its OU. */
export const PASS_TYPE_IDENTIFIER = 'pass.example.philia';
export const TEAM_IDENTIFIER = 'PHILIA0000';

/**
 * The local run's own public key infrastructure, every field a PEM.
 *
 * `passCertificate` ← `wwdr` ← `root` is the chain of a pass signature; `serverCertificate` ← `root` is the
 * push service's. The private keys of `root` and `wwdr` are forgotten once they have signed: nothing more
 * can ever be issued under a root that somebody may have installed on a test phone.
 */
export interface Certificates {
  root: string;
  wwdr: string;
  passCertificate: string;
  passKey: string;
  serverCertificate: string;
  serverKey: string;
  /** The Google service account's RSA key, which belongs to no certificate. */
  serviceAccountKey: string;
}

const FILES: Record<keyof Certificates, string> = {
  root: 'root.pem',
  wwdr: 'wwdr.pem',
  passCertificate: 'pass.pem',
  passKey: 'pass.key',
  serverCertificate: 'server.pem',
  serverKey: 'server.key',
  serviceAccountKey: 'google-service-account.key',
};

/**
 * Reads `<dir>/certificates`, making it first where it is missing (about a third of a second). They are made
 * once and kept: a phone, a test or a pass that trusted them yesterday must still do so after a restart.
 */
export async function loadOrCreateCertificates(dir: string): Promise<Certificates> {
  const folder = join(dir, 'certificates');
  return (await load(folder)) ?? (await create(dir, folder));
}

/** Undefined when the folder does not exist; a folder that lacks a file is somebody's mistake and is said so. */
async function load(folder: string): Promise<Certificates | undefined> {
  const names = Object.keys(FILES) as (keyof Certificates)[];
  const read = names.map((name) => readFile(join(folder, FILES[name]), 'utf8'));
  const contents = await Promise.allSettled(read);
  const missing = names.filter((_, index) => contents[index]?.status === 'rejected');
  if (missing.length === names.length) return undefined;
  if (missing.length > 0) {
    const files = missing.map((name) => FILES[name]).join(', ');
    throw new StartFailure(
      `${folder} lacks ${files}: restore it, or remove the whole folder to have new ones made.`,
    );
  }
  const pairs = names.map((name, index) => [name, settled(contents[index])] as const);
  return Object.fromEntries(pairs) as Record<keyof Certificates, string>;
}

function settled(result: PromiseSettledResult<string> | undefined): string {
  return result?.status === 'fulfilled' ? result.value : '';
}

/** Written aside and renamed, so that a process killed half-way leaves no folder instead of half a chain. */
async function create(dir: string, folder: string): Promise<Certificates> {
  // The X.509 library takes 80 ms to load and only the first start needs it.
  const { issueCertificates } = await import('./issue.ts');
  const certificates = await issueCertificates();
  const aside = join(dir, `certificates.${process.pid}.tmp`);
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true, mode: 0o700 });
  for (const [name, file] of Object.entries(FILES)) {
    await writeFile(join(aside, file), certificates[name as keyof Certificates], { mode: 0o600 });
  }
  await rename(aside, folder);
  return certificates;
}

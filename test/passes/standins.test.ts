/**
 * Both clients against the servers that stand in for Apple and Google in the local run, which were written
 * apart from them and from the same documentation.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPushService } from '../../local/standins/apns.ts';
import { PASS_TYPE_IDENTIFIER, TEAM_IDENTIFIER } from '../../local/standins/certificates.ts';
import { startGoogle } from '../../local/standins/google.ts';
import { issueCertificates } from '../../local/standins/issue.ts';
import { openStore } from '../../local/standins/store.ts';
import { createPassBuilder, createPusher, parseAppleCredentials } from '../../passes/apple/index.ts';
import {
  createGoogleClient,
  loyaltyClass,
  loyaltyObject,
  parseGoogleCredentials,
} from '../../passes/google/index.ts';
import { loadRasterizer } from '../../passes/strip/raster.ts';
import { unzip } from './apple/read.ts';
import { ana, links } from './views.ts';

const now = Date.parse('2026-11-22T10:00:00Z');
const clock = () => now;
const folder = mkdtempSync(join(tmpdir(), 'philia-test-'));
const store = openStore(folder);
const certificates = await issueCertificates();
let apns: Awaited<ReturnType<typeof startPushService>>;
let google: Awaited<ReturnType<typeof startGoogle>>;

beforeAll(async () => {
  apns = await startPushService({ certificates, store, clock, port: 0 });
  const { serviceAccountKey } = certificates;
  google = await startGoogle({ store, serviceAccountKey, clock, port: 0 });
});

afterAll(async () => {
  await Promise.all([apns.close(), google.close()]);
  store.close();
  rmSync(folder, { recursive: true });
});

function appleCredentials() {
  const parsed = parseAppleCredentials(
    {
      passTypeIdentifier: PASS_TYPE_IDENTIFIER,
      teamIdentifier: TEAM_IDENTIFIER,
      certificate: certificates.passCertificate,
      privateKey: certificates.passKey,
      wwdr: certificates.wwdr,
      pushUrl: apns.url,
      pushCa: certificates.root,
    },
    now,
  );
  if (!parsed || 'problem' in parsed) throw new Error(parsed?.problem);
  return parsed;
}

describe("Apple's stand-in", () => {
  it('has certificates that sign a pass', async () => {
    const links_ = { webServiceUrl: 'http://127.0.0.1:3000/apple', authenticationToken: 'A'.repeat(22) };
    const pass = createPassBuilder(appleCredentials(), await loadRasterizer()).build(
      { view: ana, links, ...links_ },
      now,
    );
    expect(unzip(pass).has('signature')).toBe(true);
  });

  it('takes pushes, and a device that is gone is seen to be', async () => {
    const pusher = createPusher({ credentials: appleCredentials() });
    expect(await pusher.push('abc123')).toEqual({ type: 'accepted' });
    apns.respond({ pushToken: 'abc123', status: 410, reason: 'Unregistered' });
    expect(await pusher.push('abc123')).toEqual({ type: 'gone', since: now });
    apns.respond({ pushToken: 'abc123', status: 503, reason: 'ServiceUnavailable' });
    expect((await pusher.push('abc123')).type).toBe('retry');
    expect((await pusher.push('not/a/token')).type).toBe('gone');
    expect(store.list('push').map(({ topic }) => topic)).toEqual(Array(3).fill(PASS_TYPE_IDENTIFIER));
    await pusher.close();
  });
});

describe("Google's stand-in", () => {
  it('takes the class and objects, each first new and then changed', async () => {
    const { serviceAccount, walletUrl } = google;
    const { issuerId } = serviceAccount;
    const credentials = parseGoogleCredentials({ issuerId, serviceAccount, walletUrl });
    if (!credentials || 'problem' in credentials) throw new Error(credentials?.problem);
    const client = createGoogleClient({ credentials, pace: async () => undefined, now: Date.now });
    const publicUrl = 'https://philia.example';
    for (const programName of ['Maison', 'Maison Philia'])
      expect(await client.upsertClass(loyaltyClass({ programName, issuerId, publicUrl }))).toEqual({
        type: 'written',
        notified: false,
      });

    const object = loyaltyObject(ana, links, issuerId);
    expect(await client.upsertObject(object, { notify: false })).toMatchObject({ type: 'written' });
    expect(google.object(object.id)).toMatchObject(object);

    const bare = { ...ana, name: null, balance: { available: 7, pending: 0, held: 0, debt: 0 } };
    const changed = loyaltyObject({ ...bare, expiring: [], stamps: [] }, links, issuerId);
    const written = [];
    for (let index = 0; index < 4; index++)
      written.push(await client.upsertObject(changed, { notify: true }));
    expect(written.map((outcome) => outcome.type === 'written' && outcome.notified)).toEqual([
      true,
      true,
      true,
      false,
    ]);
    const held = google.object(object.id);
    expect(held).toMatchObject({ loyaltyPoints: { balance: { int: 7 } } });
    expect(held).not.toHaveProperty('accountName');
    expect(held).not.toHaveProperty('secondaryLoyaltyPoints');
    expect(held?.['textModulesData']).toEqual(changed.textModulesData);
  });
});

/** A ledger in memory and the server that stands in for Google, as the functions meet them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import type { MemberId } from '../../core/contract/ids.ts';
import type { Program } from '../../core/program.ts';
import type { Deps } from '../../functions/deps.ts';
import { googleLink } from '../../functions/wallets/google-card.ts';
import { getMember, recordPurchase } from '../../ledger/ledger.ts';
import { fromItem, keys } from '../../ledger/store/items.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { type GoogleWallet, startGoogle } from '../../local/standins/google.ts';
import { issueCertificates } from '../../local/standins/issue.ts';
import { type Store as OutsideStore, openStore } from '../../local/standins/store.ts';
import { newMember, putInForce } from './histories.ts';
import { aPurchase, defaultProgram, noon, testContext } from './world.ts';

export interface GoogleRig {
  google: GoogleWallet;
  outside: OutsideStore;
  /** The time, for everything. */
  now: number;
}

/** The stand-in on a free port, for the tests of one file. */
export function useGoogle(): GoogleRig {
  const folder = mkdtempSync(join(tmpdir(), 'philia-google-'));
  const rig = { now: noon } as GoogleRig;
  beforeAll(async () => {
    const { serviceAccountKey } = await issueCertificates();
    rig.outside = openStore(folder);
    rig.google = await startGoogle({ store: rig.outside, serviceAccountKey, clock: () => rig.now, port: 0 });
  });
  afterAll(async () => {
    await rig.google.close();
    rig.outside.close();
    rmSync(folder, { recursive: true });
  });
  return rig;
}

let worlds = 0;

/** A system of its own with one member; `fresh` gives the dependencies of another instance of it. */
export async function googleWorld(rig: GoogleRig) {
  const store = createMemoryStore();
  const ledger = { ...testContext(store), sleep: async () => void (await sleep(0)) };
  let program: Program = defaultProgram();
  await putInForce(ledger, program);
  const memberId = await newMember(ledger, program);
  const warnings: unknown[] = [];
  const lags: [metric: string, seconds: number][] = [];
  const { serviceAccount, walletUrl, callbackKeysUrl } = rig.google;
  const { issuerId } = serviceAccount;
  const fresh = (): Deps => {
    // Credentials are kept for as long as the secret stays what it is: another text is another instance.
    const secret = { issuerId, serviceAccount, walletUrl, callbackKeysUrl: `${callbackKeysUrl}?${++worlds}` };
    return {
      ledger,
      now: () => rig.now,
      publicUrl: 'https://philia.example',
      door: async () => true,
      measure: async (...measured: [string, number]) => void lags.push(measured),
      program: async () => program,
      walletSecret: async () => secret,
      logger: { warn: (...said: unknown[]) => warnings.push(said), error: () => undefined },
    } as unknown as Deps;
  };
  return {
    deps: fresh(),
    fresh,
    ledger,
    memberId,
    warnings,
    lags,
    objectId: `${issuerId}.${memberId}`,
    classId: `${issuerId}.philia`,
    program: () => program,
    /** The link, as the card's page leads to it. */
    link: async (deps: Deps): Promise<string> => {
      const member = await getMember(ledger, memberId);
      const link = member && (await googleLink(deps, program, member));
      if (!link) throw new Error('There is no link for somebody who has left.');
      return link;
    },
    change: (changed: Partial<Program>) => {
      program = { ...program, ...changed, version: program.version + 1 };
    },
    /** Earns a point for each 100. */
    buy: (amountMinor: number, more: object = {}) => {
      const occurredAt = new Date(rig.now - 60_000).toISOString();
      const purchase = { ...aPurchase([amountMinor], { member: { memberId }, ...more }), occurredAt };
      return recordPurchase(ledger, program, purchase, rig.now);
    },
    /** How many requests to Google's API were let through so far. */
    turns: async () => {
      const item = await store.get(keys.turn('google'));
      return item ? fromItem(item, 'turn').revision : 0;
    },
    points: () => pointsOf(rig, `${issuerId}.${memberId}`),
    notices: () => rig.outside.get('notices', `${issuerId}.${memberId}`)?.length ?? 0,
  };
}

/** The points that Google shows for an object. */
export function pointsOf({ google }: GoogleRig, objectId: string): number | undefined {
  const points = google.object(objectId)?.['loyaltyPoints'] as { balance: { int: number } } | undefined;
  return points?.balance.int;
}

export type World = Awaited<ReturnType<typeof googleWorld>>;
export type { MemberId };

/** A system of which only Apple's side is there: the ledger in memory, and the stand-in for Apple's pushes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { MemberId } from '../../core/contract/ids.ts';
import type { Program } from '../../core/program.ts';
import type { Deps } from '../../functions/deps.ts';
import { getAccount, recordPurchase, registerDevice } from '../../ledger/ledger.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { startPushService } from '../../local/standins/apns.ts';
import {
  type Certificates,
  PASS_TYPE_IDENTIFIER,
  TEAM_IDENTIFIER,
} from '../../local/standins/certificates.ts';
import { issueCertificates } from '../../local/standins/issue.ts';
import { openStore } from '../../local/standins/store.ts';
import { newMember } from '../support/histories.ts';
import { aPurchase, defaultProgram, noon, testContext } from '../support/world.ts';

export const passType = PASS_TYPE_IDENTIFIER;

function secretOf(certificates: Certificates, pushUrl: string) {
  const { passCertificate: certificate, passKey: privateKey, wwdr, root: pushCa } = certificates;
  const ids = { passTypeIdentifier: PASS_TYPE_IDENTIFIER, teamIdentifier: TEAM_IDENTIFIER };
  return { ...ids, certificate, privateKey, wwdr, pushUrl, pushCa };
}

export async function openAppleWorld() {
  const certificates = await issueCertificates();
  const folder = await mkdtemp(join(tmpdir(), 'philia-test-'));
  const outside = openStore(folder);
  const apns = await startPushService({ certificates, store: outside, clock: () => world.at, port: 0 });
  const store = createMemoryStore();
  const slept: number[] = [];
  const logged: unknown[][] = [];
  const lags: [metric: string, seconds: number][] = [];
  const log = (...line: unknown[]) => logged.push(line);
  const world = {
    /** Epoch milliseconds, as everybody here sees them. */
    at: noon,
    program: defaultProgram() as Program,
    secret: secretOf(certificates, apns.url) as unknown,
  };
  const deps = {
    now: () => world.at,
    monotonic: () => slept.reduce((sum, one) => sum + one, 0),
    sleep: async (milliseconds: number) => {
      slept.push(milliseconds);
      world.at += milliseconds;
    },
    ledger: testContext(store),
    logger: { error: log, warn: log },
    publicUrl: 'https://philia.example',
    door: async () => true,
    measure: async (...measured: [string, number]) => void lags.push(measured),
    program: async () => world.program,
    walletSecret: async () => world.secret,
  } as unknown as Deps;
  return {
    world,
    deps,
    store,
    certificates,
    apns,
    slept,
    logged,
    lags,
    secretFor: (pushUrl: string) => secretOf(certificates, pushUrl),
    pushes: () => outside.list('push').map(({ pushToken }) => pushToken),
    newMember: () => newMember(deps.ledger, world.program),
    async buy(memberId: MemberId, amountMinor = 100): Promise<number> {
      await recordPurchase(
        deps.ledger,
        world.program,
        aPurchase([amountMinor], { member: { memberId } }),
        world.at,
      );
      return versionOf(deps, memberId);
    },
    async register(memberId: MemberId, device: string, pushToken: string, type = passType): Promise<void> {
      const wanted = { memberId, device, passType: type, pushToken };
      await registerDevice(deps.ledger, wanted, await versionOf(deps, memberId), world.at);
    },
    spyOn: (name: 'get' | 'query') => vi.spyOn(deps.ledger.store, name),
    async close() {
      await apns.close();
      outside.close();
      await rm(folder, { recursive: true });
    },
  };
}

export type AppleWorld = Awaited<ReturnType<typeof openAppleWorld>>;

export async function versionOf(deps: Deps, memberId: MemberId): Promise<number> {
  const account = await getAccount(deps.ledger, memberId);
  if (!account) throw new Error(`${memberId} has no account.`);
  return account.version;
}

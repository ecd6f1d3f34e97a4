/**
 * The ceilings of wallets, from the code's own constants and from what its own requests cost: how many links a second
 * can be given out, and how many changes a second reach Google, of those who have the card there and of everybody else.
 * `node test/scale/wallets.ts` prints them.
 */
import { generateKeyPairSync } from 'node:crypto';
import type { Deps } from '../../functions/deps.ts';
import { betweenRequestsMs } from '../../functions/wallets/google.ts';
import { googleLink } from '../../functions/wallets/google-card.ts';
import { enrol, type Member, noteGoogleClass, putProgram } from '../../ledger/ledger.ts';
import { itemBytes } from '../../ledger/store/limits.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { keyOf, type Store } from '../../ledger/store/store.ts';
import { defaultProgram, noon, testContext } from '../support/world.ts';

export interface Ceiling {
  readonly path: string;
  readonly perSecond: number;
  /** What scale.md asks for; null where it names no number. */
  readonly wanted: number | null;
  /** What it is bound by. */
  readonly bound: string;
}

/** DynamoDB, per partition key; a transaction costs double. Source: AWS, Service quotas of DynamoDB. */
const writeUnitsMax = 1000;
const readUnitsMax = 3000;
const kilobyte = 1024;
const readBytes = 4096;

interface Load {
  read: number;
  written: number;
}

/** A store that adds up the units of each partition. */
function metered(store: Store, loads: Map<string, Load>): Store {
  const load = (pk: string): Load => {
    const known = loads.get(pk) ?? { read: 0, written: 0 };
    loads.set(pk, known);
    return known;
  };
  return {
    ...store,
    async get(key) {
      const item = await store.get(key);
      load(key.pk).read += Math.max(1, Math.ceil((item ? itemBytes(item) : 0) / readBytes));
      return item;
    },
    async query(pk, range) {
      const items = await store.query(pk, range);
      const bytes = items.reduce((sum, item) => sum + itemBytes(item), 0);
      load(pk).read += Math.max(1, Math.ceil(bytes / readBytes));
      return items;
    },
    async transact(writes) {
      for (const write of writes) {
        const bytes = 'put' in write ? itemBytes(write.put) : 1;
        load(keyOf(write).pk).written += 2 * Math.ceil(bytes / kilobyte);
      }
      return store.transact(writes);
    },
  };
}

/** What a system needs to give out links; a request to Google is an error, for none may come. */
function means(ledger: Deps['ledger']): Deps {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const address = 'wallet@example.iam.gserviceaccount.com';
  // Nobody listens at this port.
  const serviceAccount = { client_email: address, private_key: privateKey, token_uri: 'http://127.0.0.1:9' };
  const secret = { issuerId: '3388000000012345678', serviceAccount, walletUrl: 'http://127.0.0.1:9' };
  return {
    ledger,
    now: () => noon,
    publicUrl: 'https://points.example.com',
    walletSecret: async () => secret,
  } as unknown as Deps;
}

const clicks = 800;

/** First clicks of members: those that note something. */
async function saveClicks(): Promise<Ceiling[]> {
  const loads = new Map<string, Load>();
  const store = createMemoryStore();
  const plain = testContext(store);
  const program = defaultProgram();
  const { version: _, ...document } = program;
  await putProgram(plain, document, { keyId: 'setup', name: 'setup' }, noon);
  await noteGoogleClass(plain, undefined, 'there');
  const members: Member[] = [];
  for (let index = 0; index < clicks; index++) {
    // Ids end as at random, as they do with a real clock.
    const outcome = await enrol(plain, program, { email: `scale${index}@example.com` }, noon + index * 977);
    if (outcome.type === 'enrolled') members.push(outcome.member);
  }
  const deps = means({ ...plain, store: metered(store, loads) });
  const before = process.cpuUsage();
  for (const member of members) await googleLink(deps, program, member);
  const { user, system } = process.cpuUsage(before);
  const shared = [...loads].filter(([pk]) => !pk.startsWith('MEMBER#'));
  const perClick = (unit: keyof Load) => Math.max(...shared.map(([, load]) => load[unit])) / clicks;
  const hottest = shared.toSorted(([, a], [, b]) => b.written - a.written)[0]?.[0] ?? '';
  return [
    {
      path: 'Google save clicks, by the key that most of them write',
      perSecond: Math.floor(Math.min(writeUnitsMax / perClick('written'), readUnitsMax / perClick('read'))),
      wanted: 1000,
      bound: `the fullest shared partition, ${hottest}: ${perClick('written').toFixed(2)} write units a click`,
    },
    {
      path: 'Google save clicks, of one processor',
      perSecond: Math.floor(clicks / ((user + system) / 1e6)),
      wanted: null,
      bound: 'the signature of the link; instances come as they are needed',
    },
  ];
}

export async function walletCeilings(): Promise<Ceiling[]> {
  return [
    {
      path: 'changes to Google, of who has the card there',
      perSecond: Math.floor(1000 / betweenRequestsMs),
      wanted: Math.floor(1000 / betweenRequestsMs),
      bound: "Google's 20 requests a second of an issuer; all instances take turns",
    },
    {
      path: 'changes to Google, of everybody else',
      perSecond: Number.POSITIVE_INFINITY,
      wanted: null,
      bound:
        'nothing: the rule of the queue asks for the member (measured by bench:units: no message, no read)',
    },
    ...(await saveClicks()),
  ];
}

if (import.meta.main)
  for (const { path, perSecond, wanted, bound } of await walletCeilings())
    console.log(`${path}: ${perSecond}/s${wanted === null ? '' : ` (wanted ${wanted})`}: ${bound}`);

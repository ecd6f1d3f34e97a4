/**
 * What some requests of a checkout's own ledger come to, counted on the local endpoint: `node test/scale/probe.ts PATH`
 * prints it as JSON. It knows where things lay before there were rooms, so that two checkouts can be held against one
 * another.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import type { Program } from '../../core/program.ts';
import type * as Ledger from '../../ledger/ledger.ts';
import { startSqliteDynamoDb } from '../support/dynamodb.ts';
import { aPurchase, defaultProgram, noon, testContext } from '../support/world.ts';

/** Each a number of requests. */
export interface Probed {
  /** An erasure among 10 and among 2,000 exceptions of others. */
  readonly erasure: readonly number[];
  /** Exceptions of a type that there are none of, likewise. */
  readonly list: readonly number[];
  /** A purchase that a budgeted campaign gives to, beside the ledger's two. */
  readonly budget: number;
  /** A return without receipt of the newest of a thousand purchases. */
  readonly returned: number;
}

const [tree = '.'] = process.argv.slice(2);

/** A module of the checkout, at the first of the places where it may lie. */
async function moduleAt<T>(...places: readonly string[]): Promise<T> {
  const found = places.map((place) => join(tree, place)).find((file) => existsSync(file));
  if (!found) throw new Error(`There is none of ${places.join(', ')} in ${tree}.`);
  return (await import(pathToFileURL(found).href)) as T;
}

const ledger = await moduleAt<typeof Ledger>('ledger/ledger.ts');
const { createMemoryErasureList } = await moduleAt<typeof import('../../ledger/erasure/list.ts')>(
  'ledger/erasure/list.ts',
  'ledger/erasure-list.ts',
);
const endpoint = await startSqliteDynamoDb();
const client = new DynamoDBClient({
  endpoint: endpoint.endpoint,
  region: 'eu-west-1',
  credentials: { accessKeyId: 'probe', secretAccessKey: 'probe' },
});
let requests = 0;
client.middlewareStack.add(
  (next) => async (args) => {
    requests++;
    return next(args);
  },
  { step: 'initialize' },
);
await client.send(
  new CreateTableCommand({
    TableName: 'probe',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
  }),
);
const context = testContext(
  ledger.createDynamoDbStore({
    client,
    table: 'probe',
    random: () => 0.5,
    sleep: async () => {},
    newToken: randomUUID,
  }),
);

async function costOf(work: () => Promise<unknown>): Promise<number> {
  const before = requests;
  await work();
  return requests - before;
}

const year = { from: '2026-01-01T00:00:00Z', to: '2029-01-01T00:00:00Z' };
const program: Program = defaultProgram({
  campaigns: [{ id: 'budget', name: 'Budget', ...year, multiplier: '2', budgetPoints: 10_000_000 }],
});
const { version: _version, ...document } = program;
await ledger.putProgram(context, document, { keyId: 'probe', name: 'probe' }, noon);

async function newMember() {
  const outcome = await ledger.enrol(context, program, {}, noon);
  if (outcome.type !== 'enrolled') throw new Error('The member exists already.');
  return outcome.member.account.memberId;
}

let serial = 0;
function bought(more: Partial<RecordedPurchase>): RecordedPurchase {
  return { ...aPurchase([1_000]), id: `store:PROBE-${serial++}`, ...more };
}

async function exceptions(): Promise<Pick<Probed, 'erasure' | 'list'>> {
  const [erasure, list]: number[][] = [[], []];
  for (const others of [10, 1_990]) {
    for (let made = 0; made < others; made++) {
      const member = { email: `guest-${serial}@example.com` };
      await ledger.recordPurchase(context, program, bought({ member }), noon);
    }
    const memberId = await newMember();
    const request = { memberId, operator: { keyId: 'probe', name: 'probe' }, reason: null };
    const erase = () =>
      ledger.eraseMember(context, createMemoryErasureList(), program, request, noon, () => true);
    erasure?.push(await costOf(erase));
    const wanted = { status: 'open', type: 'over_refund', limit: 50 } as const;
    list?.push(await costOf(() => ledger.listExceptions(context, wanted)));
  }
  return { erasure: erasure ?? [], list: list ?? [] };
}

/** The last of some purchases: what a budget needs once is there then. */
async function budget(): Promise<number> {
  const memberId = await newMember();
  const buy = () => ledger.recordPurchase(context, program, bought({ member: { memberId } }), noon);
  for (let made = 0; made < 5; made++) await buy();
  return (await costOf(buy)) - 2;
}

/** What a member who has bought a thousand times brings back of the newest purchase, without a receipt. */
async function returned(): Promise<number> {
  const plain = { ...program, campaigns: [] };
  const memberId = await newMember();
  const hour = 3_600_000;
  for (let made = 0; made < 1_000; made++) {
    const now = noon + made * hour;
    const occurredAt = new Date(now - 60_000).toISOString();
    await ledger.recordPurchase(context, plain, bought({ member: { memberId }, occurredAt }), now);
  }
  const lines = [{ sku: 'SKU-1', quantity: 1, amountMinor: 1_000 }];
  const refund = {
    channel: 'store',
    id: 'store:BACK',
    currency: 'EUR',
    member: { memberId },
    lines,
  } as const;
  const now = noon + 1_001 * hour;
  const back = { ...refund, lines: [...lines], occurredAt: new Date(now - 60_000).toISOString() };
  return costOf(() => ledger.recordRefund(context, plain, back, now));
}

// Older exceptions are brought into the index by the first night, which there was before anybody asks.
if (existsSync(join(tree, 'ledger/walks/exception-index.ts'))) {
  const { runNight } = await moduleAt<typeof import('../support/night.ts')>('test/support/night.ts');
  await runNight(context, program, noon);
}
const probed: Probed = { ...(await exceptions()), budget: await budget(), returned: await returned() };
console.log(JSON.stringify(probed));
client.destroy();
await endpoint.stop();

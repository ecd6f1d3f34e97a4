/**
 * `node test/bench/units-of.ts TREE`: what a usual purchase costs in a checkout of the system, counted at the
 * services' doors: the ledger's requests and units by AWS's rule, then what goes over the bus, and what its consumers
 * read and write before all is quiet. The checkout's own code runs, behind this tree's stand-ins; prints JSON.
 * Reads of the programme are left out: an instance keeps it for a second.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type AttributeValue,
  CreateTableCommand,
  DynamoDBClient,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { busRules } from '../../core/contract/events.ts';
import type { Id } from '../../core/contract/ids.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import { itemBytes } from '../../ledger/store/limits.ts';
import { compilePattern, type Json } from '../../local/bus/pattern.ts';
import { appleSecret, googleSecret } from '../../local/core.ts';
import { startStandIns } from '../../local/standins/index.ts';
import { startSqliteDynamoDb } from '../support/dynamodb.ts';
import { defaultProgram, noon, testContext } from '../support/world.ts';

/** What was asked of the table. */
export interface Counted {
  requests: number;
  written: number;
  read: number;
  /** Requests that read, of whatever size. */
  reads: number;
}

/** A purchase, from the ledger's transaction to the last consumer. */
export interface Measured {
  readonly ledger: Counted;
  /** Messages on the consumers' queues. */
  readonly messages: Readonly<Record<string, number>>;
  /** What the consumers asked of the table. */
  readonly behind: Counted;
}

export interface Units {
  /** What the table holds, in bytes by AWS's rule, of somebody who has just joined, and of each purchase. */
  readonly stored: { readonly member: number; readonly purchase: number };
  /** By how many entries the member had. */
  readonly withoutCard: Readonly<Record<number, Measured>>;
  /** Of goods that fill a stamp card. */
  readonly withStamps: Measured;
  /** A member with the card on an iPhone, and one who saved it at Google. */
  readonly withApple: Measured;
  readonly withGoogle: Measured;
}

type MemberId = Id<'member'>;
const table = 'bench';
const tree = resolve(process.argv[2] ?? '.');

/** A module of the checkout, by whichever of these names it has there. */
async function load(...names: readonly string[]) {
  const name = names.find((one) => existsSync(join(tree, one)));
  if (!name) throw new Error(`${tree} has none of ${names.join(', ')}.`);
  return import(pathToFileURL(join(tree, name)).href);
}

// The services' doors --------------------------------------------------------------------------------------------

const nobody = (): Counted => ({ requests: 0, written: 0, read: 0, reads: 0 });
let counted = nobody();
const put: { Source: string; DetailType: string; Detail: string }[] = [];
const secrets = new Map<string, string>([['keys', 'bench']]);

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

interface Capacity {
  readonly CapacityUnits?: number;
}

const database = await startSqliteDynamoDb();

/** Passes a request on to the table, and counts it unless it is about the programme. */
async function askTable(target: string, body: string): Promise<{ status: number; text: string }> {
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target };
  const isMetered = /\.(GetItem|Query|TransactWriteItems)$/.test(target);
  const sent = isMetered ? JSON.stringify({ ...JSON.parse(body), ReturnConsumedCapacity: 'TOTAL' }) : body;
  const answer = await fetch(database.endpoint, { method: 'POST', headers, body: sent });
  const text = await answer.text();
  if (isMetered && !body.includes('"PROGRAM"')) {
    const { ConsumedCapacity = [] } = JSON.parse(text) as { ConsumedCapacity?: Capacity | Capacity[] };
    const units = [ConsumedCapacity].flat().reduce((sum, one) => sum + (one.CapacityUnits ?? 0), 0);
    const isRead = !target.endsWith('TransactWriteItems');
    counted.requests++;
    counted[isRead ? 'read' : 'written'] += units;
    if (isRead) counted.reads++;
  }
  return { status: answer.status, text };
}

async function answerAws(target: string, body: string): Promise<{ status: number; text: string }> {
  const [service = '', action] = target.split('.');
  if (service.startsWith('DynamoDB')) return askTable(target, body);
  const input = JSON.parse(body);
  switch (action) {
    case 'PutEvents':
      put.push(...input.Entries);
      return {
        status: 200,
        text: JSON.stringify({
          FailedEntryCount: 0,
          Entries: input.Entries.map(() => ({ EventId: randomUUID() })),
        }),
      };
    case 'GetSecretValue':
      return {
        status: 200,
        text: JSON.stringify({ SecretString: secrets.get(input.SecretId), VersionId: 'v' }),
      };
    default:
      throw new Error(`The benchmark does not know ${target}.`);
  }
}

const door = createServer((request, response) => {
  void (async () => {
    const target = String(request.headers['x-amz-target']);
    const { status, text } = await answerAws(target, await textOf(request));
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(text);
  })().catch((error: unknown) => {
    console.error(error);
    response.writeHead(500).end();
  });
});
await new Promise<void>((done) => door.listen(0, '127.0.0.1', done));
const endpoint = `http://127.0.0.1:${(door.address() as AddressInfo).port}`;

const folder = mkdtempSync(join(tmpdir(), 'philia-units-'));
const standIns = await startStandIns({ dataDir: folder, clock: Date.now });
secrets.set('apple', appleSecret(standIns)).set('google', googleSecret(standIns)).set('samsung', '{}');

Object.assign(process.env, {
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  TABLE_NAME: table,
  BUS_NAME: 'philia',
  PUBLIC_URL: 'https://philia.example',
  POWERTOOLS_LOG_LEVEL: 'SILENT',
  POWERTOOLS_METRICS_DISABLED: 'true',
  POWERTOOLS_DEV: 'false',
  KEYS_SECRET: 'keys',
  APPLE_SECRET: 'apple',
  GOOGLE_SECRET: 'google',
  SAMSUNG_SECRET: 'samsung',
});

// The checkout's own code ----------------------------------------------------------------------------------------

const ledger = await load('ledger/ledger.ts');
const rules: ReturnType<typeof busRules> = (await load('core/contract/events.ts')).busRules();
const handlers = new Map<string, (event: unknown, context: unknown) => Promise<unknown>>();
for (const { consumer } of rules)
  if (!handlers.has(consumer))
    handlers.set(
      consumer,
      (await load(`functions/events/${consumer}.ts`, `functions/${consumer}.ts`)).handler,
    );
const { handler: outbox } = await load('functions/events/outbox.ts', 'functions/outbox.ts');

const client = new DynamoDBClient({ endpoint, region: 'eu-west-1' });
await client.send(
  new CreateTableCommand({
    TableName: table,
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
    table,
    random: Math.random,
    sleep: async () => {},
    newToken: randomUUID,
  }),
);
const program = defaultProgram();
const { version: _, ...document } = program;
await ledger.putProgram(context, document, { keyId: 'setup', name: 'setup' }, noon);

// Members and what they buy --------------------------------------------------------------------------------------

let serial = 0;

async function newMember(): Promise<MemberId> {
  const wanted = { name: 'Bench', email: `bench${++serial}@example.com` };
  const outcome = await ledger.enrol(context, program, wanted, noon);
  if (outcome.type !== 'enrolled') throw new Error('The table is not empty.');
  return outcome.member.account.memberId;
}

/** @param category of the first line: what fills the stamp card is `coffee` */
function usualPurchase(memberId: MemberId, category: string): RecordedPurchase {
  const lines = [
    { id: '1', sku: 'ESP-250', name: 'Espresso 250 g', category, quantity: 2, amountMinor: 1180 },
    { id: '2', sku: 'CUP-6', name: 'Six cups', category: 'kitchen', quantity: 1, amountMinor: 2490 },
    { id: '3', sku: 'FIL-100', name: 'Paper filters', category: 'kitchen', quantity: 1, amountMinor: 390 },
  ];
  return {
    channel: 'store',
    id: `store:INV-${++serial}`,
    occurredAt: '2026-11-22T11:00:00Z',
    currency: 'EUR',
    member: { memberId },
    lines,
    totalMinor: 4060,
    store: 'paris-01',
  };
}

const buy = (memberId: MemberId, category = 'tea') =>
  ledger.recordPurchase(context, program, usualPurchase(memberId, category), noon);

async function versionOf(memberId: MemberId): Promise<number> {
  return (await ledger.getAccount(context, memberId)).version;
}

/** The entries behind a version as the table's stream brings them. */
async function recordsBehind(memberId: MemberId, version: number) {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk AND sk > :sk',
      ExpressionAttributeValues: {
        ':pk': { S: `MEMBER#${memberId}` },
        ':sk': { S: `ENTRY#${String(version).padStart(12, '0')}` },
      },
      ConsistentRead: true,
    }),
  );
  const isEntry = ({ item }: Record<string, AttributeValue>) => item?.S === 'entry';
  return Items.filter(isEntry).map((image) => ({
    eventName: 'INSERT',
    dynamodb: { Keys: { pk: image['pk'], sk: image['sk'] }, NewImage: image, SequenceNumber: '1' },
  }));
}

const patterns = rules.map(({ consumer, pattern }) => {
  const compiled = compilePattern(pattern);
  if (!compiled.ok) throw new Error(`The rule of ${consumer} cannot be read.`);
  return { consumer, matches: compiled.pattern.matches };
});

/** Gives what is on the bus to the consumers; answers how many messages each had. */
async function deliver(): Promise<Record<string, number>> {
  const messages: Record<string, number> = {};
  for (const { Source: source, DetailType, Detail } of put.splice(0)) {
    const event = { id: randomUUID(), source, 'detail-type': DetailType, detail: JSON.parse(Detail) };
    for (const { consumer, matches } of patterns) {
      if (!matches(event as Json)) continue;
      messages[consumer] = (messages[consumer] ?? 0) + 1;
      const attributes = { ApproximateReceiveCount: '1' };
      const record = { messageId: randomUUID(), body: JSON.stringify(event), attributes };
      const answer = await handlers.get(consumer)?.(
        { Records: [record] },
        { getRemainingTimeInMillis: () => 15_000 },
      );
      const { batchItemFailures } = answer as { batchItemFailures: unknown[] };
      if (batchItemFailures.length > 0) throw new Error(`${consumer} could not handle ${DetailType}.`);
    }
  }
  return messages;
}

async function measure(memberId: MemberId, category?: string): Promise<Measured> {
  const before = await versionOf(memberId);
  counted = nobody();
  await buy(memberId, category);
  const ofLedger = { ...counted };
  const records = await recordsBehind(memberId, before);
  counted = nobody();
  const outcome = await outbox({ Records: records });
  if (outcome.batchItemFailures.length > 0) throw new Error('The outbox could not publish.');
  const messages = await deliver();
  return { ledger: ofLedger, messages, behind: { ...counted } };
}

/** All that the table holds, in bytes. */
async function stored(): Promise<number> {
  let bytes = 0;
  let from: Record<string, AttributeValue> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({ TableName: table, ...(from && { ExclusiveStartKey: from }) }),
    );
    for (const item of page.Items ?? []) bytes += itemBytes(unmarshall(item));
    from = page.LastEvaluatedKey;
  } while (from);
  return bytes;
}

const empty = await stored();
const withoutCard: Record<number, Measured> = {};
const plain = await newMember();
const member = (await stored()) - empty;
await measure(plain); // What an instance reads once.
for (let posted = 1; posted <= 1000; posted++)
  if ([10, 100, 1000].includes(posted)) withoutCard[posted] = await measure(plain);
  else await buy(plain);

const purchase = ((await stored()) - empty - member) / 1001;

const withStamps = await measure(await newMember(), 'coffee');

/** A member who has the card somewhere, of whom a first change was told. */
async function holder(save: (memberId: MemberId, version: number) => Promise<unknown>): Promise<Measured> {
  const memberId = await newMember();
  await save(memberId, await versionOf(memberId));
  await measure(memberId);
  return measure(memberId);
}

const withApple = await holder(async (memberId, version) => {
  await ledger.noteAppleFetched(context, memberId, version, noon);
  const passType = JSON.parse(appleSecret(standIns)).passTypeIdentifier;
  const wanted = { memberId, device: `device-${memberId}`, passType, pushToken: `token-${memberId}` };
  await ledger.registerDevice(context, wanted, version, noon);
});
const withGoogle = await holder(async (memberId, version) => {
  const objectId = `${standIns.google.serviceAccount.issuerId}.${memberId}`;
  const given = { memberId, objectId, version };
  if (ledger.offerGoogle) await ledger.offerGoogle(context, { ...given, isWhole: true }, noon);
  else {
    const offered = { state: 'offered', stateAt: '2026-11-22T12:00:00Z', messageUntil: 0 };
    await ledger.noteGooglePass(context, undefined, { ...given, ...offered, doubted: false, notices: [] });
  }
  const message = { memberId, state: 'saved', nonce: memberId, until: noon };
  await ledger.noteGoogleState(context, message, noon);
});

console.log(
  JSON.stringify({
    stored: { member, purchase },
    withoutCard,
    withStamps,
    withApple,
    withGoogle,
  } satisfies Units),
);
client.destroy();
door.closeAllConnections();
door.close();
await standIns.close();
await database.stop();
rmSync(folder, { recursive: true });
process.exit(0);

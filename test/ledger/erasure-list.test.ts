/** The list of erasures on every database: each member once, as first asked, and every one found again. */
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MemberId } from '../../core/contract/ids.ts';
import {
  createDynamoDbErasureList,
  createMemoryErasureList,
  type ErasureList,
} from '../../ledger/erasure/list.ts';
import {
  type DynamoDbEndpoint,
  dynamoDbLocalWanted,
  startDynamoDbLocal,
  startSqliteDynamoDb,
} from '../support/dynamodb.ts';

const table = 'erasures';
const memberId = (made: number) => `mem_01JD00000000000000000000${10 + made}` as MemberId;
const erasedAt = '2026-11-22T12:00:00Z';

function clientOf(endpoint: string): DynamoDBClient {
  const credentials = { accessKeyId: 'list', secretAccessKey: 'test' };
  return new DynamoDBClient({ endpoint, region: 'eu-west-1', credentials, maxAttempts: 1 });
}

async function everybody(list: ErasureList, limit: number): Promise<string[]> {
  const found: string[] = [];
  let after: MemberId | undefined;
  do {
    const page = await list.page(after, limit);
    found.push(...page.items.map((one) => `${one.memberId} ${one.erasedAt}`));
    after = page.next;
  } while (after !== undefined);
  return found.sort();
}

async function expectList(list: ErasureList): Promise<void> {
  expect(await list.page(undefined, 3)).toEqual({ items: [] });
  for (let made = 0; made < 7; made++) await list.add({ memberId: memberId(made), erasedAt });
  await list.add({ memberId: memberId(3), erasedAt: '2027-01-01T00:00:00Z' });
  const expected = Array.from({ length: 7 }, (_, made) => `${memberId(made)} ${erasedAt}`);
  expect(await everybody(list, 3)).toEqual(expected);
  expect(await everybody(list, 7)).toEqual(expected);
}

it('is kept in memory as in a database', () => expectList(createMemoryErasureList()));

const databases = [
  { name: 'SQLite', wanted: true, start: () => startSqliteDynamoDb() },
  { name: 'DynamoDB Local', wanted: dynamoDbLocalWanted, start: startDynamoDbLocal },
];

describe.each(databases)('on $name', ({ wanted, start }) => {
  let database: DynamoDbEndpoint;
  let client: DynamoDBClient;
  beforeAll(async () => {
    if (!wanted) return;
    database = await start();
    client = clientOf(database.endpoint);
    await client.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'memberId', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'memberId', KeyType: 'HASH' }],
      }),
    );
  });
  afterAll(async () => {
    client?.destroy();
    await database?.stop();
  });

  it.skipIf(!wanted)('holds each member once, and gives them all in pages', () =>
    expectList(createDynamoDbErasureList(client, table)),
  );
});

it('says that it is not known when the database does not answer', async () => {
  const client = clientOf('http://127.0.0.1:9');
  const list = createDynamoDbErasureList(client, table);
  await expect(list.add({ memberId: memberId(0), erasedAt })).rejects.toMatchObject({
    name: 'LedgerUnavailable',
    reason: 'unknown',
  });
  client.destroy();
});

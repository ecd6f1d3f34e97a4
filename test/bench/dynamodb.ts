import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutItemCommand, QueryCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { type Clients, clientsFor, createTable } from '../local/dynamodb/clients.ts';
import {
  type DynamoDbEndpoint,
  dynamoDbLocalWanted,
  startDynamoDbLocal,
  startSqliteDynamoDb,
} from '../support/dynamodb.ts';

/**
 * Transactions of three writes, single writes and queries per second, eight at a time through the SDK, which takes
 * its own share of the time. With DYNAMODB_LOCAL=1 AWS's DynamoDB Local runs in the same run; it is in memory,
 * whereas Philia's endpoint is on disk.
 */

const WRITERS = 8;
const WARM_UP = 200;
const COUNT = 2000;

type Work = (clients: Clients, table: string, number: number) => Promise<unknown>;

const text = { S: 'x'.repeat(400) };
const key = (number: number, sk: string) => ({ pk: { S: `m${number % 100}` }, sk: { S: sk } });

const WORKS: Readonly<Record<string, Work>> = {
  transactions: ({ db }, TableName, number) =>
    db.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          {
            Put: {
              TableName,
              Item: { ...key(number, `entry${number}`), text },
              ConditionExpression: 'attribute_not_exists(pk)',
            },
          },
          { Put: { TableName, Item: { ...key(number, `purchase${number}`), text } } },
          {
            Update: {
              TableName,
              Key: key(number, 'account'),
              UpdateExpression: 'SET n = if_not_exists(n, :zero) + :one',
              ExpressionAttributeValues: { ':zero': { N: '0' }, ':one': { N: '1' } },
            },
          },
        ],
      }),
    ),
  puts: ({ db }, TableName, number) =>
    db.send(new PutItemCommand({ TableName, Item: { ...key(number, `put${number}`), text } })),
  queries: ({ db }, TableName, number) =>
    db.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'pk = :p AND begins_with(sk, :s)',
        ExpressionAttributeValues: { ':p': { S: `m${number % 100}` }, ':s': { S: 'entry' } },
        Limit: 10,
      }),
    ),
};

async function perSecond(work: Work, clients: Clients, table: string, first: number, count: number) {
  let next = first;
  const start = performance.now();
  const worker = async () => {
    while (next < first + count) {
      next += 1;
      await work(clients, table, next);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, worker));
  return Math.round((count / (performance.now() - start)) * 1000);
}

async function bench(endpoint: DynamoDbEndpoint): Promise<void> {
  const clients = clientsFor(endpoint.endpoint);
  const table = await createTable(clients);
  for (const [name, work] of Object.entries(WORKS)) {
    await perSecond(work, clients, table, 0, WARM_UP);
    const rate = await perSecond(work, clients, table, WARM_UP, COUNT);
    console.log(`${endpoint.name}: ${rate} ${name}/s`);
  }
  clients.destroy();
  await endpoint.stop();
}

const folder = await mkdtemp(join(tmpdir(), 'dynamodb-bench-'));
await bench(await startSqliteDynamoDb({ path: join(folder, 'table.sqlite') }));
if (dynamoDbLocalWanted) await bench(await startDynamoDbLocal());
await rm(folder, { recursive: true });

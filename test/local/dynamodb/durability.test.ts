import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDynamoDb } from '../../../local/dynamodb/index.ts';

const WRITER = fileURLToPath(new URL('durability-writer.ts', import.meta.url));
const ACKNOWLEDGED_BEFORE_KILL = 300;
const PARTS = ['0', '1', '2', '3'];

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dynamodb-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Runs the writer until it has acknowledged enough, kills it, and answers every number it acknowledged. */
async function acknowledgedUntilKilled(path: string): Promise<string[]> {
  const writer = spawn(process.execPath, [WRITER, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const acknowledged: string[] = [];
  for await (const line of createInterface({ input: writer.stdout })) {
    acknowledged.push(line);
    if (acknowledged.length === ACKNOWLEDGED_BEFORE_KILL) writer.kill('SIGKILL');
  }
  return acknowledged;
}

interface Record {
  readonly dynamodb: { readonly Keys: { readonly pk: { readonly S: string } } };
}

test('kill -9 loses no acknowledged transaction and leaves none half done, nor its stream records', async () => {
  const path = join(folder, 'table.sqlite');
  const before = openDynamoDb({ path, clock: Date.now });
  before.call('DynamoDB_20120810.CreateTable', {
    TableName: 'kept',
    AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' },
  });
  await before.close();

  const acknowledged = await acknowledgedUntilKilled(path);
  expect(acknowledged.length).toBeGreaterThanOrEqual(ACKNOWLEDGED_BEFORE_KILL);

  const after = openDynamoDb({ path, clock: Date.now });
  const stored = new Map<string, string[]>();
  let start: object | undefined;
  do {
    const page = after.call('DynamoDB_20120810.Scan', {
      TableName: 'kept',
      ...(start === undefined ? {} : { ExclusiveStartKey: start }),
    }) as { Items: { pk: { S: string }; sk: { S: string } }[]; LastEvaluatedKey?: object };
    for (const { pk, sk } of page.Items) stored.set(pk.S, [...(stored.get(pk.S) ?? []), sk.S]);
    start = page.LastEvaluatedKey;
  } while (start !== undefined);

  for (const number of acknowledged) expect(stored.get(`t${number}`)).toEqual(PARTS);
  for (const parts of stored.values()) expect(parts).toEqual(PARTS);

  const recorded = new Map<string, number>();
  const { Table } = after.call('DynamoDB_20120810.DescribeTable', { TableName: 'kept' }) as {
    Table: { LatestStreamArn: string };
  };
  const { StreamDescription } = after.call('DynamoDBStreams_20120810.DescribeStream', {
    StreamArn: Table.LatestStreamArn,
  }) as { StreamDescription: { Shards: { ShardId: string }[] } };
  let { ShardIterator } = after.call('DynamoDBStreams_20120810.GetShardIterator', {
    StreamArn: Table.LatestStreamArn,
    ShardId: StreamDescription.Shards[0]?.ShardId,
    ShardIteratorType: 'TRIM_HORIZON',
  }) as { ShardIterator: string };
  for (;;) {
    const page = after.call('DynamoDBStreams_20120810.GetRecords', { ShardIterator }) as {
      Records: Record[];
      NextShardIterator: string;
    };
    if (page.Records.length === 0) break;
    for (const { dynamodb } of page.Records) {
      const { S } = dynamodb.Keys.pk;
      recorded.set(S, (recorded.get(S) ?? 0) + 1);
    }
    ShardIterator = page.NextShardIterator;
  }
  expect(recorded).toEqual(new Map([...stored.keys()].map((number) => [number, PARTS.length])));
  await after.close();
});

import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type _Record as StreamRecord,
} from '@aws-sdk/client-dynamodb-streams';

/** Unmodified SDK clients for an endpoint under test. */
export interface Clients {
  readonly db: DynamoDBClient;
  readonly streams: DynamoDBStreamsClient;
  destroy(): void;
}

let accessKeys = 0;

/** Each call takes another access key, which means a database of its own to DynamoDB Local. */
export function clientsFor(endpoint: string, options: { maxAttempts?: number } = {}): Clients {
  accessKeys += 1;
  const config = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: `suite${process.pid}n${accessKeys}`, secretAccessKey: 'none' },
    maxAttempts: options.maxAttempts ?? 1,
  };
  const db = new DynamoDBClient(config);
  const streams = new DynamoDBStreamsClient(config);
  return {
    db,
    streams,
    destroy() {
      db.destroy();
      streams.destroy();
    },
  };
}

export const TABLE: CreateTableCommandInput = {
  TableName: 'suite',
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
    { AttributeName: 'group', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byGroup',
      KeySchema: [
        { AttributeName: 'group', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['n'] },
    },
  ],
  StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
};

let tables = 0;

/** A fresh table with the keys `pk` and `sk`, a sparse index and a stream; answers its name. */
export async function createTable({ db }: Clients): Promise<string> {
  tables += 1;
  const TableName = `suite-${tables}`;
  await db.send(new CreateTableCommand({ ...TABLE, TableName }));
  return TableName;
}

/** Every record of a table's stream from its beginning. */
export async function readStream({ db, streams }: Clients, table: string): Promise<StreamRecord[]> {
  const { Table } = await db.send(new DescribeTableCommand({ TableName: table }));
  const StreamArn = Table?.LatestStreamArn;
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const records: StreamRecord[] = [];
  for (const shard of StreamDescription?.Shards ?? []) {
    const start = await streams.send(
      new GetShardIteratorCommand({ StreamArn, ShardId: shard.ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
    );
    let iterator = start.ShardIterator;
    for (;;) {
      const page = await streams.send(new GetRecordsCommand({ ShardIterator: iterator }));
      records.push(...(page.Records ?? []));
      if (page.Records?.length === 0 || page.NextShardIterator === undefined) break;
      iterator = page.NextShardIterator;
    }
  }
  return records;
}

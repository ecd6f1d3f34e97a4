import { GetItemCommand, PutItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FaultQueue } from '../../../local/dynamodb/faults.ts';
import { DynamoDbError } from '../../../local/dynamodb/index.ts';
import { closeServer, createEndpoint, listenOn } from '../../../local/dynamodb/server.ts';
import { startSqliteDynamoDb } from '../../support/dynamodb.ts';
import { clientsFor, createTable, readStream, TABLE } from './clients.ts';

/** What Philia's endpoint does beyond DynamoDB Local: refusals by name, time by the given clock, faults, the wire. */

const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const KEY = { pk: { S: 'k' }, sk: { S: '1' } };

let now: number;
let server: Awaited<ReturnType<typeof startSqliteDynamoDb>>;
let table: string;
let clients: ReturnType<typeof clientsFor>;

beforeEach(async () => {
  now = START;
  server = await startSqliteDynamoDb({ clock: () => now });
  clients = clientsFor(server.endpoint);
  table = await createTable(clients);
});

afterEach(async () => {
  clients.destroy();
  await server.stop();
});

const call = (operation: string, body: object) =>
  server.database.call(`DynamoDB_20120810.${operation}`, body);

function refusal(action: () => unknown): DynamoDbError {
  try {
    action();
  } catch (error) {
    if (error instanceof DynamoDbError) return error;
    throw error;
  }
  throw new Error('The request succeeded, but was to be refused');
}

describe('parameters outside the table of requests are refused by name', () => {
  test.each([
    ['PutItem', { Item: KEY, Expected: {} }, 'Expected'],
    ['PutItem', { Item: KEY, ConditionalOperator: 'AND' }, 'ConditionalOperator'],
    ['UpdateItem', { Key: KEY, AttributeUpdates: {} }, 'AttributeUpdates'],
    ['GetItem', { Key: KEY, AttributesToGet: ['n'] }, 'AttributesToGet'],
    ['Query', { KeyConditions: {} }, 'KeyConditions'],
    ['Query', { KeyConditionExpression: 'pk = :p', QueryFilter: {} }, 'QueryFilter'],
    ['Scan', { ScanFilter: {} }, 'ScanFilter'],
    ['CreateTable', { ...TABLE, SSESpecification: {} }, 'SSESpecification'],
    ['CreateTable', { ...TABLE, LocalSecondaryIndexes: [] }, 'LocalSecondaryIndexes'],
    ['CreateTable', { ...TABLE, ProvisionedThroughput: {} }, 'ProvisionedThroughput'],
    ['TransactWriteItems', { TransactItems: [], Bogus: 1 }, 'Bogus'],
  ])('%s: %j', (operation, body, parameter) => {
    const request = operation === 'TransactWriteItems' ? body : { TableName: table, ...body };
    const error = refusal(() => call(operation, request));
    expect(error.code).toBe('ValidationException');
    expect(error.message).toContain(`the parameter ${parameter} is not supported`);
  });

  test('in the items of a transaction and of a batch too', () => {
    const transaction = {
      TransactItems: [{ Put: { TableName: table, Item: KEY, ReturnValues: 'ALL_OLD' } }],
    };
    expect(refusal(() => call('TransactWriteItems', transaction)).message).toContain('ReturnValues');
    const batch = { RequestItems: { [table]: [{ PutRequest: { Item: KEY, ConditionExpression: 'x' } }] } };
    expect(refusal(() => call('BatchWriteItem', batch)).message).toContain('ConditionExpression');
  });

  test('values of the wrong JSON type are refused, and enumerations name what they allow', () => {
    const wrongType = refusal(() => call('GetItem', { TableName: 5, Key: KEY }));
    expect(wrongType.code).toBe('SerializationException');
    const wrongValue = refusal(() =>
      call('PutItem', { TableName: table, Item: KEY, ReturnValues: 'ALL_NEW' }),
    );
    expect(wrongValue.message).toContain('[NONE, ALL_OLD]');
    expect(refusal(() => call('PutItem', { TableName: table })).message).toContain(
      `Value null at 'item' failed to satisfy constraint: Member must not be null`,
    );
  });

  test('operations that are not there are unknown', () => {
    expect(refusal(() => call('UpdateTable', {})).code).toBe('UnknownOperationException');
    expect(refusal(() => call('GetRecords', {})).code).toBe('UnknownOperationException');
  });
});

describe('transactions', () => {
  test('report a refusal by the stored item as that item’s reason', () => {
    const update = (sk: string, UpdateExpression: string) => ({
      Update: { TableName: table, Key: { pk: { S: 'k' }, sk: { S: sk } }, UpdateExpression },
    });
    const error = refusal(() =>
      call('TransactWriteItems', { TransactItems: [update('1', 'REMOVE a'), update('2', 'SET a = b')] }),
    );
    expect(error.code).toBe('TransactionCanceledException');
    expect(error.members['CancellationReasons']).toEqual([
      { Code: 'None' },
      {
        Code: 'ValidationError',
        Message: 'The provided expression refers to an attribute that does not exist in the item',
      },
    ]);
  });

  test('forget their token after ten minutes', () => {
    const add = {
      TransactItems: [
        {
          Update: {
            TableName: table,
            Key: KEY,
            UpdateExpression: 'ADD n :one',
            ExpressionAttributeValues: { ':one': { N: '1' } },
          },
        },
      ],
      ClientRequestToken: 'once',
    };
    const count = () =>
      (call('GetItem', { TableName: table, Key: KEY }) as { Item: { n: { N: string } } }).Item.n.N;
    call('TransactWriteItems', add);
    now += 599_999;
    call('TransactWriteItems', { ...add, ClientRequestToken: 'another' });
    call('TransactWriteItems', add);
    expect(count()).toBe('2');
    now += 1;
    call('TransactWriteItems', add);
    expect(count()).toBe('3');
  });

  test('cost two units for each KB and item, a condition check included, indexes apart', () => {
    const item = (sk: string, more: object) => ({ pk: { S: 'k' }, sk: { S: sk }, ...more });
    const answer = call('TransactWriteItems', {
      TransactItems: [
        { Put: { TableName: table, Item: item('1', { text: { S: 'x'.repeat(1100) } }) } },
        { Put: { TableName: table, Item: item('2', { group: { S: 'g' } }) } },
        {
          ConditionCheck: {
            TableName: table,
            Key: item('3', {}),
            ConditionExpression: 'attribute_not_exists(pk)',
          },
        },
      ],
      ReturnConsumedCapacity: 'INDEXES',
    });
    expect(answer).toEqual({
      ConsumedCapacity: [
        {
          TableName: table,
          CapacityUnits: 9,
          WriteCapacityUnits: 9,
          Table: { CapacityUnits: 8, WriteCapacityUnits: 8 },
          GlobalSecondaryIndexes: { byGroup: { CapacityUnits: 1, WriteCapacityUnits: 1 } },
        },
      ],
    });
  });
});

describe('time', () => {
  const withTtl = () =>
    call('UpdateTimeToLive', {
      TableName: table,
      TimeToLiveSpecification: { Enabled: true, AttributeName: 'ttl' },
    });
  const put = (sk: string, ttl: object) =>
    call('PutItem', { TableName: table, Item: { pk: { S: 'k' }, sk: { S: sk }, ttl } });
  const second = START / 1000;

  test('the sweep deletes what has expired, whether it was there before the TTL or not', async () => {
    put('before', { N: String(second) });
    withTtl();
    put('due', { N: String(second) });
    put('later', { N: String(second + 1) });
    put('text', { S: String(second) });
    put('years ago', { N: '1' });
    expect(server.database.sweepExpired()).toBe(2);
    const left = call('Scan', { TableName: table, ProjectionExpression: 'sk' }) as {
      Items: { sk: object }[];
    };
    expect(left.Items.map((item) => item.sk)).toEqual([{ S: 'later' }, { S: 'text' }, { S: 'years ago' }]);
    now += 1000;
    expect(server.database.sweepExpired()).toBe(1);
    expect(server.database.sweepExpired()).toBe(0);

    const removals = (await readStream(clients, table)).filter(({ eventName }) => eventName === 'REMOVE');
    expect(removals).toHaveLength(3);
    for (const { userIdentity, dynamodb } of removals) {
      expect(userIdentity).toEqual({ Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' });
      expect(dynamodb?.OldImage).toBeDefined();
    }
  });

  test('an item that is written again with a later time stays', () => {
    withTtl();
    put('1', { N: String(second) });
    put('1', { N: String(second + 60) });
    expect(server.database.sweepExpired()).toBe(0);
  });

  test('stream records live for 24 hours, and a reader who comes later is told', async () => {
    put('1', { N: '1' });
    const stream = (operation: string, body: object) =>
      server.database.call(`DynamoDBStreams_20120810.${operation}`, body) as Record<string, string> & {
        Records: { dynamodb: { SequenceNumber: string } }[];
      };
    const { Table } = call('DescribeTable', { TableName: table }) as { Table: { LatestStreamArn: string } };
    const StreamArn = Table.LatestStreamArn;
    const { StreamDescription } = stream('DescribeStream', { StreamArn }) as unknown as {
      StreamDescription: { Shards: { ShardId: string }[] };
    };
    const start = {
      StreamArn,
      ShardId: StreamDescription.Shards[0]?.ShardId,
      ShardIteratorType: 'TRIM_HORIZON',
    };
    const { ShardIterator } = stream('GetShardIterator', start);
    now += 24 * HOUR;
    expect(stream('GetRecords', { ShardIterator }).Records).toHaveLength(1);
    now += 1;
    put('2', { N: '1' });
    expect(refusal(() => stream('GetRecords', { ShardIterator })).code).toBe('TrimmedDataAccessException');
    const again = stream('GetShardIterator', start)['ShardIterator'];
    expect(stream('GetRecords', { ShardIterator: again }).Records).toHaveLength(1);
  });
});

describe('changes', () => {
  test('are announced after a commit that added stream records, and no longer once ended', () => {
    let announced = 0;
    const end = server.database.onChange(() => {
      announced += 1;
    });
    call('PutItem', { TableName: table, Item: KEY });
    expect(announced).toBe(1);
    call('PutItem', { TableName: table, Item: KEY });
    refusal(() =>
      call('PutItem', { TableName: table, Item: KEY, ConditionExpression: 'attribute_not_exists(pk)' }),
    );
    expect(announced).toBe(1);
    end();
    call('DeleteItem', { TableName: table, Key: KEY });
    expect(announced).toBe(1);
  });
});

describe('faults', () => {
  const put = (options: { maxAttempts?: number } = {}) => {
    const own = clientsFor(server.endpoint, options);
    const command = new PutItemCommand({ TableName: table, Item: KEY });
    return own.db.send(command).finally(() => own.destroy());
  };
  const transact = (own: ReturnType<typeof clientsFor>) =>
    own.db.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          {
            Update: {
              TableName: table,
              Key: KEY,
              UpdateExpression: 'ADD n :one',
              ExpressionAttributeValues: { ':one': { N: '1' } },
            },
          },
          { Put: { TableName: table, Item: { pk: { S: 'k' }, sk: { S: '2' } } } },
        ],
      }),
    );
  const stored = () => (call('GetItem', { TableName: table, Key: KEY }) as { Item?: object }).Item;

  test.each([
    ['conflict', 'TransactionConflictException'],
    ['throughput', 'ProvisionedThroughputExceededException'],
    ['throttle', 'ThrottlingException'],
    ['unavailable', 'InternalServerError'],
  ] as const)('%s refuses with %s before anything is written, as often as asked', async (kind, name) => {
    server.database.faults.inject({ kind, operation: 'PutItem', times: 2 });
    for (const _ of [1, 2]) await expect(put()).rejects.toMatchObject({ name });
    expect(stored()).toBeUndefined();
    expect(server.database.faults.pending).toBe(0);
    await put();
    expect(stored()).toBeDefined();
  });

  test('a conflict cancels a transaction with a reason for each item', async () => {
    server.database.faults.inject({ kind: 'conflict', operation: 'TransactWriteItems' });
    await expect(transact(clients)).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: 'TransactionConflict' }, { Code: 'TransactionConflict' }],
    });
    expect(stored()).toBeUndefined();
  });

  test('a lost answer is a write that the client hears nothing of', async () => {
    server.database.faults.inject({ kind: 'loseAnswer', operation: 'PutItem' });
    await expect(put()).rejects.toThrow();
    expect(stored()).toBeDefined();
  });

  test('a transaction whose answer is lost is repeated by the SDK under its token, and done once', async () => {
    server.database.faults.inject({ kind: 'loseAnswer', operation: 'TransactWriteItems' });
    const retrying = clientsFor(server.endpoint, { maxAttempts: 3 });
    await transact(retrying);
    retrying.destroy();
    expect(server.database.faults.pending).toBe(0);
    expect(stored()).toEqual({ ...KEY, n: { N: '1' } });
  });

  test('a hanging request is never done', async () => {
    server.database.faults.inject({ kind: 'hang', operation: 'PutItem' });
    const command = new PutItemCommand({ TableName: table, Item: KEY });
    await expect(clients.db.send(command, { abortSignal: AbortSignal.timeout(50) })).rejects.toThrow();
    expect(stored()).toBeUndefined();
  });

  test('strike their operation only, and can be taken back', async () => {
    server.database.faults.inject({ kind: 'throttle', operation: 'UpdateItem' });
    server.database.faults.inject({ kind: 'throttle' });
    server.database.faults.clear();
    await put();
    server.database.faults.inject({ kind: 'throttle', operation: 'UpdateItem' });
    await put();
    expect(server.database.faults.pending).toBe(1);
    expect(() => server.database.faults.inject({ kind: 'hang', times: 0 })).toThrow('not 0');
  });
});

describe('the wire', () => {
  const post = (body: Uint8Array<ArrayBuffer> | string, target = 'DynamoDB_20120810.ListTables') =>
    fetch(server.endpoint, { method: 'POST', headers: { 'x-amz-target': target }, body });

  test.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['bytes that are no UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
    ['nothing', ''],
  ])('%s is a SerializationException', async (_, body) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      __type: expect.stringContaining('SerializationException'),
    });
  });

  test('an unknown target is an UnknownOperationException', async () => {
    const response = await post('{}', 'DynamoDB_20120810.ExecuteStatement');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ __type: expect.stringContaining('UnknownOperation') });
  });

  test('a body over 16 MB is refused', async () => {
    expect((await post(' '.repeat(16 * 1024 * 1024 + 1))).status).toBe(413);
  });

  test('a defect of the endpoint is answered as the service’s own failure, and reported', async () => {
    const reported = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const defect = new Error('a defect');
    const broken = createEndpoint(() => {
      throw defect;
    }, new FaultQueue());
    const url = await listenOn(broken, 0);
    const response = await fetch(url, { method: 'POST', body: '{}' });
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ __type: expect.stringContaining('InternalServerError') });
    expect(reported).toHaveBeenCalledWith(expect.any(String), defect);
    reported.mockRestore();
    await closeServer(broken);
  });

  test('attributes called __proto__ and constructor are attributes like others', async () => {
    const item =
      '{"pk":{"S":"k"},"sk":{"S":"1"},"__proto__":{"S":"a"},"constructor":{"M":{"__proto__":{"S":"b"}}}}';
    await post(`{"TableName":"${table}","Item":${item}}`, 'DynamoDB_20120810.PutItem');
    const response = await post(
      `{"TableName":"${table}","Key":${JSON.stringify(KEY)},"ProjectionExpression":"#p, #c.#p","ExpressionAttributeNames":{"#p":"__proto__","#c":"constructor"}}`,
      'DynamoDB_20120810.GetItem',
    );
    expect(await response.text()).toBe(
      '{"Item":{"__proto__":{"S":"a"},"constructor":{"M":{"__proto__":{"S":"b"}}}}}',
    );
    expect(({} as { S?: string }).S).toBeUndefined();
  });

  test('other access keys see the same tables', async () => {
    const other = clientsFor(server.endpoint);
    await clients.db.send(new PutItemCommand({ TableName: table, Item: KEY }));
    const { Item } = await other.db.send(new GetItemCommand({ TableName: table, Key: KEY }));
    expect(Item).toEqual(KEY);
    other.destroy();
  });
});

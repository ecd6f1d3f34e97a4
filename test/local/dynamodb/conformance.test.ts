import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  type ScanCommandOutput,
  TransactGetItemsCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type DynamoDbEndpoint,
  dynamoDbLocalWanted,
  startDynamoDbLocal,
  startSqliteDynamoDb,
} from '../../support/dynamodb.ts';
import { type Clients, clientsFor, createTable, readStream, TABLE } from './clients.ts';

/**
 * What Philia relies on in DynamoDB, said once through the SDK and held against two endpoints: Philia's own always,
 * AWS's DynamoDB Local with DYNAMODB_LOCAL=1. An expectation that only one of them meets does not belong here.
 */

const S = (value: string): AttributeValue => ({ S: value });
const N = (value: number | string): AttributeValue => ({ N: String(value) });
const key = (pk: string, sk: string) => ({ pk: S(pk), sk: S(sk) });

const SAMPLE = {
  ...key('sample', '1'),
  n: N(5),
  s: S('hello'),
  l: { L: [N(1), N(2), N(3)] },
  m: { M: { x: N(1), y: { M: { z: S('q') } } } },
  ss: { SS: ['a', 'b'] },
  ns: { NS: ['1', '2'] },
  b: { B: Buffer.from('hello') },
  t: { BOOL: true },
  u: { NULL: true as const },
};

type Values = Record<string, AttributeValue>;

/** `yes` and `no` for whether the condition holds, `invalid` where the request is refused. */
const CONDITIONS: readonly [expression: string, outcome: 'yes' | 'no' | 'invalid', values?: Values][] = [
  ['n = :v', 'yes', { ':v': N('5.0') }],
  ['n = :v', 'no', { ':v': S('5') }],
  ['n <> :v', 'yes', { ':v': S('5') }],
  ['n < :v', 'yes', { ':v': N(10) }],
  ['n <= :v AND n >= :v', 'yes', { ':v': N(5) }],
  ['n > :v', 'no', { ':v': S('1') }],
  ['nope = :v', 'no', { ':v': N(1) }],
  ['nope <> :v', 'yes', { ':v': N(1) }],
  ['NOT nope < :v', 'yes', { ':v': N(1) }],
  ['t < :v', 'invalid', { ':v': { BOOL: true } }],
  ['ss = :v', 'yes', { ':v': { SS: ['b', 'a'] } }],
  ['l = :v', 'yes', { ':v': { L: [N(1), N('2.0'), N(3)] } }],
  ['m = :v', 'yes', { ':v': { M: { y: { M: { z: S('q') } }, x: N(1) } } }],
  ['n = n', 'invalid'],
  ['n BETWEEN :a AND :z', 'yes', { ':a': N(1), ':z': N(9) }],
  ['n between :a and :z', 'no', { ':a': N(6), ':z': N(9) }],
  ['n BETWEEN :z AND :a', 'invalid', { ':a': N(1), ':z': N(9) }],
  [':v BETWEEN n AND n', 'yes', { ':v': N(5) }],
  ['n IN (:a, :v)', 'yes', { ':a': N(1), ':v': N(5) }],
  ['n IN (:a)', 'no', { ':a': S('5') }],
  ['n IN ()', 'invalid'],
  ['attribute_exists(m.y.z)', 'yes'],
  ['attribute_exists(l[2])', 'yes'],
  ['attribute_exists(l[3])', 'no'],
  ['attribute_not_exists(m.y.q)', 'yes'],
  ['attribute_exists(:v)', 'invalid', { ':v': S('n') }],
  ['attribute_type(u, :v)', 'yes', { ':v': S('NULL') }],
  ['attribute_type(n, :v)', 'no', { ':v': S('S') }],
  ['attribute_type(n, :v)', 'invalid', { ':v': S('Number') }],
  ['begins_with(s, :v)', 'yes', { ':v': S('hel') }],
  ['begins_with(n, :v)', 'no', { ':v': S('5') }],
  ['begins_with(b, :v)', 'yes', { ':v': { B: Buffer.from('he') } }],
  ['begins_with(s, :v)', 'invalid', { ':v': N(1) }],
  ['contains(s, :v)', 'yes', { ':v': S('ell') }],
  ['contains(ss, :v)', 'yes', { ':v': S('b') }],
  ['contains(ns, :v)', 'yes', { ':v': N('1.00') }],
  ['contains(l, :v)', 'yes', { ':v': N(3) }],
  ['contains(s, :v)', 'no', { ':v': N(1) }],
  ['size(s) = :v', 'yes', { ':v': N(5) }],
  ['size(l) > :v', 'yes', { ':v': N(2) }],
  ['size(n) = :v', 'no', { ':v': N(1) }],
  ['size(b) BETWEEN :v AND :v', 'yes', { ':v': N(5) }],
  ['size(s)', 'invalid'],
  ['n = :v OR n = :w AND s = :w', 'yes', { ':v': N(5), ':w': N(6) }],
  ['(n = :v OR n = :w) AND s = :w', 'no', { ':v': N(5), ':w': N(6) }],
  ['NOT n = :v AND n = :v', 'no', { ':v': N(5) }],
  ['((n = :v))', 'invalid', { ':v': N(5) }],
  ['status = :v', 'invalid', { ':v': N(5) }],
  ['n = :v, s = :v', 'invalid', { ':v': N(5) }],
  ['n == :v', 'invalid', { ':v': N(5) }],
  ['n = 5', 'invalid'],
  ['', 'invalid'],
  ['n = :undefined', 'invalid', { ':v': N(5) }],
  ['attribute_exists(n)', 'invalid', { ':unused': N(5) }],
  ['unknown(n, :v)', 'invalid', { ':v': N(5) }],
];

/** The attributes that differ from the sample afterwards (undefined: gone), or `invalid`. */
const UPDATES: readonly [
  expression: string,
  outcome: Record<string, AttributeValue | undefined> | 'invalid',
  values?: Values,
][] = [
  ['SET n = n + :v', { n: N('5.5') }, { ':v': N('0.5') }],
  ['SET n = :v - n', { n: N(-4) }, { ':v': N(1) }],
  ['SET n = (n + :v)', { n: N(6) }, { ':v': N(1) }],
  ['SET n = n + n + :v', 'invalid', { ':v': N(1) }],
  ['SET n = s + :v', 'invalid', { ':v': N(1) }],
  ['SET n = nope + :v', 'invalid', { ':v': N(1) }],
  ['SET q = nope', 'invalid'],
  ['SET q = if_not_exists(q, :v) + :w', { q: N(3) }, { ':v': N(1), ':w': N(2) }],
  ['SET q = if_not_exists(n, :v)', { q: N(5) }, { ':v': N(1) }],
  ['SET q = list_append(l, :v)', { q: { L: [N(1), N(2), N(3), N(9)] } }, { ':v': { L: [N(9)] } }],
  [
    'SET q = list_append(if_not_exists(q, :e), :v)',
    { q: { L: [N(9)] } },
    { ':v': { L: [N(9)] }, ':e': { L: [] } },
  ],
  ['SET q = list_append(s, :v)', 'invalid', { ':v': { L: [N(9)] } }],
  ['SET l[0] = l[1], l[1] = l[0]', { l: { L: [N(2), N(1), N(3)] } }],
  ['SET l[9] = :v, l[7] = n', { l: { L: [N(1), N(2), N(3), N(5), N(8)] } }, { ':v': N(8) }],
  ['REMOVE l[0], l[2]', { l: { L: [N(2)] } }],
  ['REMOVE l[0] SET l[1] = :v', { l: { L: [N(8), N(3)] } }, { ':v': N(8) }],
  ['SET m.y.z = :v, m.w = :v', { m: { M: { x: N(1), y: { M: { z: N(8) } }, w: N(8) } } }, { ':v': N(8) }],
  ['REMOVE m.x, nope', { m: { M: { y: { M: { z: S('q') } } } } }],
  ['SET nope.x = :v', 'invalid', { ':v': N(1) }],
  ['SET n.x = :v', 'invalid', { ':v': N(1) }],
  ['REMOVE nope.x', 'invalid'],
  ['ADD n :v, q :v', { n: N(6), q: N(1) }, { ':v': N(1) }],
  ['ADD ss :v', { ss: { SS: ['a', 'b', 'c'] } }, { ':v': { SS: ['c', 'a'] } }],
  ['ADD ss :v', 'invalid', { ':v': { NS: ['1'] } }],
  ['ADD s :v', 'invalid', { ':v': N(1) }],
  ['DELETE ss :v', { ss: { SS: ['b'] } }, { ':v': { SS: ['a', 'z'] } }],
  ['DELETE ss :v', { ss: undefined }, { ':v': { SS: ['a', 'b'] } }],
  ['DELETE q :v', {}, { ':v': { SS: ['a'] } }],
  [
    'SET n = :v REMOVE s ADD q :v DELETE ns :w',
    { n: N(1), s: undefined, q: N(1), ns: { NS: ['1'] } },
    { ':v': N(1), ':w': { NS: ['2'] } },
  ],
  ['SET n = :v, n = :v', 'invalid', { ':v': N(1) }],
  ['SET m = :v, m.x = :v', 'invalid', { ':v': N(1) }],
  ['SET m.x = :v, m[0] = :v', 'invalid', { ':v': N(1) }],
  ['SET n = :v SET s = :v', 'invalid', { ':v': N(1) }],
  ['SET pk = :v', 'invalid', { ':v': S('x') }],
  ['REMOVE sk', 'invalid'],
  ['SET n = :v,', 'invalid', { ':v': N(1) }],
  ['', 'invalid'],
  ['SET n = :v + :w', 'invalid', { ':v': N('1E40'), ':w': N(1) }],
];

/** The range keys found under `pk = 'q'`, where k0 … k4, ké and k😀 stand; or `invalid`. */
const KEY_CONDITIONS: readonly [
  expression: string,
  outcome: readonly string[] | 'invalid',
  values?: Values,
][] = [
  ['pk = :p', ['k0', 'k1', 'k2', 'k3', 'k4', 'ké', 'k\uffff', 'k😀']],
  ['pk = :p AND sk = :s', ['k2'], { ':s': S('k2') }],
  ['sk >= :s AND pk = :p', ['k3', 'k4', 'ké', 'k\uffff', 'k😀'], { ':s': S('k3') }],
  ['(pk = :p) AND (sk < :s)', ['k0'], { ':s': S('k1') }],
  [':s < sk AND pk = :p', ['k\uffff', 'k😀'], { ':s': S('ké') }],
  ['pk = :p AND sk BETWEEN :s AND :t', ['k1', 'k2'], { ':s': S('k1'), ':t': S('k2x') }],
  ['pk = :p AND begins_with(sk, :s)', ['k\uffff'], { ':s': S('k\uffff') }],
  ['pk = :p AND begins_with(sk, :s)', [], { ':s': S('K') }],
  ['pk > :p', 'invalid'],
  ['sk = :p', 'invalid'],
  ['pk = :p OR pk = :p', 'invalid'],
  ['pk = :p AND sk <> :p', 'invalid'],
  ['pk = :p AND contains(sk, :p)', 'invalid'],
  ['pk = :p AND n = :p', 'invalid'],
  ['pk = :p AND sk > :p AND sk < :p', 'invalid'],
  ['pk = :p AND sk = :s', 'invalid', { ':s': N(1) }],
  ['pk = :p AND sk = :s', 'invalid', { ':s': S('') }],
];

const PROJECTIONS: readonly [expression: string, outcome: Record<string, AttributeValue> | 'invalid'][] = [
  ['n, nope', { n: N(5) }],
  ['l[2], l[0], m.y', { l: { L: [N(1), N(3)] }, m: { M: { y: { M: { z: S('q') } } } } }],
  ['m.x, m.y.z', { m: { M: { x: N(1), y: { M: { z: S('q') } } } } }],
  ['nope', {}],
  ['m, m.x', 'invalid'],
  ['status', 'invalid'],
];

const NUMBERS: readonly [given: string, stored: string | 'invalid'][] = [
  ['1.0', '1'],
  ['1E2', '100'],
  ['-0.00', '0'],
  ['00012.3400', '12.34'],
  ['.5', '0.5'],
  ['1e-3', '0.001'],
  ['12345678901234567890123456789012345678', '12345678901234567890123456789012345678'],
  ['123456789012345678901234567890123456789', 'invalid'],
  ['1E126', 'invalid'],
  ['1E-131', 'invalid'],
  ['abc', 'invalid'],
  ['', 'invalid'],
  ['NaN', 'invalid'],
];

/** The error's name, where one is expected. */
async function failure(action: Promise<unknown>): Promise<string> {
  try {
    await action;
  } catch (error) {
    return (error as Error).name;
  }
  throw new Error('The request succeeded, but was to fail');
}

async function cancellation(action: Promise<unknown>): Promise<TransactionCanceledException> {
  try {
    await action;
  } catch (error) {
    if (error instanceof TransactionCanceledException) return error;
    throw error;
  }
  throw new Error('The transaction succeeded, but was to be cancelled');
}

const targets: readonly { name: string; wanted: boolean; start: () => Promise<DynamoDbEndpoint> }[] = [
  { name: 'SQLite', wanted: true, start: startSqliteDynamoDb },
  { name: 'DynamoDB Local', wanted: dynamoDbLocalWanted, start: startDynamoDbLocal },
];

describe.each(targets)('$name behaves as DynamoDB', ({ wanted, start }) => {
  describe.skipIf(!wanted)('when the SDK asks', () => {
    let endpoint: DynamoDbEndpoint;
    let clients: Clients;
    let table: string;

    beforeAll(async () => {
      endpoint = await start();
      clients = clientsFor(endpoint.endpoint);
      table = await createTable(clients);
    });

    afterAll(async () => {
      clients.destroy();
      await endpoint.stop();
    });

    const put = (item: Record<string, AttributeValue>) =>
      clients.db.send(new PutItemCommand({ TableName: table, Item: item }));

    const get = async (pk: string, sk: string) => {
      const command = new GetItemCommand({ TableName: table, Key: key(pk, sk), ConsistentRead: true });
      return (await clients.db.send(command)).Item;
    };

    test.each(CONDITIONS)('condition %s: %s', async (expression, outcome, values) => {
      await put(SAMPLE);
      const action = clients.db.send(
        new UpdateItemCommand({
          TableName: table,
          Key: key('sample', '1'),
          ConditionExpression: expression,
          ...(values === undefined ? {} : { ExpressionAttributeValues: values }),
        }),
      );
      if (outcome === 'yes') await action;
      else {
        const expected = outcome === 'no' ? 'ConditionalCheckFailedException' : 'ValidationException';
        expect(await failure(action)).toBe(expected);
      }
    });

    test.each(UPDATES)('update %s', async (expression, outcome, values) => {
      await put(SAMPLE);
      const action = clients.db.send(
        new UpdateItemCommand({
          TableName: table,
          Key: key('sample', '1'),
          UpdateExpression: expression,
          ReturnValues: 'ALL_NEW',
          ...(values === undefined ? {} : { ExpressionAttributeValues: values }),
        }),
      );
      if (outcome === 'invalid') {
        expect(await failure(action)).toBe('ValidationException');
        expect(await get('sample', '1')).toEqual(await sampleAsRead());
        return;
      }
      const { Attributes } = await action;
      const expected = { ...(await sampleAsRead()), ...outcome };
      for (const name of Object.keys(outcome)) if (outcome[name] === undefined) delete expected[name];
      expect(Attributes).toEqual(expected);
      expect(await get('sample', '1')).toEqual(expected);
    });

    /** Binary values come back as plain byte arrays. */
    async function sampleAsRead(): Promise<Record<string, AttributeValue>> {
      return { ...SAMPLE, b: { B: new Uint8Array(Buffer.from('hello')) } };
    }

    test.each(PROJECTIONS)('projection %s', async (expression, outcome) => {
      await put(SAMPLE);
      const action = clients.db.send(
        new GetItemCommand({
          TableName: table,
          Key: key('sample', '1'),
          ProjectionExpression: expression,
        }),
      );
      if (outcome === 'invalid') expect(await failure(action)).toBe('ValidationException');
      else expect((await action).Item).toEqual(outcome);
    });

    test.each(NUMBERS)('number %j is stored as %s', async (given, stored) => {
      const action = put({ ...key('number', '1'), n: N(given) });
      if (stored === 'invalid') {
        expect(await failure(action)).toBe('ValidationException');
        return;
      }
      await action;
      expect((await get('number', '1'))?.['n']).toEqual(N(stored));
    });

    describe('queries', () => {
      const KEYS = ['k0', 'k1', 'k2', 'k3', 'k4', 'ké', 'k\uffff', 'k😀'];

      beforeAll(async () => {
        for (const [index, sk] of KEYS.entries()) {
          await put({ ...key('q', sk), n: N(index), ...(index % 2 === 0 ? { group: S('even') } : {}) });
        }
        await put({ ...key('other', 'k1'), n: N(1) });
      });

      const query = (expression: string, values: Values = {}, more: Partial<QueryCommandInput> = {}) =>
        clients.db.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: expression,
            ExpressionAttributeValues: { ':p': S('q'), ...values },
            ...more,
          }),
        );

      test.each(KEY_CONDITIONS)('key condition %s', async (expression, outcome, values) => {
        const action = query(expression, values);
        if (outcome === 'invalid') {
          expect(await failure(action)).toBe('ValidationException');
          return;
        }
        expect((await action).Items?.map((item) => item['sk']?.S)).toEqual(outcome);
      });

      test.each([true, false])('pages join up without gap or repetition, forward %s', async (forward) => {
        const found: (string | undefined)[] = [];
        let start: Record<string, AttributeValue> | undefined;
        do {
          const page = await query(
            'pk = :p',
            {},
            {
              Limit: 3,
              ScanIndexForward: forward,
              ...(start === undefined ? {} : { ExclusiveStartKey: start }),
            },
          );
          found.push(...(page.Items ?? []).map((item) => item['sk']?.S));
          start = page.LastEvaluatedKey;
        } while (start !== undefined);
        expect(found).toEqual(forward ? KEYS : KEYS.toReversed());
      });

      test('a filter takes from the page, it does not refill it', async () => {
        const page = await query('pk = :p', { ':n': N(1) }, { FilterExpression: 'n > :n', Limit: 3 });
        expect(page).toMatchObject({ Count: 1, ScannedCount: 3, LastEvaluatedKey: key('q', 'k2') });
        const filterOnKey = query('pk = :p', {}, { FilterExpression: 'sk = :p' });
        expect(await failure(filterOnKey)).toBe('ValidationException');
      });

      test('a page ends after 1 MB, with the item that crosses it', async () => {
        const text = 'x'.repeat(99_980);
        for (let index = 0; index < 12; index += 1) {
          await put({ ...key('page', String(index).padStart(2, '0')), text: S(text) });
        }
        const page = await query(
          'pk = :page',
          { ':page': S('page') },
          {
            ExpressionAttributeValues: { ':page': S('page') },
            ReturnConsumedCapacity: 'TOTAL',
          },
        );
        expect(page.Count).toBe(11);
        expect(page.LastEvaluatedKey).toEqual(key('page', '10'));
        expect(page.ConsumedCapacity?.CapacityUnits).toBe(134.5);
      });

      test('a start key outside the query is refused', async () => {
        const elsewhere = query('pk = :p', {}, { ExclusiveStartKey: key('other', 'k1') });
        expect(await failure(elsewhere)).toBe('ValidationException');
        const before = query('pk = :p AND sk > :s', { ':s': S('k2') }, { ExclusiveStartKey: key('q', 'k1') });
        expect(await failure(before)).toBe('ValidationException');
      });

      test('COUNT counts without items', async () => {
        const page = await query('pk = :p', {}, { Select: 'COUNT' });
        expect(page).toMatchObject({ Count: 8, ScannedCount: 8 });
        expect(page.Items).toBeUndefined();
      });

      test('an index is sparse, ordered, and holds what it projects', async () => {
        const byGroup = (more: Partial<QueryCommandInput> = {}) =>
          clients.db.send(
            new QueryCommand({
              TableName: table,
              IndexName: 'byGroup',
              KeyConditionExpression: '#g = :g',
              ExpressionAttributeNames: { '#g': 'group' },
              ExpressionAttributeValues: { ':g': S('even') },
              ...more,
            }),
          );
        const first = await byGroup({ Limit: 2 });
        expect(first.Items).toEqual([
          { ...key('q', 'k0'), group: S('even'), n: N(0) },
          { ...key('q', 'k2'), group: S('even'), n: N(2) },
        ]);
        expect(first.LastEvaluatedKey).toEqual({ ...key('q', 'k2'), group: S('even') });
        const rest = await byGroup({
          ...(first.LastEvaluatedKey && { ExclusiveStartKey: first.LastEvaluatedKey }),
        });
        expect(rest.Items?.map((item) => item['sk']?.S)).toEqual(['k4', 'k\uffff']);
        expect(await failure(byGroup({ ConsistentRead: true }))).toBe('ValidationException');
        expect(await failure(byGroup({ ProjectionExpression: 'text' }))).toBe('ValidationException');
        await put({ ...key('q', 'k0'), n: N(0) });
        expect((await byGroup()).Items?.map((item) => item['sk']?.S)).toEqual(['k2', 'k4', 'k\uffff']);
        await put({ ...key('q', 'k0'), n: N(0), group: S('even') });
        expect(await failure(put({ ...key('q', 'k0'), group: N(1) }))).toBe('ValidationException');
      });

      test('the segments of a parallel scan share the table out', async () => {
        const whole = await clients.db.send(new ScanCommand({ TableName: table, Select: 'COUNT' }));
        const found: string[] = [];
        for (const Segment of [0, 1, 2]) {
          let start: Record<string, AttributeValue> | undefined;
          do {
            const page: ScanCommandOutput = await clients.db.send(
              new ScanCommand({
                TableName: table,
                Segment,
                TotalSegments: 3,
                ProjectionExpression: 'pk, sk',
                ...(start === undefined ? {} : { ExclusiveStartKey: start }),
              }),
            );
            found.push(...(page.Items ?? []).map((item) => `${item['pk']?.S} ${item['sk']?.S}`));
            start = page.LastEvaluatedKey;
          } while (start !== undefined);
        }
        expect(found.length).toBeGreaterThanOrEqual(whole.Count ?? 0);
        expect(new Set(found).size).toBe(found.length);
      });
    });

    describe('writes', () => {
      test('a failed condition answers with the stored item when asked', async () => {
        await put({ ...key('cond', '1'), n: N(1) });
        const command = (more: object) =>
          new PutItemCommand({
            TableName: table,
            Item: key('cond', '1'),
            ConditionExpression: 'attribute_not_exists(pk)',
            ...more,
          });
        const asked = await clients.db
          .send(command({ ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }))
          .catch((error: unknown) => error);
        expect(asked).toBeInstanceOf(ConditionalCheckFailedException);
        expect((asked as ConditionalCheckFailedException).Item).toEqual({ ...key('cond', '1'), n: N(1) });
        const unasked = await clients.db.send(command({})).catch((error: unknown) => error);
        expect((unasked as ConditionalCheckFailedException).Item).toBeUndefined();
      });

      test('ALL_OLD answers with what was replaced or deleted, and with nothing where nothing was', async () => {
        const ReturnValues = 'ALL_OLD' as const;
        const replace = (n: number) =>
          clients.db.send(
            new PutItemCommand({ TableName: table, Item: { ...key('old', '1'), n: N(n) }, ReturnValues }),
          );
        const remove = () =>
          clients.db.send(new DeleteItemCommand({ TableName: table, Key: key('old', '1'), ReturnValues }));
        expect((await replace(1)).Attributes).toBeUndefined();
        expect((await replace(2)).Attributes).toEqual({ ...key('old', '1'), n: N(1) });
        expect((await remove()).Attributes).toEqual({ ...key('old', '1'), n: N(2) });
        expect((await remove()).Attributes).toBeUndefined();
      });

      test('UPDATED_OLD and UPDATED_NEW answer with the updated attributes only', async () => {
        await put({ ...key('upd', '1'), a: N(1), b: N(2) });
        const update = (ReturnValues: 'UPDATED_OLD' | 'UPDATED_NEW') =>
          clients.db.send(
            new UpdateItemCommand({
              TableName: table,
              Key: key('upd', '1'),
              UpdateExpression: 'SET a = a + :one, c = if_not_exists(c, :one)',
              ExpressionAttributeValues: { ':one': N(1) },
              ReturnValues,
            }),
          );
        expect((await update('UPDATED_OLD')).Attributes).toEqual({ a: N(1) });
        expect((await update('UPDATED_NEW')).Attributes).toEqual({ a: N(3), c: N(1) });
      });

      test('an update of nothing makes the item', async () => {
        await clients.db.send(new UpdateItemCommand({ TableName: table, Key: key('made', '1') }));
        expect(await get('made', '1')).toEqual(key('made', '1'));
      });

      test.each([
        ['an empty hash key', key('', '1')],
        ['an empty range key', key('1', '')],
        ['a missing range key', { pk: S('1') }],
        ['a key of another type', { pk: N(1), sk: S('1') }],
        ['a hash key over 2048 bytes', key('é'.repeat(1025), '1')],
        ['a range key over 1024 bytes', key('1', 'x'.repeat(1025))],
        ['an item over 400 KB', { ...key('1', '1'), text: S('x'.repeat(409_600)) }],
        ['an empty set', { ...key('1', '1'), set: { SS: [] } }],
        ['a set with an element twice', { ...key('1', '1'), set: { NS: ['1', '1.0'] } }],
        ['an attribute without a name', { ...key('1', '1'), '': S('x') }],
      ])('%s is refused', async (_, item) => {
        expect(await failure(put(item as Record<string, AttributeValue>))).toBe('ValidationException');
      });

      test('a key with more than the schema is refused', async () => {
        const command = new GetItemCommand({ TableName: table, Key: { ...key('1', '1'), n: N(1) } });
        expect(await failure(clients.db.send(command))).toBe('ValidationException');
      });

      test('attributes may be named like the members of a JavaScript object', async () => {
        const item = { ...key('names', '1'), constructor: S('a'), toString: S('b') };
        await put(item);
        expect(await get('names', '1')).toEqual(item);
        const command = new DeleteItemCommand({
          TableName: table,
          Key: key('names', '1'),
          ConditionExpression: 'attribute_exists(#v)',
          ExpressionAttributeNames: { '#v': 'valueOf' },
        });
        expect(await failure(clients.db.send(command))).toBe('ConditionalCheckFailedException');
      });

      test('an unknown table is not found', async () => {
        const command = new GetItemCommand({ TableName: 'nowhere', Key: key('1', '1') });
        expect(await failure(clients.db.send(command))).toBe('ResourceNotFoundException');
      });
    });

    describe('batches', () => {
      test('write and read many items', async () => {
        const RequestItems = {
          [table]: ['1', '2', '3'].map((sk) => ({ PutRequest: { Item: key('batch', sk) } })),
        };
        const written = await clients.db.send(new BatchWriteItemCommand({ RequestItems }));
        expect(written.UnprocessedItems).toEqual({});
        await clients.db.send(
          new BatchWriteItemCommand({
            RequestItems: { [table]: [{ DeleteRequest: { Key: key('batch', '2') } }] },
          }),
        );
        const read = await clients.db.send(
          new BatchGetItemCommand({
            RequestItems: {
              [table]: { Keys: ['1', '2', '3'].map((sk) => key('batch', sk)), ProjectionExpression: 'sk' },
            },
            ReturnConsumedCapacity: 'TOTAL',
          }),
        );
        expect(read.Responses?.[table]?.map((item) => item['sk']?.S).sort()).toEqual(['1', '3']);
        expect(read.UnprocessedKeys).toEqual({});
      });

      test('are refused with duplicates, with too many and with none', async () => {
        const write = (keys: readonly string[]) =>
          clients.db.send(
            new BatchWriteItemCommand({
              RequestItems: { [table]: keys.map((sk) => ({ PutRequest: { Item: key('batch', sk) } })) },
            }),
          );
        expect(await failure(write(['1', '1']))).toBe('ValidationException');
        expect(await failure(write(Array.from({ length: 26 }, (_, index) => String(index))))).toBe(
          'ValidationException',
        );
        expect(await failure(write([]))).toBe('ValidationException');
        const twice = new BatchGetItemCommand({
          RequestItems: { [table]: { Keys: [key('batch', '1'), key('batch', '1')] } },
        });
        expect(await failure(clients.db.send(twice))).toBe('ValidationException');
      });
    });

    describe('transactions', () => {
      type Items = NonNullable<ConstructorParameters<typeof TransactWriteItemsCommand>[0]['TransactItems']>;
      const transact = (TransactItems: Items, ClientRequestToken?: string) =>
        clients.db.send(
          new TransactWriteItemsCommand({
            TransactItems,
            ...(ClientRequestToken === undefined ? {} : { ClientRequestToken }),
          }),
        );

      test('do all of it', async () => {
        await put({ ...key('tx', 'old'), n: N(1) });
        await put({ ...key('tx', 'gone'), n: N(1) });
        await transact([
          { Put: { TableName: table, Item: key('tx', 'new') } },
          {
            Update: {
              TableName: table,
              Key: key('tx', 'old'),
              UpdateExpression: 'SET n = n + :v',
              ExpressionAttributeValues: { ':v': N(1) },
            },
          },
          { Delete: { TableName: table, Key: key('tx', 'gone') } },
          {
            ConditionCheck: {
              TableName: table,
              Key: key('tx', 'never'),
              ConditionExpression: 'attribute_not_exists(pk)',
            },
          },
        ]);
        expect(await get('tx', 'new')).toEqual(key('tx', 'new'));
        expect((await get('tx', 'old'))?.['n']).toEqual(N(2));
        expect(await get('tx', 'gone')).toBeUndefined();
      });

      test('or nothing, with a reason for each item in order', async () => {
        await put({ ...key('tx', 'there'), n: N(7) });
        const ifNew = { TableName: table, ConditionExpression: 'attribute_not_exists(pk)' };
        const error = await cancellation(
          transact([
            { Put: { TableName: table, Item: key('tx', 'fresh') } },
            {
              Put: {
                ...ifNew,
                Item: key('tx', 'there'),
                ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
              },
            },
            {
              ConditionCheck: {
                TableName: table,
                Key: key('tx', 'absent'),
                ConditionExpression: 'attribute_exists(pk)',
              },
            },
          ]),
        );
        expect(error.message).toBe(
          'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, ConditionalCheckFailed]',
        );
        expect(error.CancellationReasons?.map((reason) => reason.Code)).toEqual([
          'None',
          'ConditionalCheckFailed',
          'ConditionalCheckFailed',
        ]);
        expect(error.CancellationReasons?.map((reason) => reason.Item)).toEqual([
          undefined,
          { ...key('tx', 'there'), n: N(7) },
          undefined,
        ]);
        expect(await get('tx', 'fresh')).toBeUndefined();
      });

      test('repeat under their token without effect, and only themselves', async () => {
        const add = (n: number): Items => [
          {
            Update: {
              TableName: table,
              Key: key('tx', 'token'),
              UpdateExpression: 'ADD n :v',
              ExpressionAttributeValues: { ':v': N(n) },
            },
          },
        ];
        const token = `token-${table}`;
        await transact(add(1), token);
        await transact(add(1), token);
        expect((await get('tx', 'token'))?.['n']).toEqual(N(1));
        expect(await failure(transact(add(2), token))).toBe('IdempotentParameterMismatchException');
        expect(await failure(transact(add(2), 'x'.repeat(37)))).toBe('ValidationException');
      });

      test('may be repeated under their token after a cancellation', async () => {
        const items: Items = [
          {
            Put: {
              TableName: table,
              Item: key('tx', 'later'),
              ConditionExpression: 'attribute_not_exists(pk)',
            },
          },
        ];
        await put(key('tx', 'later'));
        await cancellation(transact(items, `again-${table}`));
        await clients.db.send(new DeleteItemCommand({ TableName: table, Key: key('tx', 'later') }));
        await transact(items, `again-${table}`);
        expect(await get('tx', 'later')).toEqual(key('tx', 'later'));
      });

      test('are refused with an item twice, with 101 items, with none and over 4 MB', async () => {
        const puts = (count: number, text = ''): Items =>
          Array.from({ length: count }, (_, index) => ({
            Put: { TableName: table, Item: { ...key('tx', `many${index}`), text: S(text) } },
          }));
        expect(await failure(transact([...puts(1), ...puts(1)]))).toBe('ValidationException');
        expect(await failure(transact(puts(101)))).toBe('ValidationException');
        expect(await failure(transact([]))).toBe('ValidationException');
        expect(await failure(transact(puts(11, 'x'.repeat(390_000))))).toBe('ValidationException');
        await transact(puts(100));
      });

      test('read many items at once', async () => {
        await put({ ...key('tx', 'read'), n: N(1) });
        const { Responses } = await clients.db.send(
          new TransactGetItemsCommand({
            TransactItems: [
              { Get: { TableName: table, Key: key('tx', 'read'), ProjectionExpression: 'n' } },
              { Get: { TableName: table, Key: key('tx', 'nowhere') } },
            ],
          }),
        );
        expect(Responses).toEqual([{ Item: { n: N(1) } }, {}]);
      });
    });

    describe('capacity', () => {
      const TOTAL = { ReturnConsumedCapacity: 'TOTAL' as const };
      const units = (answer: { ConsumedCapacity?: { CapacityUnits?: number | undefined } | undefined }) =>
        answer.ConsumedCapacity?.CapacityUnits;

      test('counts a write per KB of the larger item, a read per 4 KB', async () => {
        const big = { ...key('cap', '1'), text: S('x'.repeat(4_100)) };
        const write = (Item: Record<string, AttributeValue>) =>
          clients.db.send(new PutItemCommand({ TableName: table, Item, ...TOTAL }));
        const read = (ConsistentRead: boolean) =>
          clients.db.send(
            new GetItemCommand({ TableName: table, Key: key('cap', '1'), ConsistentRead, ...TOTAL }),
          );
        expect(units(await write(big))).toBe(5);
        expect(units(await read(true))).toBe(2);
        expect(units(await read(false))).toBe(1);
        expect(units(await write(key('cap', '1')))).toBe(5);
        expect(units(await read(false))).toBe(0.5);
      });
    });

    describe('streams', () => {
      test('hold every change in order, and none that changes nothing', async () => {
        const own = clientsFor(endpoint.endpoint);
        const name = await createTable(own);
        const send = (command: PutItemCommand | UpdateItemCommand | DeleteItemCommand) =>
          own.db.send(command as PutItemCommand);
        const item = { ...key('st', '1'), n: N(1) };
        await send(new DeleteItemCommand({ TableName: name, Key: key('st', '1') }));
        await send(new PutItemCommand({ TableName: name, Item: item }));
        await send(new PutItemCommand({ TableName: name, Item: { ...item, n: N('1.0') } }));
        await send(
          new UpdateItemCommand({ TableName: name, Key: key('st', '1'), UpdateExpression: 'SET n = n' }),
        );
        await send(new PutItemCommand({ TableName: name, Item: { ...item, n: N(2) } }));
        await send(new DeleteItemCommand({ TableName: name, Key: key('st', '1') }));
        const records = await readStream(own, name);
        expect(
          records.map(({ eventName, dynamodb }) => ({
            eventName,
            keys: dynamodb?.Keys,
            old: dynamodb?.OldImage,
            new: dynamodb?.NewImage,
            bytes: dynamodb?.SizeBytes,
          })),
        ).toEqual([
          { eventName: 'INSERT', keys: key('st', '1'), new: item, old: undefined, bytes: 17 },
          { eventName: 'MODIFY', keys: key('st', '1'), new: { ...item, n: N(2) }, old: item, bytes: 27 },
          { eventName: 'REMOVE', keys: key('st', '1'), new: undefined, old: { ...item, n: N(2) }, bytes: 17 },
        ]);
        const numbers = records.map(({ dynamodb }) => dynamodb?.SequenceNumber ?? '');
        expect(numbers).toEqual(numbers.toSorted());
        expect(new Set(numbers).size).toBe(numbers.length);
        own.destroy();
      });

      test('are read from the beginning, the end, at and after a record, with a limit', async () => {
        const own = clientsFor(endpoint.endpoint);
        const name = await createTable(own);
        const write = (n: number) =>
          own.db.send(new PutItemCommand({ TableName: name, Item: { ...key('st', '1'), n: N(n) } }));
        for (const n of [1, 2, 3]) await write(n);
        const { Streams } = await own.streams.send(new ListStreamsCommand({ TableName: name }));
        expect(Streams).toHaveLength(1);
        const StreamArn = Streams?.[0]?.StreamArn;
        const { StreamDescription } = await own.streams.send(new DescribeStreamCommand({ StreamArn }));
        expect(StreamDescription).toMatchObject({
          StreamStatus: 'ENABLED',
          StreamViewType: 'NEW_AND_OLD_IMAGES',
          TableName: name,
        });
        const ShardId = StreamDescription?.Shards?.[0]?.ShardId;
        type Start = 'TRIM_HORIZON' | 'LATEST' | 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER';
        const iterator = async (ShardIteratorType: Start, SequenceNumber?: string) => {
          const command = new GetShardIteratorCommand({
            StreamArn,
            ShardId,
            ShardIteratorType,
            ...(SequenceNumber === undefined ? {} : { SequenceNumber }),
          });
          return (await own.streams.send(command)).ShardIterator;
        };
        const read = async (ShardIterator: string | undefined, Limit = 1000) => {
          const page = await own.streams.send(new GetRecordsCommand({ ShardIterator, Limit }));
          return { page, seen: page.Records?.map(({ dynamodb }) => dynamodb?.NewImage?.['n']?.N) };
        };
        const latest = await iterator('LATEST');
        expect((await read(latest)).seen).toEqual([]);
        const first = await read(await iterator('TRIM_HORIZON'), 2);
        expect(first.seen).toEqual(['1', '2']);
        expect((await read(first.page.NextShardIterator)).seen).toEqual(['3']);
        const second = first.page.Records?.[1]?.dynamodb?.SequenceNumber;
        expect((await read(await iterator('AT_SEQUENCE_NUMBER', second))).seen).toEqual(['2', '3']);
        expect((await read(await iterator('AFTER_SEQUENCE_NUMBER', second))).seen).toEqual(['3']);
        await write(4);
        expect((await read(latest)).seen).toEqual(['4']);
        own.destroy();
      });
    });

    describe('tables', () => {
      test('are made, described, listed and deleted', async () => {
        const own = clientsFor(endpoint.endpoint);
        const name = await createTable(own);
        const { Table } = await own.db.send(new DescribeTableCommand({ TableName: name }));
        expect(Table).toMatchObject({
          TableName: name,
          TableStatus: 'ACTIVE',
          KeySchema: TABLE.KeySchema,
          BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
          StreamSpecification: TABLE.StreamSpecification,
          GlobalSecondaryIndexes: [{ IndexName: 'byGroup', IndexStatus: 'ACTIVE' }],
        });
        expect((await own.db.send(new ListTablesCommand({}))).TableNames).toContain(name);
        const again = own.db.send(new CreateTableCommand({ ...TABLE, TableName: name }));
        expect(await failure(again)).toBe('ResourceInUseException');
        await own.db.send(new DeleteTableCommand({ TableName: name }));
        const described = own.db.send(new DescribeTableCommand({ TableName: name }));
        expect(await failure(described)).toBe('ResourceNotFoundException');
        own.destroy();
      });

      test('are refused with a stray definition or a short name', async () => {
        const create = (more: object) =>
          clients.db.send(new CreateTableCommand({ ...TABLE, TableName: 'refused', ...more }));
        const { GlobalSecondaryIndexes: _, ...withoutIndex } = TABLE;
        const stray = clients.db.send(new CreateTableCommand({ ...withoutIndex, TableName: 'refused' }));
        expect(await failure(stray)).toBe('ValidationException');
        expect(await failure(create({ TableName: 'ab' }))).toBe('ValidationException');
      });

      test('take and give up a time to live', async () => {
        const own = clientsFor(endpoint.endpoint);
        const TableName = await createTable(own);
        const set = (Enabled: boolean) =>
          own.db.send(
            new UpdateTimeToLiveCommand({
              TableName,
              TimeToLiveSpecification: { Enabled, AttributeName: 'ttl' },
            }),
          );
        const status = async () =>
          (await own.db.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription;
        expect(await status()).toEqual({ TimeToLiveStatus: 'DISABLED' });
        await set(true);
        expect(await status()).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' });
        expect(await failure(set(true))).toBe('ValidationException');
        await set(false);
        expect(await failure(set(false))).toBe('ValidationException');
        own.destroy();
      });
    });
  });
});

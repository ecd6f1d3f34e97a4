import { isDeepStrictEqual } from 'node:util';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type DynamoDbEndpoint,
  dynamoDbLocalWanted,
  startDynamoDbLocal,
  startSqliteDynamoDb,
} from '../../support/dynamodb.ts';
import { type Clients, clientsFor, createTable, readStream } from './clients.ts';

/**
 * The same random operations on Philia's endpoint and on AWS's DynamoDB Local: same answers, same refusals, and in
 * the end the same table and the same history of every item. fast-check prints the seed of a failure.
 *
 * Left out, because DynamoDB Local differs from AWS there: TransactionConflict, a transaction's capacity, the
 * extent of UPDATED_OLD and UPDATED_NEW for nested paths, and whether a page that ends exactly at its limit names a
 * LastEvaluatedKey. An update that fails on the stored item within a transaction is a ValidationException to
 * DynamoDB Local and a cancellation to AWS; both count as `refused`.
 */

const S = (value: string): AttributeValue => ({ S: value });
const N = (value: number | string): AttributeValue => ({ N: String(value) });

const partition = fc.constantFrom('p1', 'p2');
const range = fc.constantFrom('a', 'b', 'c', 'ca', 'é', '😀', '\uffff');
const key = fc.record({ pk: partition.map(S), sk: range.map(S) });

const number = fc
  .oneof(
    fc.integer({ min: -1000, max: 1000 }).map(String),
    fc.constantFrom('0', '1', '-0.5', '1E3', '99999999999999999999999999999999999999', '1E-20'),
  )
  .map(N);
const text = fc.constantFrom('', 'x', 'xy', 'y', 'é').map(S);
const stringSet = fc
  .uniqueArray(fc.constantFrom('x', 'y', 'z'), { minLength: 1 })
  .map((SS): AttributeValue => ({ SS }));
const numberSet = fc
  .uniqueArray(fc.constantFrom('1', '2', '10'), { minLength: 1 })
  .map((NS): AttributeValue => ({ NS }));
const scalar = fc.oneof(
  number,
  text,
  fc.boolean().map((BOOL): AttributeValue => ({ BOOL })),
  fc.constant<AttributeValue>({ NULL: true }),
);
const list = fc.array(scalar, { maxLength: 3 }).map((L): AttributeValue => ({ L }));
const map = fc
  .dictionary(fc.constantFrom('x', 'y'), fc.oneof(scalar, list), { maxKeys: 2, noNullPrototype: true })
  .map((M): AttributeValue => ({ M }));
const value = fc.oneof({ weight: 3, arbitrary: scalar }, stringSet, numberSet, list, map);

const attributeName = fc.constantFrom('a', 'b', 'n', 'l', 'm', 'group');
const attributes = fc.dictionary(attributeName, value, { maxKeys: 4, noNullPrototype: true });

const path = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'n', 'l', 'm') },
  fc.constantFrom('m.x', 'm.y', 'l[0]', 'l[1]', 'l[5]', 'm.x[0]', '#n'),
);

interface Expression {
  readonly text: string;
  readonly values: Record<string, AttributeValue>;
}

/** An expression with `:v0`, `:v1` … for its values. */
function expression(parts: readonly (string | AttributeValue)[], prefix: string): Expression {
  const values: Record<string, AttributeValue> = {};
  const words = parts.map((part) => {
    if (typeof part === 'string') return part;
    const name = `:${prefix}${Object.keys(values).length}`;
    values[name] = part;
    return name;
  });
  return { text: words.join(' '), values };
}

type Parts = (string | AttributeValue)[];
const comparator = fc.constantFrom('=', '<>', '<', '<=', '>', '>=');

const predicate: fc.Arbitrary<Parts> = fc.oneof(
  fc.tuple(path, comparator, scalar).map(([p, c, v]): Parts => [p, c, v]),
  fc.tuple(path, fc.constantFrom('=', '<>'), value).map(([p, c, v]): Parts => [p, c, v]),
  fc.tuple(path, comparator, path).map(([p, c, q]): Parts => [p, c, q]),
  fc.tuple(path, number, number).map(([p, v, w]): Parts => [p, 'BETWEEN', v, 'AND', w]),
  fc.tuple(path, value, value).map(([p, v, w]): Parts => [p, 'IN', '(', v, ',', w, ')']),
  fc
    .tuple(fc.constantFrom('attribute_exists', 'attribute_not_exists'), path)
    .map(([f, p]): Parts => [`${f}(${p})`]),
  fc
    .tuple(path, fc.constantFrom('S', 'N', 'SS', 'NS', 'L', 'M', 'BOOL', 'NULL'))
    .map(([p, type]): Parts => ['attribute_type', '(', p, ',', S(type), ')']),
  fc.tuple(path, text).map(([p, v]): Parts => ['begins_with', '(', p, ',', v, ')']),
  fc.tuple(path, scalar).map(([p, v]): Parts => ['contains', '(', p, ',', v, ')']),
  fc.tuple(path, comparator, number).map(([p, c, v]): Parts => [`size(${p})`, c, v]),
);

const { condition } = fc.letrec<{ condition: Parts; compound: Parts }>((tie) => ({
  condition: fc.oneof({ maxDepth: 2 }, { weight: 3, arbitrary: predicate }, tie('compound')),
  compound: fc.oneof(
    tie('condition').map((c): Parts => ['NOT', ...c]),
    fc
      .tuple(tie('condition'), fc.constantFrom('AND', 'OR'), tie('condition'))
      .map(([left, operator, right]): Parts => ['(', ...left, operator, ...right, ')']),
    fc
      .tuple(tie('condition'), fc.constantFrom('AND', 'OR'), tie('condition'))
      .map(([left, operator, right]): Parts => [...left, operator, ...right]),
  ),
}));

const setValue: fc.Arbitrary<Parts> = fc.oneof(
  value.map((v): Parts => [v]),
  path.map((p): Parts => [p]),
  fc.tuple(path, fc.constantFrom('+', '-'), number).map(([p, sign, v]): Parts => [p, sign, v]),
  fc.tuple(path, value).map(([p, v]): Parts => ['if_not_exists', '(', p, ',', v, ')']),
  fc.tuple(path, number, number).map(([p, v, w]): Parts => ['if_not_exists', '(', p, ',', v, ')', '+', w]),
  fc.tuple(path, list).map(([p, v]): Parts => ['list_append', '(', p, ',', v, ')']),
);

const commas = (parts: readonly Parts[]): Parts =>
  parts.flatMap((part, index) => (index === 0 ? part : [',', ...part]));

const set = fc
  .uniqueArray(fc.tuple(path, setValue), { minLength: 1, maxLength: 2, selector: ([p]) => p })
  .map((actions): Parts => ['SET', ...commas(actions.map(([p, v]): Parts => [p, '=', ...v]))]);
const remove = fc
  .uniqueArray(path, { minLength: 1, maxLength: 2 })
  .map((paths): Parts => ['REMOVE', ...commas(paths.map((p) => [p]))]);
const addPath = path.filter((p) => p !== 'l[5]');
const add = fc.tuple(addPath, fc.oneof(number, stringSet, numberSet)).map(([p, v]): Parts => ['ADD', p, v]);
const deletion = fc.tuple(addPath, fc.oneof(stringSet, numberSet)).map(([p, v]): Parts => ['DELETE', p, v]);

const update: fc.Arbitrary<Parts> = fc.oneof(
  set,
  remove,
  add,
  deletion,
  fc.tuple(set, remove).map(([s, r]): Parts => [...s, ...r]),
  fc.tuple(set, add).map(([s, a]): Parts => [...s, ...a]),
);

type Write =
  | {
      readonly kind: 'Put';
      readonly item: Record<string, AttributeValue>;
      readonly condition: Parts | undefined;
    }
  | {
      readonly kind: 'Update';
      readonly key: Record<string, AttributeValue>;
      readonly update: Parts;
      readonly condition: Parts | undefined;
    }
  | {
      readonly kind: 'Delete';
      readonly key: Record<string, AttributeValue>;
      readonly condition: Parts | undefined;
    };

const maybe = fc.option(condition, { nil: undefined });
const write: fc.Arbitrary<Write> = fc.oneof(
  fc.record({
    kind: fc.constant('Put' as const),
    item: fc.tuple(key, attributes).map(([k, a]) => ({ ...a, ...k })),
    condition: maybe,
  }),
  fc.record({ kind: fc.constant('Update' as const), key, update, condition: maybe }),
  fc.record({ kind: fc.constant('Delete' as const), key, condition: maybe }),
);

/** A transaction names an item once; DynamoDB Local notices a second time only after the conditions. */
function placeOf(one: Write): string {
  const { pk, sk } = one.kind === 'Put' ? one.item : one.key;
  return JSON.stringify([pk, sk]);
}

type Operation =
  | { readonly kind: 'write'; readonly write: Write }
  | { readonly kind: 'transaction'; readonly writes: readonly Write[] }
  | {
      readonly kind: 'get';
      readonly key: Record<string, AttributeValue>;
      readonly projection: readonly string[];
    }
  | {
      readonly kind: 'query';
      readonly partition: string;
      readonly bound: Parts;
      readonly forward: boolean;
      readonly limit: number;
      readonly filter: Parts | undefined;
    };

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('write' as const), write }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('transaction' as const),
      writes: fc.uniqueArray(write, { minLength: 1, maxLength: 4, selector: placeOf }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('get' as const),
      key,
      projection: fc.uniqueArray(path, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('query' as const),
      partition,
      bound: fc.oneof(
        fc.constant<Parts>([]),
        fc
          .tuple(fc.constantFrom('=', '<', '<=', '>', '>='), range)
          .map(([c, r]): Parts => ['AND', 'sk', c, S(r)]),
        range.map((r): Parts => ['AND', 'begins_with', '(', 'sk', ',', S(r), ')']),
        fc.tuple(range, range).map(([r, q]): Parts => ['AND', 'sk', 'BETWEEN', S(r), 'AND', S(q)]),
      ),
      forward: fc.boolean(),
      limit: fc.integer({ min: 1, max: 4 }),
      filter: maybe,
    }),
  },
);

/** Names and values as the request wants them: only where they are used. */
function substitutions(...expressions: readonly (Expression | undefined)[]): object {
  const given = expressions.filter((one) => one !== undefined);
  const values = Object.assign({}, ...given.map((one) => one.values)) as Record<string, AttributeValue>;
  const named = given.some((one) => one.text.includes('#n'));
  return {
    ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {}),
    ...(named ? { ExpressionAttributeNames: { '#n': 'n' } } : {}),
  };
}

function writeInput(table: string, one: Write): object {
  const conditional = one.condition && expression(one.condition, 'c');
  const updating = one.kind === 'Update' ? expression(one.update, 'u') : undefined;
  return {
    TableName: table,
    ...(one.kind === 'Put' ? { Item: one.item } : { Key: one.key }),
    ...(updating === undefined ? {} : { UpdateExpression: updating.text }),
    ...(conditional === undefined ? {} : { ConditionExpression: conditional.text }),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    ...substitutions(updating, conditional),
  };
}

async function run({ db }: Clients, table: string, op: Operation): Promise<unknown> {
  switch (op.kind) {
    case 'write':
      return runWrite(db, table, op.write);
    case 'transaction': {
      const TransactItems = op.writes.map((one) => ({ [one.kind]: writeInput(table, one) }));
      await db.send(new TransactWriteItemsCommand({ TransactItems }));
      return 'committed';
    }
    case 'get': {
      const projection: Expression = { text: op.projection.join(', '), values: {} };
      const { Item } = await db.send(
        new GetItemCommand({
          TableName: table,
          Key: op.key,
          ProjectionExpression: projection.text,
          ...substitutions(projection),
        }),
      );
      return Item;
    }
    case 'query':
      return runQuery(db, table, op);
  }
}

async function runWrite(db: Clients['db'], table: string, one: Write): Promise<unknown> {
  const input = writeInput(table, one);
  if (one.kind === 'Put') {
    return (await db.send(new PutItemCommand({ ...input, ReturnValues: 'ALL_OLD' } as never))).Attributes;
  }
  if (one.kind === 'Delete') {
    return (await db.send(new DeleteItemCommand({ ...input, ReturnValues: 'ALL_OLD' } as never))).Attributes;
  }
  return (await db.send(new UpdateItemCommand({ ...input, ReturnValues: 'ALL_NEW' } as never))).Attributes;
}

/** All pages: the items and how many were looked at. */
async function runQuery(
  db: Clients['db'],
  table: string,
  op: Extract<Operation, { kind: 'query' }>,
): Promise<unknown> {
  const keyCondition = expression(['pk', '=', S(op.partition), ...op.bound], 'k');
  const filter = op.filter && expression(op.filter, 'f');
  const items: unknown[] = [];
  let scanned = 0;
  let start: Record<string, AttributeValue> | undefined;
  do {
    const page: { Items?: unknown[]; ScannedCount?: number; LastEvaluatedKey?: typeof start } =
      (await db.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: keyCondition.text,
          ...(filter === undefined ? {} : { FilterExpression: filter.text }),
          Limit: op.limit,
          ScanIndexForward: op.forward,
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
          ...substitutions(keyCondition, filter),
        }),
      )) as never;
    items.push(...(page.Items ?? []));
    scanned += page.ScannedCount ?? 0;
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return { items, scanned };
}

/** The answer, or the error as far as the two endpoints are to agree on it. */
async function outcome(action: Promise<unknown>): Promise<unknown> {
  try {
    return canonical(await action);
  } catch (error) {
    if (error instanceof TransactionCanceledException) {
      const reasons = (error.CancellationReasons ?? []).map((reason) => ({
        code: reason.Code,
        item: canonical(reason.Item),
      }));
      return reasons.some((reason) => reason.code === 'ValidationError') ? 'refused' : reasons;
    }
    if (error instanceof ConditionalCheckFailedException) return { failed: canonical(error.Item) };
    const { name } = error as Error;
    return name === 'ValidationException' ? 'refused' : name;
  }
}

/**
 * DynamoDB Local answers some sums as it computed them ("0.0"), where the value is what counts, and writes an empty
 * map as `{}` instead of `{ M: {} }` in its stream.
 */
function canonical(given: unknown): unknown {
  if (Array.isArray(given)) return given.map(canonical);
  if (typeof given !== 'object' || given === null) return given;
  if ('M' in given && isDeepStrictEqual(given.M, {})) return {};
  const entries = Object.entries(given).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    entries.map(([name, member]) => {
      if (name === 'N' && typeof member === 'string') return [name, plain(member)];
      if (name === 'NS' && Array.isArray(member)) return [name, member.map(plain).sort()];
      if (name === 'SS' && Array.isArray(member)) return [name, member.toSorted()];
      return [name, canonical(member)];
    }),
  );
}

function plain(number: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d*))?(?:E([+-]?\d+))?$/.exec(number) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const power = Number(exponent) - fraction.length + digits.length - significant.length;
  return `${sign}${significant}E${power}`;
}

/** The history of every item, in its own order; the order between items is not promised. */
async function histories(clients: Clients, table: string): Promise<unknown> {
  const byKey: Record<string, unknown[]> = {};
  for (const { eventName, dynamodb } of await readStream(clients, table)) {
    const place = JSON.stringify(canonical(dynamodb?.Keys));
    byKey[place] ??= [];
    byKey[place].push(
      canonical({ eventName, old: dynamodb?.OldImage, new: dynamodb?.NewImage, bytes: dynamodb?.SizeBytes }),
    );
  }
  return canonical(byKey);
}

async function contents({ db }: Clients, table: string): Promise<unknown> {
  const { Items } = await db.send(new ScanCommand({ TableName: table }));
  const byKey = (Items ?? []).map(
    (item) => [JSON.stringify([item['pk'], item['sk']]), canonical(item)] as const,
  );
  return byKey.sort(([a], [b]) => (a < b ? -1 : 1));
}

const RUNS = Number(process.env['DIFFERENTIAL_RUNS'] ?? 60);

describe.skipIf(!dynamoDbLocalWanted)('Philia’s endpoint and DynamoDB Local (DYNAMODB_LOCAL=1)', () => {
  let endpoints: readonly [DynamoDbEndpoint, DynamoDbEndpoint];

  beforeAll(async () => {
    endpoints = await Promise.all([startSqliteDynamoDb(), startDynamoDbLocal()]);
  });

  afterAll(async () => {
    await Promise.all(endpoints.map((endpoint) => endpoint.stop()));
  });

  test('give the same answers to the same operations', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { minLength: 10, maxLength: 40, size: 'max' }),
        async (operations) => {
          const sides = await Promise.all(
            endpoints.map(async (endpoint) => {
              const clients = clientsFor(endpoint.endpoint);
              return { clients, table: await createTable(clients) };
            }),
          );
          for (const op of operations) {
            const [ours, theirs] = await Promise.all(
              sides.map(({ clients, table }) => outcome(run(clients, table, op))),
            );
            expect(ours, JSON.stringify(op)).toEqual(theirs);
          }
          const [ours, theirs] = await Promise.all(
            sides.map(async ({ clients, table }) => ({
              contents: await contents(clients, table),
              histories: await histories(clients, table),
            })),
          );
          expect(ours).toEqual(theirs);
          for (const { clients } of sides) clients.destroy();
        },
      ),
      { numRuns: RUNS, endOnFailure: true },
    );
  });
});

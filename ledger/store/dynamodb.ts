/**
 * The store on DynamoDB. Everything that the service can answer to a transaction is told apart here: a failed
 * condition, a conflict with another transaction, throttling, and an answer that never came.
 */
import {
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  ScanCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { decode, encode } from './attributes.ts';
import { LedgerUnavailable } from './context.ts';
import {
  type Condition,
  type Item,
  type Key,
  type Range,
  type Store,
  standing,
  type Transacted,
  type Write,
} from './store.ts';

export interface DynamoDbStoreOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** 0 up to (not including) 1, for jitter. */
  readonly random: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** A fresh token per transaction: DynamoDB answers a repeat with the same token by its first result. */
  readonly newToken: () => string;
}

/** How often a transaction that met another one on the same items is sent again. */
const attemptsMax = 8;
const backoffBaseMs = 10;
const backoffMaxMs = 400;

/** A cancelled transaction has written nothing, so these may be sent again as they are. */
const conflictCodes = new Set(['TransactionConflict']);
const throttleCodes = new Set(['ThrottlingError', 'ProvisionedThroughputExceeded']);
const throttleErrors = new Set([
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
]);

/** Each condition's expression; see store.ts for what it protects. */
function conditionParts(condition: Condition | undefined) {
  switch (condition?.kind) {
    case undefined:
      return {};
    case 'absent':
      return {
        ConditionExpression: 'attribute_not_exists(#c)',
        ExpressionAttributeNames: { '#c': 'pk' },
      };
    case 'present':
      return { ConditionExpression: 'attribute_exists(#c)', ExpressionAttributeNames: { '#c': 'pk' } };
    case 'unchanged':
      return unchangedParts(Object.entries(condition.fields));
  }
}

function unchangedParts(fields: readonly (readonly [string, number | string | undefined])[]) {
  const given = fields.filter(([, value]) => value !== undefined);
  return {
    // A field that must not be there says so only of an item that is.
    ConditionExpression: [
      ...(given.length === 0 ? ['attribute_exists(pk)'] : []),
      ...fields.map(([, value], at) =>
        value === undefined ? `attribute_not_exists(#c${at})` : `#c${at} = :c${at}`,
      ),
    ].join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(fields.map(([name], at) => [`#c${at}`, name])),
    ...(given.length === 0
      ? {}
      : {
          ExpressionAttributeValues: encode(
            Object.fromEntries(
              fields.flatMap(([, value], at) => (value === undefined ? [] : [[`:c${at}`, value]])),
            ),
          ),
        }),
  };
}

function toTransactItem(table: string, write: Write): TransactWriteItem {
  const common = {
    TableName: table,
    // A duplicate is answered from what stands there, without a second read.
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    ...conditionParts(write.if),
  };
  if ('put' in write) return { Put: { ...common, Item: encode(write.put) } };
  if ('delete' in write) return { Delete: { ...common, Key: encode(onlyKey(write.delete)) } };
  return {
    ConditionCheck: {
      ...common,
      ConditionExpression: 'attribute_exists(pk)',
      ...common,
      Key: encode(onlyKey(write.check)),
    },
  };
}

function keyIn(attributes: Parameters<typeof decode>[0]): Key {
  return onlyKey(decode(attributes) as Item);
}

function onlyKey({ pk, sk }: Key): Key {
  return { pk, sk };
}

/** The reasons of a cancelled transaction, as one of the four things they can mean. */
function cancelled(
  error: TransactionCanceledException,
  writes: readonly Write[],
): Exclude<Transacted, { type: 'committed' }> {
  const reasons = error.CancellationReasons ?? [];
  const refused = new Map<number, Item | undefined>();
  for (const [index, reason] of reasons.entries())
    if (reason.Code === 'ConditionalCheckFailed')
      refused.set(index, reason.Item ? (decode(reason.Item) as Item) : undefined);
  if (refused.size > 0) return { type: 'refused', standing: standing(writes, refused) };
  if (reasons.some(({ Code }) => conflictCodes.has(Code ?? ''))) return { type: 'contended' };
  if (reasons.some(({ Code }) => throttleCodes.has(Code ?? ''))) return { type: 'throttled' };
  throw error;
}

/** Errors that mean that no answer came: the request may have been carried out. */
function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  return status === undefined || status >= 500;
}

/**
 * A read, which may always be repeated.
 * @throws LedgerUnavailable when no answer came, or the database asks for less
 */
async function reading<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && throttleErrors.has(error.name))
      throw new LedgerUnavailable('throttled', 'Reading', error);
    if (isLost(error)) throw new LedgerUnavailable('unknown', 'Reading', error);
    throw error;
  }
}

export function createDynamoDbStore(options: DynamoDbStoreOptions): Store {
  const { client, table } = options;

  async function send(writes: readonly Write[], token: string): Promise<Transacted> {
    const items = writes.map((write) => toTransactItem(table, write));
    try {
      await client.send(new TransactWriteItemsCommand({ TransactItems: items, ClientRequestToken: token }));
      return { type: 'committed' };
    } catch (error) {
      if (error instanceof TransactionCanceledException) return cancelled(error, writes);
      if (error instanceof Error && error.name === 'TransactionInProgressException')
        return { type: 'contended' };
      if (error instanceof Error && throttleErrors.has(error.name)) return { type: 'throttled' };
      if (isLost(error)) return { type: 'unknown', cause: error };
      throw error;
    }
  }

  return {
    async get(key) {
      const command = new GetItemCommand({
        TableName: table,
        Key: encode(onlyKey(key)),
        ConsistentRead: true,
      });
      const answer = await reading(client.send(command));
      return answer.Item ? (decode(answer.Item) as Item) : undefined;
    },

    async query(pk, range) {
      const items: Item[] = [];
      let from = startKey(pk, range);
      do {
        const query = new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: range.prefix ? 'pk = :pk AND begins_with(sk, :sk)' : 'pk = :pk',
          ExpressionAttributeValues: encode({
            ':pk': pk,
            ...(range.prefix ? { ':sk': range.prefix } : {}),
          }),
          ScanIndexForward: !range.descending,
          Limit: range.limit - items.length,
          ...(from ? { ExclusiveStartKey: encode(from) } : {}),
        });
        const answer = await reading(client.send(query));
        items.push(...(answer.Items ?? []).map((item) => decode(item) as Item));
        from = answer.LastEvaluatedKey ? keyIn(answer.LastEvaluatedKey) : undefined;
      } while (from && items.length < range.limit);
      return items;
    },

    async scan(types, { after, limit, segment }) {
      const names = types.map((_, index) => `:t${index}`);
      const scan = new ScanCommand({
        TableName: table,
        ProjectionExpression: 'pk, sk',
        FilterExpression: `#item IN (${names.join(', ')})`,
        ExpressionAttributeNames: { '#item': 'item' },
        ExpressionAttributeValues: encode(
          Object.fromEntries(types.map((type, index) => [`:t${index}`, type])),
        ),
        Limit: limit,
        ...(segment ? { Segment: segment.index, TotalSegments: segment.of } : {}),
        ...(after ? { ExclusiveStartKey: encode(onlyKey(after)) } : {}),
      });
      const answer = await reading(client.send(scan));
      const { Items: items = [], LastEvaluatedKey: last } = answer;
      return {
        keys: items.map((item) => keyIn(item)),
        ...(last ? { next: keyIn(last) } : {}),
      };
    },

    async transact(writes) {
      const token = options.newToken();
      for (let attempt = 1; ; attempt++) {
        const outcome = await send(writes, token);
        if (outcome.type !== 'contended' || attempt === attemptsMax) return outcome;
        await options.sleep(options.random() * Math.min(backoffMaxMs, backoffBaseMs * 2 ** attempt));
      }
    },
  };
}

function startKey(pk: string, range: Range): Key | undefined {
  return range.after === undefined ? undefined : { pk, sk: range.after };
}

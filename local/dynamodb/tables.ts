import { CapacityMeter } from './capacity.ts';
import type { Context } from './context.ts';
import { DynamoDbError, invalidRequest, resourceNotFound } from './errors.ts';
import type { Request } from './fields.ts';
import type { REQUESTS } from './requests.ts';
import {
  defineTable,
  type IndexDefinition,
  type KeySchema,
  keyOfItem,
  type TableDefinition,
} from './schema.ts';
import type { Table } from './store.ts';
import { expiryOf, TTL_IDENTITY, TTL_PAST_MAX_SECONDS } from './ttl.ts';
import { apply } from './writes.ts';

/** Tables, their time to live, and its sweep. A table is usable at once: there is no CREATING state. */

type Requests = { [K in keyof typeof REQUESTS]: Request<(typeof REQUESTS)[K]> };

export function createTable(context: Context, request: Requests['CreateTable']): object {
  const definition = defineTable(request, context.clock());
  if (context.store.table(definition.name) !== undefined) {
    throw new DynamoDbError('ResourceInUseException', `Table already exists: ${definition.name}`);
  }
  context.store.createTable(definition);
  return { TableDescription: describe(context, named(context, definition.name)) };
}

export function describeTable(context: Context, request: Requests['DescribeTable']): object {
  return { Table: describe(context, named(context, request.TableName)) };
}

export function deleteTable(context: Context, request: Requests['DeleteTable']): object {
  const table = named(context, request.TableName);
  const description = describe(context, table);
  context.store.deleteTable(table);
  return { TableDescription: { ...description, TableStatus: 'DELETING' } };
}

export function listTables(context: Context, request: Requests['ListTables']): object {
  const { ExclusiveStartTableName: after = '', Limit: limit = 100 } = request;
  const names = context.store
    .tables()
    .map((table) => table.definition.name)
    .filter((name) => name > after)
    .sort();
  const page = names.slice(0, limit);
  return {
    TableNames: page,
    ...(names.length > limit ? { LastEvaluatedTableName: page.at(-1) } : {}),
  };
}

export function updateTimeToLive(context: Context, request: Requests['UpdateTimeToLive']): object {
  const table = named(context, request.TableName);
  const { Enabled, AttributeName } = request.TimeToLiveSpecification;
  const { ttlAttribute: current, ...definition } = table.definition;
  if (!Enabled && current === undefined) throw invalidRequest('TimeToLive is already disabled');
  if (current !== undefined && current !== AttributeName) {
    throw invalidRequest(
      `TimeToLive is active on a different AttributeName: current AttributeName is ${current}`,
    );
  }
  if (Enabled && current !== undefined) throw invalidRequest('TimeToLive is already enabled');
  context.store.redefineTable(table, Enabled ? { ...definition, ttlAttribute: AttributeName } : definition);
  markExpiries(context, named(context, request.TableName));
  return { TimeToLiveSpecification: { Enabled, AttributeName } };
}

/** Items that are already there expire as well. */
function markExpiries(context: Context, table: Table): void {
  for (const { item } of [...context.store.rows({ table, forward: true })]) {
    context.store.setExpiry(table, keyOfItem(table.definition, item), expiryOf(table.definition, item));
  }
}

export function describeTimeToLive(context: Context, request: Requests['DescribeTimeToLive']): object {
  const { ttlAttribute } = named(context, request.TableName).definition;
  return {
    TimeToLiveDescription:
      ttlAttribute === undefined
        ? { TimeToLiveStatus: 'DISABLED' }
        : { TimeToLiveStatus: 'ENABLED', AttributeName: ttlAttribute },
  };
}

/** Deletes what has expired, with the stream records AWS's own sweep leaves; answers how many items went. */
export function sweepExpired(context: Context): number {
  const second = Math.floor(context.clock() / 1000);
  let swept = 0;
  for (const table of context.store.tables()) {
    const keys = context.store.expired(table, second - TTL_PAST_MAX_SECONDS, second);
    for (const key of keys) {
      const old = context.store.get(table, key);
      const write = {
        table,
        key,
        condition: undefined,
        returnItem: false,
        writes: true,
        next: () => undefined,
      };
      apply(context, { write, old, next: undefined }, new CapacityMeter('Write'), { identity: TTL_IDENTITY });
    }
    swept += keys.length;
  }
  return swept;
}

function named(context: Context, name: string): Table {
  const table = context.store.table(name);
  if (table === undefined) throw resourceNotFound(`Table: ${name}`);
  return table;
}

const ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table';

export function streamArn(definition: TableDefinition): string | undefined {
  if (definition.stream === undefined) return undefined;
  return `${ARN}/${definition.name}/stream/${definition.stream.label}`;
}

function describe(context: Context, table: Table): object {
  const { definition } = table;
  const { count, bytes } = context.store.figures(table);
  const arn = `${ARN}/${definition.name}`;
  return {
    TableName: definition.name,
    TableArn: arn,
    TableId: `00000000-0000-4000-8000-${String(table.id).padStart(12, '0')}`,
    TableStatus: 'ACTIVE',
    CreationDateTime: definition.createdAt / 1000,
    AttributeDefinitions: Object.entries(definition.types).map(([name, type]) => ({
      AttributeName: name,
      AttributeType: type,
    })),
    KeySchema: describeKey(definition.key),
    BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    ProvisionedThroughput: { NumberOfDecreasesToday: 0, ReadCapacityUnits: 0, WriteCapacityUnits: 0 },
    ItemCount: count,
    TableSizeBytes: bytes,
    DeletionProtectionEnabled: false,
    ...(definition.indexes.length === 0
      ? {}
      : { GlobalSecondaryIndexes: definition.indexes.map((index) => describeIndex(arn, index)) }),
    ...describeStream(definition),
  };
}

export function describeKey(key: KeySchema): object[] {
  const hash = { AttributeName: key.hash, KeyType: 'HASH' };
  return key.range === undefined ? [hash] : [hash, { AttributeName: key.range, KeyType: 'RANGE' }];
}

function describeIndex(tableArn: string, index: IndexDefinition): object {
  return {
    IndexName: index.name,
    IndexArn: `${tableArn}/index/${index.name}`,
    IndexStatus: 'ACTIVE',
    KeySchema: describeKey(index.key),
    Projection: {
      ProjectionType: index.projection,
      ...(index.included.length === 0 ? {} : { NonKeyAttributes: index.included }),
    },
  };
}

function describeStream(definition: TableDefinition): object {
  if (definition.stream === undefined) return {};
  return {
    StreamSpecification: { StreamEnabled: true, StreamViewType: definition.stream.view },
    LatestStreamLabel: definition.stream.label,
    LatestStreamArn: streamArn(definition),
  };
}

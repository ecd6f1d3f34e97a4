/** Creates the template's tables in whatever DynamoDB endpoint there is, once. */
import type { Database } from './database.ts';
import { DynamoDbError } from './dynamodb/index.ts';
import { StartFailure } from './failure.ts';
import type { KeyElement, TableSpec } from './resources/tables.ts';

type Caller = Pick<Database, 'call'>;

interface KeySchemaElement {
  readonly AttributeName: string;
  readonly KeyType: 'HASH' | 'RANGE';
}

/** What of a table's description is compared. */
interface TableDescription {
  readonly KeySchema?: readonly KeySchemaElement[];
  readonly GlobalSecondaryIndexes?: readonly {
    readonly IndexName?: string;
    readonly KeySchema?: readonly KeySchemaElement[];
  }[];
  readonly StreamSpecification?: { readonly StreamViewType?: string };
}

/** @returns the names of those that were made */
export async function ensureTables(
  database: Caller,
  specs: readonly TableSpec[],
): Promise<readonly string[]> {
  const made: string[] = [];
  for (const spec of specs) {
    const existing = await describe(database, spec.name);
    if (!existing) {
      await create(database, spec);
      made.push(spec.name);
    } else if (shapeOfTable(existing) !== shapeOfSpec(spec)) {
      throw new StartFailure(
        `The table ${spec.name} was made with other keys, indexes or stream than the template now has: start with --fresh.`,
      );
    }
  }
  return made;
}

async function describe(database: Caller, name: string): Promise<TableDescription | undefined> {
  try {
    const answer = await database.call('DynamoDB_20120810.DescribeTable', { TableName: name });
    return (answer as { Table?: TableDescription }).Table;
  } catch (error) {
    if (error instanceof DynamoDbError && error.code === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

async function create(database: Caller, spec: TableSpec): Promise<void> {
  await database.call('DynamoDB_20120810.CreateTable', {
    TableName: spec.name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: spec.attributes.map(({ name, type }) => ({
      AttributeName: name,
      AttributeType: type,
    })),
    KeySchema: keySchema(spec.keys),
    ...(spec.indexes.length > 0 && {
      GlobalSecondaryIndexes: spec.indexes.map(({ name, keys, projection, included }) => ({
        IndexName: name,
        KeySchema: keySchema(keys),
        Projection: {
          ProjectionType: projection,
          ...(included.length > 0 && { NonKeyAttributes: [...included] }),
        },
      })),
    }),
    ...(spec.stream && { StreamSpecification: { StreamEnabled: true, StreamViewType: spec.stream } }),
  });
  if (spec.expiryAttribute !== undefined) {
    await database.call('DynamoDB_20120810.UpdateTimeToLive', {
      TableName: spec.name,
      TimeToLiveSpecification: { AttributeName: spec.expiryAttribute, Enabled: true },
    });
  }
}

function keySchema(keys: readonly KeyElement[]): KeySchemaElement[] {
  return keys.map(({ name, role }) => ({ AttributeName: name, KeyType: role }));
}

/** What cannot change without moving the data, as one comparable text. */
function shapeOfSpec({ keys, indexes, stream }: TableSpec): string {
  const named = indexes.map(({ name, keys: own }) => [name, keySchema(own)]);
  return JSON.stringify([keySchema(keys), named.sort(byText), stream ?? null]);
}

function shapeOfTable({ KeySchema, GlobalSecondaryIndexes, StreamSpecification }: TableDescription): string {
  const plain = (schema: TableDescription['KeySchema']): object[] =>
    (schema ?? []).map(({ AttributeName, KeyType }) => ({ AttributeName, KeyType }));
  const named = (GlobalSecondaryIndexes ?? []).map(({ IndexName, KeySchema: own }) => [
    IndexName,
    plain(own),
  ]);
  return JSON.stringify([plain(KeySchema), named.sort(byText), StreamSpecification?.StreamViewType ?? null]);
}

function byText(left: unknown, right: unknown): number {
  return JSON.stringify(left) < JSON.stringify(right) ? -1 : 1;
}

/** Creates the template's tables in whatever DynamoDB endpoint there is, once. */
import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { StartFailure } from './failure.ts';
import type { KeyElement, TableSpec } from './resources/tables.ts';

/** @returns the names of those that were made */
export async function ensureTables(
  client: DynamoDBClient,
  specs: readonly TableSpec[],
): Promise<readonly string[]> {
  const made: string[] = [];
  for (const spec of specs) {
    const existing = await describe(client, spec.name);
    if (!existing) {
      await create(client, spec);
      made.push(spec.name);
    } else if (shapeOfTable(existing) !== shapeOfSpec(spec)) {
      throw new StartFailure(
        `The table ${spec.name} was made with other keys, indexes or stream than the template now has: start with --fresh.`,
      );
    }
  }
  return made;
}

async function describe(client: DynamoDBClient, name: string): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function create(client: DynamoDBClient, spec: TableSpec): Promise<void> {
  await client.send(
    new CreateTableCommand({
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
    }),
  );
  if (spec.expiryAttribute !== undefined) {
    await client.send(
      new UpdateTimeToLiveCommand({
        TableName: spec.name,
        TimeToLiveSpecification: { AttributeName: spec.expiryAttribute, Enabled: true },
      }),
    );
  }
}

function keySchema(keys: readonly KeyElement[]): { AttributeName: string; KeyType: 'HASH' | 'RANGE' }[] {
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

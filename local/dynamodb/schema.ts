import { invalidItem, invalidRequest } from './errors.ts';
import type { Request } from './fields.ts';
import type { REQUESTS } from './requests.ts';
import {
  type AttributeValue,
  attribute,
  copyItem,
  emptyItem,
  type Item,
  sortableKey,
  typeOf,
} from './values.ts';

/** What a table is: the stored form of a CreateTable request. */
export interface TableDefinition {
  readonly name: string;
  readonly types: Readonly<Record<string, KeyType>>;
  readonly key: KeySchema;
  readonly indexes: readonly IndexDefinition[];
  readonly stream?: { readonly view: StreamView; readonly label: string };
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** The attribute that holds an item's expiry in seconds since the epoch. */
  readonly ttlAttribute?: string;
}

export type KeyType = 'S' | 'N' | 'B';
export type StreamView = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';

export interface KeySchema {
  readonly hash: string;
  readonly range?: string;
}

export interface IndexDefinition {
  readonly name: string;
  readonly key: KeySchema;
  readonly projection: 'ALL' | 'KEYS_ONLY' | 'INCLUDE';
  readonly included: readonly string[];
}

/** A key in the form the database sorts; `range` is empty where the schema has none. */
export interface SortableKey {
  readonly hash: string;
  readonly range: string;
}

const HASH_BYTES_MAX = 2048;
const RANGE_BYTES_MAX = 1024;
const NAME = /^[A-Za-z0-9_.-]{3,255}$/;

export function assertName(name: string): void {
  if (NAME.test(name)) return;
  throw invalidRequest(
    `Invalid table/index name ${JSON.stringify(name)}. Table/index names must be between 3 and 255 characters long, and may contain only the characters a-z, A-Z, 0-9, '_', '-', and '.'`,
  );
}

export function defineTable(
  request: Request<typeof REQUESTS.CreateTable>,
  createdAt: number,
): TableDefinition {
  assertName(request.TableName);
  const types = Object.fromEntries(
    request.AttributeDefinitions.map((definition) => [definition.AttributeName, definition.AttributeType]),
  );
  const key = readKeySchema(request.KeySchema, types);
  const indexes = (request.GlobalSecondaryIndexes ?? []).map((index) => readIndex(index, types));
  assertNoStrayDefinition(types, [key, ...indexes.map((index) => index.key)]);
  const view = readStreamView(request.StreamSpecification);
  return {
    name: request.TableName,
    types,
    key,
    indexes,
    createdAt,
    ...(view === undefined
      ? {}
      : { stream: { view, label: new Date(createdAt).toISOString().slice(0, -1) } }),
  };
}

type CreateTable = Request<typeof REQUESTS.CreateTable>;

function readKeySchema(
  schema: CreateTable['KeySchema'],
  types: Readonly<Record<string, KeyType>>,
): KeySchema {
  const [hash, range] = schema;
  if (hash?.KeyType !== 'HASH' || (range !== undefined && range.KeyType !== 'RANGE')) {
    throw invalidRequest('Invalid KeySchema: a HASH key comes first, then at most one RANGE key');
  }
  for (const { AttributeName } of schema) {
    if (Object.hasOwn(types, AttributeName)) continue;
    throw invalidRequest(
      `One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [${AttributeName}], AttributeDefinitions: [${Object.keys(types).join(', ')}]`,
    );
  }
  return { hash: hash.AttributeName, ...(range === undefined ? {} : { range: range.AttributeName }) };
}

function readIndex(
  index: NonNullable<CreateTable['GlobalSecondaryIndexes']>[number],
  types: Readonly<Record<string, KeyType>>,
): IndexDefinition {
  assertName(index.IndexName);
  const { ProjectionType, NonKeyAttributes } = index.Projection;
  if ((ProjectionType === 'INCLUDE') !== (NonKeyAttributes !== undefined)) {
    throw invalidRequest(
      `One or more parameter values were invalid: NonKeyAttributes go with the projection INCLUDE and no other, not with ${ProjectionType}`,
    );
  }
  return {
    name: index.IndexName,
    key: readKeySchema(index.KeySchema, types),
    projection: ProjectionType,
    included: NonKeyAttributes ?? [],
  };
}

function assertNoStrayDefinition(types: Readonly<Record<string, KeyType>>, keys: readonly KeySchema[]): void {
  const used = keys.flatMap(keyNames);
  const stray = Object.keys(types).filter((name) => !used.includes(name));
  if (stray.length === 0) return;
  throw invalidRequest(
    `One or more parameter values were invalid: Some AttributeDefinitions are not used. AttributeDefinitions: [${Object.keys(types).join(', ')}], keys used: [${used.join(', ')}]`,
  );
}

function readStreamView(specification: CreateTable['StreamSpecification']): StreamView | undefined {
  if (specification === undefined) return undefined;
  const { StreamEnabled, StreamViewType } = specification;
  if (StreamEnabled === (StreamViewType !== undefined)) return StreamViewType;
  throw invalidRequest(
    'One or more parameter values were invalid: StreamSpecification names a StreamViewType exactly when StreamEnabled is true',
  );
}

export function keyNames(key: KeySchema): string[] {
  return key.range === undefined ? [key.hash] : [key.hash, key.range];
}

/** The key of an item that is to be stored. */
export function keyOfItem(table: TableDefinition, item: Item): SortableKey {
  for (const name of keyNames(table.key)) {
    if (attribute(item, name) !== undefined) continue;
    throw invalidItem(`One or more parameter values were invalid: Missing the key ${name} in the item`);
  }
  return checkedKey(table, item, (name, expected, actual) =>
    invalidItem(
      `One or more parameter values were invalid: Type mismatch for key ${name} expected: ${expected} actual: ${actual}`,
    ),
  );
}

/** The key that a request names: exactly the attributes of the schema. */
export function keyOfRequest(table: TableDefinition, key: Item): SortableKey {
  const mismatch = () => invalidItem('The provided key element does not match the schema');
  const names = keyNames(table.key);
  const given = Object.keys(key);
  if (given.length !== names.length || !names.every((name) => given.includes(name))) throw mismatch();
  return checkedKey(table, key, mismatch);
}

function checkedKey(
  table: TableDefinition,
  item: Item,
  mismatch: (name: string, expected: string, actual: string) => Error,
): SortableKey {
  const { hash, range } = table.key;
  return {
    hash: keyText(table, hash, 'hash', attribute(item, hash), mismatch),
    range: range === undefined ? '' : keyText(table, range, 'range', attribute(item, range), mismatch),
  };
}

function keyText(
  table: TableDefinition,
  name: string,
  role: 'hash' | 'range',
  value: AttributeValue | undefined,
  mismatch: (name: string, expected: string, actual: string) => Error,
): string {
  const expected = table.types[name] as KeyType;
  if (value === undefined || typeOf(value) !== expected) {
    throw mismatch(name, expected, value === undefined ? 'NULL' : typeOf(value));
  }
  assertKeyContent(name, role, value);
  return sortableKey(value);
}

/** Refuses empty and overlong key values, in keys and in key conditions alike. */
export function assertKeyContent(name: string, role: 'hash' | 'range', value: AttributeValue): void {
  const bytes = keyBytes(value);
  if (bytes === 0) {
    throw invalidItem(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${'B' in value ? 'binary' : 'string'} value. Key: ${name}`,
    );
  }
  if (role === 'hash' && bytes > HASH_BYTES_MAX) {
    throw invalidItem(
      `One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of ${HASH_BYTES_MAX} bytes`,
    );
  }
  if (role === 'range' && bytes > RANGE_BYTES_MAX) {
    throw invalidItem(
      `One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of ${RANGE_BYTES_MAX} bytes`,
    );
  }
}

function keyBytes(value: AttributeValue): number {
  if ('S' in value) return Buffer.byteLength(value.S);
  return 'B' in value ? Buffer.byteLength(value.B, 'base64') : 1;
}

/** The part of an item that a table's stream and a query's LastEvaluatedKey call its key. */
export function pick(item: Item, names: readonly string[]): Item {
  const picked = emptyItem();
  for (const name of names) {
    const value = attribute(item, name);
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

/** Where an item stands in an index; `undefined` where it lacks one of the index's keys (a sparse index). */
export function indexKey(
  table: TableDefinition,
  index: IndexDefinition,
  item: Item,
): SortableKey | undefined {
  const texts = keyNames(index.key).map((name, position) => {
    const value = attribute(item, name);
    if (value === undefined) return undefined;
    assertIndexValue(table, index, name, position === 0 ? 'hash' : 'range', value);
    return sortableKey(value);
  });
  if (texts.includes(undefined)) return undefined;
  return { hash: texts[0] as string, range: texts[1] ?? '' };
}

function assertIndexValue(
  table: TableDefinition,
  index: IndexDefinition,
  name: string,
  role: 'hash' | 'range',
  value: AttributeValue,
): void {
  const expected = table.types[name];
  if (typeOf(value) !== expected) {
    throw invalidItem(
      `One or more parameter values were invalid: Type mismatch for Index Key ${name} Expected: ${expected} Actual: ${typeOf(value)} IndexName: ${index.name}`,
    );
  }
  if (keyBytes(value) === 0) {
    throw invalidItem(
      `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: ${index.name}, IndexKey: ${name}`,
    );
  }
  assertKeyContent(name, role, value);
}

/** Names of the attributes an index holds; `undefined` where it holds all. */
export function projectedNames(table: TableDefinition, index: IndexDefinition): string[] | undefined {
  if (index.projection === 'ALL') return undefined;
  return [...new Set([...keyNames(table.key), ...keyNames(index.key), ...index.included])];
}

/** What an index holds of an item. */
export function projected(table: TableDefinition, index: IndexDefinition, item: Item): Item {
  const names = projectedNames(table, index);
  return names === undefined ? copyItem(item) : pick(item, names);
}

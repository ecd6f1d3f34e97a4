import { CapacityMeter, readUnits } from './capacity.ts';
import { type Context, tableOf } from './context.ts';
import { invalidRequest } from './errors.ts';
import { project } from './evaluate.ts';
import { list, type Request, readFields, record } from './fields.ts';
import { projectionOf } from './items.ts';
import { Placeholders } from './placeholders.ts';
import { BATCH_GET, BATCH_WRITE, type REQUESTS } from './requests.ts';
import { keyOfRequest, type SortableKey } from './schema.ts';
import { type Item, readItem } from './values.ts';
import { apply, decide, prepareDelete, preparePut, type Write } from './writes.ts';

/** BatchGetItem and BatchWriteItem: many operations in one request, without a condition among them. */

const GETS_MAX = 100;
const WRITES_MAX = 25;
const ANSWER_BYTES_MAX = 16 * 1024 * 1024;

export function batchGetItem(context: Context, request: Request<typeof REQUESTS.BatchGetItem>): object {
  const tables = Object.entries(request.RequestItems).map(([name, input]) => ({
    name,
    part: readFields(BATCH_GET, input, `requestItems.${name}.member`),
  }));
  assertCount('BatchGetItem', tables.flatMap(({ part }) => part.Keys).length, GETS_MAX);
  const meter = new CapacityMeter('Read');
  const responses: Record<string, readonly Item[]> = {};
  const unprocessed: Record<string, object> = {};
  let bytesLeft = ANSWER_BYTES_MAX;
  for (const { name, part } of tables) {
    const found = getFromTable(context, name, part, meter, bytesLeft);
    responses[name] = found.items;
    if (found.rest.length > 0) unprocessed[name] = { ...part, Keys: found.rest };
    bytesLeft -= found.bytes;
  }
  return {
    Responses: responses,
    UnprocessedKeys: unprocessed,
    ...meter.many(request.ReturnConsumedCapacity),
  };
}

function getFromTable(
  context: Context,
  name: string,
  part: Request<typeof BATCH_GET>,
  meter: CapacityMeter,
  bytesMax: number,
): { items: Item[]; rest: unknown[]; bytes: number } {
  const table = tableOf(context, name);
  if (part.Keys.length === 0) {
    throw invalidRequest(`The list of keys in RequestItems for BatchGetItem is required: ${name} has none`);
  }
  const placeholders = new Placeholders(part.ExpressionAttributeNames, undefined);
  const paths = projectionOf(part.ProjectionExpression, placeholders);
  placeholders.assertAllUsed(paths !== undefined);
  const keys = part.Keys.map((key) => keyOfRequest(table.definition, readItem(key)));
  assertNoDuplicates(keys.map((key) => ({ table: name, key })));
  const items: Item[] = [];
  let bytes = 0;
  for (const [position, key] of keys.entries()) {
    if (bytes > bytesMax) return { items, rest: part.Keys.slice(position), bytes };
    const stored = context.store.get(table, key);
    meter.add(name, readUnits(stored?.bytes ?? 0, part.ConsistentRead === true ? 'strong' : 'eventual'));
    if (stored === undefined) continue;
    items.push(paths === undefined ? stored.item : project(paths, stored.item));
    bytes += stored.bytes;
  }
  return { items, rest: [], bytes };
}

export function batchWriteItem(context: Context, request: Request<typeof REQUESTS.BatchWriteItem>): object {
  const writes = Object.entries(request.RequestItems).flatMap(([name, input]) => {
    const entries = list.read(input, `requestItems.${name}`);
    if (entries.length > 0) return entries.map((entry) => prepareEntry(context, name, entry));
    throw invalidRequest(`The batch write request list for a table cannot be null or empty: ${name}`);
  });
  assertCount('BatchWriteItem', writes.length, WRITES_MAX);
  assertNoDuplicates(writes.map((write) => ({ table: write.table.definition.name, key: write.key })));
  const meter = new CapacityMeter('Write');
  for (const write of writes) apply(context, decide(context, write), meter);
  return { UnprocessedItems: {}, ...meter.many(request.ReturnConsumedCapacity) };
}

function prepareEntry(context: Context, table: string, input: unknown): Write {
  const where = `requestItems.${table}.member`;
  const entry = readFields(BATCH_WRITE, record.read(input, where), where);
  const { PutRequest: put, DeleteRequest: remove } = entry;
  if (put !== undefined && remove === undefined) return preparePut(context, { TableName: table, ...put });
  if (remove !== undefined && put === undefined)
    return prepareDelete(context, { TableName: table, ...remove });
  throw invalidRequest(
    'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
  );
}

function assertCount(operation: string, count: number, max: number): void {
  if (count === 0) throw invalidRequest(`${operation} must have some requests set`);
  if (count > max) {
    throw invalidRequest(`Too many items requested for the ${operation} call: ${count}, at most ${max}`);
  }
}

function assertNoDuplicates(places: readonly { table: string; key: SortableKey }[]): void {
  const distinct = new Set(places.map(({ table, key }) => JSON.stringify([table, key.hash, key.range])));
  if (distinct.size < places.length) throw invalidRequest('Provided list of item keys contains duplicates');
}

import type { CapacityMeter } from './capacity.ts';
import { writeUnits } from './capacity.ts';
import { parseCondition } from './condition-parser.ts';
import { type Context, tableOf } from './context.ts';
import { conditionFailed, invalidItem } from './errors.ts';
import { holds } from './evaluate.ts';
import type { Condition, Path, Update } from './expressions.ts';
import { Placeholders } from './placeholders.ts';
import { recordOf, type WriterIdentity } from './records.ts';
import {
  type IndexDefinition,
  indexKey,
  keyNames,
  keyOfItem,
  keyOfRequest,
  projected,
  type SortableKey,
} from './schema.ts';
import type { StoredItem, Table } from './store.ts';
import { expiryOf } from './ttl.ts';
import { applyUpdate } from './update.ts';
import { parseUpdate } from './update-parser.ts';
import { type Item, itemBytes, NESTING_MAX, nestingOf, readItem, sameItem } from './values.ts';

/**
 * One write, checked against the schema but not yet against the stored item. Single operations, batches and
 * transactions all go through `prepare…`, `decide` and `apply`.
 */
export interface Write {
  readonly table: Table;
  readonly key: SortableKey;
  readonly condition: Condition | undefined;
  /** Whether a failed condition answers with the stored item. */
  readonly returnItem: boolean;
  /** A condition check decides only. */
  readonly writes: boolean;
  /** The item after the write: `undefined` deletes it. */
  readonly next: (old: Item | undefined) => Item | undefined;
}

export interface Decision {
  readonly write: Write;
  readonly old: StoredItem | undefined;
  readonly next: Item | undefined;
}

const ITEM_BYTES_MAX = 400 * 1024;

interface Conditional {
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, unknown>;
  readonly ExpressionAttributeValues?: Record<string, unknown>;
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE';
}

export interface PutRequest extends Conditional {
  readonly TableName: string;
  readonly Item: Record<string, unknown>;
}

export interface DeleteRequest extends Conditional {
  readonly TableName: string;
  readonly Key: Record<string, unknown>;
}

export interface UpdateRequest extends DeleteRequest {
  readonly UpdateExpression?: string;
}

export function preparePut(context: Context, request: PutRequest): Write {
  const table = tableOf(context, request.TableName);
  const item = readItem(request.Item);
  const placeholders = placeholdersOf(request);
  const condition = conditionOf(request, placeholders);
  placeholders.assertAllUsed(condition !== undefined);
  const key = keyOfItem(table.definition, item);
  assertStorable(table, item, 'Item size has exceeded the maximum allowed size');
  return { table, key, condition, returnItem: returnsItem(request), writes: true, next: () => item };
}

export function prepareDelete(context: Context, request: DeleteRequest): Write {
  const { table, key, condition, returnItem } = prepareKeyed(context, request);
  return { table, key, condition, returnItem, writes: true, next: () => undefined };
}

/** A transaction's ConditionCheck. */
export function prepareCheck(context: Context, request: DeleteRequest): Write {
  const { table, key, condition, returnItem } = prepareKeyed(context, request);
  return { table, key, condition, returnItem, writes: false, next: (old) => old };
}

export interface PreparedUpdate extends Write {
  /** The paths the expression names, which UPDATED_OLD and UPDATED_NEW answer with. */
  readonly paths: readonly Path[];
}

export function prepareUpdate(context: Context, request: UpdateRequest): PreparedUpdate {
  const placeholders = placeholdersOf(request);
  const { UpdateExpression: text } = request;
  const update = text === undefined ? undefined : parseUpdate(text, placeholders);
  const { table, key, keyItem, condition, returnItem } = prepareKeyed(
    context,
    request,
    placeholders,
    update !== undefined,
  );
  const paths = update === undefined ? [] : pathsOf(update);
  assertKeyUntouched(table, paths);
  const next = (old: Item | undefined): Item => {
    const item = update === undefined ? (old ?? keyItem) : applyUpdate(update, old ?? keyItem);
    assertStorable(table, item, 'Item size to update has exceeded the maximum allowed size');
    assertNesting(item);
    return item;
  };
  return { table, key, condition, returnItem, writes: true, next, paths };
}

function prepareKeyed(
  context: Context,
  request: DeleteRequest,
  placeholders = placeholdersOf(request),
  otherExpression = false,
) {
  const table = tableOf(context, request.TableName);
  const keyItem = readItem(request.Key);
  const condition = conditionOf(request, placeholders);
  placeholders.assertAllUsed(otherExpression || condition !== undefined);
  const key = keyOfRequest(table.definition, keyItem);
  return { table, key, keyItem, condition, returnItem: returnsItem(request) };
}

function placeholdersOf(request: Conditional): Placeholders {
  return new Placeholders(request.ExpressionAttributeNames, request.ExpressionAttributeValues);
}

function conditionOf(request: Conditional, placeholders: Placeholders): Condition | undefined {
  const text = request.ConditionExpression;
  return text === undefined ? undefined : parseCondition(text, placeholders, 'ConditionExpression');
}

function returnsItem(request: Conditional): boolean {
  return request.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
}

function pathsOf(update: Update): Path[] {
  const assigned = [...update.set, ...update.add, ...update.delete].map((action) => action.path);
  return [...assigned, ...update.remove];
}

function assertKeyUntouched(table: Table, paths: readonly Path[]): void {
  const names = keyNames(table.definition.key);
  const touched = paths.find(([name]) => names.includes(name));
  if (touched === undefined) return;
  throw invalidItem(
    `One or more parameter values were invalid: Cannot update attribute ${touched[0]}. This attribute is part of the key`,
  );
}

function assertStorable(table: Table, item: Item, tooLarge: string): void {
  if (itemBytes(item) > ITEM_BYTES_MAX) throw invalidItem(tooLarge);
  // Placing the item in every index checks the types of the indexes' keys.
  for (const index of table.definition.indexes) indexKey(table.definition, index, item);
}

function assertNesting(item: Item): void {
  if (Object.values(item).every((value) => nestingOf(value) <= NESTING_MAX)) return;
  throw invalidItem(
    'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit',
  );
}

/** Reads the stored item, tests the condition and computes what the write would leave. */
export function decide(context: Context, write: Write): Decision {
  const old = context.store.get(write.table, write.key);
  const { condition } = write;
  if (condition !== undefined && !holds(condition, old?.item ?? {})) {
    throw conditionFailed(write.returnItem ? old?.item : undefined);
  }
  return { write, old, next: write.next(old?.item) };
}

/** Stores a decision with its index entries and its stream record, and counts its capacity. */
export function apply(
  context: Context,
  { write, old, next }: Decision,
  meter: CapacityMeter,
  options: { factor?: 1 | 2; identity?: WriterIdentity } = {},
): void {
  const { table, key } = write;
  const bytes = next === undefined ? 0 : itemBytes(next);
  const factor = options.factor ?? 1;
  meter.add(table.definition.name, factor * writeUnits(Math.max(bytes, old?.bytes ?? 0)));
  if (!write.writes || unchanged(old?.item, next)) return;
  if (next === undefined) context.store.delete(table, key);
  else context.store.put(table, key, { item: next, bytes }, expiryOf(table.definition, next));
  for (const index of table.definition.indexes) {
    const units = moveEntry(context, table, index, key, old?.item, next);
    if (units > 0) meter.add(table.definition.name, units, index.name);
  }
  const record = recordOf(table.definition, old?.item, next, context.clock(), options.identity);
  if (record !== undefined) context.store.appendRecord(table, context.clock(), record);
}

function unchanged(old: Item | undefined, next: Item | undefined): boolean {
  if (old === undefined || next === undefined) return old === next;
  return sameItem(old, next);
}

/**
 * Brings one index up to date. Units by AWS's rule: one write for an entry that comes, goes or changes what it
 * projects; two where its key changes. An index is filled after the transaction, so its writes cost single units.
 */
function moveEntry(
  context: Context,
  table: Table,
  index: IndexDefinition,
  key: SortableKey,
  old: Item | undefined,
  next: Item | undefined,
): number {
  const before = entryOf(table, index, old);
  const after = entryOf(table, index, next);
  const stays = before?.key.hash === after?.key.hash && before?.key.range === after?.key.range;
  if (before !== undefined && !stays) context.store.removeEntry(table, index.name, before.key, key);
  if (after !== undefined && !stays) context.store.addEntry(table, index.name, after.key, key);
  if (before !== undefined && after !== undefined && stays) {
    if (sameItem(before.item, after.item)) return 0;
    return writeUnits(Math.max(itemBytes(before.item), itemBytes(after.item)));
  }
  return [before, after].reduce(
    (units, entry) => units + (entry === undefined ? 0 : writeUnits(itemBytes(entry.item))),
    0,
  );
}

function entryOf(table: Table, index: IndexDefinition, item: Item | undefined) {
  if (item === undefined) return undefined;
  const key = indexKey(table.definition, index, item);
  return key === undefined ? undefined : { key, item: projected(table.definition, index, item) };
}

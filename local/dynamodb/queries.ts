import { CapacityMeter, readUnits } from './capacity.ts';
import { parseCondition } from './condition-parser.ts';
import { type Context, tableOf } from './context.ts';
import { invalidRequest } from './errors.ts';
import { holds, project } from './evaluate.ts';
import type { Condition, Operand, Path } from './expressions.ts';
import type { Request } from './fields.ts';
import { projectionOf } from './items.ts';
import { keyRange, withinBounds } from './keyconditions.ts';
import { Placeholders } from './placeholders.ts';
import type { REQUESTS } from './requests.ts';
import {
  type IndexDefinition,
  indexKey,
  type KeySchema,
  keyNames,
  keyOfRequest,
  pick,
  projected,
  projectedNames,
} from './schema.ts';
import type { Row, RowQuery, StartAfter, Table } from './store.ts';
import { type Item, itemBytes, readItem } from './values.ts';

/** Query and Scan: pages of items in key order, of the table or of an index. */

type QueryRequest = Request<typeof REQUESTS.Query>;
type ScanRequest = Request<typeof REQUESTS.Scan>;
type ReadRequest = Omit<ScanRequest, 'Segment' | 'TotalSegments'>;

const PAGE_BYTES_MAX = 1024 * 1024;

export function query(context: Context, request: QueryRequest): object {
  const placeholders = placeholdersOf(request);
  const condition = parseCondition(request.KeyConditionExpression, placeholders, 'KeyConditionExpression');
  const read = prepareRead(context, request, placeholders);
  const { hash, bounds } = keyRange(condition, read.table.definition, read.key);
  const { after } = read;
  if (after !== undefined && (after.index.hash !== hash || !withinBounds(bounds, after.index.range))) {
    throw invalidRequest(
      'The provided starting key is outside query boundaries based on provided conditions',
    );
  }
  const refused = read.filter && pathsOf(read.filter).find(([name]) => keyNames(read.key).includes(name));
  if (refused !== undefined) {
    throw invalidRequest(
      `Filter Expression can only contain non-primary key attributes: Primary key attribute: ${refused[0]}`,
    );
  }
  return page(
    context,
    request,
    read,
    { hash, bounds, forward: request.ScanIndexForward ?? true },
    () => true,
  );
}

export function scan(context: Context, request: ScanRequest): object {
  const { Segment: segment, TotalSegments: total } = request;
  if ((segment === undefined) !== (total === undefined)) {
    throw invalidRequest(
      'The Segment and TotalSegments parameters belong together: give both of them or none',
    );
  }
  if (segment !== undefined && total !== undefined && segment >= total) {
    throw invalidRequest(
      `The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${segment} is not less than TotalSegments: ${total}`,
    );
  }
  const read = prepareRead(context, request, placeholdersOf(request));
  const mine = (hash: string) => total === undefined || segmentOf(hash, total) === segment;
  return page(context, request, read, { forward: true }, mine);
}

/** Which segment of a parallel scan an item belongs to: FNV-1a of its hash key. */
function segmentOf(hash: string, total: number): number {
  let state = 0x811c9dc5;
  for (const byte of Buffer.from(hash)) state = Math.imul(state ^ byte, 0x01000193) >>> 0;
  return state % total;
}

/** A request, checked as far as the table's schema goes. */
interface PreparedRead {
  readonly table: Table;
  readonly index: IndexDefinition | undefined;
  /** The key that orders the result. */
  readonly key: KeySchema;
  readonly filter: Condition | undefined;
  readonly paths: readonly Path[] | undefined;
  readonly after: StartAfter | undefined;
}

function placeholdersOf(request: ReadRequest): Placeholders {
  return new Placeholders(request.ExpressionAttributeNames, request.ExpressionAttributeValues);
}

function prepareRead(context: Context, request: ReadRequest, placeholders: Placeholders): PreparedRead {
  const { FilterExpression: filterText, ProjectionExpression: projection } = request;
  const filter =
    filterText === undefined ? undefined : parseCondition(filterText, placeholders, 'FilterExpression');
  const paths = projectionOf(projection, placeholders);
  placeholders.assertAllUsed(
    'KeyConditionExpression' in request || filter !== undefined || paths !== undefined,
  );
  const table = tableOf(context, request.TableName);
  const index = indexOf(table, request.IndexName);
  assertSelect(request, index);
  if (index !== undefined) {
    if (request.ConsistentRead === true) {
      throw invalidRequest('Consistent reads are not supported on global secondary indexes');
    }
    assertProjects(table, index, [...(paths ?? []), ...(filter === undefined ? [] : pathsOf(filter))]);
  }
  const key = index?.key ?? table.definition.key;
  return { table, index, key, filter, paths, after: startAfter(table, index, request.ExclusiveStartKey) };
}

function indexOf(table: Table, name: string | undefined): IndexDefinition | undefined {
  if (name === undefined) return undefined;
  const index = table.definition.indexes.find((known) => known.name === name);
  if (index === undefined) throw invalidRequest(`The table does not have the specified index: ${name}`);
  return index;
}

function assertSelect(request: ReadRequest, index: IndexDefinition | undefined): void {
  const { Select: select, ProjectionExpression: projection } = request;
  if (select === 'SPECIFIC_ATTRIBUTES' && projection === undefined) {
    throw invalidRequest(
      'Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES',
    );
  }
  if (select !== undefined && select !== 'SPECIFIC_ATTRIBUTES' && projection !== undefined) {
    throw invalidRequest(`Cannot specify the ProjectionExpression when choosing to get ${select}`);
  }
  if (select === 'ALL_PROJECTED_ATTRIBUTES' && index === undefined) {
    throw invalidRequest('ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName');
  }
  if (select === 'ALL_ATTRIBUTES' && index !== undefined && index.projection !== 'ALL') {
    throw invalidRequest(
      `One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index ${index.name} because its projection type is not ALL`,
    );
  }
}

function assertProjects(table: Table, index: IndexDefinition, paths: readonly Path[]): void {
  const held = projectedNames(table.definition, index);
  const missing =
    held === undefined ? [] : paths.map(([name]) => name).filter((name) => !held.includes(name));
  if (missing.length === 0) return;
  throw invalidRequest(
    `One or more parameter values were invalid: Global secondary index ${index.name} does not project [${missing.join(', ')}]`,
  );
}

function startAfter(
  table: Table,
  index: IndexDefinition | undefined,
  input: Record<string, unknown> | undefined,
): StartAfter | undefined {
  if (input === undefined) return undefined;
  const item = readItem(input);
  const names = startKeyNames(table, index);
  const given = Object.keys(item);
  if (given.length !== names.length || !names.every((name) => given.includes(name))) {
    throw invalidRequest(
      'The provided starting key is invalid: The provided key element does not match the schema',
    );
  }
  const key = keyOfRequest(table.definition, pick(item, keyNames(table.definition.key)));
  const entry = index === undefined ? key : indexKey(table.definition, index, item);
  if (entry === undefined) throw invalidRequest('The provided starting key is invalid');
  return { index: entry, table: key };
}

function startKeyNames(table: Table, index: IndexDefinition | undefined): string[] {
  const names = keyNames(table.definition.key);
  return index === undefined ? names : [...new Set([...names, ...keyNames(index.key)])];
}

/** Reads until the page is full: `Limit` items looked at, or 1 MB of them, whether or not the filter takes them. */
function page(
  context: Context,
  request: ReadRequest,
  read: PreparedRead,
  range: Pick<RowQuery, 'hash' | 'bounds' | 'forward'>,
  mine: (hash: string) => boolean,
): object {
  const { table, index, filter, paths, after } = read;
  const rows = context.store.rows({
    table,
    ...range,
    ...(index === undefined ? {} : { index: index.name }),
    ...(after === undefined ? {} : { after }),
  });
  const items: Item[] = [];
  let scanned = 0;
  let bytes = 0;
  let last: Item | undefined;
  for (const row of rows) {
    if (!mine(row.hash)) continue;
    const seen = seenBy(table, index, row);
    scanned += 1;
    bytes += seen.bytes;
    if (filter === undefined || holds(filter, seen.item)) items.push(seen.item);
    if (scanned !== request.Limit && bytes <= PAGE_BYTES_MAX) continue;
    last = pick(row.item, startKeyNames(table, index));
    break;
  }
  const meter = meterOf(request, bytes);
  return {
    ...(request.Select === 'COUNT'
      ? {}
      : { Items: paths === undefined ? items : items.map((item) => project(paths, item)) }),
    Count: items.length,
    ScannedCount: scanned,
    ...(last === undefined ? {} : { LastEvaluatedKey: last }),
    ...meter.one(request.ReturnConsumedCapacity),
  };
}

function seenBy(table: Table, index: IndexDefinition | undefined, row: Row): { item: Item; bytes: number } {
  if (index === undefined) return row;
  const item = projected(table.definition, index, row.item);
  return { item, bytes: itemBytes(item) };
}

function meterOf(request: ReadRequest, bytes: number): CapacityMeter {
  const meter = new CapacityMeter('Read');
  const units = readUnits(bytes, request.ConsistentRead === true ? 'strong' : 'eventual');
  meter.add(request.TableName, units, request.IndexName);
  return meter;
}

/** Every document path a condition names. */
function pathsOf(condition: Condition): Path[] {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return [...pathsOf(condition.left), ...pathsOf(condition.right)];
    case 'not':
      return pathsOf(condition.condition);
    case 'compare':
      return operandPaths(condition.left, condition.right);
    case 'between':
      return operandPaths(condition.operand, condition.low, condition.high);
    case 'in':
      return operandPaths(condition.operand, ...condition.choices);
    case 'exists':
      return [condition.path];
    case 'type':
      return operandPaths(condition.operand);
    case 'beginsWith':
    case 'contains':
      return operandPaths(condition.operand, condition.argument);
  }
}

function operandPaths(...operands: readonly Operand[]): Path[] {
  return operands.flatMap((operand) => {
    if (operand.kind === 'path') return [operand.path];
    return operand.kind === 'size' ? operandPaths(operand.of) : [];
  });
}

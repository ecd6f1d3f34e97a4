import { createHash } from 'node:crypto';
import { CapacityMeter, readUnits } from './capacity.ts';
import { type Context, tableOf } from './context.ts';
import {
  type CancellationReason,
  conditionFailedReason,
  DynamoDbError,
  invalidRequest,
  NO_REASON,
  transactionCancelled,
} from './errors.ts';
import type { Request } from './fields.ts';
import { answerItem, projectionOf } from './items.ts';
import { Placeholders } from './placeholders.ts';
import type { REQUESTS } from './requests.ts';
import { keyOfRequest, type SortableKey } from './schema.ts';
import type { Table } from './store.ts';
import { itemBytes, readItem } from './values.ts';
import {
  apply,
  type Decision,
  decide,
  prepareCheck,
  prepareDelete,
  preparePut,
  prepareUpdate,
  type Write,
} from './writes.ts';

/**
 * TransactWriteItems and TransactGetItems.
 *
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
 */

type WriteRequest = Request<typeof REQUESTS.TransactWriteItems>;
type WriteEntry = WriteRequest['TransactItems'][number];

const BYTES_MAX = 4 * 1024 * 1024;
const TOKEN_LIFE_MS = 10 * 60 * 1000;
const TOKEN_LENGTH_MAX = 36;

export function transactWriteItems(context: Context, request: WriteRequest): object {
  const { ClientRequestToken: token, TransactItems: entries } = request;
  assertToken(token);
  const content = createHash('sha256').update(canonicalJson(entries)).digest('hex');
  const meter = new CapacityMeter('Write', { transactional: true });
  if (token !== undefined && wasUsed(context, token, content)) return replay(context, request);
  const writes = eachOrCancelled(entries, (entry) => prepareEntry(context, entry));
  assertDistinct(writes);
  const decisions = eachOrCancelled(writes, (write) => decide(context, write));
  assertPayload(decisions);
  for (const decision of decisions) apply(context, decision, meter, { factor: 2 });
  if (token !== undefined) {
    const now = context.clock();
    context.store.useToken(token, content, now, now - TOKEN_LIFE_MS);
  }
  return meter.many(request.ReturnConsumedCapacity);
}

function prepareEntry(context: Context, entry: WriteEntry): Write {
  const { Put, Update, Delete, ConditionCheck } = entry;
  const given = [Put, Update, Delete, ConditionCheck].filter((action) => action !== undefined);
  if (given.length !== 1) {
    throw invalidRequest('TransactItems can only contain one of Check, Put, Update or Delete');
  }
  if (Put !== undefined) return preparePut(context, Put);
  if (Update !== undefined) return prepareUpdate(context, Update);
  if (Delete !== undefined) return prepareDelete(context, Delete);
  return prepareCheck(context, ConditionCheck as NonNullable<typeof ConditionCheck>);
}

/**
 * Does the same for every item and, where an item refuses, cancels with one reason for each item. An error in the
 * request itself ends it at once.
 */
function eachOrCancelled<T, R>(elements: readonly T[], work: (element: T) => R): R[] {
  const outcomes = elements.map((element) => {
    try {
      return { result: work(element), reason: NO_REASON };
    } catch (error) {
      return { reason: reasonOf(error) };
    }
  });
  const results = outcomes.flatMap((outcome) => ('result' in outcome ? [outcome.result as R] : []));
  if (results.length === elements.length) return results;
  throw transactionCancelled(outcomes.map((outcome) => outcome.reason));
}

function reasonOf(error: unknown): CancellationReason {
  if (error instanceof DynamoDbError && error.code === 'ConditionalCheckFailedException') {
    return conditionFailedReason(error.members['Item'] as object | undefined);
  }
  if (error instanceof DynamoDbError && error.scope === 'item') {
    return { Code: 'ValidationError', Message: error.message };
  }
  throw error;
}

function assertDistinct(places: readonly { table: Table; key: SortableKey }[]): void {
  const distinct = new Set(places.map(({ table, key }) => JSON.stringify([table.id, key.hash, key.range])));
  if (distinct.size === places.length) return;
  throw invalidRequest('Transaction request cannot include multiple operations on one item');
}

function assertPayload(decisions: readonly Decision[]): void {
  const bytes = decisions.reduce((sum, { next }) => sum + (next === undefined ? 0 : itemBytes(next)), 0);
  if (bytes <= BYTES_MAX) return;
  throw invalidRequest(`Transaction payload size cannot exceed 4MB. Payload Size: ${bytes}`);
}

function assertToken(token: string | undefined): void {
  if (token === undefined || (token.length >= 1 && token.length <= TOKEN_LENGTH_MAX)) return;
  throw invalidRequest(
    `1 validation error detected: Value '${token}' at 'clientRequestToken' failed to satisfy constraint: Member must have length between 1 and ${TOKEN_LENGTH_MAX}`,
  );
}

/** Whether this very transaction was committed within the last ten minutes. */
function wasUsed(context: Context, token: string, content: string): boolean {
  const known = context.store.tokenContent(token, context.clock() - TOKEN_LIFE_MS);
  if (known === undefined || known === content) return known !== undefined;
  throw new DynamoDbError(
    'IdempotentParameterMismatchException',
    'The client request token was used within the last ten minutes for a transaction with other items',
  );
}

/** A repeated transaction answers as the first one, and costs the reading of its items. */
function replay(context: Context, request: WriteRequest): object {
  const meter = new CapacityMeter('Read', { transactional: true });
  for (const write of request.TransactItems.map((entry) => prepareEntry(context, entry))) {
    const stored = context.store.get(write.table, write.key);
    meter.add(write.table.definition.name, readUnits(stored?.bytes ?? 0, 'transactional'));
  }
  return meter.many(request.ReturnConsumedCapacity);
}

/** JSON with the members of objects in a fixed order, so that equal requests have equal text. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

export function transactGetItems(
  context: Context,
  request: Request<typeof REQUESTS.TransactGetItems>,
): object {
  const gets = eachOrCancelled(request.TransactItems, ({ Get }) => {
    const placeholders = new Placeholders(Get.ExpressionAttributeNames, undefined);
    const paths = projectionOf(Get.ProjectionExpression, placeholders);
    placeholders.assertAllUsed(paths !== undefined);
    const table = tableOf(context, Get.TableName);
    return { table, key: keyOfRequest(table.definition, readItem(Get.Key)), paths };
  });
  assertDistinct(gets);
  const meter = new CapacityMeter('Read', { transactional: true });
  const responses = gets.map(({ table, key, paths }) => {
    const stored = context.store.get(table, key);
    meter.add(table.definition.name, readUnits(stored?.bytes ?? 0, 'transactional'));
    return answerItem(stored?.item, paths);
  });
  return { Responses: responses, ...meter.many(request.ReturnConsumedCapacity) };
}

import { CapacityMeter, readUnits } from './capacity.ts';
import { type Context, tableOf } from './context.ts';
import { project } from './evaluate.ts';
import type { Path } from './expressions.ts';
import type { Request } from './fields.ts';
import { Placeholders } from './placeholders.ts';
import { parseProjection } from './projection-parser.ts';
import type { REQUESTS } from './requests.ts';
import { keyOfRequest } from './schema.ts';
import { type Item, itemBytes, readItem } from './values.ts';
import {
  apply,
  type Decision,
  decide,
  prepareDelete,
  preparePut,
  prepareUpdate,
  type Write,
} from './writes.ts';

/** GetItem, PutItem, UpdateItem and DeleteItem. */

type Requests = { [K in keyof typeof REQUESTS]: Request<(typeof REQUESTS)[K]> };

export function getItem(context: Context, request: Requests['GetItem']): object {
  const placeholders = new Placeholders(request.ExpressionAttributeNames, undefined);
  const paths = projectionOf(request.ProjectionExpression, placeholders);
  placeholders.assertAllUsed(paths !== undefined);
  const table = tableOf(context, request.TableName);
  const stored = context.store.get(table, keyOfRequest(table.definition, readItem(request.Key)));
  const meter = new CapacityMeter('Read');
  const consistency = request.ConsistentRead === true ? 'strong' : 'eventual';
  meter.add(request.TableName, readUnits(stored?.bytes ?? 0, consistency));
  return { ...answerItem(stored?.item, paths), ...meter.one(request.ReturnConsumedCapacity) };
}

export function projectionOf(
  text: string | undefined,
  placeholders: Placeholders,
): readonly Path[] | undefined {
  return text === undefined ? undefined : parseProjection(text, placeholders);
}

/** An item that is not there is an answer without `Item`; one without the projected attributes is `{}`. */
export function answerItem(item: Item | undefined, paths: readonly Path[] | undefined): { Item?: Item } {
  if (item === undefined) return {};
  return { Item: paths === undefined ? item : project(paths, item) };
}

export function putItem(context: Context, request: Requests['PutItem']): object {
  const { decision, meter } = writeOne(context, preparePut(context, request));
  return {
    ...answerAttributes(request.ReturnValues === 'ALL_OLD' ? decision.old?.item : undefined),
    ...meter.one(request.ReturnConsumedCapacity),
  };
}

export function deleteItem(context: Context, request: Requests['DeleteItem']): object {
  const { decision, meter } = writeOne(context, prepareDelete(context, request));
  return {
    ...answerAttributes(request.ReturnValues === 'ALL_OLD' ? decision.old?.item : undefined),
    ...meter.one(request.ReturnConsumedCapacity),
  };
}

export function updateItem(context: Context, request: Requests['UpdateItem']): object {
  const write = prepareUpdate(context, request);
  const { decision, meter } = writeOne(context, write);
  return {
    ...answerAttributes(updatedAttributes(request.ReturnValues, decision, write.paths)),
    ...meter.one(request.ReturnConsumedCapacity),
  };
}

function updatedAttributes(
  returned: Requests['UpdateItem']['ReturnValues'],
  { old, next }: Decision,
  paths: readonly Path[],
): Item | undefined {
  switch (returned) {
    case 'ALL_OLD':
      return old?.item;
    case 'ALL_NEW':
      return next;
    case 'UPDATED_OLD':
      return old === undefined ? undefined : project(paths, old.item);
    case 'UPDATED_NEW':
      return next === undefined ? undefined : project(paths, next);
    default:
      return undefined;
  }
}

function answerAttributes(item: Item | undefined): { Attributes?: Item } {
  return item === undefined || itemBytes(item) === 0 ? {} : { Attributes: item };
}

function writeOne(context: Context, write: Write): { decision: Decision; meter: CapacityMeter } {
  const decision = decide(context, write);
  const meter = new CapacityMeter('Write');
  apply(context, decision, meter);
  return { decision, meter };
}

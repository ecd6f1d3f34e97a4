import { batchGetItem, batchWriteItem } from './batches.ts';
import type { Context } from './context.ts';
import { DynamoDbError } from './errors.ts';
import { type Fields, type Request, readFields } from './fields.ts';
import { deleteItem, getItem, putItem, updateItem } from './items.ts';
import { query, scan } from './queries.ts';
import { REQUESTS } from './requests.ts';
import { describeStream, getRecords, getShardIterator, listStreams } from './streams.ts';
import {
  createTable,
  deleteTable,
  describeTable,
  describeTimeToLive,
  listTables,
  updateTimeToLive,
} from './tables.ts';
import { transactGetItems, transactWriteItems } from './transactions.ts';

/** The operations by the name that a request's `X-Amz-Target` gives, for DynamoDB and for its streams. */

export interface Operation {
  readonly name: string;
  /**
   * What holds while it runs: that nobody else writes, where it writes; that all it reads is as of one moment; or
   * nothing, where it looks to that itself.
   */
  readonly within: 'write' | 'snapshot' | 'nothing';
  readonly run: (context: Context, body: unknown) => object;
}

function operation<F extends Fields>(
  name: string,
  fields: F,
  run: (context: Context, request: Request<F>) => object,
  within: Operation['within'] = 'snapshot',
): Operation {
  return {
    name,
    within,
    run: (context, body) => run(context, readFields(fields, body, name)),
  };
}

const TABLE_OPERATIONS = [
  operation('CreateTable', REQUESTS.CreateTable, createTable, 'write'),
  operation('DescribeTable', REQUESTS.DescribeTable, describeTable),
  operation('DeleteTable', REQUESTS.DeleteTable, deleteTable, 'write'),
  operation('ListTables', REQUESTS.ListTables, listTables),
  operation('UpdateTimeToLive', REQUESTS.UpdateTimeToLive, updateTimeToLive, 'write'),
  operation('DescribeTimeToLive', REQUESTS.DescribeTimeToLive, describeTimeToLive),
  operation('GetItem', REQUESTS.GetItem, getItem),
  operation('PutItem', REQUESTS.PutItem, putItem, 'write'),
  operation('UpdateItem', REQUESTS.UpdateItem, updateItem, 'write'),
  operation('DeleteItem', REQUESTS.DeleteItem, deleteItem, 'write'),
  operation('Query', REQUESTS.Query, query),
  operation('Scan', REQUESTS.Scan, scan),
  operation('BatchGetItem', REQUESTS.BatchGetItem, batchGetItem),
  operation('BatchWriteItem', REQUESTS.BatchWriteItem, batchWriteItem, 'write'),
  operation('TransactGetItems', REQUESTS.TransactGetItems, transactGetItems),
  operation('TransactWriteItems', REQUESTS.TransactWriteItems, transactWriteItems, 'write'),
];

const STREAM_OPERATIONS = [
  operation('ListStreams', REQUESTS.ListStreams, listStreams, 'nothing'),
  operation('DescribeStream', REQUESTS.DescribeStream, describeStream, 'nothing'),
  operation('GetShardIterator', REQUESTS.GetShardIterator, getShardIterator, 'nothing'),
  operation('GetRecords', REQUESTS.GetRecords, getRecords, 'nothing'),
];

const OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  ...TABLE_OPERATIONS.map((known) => [`DynamoDB_20120810.${known.name}`, known] as const),
  ...STREAM_OPERATIONS.map((known) => [`DynamoDBStreams_20120810.${known.name}`, known] as const),
]);

export function operationOf(target: string): Operation {
  const known = OPERATIONS.get(target);
  if (known !== undefined) return known;
  throw new DynamoDbError('UnknownOperationException', `The operation ${target} is not supported`);
}

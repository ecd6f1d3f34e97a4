import { between, flag, list, listOf, oneOf, record, required, structure, text } from './fields.ts';

/**
 * Every operation's accepted parameters. What is not here is refused by name: the legacy parameters (Expected,
 * KeyConditions, AttributesToGet …), provisioned throughput, local indexes, tags, encryption.
 *
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB.html
 */

const capacity = oneOf('INDEXES', 'TOTAL', 'NONE');
const onFailure = oneOf('ALL_OLD', 'NONE');

const substitutions = { ExpressionAttributeNames: record, ExpressionAttributeValues: record };
const condition = {
  ConditionExpression: text,
  ...substitutions,
  ReturnValuesOnConditionCheckFailure: onFailure,
};

/** Accepted, and without effect: these figures exist for tables with local secondary indexes only. */
const collectionMetrics = { ReturnItemCollectionMetrics: oneOf('SIZE', 'NONE') };

const put = { TableName: required(text), Item: required(record), ...condition };
const remove = { TableName: required(text), Key: required(record), ...condition };
const update = { ...remove, UpdateExpression: text };
const check = { ...remove, ConditionExpression: required(text) };

const get = {
  TableName: required(text),
  Key: required(record),
  ProjectionExpression: text,
  ExpressionAttributeNames: record,
};

const read = {
  TableName: required(text),
  IndexName: text,
  Select: oneOf('ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES', 'SPECIFIC_ATTRIBUTES', 'COUNT'),
  Limit: between(1, 0x7fffffff),
  ConsistentRead: flag,
  ExclusiveStartKey: record,
  FilterExpression: text,
  ProjectionExpression: text,
  ...substitutions,
  ReturnConsumedCapacity: capacity,
};

const keySchema = listOf(
  structure({ AttributeName: required(text), KeyType: required(oneOf('HASH', 'RANGE')) }),
  1,
  2,
);

export const REQUESTS = {
  CreateTable: {
    TableName: required(text),
    AttributeDefinitions: required(
      listOf(
        structure({ AttributeName: required(text), AttributeType: required(oneOf('B', 'N', 'S')) }),
        1,
        42,
      ),
    ),
    KeySchema: required(keySchema),
    BillingMode: required(oneOf('PAY_PER_REQUEST')),
    GlobalSecondaryIndexes: listOf(
      structure({
        IndexName: required(text),
        KeySchema: required(keySchema),
        Projection: required(
          structure({
            ProjectionType: required(oneOf('ALL', 'KEYS_ONLY', 'INCLUDE')),
            NonKeyAttributes: listOf(text, 1, 100),
          }),
        ),
      }),
      1,
      20,
    ),
    StreamSpecification: structure({
      StreamEnabled: required(flag),
      StreamViewType: oneOf('KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES'),
    }),
  },
  DescribeTable: { TableName: required(text) },
  DeleteTable: { TableName: required(text) },
  ListTables: { ExclusiveStartTableName: text, Limit: between(1, 100) },
  UpdateTimeToLive: {
    TableName: required(text),
    TimeToLiveSpecification: required(structure({ Enabled: required(flag), AttributeName: required(text) })),
  },
  DescribeTimeToLive: { TableName: required(text) },
  GetItem: { ...get, ConsistentRead: flag, ReturnConsumedCapacity: capacity },
  PutItem: {
    ...put,
    ...collectionMetrics,
    ReturnValues: oneOf('NONE', 'ALL_OLD'),
    ReturnConsumedCapacity: capacity,
  },
  DeleteItem: {
    ...remove,
    ...collectionMetrics,
    ReturnValues: oneOf('NONE', 'ALL_OLD'),
    ReturnConsumedCapacity: capacity,
  },
  UpdateItem: {
    ...update,
    ...collectionMetrics,
    ReturnValues: oneOf('NONE', 'ALL_OLD', 'UPDATED_OLD', 'ALL_NEW', 'UPDATED_NEW'),
    ReturnConsumedCapacity: capacity,
  },
  Query: { ...read, KeyConditionExpression: required(text), ScanIndexForward: flag },
  Scan: { ...read, Segment: between(0, 999_999), TotalSegments: between(1, 1_000_000) },
  BatchGetItem: { RequestItems: required(record), ReturnConsumedCapacity: capacity },
  BatchWriteItem: { RequestItems: required(record), ...collectionMetrics, ReturnConsumedCapacity: capacity },
  TransactGetItems: {
    TransactItems: required(listOf(structure({ Get: required(structure(get)) }), 1, 100)),
    ReturnConsumedCapacity: capacity,
  },
  TransactWriteItems: {
    TransactItems: required(
      listOf(
        structure({
          Put: structure(put),
          Update: structure({ ...update, UpdateExpression: required(text) }),
          Delete: structure(remove),
          ConditionCheck: structure(check),
        }),
        1,
        100,
      ),
    ),
    ClientRequestToken: text,
    ...collectionMetrics,
    ReturnConsumedCapacity: capacity,
  },
  ListStreams: { TableName: text, ExclusiveStartStreamArn: text, Limit: between(1, 100) },
  DescribeStream: { StreamArn: required(text), ExclusiveStartShardId: text, Limit: between(1, 100) },
  GetShardIterator: {
    StreamArn: required(text),
    ShardId: required(text),
    ShardIteratorType: required(
      oneOf('TRIM_HORIZON', 'LATEST', 'AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER'),
    ),
    SequenceNumber: text,
  },
  GetRecords: { ShardIterator: required(text), Limit: between(1, 1000) },
} as const;

/** One table's part of a BatchGetItem. */
export const BATCH_GET = {
  Keys: required(list),
  ConsistentRead: flag,
  ProjectionExpression: text,
  ExpressionAttributeNames: record,
} as const;

/** One write of a BatchWriteItem. */
export const BATCH_WRITE = {
  PutRequest: structure({ Item: required(record) }),
  DeleteRequest: structure({ Key: required(record) }),
} as const;

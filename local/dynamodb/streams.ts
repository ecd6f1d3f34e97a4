import { createHash } from 'node:crypto';
import type { Context } from './context.ts';
import { DynamoDbError, invalidRequest, resourceNotFound } from './errors.ts';
import type { Request } from './fields.ts';
import type { StoredRecord } from './records.ts';
import type { REQUESTS } from './requests.ts';
import type { StreamRow, Table } from './store.ts';
import { describeKey, streamArn } from './tables.ts';

/**
 * The stream of a table: one shard that never closes, records in the order of their commits, kept for 24 hours.
 * Iterators do not expire, unlike AWS's, which end after 15 minutes: a clock set forward would end them all.
 *
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB_Streams.html
 */

type Requests = { [K in keyof typeof REQUESTS]: Request<(typeof REQUESTS)[K]> };

const RETENTION_MS = 24 * 60 * 60 * 1000;
const RECORDS_MAX = 1000;
const ANSWER_BYTES_MAX = 1024 * 1024;

export function trimStreams(context: Context): void {
  context.store.trimRecords(context.clock() - RETENTION_MS);
}

export function listStreams(context: Context, request: Requests['ListStreams']): object {
  const { TableName: only, ExclusiveStartStreamArn: after = '', Limit: limit = 100 } = request;
  const streams = context.store
    .tables()
    .flatMap(({ definition }) => {
      const arn = streamArn(definition);
      return arn === undefined ? [] : [{ arn, definition }];
    })
    .filter(({ arn, definition }) => arn > after && (only === undefined || definition.name === only))
    .sort((a, b) => (a.arn < b.arn ? -1 : 1));
  const page = streams.slice(0, limit);
  return {
    Streams: page.map(({ arn, definition }) => ({
      StreamArn: arn,
      TableName: definition.name,
      StreamLabel: definition.stream?.label,
    })),
    ...(streams.length > limit ? { LastEvaluatedStreamArn: page.at(-1)?.arn } : {}),
  };
}

export function describeStream(context: Context, request: Requests['DescribeStream']): object {
  const table = streamed(context, request.StreamArn);
  const { definition } = table;
  const shard = {
    ShardId: shardId(table),
    SequenceNumberRange: { StartingSequenceNumber: sequenceNumber(1) },
  };
  return {
    StreamDescription: {
      StreamArn: request.StreamArn,
      StreamLabel: definition.stream?.label,
      StreamStatus: 'ENABLED',
      StreamViewType: definition.stream?.view,
      CreationRequestDateTime: definition.createdAt / 1000,
      TableName: definition.name,
      KeySchema: describeKey(definition.key),
      Shards: request.ExclusiveStartShardId === shard.ShardId ? [] : [shard],
    },
  };
}

export function getShardIterator(context: Context, request: Requests['GetShardIterator']): object {
  const table = streamed(context, request.StreamArn);
  if (request.ShardId !== shardId(table))
    throw resourceNotFound(`Shard: ${request.ShardId} of ${request.StreamArn}`);
  trimStreams(context);
  const after = startOf(context, table, request);
  return { ShardIterator: Buffer.from(JSON.stringify([request.StreamArn, after])).toString('base64url') };
}

/** The sequence number after which the iterator reads. */
function startOf(context: Context, table: Table, request: Requests['GetShardIterator']): number {
  const { ShardIteratorType: type, SequenceNumber: given } = request;
  if (type === 'TRIM_HORIZON' || type === 'LATEST') {
    if (given !== undefined) {
      throw invalidRequest(
        'One or more parameter values were invalid: SequenceNumber should not be passed for this iterator type',
      );
    }
    return type === 'LATEST' ? context.store.lastSequence() : context.store.trimmedTo(table);
  }
  const sequence = Number(/^1(\d{20})$/.exec(given ?? '')?.[1] ?? Number.NaN);
  if (!Number.isSafeInteger(sequence)) {
    throw invalidRequest('One or more parameter values were invalid: Invalid SequenceNumber');
  }
  return type === 'AT_SEQUENCE_NUMBER' ? sequence - 1 : sequence;
}

export function getRecords(context: Context, request: Requests['GetRecords']): object {
  const { arn, after } = readIterator(request.ShardIterator);
  const table = streamed(context, arn);
  trimStreams(context);
  if (after < context.store.trimmedTo(table)) {
    throw new DynamoDbError(
      'TrimmedDataAccessException',
      `The records after sequence number ${sequenceNumber(after)} are older than 24 hours and have been trimmed`,
    );
  }
  const rows = withinAnswer(context.store.recordsAfter(table, after, request.Limit ?? RECORDS_MAX));
  const last = rows.at(-1)?.sequence ?? after;
  return {
    Records: rows.map((row) => answerRecord(table, arn, row)),
    NextShardIterator: Buffer.from(JSON.stringify([arn, last])).toString('base64url'),
  };
}

/** At most 1 MB of records, but always one. */
function withinAnswer(rows: readonly StreamRow[]): readonly StreamRow[] {
  let bytes = 0;
  const end = rows.findIndex((row, position) => {
    bytes += row.record.length;
    return position > 0 && bytes > ANSWER_BYTES_MAX;
  });
  return end === -1 ? rows : rows.slice(0, end);
}

function answerRecord(table: Table, arn: string, row: StreamRow): object {
  const record = JSON.parse(row.record) as StoredRecord;
  const { identity } = record;
  return {
    eventID: createHash('md5').update(`${arn} ${row.sequence}`).digest('hex'),
    eventName: record.eventName,
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    dynamodb: {
      ApproximateCreationDateTime: record.createdAt,
      Keys: record.keys,
      ...(record.newImage === undefined ? {} : { NewImage: record.newImage }),
      ...(record.oldImage === undefined ? {} : { OldImage: record.oldImage }),
      SequenceNumber: sequenceNumber(row.sequence),
      SizeBytes: record.bytes,
      StreamViewType: table.definition.stream?.view,
    },
    ...(identity === undefined
      ? {}
      : { userIdentity: { Type: identity.type, PrincipalId: identity.principalId } }),
  };
}

/** 21 digits, the least the service promises, so that they also sort as texts. */
export function sequenceNumber(sequence: number): string {
  return `1${String(sequence).padStart(20, '0')}`;
}

function shardId(table: Table): string {
  return `shardId-${String(table.id).padStart(20, '0')}-00000001`;
}

function streamed(context: Context, arn: string): Table {
  const table = context.store.tables().find(({ definition }) => streamArn(definition) === arn);
  if (table === undefined) throw resourceNotFound(`Stream: ${arn}`);
  return table;
}

function readIterator(text: string): { arn: string; after: number } {
  try {
    const [arn, after] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    if (typeof arn === 'string' && typeof after === 'number') return { arn, after };
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof TypeError)) throw error;
  }
  throw invalidRequest('Invalid ShardIterator');
}

/**
 * Reads a table's stream from a checkpoint, shard after shard, through the DynamoDB Streams protocol; so it
 * works with any endpoint that speaks it.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
 */
import type { Database } from '../database.ts';
import { DynamoDbError } from '../dynamodb/index.ts';
import { type StreamRecord, streamRecord, type WireRecord } from './records.ts';

/** How far each shard has been processed: the last sequence number, or null when its end was reached. */
export interface Checkpoint {
  [shardId: string]: { sequenceNumber?: string; ended?: true };
}

export interface Page {
  readonly shardId: string;
  readonly records: readonly StreamRecord[];
}

export interface StreamReader {
  /**
   * The next records after the checkpoint, or undefined when there are none now. The same records come again
   * until the checkpoint (which the caller advances) is beyond them.
   */
  next(): Promise<Page | undefined>;
}

interface Settings {
  readonly database: Pick<Database, 'call'>;
  readonly tableName: string;
  /** The ARN that functions are told. */
  readonly streamArn: string;
  readonly checkpoint: Checkpoint;
  /** Called when a shard was found to be at its end. */
  ended(shardId: string): void;
}

/** What the reader looks at in the protocol's answers. */
interface Answers {
  ListStreams: { readonly Streams?: readonly { readonly StreamArn?: string }[] };
  DescribeStream: {
    readonly StreamDescription?: {
      readonly Shards?: readonly Shard[];
      readonly LastEvaluatedShardId?: string;
    };
  };
  GetShardIterator: { readonly ShardIterator?: string };
  GetRecords: { readonly Records?: readonly WireRecord[]; readonly NextShardIterator?: string };
}

interface Shard {
  readonly ShardId?: string;
  readonly ParentShardId?: string;
}

export function createStreamReader({
  database,
  tableName,
  streamArn,
  checkpoint,
  ended,
}: Settings): StreamReader {
  let shards: readonly Shard[] | undefined;
  let arn: string | undefined;
  /** An open position in a shard, valid while the checkpoint is where the position was taken. */
  const positions = new Map<string, { iterator: string; after: string | undefined }>();

  const ask = async <O extends keyof Answers>(operation: O, body: object): Promise<Answers[O]> =>
    (await database.call(`DynamoDBStreams_20120810.${operation}`, body)) as Answers[O];

  async function describe(): Promise<readonly Shard[]> {
    arn ??= (await ask('ListStreams', { TableName: tableName })).Streams?.[0]?.StreamArn;
    const found: Shard[] = [];
    let start: string | undefined;
    do {
      const { StreamDescription: page }: Answers['DescribeStream'] = await ask('DescribeStream', {
        StreamArn: arn,
        ...(start === undefined ? {} : { ExclusiveStartShardId: start }),
      });
      found.push(...(page?.Shards ?? []));
      start = page?.LastEvaluatedShardId;
    } while (start !== undefined);
    return found;
  }

  /** Shards to read now: not at their end, and their parent (if it still exists) is. */
  function readable(all: readonly Shard[]): string[] {
    const ids = new Set(all.map(({ ShardId }) => ShardId));
    return all
      .filter(({ ShardId = '', ParentShardId: parent }) => {
        const parentDone = parent === undefined || !ids.has(parent) || checkpoint[parent]?.ended === true;
        return parentDone && checkpoint[ShardId]?.ended !== true;
      })
      .map(({ ShardId = '' }) => ShardId);
  }

  async function open(shardId: string, after: string | undefined): Promise<string | undefined> {
    const request = { StreamArn: arn, ShardId: shardId };
    const oldest = { ...request, ShardIteratorType: 'TRIM_HORIZON' } as const;
    if (after === undefined) return (await ask('GetShardIterator', oldest)).ShardIterator;
    try {
      const afterwards = {
        ...request,
        ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
        SequenceNumber: after,
      } as const;
      return (await ask('GetShardIterator', afterwards)).ShardIterator;
    } catch (error) {
      if (!isCalled(error, 'TrimmedDataAccessException')) throw error;
      // What was checkpointed has been trimmed since, so all that is left is newer.
      return (await ask('GetShardIterator', oldest)).ShardIterator;
    }
  }

  async function read(shardId: string): Promise<Page | undefined> {
    const after = checkpoint[shardId]?.sequenceNumber;
    const position = positions.get(shardId);
    const iterator = position && position.after === after ? position.iterator : await open(shardId, after);
    const answer = await ask('GetRecords', { ShardIterator: iterator });
    const records = (answer.Records ?? []).map((record) => streamRecord(record, streamArn));
    const next = answer.NextShardIterator;
    if (records.length > 0) {
      const last = records.at(-1)?.sequenceNumber;
      if (next === undefined) positions.delete(shardId);
      else positions.set(shardId, { iterator: next, after: last });
      return { shardId, records };
    }
    if (next === undefined) {
      positions.delete(shardId);
      shards = undefined;
      ended(shardId);
    } else {
      positions.set(shardId, { iterator: next, after });
    }
    return undefined;
  }

  async function next(): Promise<Page | undefined> {
    // A shard that ends makes its children readable, so the round starts again until nothing more ends.
    while (true) {
      shards ??= await describe();
      const known = shards;
      for (const shardId of readable(known)) {
        const page = await read(shardId);
        if (page) return page;
      }
      if (shards === known) return undefined;
    }
  }

  return {
    async next() {
      try {
        return await next();
      } catch (error) {
        // Positions and shards age; what they were made from is kept in the checkpoint.
        positions.clear();
        shards = undefined;
        if (isCalled(error, 'ExpiredIteratorException') || isCalled(error, 'ResourceNotFoundException'))
          return next();
        throw error;
      }
    },
  };
}

function isCalled(error: unknown, code: string): boolean {
  return error instanceof DynamoDbError && error.code === code;
}

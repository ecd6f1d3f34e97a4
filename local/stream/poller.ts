/** Feeds a function from a table's stream as Lambda's event source mapping does; the checkpoint is durable. */
import { randomUUID } from 'node:crypto';
import type { Activity } from '../activity.ts';
import type { Database } from '../database.ts';
import { messageOf } from '../failure.ts';
import type { FunctionPool } from '../functions/pool.ts';
import type { Queues } from '../queues/store.ts';
import type { StreamMappingSpec } from '../resources/mappings.ts';
import type { State } from '../state.ts';
import { deliver } from './deliver.ts';
import type { StreamRecord } from './records.ts';
import { checkpointKey } from './rewind.ts';
import { type Checkpoint, createStreamReader } from './shards.ts';

export interface StreamPoller {
  /** Looks for records at once. */
  wake(): void;
  /** Whether, asked now, the stream has nothing that is not processed. */
  atEnd(): Promise<boolean>;
  /** Finishes the invocation that runs, if one does, and stops. */
  stop(): Promise<void>;
}

export interface StreamPollerSettings {
  readonly mapping: StreamMappingSpec;
  readonly tableName: string;
  readonly database: Pick<Database, 'call'>;
  readonly state: State;
  readonly pool: FunctionPool;
  readonly queues: Queues;
  readonly activity: Activity;
  /** How often to look when nobody wakes it. */
  readonly pollMs: number;
  warn(message: string): void;
}

const RETRY_MS_MAX = 5_000;

export function startStreamPoller(settings: StreamPollerSettings): StreamPoller {
  const { mapping, tableName, database, state, pool, queues, activity, pollMs, warn } = settings;
  const key = checkpointKey(mapping);
  const checkpoint = state.get<Checkpoint>(key) ?? {};
  const save = (shardId: string, change: Checkpoint[string]): void => {
    checkpoint[shardId] = { ...checkpoint[shardId], ...change };
    state.set(key, checkpoint);
  };
  const reader = createStreamReader({
    database,
    tableName,
    streamArn: mapping.sourceArn,
    checkpoint,
    ended: (shardId) => save(shardId, { ended: true }),
  });

  let stopped = false;
  let delivering = false;
  let woken = false;
  /** So that a lasting trouble is told once. */
  let unreadable = false;
  let endSleep: (() => void) | undefined;
  const asked: ((atEnd: boolean) => void)[] = [];

  function wake(): void {
    woken = true;
    endSleep?.();
  }

  async function sleep(ms: number): Promise<void> {
    if (woken || stopped) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    endSleep = resolve;
    await promise;
    clearTimeout(timer);
    endSleep = undefined;
  }

  /** Processes what comes next. False when there was nothing. */
  async function turn(): Promise<boolean> {
    const page = await reader.next();
    if (!page) return false;
    delivering = true;
    // Also where none of it is wanted: whoever waits for rest looks again then.
    const end = activity.begin();
    try {
      await processPage(page.shardId, page.records);
    } finally {
      delivering = false;
      end();
    }
    return true;
  }

  async function processPage(shardId: string, records: readonly StreamRecord[]): Promise<void> {
    const wanted = records.filter(
      ({ event }) => mapping.filters.length === 0 || mapping.filters.some((filter) => filter.matches(event)),
    );
    for (let start = 0; start < wanted.length && !stopped; start += mapping.batchSize) {
      await deliverBatch(shardId, wanted.slice(start, start + mapping.batchSize));
    }
    const last = records.at(-1);
    if (last && !stopped) save(shardId, { sequenceNumber: last.sequenceNumber });
  }

  async function deliverBatch(shardId: string, records: readonly StreamRecord[]): Promise<void> {
    // A record's own age may be by a clock that was moved, so it counts from when it is tried first.
    const begun = performance.now();
    await deliver(records, {
      mapping,
      isTooOld: () => performance.now() - begun >= mapping.ageMsMax,
      invoke: (batch) => pool.invoke(mapping.functionName, { Records: batch.map(({ event }) => event) }),
      checkpoint: (record) => save(shardId, { sequenceNumber: record.sequenceNumber }),
      giveUp: (batch, attempts) => giveUp(shardId, batch, attempts),
      waitBefore: async (attempt) => {
        await new Promise((resolve) => setTimeout(resolve, Math.min(50 * 2 ** attempt, RETRY_MS_MAX)));
        return !stopped;
      },
    });
  }

  /** Tells the failure destination where the records are, as Lambda does: a pointer, never the records themselves. */
  function giveUp(shardId: string, records: readonly StreamRecord[], attempts: number): void {
    warn(`${mapping.functionName} gave up ${records.length} stream records after ${attempts} attempts.`);
    if (mapping.onFailureArn === undefined) return;
    const [first, last] = [records[0], records.at(-1)];
    const date = (record: StreamRecord | undefined): string => new Date(record?.createdAt ?? 0).toISOString();
    const body = JSON.stringify({
      requestContext: {
        requestId: randomUUID(),
        functionArn: pool.spec(mapping.functionName).arn,
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: attempts,
      },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      timestamp: new Date().toISOString(),
      DDBStreamBatchInfo: {
        shardId,
        startSequenceNumber: first?.sequenceNumber,
        endSequenceNumber: last?.sequenceNumber,
        approximateArrivalOfFirstRecord: date(first),
        approximateArrivalOfLastRecord: date(last),
        batchSize: records.length,
        streamArn: mapping.sourceArn,
      },
    });
    queues.send([{ queueArn: mapping.onFailureArn, body }]);
  }

  async function run(): Promise<void> {
    while (!stopped) {
      woken = false;
      const asking = asked.splice(0);
      let found = true;
      try {
        found = await turn();
        unreadable = false;
      } catch (error) {
        if (!unreadable) warn(`The stream of ${tableName} cannot be read: ${messageOf(error)}`);
        unreadable = true;
        await sleep(1_000);
      }
      for (const answer of asking) answer(!found);
      if (!found && asked.length === 0) await sleep(pollMs);
    }
    for (const answer of asked.splice(0)) answer(false);
  }

  const running = run();
  return {
    wake,
    async atEnd() {
      if (delivering || stopped) return false;
      const { promise, resolve } = Promise.withResolvers<boolean>();
      asked.push(resolve);
      wake();
      return promise;
    },
    async stop() {
      stopped = true;
      endSleep?.();
      await running;
    },
  };
}

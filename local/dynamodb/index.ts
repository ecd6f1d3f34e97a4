import type { Turn } from '../turn.ts';
import type { Context } from './context.ts';
import { FaultQueue, type Faults } from './faults.ts';
import { operationOf } from './operations.ts';
import { answerWhole, closeServer, createEndpoint, listenOn, type Written } from './server.ts';
import { Store } from './store.ts';
import { sequenceNumber, trimStreams } from './streams.ts';
import { sweepExpired } from './tables.ts';

export { DynamoDbError } from './errors.ts';
export type { Fault, FaultKind, Faults } from './faults.ts';

/**
 * A DynamoDB endpoint over SQLite for development and tests: the AWS SDK works against it unmodified. It knows the
 * operations and parameters in `requests.ts` and refuses every other by name.
 */
export interface DynamoDbOptions {
  /** The database file, or `:memory:`. */
  readonly path: string;
  /** Milliseconds since the epoch: dates records, ages them, and lets items expire. */
  readonly clock: () => number;
  /** Where several threads have the file open. */
  readonly turn?: Turn;
}

export interface DynamoDb {
  /** Answers a request over another connection than those that `listen` takes, by its `X-Amz-Target`. */
  answer(target: string, body: Buffer): Written;
  /** Serves HTTP on the loopback; port 0 (the default) takes a free one. Answers the URL. */
  listen(port?: number): Promise<string>;
  close(): Promise<void>;
  /** The same operation in process, by its `X-Amz-Target`. Throws DynamoDbError. */
  call(target: string, body: unknown): unknown;
  /** Deletes the items whose TTL has passed, trims the streams, and answers how many items went. */
  sweepExpired(): number;
  /** The sequence number of the newest record that any stream of these tables has had. */
  newestSequenceNumber(): string;
  /** Called after each commit that added stream records. The listener must not throw. Answers how to end it. */
  onChange(listener: () => void): () => void;
  readonly faults: Faults;
}

export function openDynamoDb(options: DynamoDbOptions): DynamoDb {
  const store = new Store(options.path, options.turn);
  const context: Context = { store, clock: options.clock };
  const faults = new FaultQueue();
  const listeners = new Set<() => void>();

  /** What was answered is on disk: the answer leaves only after the commit. */
  function committed<T>(work: () => T): T {
    const { result, streamed } = store.transaction(work);
    if (streamed) for (const listener of listeners) listener();
    return result;
  }

  function call(target: string, body: unknown): unknown {
    const operation = operationOf(target);
    const run = () => operation.run(context, body);
    if (operation.within === 'write') return committed(run);
    return operation.within === 'snapshot' ? store.snapshot(run) : run();
  }

  const server = createEndpoint(call, faults);

  return {
    answer: (target, body) => answerWhole(call, target, body),
    call,
    faults,
    listen: (port = 0) => listenOn(server, port),
    async close() {
      await closeServer(server);
      store.close();
    },
    sweepExpired() {
      trimStreams(context);
      return committed(() => sweepExpired(context));
    },
    newestSequenceNumber: () => sequenceNumber(store.lastSequence()),
    onChange(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}

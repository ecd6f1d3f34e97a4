/**
 * Feeds a function from a queue as Lambda's event source mapping does: batches, a window to fill them, a
 * number of batches at a time, and answers that name the failed messages.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
import { createHash } from 'node:crypto';
import type { Activity } from '../activity.ts';
import { messageOf } from '../failure.ts';
import type { Outcome } from '../functions/instance.ts';
import { type FunctionPool, INSTANCES_MAX } from '../functions/pool.ts';
import type { QueueMappingSpec } from '../resources/mappings.ts';
import { REGION } from '../template/intrinsics.ts';
import type { Message, Queues } from './store.ts';

export interface Poller {
  /** Stops taking messages and waits for the batches that are being worked on. */
  stop(): Promise<void>;
  /** Takes what is there without waiting for batches to fill, until the returned function is called. */
  hurry(): () => void;
}

export interface PollerSettings {
  readonly queues: Queues;
  readonly pool: FunctionPool;
  readonly activity: Activity;
  warn(message: string): void;
}

/** How long a queue rests that the disk does not let go on. */
const TROUBLE_MS = 1_000;

export function startQueuePoller(
  mapping: QueueMappingSpec,
  { queues, pool, activity, warn }: PollerSettings,
): Poller {
  // More batches than copies of the function would only wait for one, their visibility running out meanwhile.
  const batchesMax = Math.min(mapping.concurrencyMax ?? INSTANCES_MAX, INSTANCES_MAX);
  const working = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  /** When the batch that is being filled is taken in any case (machine time). */
  let windowEnds: number | undefined;
  let hurried = 0;
  let stopped = false;

  function wakeAt(at: number): void {
    clearTimeout(timer);
    timer = setTimeout(poll, Math.min(Math.max(at - Date.now(), 0), 60_000));
  }

  function poll(): void {
    while (!stopped && working.size < batchesMax) {
      if (!isBatchDue()) return;
      const messages = taken();
      if (!messages) {
        wakeAt(Date.now() + TROUBLE_MS);
        return;
      }
      if (messages.length > 0) work(messages);
    }
  }

  /** The next messages; undefined when the disk does not take that they are taken. */
  function taken(): readonly Message[] | undefined {
    try {
      return queues.receive(mapping.sourceArn, mapping.batchSize);
    } catch (error) {
      trouble(error);
      return undefined;
    }
  }

  function trouble(error: unknown): void {
    warn(`The queue of ${mapping.functionName} does not go on: ${messageOf(error)}`);
  }

  /** Whether a batch is to be taken now; when not, the poller has been set to wake when that may change. */
  function isBatchDue(): boolean {
    const { visible, nextAt } = queues.look(mapping.sourceArn);
    if (visible === 0) {
      windowEnds = undefined;
      if (nextAt !== undefined) wakeAt(nextAt);
      return false;
    }
    windowEnds ??= Date.now() + mapping.windowMs;
    if (visible < mapping.batchSize && hurried === 0 && Date.now() < windowEnds) {
      wakeAt(windowEnds);
      return false;
    }
    windowEnds = undefined;
    return true;
  }

  function work(messages: readonly Message[]): void {
    const end = activity.begin();
    const batch = deliver(messages).finally(() => {
      end();
      working.delete(batch);
      poll();
    });
    working.add(batch);
  }

  async function deliver(messages: readonly Message[]): Promise<void> {
    const event = { Records: messages.map((message) => recordOf(message, mapping.sourceArn)) };
    const outcome = await pool.invoke(mapping.functionName, event);
    const failures = failedMessages(outcome, messages, mapping.reportsItemFailures);
    const failed = messages.filter(({ messageId }) => failures.has(messageId));
    const done = messages.filter(({ messageId }) => !failures.has(messageId));
    try {
      queues.settle(mapping.sourceArn, { done, failed });
    } catch (error) {
      // Not written down as done, they come again when they are no longer hidden: at least once is the promise.
      trouble(error);
    }
  }

  const forget = queues.onArrival((queueArn) => {
    if (queueArn === mapping.sourceArn) poll();
  });
  poll();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      forget();
      await Promise.all(working);
    },
    hurry() {
      hurried += 1;
      poll();
      return () => {
        hurried -= 1;
      };
    },
  };
}

/** The messages that stay in the queue, by id. What cannot be understood means the whole batch, as Lambda takes it. */
export function failedMessages(
  outcome: Outcome,
  messages: readonly Message[],
  reportsItemFailures: boolean,
): ReadonlySet<string> {
  const all = new Set(messages.map(({ messageId }) => messageId));
  if (outcome.kind !== 'answer') return all;
  if (!reportsItemFailures) return new Set();
  const failures = itemFailures(outcome.payload);
  if (failures === undefined || !failures.every((id) => all.has(id))) return all;
  return new Set(failures);
}

/**
 * The identifiers in `{ "batchItemFailures": [{ "itemIdentifier" }] }`; none for an empty answer; undefined for
 * an answer that is malformed.
 */
export function itemFailures(payload: string): string[] | undefined {
  const answer = JSON.parse(payload) as { batchItemFailures?: unknown } | null;
  const failures = answer?.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return undefined;
  const ids = failures.map((failure: { itemIdentifier?: unknown } | null) => failure?.itemIdentifier);
  return ids.every((id) => typeof id === 'string' && id !== '') ? (ids as string[]) : undefined;
}

function recordOf(message: Message, queueArn: string): object {
  return {
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.receiveCount),
      SentTimestamp: String(message.sentAt),
      SenderId: 'AIDALOCAL',
      ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
      ...(message.deadLetterSourceArn === undefined
        ? {}
        : { DeadLetterQueueSourceArn: message.deadLetterSourceArn }),
    },
    messageAttributes: {},
    md5OfBody: createHash('md5').update(message.body).digest('hex'),
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: REGION,
  };
}

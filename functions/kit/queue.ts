/**
 * Functions behind a queue: the records of a batch are handled side by side, each stands by itself, and only what
 * failed comes again. A slow one takes its own time and nobody else's.
 */
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { type ParsedEvent, parseEvent } from '../../core/contract/events.ts';
import { type Deps, deps } from '../deps.ts';
import { within } from './budget.ts';

/** What is left of a function's time when the records that are not done are given up, so that the others stand. */
export const reportReserveMs = 2_000;

type Time = Pick<Context, 'getRemainingTimeInMillis'>;

/** Time that is left to work in. */
function timeLeft(context: Time): number {
  return Math.max(0, context.getRemainingTimeInMillis() - reportReserveMs);
}

/**
 * What the records are handled with. Without it none can be, so the invocation fails, and Lambda says why.
 * @throws Error when it is not to be had in time
 */
export function depsFor(context: Time): Promise<Deps> {
  return within(timeLeft(context), deps);
}

/** Records in groups that share a key: those of a group come one after the other, in their order. */
function groupsOf(
  records: readonly SQSRecord[],
  keysOf: (record: SQSRecord) => readonly string[],
): SQSRecord[][] {
  let groups: { records: SQSRecord[]; keys: Set<string> }[] = [];
  for (const record of records) {
    const keys = keysOf(record);
    const joined = groups.filter((group) => keys.some((key) => group.keys.has(key)));
    const group = {
      // Groups that a record joins have nothing to do with each other but it, so their order is free.
      records: [...joined.flatMap((one) => one.records), record],
      keys: new Set([...joined.flatMap((one) => [...one.keys]), ...keys]),
    };
    groups = [...groups.filter((one) => !joined.includes(one)), group];
  }
  return groups.map((group) => group.records);
}

/** What a batch's records are given to. */
export interface Handling {
  readonly handle: (record: SQSRecord) => Promise<void>;
  /** Is told why a record failed: what it threw, or that it had no answer in its time. */
  readonly failed: (record: SQSRecord, error: unknown) => void;
  /** What a record is about: those about the same thing come one after the other. */
  readonly keysOf?: (record: SQSRecord) => readonly string[];
}

/**
 * Gives each record of a batch to `handle` and reports those that failed, or had no answer in their time. Alone, a
 * record has all the time that the function has; of several that come one after the other each has its share of what is
 * left.
 */
export async function eachRecord(
  { Records }: SQSEvent,
  context: Time,
  { handle, failed, keysOf = () => [] }: Handling,
): Promise<SQSBatchResponse> {
  const again = new Set<string>();
  const inTurn = async (group: readonly SQSRecord[]) => {
    for (const [index, record] of group.entries()) {
      try {
        const share = Math.floor(timeLeft(context) / (group.length - index));
        await within(share, () => handle(record));
      } catch (error) {
        failed(record, error);
        again.add(record.messageId);
      }
    }
  };
  await Promise.all(groupsOf(Records, keysOf).map(inTurn));
  const batchItemFailures = Records.filter(({ messageId }) => again.has(messageId)).map(({ messageId }) => ({
    itemIdentifier: messageId,
  }));
  return { batchItemFailures };
}

/** Logs why a record failed. */
export function logFailure({ logger }: Pick<Deps, 'logger'>): Handling['failed'] {
  return ({ messageId, attributes }, error) =>
    logger.error('An event could not be handled', {
      messageId,
      receiveCount: attributes.ApproximateReceiveCount,
      error: error as Error,
    });
}

/** Whom an event of the ledger is about; nobody can be told of what is none. */
function membersOf({ body }: SQSRecord): string[] {
  try {
    const { detail } = JSON.parse(body) as { detail?: { memberId?: unknown } };
    return typeof detail?.memberId === 'string' ? [detail.memberId] : [];
  } catch {
    return [];
  }
}

/**
 * A Lambda handler that gives each event of a batch to `consume`, with the text that it was received as; those of one
 * member one after the other. What throws is logged and reported as failed, so the queue delivers it again and, in the
 * end, to the dead letters.
 */
export function consumer(consume: (event: ParsedEvent, deps: Deps, body: string) => Promise<void>) {
  return async (batch: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const given = await depsFor(context);
    const handle = ({ body }: SQSRecord) => consume(parseEvent(JSON.parse(body)), given, body);
    return eachRecord(batch, context, { handle, failed: logFailure(given), keysOf: membersOf });
  };
}

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

/**
 * Gives each record of a batch to `handle` and reports those that failed, or had no answer in their time. Alone, a
 * record has all the time that the function has; of several that come one after the other each has its share of what is
 * left.
 * @param keysOf what a record is about: those about the same thing come one after the other
 */
export async function eachRecord(
  { Records }: SQSEvent,
  context: Time,
  handle: (record: SQSRecord) => Promise<void>,
  keysOf: (record: SQSRecord) => readonly string[] = () => [],
): Promise<SQSBatchResponse> {
  const failed = new Set<string>();
  const inTurn = async (group: readonly SQSRecord[]) => {
    for (const [index, record] of group.entries()) {
      try {
        const share = Math.floor(timeLeft(context) / (group.length - index));
        await within(share, () => handle(record));
      } catch {
        // Whoever handles it says why; here it only comes again.
        failed.add(record.messageId);
      }
    }
  };
  await Promise.all(groupsOf(Records, keysOf).map(inTurn));
  const batchItemFailures = Records.filter(({ messageId }) => failed.has(messageId)).map(({ messageId }) => ({
    itemIdentifier: messageId,
  }));
  return { batchItemFailures };
}

/** Logs why a record failed, and lets it fail. */
export async function logged(
  record: SQSRecord,
  { logger }: Pick<Deps, 'logger'>,
  handle: () => Promise<void>,
): Promise<void> {
  try {
    await handle();
  } catch (error) {
    logger.error('An event could not be handled', {
      messageId: record.messageId,
      receiveCount: record.attributes.ApproximateReceiveCount,
      error: error as Error,
    });
    throw error;
  }
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
    const handle = (record: SQSRecord) =>
      logged(record, given, () => consume(parseEvent(JSON.parse(record.body)), given, record.body));
    return eachRecord(batch, context, handle, membersOf);
  };
}

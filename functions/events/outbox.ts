/**
 * The outbox: every entry that the table's stream brings becomes events of the ledger, and what shops told of their
 * orders, events of their channels. One that cannot become any is
 * listed for operators and the stream goes on; when the bus does not answer, the stream waits.
 */
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { utc } from '../../core/contract/shapes/basics.ts';
import { fromItem, listDeadLetter, type NewDeadLetter } from '../../ledger/ledger.ts';
import { heardBy, memberOf, sequenceOf } from '../../ledger/store/items.ts';
import type { Item, Key } from '../../ledger/store/store.ts';
import { type PlainDeps, plainDeps } from '../deps.ts';
import type { BusEvent } from '../kit/bus.ts';
import { toEvents } from '../kit/ledger-events.ts';
import { type Count, count } from '../kit/metrics.ts';

type Image = Parameters<typeof unmarshall>[0];

function eventsOf(record: DynamoDBRecord): BusEvent[] {
  const image = record.dynamodb?.NewImage;
  if (record.eventName !== 'INSERT' || !image) return [];
  const item = unmarshall(image as Image) as Item;
  if (item.item === 'channelEvents') return [...fromItem(item, 'channelEvents').events];
  return item.item === 'entry' ? toEvents(fromItem(item, 'entry'), heardBy(item)) : [];
}

/** An entry that cannot be published, by its key: what it holds may be the very thing that is wrong. */
function deadLetterOf(record: DynamoDBRecord, error: unknown): NewDeadLetter {
  const { Keys = {}, ApproximateCreationDateTime = 0 } = record.dynamodb ?? {};
  const key = unmarshall(Keys as Image) as Key;
  const memberId = memberOf(key);
  const reason = error instanceof Error ? error.message : String(error);
  return {
    subject: `${key.pk} ${key.sk}`,
    sentAt: utc(Math.floor(ApproximateCreationDateTime) * 1000),
    memberId: memberId ?? null,
    detail: `The entry cannot be published: ${reason.slice(0, 1000)}`,
    consumer: 'outbox',
    queue: null,
    sendTo: memberId ? 'bus' : null,
    body: JSON.stringify(key),
    receiveCount: 1,
    ...(memberId ? { entry: { memberId, sequence: sequenceOf(key) } } : {}),
  };
}

interface Read {
  readonly record: DynamoDBRecord;
  readonly events: readonly BusEvent[];
  /** Why it can have none. */
  readonly error?: unknown;
}

function read(record: DynamoDBRecord): Read {
  try {
    return { record, events: eventsOf(record) };
  } catch (error) {
    return { record, events: [], error };
  }
}

type Means = Pick<PlainDeps, 'bus' | 'ledger' | 'now' | 'logger'> & { readonly count: Count };

/** @returns whether the record is listed for certain, now or before */
async function putAside({ record, error }: Read, deps: Means): Promise<boolean> {
  try {
    const letter = deadLetterOf(record, error);
    deps.logger.error('An entry cannot be published', { entry: letter.subject, error: error as Error });
    if ((await listDeadLetter(deps.ledger(), letter, deps.now())) === 'listed') deps.count('DeadLetters', 1);
    return true;
  } catch (failure) {
    deps.logger.error('An entry could not be put aside', { error: failure as Error });
    return false;
  }
}

export async function publish(batch: DynamoDBStreamEvent, deps: Means): Promise<DynamoDBBatchResponse> {
  const all = batch.Records.map(read);
  const taken = await deps.bus.put(all.flatMap(({ events }) => events));
  let next = 0;
  for (const one of all) {
    const results = taken.slice(next, next + one.events.length);
    next += one.events.length;
    const isDone = 'error' in one ? await putAside(one, deps) : results.every(Boolean);
    if (isDone) continue;
    // Streams go on from the first failure: what came after it is published again, at least once is the promise.
    const sequenceNumber = one.record.dynamodb?.SequenceNumber ?? '';
    deps.logger.error('Entries wait to be published', { sequenceNumber });
    return { batchItemFailures: [{ itemIdentifier: sequenceNumber }] };
  }
  return { batchItemFailures: [] };
}

export const handler = (batch: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> =>
  publish(batch, { ...plainDeps(), count });

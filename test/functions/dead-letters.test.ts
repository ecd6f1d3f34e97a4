/** From a message that nobody could handle to an exception, and back by the way it came. */
import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord, SQSRecord } from 'aws-lambda';
import { beforeEach, expect, it } from 'vitest';
import type { Entry } from '../../core/account.ts';
import { routes } from '../../core/contract/routes.ts';
import type { Deps } from '../../functions/deps.ts';
import { publish } from '../../functions/events/outbox.ts';
import { quarantine } from '../../functions/events/quarantine.ts';
import type { BusEvent } from '../../functions/kit/bus.ts';
import { redriveDeadLetters } from '../../functions/operators/dead-letters.ts';
import { listExceptions, retryException } from '../../functions/operators/exceptions.ts';
import { getEntry, type LedgerContext } from '../../ledger/ledger.ts';
import { keys, toItem } from '../../ledger/store/items.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import type { Store } from '../../ledger/store/store.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { defaultProgram, noon, testContext } from '../support/world.ts';

let store: Store;
let ledger: LedgerContext;
let sent: { queue: string; body: string }[];
let published: BusEvent[];
let counted: number;
/** What fails when it is asked to. */
let down: { table: boolean; queue: boolean; bus: boolean };

beforeEach(() => {
  store = createMemoryStore();
  down = { table: false, queue: false, bus: false };
  [sent, published, counted] = [[], [], 0];
  ledger = testContext({
    ...store,
    transact: async (writes) => (down.table ? { type: 'throttled' } : store.transact(writes)),
  });
});

const deps = () => {
  const logger = { error: () => undefined, warn: () => undefined };
  return {
    ledger,
    now: () => noon,
    logger,
    send: async (queue: string, body: string) => {
      if (down.queue) throw new Error('The queue does not answer.');
      sent.push({ queue, body });
    },
    bus: {
      put: async (events: readonly BusEvent[]) => {
        if (!down.bus) published.push(...events);
        return events.map(() => !down.bus);
      },
    },
  } as unknown as Deps;
};
const plain = () =>
  ({
    ...deps(),
    ledger: () => ledger,
    count: (_: string, by: number) => {
      counted += by;
    },
  }) as unknown as Omit<Parameters<typeof quarantine>[1], 'ledger'> & Parameters<typeof publish>[1];

const caller = { role: 'ops' as const, keyId: 'key_a', name: 'ada', holder: 'key_a' };

async function page(cursor?: string) {
  const request = { query: { status: 'open', limit: 100, cursor } } as Parameters<typeof listExceptions>[0];
  const { body } = await listExceptions(request, deps());
  return routes.listExceptions.answers[200].parse(body);
}

const open = async () => (await page()).items;

async function redrive(body: object = {}) {
  const request = { body: { limit: 100, ...body }, caller } as Parameters<typeof redriveDeadLetters>[0];
  const answer = await redriveDeadLetters(request, deps());
  return routes.redriveDeadLetters.answers[200].parse(answer.body);
}

async function retry(exceptionId: string) {
  const request = { params: { exceptionId }, body: {}, caller } as Parameters<typeof retryException>[0];
  const answer = await retryException(request, deps());
  // A refusal is an answer that a key could keep.
  if (answer.status >= 400) throw answer.body;
  return routes.retryException.answers[200].parse(answer.body);
}

// Messages ------------------------------------------------------------------------------------------------------

function message(queue: string, body: string, more: Partial<SQSRecord> = {}): SQSRecord {
  return {
    messageId: `id of ${queue} ${body}`.slice(0, 80),
    body,
    attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(noon - 60_000) },
    messageAttributes: {},
    eventSourceARN: `arn:aws:sqs:eu-west-1:000000000000:philia-prod-${queue}`,
    ...more,
  } as SQSRecord;
}
const list = (...Records: SQSRecord[]) =>
  quarantine({ Records }, { getRemainingTimeInMillis: () => 15_000 }, { ...plain(), ledger });
const memberId = 'mem_01JD0000000000000000000000';
const event = JSON.stringify({ 'detail-type': 'PointsPosted', detail: { memberId } });

it('lists each message of each dead-letter queue, whatever it is, once', async () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  const records = [
    message('apple-push-dead', event),
    message('purchases-web-dead', 'not { JSON'),
    message('purchases-web-dead', 'null'),
    message('purchases-web-dead', deep),
    message('outbox-dead', '{"DDBStreamBatchInfo":{}}'),
    message('night-dead', '{}'),
  ];
  expect(await list(...records)).toEqual({ batchItemFailures: [] });
  expect(await list(...records)).toEqual({ batchItemFailures: [] });
  const items = await open();
  expect(items).toHaveLength(records.length);
  expect(counted).toBe(records.length);
  const of = (queue: string) => items.filter(({ data }) => (data as { queue: string }).queue === queue);
  expect(of('apple-push-dead')).toMatchObject([
    { memberId, data: { consumer: 'apple-push', body: JSON.parse(event), receiveCount: 1 } },
  ]);
  const bodies = of('purchases-web-dead').map(({ data }) => (data as { body: unknown }).body);
  expect(new Set(bodies)).toEqual(new Set(['not { JSON', null, deep]));
  expect(of('outbox-dead')).toMatchObject([{ data: { consumer: 'outbox', sendTo: null } }]);
});

it('lists large ones over as many pages as it takes for each to fit into an answer', async () => {
  const body = JSON.stringify({ text: 'x'.repeat(250_000) });
  const count = 40;
  await list(
    ...Array.from({ length: count }, (_, one) => message('holds-dead', body, { messageId: `${one}` })),
  );
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const answer = await page(cursor);
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(6 * 1024 * 1024);
    seen.push(...answer.items.map(({ subject }) => subject));
    cursor = answer.cursor ?? undefined;
  } while (cursor);
  expect(new Set(seen).size).toBe(count);
  expect(seen).toHaveLength(count);
});

it('names what EventBridge could not deliver, and why', async () => {
  const attribute = (stringValue: string) => ({ stringValue, dataType: 'String' }) as never;
  const record = message('undelivered', event, {
    messageAttributes: {
      TARGET_ARN: attribute('arn:aws:sqs:eu-west-1:000000000000:philia-prod-referrals'),
      ERROR_MESSAGE: attribute('no permission'),
    },
  });
  await list(record);
  expect(await open()).toMatchObject([
    {
      detail: 'EventBridge could not deliver PointsPosted to referrals: no permission.',
      data: { consumer: 'referrals', sendTo: 'referrals' },
    },
  ]);
});

it('leaves in its queue what is not certain to be listed, and nothing else', async () => {
  const first = message('messages-dead', '1');
  await list(first);
  down.table = true;
  const failed = await list(first, message('messages-dead', '2'));
  expect(failed.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual([
    first.messageId,
    'id of messages-dead 2',
  ]);
  down.table = false;
  await list(first, message('messages-dead', '2'));
  expect([(await open()).length, counted]).toEqual([2, 2]);
});

it('sends a message again exactly as it was, then it is resolved', async () => {
  const body = ' {"detail-type" : "PointsPosted", "a": 1e400, "__proto__": 1.0} ';
  await list(message('purchases-app-dead', body));
  const [letter] = await open();
  expect(await retry(letter?.exceptionId ?? '')).toMatchObject({
    status: 'resolved',
    handledBy: { name: 'ada' },
  });
  expect(sent).toEqual([{ queue: 'purchases-app', body }]);
  await expect(retry(letter?.exceptionId ?? '')).rejects.toMatchObject({ code: 'exception_closed' });
  expect(sent).toHaveLength(1);
});

it('resolves nothing that was not sent', async () => {
  await list(message('holds-dead', '1'));
  const [letter] = await open();
  down.queue = true;
  await expect(retry(letter?.exceptionId ?? '')).rejects.toThrow('does not answer');
  await expect(redrive()).rejects.toThrow('does not answer');
  down.queue = false;
  expect(await open()).toHaveLength(1);
  expect(await redrive()).toEqual({ redriven: 1, left: 0 });
});

it('sends those of one consumer, or of all, as many as are wanted', async () => {
  await list(...Array.from({ length: 25 }, (_, index) => message('messages-dead', `${index}`)));
  await list(message('holds-dead', 'hold'), message('night-dead', 'night'));
  expect(await redrive({ consumer: 'messages', limit: 12 })).toEqual({ redriven: 12, left: 13 });
  expect(await redrive({ consumer: 'holds' })).toEqual({ redriven: 1, left: 0 });
  expect(await redrive()).toEqual({ redriven: 13, left: 0 });
  expect(sent.filter(({ queue }) => queue === 'messages')).toHaveLength(25);
  // What no queue leads back to stays for a person.
  expect((await open()).map(({ data }) => (data as { consumer: string }).consumer)).toEqual(['night']);
});

it.each(['night-dead', 'outbox-dead', 'undelivered'])(
  'says why a message of %s cannot be sent',
  async (queue) => {
    await list(message(queue, '{}'));
    const [letter] = await open();
    await expect(retry(letter?.exceptionId ?? '')).rejects.toMatchObject({ code: 'exception_not_retryable' });
    expect(sent).toEqual([]);
  },
);

// Entries that cannot be published ---------------------------------------------------------------------------------

const program = defaultProgram();

async function entry(): Promise<Entry> {
  await putInForce(ledger, program);
  const found = await getEntry(ledger, await newMember(ledger, program), 2);
  if (!found) throw new Error('There is no entry.');
  return found;
}

let sequence = 0;

function record(of: Entry, change: object = {}): DynamoDBRecord {
  const key = keys.entry(of.memberId, of.sequence);
  const item = { ...toItem(key, 'entry', of), ...change };
  return {
    eventName: 'INSERT',
    dynamodb: {
      Keys: marshall(key),
      NewImage: marshall(item, { removeUndefinedValues: true }),
      SequenceNumber: String(++sequence),
      ApproximateCreationDateTime: noon / 1000,
    },
  } as unknown as DynamoDBRecord;
}

it('an entry that cannot be published is listed by its key, and the others go out', async () => {
  const good = await entry();
  const bad = record(good, { recordedAt: 'yesterday' });
  const batch = { Records: [record(good), bad, record(good)] };
  expect(await publish(batch, plain())).toEqual({ batchItemFailures: [] });
  expect(published.map(({ name }) => name)).toEqual(['PointsPosted', 'PointsPosted']);
  expect(await publish({ Records: [bad] }, plain())).toEqual({ batchItemFailures: [] });
  expect(await open()).toMatchObject([
    {
      memberId: good.memberId,
      data: { consumer: 'outbox', entry: { memberId: good.memberId, sequence: 2 } },
    },
  ]);
  expect(counted).toBe(1);
});

it('the stream waits for a bus that does not answer, and for a table that cannot list', async () => {
  const good = await entry();
  const records = [record(good), record(good, { memberId: undefined, balance: null }), record(good)];
  const numberOf = (index: number) => records[index]?.dynamodb?.SequenceNumber;
  down.table = true;
  expect(await publish({ Records: records }, plain())).toEqual({
    batchItemFailures: [{ itemIdentifier: numberOf(1) }],
  });
  down = { table: false, queue: false, bus: true };
  expect(await publish({ Records: records }, plain())).toEqual({
    batchItemFailures: [{ itemIdentifier: numberOf(0) }],
  });
  down.bus = false;
  expect(await publish({ Records: records }, plain())).toEqual({ batchItemFailures: [] });
});

it('the stream goes on from the first entry of which the bus did not take every event', async () => {
  const good = await entry();
  const tier = { tier: { id: 'ami', validUntil: null, steps: [] } };
  const records = [record(good), record(good, tier), record(good)];
  for (const [refused, expected] of [
    [0, 0],
    [1, 1],
    [2, 1],
    [3, 2],
  ] as const) {
    const put = async (events: readonly BusEvent[]) => events.map((_, index) => index !== refused);
    const { batchItemFailures } = await publish({ Records: records }, { ...plain(), bus: { put } });
    const numbers = records.map(({ dynamodb }) => dynamodb?.SequenceNumber);
    expect(batchItemFailures).toEqual([{ itemIdentifier: numbers[expected] }]);
  }
});

it('an entry that could not be published is published from the table once it can be', async () => {
  const good = await entry();
  await publish({ Records: [record(good, { recordedAt: 'yesterday' })] }, plain());
  const [letter] = await open();
  down.bus = true;
  await expect(retry(letter?.exceptionId ?? '')).rejects.toMatchObject({ code: 'unavailable' });
  down.bus = false;
  expect(await redrive({ consumer: 'outbox' })).toEqual({ redriven: 1, left: 0 });
  expect(published).toMatchObject([{ name: 'PointsPosted', detail: { entryId: good.entryId } }]);
  expect(await open()).toEqual([]);
});

it('an entry that still cannot be published stays, and does not keep the others back', async () => {
  const good = await entry();
  const broken = toItem(keys.entry(good.memberId, 2), 'entry', { ...good, recordedAt: 'yesterday' });
  await store.transact([{ put: broken }]);
  await publish({ Records: [record(good, { recordedAt: 'yesterday' })] }, plain());
  await list(message('messages-dead', '1'));
  expect(await redrive()).toEqual({ redriven: 1, left: 1 });
  const [letter] = await open();
  await expect(retry(letter?.exceptionId ?? '')).rejects.toMatchObject({ code: 'exception_not_retryable' });
});

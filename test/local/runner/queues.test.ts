/** A queue neither loses a message nor forgets how often it was tried. */
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, vi } from 'vitest';
import { createActivity } from '../../../local/activity.ts';
import type { Outcome } from '../../../local/functions/instance.ts';
import type { FunctionPool } from '../../../local/functions/pool.ts';
import { failedMessages, startQueuePoller } from '../../../local/queues/poller.ts';
import { type Message, openQueues, type Queues } from '../../../local/queues/store.ts';
import type { QueueMappingSpec } from '../../../local/resources/mappings.ts';
import type { QueueSpec } from '../../../local/resources/queues.ts';

const DAY = 86_400_000;

function spec(name: string, more: Partial<QueueSpec> = {}): QueueSpec {
  return {
    arn: name,
    visibilityTimeoutMs: 60_000,
    delayMs: 0,
    retentionMs: 4 * DAY,
    redrive: undefined,
    ...more,
  };
}

const bodies = (messages: readonly Message[]): string[] => messages.map(({ body }) => body);
const send = (queues: Queues, queueArn: string, ...all: string[]): string[] =>
  queues.send(all.map((body) => ({ queueArn, body })));

describe('a queue', () => {
  it('gives its messages in order of arrival, each to one receiver', () => {
    const queues = openQueues(new DatabaseSync(':memory:'), [spec('q')], Date.now);
    send(queues, 'q', 'a', 'b', 'c');
    expect(bodies(queues.receive('q', 2))).toEqual(['a', 'b']);
    expect(bodies(queues.receive('q', 10))).toEqual(['c']);
    expect(queues.receive('q', 10)).toEqual([]);
  });

  it('gives a message again after its visibility timeout, counting', async () => {
    const queues = openQueues(
      new DatabaseSync(':memory:'),
      [spec('q', { visibilityTimeoutMs: 30 })],
      () => 12_345,
    );
    send(queues, 'q', 'a');
    expect(queues.receive('q', 1)).toMatchObject([{ receiveCount: 1, sentAt: 12_345 }]);
    expect(queues.receive('q', 1)).toEqual([]);
    await vi.waitFor(() =>
      expect(queues.receive('q', 1)).toMatchObject([{ receiveCount: 2, sentAt: 12_345 }]),
    );
  });

  it.each([1, 2, 3, 4, 5])(
    'has a hidden message in sight at every moment, also where it shows itself while it is looked for (%i ms before)',
    (before) => {
      const now = vi.spyOn(Date, 'now');
      try {
        now.mockReturnValue(1_000);
        const queues = openQueues(
          new DatabaseSync(':memory:'),
          [spec('q', { visibilityTimeoutMs: 30 })],
          Date.now,
        );
        send(queues, 'q', 'a');
        queues.receive('q', 1);
        // Time passes with every question.
        let at = 1_030 - before;
        now.mockImplementation(() => at++);
        const { visible, nextAt } = queues.look('q');
        expect(visible === 1 || nextAt === 1_030).toBe(true);
      } finally {
        now.mockRestore();
      }
    },
  );

  it('forgets what was done and keeps what failed', async () => {
    const queues = openQueues(
      new DatabaseSync(':memory:'),
      [spec('q', { visibilityTimeoutMs: 30 })],
      Date.now,
    );
    send(queues, 'q', 'a', 'b');
    const [a, b] = queues.receive('q', 2) as [Message, Message];
    queues.settle('q', { done: [a], failed: [b] });
    expect(queues.pending(['q'])).toBe(1);
    await vi.waitFor(() => expect(bodies(queues.receive('q', 2))).toEqual(['b']));
  });

  it('lets a late receiver not take away what another one has received since', async () => {
    const queues = openQueues(
      new DatabaseSync(':memory:'),
      [spec('q', { visibilityTimeoutMs: 10 })],
      Date.now,
    );
    send(queues, 'q', 'a');
    const late = queues.receive('q', 1);
    await vi.waitFor(() => expect(queues.receive('q', 1)).toHaveLength(1));
    queues.settle('q', { done: late, failed: [] });
    expect(queues.pending(['q'])).toBe(1);
  });

  it('moves a message to the dead letters when it was received too often, and says so', () => {
    const redrive = { deadLetterArn: 'dead', receiveCountMax: 2 };
    const specs = [spec('q', { visibilityTimeoutMs: 0, redrive }), spec('dead')];
    const queues = openQueues(new DatabaseSync(':memory:'), specs, Date.now);
    const arrived: string[] = [];
    send(queues, 'q', 'a');
    queues.onArrival((arn) => arrived.push(arn));
    expect(queues.receive('q', 1)).toHaveLength(1);
    expect(queues.receive('q', 1)).toHaveLength(1);
    expect(queues.receive('q', 1)).toEqual([]);
    expect(arrived).toEqual(['dead']);
    expect(queues.receive('dead', 1)).toMatchObject([
      { body: 'a', receiveCount: 1, deadLetterSourceArn: 'q' },
    ]);
  });

  it('counts no delivery that ended with the runner: only what somebody failed to handle', () => {
    const database = new DatabaseSync(':memory:');
    const redrive = { deadLetterArn: 'dead', receiveCountMax: 3 };
    const specs = [spec('q', { visibilityTimeoutMs: 0, redrive }), spec('dead')];
    send(openQueues(database, specs, Date.now), 'q', 'a');
    for (let start = 0; start < 20; start++) {
      const queues = openQueues(database, specs, Date.now);
      expect(queues.receive('q', 1)).toMatchObject([{ body: 'a', receiveCount: 1 }]);
    }
    const queues = openQueues(database, specs, Date.now);
    for (let receiveCount = 1; receiveCount <= 3; receiveCount++) {
      const failed = queues.receive('q', 1);
      expect(failed).toMatchObject([{ receiveCount }]);
      queues.settle('q', { done: [], failed });
    }
    const later = openQueues(database, specs, Date.now);
    expect(later.receive('q', 1)).toEqual([]);
    expect(bodies(later.receive('dead', 1))).toEqual(['a']);
  });

  it('holds back a message for its delay', async () => {
    const queues = openQueues(new DatabaseSync(':memory:'), [spec('q', { delayMs: 30 })], Date.now);
    send(queues, 'q', 'a');
    expect(queues.receive('q', 1)).toEqual([]);
    expect(queues.pending(['q'])).toBe(1);
    await vi.waitFor(() => expect(queues.receive('q', 1)).toHaveLength(1));
  });

  it('holds back a message with a delay of its own until the system’s clock is there', () => {
    let now = 1_000_000;
    const queues = openQueues(new DatabaseSync(':memory:'), [spec('q')], () => now);
    const arrived: string[] = [];
    queues.onArrival((arn) => arrived.push(arn));
    queues.send([{ queueArn: 'q', body: 'later', delayMs: 900_000 }]);
    send(queues, 'q', 'now');
    expect(queues.nextDueAt(['q'])).toBe(1_900_000);
    expect((queues.look('q').nextAt ?? 0) - Date.now()).toBeGreaterThan(890_000);
    expect(queues.visible('q')).toBe(1);
    // What waits for its time is not in flight.
    expect(queues.pending(['q'])).toBe(1);
    expect(bodies(queues.receive('q', 10))).toEqual(['now']);
    now += 899_999;
    expect(queues.receive('q', 10)).toEqual([]);
    now += 1;
    arrived.length = 0;
    queues.clockMoved();
    expect(arrived).toEqual(['q']);
    expect(queues.pending(['q'])).toBe(2);
    expect(bodies(queues.receive('q', 10))).toEqual(['later']);
    expect(queues.nextDueAt(['q'])).toBeUndefined();
  });

  it('of a folder that knew no delays goes on with what is in it', () => {
    const database = new DatabaseSync(':memory:');
    send(openQueues(database, [spec('q')], Date.now), 'q', 'old');
    database.exec('ALTER TABLE message DROP COLUMN due_at');
    expect(bodies(openQueues(database, [spec('q')], Date.now).receive('q', 1))).toEqual(['old']);
  });

  it('lets a delay of no time take the place of the queue’s own', () => {
    const queues = openQueues(new DatabaseSync(':memory:'), [spec('q', { delayMs: 60_000 })], Date.now);
    queues.send([{ queueArn: 'q', body: 'a', delayMs: 0 }]);
    expect(bodies(queues.receive('q', 1))).toEqual(['a']);
  });

  it('shows again at once, after a restart, what was in flight, and what waits for its turn only then', () => {
    const database = new DatabaseSync(':memory:');
    const specs = [spec('q')];
    const before = openQueues(database, specs, Date.now);
    send(before, 'q', 'held', 'failed');
    const [, failed] = before.receive('q', 2) as [Message, Message];
    before.settle('q', { done: [], failed: [failed] });
    const after = openQueues(database, specs, Date.now);
    expect(bodies(after.receive('q', 10))).toEqual(['held']);
    expect(after.pending(['q'])).toBe(2);
  });

  it('writes an event into all its queues or into none', () => {
    const queues = openQueues(new DatabaseSync(':memory:'), [spec('q')], Date.now);
    const both = [
      { queueArn: 'q', body: 'a' },
      { queueArn: 'nowhere', body: 'a' },
    ];
    expect(() => queues.send(both)).toThrow('nowhere');
    expect(queues.pending(['q'])).toBe(0);
  });

  it('drops what is older than it keeps messages', () => {
    const queues = openQueues(
      new DatabaseSync(':memory:'),
      [spec('q', { retentionMs: -1 }), spec('r')],
      Date.now,
    );
    send(queues, 'q', 'a');
    send(queues, 'r', 'b');
    queues.expire();
    expect([queues.pending(['q']), queues.pending(['r'])]).toEqual([0, 1]);
  });

  it('releases what waits no longer than the clock moves, and never what somebody holds', () => {
    const queues = openQueues(new DatabaseSync(':memory:'), [spec('q')], Date.now);
    send(queues, 'q', 'held', 'failed');
    const [, failed] = queues.receive('q', 2) as [Message, Message];
    queues.settle('q', { done: [], failed: [failed] });
    queues.release(['q'], 30_000, 'all');
    expect(queues.visible('q')).toBe(0);
    // Of the two only the held one is waited for: the other would not show itself in that time.
    expect(queues.pending(['q'], 30_000)).toBe(1);
    queues.release(['q'], 90_000, 'fresh');
    expect(queues.visible('q')).toBe(0);
    queues.release(['q'], 90_000, 'all');
    expect(bodies(queues.receive('q', 10))).toEqual(['failed']);
  });
});

const mapping: QueueMappingSpec = {
  kind: 'queue',
  id: 'm',
  sourceArn: 'q',
  functionName: 'f',
  batchSize: 3,
  windowMs: 0,
  concurrencyMax: undefined,
  reportsItemFailures: true,
};

interface Call {
  readonly bodies: string[];
  readonly finish: (outcome: Outcome) => void;
}

/** A pool whose one function answers when the test says so. */
function fakePool(): { pool: FunctionPool; calls: Call[] } {
  const calls: Call[] = [];
  const pool = {
    invoke: (_: string, event: unknown) => {
      const { promise, resolve } = Promise.withResolvers<Outcome>();
      const { Records } = event as { Records: { body: string }[] };
      calls.push({ bodies: Records.map(({ body }) => body), finish: resolve });
      return promise;
    },
  } as Partial<FunctionPool> as FunctionPool;
  return { pool, calls };
}

const answer = (value: unknown): Outcome => ({ kind: 'answer', payload: JSON.stringify(value) });

describe('a poller', () => {
  it('takes batches, two at a time, and goes on when one is done', async () => {
    const queues = openQueues(new DatabaseSync(':memory:'), [spec('q')], Date.now);
    const { pool, calls } = fakePool();
    const activity = createActivity();
    send(queues, 'q', ...'abcdefg');
    const poller = startQueuePoller(mapping, { queues, pool, activity, warn: () => {} });
    expect(calls.map(({ bodies: taken }) => taken.join(''))).toEqual(['abc', 'def']);
    expect(activity.active).toBe(2);
    calls[0]?.finish(answer(null));
    await vi.waitFor(() => expect(calls).toHaveLength(3));
    for (const { finish } of calls) finish(answer({ batchItemFailures: [] }));
    await vi.waitFor(() => expect(queues.pending(['q'])).toBe(0));
    expect(activity.active).toBe(0);
    send(queues, 'q', 'h');
    await vi.waitFor(() => expect(calls[3]?.bodies).toEqual(['h']));
    calls[3]?.finish(answer(null));
    await poller.stop();
    send(queues, 'q', 'i');
    expect(calls).toHaveLength(4);
  });

  it('gives a failed message again when its visibility timeout has passed', async () => {
    const queues = openQueues(
      new DatabaseSync(':memory:'),
      [spec('q', { visibilityTimeoutMs: 20 })],
      Date.now,
    );
    const invoke = vi
      .fn<() => Promise<Outcome>>()
      .mockResolvedValueOnce({ kind: 'failure', error: { errorType: 'Error', errorMessage: 'no' } })
      .mockResolvedValue(answer(null));
    const pool = { invoke } as Partial<FunctionPool> as FunctionPool;
    send(queues, 'q', 'a');
    const poller = startQueuePoller(mapping, { queues, pool, activity: createActivity(), warn: () => {} });
    await vi.waitFor(() => expect(queues.pending(['q'])).toBe(0));
    expect(invoke).toHaveBeenCalledTimes(2);
    await poller.stop();
  });

  it('rests while the disk is full, loses nothing, and goes on when there is room', async () => {
    const database = new DatabaseSync(':memory:');
    const queues = openQueues(database, [spec('q', { visibilityTimeoutMs: 1000 })], Date.now);
    const { pool, calls } = fakePool();
    const warned: string[] = [];
    const warn = (message: string) => void warned.push(message);
    // SQLite as it is on a full disk: nothing can be written, everything read.
    const fill = () => database.exec('PRAGMA query_only = 1');
    const free = () => database.exec('PRAGMA query_only = 0');
    send(queues, 'q', 'a');
    fill();
    const poller = startQueuePoller(mapping, { queues, pool, activity: createActivity(), warn });
    expect([calls.length, warned.length]).toEqual([0, 1]);
    free();
    await vi.waitFor(() => expect(calls).toHaveLength(1), 5000);
    fill();
    calls[0]?.finish(answer(null));
    await vi.waitFor(() => expect(warned.length).toBeGreaterThan(1), 5000);
    free();
    // What could not be noted as done comes again.
    await vi.waitFor(() => expect(calls).toHaveLength(2), 5000);
    calls[1]?.finish(answer(null));
    await vi.waitFor(() => expect(queues.pending(['q'])).toBe(0), 5000);
    await poller.stop();
  });

  it('keeps a batch open for its window, until it is full or hurried', () => {
    const queues = openQueues(new DatabaseSync(':memory:'), [spec('q')], Date.now);
    const { pool, calls } = fakePool();
    const windowed = { ...mapping, windowMs: 600_000 };
    const poller = startQueuePoller(windowed, { queues, pool, activity: createActivity(), warn: () => {} });
    send(queues, 'q', 'a');
    send(queues, 'q', 'b');
    expect(calls).toEqual([]);
    send(queues, 'q', 'c');
    expect(calls).toHaveLength(1);
    send(queues, 'q', 'd');
    expect(calls).toHaveLength(1);
    poller.hurry();
    expect(calls[1]?.bodies).toEqual(['d']);
  });
});

describe('what a function answers about a batch', () => {
  const messages = ['1', '2', '3'].map((messageId) => ({ messageId }) as Message);
  it.each<[string, Outcome, boolean, string[]]>([
    ['fails nothing when it is empty', answer(null), true, []],
    ['fails nothing when it names none', answer({ batchItemFailures: [] }), true, []],
    ['fails those it names', answer({ batchItemFailures: [{ itemIdentifier: '2' }] }), true, ['2']],
    [
      'is ignored when it was not asked for',
      answer({ batchItemFailures: [{ itemIdentifier: '2' }] }),
      false,
      [],
    ],
    [
      'fails all for an unknown one',
      answer({ batchItemFailures: [{ itemIdentifier: '9' }] }),
      true,
      ['1', '2', '3'],
    ],
    [
      'fails all for an empty one',
      answer({ batchItemFailures: [{ itemIdentifier: '' }] }),
      true,
      ['1', '2', '3'],
    ],
    ['fails all for nonsense', answer({ batchItemFailures: 'x' }), true, ['1', '2', '3']],
    [
      'fails all for an error',
      { kind: 'failure', error: { errorType: '', errorMessage: '' } },
      false,
      ['1', '2', '3'],
    ],
    [
      'fails all for a timeout',
      { kind: 'timeout', error: { errorType: '', errorMessage: '' } },
      true,
      ['1', '2', '3'],
    ],
  ])('%s', (_, outcome, reports, expected) => {
    expect([...failedMessages(outcome, messages, reports)]).toEqual(expected);
  });
});

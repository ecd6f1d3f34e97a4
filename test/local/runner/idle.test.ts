/** "Idle" is only said when nothing is on its way, wherever it may be between two places. */
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, vi } from 'vitest';
import { type Activity, createActivity } from '../../../local/activity.ts';
import { createIdle, type Idle } from '../../../local/idle.ts';
import { openQueues, type Queues } from '../../../local/queues/store.ts';
import type { StreamPoller } from '../../../local/stream/poller.ts';

interface World {
  readonly idle: Idle;
  readonly activity: Activity;
  readonly queues: Queues;
  /** What the stream does when it is asked whether it is at its end. */
  asked: () => Promise<boolean>;
  due: boolean;
  readonly stopping: AbortController;
}

function world(): World {
  const queue = (
    arn: string,
    more: Partial<Parameters<typeof openQueues>[1][number]> = {},
  ): Parameters<typeof openQueues>[1][number] => ({
    arn,
    visibilityTimeoutMs: 60_000,
    delayMs: 0,
    retentionMs: 1e9,
    redrive: undefined,
    ...more,
  });
  const activity = createActivity();
  const gathering = queue('gathering', { visibilityTimeoutMs: 2500, delayMs: 2500 });
  const queues = openQueues(
    new DatabaseSync(':memory:'),
    [queue('work'), gathering, queue('dead')],
    Date.now,
  );
  const stopping = new AbortController();
  const result = { activity, queues, asked: async () => true, due: false, stopping } as Omit<World, 'idle'>;
  const stream = { atEnd: () => result.asked() } as StreamPoller;
  const idle = createIdle({
    activity,
    queues,
    consumedQueueArns: ['work', 'gathering'],
    streams: [stream],
    schedules: { isDue: () => result.due },
    stopping: stopping.signal,
  });
  return Object.assign(result, { idle });
}

const SOON = 60;

describe('a system', () => {
  it('is found idle without any waiting where what was still to be done ended while it was looked at', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      const given = world();
      let records = 3;
      given.asked = async () => {
        if (records-- <= 0) return true;
        given.activity.begin()();
        return false;
      };
      expect(await given.idle.settle(0, 1_000)).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  it('with nothing to do is idle', async () => {
    expect(await world().idle.wait(0)).toBe(true);
  });

  it.each<[string, (world: World) => void]>([
    ['in which a function runs', ({ activity }) => activity.begin()],
    ['with a message in a queue', ({ queues }) => queues.send([{ queueArn: 'work', body: '' }])],
    [
      'with a message in flight',
      ({ queues }) => {
        queues.send([{ queueArn: 'work', body: '' }]);
        queues.receive('work', 1);
      },
    ],
    [
      'with a message that waits to be tried again',
      ({ queues }) => {
        queues.send([{ queueArn: 'work', body: '' }]);
        queues.settle('work', { done: [], failed: queues.receive('work', 1) });
      },
    ],
    [
      'whose stream has records',
      (given) => {
        given.asked = async () => false;
      },
    ],
    [
      'with a schedule that is due',
      (given) => {
        given.due = true;
      },
    ],
    [
      'in which work came and went while the stream was asked',
      (given) => {
        given.asked = async () => {
          given.activity.begin()();
          return true;
        };
      },
    ],
    [
      'in which a message came while the stream was asked',
      (given) => {
        given.asked = async () => {
          given.queues.send([{ queueArn: 'work', body: '' }]);
          return true;
        };
      },
    ],
  ])('%s is not', async (_, prepare) => {
    const given = world();
    prepare(given);
    expect(await given.idle.wait(SOON)).toBe(false);
  });

  it('with a message in a dead-letter queue is idle: that waits for a person', async () => {
    const { idle, queues } = world();
    queues.send([{ queueArn: 'dead', body: '' }]);
    expect(await idle.wait(0)).toBe(true);
  });

  it('with a message whose delay is not over is idle: that waits for time to pass', async () => {
    const { idle, queues } = world();
    queues.send([{ queueArn: 'work', body: '', delayMs: 60_000 }]);
    expect(await idle.wait(0)).toBe(true);
  });

  it('does not wait for what a queue gathers, but for what failed and waits to be tried again', async () => {
    const { idle, queues } = world();
    queues.send([{ queueArn: 'gathering', body: '' }]);
    expect(queues.visible('gathering')).toBe(0);
    expect(await idle.wait(0)).toBe(false);
    expect(queues.visible('gathering')).toBe(1);
    queues.settle('gathering', { done: [], failed: queues.receive('gathering', 1) });
    expect(await idle.wait(0)).toBe(false);
    expect(queues.visible('gathering')).toBe(0);
  });

  it('is idle as soon as its work ends', async () => {
    const { idle, activity } = world();
    const end = activity.begin();
    const waiting = idle.wait(60_000);
    end();
    expect(await waiting).toBe(true);
  });

  it('that is stopping keeps nobody waiting', async () => {
    const { idle, activity, stopping } = world();
    activity.begin();
    const waiting = idle.wait(3_600_000);
    stopping.abort();
    expect(await waiting).toBe(false);
  });
});

describe('settling for a move of the clock', () => {
  it('does not wait for what would only be tried again after the move', async () => {
    const { idle, queues } = world();
    queues.send([{ queueArn: 'work', body: '' }]);
    queues.settle('work', { done: [], failed: queues.receive('work', 1) });
    expect(await idle.settle(10_000, SOON)).toBe(true);
    expect(await idle.settle(3_600_000, SOON)).toBe(false);
    expect(queues.visible('work')).toBe(1);
  });
});

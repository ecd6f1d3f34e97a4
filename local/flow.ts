/** Everything that invokes functions by itself: queues, streams, schedules, and the clock that drives them. */
import type { SystemClock } from './clock.ts';
import type { Closers, Core } from './core.ts';
import type { Database } from './database.ts';
import { messageOf } from './failure.ts';
import { createIdle, type Idle } from './idle.ts';
import { startQueuePoller } from './queues/poller.ts';
import { isStreamMapping, type QueueMappingSpec } from './resources/mappings.ts';
import type { Model } from './resources/model.ts';
import { createSchedules } from './schedule/runner.ts';
import type { State } from './state.ts';
import { startStreamPoller } from './stream/poller.ts';

export interface FlowSettings {
  readonly model: Model;
  readonly core: Core;
  readonly database: Database;
  readonly state: State;
  readonly clock: SystemClock;
  readonly closers: Closers;
  readonly stopping: AbortSignal;
  warn(message: string): void;
}

export interface Flow {
  readonly idle: Idle;
  /** Moves the clock, running what lies in between. False: the system did not come to rest in time. */
  moveClock(to: number): Promise<boolean>;
  /** Takes no more work, and finishes what is being done. */
  stop(): Promise<void>;
}

/** An endpoint that tells of changes wakes the pollers; they look by themselves only in case. */
const POLL_MS = { woken: 1_000, alone: 100 };
const SWEEP_MS = 60_000;
const SETTLE_MS_MAX = 300_000;

export function startFlow(settings: FlowSettings): Flow {
  const { model, core, database, state, clock, closers, stopping, warn } = settings;
  const { queues } = core;
  const mappings = model.mappings;
  const queueMappings = mappings.filter((mapping): mapping is QueueMappingSpec => mapping.kind === 'queue');
  const streamMappings = mappings.filter(isStreamMapping);
  const pollers = queueMappings.map((mapping) => startQueuePoller(mapping, { ...core, warn }));
  const streams = streamMappings.map((mapping) => {
    const tableName = model.tables.find(({ streamArn }) => streamArn === mapping.sourceArn)?.name ?? '';
    const pollMs = database.onChange ? POLL_MS.woken : POLL_MS.alone;
    return startStreamPoller({ ...core, mapping, tableName, database, state, pollMs, warn });
  });
  const forget = database.onChange?.(() => {
    for (const stream of streams) stream.wake();
  });
  const consumedQueueArns = queueMappings.map(({ sourceArn }) => sourceArn);
  const schedules = createSchedules({
    ...core,
    schedules: model.schedules,
    clock,
    state,
    nextDelayEnd: () => queues.nextDueAt(consumedQueueArns),
    moved: () => {
      database.sweepExpired();
      queues.clockMoved();
    },
    warn,
  });
  const sweeper = setInterval(() => {
    try {
      database.sweepExpired();
      queues.expire();
    } catch (error) {
      warn(`What has expired could not be removed: ${messageOf(error)}`);
    }
  }, SWEEP_MS);
  closers.push(() => {
    clearInterval(sweeper);
    forget?.();
  });
  const idle = createIdle({ ...core, consumedQueueArns, streams, schedules, stopping });
  schedules.start();
  return {
    idle,
    async moveClock(to) {
      const unhurry = pollers.map((poller) => poller.hurry());
      try {
        return await schedules.moveClock(to, (moveMs) => idle.settle(moveMs, SETTLE_MS_MAX));
      } finally {
        for (const undo of unhurry) undo();
      }
    },
    async stop() {
      await Promise.all([schedules.stop(), ...[...pollers, ...streams].map((poller) => poller.stop())]);
    },
  };
}

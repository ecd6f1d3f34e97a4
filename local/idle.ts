/**
 * When nothing is in flight: no function runs, no event is in a queue that somebody consumes, the stream's
 * readers are at its end, no schedule is due.
 */
import type { Activity } from './activity.ts';
import type { Queues } from './queues/store.ts';
import type { Schedules } from './schedule/runner.ts';
import type { StreamPoller } from './stream/poller.ts';

export interface IdleSettings {
  readonly activity: Activity;
  readonly queues: Queues;
  /** Queues that a function consumes. A message in any other waits for a person and is not in flight. */
  readonly consumedQueueArns: readonly string[];
  readonly streams: readonly StreamPoller[];
  readonly schedules: Pick<Schedules, 'isDue'>;
  /** Aborted when the run is stopping: whoever waits then is told that it was not idle. */
  readonly stopping: AbortSignal;
}

/** A safety net only: an end of work wakes the waiting, but a message's delay passes by itself. */
const LOOK_MS = 20;

export interface Idle {
  /** Waits up to `timeoutMs` until nothing is in flight. False: something still was. */
  wait(timeoutMs: number): Promise<boolean>;
  /**
   * Waits as `wait` does, for a clock that is about to move by `moveMs`: messages that would show themselves
   * within that time do so at once, and those that would not are not waited for.
   */
  settle(moveMs: number, timeoutMs: number): Promise<boolean>;
}

/** A queue may hold events back for so long to gather several: whoever waits for rest does not wait for that. */
const GATHERED_MS_MAX = 3_000;

export function createIdle(settings: IdleSettings): Idle {
  const { activity, queues, consumedQueueArns, streams, schedules, stopping } = settings;

  /** Nothing moves without changing the generation, so two quiet looks with the same one enclose a quiet time. */
  async function isQuiet(pending: () => number): Promise<boolean> {
    const { generation } = activity;
    const quiet = (): boolean =>
      activity.active === 0 && pending() === 0 && activity.generation === generation;
    if (!quiet()) return false;
    const atEnd = await Promise.all(streams.map((stream) => stream.atEnd()));
    return atEnd.every(Boolean) && quiet();
  }

  async function until(isDone: () => Promise<boolean>, timeoutMs: number): Promise<boolean> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const { generation } = activity;
      if (await isDone()) return true;
      if (performance.now() >= deadline || stopping.aborted) return false;
      // What ended while this looked tells nobody any more.
      if (activity.generation === generation) await nextChange();
    }
  }

  async function nextChange(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const forget = activity.onEnd(resolve);
    const timer = setTimeout(resolve, LOOK_MS);
    await promise;
    clearTimeout(timer);
    forget();
  }

  return {
    wait: (timeoutMs) =>
      until(async () => {
        queues.release(consumedQueueArns, GATHERED_MS_MAX, 'fresh');
        return !schedules.isDue() && (await isQuiet(() => queues.pending(consumedQueueArns)));
      }, timeoutMs),
    settle: (moveMs, timeoutMs) =>
      until(async () => {
        queues.release(consumedQueueArns, moveMs, 'all');
        return isQuiet(() => queues.pending(consumedQueueArns, moveMs));
      }, timeoutMs),
  };
}

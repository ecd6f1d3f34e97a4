/**
 * Fires schedules by the system's clock and moves that clock. Time never jumps over a firing, nor over the end of a
 * message's delay: a move sets the clock to each in turn, runs it, and waits until all it caused has come to rest.
 */
import type { Activity } from '../activity.ts';
import type { SystemClock } from '../clock.ts';
import type { FunctionPool } from '../functions/pool.ts';
import type { Queues } from '../queues/store.ts';
import type { ScheduleSpec } from '../resources/schedules.ts';
import type { State } from '../state.ts';
import { fillContext } from './input.ts';

export interface Schedules {
  /** Begins to fire, first what became due while the system was off. */
  start(): void;
  /** Whether a firing is due that has not run. */
  isDue(): boolean;
  /**
   * Moves the clock to `to`, running every firing in between. `settle` waits until nothing is in flight and
   * is given how far the clock has still to go. False: it gave up waiting, and the clock stays where it is.
   */
  moveClock(to: number, settle: (moveMs: number) => Promise<boolean>): Promise<boolean>;
  stop(): Promise<void>;
}

export interface ScheduleSettings {
  readonly schedules: readonly ScheduleSpec[];
  readonly clock: SystemClock;
  readonly state: State;
  readonly pool: FunctionPool;
  readonly queues: Queues;
  readonly activity: Activity;
  /** When the next delay of a message ends, if any has one. */
  nextDelayEnd(): number | undefined;
  /** Called whenever the clock has been moved. */
  moved(): void;
  warn(message: string): void;
}

interface Firing {
  readonly schedule: ScheduleSpec;
  readonly at: number;
}

/** Lambda waits one minute, then two; nobody at a laptop wants to. */
const RETRY_MS = 500;
/** Firings that one copy of a function takes in a row. */
const FOLLOWING_MAX = 48;
/** More than a move looks at before it fires. */
const FOUND_MAX = 2 * FOLLOWING_MAX;
/** Long enough to cost nothing, short enough that a machine waking from sleep notices. */
const LOOK_MS_MAX = 30_000;

export function createSchedules(settings: ScheduleSettings): Schedules {
  const { schedules, clock, state, pool, queues, activity, nextDelayEnd, moved, warn } = settings;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  /** Firings and moves take turns. */
  let turn: Promise<void> = Promise.resolve();

  const keyOf = ({ id }: ScheduleSpec): string => `schedule:${id}`;
  const lastRun = (schedule: ScheduleSpec): number => state.get<number>(keyOf(schedule)) ?? clock.startedAt;
  /** What was found behind the last runs of each: reading a zone's clock takes longer than all else of a move. */
  const found = new Map<ScheduleSpec, Map<number, number | undefined>>();
  const nextAfter = (schedule: ScheduleSpec, after: number): number | undefined => {
    const known = found.get(schedule) ?? new Map<number, number | undefined>();
    if (known.has(after)) return known.get(after);
    const next = schedule.timing.next(after, clock.startedAt);
    if (known.size > FOUND_MAX) known.clear();
    found.set(schedule, known.set(after, next));
    return next;
  };
  const nextOf = (schedule: ScheduleSpec): number | undefined => nextAfter(schedule, lastRun(schedule));

  /** The earliest firing that has not run, at or before `until`. */
  function nextFiring(until: number): Firing | undefined {
    let earliest: Firing | undefined;
    for (const schedule of schedules) {
      const at = nextOf(schedule);
      if (at !== undefined && at <= until && at < (earliest?.at ?? Number.POSITIVE_INFINITY)) {
        earliest = { schedule, at };
      }
    }
    return earliest;
  }

  /** Where the clock has to stop on its way: the next firing, or the end of a delay before it. */
  function nextStop(
    until: number,
  ): Firing | { readonly at: number; readonly schedule?: undefined } | undefined {
    const firing = nextFiring(until);
    const end = nextDelayEnd();
    return end !== undefined && end < Math.min(firing?.at ?? Number.POSITIVE_INFINITY, until + 1)
      ? { at: end }
      : firing;
  }

  /** @param until how far the clock may be moved for what comes next of the same schedule */
  async function fire({ schedule, at }: Firing, until = at): Promise<void> {
    // What others do has to come to rest before the clock moves on.
    const times: [number, ...number[]] = [at];
    if (activity.active === 0) times.push(...following(schedule, at, until));
    const end = activity.begin();
    try {
      // Scheduler gives up on an event that is too old when its turn comes.
      const tooOld = clock.now() - at > schedule.eventAgeMaxMs;
      const done = tooOld ? at : await deliver(schedule, times);
      if (done !== undefined) state.set(keyOf(schedule), done);
    } finally {
      end();
    }
  }

  /** The next firings of a schedule, as long as there is no other stop between them. */
  function following(schedule: ScheduleSpec, at: number, until: number): number[] {
    const others = schedules.filter((one) => one !== schedule).map(nextOf);
    const other = Math.min(...others.map((next) => next ?? Number.POSITIVE_INFINITY));
    const last = Math.min(until, nextDelayEnd() ?? until);
    const times: number[] = [];
    let next = nextAfter(schedule, at);
    while (next !== undefined && next <= last && next < other && times.length < FOLLOWING_MAX) {
      times.push(next);
      next = nextAfter(schedule, next);
    }
    return times;
  }

  /**
   * Hands a firing to its target, and those that follow it as long as they cause nothing.
   * @returns the last that it was handed; undefined when the run is stopping first, so it has to be fired again
   */
  async function deliver(
    { input: template, arn, targetArn }: ScheduleSpec,
    times: readonly [number, ...number[]],
  ): Promise<number | undefined> {
    const firings = times.map((at) => ({ at, input: fillContext(template, arn, at) }));
    const functionName = /^arn:aws:lambda:.*:function:(.+)$/.exec(targetArn)?.[1];
    if (functionName !== undefined) return invokeAsynchronously(functionName, firings);
    queues.send([{ queueArn: targetArn, body: fillContext(template, arn, times[0]) }]);
    return times[0];
  }

  /** Lambda tries an asynchronous invocation again when it fails, then tells the failure destination. */
  async function invokeAsynchronously(
    functionName: string,
    firings: readonly { readonly at: number; readonly input: string }[],
  ): Promise<number | undefined> {
    const { retriesMax, onFailureArn } = pool.spec(functionName).asynchronous;
    const events = firings.map(({ at, input }) => ({ at, event: JSON.parse(input) as unknown }));
    /** The one that it was handed last. */
    let last = 0;
    for (let attempt = 0; attempt <= retriesMax; attempt += 1) {
      if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, attempt * RETRY_MS));
      if (stopped) return firings[last - 1]?.at;
      const later = attempt === 0 ? events.slice(1) : [];
      const outcome = await pool.invoke(functionName, events[last]?.event, later);
      if (later.length > 0) {
        clock.keep();
        last = Math.max(
          events.findLastIndex(({ at }) => at <= clock.now()),
          0,
        );
      }
      if (outcome.kind === 'answer') return firings[last]?.at;
    }
    if (stopped) return firings[last - 1]?.at;
    warn(`${functionName} failed ${retriesMax + 1} times for a schedule.`);
    const body = firings[last]?.input ?? '';
    if (onFailureArn !== undefined) queues.send([{ queueArn: onFailureArn, body }]);
    return firings[last]?.at;
  }

  /** Runs `work` after whatever has its turn. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work);
    turn = result.then(
      () => undefined,
      () => undefined, // The caller gets the rejection; the next turn must come all the same.
    );
    return result;
  }

  async function fireDue(): Promise<void> {
    for (let due = nextFiring(clock.now()); due && !stopped; due = nextFiring(clock.now())) await fire(due);
  }

  function look(): void {
    if (stopped) return;
    clearTimeout(timer);
    void inTurn(fireDue)
      .catch((error: unknown) => warn(`A schedule could not run: ${String(error)}`))
      .then(() => {
        if (stopped) return;
        const next = nextFiring(Number.POSITIVE_INFINITY)?.at ?? Number.POSITIVE_INFINITY;
        timer = setTimeout(look, Math.min(Math.max(next - clock.now(), 0), LOOK_MS_MAX));
      });
  }

  return {
    start: look,
    isDue: () => nextFiring(clock.now()) !== undefined,
    moveClock: (to, settle) =>
      inTurn(async () => {
        if (!(await settle(to - clock.now()))) return false;
        for (let stop = nextStop(to); stop && !stopped; stop = nextStop(to)) {
          clock.moveTo(stop.at);
          moved();
          if (stop.schedule) await fire(stop, to);
          if (!(await settle(to - clock.now()))) return false;
        }
        clock.moveTo(to);
        moved();
        return true;
      }).finally(look),
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await turn;
    },
  };
}

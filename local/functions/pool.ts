/** All functions and their running copies: started when first needed, kept warm, a few at most of each. */
import { randomUUID } from 'node:crypto';
import type { Activity } from '../activity.ts';
import type { FunctionSpec } from '../resources/functions.ts';
import { Instance, type Outcome, type Surroundings } from './instance.ts';
import type { Later } from './protocol.ts';

/** Copies of one function that may run at the same time. */
export const INSTANCES_MAX = 2;

/** How long a copy is kept that has nothing to do: Lambda keeps them for minutes, and has more memory than a laptop. */
const KEPT_MS = 30_000;
const LOOKS = 6;

const STOPPED: Outcome = {
  kind: 'failure',
  error: { errorType: 'Runtime.ExitError', errorMessage: 'The local run is stopping.' },
};

interface Waiting {
  readonly event: string;
  readonly later: Later | undefined;
  readonly finish: (outcome: Outcome) => void;
}

interface Group {
  readonly spec: FunctionSpec;
  readonly waiting: Waiting[];
  /** The one that was used last is at the end. */
  readonly idle: { readonly instance: Instance; readonly since: number }[];
  readonly busy: Set<Instance>;
}

/** An event of JSON that comes at a time, milliseconds since 1970. */
export interface Timed {
  readonly at: number;
  readonly event: unknown;
}

export interface FunctionPool {
  /**
   * Runs a function with an event of JSON and answers what became of it; never rejects.
   * @param later events that the same copy takes next, at their times: the outcome is that of the last one it took
   */
  invoke(functionName: string, event: unknown, later?: readonly Timed[]): Promise<Outcome>;
  spec(functionName: string): FunctionSpec;
  /** Ends every running copy. Invocations that still run fail. */
  close(): Promise<void>;
}

export interface PoolSettings extends Surroundings {
  readonly functions: readonly FunctionSpec[];
  readonly activity: Activity;
  /** Milliseconds for which a copy is kept that has nothing to do; half a minute if it is not given. */
  readonly keptMs?: number;
  /** Told of each invocation that did not answer. */
  failed(functionName: string, outcome: Exclude<Outcome, { kind: 'answer' }>): void;
}

export function createPool(settings: PoolSettings): FunctionPool {
  const groups = new Map(
    settings.functions.map((spec): [string, Group] => [
      spec.name,
      { spec, waiting: [], idle: [], busy: new Set() },
    ]),
  );
  const { keptMs = KEPT_MS } = settings;
  const begun = new Int32Array(settings.activity.beginnings);
  let closed = false;

  function groupOf(name: string): Group {
    const group = groups.get(name);
    if (!group)
      throw new TypeError(`There is no function ${name}; known are ${[...groups.keys()].join(', ')}.`);
    return group;
  }

  /** Gives waiting events to idle copies, and to new ones while there may be more. */
  function dispatch(group: Group): void {
    while (group.waiting.length > 0 && !closed) {
      const instance = idleInstance(group) ?? newInstance(group);
      const next = instance && group.waiting.shift();
      if (!next) return;
      group.busy.add(instance);
      void run(group, instance, next);
    }
  }

  /** A warm copy. One that died while it had nothing to do (a stray rejection, say) is forgotten. */
  function idleInstance({ idle }: Group): Instance | undefined {
    let last = idle.pop();
    while (last?.instance.ended) last = idle.pop();
    return last?.instance;
  }

  function newInstance({ spec, busy }: Group): Instance | undefined {
    return busy.size < INSTANCES_MAX ? new Instance(spec, settings) : undefined;
  }

  async function run(group: Group, instance: Instance, { event, later, finish }: Waiting): Promise<void> {
    const outcome = await instance.run(randomUUID(), event, later);
    group.busy.delete(instance);
    if (!instance.ended) group.idle.push({ instance, since: performance.now() });
    if (outcome.kind !== 'answer' && !closed) settings.failed(group.spec.name, outcome);
    finish(outcome);
    dispatch(group);
  }

  const looking = setInterval(() => {
    const until = performance.now() - keptMs;
    for (const { idle } of groups.values()) {
      while (idle[0] && idle[0].since < until) void idle.shift()?.instance.stop();
    }
  }, keptMs / LOOKS).unref();

  return {
    spec: (name) => groupOf(name).spec,
    async invoke(name, event, next = []) {
      const group = groupOf(name);
      const end = settings.activity.begin();
      const { promise, resolve } = Promise.withResolvers<Outcome>();
      const events = next.map(({ at, event: one }) => ({ at, event: JSON.stringify(one) }));
      const later = events.length > 0 ? { events, begun: Atomics.load(begun, 0) } : undefined;
      group.waiting.push({ event: JSON.stringify(event), later, finish: resolve });
      dispatch(group);
      try {
        return await promise;
      } finally {
        end();
      }
    },
    async close() {
      closed = true;
      clearInterval(looking);
      const instances = [...groups.values()].flatMap(({ idle, busy }) => [
        ...idle.map(({ instance }) => instance),
        ...busy,
      ]);
      await Promise.all(instances.map((instance) => instance.stop()));
      for (const { waiting } of groups.values()) {
        for (const { finish } of waiting.splice(0)) finish(STOPPED);
      }
    },
  };
}

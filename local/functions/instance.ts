/** One running copy of a function: a worker thread that takes one event at a time. */
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import type { Activity } from '../activity.ts';
import type { FunctionSpec } from '../resources/functions.ts';
import { REGION } from '../template/intrinsics.ts';
import { passFor } from '../turn.ts';
import type { FromWorker, FunctionError, Invoke, Later, WorkerSettings } from './protocol.ts';
import type { Within } from './within.ts';

export type Outcome =
  | { readonly kind: 'answer'; readonly payload: string }
  | { readonly kind: 'failure'; readonly error: FunctionError }
  /** The function ran out of its time and was ended. */
  | { readonly kind: 'timeout'; readonly error: FunctionError };

export interface Surroundings {
  readonly clock: SharedArrayBuffer;
  /** The module that a thread begins with: functions/worker.ts, or what it was bundled into. */
  readonly worker: URL;
  readonly within: Within;
  /** Set while `changed` has been called and nobody has looked: one Int32. */
  readonly changes: SharedArrayBuffer;
  readonly activity: Pick<Activity, 'beginnings'>;
  /** Hears that a function has changed the table. */
  changed(): void;
  /** Hears that a function has put messages into these queues. */
  sent(queueArns: readonly string[]): void;
  /** `AWS_ENDPOINT_URL_…` for each service that is served here, and how long its answers are waited for. */
  readonly endpoints: { readonly [variable: string]: string };
  /** Takes one line that a function wrote. */
  log(functionName: string, line: string): void;
}

/** How long a function may take to load; Lambda allows ten seconds, two busy cores need more. */
const LOAD_TIMEOUT_MS = 30_000;

/** Short-lived objects; V8's own choice, several times as much, adds up with many workers. */
const YOUNG_MB = 32;

export class Instance {
  readonly #spec: FunctionSpec;
  readonly #worker: Worker;
  readonly #ready: Promise<Outcome | undefined>;
  #settle: ((outcome: Outcome) => void) | undefined;
  #ended = false;

  constructor(spec: FunctionSpec, surroundings: Surroundings) {
    this.#spec = spec;
    const settings: WorkerSettings = {
      file: spec.file,
      exportName: spec.exportName,
      functionName: spec.name,
      functionArn: spec.arn,
      memoryMb: spec.memoryMb,
      logGroupName: `/aws/lambda/${spec.name}`,
      logStreamName: 'local',
      clock: surroundings.clock,
      changes: surroundings.changes,
      beginnings: surroundings.activity.beginnings,
      within: surroundings.within,
    };
    this.#worker = new Worker(surroundings.worker, {
      workerData: settings,
      env: environmentOf(spec, surroundings.endpoints),
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: spec.memoryMb, maxYoungGenerationSizeMb: YOUNG_MB },
      stdout: true,
      stderr: true,
    });
    for (const stream of [this.#worker.stdout, this.#worker.stderr]) {
      createInterface({ input: stream }).on('line', (line) => surroundings.log(spec.name, line));
    }
    this.#ready = this.#load(surroundings);
  }

  /** Whether it can take no more events: it crashed, ran out of time or was stopped. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Runs one event, and what follows it as long as it may. Never called while another one runs. */
  async run(requestId: string, event: string, later?: Later): Promise<Outcome> {
    const unusable = await this.#ready;
    if (unusable) return unusable;
    const { timeoutMs } = this.#spec;
    return this.#within(timeoutMs * (1 + (later?.events.length ?? 0)), () => {
      const invoke: Invoke = { requestId, event, timeoutMs, ...(later && { later }) };
      this.#worker.postMessage(invoke);
    });
  }

  async stop(): Promise<void> {
    this.#ended = true;
    await this.#worker.terminate();
  }

  /** Waits for the bundle to be imported; an outcome means that it could not be. */
  async #load({ changes, changed, sent, within }: Surroundings): Promise<Outcome | undefined> {
    const seen = new Int32Array(changes);
    const thread = this.#worker.threadId;
    this.#worker.on('message', (message: FromWorker) => {
      if (message.kind === 'changed') {
        // What changes from now on is told again.
        Atomics.store(seen, 0, 0);
        changed();
      } else if (message.kind === 'sent') sent(message.queueArns);
      else if (message.kind === 'ready') this.#settle?.({ kind: 'answer', payload: '' });
      else if (message.kind === 'unusable') this.#crash(message.error);
      else this.#settle?.(message);
    });
    // Out of memory, process.exit and unhandled rejections end the thread, and with it the invocation.
    this.#worker.on('error', (error: Error) => {
      this.#crash({
        errorType: error.name,
        errorMessage: error.message,
        trace: (error.stack ?? '').split('\n'),
      });
    });
    this.#worker.on('exit', (code) => {
      for (const turn of Object.values(within.turns)) passFor(turn, thread);
      // It may have ended before it told what it had done.
      Atomics.store(seen, 0, 0);
      changed();
      sent(within.queues.map(({ arn }) => arn));
      this.#crash({
        errorType: 'Runtime.ExitError',
        errorMessage: `The function's process ended with status ${code}.`,
      });
    });
    const loaded = await this.#within(LOAD_TIMEOUT_MS, () => undefined);
    return loaded.kind === 'answer' ? undefined : loaded;
  }

  async #within(timeoutMs: number, begin: () => void): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.#settle = resolve;
    const timer = setTimeout(() => {
      const error = {
        errorType: 'Sandbox.Timedout',
        errorMessage: `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`,
      };
      this.#settle = undefined;
      void this.stop().then(() => resolve({ kind: 'timeout', error }));
    }, timeoutMs);
    begin();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#settle = undefined;
    }
  }

  #crash(error: FunctionError): void {
    this.#ended = true;
    this.#settle?.({ kind: 'failure', error });
    void this.#worker.terminate();
  }
}

/**
 * Exactly the function's own variables and what Lambda itself sets; nothing of this process's environment and
 * no AWS configuration file of the person who runs it.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
function environmentOf(
  spec: FunctionSpec,
  endpoints: { readonly [variable: string]: string },
): NodeJS.ProcessEnv {
  return {
    ...spec.environment,
    ...endpoints,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_DEFAULT_REGION: REGION,
    AWS_REGION: REGION,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: spec.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${spec.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    _HANDLER: `index.${spec.exportName}`,
  };
}

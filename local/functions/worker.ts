/**
 * The inside of a function's worker thread: moves the clock, imports the bundle, and answers one event at a
 * time. The bundle is the very file that deploys; nothing in it knows that it runs here.
 */
import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type { FromWorker, FunctionError, Invoke, WorkerSettings } from './protocol.ts';
import { serveWithin } from './within.ts';

type Handler = (event: unknown, context: unknown) => unknown;

const settings = workerData as WorkerSettings;
const port = parentPort;
if (!port) throw new TypeError('This module runs in a worker thread only.');
const send = (message: FromWorker): void => port.postMessage(message);

/**
 * Replaces `Date` by one whose present is the system's. It shares the original's prototype, so dates made
 * before and after are of the same kind; a date with arguments is what it always was.
 */
function moveClock(offset: BigInt64Array): void {
  const Original = Date;
  const now = (): number => Original.now() + Number(Atomics.load(offset, 0));
  globalThis.Date = new Proxy(Original, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new Original(now()).toString(),
    get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
  });
  Original.prototype.constructor = globalThis.Date;
}

async function loadHandler(): Promise<Handler> {
  const module = (await import(pathToFileURL(settings.file).href)) as { [name: string]: unknown };
  const handler = module[settings.exportName];
  if (typeof handler !== 'function') {
    throw new TypeError(`${settings.file} does not export a function "${settings.exportName}".`);
  }
  return handler as Handler;
}

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
function contextOf({ requestId, timeoutMs }: Invoke): object {
  const deadline = performance.now() + timeoutMs;
  return {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: settings.functionName,
    functionVersion: '$LATEST',
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(deadline - performance.now())),
    invokedFunctionArn: settings.functionArn,
    logGroupName: settings.logGroupName,
    logStreamName: settings.logStreamName,
    memoryLimitInMB: String(settings.memoryMb),
  };
}

function describe(error: unknown): FunctionError {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error) };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}

async function answer(
  handler: Handler,
  invoke: Invoke,
): Promise<Extract<FromWorker, { kind: 'answer' | 'failure' }>> {
  try {
    const result = await handler(JSON.parse(invoke.event), contextOf(invoke));
    return { kind: 'answer', payload: JSON.stringify(result) ?? 'null' };
  } catch (error) {
    return { kind: 'failure', error: describe(error) };
  }
}

/** What follows an event comes at its time, as long as nothing else is to be done before it. */
async function answerAll(handler: Handler, invoke: Invoke): Promise<FromWorker> {
  hasDone = settings.within.tablePath === undefined;
  let answered = await answer(handler, invoke);
  const { events = [], begun } = invoke.later ?? {};
  for (const { at, event } of events) {
    if (answered.kind === 'failure' || hasDone || Atomics.load(beginnings, 0) !== begun) break;
    const ahead = BigInt(at - machine());
    if (ahead > Atomics.load(offset, 0)) Atomics.store(offset, 0, ahead);
    answered = await answer(handler, { ...invoke, requestId: randomUUID(), event });
  }
  return answered;
}

/** Whether the function has changed or sent anything. Of a table that is served elsewhere nobody here knows. */
let hasDone = false;

/** One message is enough until the runner has looked. */
function tellOfChange(): void {
  hasDone = true;
  if (Atomics.exchange(changes, 0, 1) === 0) send({ kind: 'changed' });
}

const changes = new Int32Array(settings.changes);
const beginnings = new Int32Array(settings.beginnings);
const offset = new BigInt64Array(settings.clock);
const machine = Date.now;
moveClock(offset);
serveWithin(settings.within, machine, {
  changed: tellOfChange,
  sent: (queueArns) => {
    hasDone = true;
    send({ kind: 'sent', queueArns });
  },
});
try {
  const handler = await loadHandler();
  port.on('message', (invoke: Invoke) => {
    void answerAll(handler, invoke).then(send);
  });
  send({ kind: 'ready' });
} catch (error) {
  send({ kind: 'unusable', error: describe(error) });
}

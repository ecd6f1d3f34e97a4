/**
 * The time that a request or a record has. It is counted once, by whoever starts the work, and handed down: when it is
 * over, the caller is told so, and the calls that were still waiting for an answer end with it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { LedgerUnavailable } from '../../ledger/ledger.ts';

const signals = new AsyncLocalStorage<AbortSignal>();

/** Does something whose calls to the outside end with the signal. */
export function endingWith<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T> {
  return signals.run(signal, act);
}

/** Time was over before there was an answer: what was sent may have been carried out. */
export class OutOfTime extends Error {
  constructor(milliseconds: number) {
    super(`There was no answer within ${milliseconds} ms.`);
    this.name = 'OutOfTime';
  }
}

/**
 * Does something that may take so many milliseconds.
 * @throws OutOfTime when it takes longer; its calls to the outside are given up then
 */
export async function within<T>(milliseconds: number, act: () => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const over = new OutOfTime(milliseconds);
    controller.abort(over);
    reject(over);
  }, milliseconds);
  try {
    return await Promise.race([endingWith(controller.signal, act), promise]);
  } finally {
    clearTimeout(timer);
  }
}

interface Sender {
  readonly config: {
    readonly requestHandler: {
      handle(request: never, options?: { readonly abortSignal?: unknown }): Promise<unknown>;
    };
  };
}

/** A client of the SDK whose requests end when the time of whoever sends them is over. */
export function inTime<C extends Sender>(client: C): C {
  const { requestHandler } = client.config;
  const handle = requestHandler.handle.bind(requestHandler);
  requestHandler.handle = (request, options) => {
    const abortSignal = options?.abortSignal ?? signals.getStore();
    return handle(request, { ...options, ...(abortSignal ? { abortSignal } : {}) });
  };
  return client;
}

/**
 * The answer of a service that is not the table.
 * @param what is asked of it, as in "Reading a secret"
 * @throws LedgerUnavailable when there was none, or the service failed on its side: it is safe to ask again
 */
export async function answered<T>(what: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
    if (status === undefined || status >= 500) throw new LedgerUnavailable('unknown', what, error);
    throw error;
  }
}

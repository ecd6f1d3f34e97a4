/** Failures that a test asks of Google: the next requests to its API meet them, one each, in order. */
import { scripted } from './google-errors.ts';
import { isRecord } from './google-fields.ts';
import type { Reply } from './http.ts';

/**
 * An answer in place of Google's own; or no answer, the connection closed before the request was carried out
 * or after it.
 */
export type Fault = { status: number; reason: string } | { close: 'before' | 'after' };

export interface Faults {
  add(fault: Fault): void;
  /** Forgets every fault that no request has met. */
  calm(): void;
  /** Answers a request by the next fault there is, else by `answer`. */
  meet(answer: () => Reply): Reply;
}

const CLOSED: Reply = { status: 0, body: '', close: true };

export function createFaults(): Faults {
  const waiting: Fault[] = [];
  return {
    add: (fault) => {
      waiting.push(fault);
    },
    calm: () => {
      waiting.length = 0;
    },
    meet: (answer) => {
      const fault = waiting.shift();
      if (!fault) return answer();
      if (!('close' in fault)) return scripted(fault.status, fault.reason);
      if (fault.close === 'after') answer();
      return CLOSED;
    },
  };
}

/** The fault that a body asks for, or what is wrong with it. */
export function parseFault(value: unknown): Fault | { path: string; message: string }[] {
  if (!isRecord(value)) return [{ path: '', message: 'The body must be a JSON object.' }];
  const { status, reason, close, ...others } = value;
  const errors = Object.keys(others).map((path) => ({ path, message: 'Unknown field.' }));
  if (close !== undefined) {
    const isRight = close === 'before' || close === 'after';
    if (!isRight) errors.push({ path: 'close', message: 'Must be "before" or "after".' });
    return errors.length > 0 || !isRight ? errors : { close };
  }
  if (!Number.isInteger(status) || Number(status) < 400 || Number(status) > 599) {
    const message = `Must be a status from 400 to 599, not ${JSON.stringify(status)}.`;
    errors.push({ path: 'status', message });
  }
  if (typeof reason !== 'string' || reason === '') {
    errors.push({ path: 'reason', message: `Must be Google's reason, as "quotaExceeded".` });
  }
  return errors.length > 0 ? errors : { status: Number(status), reason: String(reason) };
}

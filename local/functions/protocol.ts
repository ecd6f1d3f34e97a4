/** What the runner and a function's worker say to each other. Types only. */

import type { Within } from './within.ts';

export interface WorkerSettings {
  /** The ESM file to import. */
  readonly file: string;
  readonly exportName: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMb: number;
  readonly logGroupName: string;
  readonly logStreamName: string;
  /** The system clock's offset, one BigInt64. */
  readonly clock: SharedArrayBuffer;
  /** One Int32: whether the runner knows of a change of the table that it has not yet looked at. */
  readonly changes: SharedArrayBuffer;
  /** How many pieces of work have begun, one Int32. */
  readonly beginnings: SharedArrayBuffer;
  readonly within: Within;
}

export interface Invoke {
  readonly requestId: string;
  /** The event as JSON, so that no more than JSON ever gets through. */
  readonly event: string;
  readonly timeoutMs: number;
  readonly later?: Later;
}

/**
 * Events that follow at their times, with nothing in between: a thread that moves the clock to each spares the runner
 * being woken. It stops behind one that has changed the table, sent a message or failed, and where other work has begun
 * meanwhile; how far it came the clock says.
 */
export interface Later {
  readonly events: readonly { readonly at: number; readonly event: string }[];
  /** How many pieces of work had begun, this one included. */
  readonly begun: number;
}

/** What went wrong, in Lambda's own form. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unusable'; readonly error: FunctionError }
  /** The table has changed. */
  | { readonly kind: 'changed' }
  /** Messages were put into these queues. */
  | { readonly kind: 'sent'; readonly queueArns: readonly string[] }
  | { readonly kind: 'answer'; readonly payload: string }
  | { readonly kind: 'failure'; readonly error: FunctionError };

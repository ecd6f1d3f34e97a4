/**
 * What ends a command before it is done. The exit statuses of every command: 0 done; 1 what was asked about is
 * not right; 2 used wrongly; 3 the system refused; 4 the system was not reached, or what became of the request
 * is unknown.
 */
import type { ProblemBody } from '../core/contract/errors.ts';

export const exits = { done: 0, notRight: 1, usage: 2, refused: 3, unknown: 4 } as const;
export type Exit = (typeof exits)[keyof typeof exits];

export interface FailureDetails extends ErrorOptions {
  /** What the API said. */
  readonly problem?: ProblemBody;
  /** With which the request can be repeated, and has its effect once. */
  readonly idempotencyKey?: string;
}

/** Its message is a sentence for the person who ran the command. */
export class Failure extends Error {
  readonly exit: Exclude<Exit, 0>;
  readonly problem: ProblemBody | undefined;
  readonly idempotencyKey: string | undefined;

  constructor(exit: Exclude<Exit, 0>, message: string, details: FailureDetails = {}) {
    super(message, details);
    this.exit = exit;
    this.problem = details.problem;
    this.idempotencyKey = details.idempotencyKey;
  }
}

/** The message of anything that may be thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * A reason not to start that the person at the keyboard can do something about. Its message is one sentence;
 * it is printed as it is, without a stack, and the exit status is 1.
 */
export class StartFailure extends Error {}

/** The message of anything that may be thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

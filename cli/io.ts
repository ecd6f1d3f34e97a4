/** What a command has of the outside. Tests give their own. */

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
}

export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For results only. */
  readonly stdout: Output;
  /** For progress, notes and questions. */
  readonly stderr: Output;
  /** Whether somebody is there to answer a question. */
  readonly canAsk: boolean;
  /** Asks a question that is answered by yes or no. */
  readonly ask: (question: string) => Promise<boolean>;
  /** Asks for a text, which is not shown while it is typed where it is a secret. */
  readonly askText: (question: string, isSecret: boolean) => Promise<string>;
  readonly newKey: () => string;
  /** Waits that many milliseconds. */
  readonly pause: (ms: number) => Promise<unknown>;
  /** Told of a change that is under way, by the key with which it can be repeated, and when it is over. */
  readonly underWay: (change: { readonly idempotencyKey?: string | undefined } | undefined) => void;
}

/**
 * Whether to colour what goes to a stream: NO_COLOR (https://no-color.org) beats FORCE_COLOR, which beats
 * whether a person watches.
 */
export function wantsColour(env: Io['env'], stream: Output): boolean {
  if (env['NO_COLOR'] || env['FORCE_COLOR'] === '0' || env['FORCE_COLOR'] === 'false') return false;
  if (env['FORCE_COLOR'] !== undefined) return true;
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/** What every command is made with. */
import { type Command, InvalidArgumentError } from 'commander';
import type { Api } from '../api.ts';
import type { Io } from '../io.ts';
import type { System, Wanted } from '../system.ts';
import type { Style } from '../text.ts';

/** What a command has found or done: printed as one JSON document, or as text. */
export interface Result {
  readonly json: unknown;
  readonly text: (style: Style) => string;
  /** Instead of `text`, what is printed as it is, without a line's end behind it. */
  readonly raw?: string;
  /** 1 where what was asked about is not right. */
  readonly exit?: 0 | 1;
}

/** What the action of a command is given. */
export interface Cli {
  readonly io: Io;
  /** For what goes to stderr. */
  readonly style: Style;
  /** Whether the result is asked for as one JSON document. */
  readonly json: boolean;
  /** Says something that is not a result. */
  note(text: string): void;
  /** The system with an operator's key. */
  api(): Promise<Api>;
  /** Where the system is, and a key of that role. */
  system(wanted: Wanted): Promise<System>;
  /** Asks before something dangerous, unless `yes` was said; ends the command where the answer is no. */
  confirm(question: string, yes: boolean | undefined): Promise<void>;
}

export type Action<O> = (cli: Cli, options: O, ...args: string[]) => Promise<Result>;
/** Makes commander's action of ours. */
export type Act = <O>(action: Action<O>) => (...given: unknown[]) => Promise<void>;

/** Commands that belong together. */
export function group(program: Command, name: string, description: string, line: string): Command {
  return example(program.command(name).description(description).helpCommand(false), line);
}

/** Shown under a command's options. */
export function example(command: Command, ...lines: readonly string[]): Command {
  const shown = lines.map((line) => `  philia ${line}`).join('\n');
  return command.addHelpText('after', `\nExample:\n${shown}`);
}

export function withReason(command: Command): Command {
  return command.requiredOption('--reason <text>', 'why; it is written down with who did it');
}

export function withYes(command: Command): Command {
  return command.option('--yes', 'do not ask; needed where nobody can answer');
}

export function withOnce(command: Command): Command {
  return command.option('--idempotency-key <key>', 'repeat the request that was sent with this key');
}

export interface Once {
  readonly idempotencyKey?: string;
}

/** The key that was given, or a new one. */
export function onceKey(cli: Cli, { idempotencyKey }: Once): string {
  return idempotencyKey ?? cli.io.newKey();
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

export function positiveNumber(text: string): number {
  const value = wholeNumber(text);
  if (value < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return value;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly cursor: string | null;
}

const pageMax = 100;

/** The first `limit` of a list, over as many pages as it takes. */
export async function listed<T>(
  limit: number,
  page: (query: { limit: number; cursor?: string }) => Promise<Page<T>>,
): Promise<Page<T>> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const query = { limit: Math.min(pageMax, limit - items.length) };
    const answer: Page<T> = await page(cursor === null ? query : { ...query, cursor });
    items.push(...answer.items);
    cursor = answer.cursor;
  } while (cursor !== null && items.length < limit);
  return { items, cursor };
}

export function withLimit(command: Command): Command {
  return command.option('--limit <n>', 'how many at most', positiveNumber, 25);
}

/** Says that a list has more than was shown. */
export function moreThan(style: Style, { items, cursor }: Page<unknown>): string {
  return cursor === null ? '' : `\n${style.dim(`The first ${items.length}; --limit shows more.`)}`;
}

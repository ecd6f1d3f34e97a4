/** Runs one command line, prints what comes of it, and gives the exit status. */
import { type Command, CommanderError } from 'commander';
import { type Api, createApi } from './api.ts';
import type { Action, Cli, Result } from './commands/kit.ts';
import { type Exit, exits, Failure } from './failure.ts';
import { type Io, wantsColour } from './io.ts';
import { createSender } from './sender.ts';
import { findSystem, type System, type Wanted } from './system.ts';
import { jsonText, styleOf, visible, visibleLines } from './text.ts';
import { commandTree } from './tree.ts';

/** Somebody waits for the answer, and API Gateway gives up after 30 seconds. */
const timeoutMs = 60_000;
const attemptsMax = 4;

interface GlobalFlags {
  readonly url?: string;
  readonly key?: string;
  readonly data: string;
  readonly json?: boolean;
}

/** @param argv without node and script */
export async function run(argv: readonly string[], io: Io): Promise<Exit> {
  let exit: Exit = exits.done;
  const act =
    <O>(action: Action<O>) =>
    async (...given: unknown[]): Promise<void> => {
      const [options, command] = given.slice(-2) as [O, Command];
      const flags = command.optsWithGlobals<GlobalFlags>();
      const result = await action(cliOf(flags, io), options, ...(given.slice(0, -2) as string[]));
      print(result, flags, io);
      exit = result.exit ?? exits.done;
    };
  try {
    await commandTree(io, act).parseAsync(argv, { from: 'user' });
    return exit;
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) return exits.done;
    if (argv.includes('--json')) io.stdout.write(`${jsonText(failureJson(failure))}\n`);
    // What commander found wrong it has said itself.
    if (!(error instanceof CommanderError)) describeFailure(failure, io);
    return failure.exit;
  }
}

function cliOf(flags: GlobalFlags, io: Io): Cli {
  const style = styleOf(wantsColour(io.env, io.stderr));
  const note = (text: string) => void io.stderr.write(`${text}\n`);
  const system = (wanted: Wanted) =>
    findSystem(
      { url: flags.url ?? io.env['PHILIA_URL'], key: flags.key ?? io.env['PHILIA_KEY'], data: flags.data },
      wanted,
    );
  return {
    io,
    style,
    json: flags.json ?? false,
    note,
    system,
    api: async () => apiOf(await system({ role: 'ops' }), io, (text) => note(style.dim(text))),
    async confirm(question, yes) {
      if (yes) return;
      if (!io.canAsk) throw new Failure(exits.usage, `${question} Nobody can answer here: say --yes.`);
      if (!(await io.ask(question))) throw new Failure(exits.notRight, 'Nothing was done.');
    },
  };
}

function apiOf({ baseUrl, key }: System, io: Io, note: (text: string) => void): Api {
  const { hostname, protocol } = new URL(baseUrl);
  if (protocol === 'http:' && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname))
    note(`${baseUrl} is not encrypted: the key can be read on the way.`);
  const onRetry = (trouble: string, ms: number) =>
    note(`No answer yet (${trouble}); trying again in ${(ms / 1000).toFixed(1)} s …`);
  const send = createSender({ baseUrl, key, attemptsMax, timeoutMs, pause: io.pause, onRetry });
  return createApi({ baseUrl, send, underWay: io.underWay });
}

function print({ json, text, raw }: Result, flags: GlobalFlags, io: Io): void {
  if (raw !== undefined && !flags.json)
    return void io.stdout.write(io.stdout.isTTY ? visibleLines(raw) : raw);
  const style = styleOf(wantsColour(io.env, io.stdout));
  io.stdout.write(`${flags.json ? jsonText(json) : text(style)}\n`);
}

/** Undefined for what ends a command early and well, as `--help` does. */
function failureOf(error: unknown): Failure | undefined {
  if (error instanceof Failure) return error;
  if (!(error instanceof CommanderError)) throw error;
  if (error.exitCode === 0) return undefined;
  // A group without a command shows its help.
  const message =
    error.code === 'commander.help' ? 'Say which command.' : error.message.replace(/^error: /, '');
  return new Failure(exits.usage, message);
}

function failureJson({ exit, message, problem, idempotencyKey }: Failure): object {
  return { error: { exit, message, ...(idempotencyKey && { idempotencyKey }), ...(problem && { problem }) } };
}

function describeFailure({ message, problem }: Failure, io: Io): void {
  const style = styleOf(wantsColour(io.env, io.stderr));
  const fields = (problem?.errors ?? []).map(
    ({ path, message: what }) => `  ${style.bold(visible(path || 'the request'))}: ${visible(what)}`,
  );
  const request = problem?.requestId ? [style.dim(`  request ${visible(problem.requestId)}`)] : [];
  io.stderr.write(`${[style.bad(visible(message)), ...fields, ...request].join('\n')}\n`);
}

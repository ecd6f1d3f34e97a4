/** From the command line to a running system, and back at a signal. */
import { join, resolve } from 'node:path';
import { openDataFolder } from './data-folder.ts';
import { endOrphan, requireJava } from './database.ts';
import { diskFailure } from './disk.ts';
import { messageOf, StartFailure } from './failure.ts';
import { openServer, type PublicServer } from './http/server.ts';
import { type Options, parseOptions } from './options.ts';
import { type Runner, startRunner } from './runner.ts';
import { readProgram } from './setup.ts';

const STOP_MS_MAX = 9_500;

/** Runs until a signal; resolves with the process's exit status. `root` is the project's folder. */
export async function main(argv: readonly string[], root: string): Promise<number> {
  // Lambda runs in UTC, and threads share this process's time zone.
  process.env['TZ'] = 'UTC';
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort());
  const print = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  let dataDirectory = '';
  try {
    const options = parseOptions(argv, process.env);
    dataDirectory = resolve(options.dataDirectory);
    const runner = await begin(options, root, stopping.signal, print);
    process.stdout.write(`Philia is ready at ${runner.url}\n`);
    await aborted(stopping.signal);
    print('Stopping …');
    await Promise.race([runner.close(), patience()]);
    return 0;
  } catch (error) {
    if (stopping.signal.aborted) return 0; // Stopped by the person before it was ready.
    // First: what another program says of a full disk is a page, within a failure to start.
    const failure = diskFailure(error, dataDirectory) ?? (error instanceof StartFailure ? error : undefined);
    print(failure?.message ?? `Philia could not start: ${stackOf(error)}`);
    return 1;
  }
}

async function begin(
  options: Options,
  root: string,
  stopping: AbortSignal,
  print: (line: string) => void,
): Promise<Runner> {
  // The quick refusals come first: nothing slow is done, and nothing deleted, before they have passed.
  const program = readProgram(join(root, 'program.json'));
  if (options.dynamoDbLocal) requireJava();
  const server = await openPort(options.port, print);
  const data = openDataFolder(resolve(options.dataDirectory));
  if (options.fresh) {
    endOrphan(data.file('dynamodb-local'));
    data.clear();
  }
  const { startAt, dynamoDbLocal, reapplyErasures } = options;
  return startRunner({
    root,
    data,
    server,
    program,
    startAt,
    dynamoDbLocal,
    reapplyErasures,
    stopping,
    progress: print,
    warn: print,
  });
}

async function openPort(port: number, print: (line: string) => void): Promise<PublicServer> {
  try {
    return await openServer(port, print);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new StartFailure(
        `Port ${port} is taken: stop what listens on it, or choose another with --port.`,
      );
    }
    throw new StartFailure(`Port ${port} cannot be used: ${messageOf(error)}`);
  }
}

/** What would take longer than was promised is on disk and comes again. */
async function patience(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, STOP_MS_MAX));
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

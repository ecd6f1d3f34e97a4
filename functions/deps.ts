/**
 * The composition root: the one place that reads the environment, the clock and randomness, and that makes
 * clients. Everything else is given what it needs. Clients and secrets are kept for the life of an instance.
 */
import { createHash, createHmac, randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ulid } from 'ulid';
import { secretVariable, type WalletSecret, walletSecretNames } from '../core/contract/functions.ts';
import type { Program } from '../core/program.ts';
import {
  createDynamoDbErasureList,
  createDynamoDbStore,
  currentProgram,
  type ErasureList,
  getSwitch,
  type LedgerContext,
  redemptionSwitch,
  toProgram,
} from '../ledger/ledger.ts';
import { type Bus, createBus } from './kit/bus.ts';
import type { Send } from './kit/send.ts';

/** How long an instance may go on with a programme or switch it has read. `PUT /v1/program` answers after this. */
export const programFreshMs = 1000;
/** Operators rotate wallet secrets by putting a new value: instances follow within this. */
const secretFreshMs = 60_000;

export interface Deps {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds that only grow, for measuring durations. */
  readonly monotonic: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly newRequestId: () => string;
  readonly ledger: LedgerContext;
  /** Who has been erased; for functions with a right to it. */
  readonly erasures: ErasureList;
  readonly bus: Bus;
  readonly logger: Logger;
  /** Adds a duration to a metric of this function, in seconds. */
  readonly measure: (metric: string, seconds: number) => Promise<void>;
  readonly publicUrl: string;
  readonly mailFrom: string;
  /** The programme in force; undefined before the first was put. */
  readonly program: () => Promise<Program | undefined>;
  /** Whether operators have stopped redemptions. */
  readonly redemptionsPaused: () => Promise<boolean>;
  /** Puts a text on one of the queues that the function may send to. */
  readonly send: Send;
  /** The JSON of a wallet's secret. */
  readonly walletSecret: (which: WalletSecret) => Promise<unknown>;
}

const env = process.env;

function needed(name: string): string {
  const value = env[name];
  if (!value) throw new Error(`The environment variable ${name} is not set.`);
  return value;
}

/** Keeps a value for a while; a failure is not kept. */
function fresh<T>(keepMs: number, load: () => Promise<T>): () => Promise<T> {
  let kept: { value: Promise<T>; at: number } | undefined;
  return () => {
    const at = performance.now();
    if (kept && at - kept.at < keepMs) return kept.value;
    const value = load();
    const entry = { value, at };
    kept = entry;
    value.catch(() => {
      if (kept === entry) kept = undefined;
    });
    return value;
  };
}

const logger = new Logger();

function logLost(error: unknown): void {
  logger.warn('The bus did not answer', { error: error as Error });
}

async function readSecret(client: SecretsManagerClient, id: string): Promise<string> {
  const answer = await client.send(new GetSecretValueCommand({ SecretId: id }));
  if (!answer.SecretString) throw new Error(`The secret ${id} has no text.`);
  return answer.SecretString;
}

/** Attempts and time-outs of the SDK stay inside the ten seconds that a request has: no answer is an answer, too. */
const sdk = {
  maxAttempts: 3,
  requestHandler: {
    connectionTimeout: Number(env['SDK_TIMEOUT_MS'] ?? 1_000),
    requestTimeout: Number(env['SDK_TIMEOUT_MS'] ?? 2_500),
    throwOnRequestTimeout: true,
  },
};

/** Without a key nothing can be looked up, only written. */
function createLedgerContext(key: string | undefined, client: DynamoDBClient): LedgerContext {
  const context = {
    ulid: (now: number) => ulid(now),
    sha256: (text: string) => createHash('sha256').update(text).digest('base64url'),
    keyed: (label: string, text: string) => {
      if (key === undefined) throw new Error('This function has no right to the key of the look-ups.');
      const own = createHmac('sha256', key).update(label).digest();
      return createHmac('sha256', own).update(text).digest('base64url');
    },
    randomInteger: (below: number) => randomInt(below),
    sleep: async (milliseconds: number) => {
      await sleep(milliseconds);
    },
  };
  const store = createDynamoDbStore({
    client,
    table: needed('TABLE_NAME'),
    random: Math.random,
    sleep: context.sleep,
    newToken: randomUUID,
  });
  return { ...context, store };
}

/** Few functions send, so the others do without loading its client. */
const sender = fresh(Number.POSITIVE_INFINITY, async () => {
  const { createSend } = await import('./kit/send.ts');
  return createSend(JSON.parse(needed('QUEUES')), sdk);
});

async function compose(): Promise<Deps> {
  const secrets = new SecretsManagerClient(sdk);
  const walletSecrets = Object.fromEntries(
    walletSecretNames.map((name) => [
      name,
      fresh(secretFreshMs, async () => JSON.parse(await readSecret(secrets, needed(secretVariable(name))))),
    ]),
  ) as Record<WalletSecret, () => Promise<unknown>>;
  const dynamoDb = new DynamoDBClient(sdk);
  const ledger = createLedgerContext(await readSecret(secrets, needed(secretVariable('keys'))), dynamoDb);
  return {
    now: Date.now,
    monotonic: () => performance.now(),
    sleep: ledger.sleep,
    newRequestId: randomUUID,
    ledger,
    erasures: createDynamoDbErasureList(dynamoDb, env['ERASURES_TABLE_NAME'] ?? ''),
    bus: createBus(new EventBridgeClient(sdk), env['BUS_NAME'] ?? '', ledger.sleep, logLost),
    logger,
    // Few functions measure, so the others do without loading what it takes.
    measure: async (...measured) => (await import('./kit/metrics.ts')).measure(...measured),
    publicUrl: needed('PUBLIC_URL'),
    mailFrom: env['MAIL_FROM'] ?? '',
    program: fresh(programFreshMs, async () => {
      const stored = await currentProgram(ledger);
      return stored && toProgram(stored);
    }),
    redemptionsPaused: fresh(programFreshMs, async () => {
      const thrown = await getSwitch(ledger, redemptionSwitch);
      return thrown?.paused ?? false;
    }),
    send: async (...message) => (await sender())(...message),
    walletSecret: (which) => walletSecrets[which](),
  };
}

/** The dependencies of this instance, made at its first event. */
export const deps: () => Promise<Deps> = fresh(Number.POSITIVE_INFINITY, compose);

/** What functions without the right to the keys' secret have. */
export interface PlainDeps extends Pick<Deps, 'now' | 'bus' | 'logger'> {
  /** The table, for writes that look nothing up. */
  readonly ledger: () => LedgerContext;
  readonly appleSecret: () => Promise<unknown>;
}

let plainLedger: LedgerContext | undefined;

export function plainDeps(): PlainDeps {
  return {
    now: Date.now,
    bus: createBus(
      new EventBridgeClient(sdk),
      env['BUS_NAME'] ?? '',
      async (milliseconds) => {
        await sleep(milliseconds);
      },
      logLost,
    ),
    logger,
    ledger: () => {
      plainLedger ??= createLedgerContext(undefined, new DynamoDBClient(sdk));
      return plainLedger;
    },
    appleSecret: async () =>
      JSON.parse(await readSecret(new SecretsManagerClient(sdk), needed(secretVariable('apple')))),
  };
}

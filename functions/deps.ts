/**
 * The composition root: the one place that reads the environment, the clock and randomness, and that makes
 * clients. Everything else is given what it needs. Clients and secrets are kept for the life of an instance.
 */
import { createHash, createHmac, randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { ulid } from 'ulid';
import type { Channels } from '../core/channels.ts';
import {
  channelSecretsVariable,
  poolVariables,
  secretVariable,
  type WalletSecret,
  walletSecretNames,
} from '../core/contract/functions.ts';
import type { Program } from '../core/program.ts';
import {
  currentProgram,
  type ErasureList,
  getSwitch,
  type LedgerContext,
  readChannels,
  redemptionSwitch,
  toProgram,
} from '../ledger/ledger.ts';
import * as busClient from './clients/bus.ts';
import type { ChannelSecrets } from './clients/channel-secrets.ts';
import * as channelSecretsClient from './clients/channel-secrets.ts';
import type { Messages } from './clients/messages.ts';
import * as messagesClient from './clients/messages.ts';
import * as metricsClient from './clients/metrics.ts';
import * as peopleClient from './clients/people.ts';
import type { Send } from './clients/queues.ts';
import * as queuesClient from './clients/queues.ts';
import * as secretsClient from './clients/secrets.ts';
import * as tableClient from './clients/table.ts';
import type { Bus } from './kit/bus.ts';
import { createCallers, type FindCaller, type FindPerson } from './kit/callers.ts';
import { createDoor, type Door } from './kit/door.ts';
import { fresh, lazy, lazyAsync } from './kit/fresh.ts';

/** How long an instance may go on with a programme, channels or a switch it has read. What changes them answers after this. */
export const programFreshMs = 1000;
/** What an instance itself goes by: a little less, for timers that are early and clocks that are set right. */
const programKeepMs = programFreshMs - 50;
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
  /** Adds a duration to a metric of this function, in seconds; for functions with a wallet's secret. */
  readonly measure: (metric: string, seconds: number) => Promise<void>;
  readonly publicUrl: string;
  /** Whether a request came by the public address, for functions behind HTTP. */
  readonly door: Door;
  readonly credential: FindCaller;
  /** Who has signed in, for functions with routes for operators. */
  readonly person: FindPerson;
  readonly messages: () => Promise<Messages>;
  /** The programme in force; undefined before the first was put. */
  readonly program: () => Promise<Program | undefined>;
  /** All channels that there are. */
  readonly channels: () => Promise<Channels>;
  /** Whether operators have stopped redemptions. */
  readonly redemptionsPaused: () => Promise<boolean>;
  /** Puts a text on one of the queues that the function may send to. */
  readonly send: Send;
  /** What channels' shops sign with, and what their APIs want to see. */
  readonly channelSecrets: ChannelSecrets;
  /** The JSON of a wallet's secret. */
  readonly walletSecret: (which: WalletSecret) => Promise<unknown>;
}

const env = process.env;

function needed(name: string): string {
  const value = env[name];
  if (!value) throw new Error(`The environment variable ${name} is not set.`);
  return value;
}

const logger = new Logger();

function logLost(error: unknown): void {
  logger.warn('The bus did not answer', { error: error as Error });
}

/**
 * How the SDK calls: three attempts of two seconds with its pauses are less than the time of a request (kit/serve.ts),
 * so that no answer is an answer, too. Nobody tries again on top of it.
 */
export const sdk = {
  maxAttempts: 3,
  requestHandler: {
    connectionTimeout: Number(env['SDK_TIMEOUT_MS'] ?? 1_000),
    requestTimeout: Number(env['SDK_TIMEOUT_MS'] ?? 2_000),
    throwOnRequestTimeout: true,
  },
};

const pause = async (milliseconds: number) => {
  await sleep(milliseconds);
};

function poolOf() {
  return { issuer: needed(poolVariables.issuer), clientId: needed(poolVariables.client) };
}

/** The public keys of a pool, which are read without any right. */
async function readPoolKeys(address: string): Promise<ArrayBuffer> {
  const { pathname, origin } = new URL(address);
  // As the SDK's clients are pointed elsewhere.
  const other = env['AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER'] ?? env['AWS_ENDPOINT_URL'];
  const place = new URL(pathname, other ?? origin);
  const response = await fetch(place, { signal: AbortSignal.timeout(sdk.requestHandler.requestTimeout) });
  if (!response.ok) throw new Error(`${place} answers ${response.status}.`);
  return response.arrayBuffer();
}

/**
 * Each client is an instance's: its connections serve every event that the instance is given. A function's bundle holds
 * those that its grants open (tools/build.ts); to ask for another one is an error.
 */
const clients = {
  table: lazy(() => tableClient.connect(sdk)),
  secrets: lazy(() => secretsClient.connect(sdk)),
  channelSecrets: lazy(() => channelSecretsClient.connect(sdk, needed(channelSecretsVariable))),
  bus: lazy(() => busClient.connect(sdk, env['BUS_NAME'] ?? '', pause, logLost)),
  queues: lazy(() => queuesClient.connect(sdk, JSON.parse(needed('QUEUES')))),
  messages: lazy(() => messagesClient.connect(sdk, needed('MAIL_FROM'))),
  metrics: lazy(() => metricsClient.connect()),
  people: lazy(() => peopleClient.connect({ ...poolOf(), readKeys: readPoolKeys }, Date.now)),
};

const readSecret: secretsClient.ReadSecret = (...asked) => clients.secrets()(...asked);

const bus: Bus = { put: (events) => clients.bus().put(events) };

/** The JSON of a secret, by the variable that names it. */
function secretOf(variable: string): () => Promise<unknown> {
  return fresh(Date.now, secretFreshMs, async () => JSON.parse(await readSecret(needed(variable))));
}

/** What CloudFront says, and said before its last rotation, which there may not have been. */
async function readOrigin(): Promise<string[]> {
  const id = needed(secretVariable('origin'));
  const none = (error: unknown) => {
    if ((error as Error).name === 'ResourceNotFoundException') return [];
    throw error;
  };
  const [now, before] = await Promise.all([readSecret(id), readSecret(id, 'AWSPREVIOUS').catch(none)]);
  return [now, ...[before].flat()];
}

/** Without a key nothing can be looked up, only written. */
function createLedgerContext(key: string | undefined): LedgerContext {
  const context = {
    ulid: (now: number) => ulid(now),
    sha256: (text: string) => createHash('sha256').update(text).digest('base64url'),
    keyed: (label: string, text: string) => {
      if (key === undefined) throw new Error('This function has no right to the key of the look-ups.');
      const own = createHmac('sha256', key).update(label).digest();
      return createHmac('sha256', own).update(text).digest('base64url');
    },
    randomInteger: (below: number) => randomInt(below),
    sleep: pause,
  };
  const store = clients.table().store({
    table: needed('TABLE_NAME'),
    random: Math.random,
    sleep: context.sleep,
    newToken: randomUUID,
  });
  return { ...context, store };
}

/** The same object for the same version: what was compiled of it is kept with it. */
function sameWhileUnchanged(): (program: Program) => Program {
  let before: Program | undefined;
  return (program) => {
    if (before?.version !== program.version) before = program;
    return before;
  };
}

async function compose(): Promise<Deps> {
  const walletSecrets = Object.fromEntries(
    walletSecretNames.map((name) => [name, secretOf(secretVariable(name))]),
  ) as Record<WalletSecret, () => Promise<unknown>>;
  const door = createDoor(Date.now, secretFreshMs, readOrigin);
  // Where there is a door its secret is read beside the other, so that the first request waits for both at once.
  const opened = env[secretVariable('origin')] === undefined ? undefined : door('');
  const [key] = await Promise.all([readSecret(needed(secretVariable('keys'))), opened]);
  const ledger = createLedgerContext(key);
  const asBefore = sameWhileUnchanged();
  return {
    now: Date.now,
    monotonic: () => performance.now(),
    sleep: ledger.sleep,
    newRequestId: randomUUID,
    ledger,
    erasures: clients.table().erasures(env['ERASURES_TABLE_NAME'] ?? ''),
    bus,
    logger,
    measure: async (...measured) => clients.metrics()(...measured),
    publicUrl: needed('PUBLIC_URL'),
    door,
    credential: createCallers(ledger, Date.now),
    person: async (token) => clients.people()(token),
    messages: async () => clients.messages(),
    program: fresh(Date.now, programKeepMs, async () => {
      const stored = await currentProgram(ledger);
      return stored && asBefore(toProgram(stored));
    }),
    channels: fresh(Date.now, programKeepMs, () => readChannels(ledger)),
    redemptionsPaused: fresh(Date.now, programKeepMs, async () => {
      const thrown = await getSwitch(ledger, redemptionSwitch);
      return thrown?.paused ?? false;
    }),
    send: async (...message) => clients.queues()(...message),
    channelSecrets: {
      read: async (id) => clients.channelSecrets().read(id),
      write: async (id, value) => clients.channelSecrets().write(id, value),
    },
    walletSecret: (which) => walletSecrets[which](),
  };
}

/** The dependencies of this instance, made at its first event. */
export const deps: () => Promise<Deps> = /* @__PURE__ */ lazyAsync(compose);

/** What functions without the right to the keys' secret have. */
export interface PlainDeps extends Pick<Deps, 'now' | 'bus' | 'logger'> {
  /** The table, for writes that look nothing up. */
  readonly ledger: () => LedgerContext;
  readonly appleSecret: () => Promise<unknown>;
}

/** The same for those, made when it is first asked for. */
export const plainDeps: () => PlainDeps = /* @__PURE__ */ lazy(() => ({
  now: Date.now,
  bus,
  logger,
  ledger: lazy(() => createLedgerContext(undefined)),
  appleSecret: secretOf(secretVariable('apple')),
}));

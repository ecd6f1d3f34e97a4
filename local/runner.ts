/**
 * The whole system on one machine: reads the synthesized template and brings to life what it says, in the
 * order in which the parts need each other.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { type Activity, createActivity } from './activity.ts';
import { synthesize } from './build.ts';
import { openClock, type SystemClock } from './clock.ts';
import type { DataFolder } from './data-folder.ts';
import { type Database, openDynamoDbLocal, openOwnDatabase } from './database.ts';
import { createDistribution } from './edge/distribution.ts';
import { createSite } from './edge/site.ts';
import { StartFailure } from './failure.ts';
import { createPool, type FunctionPool } from './functions/pool.ts';
import { createGateway, type Origin } from './http/gateway.ts';
import type { PublicServer } from './http/server.ts';
import { createIdle } from './idle.ts';
import { answerLocally, isLocalPath } from './local-routes.ts';
import { openLog } from './log.ts';
import { type Poller, startQueuePoller } from './queues/poller.ts';
import { openQueues, type Queues } from './queues/store.ts';
import type { QueueMappingSpec, StreamMappingSpec } from './resources/mappings.ts';
import { type Model, readModel } from './resources/model.ts';
import { createSchedules, type Schedules } from './schedule/runner.ts';
import { configuredSecret, openSecrets } from './secrets.ts';
import { type Services, startServices } from './services/endpoint.ts';
import { type ProgramFile, setUp } from './setup.ts';
import { PASS_TYPE_IDENTIFIER, type StandIns, startStandIns, TEAM_IDENTIFIER } from './standins/index.ts';
import { openDatabase, openState, type State } from './state.ts';
import { type StreamPoller, startStreamPoller } from './stream/poller.ts';
import { ensureTables } from './tables.ts';
import { readAssembly } from './template/assembly.ts';
import { REGION } from './template/intrinsics.ts';
import { resolveStack } from './template/stack.ts';

export interface RunnerSettings {
  /** The project: `tools/build.ts` and `infra/app.ts` are run in it. */
  readonly root: string;
  readonly data: DataFolder;
  readonly server: PublicServer;
  readonly program: ProgramFile;
  /** Where a fresh system's clock starts, milliseconds since 1970; else at the machine's time. */
  readonly startAt: number | undefined;
  readonly dynamoDbLocal: boolean;
  /** Aborted when the person wants to stop, before or after the system is ready. */
  readonly stopping: AbortSignal;
  progress(message: string): void;
  warn(message: string): void;
}

export interface Runner {
  readonly url: string;
  /** Finishes what runs (for some seconds at most) and closes everything. */
  close(): Promise<void>;
}

/** What has been started, in order; closed in the opposite order. */
type Closers = (() => Promise<void> | void)[];

/** Our endpoint wakes the pollers, so they need to look by themselves only in case. */
const POLL_MS = { woken: 1_000, alone: 100 };
const SWEEP_MS = 60_000;
const DRAIN_MS_MAX = 7_000;
const SETTLE_MS_MAX = 300_000;

export async function startRunner(settings: RunnerSettings): Promise<Runner> {
  const closers: Closers = [];
  try {
    return await start(settings, closers);
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

async function closeAll(closers: Closers): Promise<void> {
  for (let close = closers.pop(); close; close = closers.pop()) await close();
}

async function start(settings: RunnerSettings, closers: Closers): Promise<Runner> {
  const { root, data, server, program, startAt, progress, warn } = settings;
  const url = `http://127.0.0.1:${server.port}`;
  const systemDatabase = openDatabase(data.file('system.db'));
  closers.push(() => systemDatabase.close());
  const state = openState(systemDatabase);
  rememberEngine(state, settings);
  const clock = openClock(state, startAt);
  checkStart(clock, startAt);

  progress('Building the functions and synthesizing the template …');
  const synthesis = synthesize(root, data.file('cdk.out'), settings.stopping);
  const [standIns, database] = await together(closers, [
    startStandIns({ dataDir: data.path, clock: clock.now }),
    settings.dynamoDbLocal
      ? openDynamoDbLocal(data.file('dynamodb-local'), warn)
      : openOwnDatabase(data.file('table.db'), clock.now),
    synthesis,
  ]);
  const model = readModel(resolveStack(readAssembly(data.file('cdk.out')), new Map([['PublicUrl', url]])));

  progress('Starting …');
  const core = await startCore({
    settings,
    closers,
    model,
    standIns,
    database,
    state,
    clock,
    url,
    systemDatabase,
  });
  await setUp({
    model,
    pool: core.pool,
    state,
    program,
    credentialsPath: data.file('credentials.json'),
    baseUrl: url,
  });
  const flow = startFlow({ settings, closers, model, database, state, clock, core });
  serve(settings, { model, clock, standIns, core, flow });
  return { url, close: () => close(settings, closers, core, flow) };
}

/** Waits for all; whatever did start is closed later even when another one fails. */
async function together(
  closers: Closers,
  starting: readonly [Promise<StandIns>, Promise<Database>, Promise<void>],
): Promise<readonly [StandIns, Database]> {
  const results = await Promise.allSettled(starting);
  const [standIns, database] = results;
  if (standIns.status === 'fulfilled') closers.push(() => standIns.value.close());
  if (database.status === 'fulfilled') closers.push(() => database.value.close());
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return [(await starting[0]) as StandIns, await starting[1]];
}

/** One folder's table lives in one engine: the other would find it empty. */
function rememberEngine(state: State, { dynamoDbLocal, data }: RunnerSettings): void {
  const engine = dynamoDbLocal ? 'with --dynamodb-local' : 'without --dynamodb-local';
  const before = state.get<string>('engine');
  if (before !== undefined && before !== engine) {
    throw new StartFailure(
      `The system in ${data.path} was started ${before}: start it so again, or with --fresh.`,
    );
  }
  state.set('engine', engine);
}

function checkStart(clock: SystemClock, startAt: number | undefined): void {
  if (startAt === undefined || startAt === clock.startedAt) return;
  throw new StartFailure(
    `--clock is for a fresh system, and this one began at ${new Date(clock.startedAt).toISOString()}: add --fresh, or move its clock with PUT /local/clock.`,
  );
}

interface Core {
  readonly activity: Activity;
  readonly queues: Queues;
  readonly pool: FunctionPool;
  readonly services: Services;
}

/** Everything that a function needs to run. */
async function startCore(parts: {
  settings: RunnerSettings;
  closers: Closers;
  model: Model;
  standIns: StandIns;
  database: Database;
  state: State;
  clock: SystemClock;
  url: string;
  systemDatabase: ReturnType<typeof openDatabase>;
}): Promise<Core> {
  const { settings, closers, model, standIns, database, clock, systemDatabase } = parts;
  const { data, warn } = settings;
  const activity = createActivity();
  const queues = openQueues(systemDatabase, model.queues, clock.now);
  const secrets = openSecrets(data.file('secrets.json'), model.secrets, {
    '/apple': configuredSecret(data.file('apple.json')) ?? appleSecret(standIns),
    '/google': configuredSecret(data.file('google.json')) ?? googleSecret(standIns),
  });
  const bus = { buses: model.buses, rules: model.rules, clock: clock.now, send: queues.send };
  const services = await startServices({ bus, secrets, activity });
  closers.push(() => services.close());
  const client = new DynamoDBClient(clientSettings(database.url));
  await ensureTables(client, model.tables);
  client.destroy();
  const log = openLog(data.file('functions.log'), clock.now, warn);
  const pool = createPool({
    functions: model.functions,
    activity,
    clock: clock.shared,
    endpoints: {
      AWS_ENDPOINT_URL_DYNAMODB: database.url,
      AWS_ENDPOINT_URL_EVENTBRIDGE: services.url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: services.url,
      AWS_ENDPOINT_URL_SNS: standIns.snsUrl,
      AWS_ENDPOINT_URL_SESV2: standIns.sesUrl,
    },
    log: log.write,
    failed: (name, { error }) => log.fail(name, error),
  });
  closers.push(() => pool.close());
  return { activity, queues, pool, services };
}

function clientSettings(endpoint: string): {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
} {
  return { endpoint, region: REGION, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
}

/** Apple's side of the stand-ins, in the shape in which a real certificate is configured. */
function appleSecret({ certificates, apnsUrl }: StandIns): string {
  return JSON.stringify({
    passTypeIdentifier: PASS_TYPE_IDENTIFIER,
    teamIdentifier: TEAM_IDENTIFIER,
    certificate: certificates.passCertificate,
    privateKey: certificates.passKey,
    wwdr: certificates.wwdr,
    pushUrl: apnsUrl,
    pushCa: certificates.root,
  });
}

function googleSecret({ google }: StandIns): string {
  const { issuerId, ...serviceAccount } = google.serviceAccount;
  return JSON.stringify({ issuerId, serviceAccount, walletUrl: google.walletUrl });
}

interface Flow {
  readonly pollers: readonly Poller[];
  readonly streams: readonly StreamPoller[];
  readonly schedules: Schedules;
  readonly consumedQueueArns: readonly string[];
}

/** Everything that invokes functions by itself: queues, streams, schedules. */
function startFlow(parts: {
  settings: RunnerSettings;
  closers: Closers;
  model: Model;
  database: Database;
  state: State;
  clock: SystemClock;
  core: Core;
}): Flow {
  const { settings, closers, model, database, state, clock, core } = parts;
  const { pool, queues, activity } = core;
  const { warn } = settings;
  const queueMappings = model.mappings.filter(
    (mapping): mapping is QueueMappingSpec => mapping.kind === 'queue',
  );
  const streamMappings = model.mappings.filter(
    (mapping): mapping is StreamMappingSpec => mapping.kind === 'stream',
  );
  const client = new DynamoDBStreamsClient(clientSettings(database.url));
  const pollers = queueMappings.map((mapping) => startQueuePoller(mapping, { queues, pool, activity }));
  const streams = streamMappings.map((mapping) =>
    startStreamPoller({
      mapping,
      tableName: model.tables.find(({ streamArn }) => streamArn === mapping.sourceArn)?.name ?? '',
      client,
      state,
      pool,
      queues,
      activity,
      pollMs: settings.dynamoDbLocal ? POLL_MS.alone : POLL_MS.woken,
      warn,
    }),
  );
  const forget = database.onChange(() => {
    for (const stream of streams) stream.wake();
  });
  const schedules = createSchedules({
    schedules: model.schedules,
    clock,
    state,
    pool,
    queues,
    activity,
    moved: database.sweepExpired,
    warn,
  });
  const sweeper = setInterval(() => {
    database.sweepExpired();
    queues.expire();
  }, SWEEP_MS);
  closers.push(() => {
    clearInterval(sweeper);
    forget();
    client.destroy();
  });
  schedules.start();
  return { pollers, streams, schedules, consumedQueueArns: queueMappings.map(({ sourceArn }) => sourceArn) };
}

/** Opens the public address. */
function serve(
  { server, stopping }: RunnerSettings,
  parts: { model: Model; clock: SystemClock; standIns: StandIns; core: Core; flow: Flow },
): void {
  const { model, clock, standIns, core, flow } = parts;
  const origins = new Map<string, Origin>([
    ...model.apis.map((api) => [api.host, createGateway(api, core.pool, clock.now)] as const),
    ...model.buckets.map((bucket) => [bucket.host, createSite(bucket)] as const),
  ]);
  const distribution = createDistribution(model.distribution, origins);
  const idle = createIdle({ ...core, ...flow, stopping });
  const moveClock = async (to: number): Promise<boolean> => {
    const unhurry = flow.pollers.map((poller) => poller.hurry());
    try {
      return await flow.schedules.moveClock(to, (moveMs) => idle.settle(moveMs, SETTLE_MS_MAX));
    } finally {
      for (const undo of unhurry) undo();
    }
  };
  const local = { clock, idle, standIns, moveClock };
  server.serve((request) =>
    isLocalPath(request.path) ? answerLocally(request, local) : distribution(request),
  );
}

async function close(settings: RunnerSettings, closers: Closers, core: Core, flow: Flow): Promise<void> {
  const drained = Promise.all([
    settings.server.close(),
    flow.schedules.stop(),
    ...[...flow.pollers, ...flow.streams].map((poller) => poller.stop()),
  ]);
  const patience = new Promise((resolve) => setTimeout(resolve, DRAIN_MS_MAX).unref());
  // What is still running then is ended; its messages and records are on disk and come again.
  await Promise.race([drained, patience]);
  await core.pool.close();
  settings.server.abort();
  await drained;
  await closeAll(closers);
}

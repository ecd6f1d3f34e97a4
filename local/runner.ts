/**
 * The whole system on one machine: reads the synthesized templates and brings to life what it says, in the
 * order in which the parts need each other.
 */
import { bundleWorker, synthesize } from './build.ts';
import { checkAppleSecret } from './check-apple.ts';
import { openClock, type SystemClock } from './clock.ts';
import { type Closers, type Core, startCore } from './core.ts';
import type { DataFolder } from './data-folder.ts';
import { type Database, openDynamoDbLocal, openOwnDatabase } from './database.ts';
import { createDistribution, withSecrets } from './edge/distribution.ts';
import { createSite } from './edge/site.ts';
import { StartFailure } from './failure.ts';
import { type Flow, startFlow } from './flow.ts';
import { createGateway, type Origin } from './http/gateway.ts';
import { header } from './http/message.ts';
import type { PublicServer } from './http/server.ts';
import { answerLocally, isLocalPath } from './local-routes.ts';
import { type Model, readModel } from './resources/model.ts';
import { type ProgramFile, reapplyErasures, setUp } from './setup.ts';
import { type StandIns, startStandIns } from './standins/index.ts';
import { type OperatorsPool, startOperatorsPool } from './standins/operators.ts';
import { openDatabase, openState, type State } from './state.ts';
import { readAssembly } from './template/assembly.ts';
import { resolveStack } from './template/stack.ts';
import { newTurn, openTurn } from './turn.ts';
import { checkWhole } from './whole.ts';

export interface RunnerSettings {
  /** The project: `tools/build.ts` and `infra/app.ts` are run in it. */
  readonly root: string;
  readonly data: DataFolder;
  readonly server: PublicServer;
  readonly program: ProgramFile;
  /** Where a fresh system's clock starts, milliseconds since 1970; else at the machine's time. */
  readonly startAt: number | undefined;
  readonly dynamoDbLocal: boolean;
  /** The table was restored from before: who has been erased since is erased again before anybody is served. */
  readonly reapplyErasures: boolean;
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

const DRAIN_MS_MAX = 7_000;

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
  const { data, server, program, startAt, stopping, progress, warn } = settings;
  const url = `http://127.0.0.1:${server.port}`;
  closers.push(() => data.release());
  const systemDatabase = openDatabase(data.file('system.db'));
  closers.push(() => systemDatabase.close());
  const turns = { table: newTurn(), system: newTurn() };
  const state = openState(systemDatabase, openTurn(turns.system));
  checkEngine(state, settings);
  checkWhole(data, state, settings.dynamoDbLocal);
  state.set('engine', engineOf(settings));
  const clock = openClock(state, startAt);
  checkStart(clock, startAt);

  progress('Building the functions and synthesizing the template …');
  const [standIns, database, worker] = await startOutside(settings, clock, turns.table, closers);
  const assembly = readAssembly(data.file('cdk.out'));
  const model = readModel(resolveStack(assembly, new Map([['PublicUrl', url]])));

  progress('Starting …');
  const operators = model.operators && (await startOperatorsPool(model.operators, clock.now));
  closers.push(() => operators?.close());
  const core = await startCore({
    data,
    model,
    systemDatabase,
    state,
    database,
    standIns,
    operators,
    clock,
    closers,
    turns,
    worker,
    warn,
  });
  const credentialsPath = data.file('credentials.json');
  await setUp({ model, pool: core.pool, state, program, credentialsPath, baseUrl: url });
  if (settings.reapplyErasures) progress(await reapplyErasures(model, core.pool));
  await checkAppleSecret({ model, pool: core.pool, path: data.file('apple.json'), warn });
  const flow = startFlow({ model, core, database, state, clock, closers, stopping, warn });
  server.serve(publicAddress({ model, clock, standIns, operators, core, flow, warn }));
  return { url, close: () => close(server, closers, core, flow) };
}

/** One folder's table lives in one engine: the other would find it empty. */
function checkEngine(state: State, settings: RunnerSettings): void {
  const before = state.get<string>('engine');
  if (before === undefined || before === engineOf(settings)) return;
  throw new StartFailure(
    `The system in ${settings.data.path} was started ${before}: start it so again, or with --fresh.`,
  );
}

function engineOf({ dynamoDbLocal }: Pick<RunnerSettings, 'dynamoDbLocal'>): string {
  return dynamoDbLocal ? 'with --dynamodb-local' : 'without --dynamodb-local';
}

function checkStart(clock: SystemClock, startAt: number | undefined): void {
  if (startAt === undefined || startAt === clock.startedAt) return;
  const began = new Date(clock.startedAt).toISOString();
  throw new StartFailure(
    `--clock is for a fresh system, and this one began at ${began}: add --fresh, or move its clock with PUT /local/clock.`,
  );
}

/** Synthesizes, and meanwhile starts what the template says nothing about. */
async function startOutside(
  { root, data, dynamoDbLocal, stopping, warn }: RunnerSettings,
  clock: SystemClock,
  turn: SharedArrayBuffer,
  closers: Closers,
): Promise<readonly [StandIns, Database, URL]> {
  const results = await Promise.allSettled([
    startStandIns({ dataDir: data.path, clock: clock.now }),
    dynamoDbLocal
      ? openDynamoDbLocal(data.file('dynamodb-local'), warn)
      : openOwnDatabase(data.file('table.db'), clock.now, openTurn(turn)),
    bundleWorker(data.file('worker.mjs'), stopping),
    synthesize(root, data.file('cdk.out'), stopping),
  ]);
  const [standIns, database, worker, synthesis] = results;
  // What did start is closed later even when another one did not.
  if (standIns.status === 'fulfilled') closers.push(() => standIns.value.close());
  if (database.status === 'fulfilled') closers.push(() => database.value.close());
  if (standIns.status === 'rejected') throw standIns.reason;
  if (database.status === 'rejected') throw database.reason;
  if (worker.status === 'rejected') throw worker.reason;
  if (synthesis.status === 'rejected') throw synthesis.reason;
  return [standIns.value, database.value, worker.value];
}

/** What the public address answers: the distribution, and beside it the local run's own routes. */
function publicAddress(parts: {
  model: Model;
  clock: SystemClock;
  standIns: StandIns;
  operators: OperatorsPool | undefined;
  core: Core;
  flow: Flow;
  warn: (message: string) => void;
}): Origin {
  const { model, clock, standIns, operators, core, flow, warn } = parts;
  const origins = new Map<string, Origin>([
    ...model.apis.map((api) => [api.host, createGateway(api, core.pool, clock.now)] as const),
    ...model.buckets.map((bucket) => [bucket.host, createSite(bucket)] as const),
  ]);
  const distribution = createDistribution(withSecrets(model.distribution, core.secrets), origins);
  const local = { clock, standIns, operators, ...flow };
  return async (request) => {
    if (isLocalPath(request.path)) return answerLocally(request, local);
    const response = await distribution(request);
    const problem = standIns.follow(header(response.headers, 'location') ?? '');
    if (problem) warn(`Google would not save the card behind a link: ${problem}`);
    return response;
  };
}

async function close(server: PublicServer, closers: Closers, core: Core, flow: Flow): Promise<void> {
  const drained = Promise.all([server.close(), flow.stop()]);
  const patience = new Promise((resolve) => setTimeout(resolve, DRAIN_MS_MAX).unref());
  await Promise.race([drained, patience]);
  // What is still running now is ended; its messages and records are on disk and come again.
  await core.pool.close();
  server.abort();
  await drained;
  await closeAll(closers);
}

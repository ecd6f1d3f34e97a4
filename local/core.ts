/** Everything that a function needs to run: its tables, secrets and services, and the pool that runs it. */
import type { DatabaseSync } from 'node:sqlite';
import { type Activity, createActivity } from './activity.ts';
import type { SystemClock } from './clock.ts';
import type { DataFolder } from './data-folder.ts';
import type { Database } from './database.ts';
import { createPool, type FunctionPool } from './functions/pool.ts';
import { urls, type Within } from './functions/within.ts';
import { openLog } from './log.ts';
import { openQueues, type Queues } from './queues/store.ts';
import { isStreamMapping } from './resources/mappings.ts';
import type { Model } from './resources/model.ts';
import { configuredSecret, openSecrets, type Secrets } from './secrets.ts';
import { PASS_TYPE_IDENTIFIER, type StandIns, TEAM_IDENTIFIER } from './standins/index.ts';
import type { OperatorsPool } from './standins/operators.ts';
import type { State } from './state.ts';
import { rewindStreams } from './stream/rewind.ts';
import { ensureTables } from './tables.ts';
import { openTurn } from './turn.ts';
import { rememberTables } from './whole.ts';

/** What has been started, in order; closed in the opposite order. */
export type Closers = (() => Promise<void> | void)[];

export interface CoreSettings {
  readonly data: DataFolder;
  readonly model: Model;
  readonly systemDatabase: DatabaseSync;
  readonly state: State;
  readonly database: Database;
  readonly standIns: StandIns;
  readonly operators: OperatorsPool | undefined;
  readonly clock: SystemClock;
  readonly closers: Closers;
  /** Of the table's file and of the queues'. */
  readonly turns: Within['turns'];
  /** What functions' threads begin with. */
  readonly worker: URL;
  warn(message: string): void;
}

export interface Core {
  readonly activity: Activity;
  readonly queues: Queues;
  readonly pool: FunctionPool;
  readonly secrets: Secrets;
}

export async function startCore(settings: CoreSettings): Promise<Core> {
  const {
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
  } = settings;
  const activity = createActivity();
  const queues = openQueues(systemDatabase, model.queues, clock.now, openTurn(turns.system));
  const secrets = openSecrets(data.file('secrets.json'), model.secrets, {
    '/apple': configuredSecret(data.file('apple.json')) ?? appleSecret(standIns),
    '/google': configuredSecret(data.file('google.json')) ?? googleSecret(standIns),
    '/samsung': configuredSecret(data.file('samsung.json')) ?? '{}',
  });
  const made = await ensureTables(database, model.tables);
  rememberTables(
    state,
    model.tables.map(({ name }) => name),
    made,
    data.path,
  );
  // Before anything is written: what comes now is new.
  if (database.newestSequenceNumber)
    rewindStreams(state, model.mappings.filter(isStreamMapping), database.newestSequenceNumber());
  const log = openLog(data.file('functions.log'), clock.now, warn);
  const pool = createPool({
    functions: model.functions,
    activity,
    clock: clock.shared,
    worker,
    within: {
      tablePath: database.path,
      systemPath: data.file('system.db'),
      buses: model.buses,
      rules: model.rules.map(({ pattern: _, ...rule }) => rule),
      queues: model.queues,
      secrets: secrets.values,
      turns,
    },
    changes: new SharedArrayBuffer(4),
    changed: () => database.changed(),
    sent: (queueArns) => queues.announce(queueArns),
    endpoints: {
      AWS_ENDPOINT_URL_DYNAMODB: database.url,
      AWS_ENDPOINT_URL_EVENTBRIDGE: urls.services,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: urls.services,
      AWS_ENDPOINT_URL_SQS: urls.services,
      AWS_ENDPOINT_URL_SNS: standIns.snsUrl,
      AWS_ENDPOINT_URL_SESV2: standIns.sesUrl,
      ...(operators && { AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: operators.url }),
      // Everything here shares one machine, which may be busy: an answer is waited for as long as a request lives.
      SDK_TIMEOUT_MS: '9000',
    },
    log: log.write,
    failed: (name, { error }) => log.fail(name, error),
  });
  closers.push(() => pool.close());
  return { activity, queues, pool, secrets };
}

/** Apple's side of the stand-ins, in the shape in which a real certificate is configured. */
export function appleSecret({ certificates, apnsUrl }: StandIns): string {
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

export function googleSecret({ google }: StandIns): string {
  const { issuerId, ...serviceAccount } = google.serviceAccount;
  return JSON.stringify({
    issuerId,
    serviceAccount,
    walletUrl: google.walletUrl,
    callbackKeysUrl: google.callbackKeysUrl,
  });
}

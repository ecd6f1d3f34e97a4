/**
 * What a function's thread serves to its function by itself: the table, and the services that the runner stands in for.
 * The function asks with `http.request` as anywhere, but the answer comes from within the thread: a request costs no
 * system call and wakes no other thread, and threads share only the files, in which SQLite lets one write at a time.
 */
import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { DatabaseSync } from 'node:sqlite';
import { compilePattern } from '../bus/pattern.ts';
import { openDynamoDb } from '../dynamodb/index.ts';
import { createSender, type Outgoing } from '../queues/store.ts';
import type { BusSpec, RuleSpec } from '../resources/buses.ts';
import type { QueueSpec } from '../resources/queues.ts';
import { openMadeSecrets, type SecretValue, secretsOf } from '../secrets.ts';
import { createServices } from '../services/endpoint.ts';
import { LOCK_MS_MAX } from '../state.ts';
import { openTurn } from '../turn.ts';
import { requestWithin, type Serve } from './request.ts';

/** Where functions are pointed: names of the domain that ICANN keeps for private use. */
export const urls = { table: 'http://table.internal', services: 'http://services.internal' } as const;

/** All that a thread is told; it crosses to it as a structured clone. */
export interface Within {
  /** The table's file; undefined where a process of its own serves it. */
  readonly tablePath: string | undefined;
  /** The file that the queues are in. */
  readonly systemPath: string;
  readonly buses: readonly BusSpec[];
  readonly rules: readonly Omit<RuleSpec, 'pattern'>[];
  readonly queues: readonly QueueSpec[];
  readonly secrets: readonly SecretValue[];
  /** Of the two files, to be opened with `openTurn`. */
  readonly turns: { readonly table: SharedArrayBuffer; readonly system: SharedArrayBuffer };
}

export interface Told {
  /** After each commit to the table that its stream tells of. */
  changed(): void;
  /** After messages were put into these queues. */
  sent(queueArns: readonly string[]): void;
}

/**
 * Brings every request of this thread to one of the names above to what serves it, opened when it is first asked for.
 * @param machine the machine's clock; `Date` is the system's
 */
export function serveWithin(within: Within, machine: () => number, told: Told): void {
  const servers = new Map<string, () => Serve>([
    [hostOf(urls.services), once(() => openServices(within, machine, told))],
  ]);
  const { tablePath, turns } = within;
  if (tablePath !== undefined)
    servers.set(
      hostOf(urls.table),
      once(() => openTable(tablePath, turns.table, told)),
    );
  askWithin(servers);
}

function hostOf(url: string): string {
  return new URL(url).hostname;
}

function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function openTable(path: string, turn: SharedArrayBuffer, told: Told): Serve {
  const table = openDynamoDb({ path, clock: Date.now, turn: openTurn(turn) });
  table.onChange(() => told.changed());
  return ({ headers, body }) => table.answer(headers.get('x-amz-target') ?? '', body);
}

function openServices(within: Within, machine: () => number, told: Told): Serve {
  const { systemPath, buses, rules, queues, secrets, turns } = within;
  const database = new DatabaseSync(systemPath, { timeout: LOCK_MS_MAX });
  database.exec('PRAGMA synchronous = NORMAL; PRAGMA cache_size = -256;');
  const put = createSender(database, queues, { clock: Date.now, machine, turn: openTurn(turns.system) });
  const send = (messages: readonly Outgoing[]) => {
    const ids = put(messages);
    told.sent([...new Set(messages.map(({ queueArn }) => queueArn))]);
    return ids;
  };
  const bus = { buses, rules: rules.map(compiled), clock: Date.now, send };
  const made = openMadeSecrets(database, openTurn(turns.system));
  const known = secretsOf(secrets);
  const all = { find: (id: string) => known.find(id) ?? made.find(id), put: made.put };
  return createServices({ bus, secrets: all, mailbox: { queues, send } });
}

function compiled(rule: Within['rules'][number]): RuleSpec {
  const result = compilePattern(rule.eventPattern);
  if (!result.ok) throw new TypeError(`A pattern is malformed: ${result.message}`);
  return { ...rule, pattern: result.pattern };
}

/** Modules that import it by its name have the other one, too, from here on. */
function askWithin(servers: ReadonlyMap<string, () => Serve>): void {
  Object.assign(http, { request: requestWithin((host) => servers.get(host)?.()) });
  syncBuiltinESMExports();
}

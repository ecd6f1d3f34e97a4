/** A function runs as on Lambda: its own environment and clock, one event at a time, ended when it must be. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createActivity } from '../../../local/activity.ts';
import { openClock } from '../../../local/clock.ts';
import { openDynamoDb } from '../../../local/dynamodb/index.ts';
import type { Outcome } from '../../../local/functions/instance.ts';
import { createPool, type FunctionPool } from '../../../local/functions/pool.ts';
import { urls } from '../../../local/functions/within.ts';
import { openQueues } from '../../../local/queues/store.ts';
import { openDatabase, openState } from '../../../local/state.ts';
import { newTurn, openTurn } from '../../../local/turn.ts';

const directory = mkdtempSync(join(tmpdir(), 'functions-'));
const clock = openClock(openState(new DatabaseSync(':memory:')), Date.parse('2010-12-01T00:00:00Z'));
const activity = createActivity();
const lines: string[] = [];
let pool: FunctionPool | undefined;

afterEach(async () => {
  await pool?.close();
  lines.length = 0;
});

const queueArn = 'arn:aws:sqs:eu-west-1:000000000000:q';
const queueSpec = { arn: queueArn, visibilityTimeoutMs: 1, delayMs: 0, retentionMs: 1e9, redrive: undefined };
const turns = { table: newTurn(), system: newTurn() };
const tablePath = join(directory, 'table.db');
const systemPath = join(directory, 'system.db');
const table = openDynamoDb({ path: tablePath, clock: clock.now, turn: openTurn(turns.table) });
const queues = openQueues(openDatabase(systemPath), [queueSpec], clock.now, openTurn(turns.system));
const told: string[] = [];

/** A pool with the function `f`, whose module is `code`. */
function open(code: string, timeoutMs = 10_000, keptMs = 60_000): (event?: unknown) => Promise<Outcome> {
  const file = join(directory, `${Math.random()}.mjs`);
  writeFileSync(file, code);
  pool = createPool({
    functions: [
      {
        name: 'f',
        arn: 'arn:f',
        file,
        exportName: 'handler',
        environment: { OWN: 'x' },
        timeoutMs,
        memoryMb: 128,
        asynchronous: { retriesMax: 0, onFailureArn: undefined },
      },
    ],
    activity,
    clock: clock.shared,
    worker: new URL('../../../local/functions/worker.ts', import.meta.url),
    within: {
      tablePath,
      systemPath,
      buses: [{ name: 'b', arn: 'arn:b' }],
      rules: [{ busName: 'b', eventPattern: { source: ['shop'] }, queueArns: [queueArn] }],
      queues: [queueSpec],
      secrets: [{ name: 's', arn: 'arn:s', value: 'kept', versionId: '1' }],
      turns,
    },
    changes: new SharedArrayBuffer(4),
    changed: () => told.push('changed'),
    sent: (arns) => told.push(...arns),
    keptMs,
    endpoints: { AWS_ENDPOINT_URL_DYNAMODB: 'http://d' },
    log: (name, line) => lines.push(`${name} ${line}`),
    failed: (name, { error }) => lines.push(`${name} failed ${error.errorType}`),
  });
  const opened = pool;
  return (event = {}) => opened.invoke('f', event);
}

const payload = (outcome: Outcome): unknown =>
  outcome.kind === 'answer' ? JSON.parse(outcome.payload) : outcome;

describe('a function', () => {
  it('sees its own environment and what Lambda sets, and nothing of this process’s', async () => {
    process.env['LEAKED'] = 'yes';
    const invoke = open('export const handler = async () => process.env;');
    const environment = payload(await invoke()) as { [name: string]: string };
    expect(environment).toMatchObject({
      OWN: 'x',
      AWS_REGION: 'eu-west-1',
      AWS_LAMBDA_FUNCTION_NAME: 'f',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/f',
      AWS_ENDPOINT_URL_DYNAMODB: 'http://d',
    });
    for (const name of ['LEAKED', 'PATH', 'HOME', 'NODE_OPTIONS'])
      expect(environment).not.toHaveProperty(name);
  });

  it('gets the event as JSON and a context', async () => {
    const invoke = open(`export const handler = async (event, context) => ({
      event, name: context.functionName, arn: context.invokedFunctionArn, id: context.awsRequestId,
      memory: context.memoryLimitInMB, left: context.getRemainingTimeInMillis() });`);
    const event = { at: new Date(0), gone: undefined };
    expect(payload(await invoke(event))).toEqual({
      event: { at: '1970-01-01T00:00:00.000Z' },
      name: 'f',
      arn: 'arn:f',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      memory: '128',
      left: expect.any(Number),
    });
  });

  it('follows the system’s clock, also when it is moved between two events', async () => {
    const invoke = open(`const loadedAt = Date.now();
      export const handler = async () => ({
        year: new Date().getUTCFullYear(), millis: Date.now(), text: Date(), loaded: new Date(loadedAt).getUTCFullYear(),
        instance: new Date() instanceof Date, constructed: new Date().constructor === Date, fixed: new Date(0).toISOString(),
        parsed: Date.parse('2000-01-01T00:00:00Z'), utc: Date.UTC(2000, 0), parts: new Date(2000, 0, 2).getDate(),
        sub: new (class extends Date {})().getUTCFullYear() });`);
    const before = payload(await invoke());
    expect(before).toMatchObject({
      year: 2010,
      loaded: 2010,
      text: expect.stringContaining('2010'),
      instance: true,
      constructed: true,
      fixed: '1970-01-01T00:00:00.000Z',
      parsed: 946_684_800_000,
      utc: 946_684_800_000,
      parts: 2,
      sub: 2010,
    });
    clock.moveTo(Date.parse('2011-06-01T00:00:00Z'));
    expect(payload(await invoke())).toMatchObject({ year: 2011, loaded: 2010, sub: 2011 });
  });

  it('takes one event at a time in each of two copies, which stay warm', async () => {
    const invoke = open(`let busy = 0, served = 0; const id = Math.random();
      export const handler = async () => {
        busy += 1; served += 1; const seen = busy;
        await new Promise((resolve) => setTimeout(resolve, 20)); busy -= 1; return { seen, served, id };
      };`);
    const answers = (await Promise.all(Array.from({ length: 8 }, () => invoke()))).map(payload) as {
      seen: number;
      served: number;
      id: number;
    }[];
    expect(answers.every(({ seen }) => seen === 1)).toBe(true);
    expect(new Set(answers.map(({ id }) => id)).size).toBeLessThanOrEqual(2);
    expect(Math.max(...answers.map(({ served }) => served))).toBeGreaterThanOrEqual(4);
    expect(activity.active).toBe(0);
  });

  it('has the memory it is given', async () => {
    const invoke = open(`import { getHeapStatistics } from 'node:v8';
      export const handler = async () => getHeapStatistics().heap_size_limit / 1024 / 1024;`);
    expect(payload(await invoke())).toBeLessThan(256);
  });

  it('has what it writes collected by line', async () => {
    const invoke = open(
      "export const handler = async () => { console.log('one\\ntwo'); console.error('three'); };",
    );
    expect(payload(await invoke())).toBeNull();
    await vi.waitFor(() => expect([...lines].sort()).toEqual(['f one', 'f three', 'f two']));
  });
});

/** What a function's code asks services with. */
const asking = `import { request, Agent } from 'node:http';
  const agent = new Agent({ keepAlive: true });
  const ask = (url, target, body) => new Promise((resolve, reject) => {
    const asked = request(url, { method: 'POST', agent, headers: { 'x-amz-target': target } }, async (response) => {
      resolve({ status: response.statusCode, body: JSON.parse((await response.toArray()).join('')) });
    });
    asked.on('error', reject);
    asked.end(JSON.stringify(body));
  });`;

describe('the table and the services within a thread', () => {
  const TableName = 'things';
  const put = (id: string) => ({ TableName, Item: { pk: { S: id } } });
  const count = () =>
    (table.call('DynamoDB_20120810.Scan', { TableName, Select: 'COUNT' }) as { Count: number }).Count;

  it('are those of all the others', async () => {
    table.call('DynamoDB_20120810.CreateTable', {
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    });
    const invoke = open(`${asking}
      export const handler = async ({ url, target, body }) => ask(url, target, body);`);
    const ask = async (url: string, target: string, body: object) =>
      payload(await invoke({ url, target, body })) as { status: number; body: Record<string, unknown> };

    told.length = 0;
    expect(await ask(urls.table, 'DynamoDB_20120810.PutItem', put('a'))).toEqual({ status: 200, body: {} });
    expect(told).toEqual(['changed']);
    expect(count()).toBe(1);
    table.call('DynamoDB_20120810.PutItem', put('b'));
    expect(
      await ask(urls.table, 'DynamoDB_20120810.GetItem', { TableName, Key: { pk: { S: 'b' } } }),
    ).toMatchObject({ body: { Item: { pk: { S: 'b' } } } });

    const entry = { EventBusName: 'b', Source: 'shop', DetailType: 'd', Detail: '{}' };
    await ask(urls.services, 'AWSEvents.PutEvents', { Entries: [entry] });
    expect(told).toContain(queueArn);
    const [message] = queues.receive(queueArn, 10);
    expect(message).toMatchObject({ body: expect.stringContaining('"source":"shop"'), receiveCount: 1 });
    // The system's time for who reads it, the machine's for its visibility.
    expect(new Date(message?.sentAt ?? 0).getUTCFullYear()).toBeLessThan(2012);

    expect(await ask(urls.services, 'secretsmanager.GetSecretValue', { SecretId: 's' })).toMatchObject({
      body: { SecretString: 'kept' },
    });
    // What a function makes, every thread reads.
    const secret = (operation: string, fields: object) =>
      ask(urls.services, `secretsmanager.${operation}`, fields);
    const missing = { body: { __type: 'ResourceNotFoundException' } };
    expect(await secret('GetSecretValue', { SecretId: 'made' })).toMatchObject(missing);
    expect(await secret('PutSecretValue', { SecretId: 'made', SecretString: 'x' })).toMatchObject(missing);
    await secret('CreateSecret', { Name: 'made', SecretString: 'one' });
    expect(await secret('CreateSecret', { Name: 'made', SecretString: 'x' })).toMatchObject({
      body: { __type: 'ResourceExistsException' },
    });
    await secret('PutSecretValue', { SecretId: 'made', SecretString: 'two' });
    const reader = open(`${asking}
      export const handler = ({ fields }) => ask('${urls.services}', 'secretsmanager.GetSecretValue', fields);`);
    expect(await reader({ fields: { SecretId: 'made' } })).toMatchObject({
      payload: expect.stringContaining('"SecretString":"two"'),
    });
  });

  it('take what many threads write at once, all of it', async () => {
    const invoke = open(`${asking}
      export const handler = async ({ from }) => {
        for (let n = 0; n < 50; n++) {
          const Item = { pk: { S: 'w' + from + '-' + n } };
          await ask('${urls.table}', 'DynamoDB_20120810.PutItem', { TableName: '${TableName}', Item });
        }
      };`);
    const before = count();
    const writing = Promise.all([0, 1, 2, 3].map((from) => invoke({ from })));
    for (let n = 0; n < 50; n++) {
      table.call('DynamoDB_20120810.PutItem', put(`m-${n}`));
      await new Promise(setImmediate);
    }
    await writing;
    expect(count()).toBe(before + 250);
  });

  describe('a function that is given events with their times', () => {
    const start = Date.parse('2012-01-01T00:00:00Z');
    const hours = (...counts: number[]) =>
      counts.map((count) => ({ at: start + count * 3_600_000, event: { count } }));
    /** When it ran what, by the hour; at the hour two it does something else, too. */
    const noting = (other: string) => `${asking}
      const seen = [];
      export const handler = async ({ count }) => {
        seen.push(count + ' at ' + new Date().toISOString().slice(0, 13));
        if (count === 2) { ${other} }
        return seen;
      };`;

    async function ran(other: string, later = hours(1, 2, 3)) {
      new BigInt64Array(clock.shared)[0] = BigInt(start - Date.now());
      open(noting(other));
      const outcome = await pool?.invoke('f', { count: 0 }, later);
      return outcome?.kind === 'answer' ? payload(outcome) : outcome?.kind;
    }

    it('takes each at its time', async () => {
      expect(await ran('')).toEqual([
        '0 at 2012-01-01T00',
        '1 at 2012-01-01T01',
        '2 at 2012-01-01T02',
        '3 at 2012-01-01T03',
      ]);
    });

    const toTwo = ['0 at 2012-01-01T00', '1 at 2012-01-01T01', '2 at 2012-01-01T02'];

    it('takes no more once the table has changed, or a message was sent', async () => {
      const item = JSON.stringify(put('later'));
      expect(await ran(`await ask('${urls.table}', 'DynamoDB_20120810.PutItem', ${item});`)).toEqual(toTwo);
      const Entries = [{ EventBusName: 'b', Source: 'shop', DetailType: 'd', Detail: '{}' }];
      const event = JSON.stringify({ Entries });
      expect(await ran(`await ask('${urls.services}', 'AWSEvents.PutEvents', ${event});`)).toEqual(toTwo);
    });

    it('takes no more once one has failed, or something else has begun', async () => {
      expect(await ran("throw new Error('no');")).toBe('failure');
      expect(new Date(clock.now()).toISOString().slice(0, 13)).toBe('2012-01-01T02');
      const running = ran('await new Promise((done) => setTimeout(done, 300));');
      await vi.waitFor(() => expect(new Date(clock.now()).getUTCHours()).toBe(2));
      activity.begin()();
      expect(await running).toEqual(toTwo);
    });
  });

  it('go on when a thread was ended that held the turn', async () => {
    const invoke = open(
      `import { workerData } from 'node:worker_threads'; import { threadId } from 'node:worker_threads';
      export const handler = async () => {
        const turn = new Int32Array(workerData.within.turns.table);
        while (Atomics.compareExchange(turn, 0, 0, threadId + 1) !== 0);
        for (;;);
      };`,
      500,
    );
    expect((await invoke()).kind).toBe('timeout');
    table.call('DynamoDB_20120810.PutItem', put('after'));
  });

  it('are not asked through a socket where the name is another', async () => {
    const invoke = open(`${asking}
      export const handler = async () => ask('http://127.0.0.1:9/', 't', {}).catch(({ code }) => code);`);
    expect(payload(await invoke())).toBe('ECONNREFUSED');
  });
});

describe('a copy', () => {
  it('that has nothing to do for a while is ended, and the next event has a new one', async () => {
    const invoke = open('const id = Math.random(); export const handler = async () => id;', 10_000, 300);
    const first = payload(await invoke());
    expect(payload(await invoke())).toBe(first);
    await new Promise((resolve) => setTimeout(resolve, 700));
    const other = payload(await invoke());
    expect(other).toEqual(expect.any(Number));
    expect(other).not.toBe(first);
  });
});

describe('a failure', () => {
  const kinds = `export const handler = async ({ how }) => {
    if (how === 'throw') throw new RangeError('as asked');
    if (how === 'value') throw 'text';
    if (how === 'exit') process.exit(4);
    if (how === 'hang') return new Promise(() => {});
    if (how === 'spin') for (;;);
    if (how === 'stray') { Promise.reject(new Error('stray')); return new Promise(() => {}); }
    if (how === 'memory') { const hoard = []; for (;;) hoard.push(new Array(1e5).fill(Math.random())); }
    if (how === 'circle') { const circle = {}; circle.circle = circle; return circle; }
    return 'fine';
  };`;

  it.each([
    ['throw', 'failure', 'RangeError'],
    ['value', 'failure', 'string'],
    ['exit', 'failure', 'Runtime.ExitError'],
    ['stray', 'failure', 'Error'],
    ['memory', 'failure', 'Error'],
    ['circle', 'failure', 'TypeError'],
  ])('by %s is a %s that names %s, and the next event is served', async (how, kind, errorType) => {
    const invoke = open(kinds);
    expect(await invoke({ how })).toMatchObject({ kind, error: { errorType } });
    expect(lines).toContain(`f failed ${errorType}`);
    expect(payload(await invoke())).toBe('fine');
  });

  it.each(['hang', 'spin'])('by %s is ended at the timeout, and the next event is served', async (how) => {
    const invoke = open(kinds, 1_500);
    const outcome = await invoke({ how });
    expect(outcome).toMatchObject({
      kind: 'timeout',
      error: { errorMessage: 'Task timed out after 1.50 seconds' },
    });
    expect(payload(await invoke())).toBe('fine');
  });

  it('to load fails the event with the reason', async () => {
    expect(await open("throw new Error('broken bundle');")()).toMatchObject({
      kind: 'failure',
      error: { errorMessage: 'broken bundle' },
    });
    expect(await open('export const other = 1;')()).toMatchObject({
      kind: 'failure',
      error: { errorMessage: expect.stringContaining('does not export a function "handler"') },
    });
  });

  it('of a copy that dies with nothing to do does not cost an event', async () => {
    const invoke = open(
      `export const handler = async () => { setTimeout(() => process.exit(1), 20); return 'fine'; };`,
    );
    expect(payload(await invoke())).toBe('fine');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(payload(await invoke())).toBe('fine');
  });

  it('is what becomes of events that wait when the pool closes', async () => {
    const invoke = open(kinds);
    const outcomes = Promise.all([1, 2, 3].map(() => invoke({ how: 'hang' })));
    await pool?.close();
    expect((await outcomes).map(({ kind }) => kind)).toEqual(['failure', 'failure', 'failure']);
  });
});

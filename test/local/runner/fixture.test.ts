/**
 * The runner as a process, over a small CDK app with one of each resource: what goes in by HTTP comes out at
 * the far end, through failures, a moved clock, `kill -9` and restarts.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const FIXTURE = join(import.meta.dirname, 'fixture');
const START_MS_MAX = 120_000;
const temporary = (): string => mkdtempSync(join(tmpdir(), 'runner-'));

interface Exit {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface Process {
  readonly child: ChildProcess;
  readonly exited: Promise<Exit>;
  output(): string;
}

const children = new Set<ChildProcess>();

function launch(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Process {
  const child = spawn(process.execPath, [join(FIXTURE, 'main.ts'), ...args], {
    cwd: tmpdir(),
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exited = new Promise<Exit>((resolve) => {
    child.on('close', (status, signal) => {
      children.delete(child);
      resolve({ status, signal });
    });
  });
  return { child, exited, output: () => output };
}

class System {
  readonly #process: Process;
  readonly url: string;

  private constructor(process: Process, url: string) {
    this.#process = process;
    this.url = url;
  }

  static async start(data: string, ...more: string[]): Promise<System> {
    const process = launch(['--port', '0', '--data', data, ...more]);
    let over = false;
    void process.exited.then(() => {
      over = true;
    });
    for (;;) {
      const url = /^Philia is ready at (\S+)$/m.exec(process.output())?.[1];
      if (url !== undefined) return new System(process, url);
      if (over) throw new Error(`It did not start:\n${process.output()}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async stop(signal: NodeJS.Signals): Promise<Exit> {
    this.#process.child.kill(signal);
    return this.#process.exited;
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.url + path, { redirect: 'manual', ...init });
  }

  async json<T = { [name: string]: unknown }>(path: string, init?: RequestInit): Promise<T> {
    return (await (await this.fetch(path, init)).json()) as T;
  }

  async order(order: object): Promise<void> {
    const response = await this.fetch('/v1/orders', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(order),
    });
    if (response.status !== 202) throw new Error(`The order was answered ${response.status}.`);
  }

  async idle(): Promise<void> {
    expect(await this.json('/local/idle?timeout=50')).toEqual({ idle: true });
  }

  /** What is in the table, by the items' ids. */
  async report(kind: string): Promise<Map<string, { [name: string]: string }>> {
    const items = await this.json<{ [name: string]: string }[]>(`/v1/report?kind=${kind}`);
    return new Map(items.map((item) => [item['sk'] ?? '', item]));
  }
}

/** The bodies in a queue, read beside the runner. */
function bodies(data: string, queue: string): string[] {
  const database = new DatabaseSync(join(data, 'system.db'), { readOnly: true });
  const rows = database.prepare('SELECT body FROM message WHERE queue LIKE ?').all(`%:Fixture-${queue}%`);
  database.close();
  return rows.map((row) => String(row['body']));
}

const numbered = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${prefix}${at}`);

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

describe('a running system', () => {
  const data = temporary();
  let system: System;

  beforeAll(async () => {
    system = await System.start(data, '--clock', '2010-12-01T00:00:00Z');
  }, START_MS_MAX);

  afterAll(async () => {
    await system.stop('SIGKILL');
  });

  it('takes an order through bus, queue, function, table, stream and bus again, once', async () => {
    const ids = numbered('o', 25);
    await Promise.all(ids.map((id, at) => system.order({ id, points: at + 1 })));
    await system.idle();
    const [orders, posted] = [await system.report('order'), await system.report('posted')];
    for (const id of ids) {
      expect(orders.get(id)).toMatchObject({ receives: '1' });
      expect(posted.get(id)).toBeDefined();
    }
  });

  it('applies the rule’s pattern: what does not match goes nowhere', async () => {
    await system.order({ id: 'pointless', points: 0 });
    await system.idle();
    expect((await system.report('order')).has('pointless')).toBe(true);
    expect((await system.report('posted')).has('pointless')).toBe(false);
  });

  it('delivers again what a function names as failed', async () => {
    await system.order({ id: 'second', points: 1, failures: 1 });
    await system.idle();
    expect((await system.report('order')).get('second')).toMatchObject({ receives: '2' });
  });

  it('puts aside what keeps failing, and is idle then', async () => {
    await system.order({ id: 'never', points: 1, failures: 99 });
    await system.idle();
    expect((await system.report('order')).has('never')).toBe(false);
    expect(bodies(data, 'Dead').map((body) => JSON.parse(body).detail.id)).toContain('never');
  });

  it('gives up a stream record that keeps failing, alone, with a pointer to it', async () => {
    await Promise.all(['before', 'bad', 'after'].map((id) => system.order({ id, points: 1 })));
    await system.idle();
    const posted = await system.report('posted');
    expect(['before', 'bad', 'after'].map((id) => posted.has(id))).toEqual([true, false, true]);
    const [pointer, ...others] = bodies(data, 'StreamFailures').map((body) => JSON.parse(body));
    expect(others).toEqual([]);
    expect(pointer).toMatchObject({
      requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 4 },
      DDBStreamBatchInfo: { batchSize: 1, streamArn: expect.stringContaining(':table/') },
    });
  });

  it('runs its functions by its own clock', async () => {
    const { now, millis } = await system.json('/v1/report?secret=HASH');
    expect(String(now)).toMatch(/^2010-12-01T00:/);
    expect(Number(millis)).toBeLessThan(Date.parse('2010-12-01T01:00:00Z'));
  });

  it('serves the site, rewritten at the edge, with its headers', async () => {
    const home = await system.fetch('/');
    expect([home.status, home.headers.get('content-type'), await home.text()]).toEqual([
      200,
      'text/html',
      expect.stringContaining('<title>home'),
    ]);
    expect(home.headers.get('content-security-policy')).toBe("default-src 'self'");
    expect(home.headers.get('x-fixture')).toBe('yes');
    expect(await (await system.fetch('/c/abc')).text()).toContain('<title>card');
    expect((await system.fetch('/moved')).headers.get('location')).toBe('/');
    expect((await system.fetch('/app.js')).headers.get('content-type')).toBe('text/javascript');
    expect((await system.fetch('/nothing')).status).toBe(404);
    expect(await system.json('/config.json')).toMatchObject({ publicUrl: system.url });
  });

  it('answers as the gateway does when a function misbehaves', async () => {
    const post = (query: string, init: RequestInit = {}): Promise<Response> =>
      system.fetch(`/v1/echo${query}`, { method: 'POST', ...init });
    expect((await post('?do=throw')).status).toBe(500);
    expect((await post('?do=exit')).status).toBe(500);
    expect((await post('?do=reject')).status).toBe(500);
    expect((await post('?do=malformed')).status).toBe(500);
    expect((await post('?do=hang')).status).toBe(503);
    expect(await (await post('?do=bare')).json()).toEqual({ hello: 'world' });
    const binary = await post('?do=binary');
    expect([
      binary.headers.get('content-type'),
      Buffer.from(await binary.arrayBuffer()).toString('base64'),
    ]).toEqual(['image/png', 'iVBORw==']);
    const cookies = await post('?do=cookies');
    expect([cookies.status, cookies.headers.getSetCookie()]).toEqual([204, ['a=1; Secure', 'b=2']]);
    expect((await post('', { body: Buffer.alloc(10 * 1024 * 1024 + 1) })).status).toBe(413);
    expect((await system.fetch('/v1/echo', { method: 'HEAD' })).status).toBe(200);
    expect((await system.fetch('/v1/echo')).status).toBe(404);
    expect((await system.fetch('/v1/report', { method: 'HEAD' })).status).toBe(404);
  });

  it('gives a function its variables, its secrets and nothing else of this machine', async () => {
    const { environment, secret } = await system.json<{
      environment: { [name: string]: string };
      secret: string;
    }>('/v1/report?secret=APPLE');
    expect(environment).toMatchObject({ PUBLIC_URL: system.url, BUS: 'fixture' });
    expect(environment).not.toHaveProperty('PATH');
    expect(JSON.parse(secret)).toMatchObject({
      passTypeIdentifier: expect.any(String),
      certificate: expect.stringContaining('BEGIN CERTIFICATE'),
      pushUrl: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/),
    });
  });

  it('moves its clock through every firing, and answers when all has come to rest', async () => {
    await system.order({ id: 'failing', points: 1, failures: 1 });
    const answer = await system.json('/local/clock', {
      method: 'PUT',
      body: '{"now":"2010-12-03T12:00:00Z"}',
    });
    expect(String(answer['now'])).toMatch(/^2010-12-03T12:00:0/);
    const ticks = [...(await system.report('tick')).values()];
    const daily = ticks.filter(({ name }) => name === 'daily').map(({ at }) => at);
    expect(daily).toEqual(['2010-12-01T05:00:00Z', '2010-12-02T05:00:00Z', '2010-12-03T05:00:00Z']);
    expect(ticks.filter(({ name }) => name === 'rate')).toHaveLength(5);
    expect(ticks.map(({ now }) => now)).toEqual(ticks.map(({ now }) => now).toSorted());
    expect((await system.report('posted')).has('failing')).toBe(true);
    const back = await system.fetch('/local/clock', {
      method: 'PUT',
      body: '{"now":"2010-12-03T11:00:00Z"}',
    });
    expect([back.status, await back.json()]).toMatchObject([400, { errors: [{ path: 'now' }] }]);
  });

  it('writes credentials for their owner only', () => {
    const path = join(data, 'credentials.json');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
      baseUrl: system.url,
      channels: {
        web: expect.stringMatching(/^phk_web_/),
        store: expect.stringMatching(/^phk_store_/),
        app: expect.stringMatching(/^phk_app_/),
      },
      ops: expect.stringMatching(/^phk_ops_/),
    });
  });

  it('refuses a second run on its folder, and a run on its port', async () => {
    const port = new URL(system.url).port;
    const second = launch(['--port', '0', '--data', data, '--fresh']);
    expect(await second.exited).toMatchObject({ status: 1 });
    expect(second.output()).toMatch(/^The data folder .* is in use by process \d+: .*\n$/);
    const third = launch(['--data', temporary()], { PORT: port });
    expect(await third.exited).toMatchObject({ status: 1 });
    expect(third.output()).toMatch(new RegExp(`^Port ${port} is taken: .*\\n$`));
    expect(existsSync(join(data, 'credentials.json'))).toBe(true);
  });
});

describe('what was accepted', () => {
  it('survives kill -9 in the middle of it, with clock, keys and secrets', {
    timeout: 3 * START_MS_MAX,
  }, async () => {
    const data = temporary();
    const first = await System.start(data, '--clock', '2020-01-01T00:00:00Z');
    const secret = await first.json('/v1/report?secret=HASH');
    const ids = numbered('k', 40);
    await Promise.all(ids.map((id) => first.order({ id, points: 1, slowMs: 10 })));
    expect(await first.stop('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
    const credentials = JSON.parse(readFileSync(join(data, 'credentials.json'), 'utf8'));

    const second = await System.start(data);
    await second.idle();
    const [orders, posted] = [await second.report('order'), await second.report('posted')];
    expect(ids.filter((id) => !orders.has(id))).toEqual([]);
    expect(ids.filter((id) => !posted.has(id))).toEqual([]);
    expect(await second.json('/v1/report?secret=HASH')).toMatchObject({ secret: secret['secret'] });
    expect(String((await second.json('/local/clock'))['now'])).toMatch(/^2020-01-01T00:/);
    expect(JSON.parse(readFileSync(join(data, 'credentials.json'), 'utf8'))).toEqual({
      ...credentials,
      baseUrl: second.url,
    });
    // The programme file has not changed, so a programme put since would still be in force.
    expect((await second.report('program')).size).toBe(1);
    expect(await second.stop('SIGTERM')).toEqual({ status: 0, signal: null });
  });

  it('survives a signal, after which the process ends with status 0', {
    timeout: 3 * START_MS_MAX,
  }, async () => {
    const data = temporary();
    const first = await System.start(data);
    const hanging = first.fetch('/v1/echo?do=hang', { method: 'POST' });
    const ids = numbered('s', 30);
    await Promise.all(ids.map((id) => first.order({ id, points: 1, slowMs: 50 })));
    const stopped = first.stop('SIGINT');
    expect((await hanging).status).toBe(503);
    expect(await stopped).toEqual({ status: 0, signal: null });
    const second = await System.start(data);
    await second.idle();
    const posted = await second.report('posted');
    expect(ids.filter((id) => !posted.has(id))).toEqual([]);
    await second.stop('SIGKILL');

    const late = launch(['--port', '0', '--data', data, '--clock', '2030-01-01T00:00:00Z']);
    expect(await late.exited).toMatchObject({ status: 1 });
    expect(late.output()).toMatch(/^--clock is for a fresh system, and this one began at .*\n$/);
    const fresh = await System.start(data, '--fresh', '--clock', '2030-01-01T00:00:00Z');
    expect((await fresh.report('order')).size).toBe(0);
    expect(String((await fresh.json('/local/clock'))['now'])).toMatch(/^2030-01-01T00:/);
    await fresh.stop('SIGKILL');
  });
});

describe('a start that cannot succeed ends with one sentence and status 1', () => {
  /** The fixture with another programme file. */
  function rootWith(program: string | undefined): string {
    const root = temporary();
    for (const name of ['tools', 'infra']) symlinkSync(join(FIXTURE, name), join(root, name));
    if (program !== undefined) writeFileSync(join(root, 'program.json'), program);
    return root;
  }

  it.each([
    ['no programme file', undefined, /^The programme file \S+program\.json does not exist\.\n$/],
    [
      'a programme file that is no JSON',
      '{"name":',
      /^The programme file \S+program\.json is not JSON: .*\n$/,
    ],
  ])('for %s', async (_, program, sentence) => {
    const { exited, output } = launch(['--port', '0', '--data', temporary()], {
      FIXTURE_ROOT: rootWith(program),
    });
    expect(await exited).toMatchObject({ status: 1 });
    expect(output()).toMatch(sentence);
  });

  it('for a programme that is refused, naming the path', { timeout: START_MS_MAX }, async () => {
    const root = rootWith('{"name":5}');
    const { exited, output } = launch(['--port', '0', '--data', temporary()], { FIXTURE_ROOT: root });
    expect(await exited).toMatchObject({ status: 1 });
    expect(output()).toMatch(
      /\nThe programme file \S+program\.json is not valid: name: Must be a string\.\n$/,
    );
  });

  it('for a folder of somebody else’s', async () => {
    const data = temporary();
    writeFileSync(join(data, 'thesis.txt'), 'x');
    const { exited, output } = launch(['--port', '0', '--data', data, '--fresh']);
    expect(await exited).toMatchObject({ status: 1 });
    expect(output()).toMatch(/does not look like a data folder of Philia\.\n$/);
    expect(existsSync(join(data, 'thesis.txt'))).toBe(true);
  });

  it('for a missing Java', async () => {
    const { exited, output } = launch(['--port', '0', '--data', temporary(), '--dynamodb-local'], {
      PATH: '/nowhere',
    });
    expect(await exited).toMatchObject({ status: 1 });
    expect(output()).toBe('--dynamodb-local needs Java 17 or newer, and there is no java on the PATH.\n');
  });

  it.each([
    [['--port', '99999'], 'not "99999"'],
    [['--clock', '2010-12-01'], 'not "2010-12-01"'],
    [['--prot', '1'], "unknown option '--prot'"],
  ])('for %j', async (args, message) => {
    const { exited, output } = launch(args);
    expect(await exited).toMatchObject({ status: 1 });
    expect(output()).toContain(message);
  });

  it('and a signal before it is ready ends it with status 0', async () => {
    const data = temporary();
    const { child, exited, output } = launch(['--port', '0', '--data', data]);
    while (!output().includes('Building')) await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill('SIGTERM');
    expect(await exited).toEqual({ status: 0, signal: null });
    rmSync(data, { recursive: true });
  });
});

it('a port that another program has is told before anything is written', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  const data = join(temporary(), 'data');
  const { exited, output } = launch(['--port', String(port), '--data', data]);
  expect(await exited).toMatchObject({ status: 1 });
  expect(output()).toMatch(/^Port \d+ is taken/);
  expect(existsSync(data)).toBe(false);
  other.close();
});

/** Off unless asked for, because DynamoDB Local's licence asks for an AWS account. */
describe.skipIf(process.env['DYNAMODB_LOCAL'] !== '1')('on DynamoDB Local', () => {
  it('the same goes through, and nothing of it is left running', { timeout: 3 * START_MS_MAX }, async () => {
    const data = temporary();
    const system = await System.start(data, '--dynamodb-local');
    const java = Number(readFileSync(join(data, 'dynamodb-local', 'pid'), 'utf8'));
    const ids = numbered('j', 12);
    await Promise.all([...ids, 'bad'].map((id) => system.order({ id, points: 1 })));
    await system.idle();
    const posted = await system.report('posted');
    const missing = ids.filter((id) => !posted.has(id));
    // Where something is missing, what became of it is in one of these.
    expect({ missing, dead: bodies(data, 'Dead') }).toEqual({ missing: [], dead: [] });
    expect(posted.has('bad')).toBe(false);
    expect(await system.stop('SIGTERM')).toEqual({ status: 0, signal: null });
    expect(() => process.kill(java, 0)).toThrow('ESRCH');

    const other = launch(['--port', '0', '--data', data]);
    expect(await other.exited).toMatchObject({ status: 1 });
    expect(other.output()).toMatch(/^The system in .* was started with --dynamodb-local: .*\n$/);
    const again = await System.start(data, '--dynamodb-local');
    expect((await again.report('posted')).size).toBe(ids.length);
    await again.stop('SIGKILL');

    // The Java process of the killed run is still there; a fresh start ends it and takes over.
    const fresh = await System.start(data, '--dynamodb-local', '--fresh');
    expect((await fresh.report('posted')).size).toBe(0);
    expect(await fresh.stop('SIGTERM')).toEqual({ status: 0, signal: null });
  });
});

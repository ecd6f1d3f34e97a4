/** The runner's smaller promises: secrets, locks, the data folder, the log's size, what routes refuse. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { SystemClock } from '../../../local/clock.ts';
import { openDataFolder } from '../../../local/data-folder.ts';
import { answerLocally, isLocalPath, parseInstant } from '../../../local/local-routes.ts';
import { tryLock } from '../../../local/lock.ts';
import { openLog } from '../../../local/log.ts';
import type { GeneratedSpec, SecretSpec } from '../../../local/resources/secrets.ts';
import { configuredSecret, generate, openSecrets } from '../../../local/secrets.ts';
import { readProgram } from '../../../local/setup.ts';

const temporary = (): string => mkdtempSync(join(tmpdir(), 'bounds-'));

const plain: GeneratedSpec = {
  length: 32,
  excludeCharacters: '',
  excludeLowercase: false,
  excludeUppercase: false,
  excludeNumbers: false,
  excludePunctuation: false,
  includeSpace: false,
  requireEachIncludedType: true,
  template: undefined,
};

describe('a generated secret', () => {
  it.each<[string, Partial<GeneratedSpec>, RegExp]>([
    ['has every kind of character', {}, /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[^\w\s])\S{32}$/],
    ['has its length', { length: 4 }, /^.{4}$/],
    [
      'leaves out kinds',
      { excludePunctuation: true, excludeUppercase: true },
      /^(?=.*[a-z])(?=.*\d)[a-z0-9]{32}$/,
    ],
    ['leaves out characters', { excludeCharacters: 'abcdefghijklm01234"@/\\' }, /^[^a-m0-4"@/\\]{32}$/],
    ['may have a space', { length: 8, includeSpace: true }, /^(?=.* ).{8}$/],
    [
      'may be of one kind',
      { excludePunctuation: true, excludeNumbers: true, excludeUppercase: true },
      /^[a-z]{32}$/,
    ],
  ])('%s', (_, change, expected) => {
    for (let round = 0; round < 20; round += 1) expect(generate({ ...plain, ...change })).toMatch(expected);
  });

  it('is put into its template', () => {
    const template = { text: '{"user":"u"}', key: 'password' };
    expect(JSON.parse(generate({ ...plain, template }))).toEqual({ user: 'u', password: expect.any(String) });
  });
});

describe('secrets', () => {
  const spec = (name: string): SecretSpec => ({
    name,
    arn: `arn:${name}-abc123`,
    source: { generate: plain },
  });

  it('are made once, kept privately, and found by name or ARN', () => {
    const path = join(temporary(), 'secrets.json');
    const first = openSecrets(path, [spec('p/hash')], {}).find('p/hash');
    const again = openSecrets(path, [spec('p/hash'), spec('p/new')], {});
    expect(again.find('p/hash')).toEqual(first);
    expect(again.find('arn:p/hash-abc123')).toEqual(first);
    expect(again.find('arn:p/hash')).toEqual(first);
    expect(again.find('p/new')?.value).not.toBe(first?.value);
    expect(again.find('p/other')).toBeUndefined();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('for Apple and Google are what is given, and never stored', () => {
    const path = join(temporary(), 'secrets.json');
    const secrets = openSecrets(path, [spec('p/apple')], { '/apple': '{"given":1}' });
    expect(secrets.find('p/apple')?.value).toBe('{"given":1}');
    expect(readFileSync(path, 'utf8')).not.toContain('given');
  });

  it('that a person configures must be JSON', () => {
    const path = join(temporary(), 'apple.json');
    expect(configuredSecret(path)).toBeUndefined();
    writeFileSync(path, '{"a":1}');
    expect(configuredSecret(path)).toBe('{"a":1}');
    writeFileSync(path, '{');
    expect(() => configuredSecret(path)).toThrow('apple.json is not JSON');
  });
});

describe('a lock', () => {
  it('has one holder, who is named to the next', () => {
    const path = join(temporary(), 'a.lock');
    const first = tryLock(path);
    expect(tryLock(path)).toEqual({ holder: `process ${process.pid}` });
    if ('lock' in first) first.lock.release();
    expect(tryLock(path)).toHaveProperty('lock');
  });

  it('is kept though nobody refers to it any more', () => {
    const path = join(temporary(), 'a.lock');
    tryLock(path);
    setFlagsFromString('--expose-gc');
    runInNewContext('gc')();
    expect(tryLock(path)).toHaveProperty('holder');
  });
});

describe('the data folder', () => {
  it('is made when it is not there, and taken by one only', () => {
    const path = join(temporary(), 'deep', 'data');
    const data = openDataFolder(path);
    expect(() => openDataFolder(path)).toThrow(/in use by process \d+/);
    data.release();
    openDataFolder(path).release();
  });

  it('is never one that holds other people’s files', () => {
    const path = temporary();
    writeFileSync(join(path, 'thesis.txt'), 'x');
    expect(() => openDataFolder(path)).toThrow('does not look like a data folder of Philia');
    expect(readdirSync(path)).toEqual(['thesis.txt']);
  });

  it('may hold the person’s own secrets before the first start', () => {
    const path = temporary();
    writeFileSync(join(path, 'apple.json'), '{}');
    openDataFolder(path).release();
  });

  it('is cleared of what the run wrote, and of nothing else', () => {
    const path = temporary();
    const data = openDataFolder(path);
    for (const name of ['apple.json', 'mine.txt', 'system.db', 'table.db-wal', 'credentials.json']) {
      writeFileSync(join(path, name), 'x');
    }
    mkdirSync(join(path, 'cdk.out', 'asset.1'), { recursive: true });
    data.clear();
    const left = readdirSync(path).filter((name) => !name.startsWith('philia.lock'));
    expect(left.sort()).toEqual(['apple.json', 'mine.txt']);
  });
});

describe('the functions’ log', () => {
  it('never grows beyond its bound, keeping the newest', () => {
    const path = join(temporary(), 'functions.log');
    const log = openLog(
      path,
      () => 0,
      () => undefined,
    );
    const line = 'x'.repeat(1024 * 1024);
    for (let index = 0; index < 25; index += 1) log.write('f', line);
    log.write('f', 'the last');
    expect(statSync(path).size).toBeLessThanOrEqual(10 * 1024 * 1024);
    expect(statSync(`${path}.1`).size).toBeLessThanOrEqual(10 * 1024 * 1024);
    expect(existsSync(`${path}.2`)).toBe(false);
    expect(readFileSync(path, 'utf8')).toContain('1970-01-01T00:00:00.000Z f the last\n');
  });

  it('shows on the console only warnings and errors, one line each, without control characters', () => {
    const printed: string[] = [];
    const log = openLog(
      join(temporary(), 'functions.log'),
      () => 0,
      (line) => printed.push(line),
    );
    log.write('f', '{"level":"INFO","message":"quiet"}');
    log.write('f', 'just text');
    log.write('f', '{not json');
    log.write('f', '{"level":"WARN","message":"beware\\n[g] ERROR forged\\u001b[31m"}');
    log.write('f', '{"level":"ERROR","message":"broken","error":{"message":"why"}}');
    log.fail('f', { errorType: 'Error', errorMessage: 'no', trace: ['Error: no', '    at here'] });
    expect(printed).toEqual([
      '[f] WARN beware [g] ERROR forged [31m',
      '[f] ERROR broken: why',
      '[f] ERROR Error: no',
    ]);
  });
});

describe('the programme file', () => {
  it('that is missing or no JSON is a sentence', () => {
    const path = join(temporary(), 'program.json');
    expect(() => readProgram(path)).toThrow(`The programme file ${path} does not exist.`);
    writeFileSync(path, '{"a":}');
    expect(() => readProgram(path)).toThrow(`The programme file ${path} is not JSON: `);
  });
});

describe('an instant', () => {
  it.each([
    ['2027-01-01T00:00:00Z', true],
    ['2027-01-01T00:00:00.123+05:30', true],
    ['2027-01-01T00:00:00', false],
    ['2027-01-01', false],
    ['2027-13-01T00:00:00Z', false],
    ['January 1, 2027', false],
    [0, false],
    [undefined, false],
  ])('%s is one: %s', (text, expected) => {
    expect(parseInstant(text) !== undefined).toBe(expected);
  });
});

describe('the local routes', () => {
  const NOW = Date.parse('2026-11-22T12:00:00Z');
  const settings = (over: object = {}): Parameters<typeof answerLocally>[1] => ({
    clock: { now: () => NOW, startedAt: NOW } as SystemClock,
    idle: { wait: async () => true, settle: async () => true },
    standIns: {
      handle: () => undefined,
      tellIssuer: async () => Promise.reject(new Error('Nobody is there.')),
    },
    operators: undefined,
    moveClock: async () => true,
    ...over,
  });
  const call = async (
    method: string,
    path: string,
    { query = '', body = '' }: { query?: string; body?: string } = {},
    over: object = {},
  ): Promise<{ status: number; body: { [name: string]: unknown } }> => {
    const request = { method, path, query, headers: [], body: Buffer.from(body), sourceIp: '' };
    const response = await answerLocally(request, settings(over));
    return { status: response.status, body: JSON.parse(response.body.toString()) };
  };

  it('are those under /local and no others', () => {
    expect(['/local', '/local/x', '/locals', '/v1/local/x'].map(isLocalPath)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('tell the time', async () => {
    expect(await call('GET', '/local/clock')).toEqual({
      status: 200,
      body: { now: '2026-11-22T12:00:00Z' },
    });
  });

  it.each([
    ['', 'now'],
    ['{}', 'now'],
    ['{"now":"2027-01-01"}', 'now'],
    ['{"now":1}', 'now'],
    ['{"now":"2026-11-22T11:59:59Z"}', 'now'],
    ['{"now":"2027-01-01T00:00:00Z","then":1}', 'then'],
  ])('refuse to set the clock by %s, naming %s', async (body, path) => {
    let moved = false;
    const moveClock = async (): Promise<boolean> => {
      moved = true;
      return true;
    };
    const answer = await call('PUT', '/local/clock', { body }, { moveClock });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path, message: expect.any(String) }] } });
    expect(moved).toBe(false);
  });

  it('say when the clock could not be moved', async () => {
    const body = '{"now":"2027-01-01T00:00:00Z"}';
    expect((await call('PUT', '/local/clock', { body }, { moveClock: async () => false })).status).toBe(503);
  });

  it('wait for idleness as long as asked', async () => {
    const waited: number[] = [];
    const idle = {
      wait: async (timeoutMs: number) => {
        waited.push(timeoutMs);
        return timeoutMs > 1_000;
      },
    };
    expect((await call('GET', '/local/idle', {}, { idle })).body).toEqual({ idle: true });
    expect((await call('GET', '/local/idle', { query: 'timeout=0.5' }, { idle })).status).toBe(408);
    expect(waited).toEqual([30_000, 500]);
    for (const query of ['timeout=', 'timeout=x', 'timeout=-1', 'timeout=1e9']) {
      expect((await call('GET', '/local/idle', { query }, { idle })).status).toBe(400);
    }
  });

  it('hand over to the stand-ins, and answer 404 for what nobody knows', async () => {
    const handle = (method: string, path: string): object | undefined =>
      path === '/local/apns'
        ? { status: 200, contentType: 'application/json', body: `"${method}"` }
        : undefined;
    expect((await call('GET', '/local/apns', {}, { standIns: { handle } })).body).toBe('GET');
    expect((await call('GET', '/local/nothing', {}, { standIns: { handle } })).status).toBe(404);
    expect((await call('DELETE', '/local/clock')).status).toBe(404);
  });
});

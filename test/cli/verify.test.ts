/** `npm run verify` as its user runs it, against an API that answers what the contract says. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

interface Call {
  readonly url: string;
  readonly key: string;
  readonly body: unknown;
}

let server: Server;
let dir: string;
let calls: Call[];
let answers: { status: number; body: unknown }[];

beforeAll(async () => {
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const { method, url, headers } = request;
      calls.push({ url: `${method} ${url}`, key: headers.authorization ?? '', body: JSON.parse(text) });
      const { status, body } = answers.shift() ?? { status: 500, body: {} };
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  dir = mkdtempSync(join(tmpdir(), 'philia-verify-'));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  writeFileSync(join(dir, 'credentials.json'), JSON.stringify({ baseUrl, channels: {}, ops: 'ops-key' }));
});

beforeEach(() => {
  calls = [];
  answers = [];
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(dir, { recursive: true, force: true });
});

function run(...flags: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const command = join(import.meta.dirname, '../../cli/philia.js');
  return new Promise((resolve) => {
    execFile(process.execPath, [command, 'verify', ...flags], (error, stdout, stderr) =>
      resolve({ status: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

const difference = { memberId: 'mem_1', sequence: 3, field: 'lots', stored: null, computed: [1] };
const ok = (members: number, differences: object[] = [], cursor?: string) => ({
  status: 200,
  body: { members, entries: members * 10, differences, ...(cursor ? { cursor } : {}) },
});

const inParts = (...cursors: string[]) => ({
  status: 200,
  body: { members: 0, entries: 0, differences: [], cursors },
});

describe('npm run verify', () => {
  test('follows the cursors with the operator key, adds up, and ends with 0 when nothing differs', async () => {
    answers = [inParts('c1', 'd1'), ok(2, [], 'c2'), ok(0), ok(1)];
    const { status, stdout, stderr } = await run('--data', dir);
    expect(status).toBe(0);
    expect(stdout).toBe('members      3\nentries      30\ndifferences  0\n');
    expect(stderr).toBe(
      '2 members, 20 entries verified, 0 differences\n'.repeat(2) +
        '3 members, 30 entries verified, 0 differences\n',
    );
    expect(calls).toEqual(
      [{ segments: 8 }, { cursor: 'c1' }, { cursor: 'd1' }, { cursor: 'c2' }].map((body) => ({
        url: 'POST /v1/ledger/verify',
        key: 'Bearer ops-key',
        body,
      })),
    );
  });

  test('names each difference on a line and ends with 1', async () => {
    answers = [inParts('c1'), ok(1, [difference], 'c2'), ok(1, [{ ...difference, sequence: 4 }])];
    const { status, stdout } = await run('--data', dir);
    expect(status).toBe(1);
    expect(stdout.split('\n').slice(0, 2)).toEqual([
      'mem_1 entry 3 lots: stored null, computed [1]',
      'mem_1 entry 4 lots: stored null, computed [1]',
    ]);
  });

  test('--member verifies that one, cursors included; --json prints what was found as JSON', async () => {
    answers = [ok(0, [difference], 'c1'), ok(1)];
    const { status, stdout } = await run('--data', dir, '--member', 'mem_1', '--json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toEqual({ members: 1, entries: 10, differences: [difference] });
    expect(calls.map(({ body }) => body)).toEqual([
      { memberId: 'mem_1' },
      { memberId: 'mem_1', cursor: 'c1' },
    ]);
  });

  test('says in one sentence why it could not be done, and ends as every command does', async () => {
    const problem = {
      status: 404,
      code: 'not_found',
      title: 'Nobody',
      detail: 'There is no such member.',
      errors: [],
    };
    answers = [{ status: 404, body: problem }];
    const refused = await run('--data', dir, '--member', 'mem_2');
    expect(refused).toMatchObject({ status: 3, stdout: '' });
    expect(refused.stderr).toBe('Nobody: There is no such member.\n');
    const absent = await run('--data', join(dir, 'none'));
    expect(absent.status).toBe(2);
    expect(absent.stderr).toMatch(/cannot be read: ENOENT.*npm start, or name its folder with --data\.\n$/);
  });
});

/** `cli/philia.js` as npx starts it: a process of its own, with pipes, signals and whatever Node there is. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { opsKey } from './api.ts';
import * as sample from './samples.ts';

const script = join(import.meta.dirname, '../../cli/philia.js');
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(answer: string | undefined): Promise<{ baseUrl: string; asked: Promise<unknown> }> {
  const server = createServer((_, response) => {
    if (answer !== undefined) response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: once(server, 'request'),
  };
}

function start(baseUrl: string, argv: readonly string[], flags: readonly string[] = []): ChildProcess {
  const env = { PATH: process.env['PATH'], PHILIA_URL: baseUrl, PHILIA_KEY: opsKey };
  return spawn(process.execPath, [...flags, script, ...argv], { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function ended(child: ChildProcess): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const heard = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      heard[name] += text;
    });
  const [code] = await once(child, 'close');
  return { code, ...heard };
}

const find = ['members', 'find', '--email', 'a@example.com'];

test('prints the result, nothing else, and ends with its status', async () => {
  const { baseUrl } = await serve(JSON.stringify({ items: [sample.member] }));
  const { code, stdout, stderr } = await ended(start(baseUrl, [...find, '--json']));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({ items: [sample.member] });
  const none = await serve(JSON.stringify({ items: [] }));
  expect((await ended(start(none.baseUrl, find))).code).toBe(1);
});

test('on an older Node starts the pinned one, and passes on what it says and its status', async () => {
  const old = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.11.1' } })`;
  const flags = ['--import', `data:text/javascript,${encodeURIComponent(old)}`];
  const { baseUrl } = await serve(JSON.stringify({ items: [] }));
  const { code, stdout } = await ended(start(baseUrl, [...find, '--json'], flags));
  expect({ code, found: JSON.parse(stdout) }).toEqual({ code: 1, found: { items: [] } });
});

test('does not mind a reader who has read enough', async () => {
  const items = Array.from({ length: 500 }, () => sample.member);
  const { baseUrl } = await serve(JSON.stringify({ items }));
  const child = start(baseUrl, [...find, '--json']);
  child.stdout?.once('data', () => child.stdout?.destroy());
  let stderr = '';
  child.stderr?.on('data', (text) => {
    stderr += text;
  });
  await once(child, 'close');
  expect(stderr).toBe('');
});

test('interrupted in the middle of a change, tells the key with which repeating is safe', async () => {
  const { baseUrl, asked } = await serve(undefined);
  const argv = ['vouchers', 'revoke', '8QK2M7TX04PCR', '--reason', 'x', '--yes', '--idempotency-key', 'mine'];
  const child = start(baseUrl, argv);
  const end = ended(child);
  await asked;
  child.kill('SIGINT');
  const { code, stderr } = await end;
  expect(code).toBe(4);
  expect(stderr).toContain('What became of it is unknown. Repeating is safe with --idempotency-key mine.');
});

test('interrupted while it only asks, just ends', async () => {
  const { baseUrl, asked } = await serve(undefined);
  const child = start(baseUrl, find);
  const end = ended(child);
  await asked;
  child.kill('SIGINT');
  expect(await end).toEqual({ code: 130, stdout: '', stderr: '' });
});

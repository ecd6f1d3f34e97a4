/** Starting and stopping: what is refused is one sentence, what runs ends cleanly. */

import { cp, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runScript, type System, startSystem } from '../support/system.ts';

const root = join(import.meta.dirname, '../..');
const folders: string[] = [];

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'philia-start-'));
  folders.push(folder);
  return folder;
}

/** A checkout with its own program.json: sources copied, dependencies linked. */
async function checkoutWith(program: string): Promise<string> {
  const folder = await emptyFolder();
  for (const name of [
    'channels',
    'core',
    'functions',
    'infra',
    'ledger',
    'local',
    'passes',
    'tools',
    'web',
    'docs',
  ])
    await cp(join(root, name), join(folder, name), { recursive: true });
  for (const name of ['package.json', 'cdk.json', 'tsconfig.json'])
    await cp(join(root, name), join(folder, name));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'program.json'), program);
  return folder;
}

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

describe('npm start', () => {
  it('refuses a port that is taken, in one sentence', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const exit = await runScript('local/main.ts', ['--port', String(port), '--data', await emptyFolder()]);
    server.close();
    expect(exit.code).toBe(1);
    expect(exit.stderr.trim()).toMatch(new RegExp(`^Port ${port} is taken.*$`));
  });

  it('refuses a programme file that is not JSON, naming it', async () => {
    const folder = await checkoutWith('{ "name": ');
    const exit = await runScript(join(folder, 'local/main.ts'), [
      '--port',
      '0',
      '--data',
      await emptyFolder(),
    ]);
    expect(exit.code).toBe(1);
    expect(exit.stderr).toContain('program.json');
  });

  it('refuses a programme that breaks a rule, naming the place', async () => {
    const program = JSON.parse(await readFile(join(root, 'program.json'), 'utf8'));
    program.tiers[1].multiplier = '1,5';
    const folder = await checkoutWith(JSON.stringify(program));
    const exit = await runScript(join(folder, 'local/main.ts'), [
      '--port',
      '0',
      '--data',
      await emptyFolder(),
    ]);
    expect(exit.code).toBe(1);
    expect(exit.stderr).toContain('tiers.1.multiplier');
  }, 120_000);

  it('refuses an image of another size, naming it and what is allowed', async () => {
    const folder = await checkoutWith(await readFile(join(root, 'program.json'), 'utf8'));
    await mkdir(join(folder, 'brand'));
    await cp(join(root, 'web/public/program-logo.png'), join(folder, 'brand/logo.png'));
    const data = await emptyFolder();
    const exit = await runScript(join(folder, 'local/main.ts'), ['--port', '0', '--data', data]);
    expect(exit.code).toBe(1);
    const [last] = exit.stderr.trim().split('\n').slice(-1);
    expect(last).toBe('brand/logo.png is 660 × 660 pixels; it has to be at most 160 × 50.');
  });

  it('stops at a signal with status 0, and goes on where it was', async () => {
    let system: System = await startSystem('--clock', '2026-11-22T10:00:00Z');
    try {
      const { body: member } = await system.call('POST', '/v1/members', { email: 'a@example.com' }, 'web');
      const { mode } = await stat(join(system.dataDirectory, 'credentials.json'));
      expect(mode & 0o777).toBe(0o600);
      const { credentials } = system;
      expect(await system.stop()).toBe(0);
      system = await system.restart();
      expect(system.credentials.channels).toEqual(credentials.channels);
      const { body } = await system.call('GET', `/v1/members/${member.memberId}`, undefined, 'web');
      expect(body.cardNumber).toBe(member.cardNumber);
      const { body: clock } = await system.call('GET', '/local/clock');
      expect(clock.now.slice(0, 10)).toBe('2026-11-22');
      const back = await system.call('PUT', '/local/clock', { now: '2026-11-21T00:00:00Z' });
      expect(back.status).toBe(400);
      const forward = await system.call('PUT', '/local/clock', { now: '2027-01-01T00:00:00Z' });
      expect(forward).toMatchObject({ status: 200, body: { now: '2027-01-01T00:00:00Z' } });
    } finally {
      await system.remove();
    }
  }, 240_000);
});

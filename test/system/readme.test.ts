/** The README's first minutes, as they are pressed: every line runs, and says what the page says of it. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type System, startSystem } from '../support/system.ts';

const root = join(import.meta.dirname, '../..');
let system: System;
let folder: string;
beforeAll(async () => {
  system = await startSystem();
  folder = mkdtempSync(join(tmpdir(), 'philia-readme-'));
}, 150_000);
afterAll(async () => {
  await system?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** The lines of the block that follows "in a second terminal", for this system instead of a reader's. */
function lines(): string[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const block = /in a second terminal:\n\n```sh\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  return block
    .trim()
    .split('\n')
    .map((line) =>
      line
        .replaceAll('/tmp/', `${folder}/`)
        .replaceAll('127.0.0.1:3000', system.baseUrl.replace('http://', ''))
        .replaceAll('./.local', system.dataDirectory),
    );
}

/** The blocks of "Your own purchases": what is run in a second terminal, and what it prints. */
function own(): { commands: string[]; printed: string } {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const [, block = '', printed = ''] =
    /## Your own purchases[\s\S]*?```sh\n([\s\S]*?)```\n\n```\n([\s\S]*?)```/.exec(readme) ?? [];
  const [, ...commands] = block.trim().split('\n');
  return { commands: commands.map((line) => line.replaceAll('/tmp/', `${folder}/`)), printed };
}

const shell = async (...script: string[]) =>
  (await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script.join('\n')], { cwd: root })).stdout;

it('gives the member the points that it promises, and as many for each time the purchase is pressed', async () => {
  const [key = '', member = '', purchase = '', look = '', pass = ''] = lines();
  const available = async (...script: string[]) => {
    const said = await shell(key, ...script, look);
    const { items } = JSON.parse(said.slice(said.indexOf('{"items"')));
    return items[0].balance.available;
  };
  expect(await available(member, purchase)).toBe(50 + 118);
  await shell('sleep 1');
  expect(await available(purchase)).toBe(50 + 118 + 118);
  await shell(pass);
  expect(readFileSync(join(folder, 'card.pkpass')).subarray(0, 2).toString()).toBe('PK');
}, 120_000);

it('plays the purchases that it brings, and prints the plan as it stands there', async () => {
  const read = own();
  const shop = await startSystem('--clock', '2026-01-05T00:00:00Z');
  try {
    const here = (command: string) =>
      command
        .replace('npx philia ', `node cli/philia.js --data ${shop.dataDirectory} `)
        .replace('npm run import -- ', `node cli/philia.js --data ${shop.dataDirectory} purchases import `);
    const [imported = '', ...rest] = read.commands.map(here);
    expect(await shell(imported)).toMatch(/refused +0\n/);
    const masked = (text: string) => text.replaceAll(/mem_\w{26}/g, 'mem_').replaceAll(/:\d\d\.\d+Z/g, 'Z');
    expect(masked(await shell(...rest))).toBe(masked(read.printed));
  } finally {
    await shop.remove();
  }
}, 400_000);

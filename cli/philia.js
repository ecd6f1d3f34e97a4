#!/usr/bin/env node
/**
 * What `npx philia` starts. The program needs the Node that the project pins (24, which runs TypeScript); an
 * older one of the machine's own starts that and passes its exit status on.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const needed = 24;

if (Number(process.versions.node.split('.')[0]) >= needed) {
  const { main } = await import('./main.ts');
  await main();
} else {
  const pinned = join(here, '../node_modules/node/bin/node');
  if (existsSync(pinned)) {
    // Both are told of an interruption: how it ends, the other one decides.
    process.on('SIGINT', () => {});
    const { status, signal } = spawnSync(pinned, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
      stdio: 'inherit',
    });
    // A shell tells a program that a signal ended by 128 and more; SIGINT is what a person sends.
    process.exitCode = signal === null ? (status ?? 1) : 130;
  } else {
    process.stderr.write(`philia needs Node ${needed}, and this is ${process.version}: run npm ci first.\n`);
    process.exitCode = 2;
  }
}

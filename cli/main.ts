/** The process around a command line. */
import { randomUUID } from 'node:crypto';
import { enableCompileCache } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, askText } from './ask.ts';
import type { Io } from './io.ts';

type Change = { readonly idempotencyKey?: string | undefined } | undefined;

export async function main(): Promise<void> {
  // Stripping the types takes longer than everything else a short command does.
  enableCompileCache();
  const { run } = await import('./run.ts');
  // Whoever reads may have enough, as head(1) does: that is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  let change: Change;
  process.on('SIGINT', () => interrupted(change));
  const io: Io = {
    env: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    canAsk: process.stdin.isTTY === true && process.stderr.isTTY === true,
    ask: (question) => ask(question, { input: process.stdin, output: process.stderr }),
    askText: (question, isSecret) =>
      askText(question, isSecret, { input: process.stdin, output: process.stderr }),
    newKey: randomUUID,
    pause: sleep,
    underWay: (now) => {
      change = now;
    },
  };
  // Not process.exit: what was written may still be on its way into a pipe.
  process.exitCode = await run(process.argv.slice(2), io);
}

/** A change that is interrupted may have been made all the same. */
function interrupted(change: Change): never {
  if (change === undefined) process.exit(130);
  const key = change.idempotencyKey;
  const remedy =
    key === undefined ? 'Look before you repeat it.' : `Repeating is safe with --idempotency-key ${key}.`;
  process.stderr.write(`\nInterrupted. What became of it is unknown. ${remedy}\n`);
  process.exit(4);
}

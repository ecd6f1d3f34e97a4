/** Builds the bundles and synthesizes the CDK app, in child processes, without network or credentials. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartFailure } from './failure.ts';
import { waitForLock } from './lock.ts';

/** Leaves the cloud assembly in `outdir`. Aborting the signal ends the child. */
export async function synthesize(root: string, outdir: string, signal: AbortSignal): Promise<void> {
  // Two systems of one checkout share `.build`: neither may copy from it while the other writes.
  const name = createHash('sha256').update(root).digest('hex').slice(0, 12);
  const lock = await waitForLock(join(tmpdir(), `philia-build-${name}.lock`));
  try {
    rmSync(outdir, { recursive: true, force: true });
    await run(root, 'tools/build.ts', {}, signal);
    await run(root, 'infra/app.ts', { CDK_OUTDIR: outdir }, signal);
  } finally {
    lock.release();
  }
}

async function run(
  root: string,
  script: string,
  more: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const child = spawn(process.execPath, [script], {
    cwd: root,
    env: { ...ownEnvironment(), ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  child.on('error', reject);
  child.on('close', (status) => {
    if (status === 0) resolve();
    else reject(new StartFailure(`node ${script} failed with status ${status}:\n${output.trimEnd()}`));
  });
  await promise;
}

/** This process's environment without what would make synthesis look for an AWS account. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(AWS_|CDK_|NODE_OPTIONS$)/.test(name)),
  );
}

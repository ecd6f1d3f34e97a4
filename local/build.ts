/**
 * Builds the bundles and synthesizes the CDK app, in child processes, without network or credentials. What was
 * built last is kept, and taken again while nothing that it was made of has changed.
 */
import { spawn } from 'node:child_process';
import { createHash, type Hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { StartFailure } from './failure.ts';
import { waitForLock } from './lock.ts';

/**
 * All that bundles, site and template are made of; what of it there is not is no part of that project. Packages
 * are told by their lock file.
 */
const INPUTS = [
  'brand',
  'cdk.json',
  'channels',
  'core',
  'docs/generated',
  'functions',
  'infra',
  'ledger',
  'package-lock.json',
  'package.json',
  'passes',
  'tools',
  'tsconfig.json',
  'web',
];

/** Leaves the cloud assembly in `outdir`. Aborting the signal ends the child. */
export async function synthesize(root: string, outdir: string, signal: AbortSignal): Promise<void> {
  // Two systems of one checkout share `.build`: neither may copy from it while the other writes.
  const name = createHash('sha256').update(root).digest('hex').slice(0, 12);
  const lock = await waitForLock(join(tmpdir(), `philia-build-${name}.lock`));
  try {
    rmSync(outdir, { recursive: true, force: true });
    const kept = join(root, '.build/assemblies', fingerprint(root));
    if (!existsSync(kept)) {
      await run(root, process.execPath, ['tools/build.ts'], {}, signal);
      await run(root, process.execPath, ['infra/app.ts'], { CDK_OUTDIR: outdir }, signal);
      await keep(outdir, kept);
      // Not `cpSync`, which says EIO of a disk without room.
    } else await cp(kept, outdir, { recursive: true });
  } finally {
    lock.release();
  }
}

/**
 * Bundles what functions' threads begin with into `file`: each would otherwise read some forty modules, and carry what
 * strips types off them.
 */
export async function bundleWorker(file: string, signal: AbortSignal): Promise<URL> {
  const esbuild = fileURLToPath(import.meta.resolve('esbuild/bin/esbuild'));
  const flags = ['--bundle', '--platform=node', '--format=esm', '--target=node24', '--log-level=warning'];
  await run(import.meta.dirname, esbuild, ['functions/worker.ts', ...flags, `--outfile=${file}`], {}, signal);
  return pathToFileURL(file);
}

/** A copy that is there is whole: it comes to its place by its name alone. Others are of before. */
async function keep(outdir: string, kept: string): Promise<void> {
  rmSync(join(kept, '..'), { recursive: true, force: true });
  await cp(outdir, `${kept}.part`, { recursive: true });
  renameSync(`${kept}.part`, kept);
}

/** A hash over the contents of all inputs, their paths, and the Node that reads them. */
function fingerprint(root: string): string {
  const hash = createHash('sha256').update(process.version);
  for (const name of INPUTS) addTo(hash, join(root, name), name);
  return hash.digest('hex');
}

function addTo(hash: Hash, path: string, name: string): void {
  if (!existsSync(path)) return;
  if (statSync(path).isDirectory()) {
    for (const entry of readdirSync(path).sort()) addTo(hash, join(path, entry), `${name}/${entry}`);
    return;
  }
  const bytes = readFileSync(path);
  hash.update(`${name}\n${bytes.length}\n`).update(bytes);
}

async function run(
  root: string,
  program: string,
  args: readonly string[],
  more: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const child = spawn(program, args, {
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
    else
      reject(
        new StartFailure(
          `${basename(program)} ${args[0]} failed with status ${status}:\n${output.trimEnd()}`,
        ),
      );
  });
  await promise;
}

/** This process's environment without what would make synthesis look for an AWS account. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(AWS_|CDK_|NODE_OPTIONS$)/.test(name)),
  );
}

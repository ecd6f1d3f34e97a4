/**
 * `npm run bench:cold [-- --against PATH] [--count 11] [--only NAME,…]`: what a cold start loads. The bytes of each
 * function's bundle, as they are and gzipped, and how long it takes until its handler is there, each time in a new
 * process; beside it a handler that was written by hand, bundled alike. Another checkout's bundles take turns with this
 * one's, so that whatever else the machine does meets all of them.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { walletSecretNames } from '../../core/contract/functions.ts';
import { functionNames } from '../../infra/names.ts';
import { bundling } from '../../tools/build.ts';

const { values } = parseArgs({
  options: {
    against: { type: 'string' },
    count: { type: 'string', default: '11' },
    only: { type: 'string' },
  },
});
const count = Number(values.count);
const names = values.only?.split(',') ?? functionNames;
/** What no function's bundle should take, but for those that draw passes. */
const gzippedMax = 150_000;
const drawing = ['cards', 'apple'];
const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'philia-cold-'));

/** What Lambda and the template set, whichever of it a function reads. */
const environment = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_NAME: 'bench',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
  POWERTOOLS_SERVICE_NAME: 'bench',
  POWERTOOLS_METRICS_NAMESPACE: 'Philia',
  PUBLIC_URL: 'https://philia.example',
  STAGE: 'dev',
  TABLE_NAME: 'table',
  ERASURES_TABLE_NAME: 'erasures',
  BUS_NAME: 'bus',
  QUEUES: '{}',
  MAIL_FROM: 'loyalty@philia.example',
  ...Object.fromEntries(
    ['keys', 'origin', ...walletSecretNames].map((name) => [`${name.toUpperCase()}_SECRET`, name]),
  ),
};

interface Bundle {
  readonly name: string;
  readonly file: string;
  readonly times: number[];
}

/** A checkout builds its own: its build is a part of what is measured. */
function bundlesOf(checkout: string, as: string): Bundle[] {
  const outdir = join(folder, as);
  const script = `const { buildFunctions } = await import(${JSON.stringify(join(checkout, 'tools/build.ts'))});
    await buildFunctions(${JSON.stringify(outdir)});`;
  execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: checkout,
    stdio: 'inherit',
  });
  const fileOf = (name: string) => join(outdir, name, 'index.mjs');
  return names
    .filter((name) => existsSync(fileOf(name)))
    .map((name) => ({ name, file: fileOf(name), times: [] }));
}

/** Milliseconds from the import to the handler. */
function load({ file }: Bundle): number {
  const script = `const start = performance.now();
    const { handler } = await import(${JSON.stringify(file)});
    const took = performance.now() - start;
    if (typeof handler !== 'function') throw new Error('There is no handler.');
    process.stdout.write(String(took), () => process.exit(0));`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    env: environment,
    encoding: 'utf8',
  });
  return Number(printed);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function shown({ file, times }: Bundle): string {
  const bytes = readFileSync(file);
  const kilobytes = (size: number) => (size / 1000).toFixed(0).padStart(5);
  const [raw, gzipped] = [kilobytes(bytes.length), kilobytes(gzipSync(bytes).length)];
  return `${raw} KB ${gzipped} KB gz ${median(times).toFixed(0).padStart(4)} ms`;
}

try {
  const here = bundlesOf(root, 'here');
  const there = values.against === undefined ? [] : bundlesOf(resolve(values.against), 'there');
  const byHand: Bundle = { name: 'by hand', file: join(folder, 'by-hand/index.mjs'), times: [] };
  await build({
    ...bundling,
    entryPoints: [join(import.meta.dirname, 'hand-written.ts')],
    outfile: byHand.file,
  });
  const otherOf = ({ name }: Bundle) => there.find((other) => other.name === name);
  const all = [byHand, ...here.flatMap((one) => [otherOf(one) ?? [], one].flat())];
  for (let round = 0; round < count; round++)
    for (const one of round % 2 ? all.toReversed() : all) one.times.push(load(one));
  console.info(`${byHand.name.padEnd(15)} ${shown(byHand)}`);
  const ratios: number[] = [];
  for (const one of here) {
    const other = otherOf(one);
    const ratio = other && median(one.times) / median(other.times);
    if (ratio !== undefined) ratios.push(ratio);
    console.info(
      `${one.name.padEnd(15)} ${shown(one)}${other ? `   there ${shown(other)}   × ${ratio?.toFixed(2)}` : ''}`,
    );
  }
  if (ratios.length > 0) console.info(`median of the loads: × ${median(ratios).toFixed(2)}`);
  const heavy = here.filter(
    ({ name, file }) => !drawing.includes(name) && gzipSync(readFileSync(file)).length > gzippedMax,
  );
  console.info(`above ${gzippedMax / 1000} KB: ${heavy.map(({ name }) => name).join(', ') || 'none'}`);
} finally {
  rmSync(folder, { recursive: true });
}

/**
 * `npm run test:mutation -- core/points.ts ledger/spending`: Stryker makes one mistake at a time in these files or
 * folders (without any: in all of `core` and `ledger`) and runs the tests that reach it. `core` is tried by its own
 * tests first, and only what they do not notice by the ledger's, and last by those of what is built on both (with
 * `--own` by the first alone). With `--sample 200` that many of all mistakes are drawn, the same ones for the same
 * `--seed`, and stand for the rest.
 *
 * Says the score of each file as it ends and which mistakes nobody noticed; those in survivors.json with why that is
 * right. Fails where fewer than 85 of 100 are noticed. Mistakes in what runs once at import are left out.
 */
import { globSync, readFileSync, statSync } from 'node:fs';
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import type { MutantResult } from '@stryker-mutator/api/core';
import { Stryker } from '@stryker-mutator/core';
import { drawn, interval } from './sample.ts';
import { listener, nameOf, rangeOf, root, wantedOf } from './stryker.ts';

const percentMin = 85;
process.chdir(root);

interface Stage {
  /** Folders of `test`. */
  readonly tests: string;
  /** What they try: of what an earlier stage has tried, only what it left. */
  readonly folders: readonly string[];
  /** Whether each file of tests starts afresh, which takes longer. */
  readonly isolated?: boolean;
}

const stages: readonly Stage[] = [
  { tests: 'core,golden', folders: ['core'] },
  { tests: 'ledger', folders: ['core', 'ledger'] },
  { tests: 'passes,cli,local/dynamodb', folders: ['core', 'ledger'] },
  { tests: 'functions', folders: ['core', 'ledger'], isolated: true },
];

/** `mutate` is a list of files, each with a range (`core/points.ts:10:3-10:8`) or whole; `wanted` names those wanted of a file, where not all are. */
async function run(mutate: string[], wanted: string[], { tests, isolated }: Stage): Promise<void> {
  process.env['MUTATION_TESTS'] = tests;
  process.env['MUTATION_ISOLATED'] = isolated ? '1' : '';
  await new Stryker({
    mutate,
    testRunner: 'wanted',
    wanted,
    plugins: ['./test/mutation/stryker.ts'],
    // All tests, since they reach what they test through others.
    vitest: { configFile: 'test/mutation/vitest.config.ts', pool: 'threads', related: false },
    coverageAnalysis: 'perTest',
    ignoreStatic: true,
    concurrency: Number(process.env['MUTATION_CONCURRENCY'] ?? 1),
    timeoutMS: 30_000,
    dryRunTimeoutMinutes: 20,
    tempDirName: '.build/mutation',
    // Stryker reads a tsconfig through the API of TypeScript, which version 7 has not.
    tsconfigFile: 'none',
    ignorePatterns: ['.build', '.local', '.venv', 'cdk.out'],
    reporters: ['files'],
    logLevel: 'warn',
    allowEmpty: true,
  } as ConstructorParameters<typeof Stryker>[0]).runMutationTest();
}

const isNoticed = ({ status }: MutantResult) =>
  status === 'Killed' || status === 'Timeout' || status === 'RuntimeError';

const isTried = ({ status }: MutantResult) => status !== 'Ignored' && status !== 'CompileError';

/** As survivors.json names them: the code as it is, and as nobody notices it to be. */
function changeOf(
  lines: readonly string[],
  { location: { start, end }, replacement = '' }: MutantResult,
): string {
  const code = lines.slice(start.line - 1, end.line);
  code[code.length - 1] = (code.at(-1) ?? '').slice(0, end.column - 1);
  code[0] = (code[0] ?? '').slice(start.column - 1);
  return [code.join(' '), replacement].map((text) => text.replace(/\s+/g, ' ')).join(' → ');
}

const { values, positionals } = parseArgs({
  options: {
    own: { type: 'boolean', default: false },
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
  allowPositionals: true,
});
const reasons: Record<string, Record<string, string>> = JSON.parse(
  readFileSync(`${import.meta.dirname}/survivors.json`, 'utf8'),
);
let mutate = (positionals.length > 0 ? positionals : ['core', 'ledger']).flatMap((name) => {
  if (!statSync(name, { throwIfNoEntry: false })?.isDirectory()) return [name];
  return globSync(`${name}/**/*.ts`);
});
let wanted: string[] = [];
if (values.sample !== undefined) {
  const sample = await drawn(mutate, Number(values.sample), values.seed);
  console.info(`${sample.mutants.length} of ${sample.of}, drawn with seed ${values.seed}`);
  mutate = [...new Set(sample.mutants.map(rangeOf))];
  wanted = sample.mutants.map(nameOf);
}

const percent = (share: number) => Math.floor(share * 1000) / 10;
const scoreOf = (mutants: readonly MutantResult[]) => mutants.filter(isNoticed).length / mutants.length;

function tell(fileName: string, mutants: readonly MutantResult[]): void {
  const file = relative(root, fileName);
  const lines = readFileSync(fileName, 'utf8').split('\n');
  const noticed = mutants.filter(isNoticed).length;
  console.info(`${file}  ${percent(scoreOf(mutants))} %  ${noticed} of ${mutants.length}`);
  for (const mutant of mutants.filter((one) => !isNoticed(one))) {
    const change = changeOf(lines, mutant);
    const { line, column } = mutant.location.start;
    const where = mutant.status === 'NoCoverage' ? ' (reached by no test)' : '';
    console.info(`  ${file}:${line}:${column}${where}  ${change}  ${reasons[file]?.[change] ?? '?'}`);
  }
}

const results = new Map<string, MutantResult[]>();
/** The folders of which every file has been tried, and what was left of them. */
const tried = new Set<string>();
let left: MutantResult[] = [];
for (const [index, stage] of stages.entries()) {
  const folders = stage.folders.filter((folder) => !(values.own && tried.has(folder)));
  const isIn = (name: string) => folders.some((folder) => name.startsWith(`${folder}/`));
  const again = left.filter(({ fileName }) => isIn(relative(root, fileName)));
  const isNew = (name: string) => isIn(name) && ![...tried].some((folder) => name.startsWith(`${folder}/`));
  const ranges = new Set([...mutate.filter(isNew), ...again.map(rangeOf)]);
  const names = new Set([...wanted.filter(isNew), ...again.map(nameOf)]);
  for (const folder of folders) tried.add(folder);
  if (ranges.size === 0) continue;
  const isLast = values.own || index === stages.length - 1;
  left = [];
  const isWanted = wantedOf([...names]);
  listener.onFile = (fileName, mutants) => {
    const known = new Map(results.get(fileName)?.map((mutant) => [nameOf(mutant), mutant]));
    for (const mutant of mutants.filter(isWanted)) {
      // What an earlier stage has reached is not reached by none.
      const isReached = mutant.status === 'NoCoverage' && known.has(nameOf(mutant));
      if (!isReached) known.set(nameOf(mutant), mutant);
    }
    const all = [...known.values()].filter(isTried);
    results.set(fileName, all);
    const unnoticed = all.filter((mutant) => !isNoticed(mutant));
    left.push(...unnoticed);
    if (all.length > 0 && (isLast || unnoticed.length === 0)) tell(fileName, all);
  };
  await run([...ranges], [...names], stage);
  if (isLast) continue;
  const count = [...results.values()].flat().length;
  console.info(`${left.length} of ${count} are not noticed by the tests up to those of ${stage.tests}`);
}

const all = [...results.values()].flat();
if (values.sample !== undefined) {
  const noticed = all.filter(isNoticed).length;
  const late = all.filter(({ status }) => status === 'Timeout').length;
  const [from, to] = interval(noticed, all.length);
  console.info(`${noticed} of ${all.length} noticed (${late} by never ending)`);
  console.info(
    `${percent(scoreOf(all))} %, between ${percent(from)} and ${percent(to)} with 95 % confidence`,
  );
  if (scoreOf(all) < percentMin / 100) process.exitCode = 1;
} else if ([...results.values()].some((mutants) => scoreOf(mutants) < percentMin / 100)) {
  process.exitCode = 1;
}

/**
 * `npm run test:mutation -- core/points.ts ledger/spending`: Stryker makes one mistake at a time in these files or
 * folders (without any: in all of `core` and `ledger`) and runs the tests that reach it. `core` is tried by its own
 * tests first, and only what they do not notice by the ledger's (with `--own` not at all).
 *
 * Says the score of each file and which mistakes nobody noticed; those in survivors.json with why that is right.
 * Fails where fewer than 85 of 100 are noticed. Mistakes in what runs once at import are left out.
 */
import { globSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';

type MutantResult = Awaited<ReturnType<Stryker['runMutationTest']>>[number];

const root = join(import.meta.dirname, '../..');
const percentMin = 85;
process.chdir(root);

/** What tries a file: the tests of the first folders, then, for what is left, those of the next. */
const stagesOf: Readonly<Record<string, readonly string[]>> = {
  core: ['core,golden', 'ledger'],
  ledger: ['ledger'],
};

/** `mutate` is a list of files, each with a range (`core/points.ts:10:3-10:8`) or whole. */
async function mutantsOf(mutate: string[], tests: string): Promise<MutantResult[]> {
  process.env['MUTATION_TESTS'] = tests;
  process.env['MUTATION_FILES'] = mutate.join();
  const results = await new Stryker({
    mutate,
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    // All tests, since they reach what they test through others.
    vitest: { configFile: 'test/mutation/vitest.config.ts', pool: 'threads', related: false },
    coverageAnalysis: 'perTest',
    ignoreStatic: true,
    concurrency: Number(process.env['MUTATION_CONCURRENCY'] ?? 1),
    timeoutMS: 10_000,
    tempDirName: '.build/mutation',
    // Stryker reads a tsconfig through the API of TypeScript, which version 7 has not.
    tsconfigFile: 'none',
    ignorePatterns: ['.build', '.local', 'cdk.out'],
    reporters: ['dots'],
    logLevel: 'warn',
    allowEmpty: true,
  } as ConstructorParameters<typeof Stryker>[0]).runMutationTest();
  return results.filter(({ status }) => status !== 'Ignored' && status !== 'CompileError');
}

const isNoticed = ({ status }: MutantResult) =>
  status === 'Killed' || status === 'Timeout' || status === 'RuntimeError';

/** Columns are counted from 1, but from 0 in what Stryker is asked for. */
function rangeOf({ fileName, location: { start, end } }: MutantResult): string {
  return `${relative(root, fileName)}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`;
}

const nameOf = (mutant: MutantResult) => `${rangeOf(mutant)} ${mutant.mutatorName} ${mutant.replacement}`;

/** As survivors.json names them: the code as it is, and as nobody notices it to be. */
function changeOf(lines: readonly string[], { location: { start, end }, replacement }: MutantResult): string {
  const code = lines.slice(start.line - 1, end.line);
  code[code.length - 1] = (code.at(-1) ?? '').slice(0, end.column - 1);
  code[0] = (code[0] ?? '').slice(start.column - 1);
  return [code.join(' '), replacement].map((text) => text.replace(/\s+/g, ' ')).join(' → ');
}

const { values, positionals: wanted } = parseArgs({
  options: { own: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const reasons: Record<string, Record<string, string>> = JSON.parse(
  readFileSync(join(import.meta.dirname, 'survivors.json'), 'utf8'),
);
const mutate = (wanted.length > 0 ? wanted : Object.keys(stagesOf)).flatMap((name) => {
  if (!statSync(name, { throwIfNoEntry: false })?.isDirectory()) return [name];
  return globSync(`${name}/**/*.ts`);
});

const all: MutantResult[] = [];
for (const [folder, [first = '', ...others]] of Object.entries(stagesOf)) {
  const files = mutate.filter((name) => name.startsWith(`${folder}/`));
  if (files.length === 0) continue;
  let mutants = await mutantsOf(files, first);
  for (const tests of values.own ? [] : others) {
    const left = mutants.filter((mutant) => !isNoticed(mutant));
    if (left.length === 0) break;
    const ranges = left.map(rangeOf);
    const again = new Map(
      (await mutantsOf([...new Set(ranges)], tests)).map((mutant) => [nameOf(mutant), mutant]),
    );
    mutants = mutants.map((mutant) => (isNoticed(mutant) ? mutant : (again.get(nameOf(mutant)) ?? mutant)));
  }
  all.push(...mutants);
}

const percent = (part: number, whole: number) => Math.floor((part / whole) * 1000) / 10;
let isEnough = true;
for (const [fileName, mutants = []] of Object.entries(Object.groupBy(all, (mutant) => mutant.fileName))) {
  const file = relative(root, fileName);
  const lines = readFileSync(fileName, 'utf8').split('\n');
  const noticed = mutants.filter(isNoticed).length;
  isEnough &&= noticed / mutants.length >= percentMin / 100;
  console.info(`${file}  ${percent(noticed, mutants.length)} %  ${noticed} of ${mutants.length}`);
  for (const mutant of mutants.filter((one) => !isNoticed(one))) {
    const change = changeOf(lines, mutant);
    const { line, column } = mutant.location.start;
    const where = mutant.status === 'NoCoverage' ? ' (reached by no test)' : '';
    console.info(`  ${file}:${line}:${column}${where}  ${change}  ${reasons[file]?.[change] ?? '?'}`);
  }
}
if (!isEnough) process.exitCode = 1;

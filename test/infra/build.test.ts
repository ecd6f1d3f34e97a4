/** Scope: the bundles of the functions. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { functionNames } from '../../infra/names.ts';
import { buildFunctions } from '../../tools/build.ts';

const temporary = mkdtempSync(join(tmpdir(), 'philia-build-'));
afterAll(() => rmSync(temporary, { recursive: true }));

/** Entry files that need a CommonJS dependency, which itself asks for one of Node's modules. */
function sources(names: readonly string[]): string {
  const folder = mkdtempSync(join(temporary, 'sources-'));
  const dependency = join(folder, 'dependency.cjs');
  writeFileSync(dependency, `module.exports = require('node:path').join('a', 'b');`);
  for (const name of names)
    writeFileSync(
      join(folder, `${name}.ts`),
      `import joined from './dependency.cjs';\nexport const handler = async (): Promise<string> => '${name} ' + joined;\n`,
    );
  return folder;
}

/** What the handlers answer in a Node of their own: the test runner defines `require` where Lambda does not. */
function answers(outdir: string): string[] {
  const files = functionNames.map((name) => join(outdir, name, 'index.mjs'));
  const script = `const answers = [];
    for (const file of ${JSON.stringify(files)}) answers.push(await (await import(file)).handler());
    console.log(JSON.stringify(answers));`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  return JSON.parse(printed) as string[];
}

describe('the functions', () => {
  it('are one module each, which loads its CommonJS dependencies', async () => {
    const outdir = join(temporary, 'out');
    await buildFunctions(outdir, sources(functionNames));
    expect(readdirSync(outdir).sort()).toEqual([...functionNames].sort());
    for (const name of functionNames) {
      expect(readdirSync(join(outdir, name))).toEqual(['index.mjs']);
    }
    expect(answers(outdir)).toEqual(functionNames.map((name) => `${name} a/b`));
  });

  it('are the same bytes each time, whatever was there before', async () => {
    const [first, second] = [join(temporary, 'first'), join(temporary, 'second')];
    mkdirSync(join(second, 'left-over'), { recursive: true });
    const from = sources(functionNames);
    await buildFunctions(first, from);
    await buildFunctions(second, from);
    expect(readdirSync(second).sort()).toEqual(readdirSync(first).sort());
    for (const name of functionNames) {
      const bytes = (outdir: string) => readFileSync(join(outdir, name, 'index.mjs'));
      expect(bytes(second).equals(bytes(first))).toBe(true);
    }
  });

  it('stay as they were when an entry file is missing, which is named', async () => {
    const outdir = join(temporary, 'untouched');
    mkdirSync(join(outdir, 'setup'), { recursive: true });
    const some = sources(functionNames.filter((name) => name !== 'setup'));
    await expect(buildFunctions(outdir, some)).rejects.toThrow(join(some, 'setup.ts'));
    expect(readdirSync(outdir)).toEqual(['setup']);
  });
});

/**
 * Loaded by Stryker: a runner for Vitest that tries the mutants in the option `wanted` alone, since a range given to
 * Stryker holds whatever is within it; and a reporter that tells when the last mutant of a file was tried.
 */
import { join, relative } from 'node:path';
import type { Mutant, MutantResult, StrykerOptions } from '@stryker-mutator/api/core';
import {
  commonTokens,
  declareFactoryPlugin,
  declareValuePlugin,
  type Injector,
  type PluginContext,
  PluginKind,
  tokens,
} from '@stryker-mutator/api/plugin';
import type { TestRunner } from '@stryker-mutator/api/test-runner';
import { strykerValidationSchema as schema, strykerPlugins as vitest } from '@stryker-mutator/vitest-runner';

export type Named = Pick<MutantResult, 'fileName' | 'location' | 'mutatorName' | 'replacement'>;

export const root = join(import.meta.dirname, '../..');

/** As Stryker's `mutate` names it: lines from 1, columns from 0. In results both are counted from 1. */
export function rangeOf({ fileName, location: { start, end } }: Named): string {
  return `${relative(root, fileName)}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`;
}

export const nameOf = (mutant: Named) => `${rangeOf(mutant)} ${mutant.mutatorName} ${mutant.replacement}`;

/** Before it has a result, a mutant's lines and columns are counted from 0. */
export function named({ fileName, location: { start, end }, mutatorName, replacement = '' }: Mutant): Named {
  const place = ({ line, column }: typeof start) => ({ line: line + 1, column: column + 1 });
  return {
    fileName: join(root, relative(root, fileName)),
    location: { start: place(start), end: place(end) },
    mutatorName,
    replacement,
  };
}

/** Tells which mutants are wanted: those with these names, and all of a file of which none is named. */
export function wantedOf(names: readonly string[]): (mutant: Named) => boolean {
  const all = new Set(names);
  const files = new Set(names.map((name) => name.slice(0, name.indexOf(':'))));
  return (mutant) => all.has(nameOf(mutant)) || !files.has(relative(root, mutant.fileName));
}

function runnerOf(injector: Injector<PluginContext>): TestRunner {
  const runner = (vitest[0] as (typeof vitest)[number]).factory(injector);
  const { wanted } = injector.resolve(commonTokens.options) as StrykerOptions & { wanted: string[] };
  const isWanted = wantedOf(wanted);
  const run = runner.mutantRun.bind(runner);
  runner.mutantRun = async (options) => {
    const mutant = named(options.activeMutant);
    if (!isWanted(mutant)) return { status: 'survived', nrOfTests: 0 } as never;
    process.env['MUTATION_FILE'] = mutant.fileName;
    return run(options);
  };
  return runner;
}
runnerOf.inject = tokens(commonTokens.injector);

/** What is told of the run that is under way, in the process that started it. */
export const listener = { onFile: (_file: string, _mutants: readonly MutantResult[]): void => {} };
let left = new Map<string, number>();
let tried = new Map<string, MutantResult[]>();

export const strykerPlugins = [
  declareFactoryPlugin(PluginKind.TestRunner, 'wanted', runnerOf),
  declareValuePlugin(PluginKind.Reporter, 'files', {
    onMutationTestingPlanReady({ mutantPlans }) {
      left = new Map();
      tried = new Map();
      for (const { mutant } of mutantPlans) left.set(mutant.fileName, (left.get(mutant.fileName) ?? 0) + 1);
    },
    onMutantTested(mutant) {
      const { fileName } = mutant;
      tried.set(fileName, [...(tried.get(fileName) ?? []), mutant]);
      left.set(fileName, (left.get(fileName) ?? 0) - 1);
      if (left.get(fileName) === 0) listener.onFile(fileName, tried.get(fileName) ?? []);
    },
  }),
];

export const strykerValidationSchema = {
  ...schema,
  properties: { ...schema.properties, wanted: { type: 'array', items: { type: 'string' } } },
};

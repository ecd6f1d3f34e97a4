import { basename } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';

const folders = process.env['MUTATION_TESTS'];

/** First the tests whose names begin as the mutated file's does, then the quickest: so most mutants die early. */
class NamesakesFirst extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer['sort']>[0]) {
    const stem = basename(process.env['MUTATION_FILE'] ?? '', '.ts');
    const place = (file: (typeof files)[number]) => {
      if (stem !== '' && basename(file.moduleId).startsWith(stem)) return -1;
      return this.ctx.cache.getTestSpecificationResult(file)?.duration ?? 0;
    };
    return files.toSorted((a, b) => place(a) - place(b) || (a.moduleId < b.moduleId ? -1 : 1));
  }
}

/** What is run for every mutant: tests of the folders in MUTATION_TESTS, on the memory engine, in short. */
export default defineConfig({
  test: {
    include: [`test/{${folders},none}/**/*.test.ts`],
    exclude: [
      // What takes many seconds: sizes of items, pictures, and services that break or say nothing.
      'test/ledger/limits.test.ts',
      'test/functions/{faults,faults-outside,silence}.test.ts',
      'test/passes/apple/library.test.ts',
      'test/passes/preview/{pictures,text}.test.ts',
      // Programs of their own, which the mistakes are not made in.
      'test/cli/{card,process,verify}.test.ts',
      'test/cli/import/command.test.ts',
      'test/local/dynamodb/durability.test.ts',
    ],
    env: { SHORT: '1', SEED: '1' },
    setupFiles: ['test/mutation/setup.ts'],
    sequence: { sequencer: NamesakesFirst },
    // What is pure leaves nothing behind; what is built on it has clients and settings that a file makes for itself.
    isolate: process.env['MUTATION_ISOLATED'] === '1',
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});

import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';

/** By name, so that whatever is quick (`core`, `golden`) comes before the ledger, and a mutant dies early. */
class ByName extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer['sort']>[0]) {
    return files.toSorted((a, b) => (a.moduleId < b.moduleId ? -1 : 1));
  }
}

/** What is run for every mutant: tests of the folders in MUTATION_TESTS, on the memory engine, in short. */
export default defineConfig({
  test: {
    include: [`test/{${process.env['MUTATION_TESTS']},none}/**/*.test.ts`],
    // Sizes of items, which cost seconds and tell of nothing that others do not.
    exclude: ['test/ledger/limits.test.ts'],
    env: { SHORT: '1', SEED: '1' },
    setupFiles: ['test/mutation/setup.ts'],
    sequence: { sequencer: ByName },
    isolate: false,
    testTimeout: 60_000,
  },
});

import { basename } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';

const { MUTATION_TESTS: folders, MUTATION_FILES: mutated = '' } = process.env;
const stems = mutated.split(',').map((file) => basename(file).replace(/\.ts.*$/, ''));

/** First the tests whose names begin as the mutated files' do, then by name: so most mutants die early. */
class NamesakesFirst extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer['sort']>[0]) {
    const place = (id: string) => (stems.some((stem) => basename(id).startsWith(stem)) ? `0${id}` : `1${id}`);
    return files.toSorted((a, b) => (place(a.moduleId) < place(b.moduleId) ? -1 : 1));
  }
}

/** What is run for every mutant: tests of the folders in MUTATION_TESTS, on the memory engine, in short. */
export default defineConfig({
  test: {
    include: [`test/{${folders},none}/**/*.test.ts`],
    // Sizes of items, which cost seconds and tell of nothing that others do not.
    exclude: ['test/ledger/limits.test.ts'],
    env: { SHORT: '1', SEED: '1' },
    setupFiles: ['test/mutation/setup.ts'],
    sequence: { sequencer: NamesakesFirst },
    isolate: false,
    testTimeout: 60_000,
  },
});

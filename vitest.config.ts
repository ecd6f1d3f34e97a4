import { defineConfig } from 'vitest/config';

/** One project per cost: `unit` is what `npm run check` runs; the others need the built stack or a browser. */
export default defineConfig({
  test: {
    // Nets, not expectations: a machine that is shared may take many times as long.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Vitest would leave one core idle: on two that is half of the machine.
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'test/{core,ledger,channels,passes,functions,local,cli,rules,web,tools,golden}/**/*.test.ts',
          ],
          // Starts systems by the dozen.
          exclude: ['test/local/runner/fixture.test.ts'],
        },
      },
      { extends: true, test: { name: 'infra', include: ['test/infra/**/*.test.ts'] } },
      {
        extends: true,
        test: { name: 'deployed', include: ['test/deployed/**/*.test.ts'], testTimeout: 600_000 },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: ['test/{system,browser}/**/*.test.ts', 'test/local/runner/fixture.test.ts'],
          // A file starts a system of its own; more at once than this would only wait for one another.
          maxWorkers: 2,
        },
      },
    ],
  },
});

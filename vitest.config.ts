import { defineConfig } from 'vitest/config';

// Worker threads started from TypeScript sources load tsx themselves (see src/store/embedded/worker-thread.ts).
export default defineConfig({
  test: {
    pool: 'forks',
    include: ['test/**/*.test.ts'],
    exclude: ['test/real-data/**'],
    reporters: ['default', './test/support/tally-reporter.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});

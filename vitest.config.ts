import { defineConfig } from 'vitest/config';

// Worker threads started from TypeScript sources load tsx themselves (see src/store/embedded/worker-thread.ts).
export default defineConfig({
  test: {
    pool: 'forks',
    include: ['test/**/*.test.ts'],
    exclude: ['test/real-data/**'],
    reporters: ['default', './test/support/tally-reporter.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    // One stall of a shared machine must not hide what 1,600 other tests found; the reporter names each.
    retry: process.env.CI ? 1 : 0,
  },
});

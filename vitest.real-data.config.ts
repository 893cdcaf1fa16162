import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// The tests over real data. It is not part of the repository: it lies beside the checkout, or where
// EBBFLOW_REAL_DATA says. `npm run test:real-data` says in one line when it is absent.
const beside = fileURLToPath(new URL('../shared/data', import.meta.url));

const realDataDirectory = process.env.EBBFLOW_REAL_DATA || beside;
// It is a setting of this suite alone; the engine refuses EBBFLOW_ names that it does not know.
delete process.env.EBBFLOW_REAL_DATA;

export default defineConfig({
  test: {
    pool: 'forks',
    include: ['test/real-data/**/*.test.ts'],
    reporters: ['default', './test/support/tally-reporter.ts'],
    provide: { realDataDirectory },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    // One stall of a shared machine must not hide what 1,600 other tests found; the reporter names each.
    retry: process.env.CI ? 1 : 0,
  },
});

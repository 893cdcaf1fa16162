import type { Reporter, TestModule } from 'vitest/node';

/**
 * Closes a run with the one line that continuous integration reads: `N passed, N failed`. Before it, each test that
 * passed only at its second try is named: such a test is a defect that someone has to mend.
 */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    let skipped = 0;
    for (const module of modules) {
      let testsInModule = 0;
      for (const test of module.children.allTests()) {
        testsInModule += 1;
        const { state } = test.result();
        if (test.diagnostic()?.flaky)
          process.stdout.write(`\nPassed at the second try only: ${test.fullName}`);
        if (state === 'passed') passed += 1;
        else if (state === 'skipped') skipped += 1;
        else failed += 1;
      }
      if (testsInModule === 0 || module.errors().length > 0) failed += 1;
    }
    const skippedPart = skipped > 0 ? `, ${skipped} skipped` : '';
    process.stdout.write(`\n${passed} passed, ${failed} failed${skippedPart}\n`);
  }
}

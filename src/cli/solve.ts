import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { type BackendName, parseProblem, solve } from '../../solver/index.js';
import { checkWritable, parseJson, readTextFile } from './files.js';
import { integerBetween, numberBetween } from './numbers.js';

interface SolveFlags {
  readonly out?: string;
  readonly backend: BackendName;
  readonly gap: number;
  readonly timeLimitMs: number;
  readonly json?: boolean;
}

export function configure(command: Command): void {
  command
    .argument('<problem>', 'problem document (JSON, version 1)')
    .option('--out <file>', 'write the plan document here instead of standard output')
    .addOption(
      new Option('--backend <name>', 'solver')
        .choices(['fleet', 'highs', 'javascript-lp-solver'])
        .default('fleet'),
    )
    .option('--gap <fraction>', 'relative gap at which a plan counts as optimal', numberBetween(0, 1), 1e-4)
    .option(
      '--time-limit-ms <ms>',
      'return the best plan found by then',
      integerBetween(1, 86_400_000),
      60_000,
    )
    .option('--json', 'with --out: print the summary as JSON')
    .action(async (file: string, flags: SolveFlags) => {
      const problem = parseProblem(parseJson(await readTextFile(file, 'problem'), 'problem'));
      if (flags.out !== undefined) await checkWritable(flags.out, '--out');
      const { plan } = await solve(problem, {
        backend: flags.backend,
        gap: flags.gap,
        timeLimitMs: flags.timeLimitMs,
      });
      const text = `${JSON.stringify(plan)}\n`;
      if (flags.out === undefined) {
        process.stdout.write(text);
        return;
      }
      await writeFile(flags.out, text);
      const { status, objective, lowerBound, gap, backend, solveMilliseconds } = plan;
      process.stdout.write(
        flags.json
          ? `${JSON.stringify({ status, objective, lowerBound, gap, backend, solveMilliseconds })}\n`
          : `${status}: ${objective.toFixed(4)} ${problem.currency}, gap ${gap.toExponential(1)}, ${backend}, ${solveMilliseconds.toFixed(1)} ms\n`,
      );
    });
}

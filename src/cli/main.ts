#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { projectVersion } from '../project-root.js';
import { ExitCode, exitCodeOf, oneLine } from './exit.js';

interface CommandModule {
  /** Adds arguments, options and the action. */
  configure(command: Command): void;
}

/** Only the module of the command that was asked for is loaded: the help comes at once. */
const COMMANDS: Readonly<Record<string, { description: string; load: () => Promise<CommandModule> }>> = {
  solve: {
    description: 'Solve a problem document and print or write the certified plan',
    load: () => import('./solve.js'),
  },
  serve: {
    description: 'Run the engine; configured by EBBFLOW_* in the environment',
    load: () => import('./serve.js'),
  },
  simulate: {
    description: 'Connect simulated V2G stations and cars to a CSMS',
    load: () => import('./simulate.js'),
  },
  probe: {
    description: 'Ask the running engine what a station can do, and how it answers',
    load: () => import('./probe.js'),
  },
  demo: {
    description: 'Run the engine with a simulated V2G fleet: connect, plan, dispatch, meter, settle',
    load: () => import('./demo/command.js'),
  },
  backtest: {
    description: 'Plan recorded sessions against recorded prices, day by day, with both known in advance',
    load: () => import('./backtest.js'),
  },
  migrate: {
    description: 'Bring the database to the newest schema',
    load: () => import('./migrate.js'),
  },
  keys: {
    description: 'Manage API keys',
    load: () => import('./keys.js'),
  },
  prices: {
    description: 'Manage prices',
    load: () => import('./prices.js'),
  },
  tariffs: {
    description: 'Manage tariffs: fees, levies, taxes and refunds on the market’s prices',
    load: () => import('./tariffs.js'),
  },
  contracts: {
    description: 'Manage contracts with drivers',
    load: () => import('./contracts.js'),
  },
  verify: {
    description: 'Verify the chain of proofs behind the delivery reports, and print its first broken link',
    load: () => import('./verify.js'),
  },
};

const program = new Command('ebbflow')
  .description('Virtual power plant engine for V2G fleets')
  .version(projectVersion())
  .showSuggestionAfterError(false)
  .exitOverride();

try {
  for (const [name, { description, load }] of Object.entries(COMMANDS)) {
    const command = program.command(name).description(description).exitOverride();
    if (process.argv.includes(name)) (await load()).configure(command);
  }
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? ExitCode.done : ExitCode.badInput;
  } else {
    process.stderr.write(`ebbflow: ${oneLine(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}

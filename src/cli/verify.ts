import { existsSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { type Config, readConfig } from '../config.js';
import { EbbflowError, invalidInput } from '../domain/errors.js';
import { createLogger, verifyChain } from '../main.js';
import type { ProofVerdict } from '../ports/use-cases.js';
import { openStore } from '../store/open-store.js';
import { callEngine } from './engine-client.js';
import { ExitCode } from './exit.js';

export function configure(command: Command): void {
  command
    .option('--head <hash>', 'a hash noted earlier that the chain must still hold', parseHash)
    .option('--json', 'print JSON')
    .action(async (flags: { head?: string; json?: boolean }) => {
      const verdict = await verify(readConfig(), flags.head);
      process.stdout.write(`${flags.json ? JSON.stringify(verdict) : textOf(verdict)}\n`);
      if (verdict.broken !== null) process.exitCode = ExitCode.failed;
    });
}

function textOf({ links, head, broken }: ProofVerdict): string {
  if (broken !== null) {
    const { seq, kind, subject, fault } = broken;
    const what = kind === null ? '' : ` (${kind} of ${subject})`;
    return `broken at link ${seq}${what}: ${fault}; the ${links} before it hold`;
  }
  return head === null ? 'the chain is empty' : `${links} links hold, head ${head}`;
}

function parseHash(text: string): string {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new InvalidArgumentError('must be 64 hex digits.');
  return text;
}

/** Reads the store, or asks the engine that holds the embedded one. */
async function verify(config: Config, expectedHead: string | undefined): Promise<ProofVerdict> {
  const { dataDir, databaseUrl } = config;
  // A mistyped directory must not pass as a chain without a fault.
  if (databaseUrl === undefined && !existsSync(dataDir))
    throw invalidInput('EBBFLOW_DATA_DIR', `there is no store in ${dataDir}`);
  const options = expectedHead === undefined ? {} : { expectedHead };
  try {
    const { store } = await openStore({
      dataDir,
      logger: createLogger('silent'),
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
    });
    try {
      return await verifyChain(store, options);
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!(error instanceof EbbflowError) || error.code !== 'DATA_DIR_LOCKED') throw error;
    const query = expectedHead === undefined ? '' : `?head=${expectedHead}`;
    return (await callEngine(config, {
      method: 'GET',
      path: `/v1/proofs/verification${query}`,
    })) as ProofVerdict;
  }
}

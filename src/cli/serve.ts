import type { Command } from 'commander';
import { readConfig } from '../config.js';
import { createLogger, start } from '../main.js';

/** A stop that takes longer is cut short. */
const STOP_LIMIT_MS = 15_000;

export function configure(command: Command): void {
  command.action(async () => {
    const config = readConfig();
    const logger = createLogger(config.logLevel);
    const node = await start(config, { logger });
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
    });
    logger.info({ event: 'stopping' }, 'stopping');
    const limit = setTimeout(() => process.exit(1), STOP_LIMIT_MS);
    await node.stop();
    clearTimeout(limit);
    logger.info({ event: 'stopped' }, 'stopped');
  });
}

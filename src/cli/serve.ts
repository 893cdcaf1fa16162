import type { Command } from 'commander';
import { NODE_ROLES, readConfig } from '../config.js';
import { createLogger, type RunningNode, start, startSplitNode } from '../main.js';
import type { Logger } from '../ports/logger.js';
import { settingsText } from '../settings-help.js';

/** A stop that takes longer is cut short. */
const STOP_LIMIT_MS = 15_000;

export function configure(command: Command): void {
  command.addHelpText('after', settingsText());
  command.action(async () => {
    const config = readConfig();
    const logger = createLogger(config.logLevel);
    const isWhole = config.roles.length === NODE_ROLES.length;
    const node = isWhole ? await start(config, { logger }) : await startSplitNode(config, logger);
    if (config.stationTls !== undefined) process.on('SIGHUP', () => void reloadCertificates(node, logger));
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

/** A renewed certificate that cannot be used leaves the old one in place. */
async function reloadCertificates(
  node: Pick<RunningNode, 'reloadCertificates'>,
  logger: Logger,
): Promise<void> {
  try {
    await node.reloadCertificates();
    logger.info({ event: 'certificates-reloaded' }, 'certificates of the station end point read again');
  } catch (error) {
    logger.error({ err: error }, 'certificates not reloaded, the old ones stay');
  }
}

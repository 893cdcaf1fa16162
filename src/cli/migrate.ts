import type { Command } from 'commander';
import { readConfig } from '../config.js';
import { createLogger } from '../main.js';
import { openStore } from '../store/open-store.js';

export function configure(command: Command): void {
  command.action(async () => {
    const config = readConfig();
    const { databaseUrl, dataDir } = config;
    const { store } = await openStore({
      dataDir,
      logger: createLogger(config.logLevel),
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
    });
    await store.close();
    process.stdout.write('database is up to date\n');
  });
}

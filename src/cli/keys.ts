import { type Command, Option } from 'commander';
import { type Config, readConfig } from '../config.js';
import { EbbflowError } from '../domain/errors.js';
import { ROLES, type Role } from '../domain/role.js';
import { createLogger } from '../main.js';
import { createSecrets } from '../secrets.js';
import { openStore } from '../store/open-store.js';
import { callEngine } from './engine-client.js';

export function configure(command: Command): void {
  command
    .command('create')
    .description('Create an API key; it is shown once')
    .addOption(new Option('--role <role>', 'what the key may do').choices([...ROLES]).makeOptionMandatory())
    .option('--name <name>', 'whose key it is', 'command line')
    .option('--json', 'print JSON')
    .exitOverride()
    .action(async (flags: { role: Role; name: string; json?: boolean }) => {
      const made = await createKey(readConfig(), flags.role, flags.name);
      process.stdout.write(
        flags.json ? `${JSON.stringify({ ...made, role: flags.role })}\n` : `${made.apiKey}\n`,
      );
    });
}

/** Writes the key into the store, or asks the engine that holds the embedded store. */
async function createKey(
  config: Config,
  role: Role,
  name: string,
): Promise<{ keyId: string; apiKey: string }> {
  const { dataDir, databaseUrl } = config;
  try {
    const { store } = await openStore({
      dataDir,
      logger: createLogger('silent'),
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
    });
    const secrets = createSecrets();
    const key = { keyId: secrets.newId(), apiKey: secrets.newApiKey() };
    await store.apiKeys.save(
      { keyId: key.keyId, role, name, createdAtMs: Date.now() },
      secrets.digest(key.apiKey),
    );
    await store.close();
    return key;
  } catch (error) {
    if (!(error instanceof EbbflowError) || error.code !== 'DATA_DIR_LOCKED') throw error;
    const body = JSON.stringify({ role, name });
    const answer = await callEngine(config, {
      method: 'POST',
      path: '/v1/keys',
      contentType: 'application/json',
      body,
    });
    return answer as { keyId: string; apiKey: string };
  }
}

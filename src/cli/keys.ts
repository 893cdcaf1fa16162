import { type Command, Option } from 'commander';
import { type Config, readConfig } from '../config.js';
import { EbbflowError } from '../domain/errors.js';
import { type ApiKeyRecord, ROLES, type Role } from '../domain/role.js';
import { createLogger } from '../main.js';
import type { ApiKeyStore } from '../ports/store.js';
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
  command
    .command('list')
    .description('List the API keys, without their text')
    .option('--json', 'print JSON')
    .exitOverride()
    .action(async (flags: { json?: boolean }) => {
      const keys = await listKeys(readConfig());
      process.stdout.write(
        flags.json
          ? `${JSON.stringify({ keys })}\n`
          : keys
              .map(
                ({ keyId, role, createdAt, name }) => `${keyId}  ${role.padEnd(8)}  ${createdAt}  ${name}\n`,
              )
              .join(''),
      );
    });
  command
    .command('revoke')
    .description('Revoke an API key: it is refused within a minute')
    .argument('<key-id>', 'as `keys list` shows it')
    .exitOverride()
    .action(async (keyId: string) => {
      await revokeKey(readConfig(), keyId);
      process.stdout.write(`revoked ${keyId}\n`);
    });
}

type ListedKey = Omit<ApiKeyRecord, 'createdAtMs'> & { readonly createdAt: string };

function createKey(config: Config, role: Role, name: string): Promise<{ keyId: string; apiKey: string }> {
  return inStoreOrEngine(
    config,
    async (apiKeys) => {
      const secrets = createSecrets();
      const key = { keyId: secrets.newId(), apiKey: secrets.newApiKey() };
      const record = { keyId: key.keyId, role, name, createdAtMs: Date.now() };
      await apiKeys.save(record, secrets.digest(key.apiKey));
      return key;
    },
    async () => {
      const body = JSON.stringify({ role, name });
      const request = { method: 'POST', path: '/v1/keys', contentType: 'application/json', body } as const;
      return (await callEngine(config, request)) as { keyId: string; apiKey: string };
    },
  );
}

function listKeys(config: Config): Promise<readonly ListedKey[]> {
  return inStoreOrEngine(
    config,
    async (apiKeys) =>
      (await apiKeys.list()).map(({ createdAtMs, ...key }) => ({
        ...key,
        createdAt: new Date(createdAtMs).toISOString(),
      })),
    async () => {
      const answer = await callEngine(config, { method: 'GET', path: '/v1/keys' });
      return (answer as { keys: ListedKey[] }).keys;
    },
  );
}

function revokeKey(config: Config, keyId: string): Promise<void> {
  return inStoreOrEngine(
    config,
    async (apiKeys) => {
      if (!(await apiKeys.remove(keyId))) {
        throw new EbbflowError('NOT_FOUND', `key-id: there is no API key ${keyId}`);
      }
    },
    async () => {
      await callEngine(config, { method: 'DELETE', path: `/v1/keys/${encodeURIComponent(keyId)}` });
    },
  );
}

/** Works on the store itself, or asks the engine that holds the embedded store. */
async function inStoreOrEngine<T>(
  { dataDir, databaseUrl }: Config,
  work: (apiKeys: ApiKeyStore) => Promise<T>,
  ask: () => Promise<T>,
): Promise<T> {
  let opened: Awaited<ReturnType<typeof openStore>>;
  try {
    opened = await openStore({
      dataDir,
      logger: createLogger('silent'),
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
    });
  } catch (error) {
    if (error instanceof EbbflowError && error.code === 'DATA_DIR_LOCKED') return ask();
    throw error;
  }
  try {
    return await work(opened.store.apiKeys);
  } finally {
    await opened.close();
  }
}

import path from 'node:path';
import type { Command } from 'commander';
import { readConfig } from '../config.js';
import { EbbflowError } from '../domain/errors.js';
import { createLogger } from '../main.js';
import type { DocumentReader } from '../market/documents-in-folders.js';
import type { SettlementDocuments } from '../ports/store.js';
import { projectRoot } from '../project-root.js';
import { openStore } from '../store/open-store.js';
import { callEngine } from './engine-client.js';
import { readTextFile } from './files.js';

/** Adds `import <files...>` for a kind of document: all files are read before the first is laid down. */
export function configureImport<Kind extends keyof SettlementDocuments>(
  command: Command,
  of: {
    readonly kind: Kind;
    readonly reader: (schemaFolder: string) => Promise<DocumentReader<SettlementDocuments[Kind]>>;
  },
): void {
  command
    .command('import')
    .description(`Lay down ${of.kind}s from JSON files (schemas/)`)
    .argument('<files...>')
    .exitOverride()
    .action(async (files: string[]) => {
      const read = await of.reader(path.join(projectRoot(), 'schemas'));
      const documents: SettlementDocuments[Kind][] = [];
      for (const file of files) documents.push(read(await readTextFile(file, 'files'), path.basename(file)));
      await layDown(of.kind, documents);
      for (const { id, validFrom } of documents) process.stdout.write(`${of.kind} ${id} from ${validFrom}\n`);
    });
}

/** Hands the documents to the running engine, which plans with them at once; without one writes the store. */
async function layDown<Kind extends keyof SettlementDocuments>(
  kind: Kind,
  documents: readonly SettlementDocuments[Kind][],
): Promise<void> {
  const config = readConfig();
  try {
    if (config.adminKey !== undefined) {
      for (const document of documents) {
        const request = { contentType: 'application/json', body: JSON.stringify(document) };
        const address = `/v1/${kind}s/${encodeURIComponent(document.id)}`;
        await callEngine(config, { method: 'PUT', path: address, ...request });
      }
      return;
    }
  } catch (error) {
    if (!(error instanceof EbbflowError) || error.code !== 'STORE_UNAVAILABLE') throw error;
  }
  const { dataDir, databaseUrl } = config;
  const logger = createLogger('silent');
  const { store } = await openStore({
    dataDir,
    logger,
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
  });
  try {
    for (const document of documents) await store.ledger.saveDocument(kind, document, Date.now());
  } finally {
    await store.close();
  }
}

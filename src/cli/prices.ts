import path from 'node:path';
import type { Command } from 'commander';
import { type Config, readConfig } from '../config.js';
import { EbbflowError } from '../domain/errors.js';
import type { PriceSeries } from '../domain/price.js';
import { createLogger } from '../main.js';
import { parsePriceFile } from '../market/price-file.js';
import { openStore } from '../store/open-store.js';
import { callEngine } from './engine-client.js';
import { readTextFile } from './files.js';

export function configure(command: Command): void {
  command
    .command('import')
    .description('Import a price file: CSV, ENTSO-E A44 XML or Energy-Charts JSON')
    .argument('<file>')
    .option('--zone <zone>', 'bidding zone, where the file does not say')
    .option('--currency <code>', 'currency, where the file does not say')
    .option('--json', 'print JSON')
    .exitOverride()
    .action(async (file: string, flags: { zone?: string; currency?: string; json?: boolean }) => {
      const text = await readTextFile(file, 'file');
      const series = parsePriceFile({ ...flags, fileName: path.basename(file), text });
      await putPrices(readConfig(), series, { file, text, flags });
      const slots = series.importPerKwh.length;
      const from = new Date(series.startMs).toISOString();
      process.stdout.write(
        flags.json
          ? `${JSON.stringify({ zone: series.zone, start: from, slotMinutes: series.slotMinutes, slots })}\n`
          : `${slots} slots of ${series.slotMinutes} minutes from ${from} for ${series.zone}\n`,
      );
    });
}

interface PriceSource {
  readonly file: string;
  readonly text: string;
  readonly flags: { readonly zone?: string; readonly currency?: string };
}

/** Writes the prices into the store, or hands the file to the engine that holds the embedded store. */
async function putPrices(config: Config, series: PriceSeries, source: PriceSource): Promise<void> {
  const { dataDir, databaseUrl } = config;
  try {
    const { store } = await openStore({
      dataDir,
      logger: createLogger('silent'),
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
    });
    await store.prices.save(series, Date.now());
    await store.close();
  } catch (error) {
    if (!(error instanceof EbbflowError) || error.code !== 'DATA_DIR_LOCKED') throw error;
    const query = new URLSearchParams();
    for (const name of ['zone', 'currency'] as const) {
      const value = source.flags[name];
      if (value !== undefined) query.set(name, value);
    }
    const contentType = CONTENT_TYPES[path.extname(source.file).toLowerCase()] ?? 'text/csv';
    await callEngine(config, { method: 'PUT', path: `/v1/prices?${query}`, contentType, body: source.text });
  }
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.xml': 'application/xml',
  '.json': 'application/json',
};

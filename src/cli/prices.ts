import path from 'node:path';
import type { Command } from 'commander';
import { type Config, readConfig } from '../config.js';
import { EbbflowError, invalidInput } from '../domain/errors.js';
import { PRICE_KINDS, type PriceKind, type PriceSeries } from '../domain/price.js';
import { createLogger } from '../main.js';
import { parsePriceFileNative } from '../market/price-file.js';
import { openStore } from '../store/open-store.js';
import { callEngine } from './engine-client.js';
import { readTextFile } from './files.js';

export function configure(command: Command): void {
  command
    .command('import')
    .description('Import a price file: CSV, ENTSO-E A44 XML or JSON, of any shape that docs/prices.md lists')
    .argument('<file>')
    .option('--zone <zone>', 'bidding zone, where the file does not say')
    .option('--currency <code>', 'currency, where the file does not say')
    .option('--kind <market>', `${PRICE_KINDS.join(', ')}; default day-ahead`)
    .option('--json', 'print JSON')
    .exitOverride()
    .action(
      async (
        file: string,
        { kind, ...flags }: { zone?: string; currency?: string; kind?: string; json?: boolean },
      ) => {
        const text = await readTextFile(file, 'file');
        const market = kindOf(kind);
        const read = parsePriceFileNative({ ...flags, fileName: path.basename(file), text });
        const runs = market === undefined ? read : read.map((series) => ({ ...series, kind: market }));
        const query = { ...flags, ...(market === undefined ? {} : { kind: market }) };
        await putPrices(readConfig(), runs, { file, text, flags: query });
        for (const { zone, startMs, slotMinutes, importPerKwh } of runs) {
          const slots = importPerKwh.length;
          const start = new Date(startMs).toISOString();
          process.stdout.write(
            flags.json
              ? `${JSON.stringify({ zone, start, slotMinutes, slots })}\n`
              : `${slots} slots of ${slotMinutes} minutes from ${start} for ${zone}\n`,
          );
        }
      },
    );
}

function kindOf(kind: string | undefined): PriceKind | undefined {
  if (kind === undefined) return undefined;
  const known = PRICE_KINDS.find((one) => one === kind);
  if (known === undefined) throw invalidInput('--kind', `expected ${PRICE_KINDS.join(', ')}, got ${kind}`);
  return known;
}

interface PriceSource {
  readonly file: string;
  readonly text: string;
  readonly flags: { readonly zone?: string; readonly currency?: string; readonly kind?: PriceKind };
}

/** Writes the prices into the store, or hands the file to the engine that holds the embedded store. */
async function putPrices(config: Config, runs: readonly PriceSeries[], source: PriceSource): Promise<void> {
  const { dataDir, databaseUrl } = config;
  try {
    const { store } = await openStore({
      dataDir,
      logger: createLogger('silent'),
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
    });
    const nowMs = Date.now();
    for (const series of runs) await store.prices.save(series, nowMs);
    await store.close();
  } catch (error) {
    if (!(error instanceof EbbflowError) || error.code !== 'DATA_DIR_LOCKED') throw error;
    const query = new URLSearchParams();
    for (const name of ['zone', 'currency', 'kind'] as const) {
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

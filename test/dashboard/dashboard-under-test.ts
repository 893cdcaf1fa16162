import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { type Api, createApi } from '../../src/api/create-api.js';
import { createMetricsRegistry } from '../../src/api/metrics-registry.js';
import { FakeLogger } from '../api/fake-logger.js';
import { fakePriceFiles } from '../api/fake-price-files.js';
import { FakeUseCases } from '../api/fake-use-cases.js';

/** The dashboard built from its sources, as it ships, into a folder of its own. */
export async function buildDashboard(): Promise<{ dir: string; remove(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'ebbflow-dashboard-'));
  const { NODE_ENV } = process.env;
  // The test runner's own value would make a development build.
  process.env.NODE_ENV = 'production';
  try {
    await build({ logLevel: 'error', build: { outDir: dir, emptyOutDir: true } });
  } finally {
    process.env.NODE_ENV = NODE_ENV;
  }
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}

/** A real server with the page before a fake engine. `port` 0 takes a free one. */
export async function serveDashboardBefore(
  dashboardDir: string,
  port = 0,
): Promise<{ api: Api; useCases: FakeUseCases }> {
  const useCases = new FakeUseCases();
  const api = await createApi({
    useCases,
    host: '127.0.0.1',
    port,
    logger: new FakeLogger(),
    metrics: createMetricsRegistry(),
    parsePriceFile: fakePriceFiles().parsePriceFile,
    dashboardDir,
  });
  return { api, useCases };
}

/** What a page must not do: complain in the console, fail, or ask another host. */
export function watchPage(page: Page, address: string): readonly string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${address}/`) && !url.startsWith('data:')) complaints.push(`request: ${url}`);
  });
  return complaints;
}

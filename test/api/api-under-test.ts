import { afterAll, afterEach } from 'vitest';
import { type ApiOptions, buildApi } from '../../src/api/build-api.js';
import { createMetricsRegistry } from '../../src/api/metrics-registry.js';
import type { Role } from '../../src/domain/role.js';
import { FakeLogger } from './fake-logger.js';
import { fakePriceFiles } from './fake-price-files.js';
import { FakeUseCases, keyOf } from './fake-use-cases.js';

interface Asked {
  readonly as?: Role;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** The API before a fake engine. Without options one server serves all tests of a file, forgetful of the last. */
export async function apiUnderTest(options?: Partial<ApiOptions>) {
  if (options) return startApi(options, closersOfTest);
  shared ??= startApi({}, closersOfFile);
  const api = await shared;
  api.useCases.reset();
  api.logger.lines.length = 0;
  api.files.read.length = 0;
  return api;
}

async function startApi(options: Partial<ApiOptions>, closers: (() => Promise<unknown>)[]) {
  const useCases = new FakeUseCases();
  const logger = new FakeLogger();
  const metrics = createMetricsRegistry();
  metrics.attachFleet(() => useCases.fleet());
  const files = fakePriceFiles();
  const app = await buildApi({
    useCases,
    logger,
    metrics,
    parsePriceFile: files.parsePriceFile,
    ...options,
  });
  closers.push(() => app.close());
  /** Sends one request, as an admin unless said otherwise. */
  async function ask(method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE', url: string, asked: Asked = {}) {
    const text = typeof asked.body === 'string' ? asked.body : JSON.stringify(asked.body);
    const response = await app.inject({
      method,
      url,
      headers: {
        authorization: `Bearer ${keyOf(asked.as ?? 'admin')}`,
        ...(asked.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...asked.headers,
      },
      ...(text === undefined ? {} : { payload: text }),
    });
    const isJson = /json/.test(String(response.headers['content-type']));
    return {
      status: response.statusCode,
      headers: response.headers,
      text: response.body,
      json: isJson ? response.json() : undefined,
    };
  }
  return { app, ask, useCases, logger, metrics, files };
}

let shared: ReturnType<typeof startApi> | undefined;
const closersOfTest: (() => Promise<unknown>)[] = [];
const closersOfFile: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closersOfTest.splice(0)) await close();
});

afterAll(async () => {
  for (const close of closersOfFile.splice(0)) await close();
});

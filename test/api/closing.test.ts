import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { createApi } from '../../src/api/create-api.js';
import { createMetricsRegistry } from '../../src/api/metrics-registry.js';
import { FakeLogger } from './fake-logger.js';
import { fakePriceFiles } from './fake-price-files.js';
import { FakeUseCases, keyOf } from './fake-use-cases.js';

const serve = (useCases: FakeUseCases) =>
  createApi({
    useCases,
    host: '127.0.0.1',
    port: 0,
    logger: new FakeLogger(),
    metrics: createMetricsRegistry(),
    parsePriceFile: fakePriceFiles().parsePriceFile,
  });

it('does not wait for a connection that never asked anything, as browsers keep some in reserve', async () => {
  const api = await serve(new FakeUseCases());
  const silent = connect(Number(new URL(api.address).port), '127.0.0.1');
  await once(silent, 'connect');
  // Answered after the silent connection was taken: the server knows of it.
  await (await fetch(`${api.address}/healthz`)).text();
  const gone = once(silent, 'close');
  await api.close();
  await gone;
});

it('lets a running request finish', async () => {
  const useCases = new FakeUseCases();
  let asked: () => void = () => {};
  let answer: () => void = () => {};
  const whenAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const mayAnswer = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const history = useCases.history.bind(useCases);
  useCases.history = async (query) => {
    asked();
    await mayAnswer;
    return history(query);
  };
  const api = await serve(useCases);
  const reply = fetch(`${api.address}/v1/fleet/history`, {
    headers: { authorization: `Bearer ${keyOf('viewer')}` },
  });
  await whenAsked;
  const closed = api.close();
  answer();
  expect((await reply).status).toBe(200);
  await closed;
});

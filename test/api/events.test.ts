import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createApi } from '../../src/api/create-api.js';
import type { EventHubOptions } from '../../src/api/event-hub.js';
import { createEventQueue } from '../../src/api/event-queue.js';
import { createMetricsRegistry } from '../../src/api/metrics-registry.js';
import { dispatchView, fleetSnapshot, NOW_MS, plan, sessionView } from './fake-fleet.js';
import { FakeLogger } from './fake-logger.js';
import { fakePriceFiles } from './fake-price-files.js';
import { FakeUseCases, keyOf } from './fake-use-cases.js';

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function listeningApi(events: EventHubOptions = {}) {
  const useCases = new FakeUseCases();
  const api = await createApi({
    useCases,
    host: '127.0.0.1',
    port: 0,
    logger: new FakeLogger(),
    metrics: createMetricsRegistry(),
    parsePriceFile: fakePriceFiles().parsePriceFile,
    events,
  });
  closers.push(() => api.close());
  return { useCases, api };
}

async function follow(address: string) {
  const response = await fetch(`${address}/v1/events`, {
    headers: { authorization: `Bearer ${keyOf('viewer')}` },
  });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  /** Everything up to and with the next text that matches. */
  async function until(pattern: RegExp): Promise<string> {
    for (;;) {
      const match = pattern.exec(text);
      if (match) {
        const taken = text.slice(0, match.index + match[0].length);
        text = text.slice(taken.length);
        return taken;
      }
      const { done, value } = await reader.read();
      if (done) throw new Error(`The stream ended before ${pattern}: ${text}`);
      text += value;
    }
  }
  const ended = async () => {
    for (;;) if ((await reader.read()).done) return true;
  };
  return { response, until, ended, cancel: () => reader.cancel() };
}

describe('GET /v1/events', () => {
  it('needs a key', async () => {
    const { api } = await listeningApi();
    const response = await fetch(`${api.address}/v1/events`);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('starts with the fleet as it is, then sends each event under its kind', async () => {
    const { api, useCases } = await listeningApi();
    const client = await follow(api.address);
    expect(client.response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(client.response.headers.get('cache-control')).toBe('no-store');
    expect(await client.until(/event: fleet\ndata: .*\n\n/)).toContain('"at":"2026-01-20T17:00:00Z"');

    const { sessions, ...certificate } = plan();
    useCases.emit({ kind: 'fleet', fleet: fleetSnapshot({ importKw: 99.5 }) });
    useCases.emit({ kind: 'plan', plan: { ...certificate, sessions: sessions.length, shortfallKwh: 0 } });
    useCases.emit({ kind: 'session', session: sessionView(1) });
    useCases.emit({ kind: 'dispatch', order: dispatchView().order });
    useCases.emit({ kind: 'alarm', alarm: { atMs: NOW_MS, code: 'STATION_OFFLINE', text: 'two\nlines' } });
    const text = await client.until(/event: alarm\ndata: .*\n\n/);
    const events = [...text.matchAll(/event: (\w+)\ndata: (.*)\n\n/g)];
    expect(events.map(([, kind]) => kind)).toEqual(['fleet', 'plan', 'session', 'dispatch', 'alarm']);
    const documents = events.map(([, , data]) => JSON.parse(data!));
    expect(documents[0]).toMatchObject({ importKw: 99.5 });
    expect(documents[1]).toMatchObject({ planId: 'plan-7', createdAt: '2026-01-20T16:58:00Z' });
    expect(documents[2]).toMatchObject({ transactionId: 'tx-1', exportKwh: 6.3 });
    expect(documents[3]).toMatchObject({ dispatchId: 'd-1', state: 'accepted' });
    expect(documents[4]).toMatchObject({ at: '2026-01-20T17:00:00Z', text: 'two\nlines', stationId: null });
  });

  it('shows a sign of life when nothing happens', async () => {
    const { api } = await listeningApi({ heartbeatMs: 5 });
    const client = await follow(api.address);
    expect(await client.until(/: heartbeat\n\n: heartbeat\n\n/)).toContain('event: fleet');
  });

  it('tells a client that does not keep up so, and lets it go; the others stay', async () => {
    const { api, useCases } = await listeningApi({ eventsWaiting: 50 });
    const healthy = await follow(api.address);
    await healthy.until(/\n\n/);
    const { port, hostname } = new URL(api.address);
    const slow = connect(Number(port), hostname);
    slow.write(
      `GET /v1/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${keyOf('viewer')}\r\n\r\n`,
    );
    await new Promise((resolve) => slow.once('data', resolve));
    slow.pause();

    // The kernel's buffers take some megabytes before the server notices.
    for (let round = 0; round < 400; round++) {
      const text = `${round} ${'x'.repeat(60_000)}`;
      useCases.emit({ kind: 'alarm', alarm: { atMs: NOW_MS, code: 'X', text } });
      await healthy.until(/\n\n/);
    }

    let received = '';
    slow.on('data', (chunk) => {
      received = (received + chunk.toString('latin1')).slice(-300);
    });
    const closed = new Promise((resolve) => slow.once('close', resolve));
    slow.resume();
    await closed;
    expect(received).toMatch(/event: lagged\ndata: {"eventsLost":51}\n\n/);
    useCases.emit({ kind: 'alarm', alarm: { atMs: NOW_MS, code: 'LAST', text: 'still here' } });
    expect(await healthy.until(/still here.*\n\n/)).toContain('LAST');
  });

  it('cuts off a client that does not even take its notice', async () => {
    const limits = { heartbeatMs: 60_000, eventsWaiting: 2, laggedGraceMs: 5, socketBytes: 10 };
    await new Promise<void>((resolve) => {
      const queue = createEventQueue(limits, () => {
        expect(queue.stream.destroyed).toBe(true);
        resolve();
      });
      for (let event = 0; event < 5; event++) queue.push('event: x\ndata: 1\n\n');
    });
  });

  it('ends the streams and frees the port when the server closes', async () => {
    const { api, useCases } = await listeningApi();
    const client = await follow(api.address);
    await client.until(/\n\n/);
    expect(useCases.listeners).toBe(1);
    await Promise.all([api.close(), client.ended()]);
    expect(useCases.listeners).toBe(0);
    await expect(fetch(`${api.address}/healthz`)).rejects.toThrow();
  });
});

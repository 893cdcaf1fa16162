import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PriceSeries } from '../../../src/domain/price.js';
import { readFeeds } from '../../../src/market/feeds/known-feeds.js';
import { dueWindow, runPriceFeeds } from '../../../src/market/feeds/run-price-feeds.js';
import type { PriceFault } from '../../../src/ports/use-cases.js';
import { FakeClock } from '../../support/fake-clock.js';
import { a44 } from '../price-fixtures.js';
import {
  type Answer,
  body,
  cutOff,
  energyChartsAnswer,
  type FeedServer,
  NOTHING_PUBLISHED,
  never,
  startFeedServer,
} from './feed-server.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

let servers: FeedServer[] = [];
let runners: { stop(): Promise<void> }[] = [];
let delivered: PriceSeries[] = [];
let told: PriceFault[] = [];

beforeEach(() => {
  servers = [];
  runners = [];
  delivered = [];
  told = [];
});
afterEach(async () => {
  for (const runner of runners) await runner.stop();
  for (const server of servers) await server.close();
});

async function serving(...answers: Answer[]): Promise<FeedServer> {
  const server = await startFeedServer(...answers);
  servers.push(server);
  return server;
}

/** Feeds by a setting in which `$1` is the address of the first server, running since `now`. */
async function running(feeds: string, now: string): Promise<FakeClock> {
  const clock = new FakeClock(Date.parse(now));
  const setting = feeds.replace(/\$(\d)/g, (_, n: string) => servers[Number(n) - 1]?.baseUrl ?? '');
  runners.push(
    runPriceFeeds({
      feeds: readFeeds({ feeds: setting, entsoeToken: 'the-secret-token' }),
      clock,
      logger: SILENT,
      deliver: async (series) => delivered.push(series),
      tell: (fault) => told.push(fault),
    }),
  );
  await clock.settled();
  return clock;
}

const TWO_DAYS = ['2026-01-19T23:00:00Z', '2026-01-21T23:00:00Z'] as const;
const slotsOf = (series: readonly PriceSeries[]) =>
  series.reduce((sum, { importPerKwh }) => sum + importPerKwh.length, 0);

describe('a price feed', () => {
  it('asks at the start for the days that should be published and those that bridges look back at', async () => {
    const server = await serving(body(energyChartsAnswer('2026-01-17T23:00:00Z', TWO_DAYS[1])));
    await running('energy-charts:DE-LU@$1', '2026-01-20T15:00:00Z');
    expect(server.asked.map((url) => url.pathname + url.search)).toEqual([
      '/price?bzn=DE-LU&start=2026-01-18&end=2026-01-21',
    ]);
    expect(delivered).toHaveLength(1);
    expect(delivered[0]).toMatchObject({ zone: 'DE-LU', currency: 'EUR', slotMinutes: 15 });
    expect(delivered[0]?.source).toMatch(/^Energy-Charts: CC BY 4\.0/);
    expect(slotsOf(delivered)).toBe(4 * 96);
  });

  it('asks again when the auction of the next day is due, and not before', async () => {
    const server = await serving(
      body(energyChartsAnswer('2026-01-17T23:00:00Z', '2026-01-20T23:00:00Z')),
      body(energyChartsAnswer(...TWO_DAYS)),
    );
    const clock = await running('energy-charts:DE-LU@$1', '2026-01-20T10:00:00Z');
    await clock.advanceTo(Date.parse('2026-01-20T12:04:59Z'));
    expect(server.asked).toHaveLength(1);
    await clock.advanceTo(Date.parse('2026-01-20T12:05:00Z'));
    expect(server.asked.at(-1)?.search).toBe('?bzn=DE-LU&start=2026-01-20&end=2026-01-21');
    expect(told).toEqual([]);
  });

  it('looks again every six hours, for sources revise their prices', async () => {
    const server = await serving(
      body(energyChartsAnswer(...TWO_DAYS)),
      body(energyChartsAnswer(...TWO_DAYS, (slot) => slot + 1)),
    );
    const clock = await running('energy-charts:DE-LU@$1', '2026-01-20T13:00:00Z');
    await clock.advanceBy(6 * HOUR_MS);
    expect(server.asked).toHaveLength(2);
    expect(delivered.map(({ importPerKwh }) => importPerKwh[0])).toEqual([0, 0.001]);
  });

  it.each<[string, Answer]>([
    ['HTTP 503', body('busy', 503)],
    ['a cut line', cutOff(energyChartsAnswer(...TWO_DAYS))],
    ['half a document', body(energyChartsAnswer(...TWO_DAYS).slice(0, 900))],
    ['an empty answer', body('')],
    [
      'an hour that is there twice',
      body(energyChartsAnswer(...TWO_DAYS).replace(/(\d{10}),(\d{10})/, '$1,$1')),
    ],
    ['a price of 1e308', body(energyChartsAnswer(...TWO_DAYS).replace('"price":[0', '"price":[1e308'))],
    ['a hole in the prices', body(energyChartsAnswer(...TWO_DAYS, (slot) => (slot === 50 ? null : slot)))],
    ['a document of nothing known', body('{"error":"maintenance"}')],
  ])('is asked again after a minute, then two, then four after %s', async (_title, bad) => {
    const server = await serving(bad, bad, bad, body(energyChartsAnswer(...TWO_DAYS)));
    const clock = await running('energy-charts:DE-LU@$1', '2026-01-20T13:00:00Z');
    expect(delivered).toEqual([]);
    for (const [minutes, asked] of [
      [1, 2],
      [2, 3],
      [4, 4],
    ] as const) {
      await clock.advanceBy(minutes * MINUTE_MS - 1);
      expect(server.asked).toHaveLength(asked - 1);
      await clock.advanceBy(1);
      expect(server.asked).toHaveLength(asked);
    }
    expect(slotsOf(delivered)).toBe(192);
    expect(told).toEqual([]);
  });

  it('waits as long as it is told to with 429', async () => {
    const server = await serving(
      body('slow down', 429, { 'retry-after': '600' }),
      body(energyChartsAnswer(...TWO_DAYS)),
    );
    const clock = await running('energy-charts:DE-LU@$1', '2026-01-20T13:00:00Z');
    await clock.advanceBy(10 * MINUTE_MS - 1);
    expect(server.asked).toHaveLength(1);
    await clock.advanceBy(1);
    expect(slotsOf(delivered)).toBe(192);
  });

  it('takes the part of a day that is published, and goes on for the rest', async () => {
    await serving(
      body(energyChartsAnswer(...TWO_DAYS, (slot) => (slot < 96 ? slot : null))),
      body(energyChartsAnswer(...TWO_DAYS)),
    );
    const clock = await running('energy-charts:DE-LU@$1', '2026-01-20T13:00:00Z');
    expect(slotsOf(delivered)).toBe(96);
    await clock.advanceBy(MINUTE_MS);
    expect(slotsOf(delivered)).toBe(96 + 192);
  });

  it('raises one alarm after an hour that names what is missing and why, and another after the next outage', async () => {
    const server = await serving(body('', 500));
    const clock = await running('energy-charts:DE-LU@$1', '2026-01-20T13:00:00Z');
    await clock.advanceBy(59 * MINUTE_MS);
    expect(told).toEqual([]);
    await clock.advanceBy(5 * HOUR_MS);
    expect(told).toEqual([
      {
        code: 'price-feed-failed',
        text: 'DE-LU: prices 2026-01-19T23:00Z to 2026-01-21T23:00Z are missing; energy-charts DE-LU: HTTP 500',
      },
    ]);
    server.answers = [body(energyChartsAnswer(...TWO_DAYS)), body('', 500)];
    await clock.advanceBy(HOUR_MS);
    expect(slotsOf(delivered)).toBe(192);
    await clock.advanceTo(Date.parse('2026-01-21T15:00:00Z'));
    expect(told).toHaveLength(2);
  });

  it.each([
    ['spring', '2026-03-29T13:00:00Z', 92, ['2026-03-28T23:00:00Z', '2026-03-30T22:00:00Z']],
    ['autumn', '2026-10-25T13:00:00Z', 100, ['2026-10-24T22:00:00Z', '2026-10-26T23:00:00Z']],
  ] as const)(
    'knows the %s day to have its own number of quarter-hours',
    async (_title, now, slots, span) => {
      await serving(body(energyChartsAnswer(span[0], span[1])));
      const feed = { timeZone: 'Europe/Brussels', publishedLocal: '13:05' };
      const { fromMs, toMs } = dueWindow(feed, Date.parse(now));
      expect((toMs - fromMs) / (15 * MINUTE_MS)).toBe(slots + 96);
      const clock = await running('energy-charts:DE-LU@$1', now);
      expect(slotsOf(delivered)).toBe(slots + 96);
      await clock.advanceBy(HOUR_MS);
      expect(servers[0]?.asked).toHaveLength(1);
    },
  );
});

describe('ENTSO-E', () => {
  const day = (
    points: readonly (readonly [number, number])[],
    more: { curve?: string; sequence?: number } = {},
  ) => ({
    start: '2026-01-19T23:00Z',
    end: '2026-01-21T23:00Z',
    resolution: 'PT60M',
    domain: '10Y1001A1001A82H',
    sequence: 1,
    curve: 'A01',
    points,
    ...more,
  });
  const all = Array.from({ length: 48 }, (_, hour) => [hour + 1, hour] as const);

  it('is asked by area code and UTC minutes with the token, and keeps hours as hours', async () => {
    const server = await serving(body(a44([day(all)])));
    await running('entsoe:DE-LU@$1', '2026-01-20T13:00:00Z');
    const [url] = server.asked;
    expect(Object.fromEntries(url?.searchParams ?? [])).toEqual({
      securityToken: 'the-secret-token',
      documentType: 'A44',
      in_Domain: '10Y1001A1001A82H',
      out_Domain: '10Y1001A1001A82H',
      periodStart: '202601172300',
      periodEnd: '202601212300',
    });
    expect(delivered).toMatchObject([
      { zone: 'DE-LU', slotMinutes: 60, source: 'ENTSO-E Transparency Platform' },
    ]);
    expect(slotsOf(delivered)).toBe(48);
  });

  it.each([200, 400])(
    'says with HTTP %i that nothing is published yet: no fault, asked again',
    async (status) => {
      const server = await serving(body(NOTHING_PUBLISHED, status), body(a44([day(all)])));
      const clock = await running('entsoe:DE-LU@$1', '2026-01-20T13:00:00Z');
      await clock.advanceBy(MINUTE_MS);
      expect(server.asked).toHaveLength(2);
      expect(slotsOf(delivered)).toBe(48);
      expect(told).toEqual([]);
    },
  );

  it('fills what curve A03 omits, refuses what A01 omits, and never falls back to the early auction', async () => {
    const gappy = all.filter(([position]) => position !== 15);
    await serving(
      body(a44([day(gappy)])),
      body(a44([day(all, { sequence: 2 })])),
      body(a44([day(gappy, { curve: 'A03' })])),
    );
    const clock = await running('entsoe:DE-LU@$1', '2026-01-20T13:00:00Z');
    await clock.advanceBy(MINUTE_MS);
    expect(delivered).toEqual([]);
    await clock.advanceBy(2 * MINUTE_MS);
    expect(delivered[0]?.importPerKwh.slice(13, 16)).toEqual([0.013, 0.013, 0.015]);
  });

  it('hands on the document revision, so that an older copy never replaces a newer one', async () => {
    const revised = a44([day(all)]).replace('<type>', '<revisionNumber>3</revisionNumber><type>');
    await serving(body(revised));
    await running('entsoe:DE-LU@$1', '2026-01-20T13:00:00Z');
    expect(delivered).toMatchObject([{ revision: 3 }]);
  });

  it('that refuses the token raises an alarm at once, which does not hold the token', async () => {
    await serving(body('Unauthorized', 401));
    await running('entsoe:DE-LU@$1', '2026-01-20T13:00:00Z');
    expect(told).toMatchObject([{ code: 'price-feed-refused', text: expect.stringContaining('HTTP 401') }]);
    expect(JSON.stringify(told)).not.toContain('the-secret-token');
  });
});

describe('several feeds', () => {
  it('of one zone are asked in their order, the later ones for what is missing', async () => {
    const first = await serving(body('', 503), body(energyChartsAnswer(...TWO_DAYS)));
    const entry = (hour: number) => ({
      start_timestamp: Date.parse(TWO_DAYS[0]) + hour * HOUR_MS,
      end_timestamp: Date.parse(TWO_DAYS[0]) + (hour + 1) * HOUR_MS,
      marketprice: hour,
      unit: 'Eur/MWh',
    });
    const second = await serving(
      body(JSON.stringify({ data: Array.from({ length: 48 }, (_, hour) => entry(hour)) })),
    );
    const clock = await running('energy-charts:DE-LU@$1, awattar:DE-LU@$2', '2026-01-20T13:30:00Z');
    expect([first.asked.length, second.asked.length]).toEqual([1, 1]);
    expect(delivered).toMatchObject([{ zone: 'DE-LU', slotMinutes: 60, source: 'aWATTar' }]);
    await clock.advanceBy(6 * HOUR_MS);
    expect([first.asked.length, second.asked.length]).toEqual([2, 1]);
  });

  it('of several zones do not wait for each other', async () => {
    await serving(never);
    await serving(body(energyChartsAnswer(...TWO_DAYS)));
    const clock = new FakeClock(Date.parse('2026-01-20T13:00:00Z'));
    const arrived = new Promise<PriceSeries>((resolve) => {
      const feeds = readFeeds({
        feeds: `energy-charts:FR@${servers[0]?.baseUrl}, energy-charts:BE@${servers[1]?.baseUrl}`,
      });
      runners.push(
        runPriceFeeds({
          feeds,
          clock,
          logger: SILENT,
          deliver: async (series) => resolve(series),
          tell() {},
        }),
      );
    });
    expect((await arrived).zone).toBe('BE');
  });
});

it('Octopus rates come as pounds per kWh with VAT for import and without for export', async () => {
  const rate = (slot: number) => ({
    value_exc_vat: 20,
    value_inc_vat: 21,
    valid_from: new Date(Date.parse(TWO_DAYS[0]) + slot * 30 * MINUTE_MS).toISOString(),
    valid_to: new Date(Date.parse(TWO_DAYS[0]) + (slot + 1) * 30 * MINUTE_MS).toISOString(),
    payment_method: null,
  });
  const results = Array.from({ length: 96 }, (_, slot) => rate(slot)).reverse();
  const server = await serving(body(JSON.stringify({ count: 96, next: null, previous: null, results })));
  await running('octopus:AGILE-24-10-01/E-1R-AGILE-24-10-01-C@$1', '2026-01-20T17:00:00Z');
  expect(server.asked[0]?.pathname).toBe(
    '/v1/products/AGILE-24-10-01/electricity-tariffs/E-1R-AGILE-24-10-01-C/standard-unit-rates/',
  );
  expect(delivered).toMatchObject([{ zone: 'GB', currency: 'GBP', slotMinutes: 30 }]);
  expect([delivered[0]?.importPerKwh[0], delivered[0]?.exportPerKwh[0]]).toEqual([0.21, 0.2]);
});

it('a stop ends a question that is in the air and leaves no timer', async () => {
  const server = await serving(never);
  const asked = new Promise<void>((resolve) => {
    server.answers = [() => resolve()];
  });
  const clock = new FakeClock(Date.parse('2026-01-20T13:00:00Z'));
  const feeds = readFeeds({ feeds: `energy-charts:DE-LU@${server.baseUrl}` });
  const runner = runPriceFeeds({
    feeds,
    clock,
    logger: SILENT,
    deliver: async () => {},
    tell: (fault) => told.push(fault),
  });
  await asked;
  await runner.stop();
  expect([clock.waitingTimers, clock.isHeld, told.length]).toEqual([0, false, 0]);
});

describe('the setting EBBFLOW_PRICE_FEEDS', () => {
  it.each([
    ['energy-charts', 'expected one of'],
    ['nord-pool:SE3', 'expected one of'],
    ['entsoe:XX', 'no bidding zone XX'],
    ['awattar:FR', 'DE-LU or AT'],
    ['octopus:AGILE', 'PRODUCT/TARIFF'],
  ])('%s is refused by name', (feeds, fault) => {
    expect(() => readFeeds({ feeds, entsoeToken: 'token' })).toThrow(fault);
  });

  it('entsoe needs its token', () => {
    expect(() => readFeeds({ feeds: 'entsoe:BE' })).toThrow('EBBFLOW_ENTSOE_TOKEN');
  });
});

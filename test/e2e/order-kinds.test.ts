import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asStationId, evseIdOf } from '../../src/domain/ids.js';
import { type RunningFleet, startFleet } from '../support/running-fleet.js';
import { carsAtHome } from '../support/trader-order.js';

const MINUTE_MS = 60_000;
const KEY = 'order-kinds-key';
const NOTICE_S = 120;

/** What is looked at of any answer. */
interface Answer {
  readonly faults: readonly { readonly path: string; readonly message: string }[];
  readonly dispatches: readonly unknown[];
  readonly state: string;
  readonly meteredKwh: number;
}
interface Preview {
  readonly costDelta: number;
  readonly evsesTouched: readonly string[];
  readonly endangered: readonly { readonly extraShortfallKwh: number }[];
  readonly conflicts: readonly { readonly effect: string }[];
  readonly worstDeviationKw: number;
}
interface Order {
  readonly dispatchId: string;
  readonly state: string;
  readonly askedKwh: number;
  readonly meteredKwh: number;
  readonly shares: readonly { readonly evseId: string; readonly meteredKwh: number }[];
}

/** Eight cars: four on `north` and two on `south`, together the pool `city`; two on no site. */
describe('orders of every kind over HTTP on a running fleet', () => {
  let running: RunningFleet;
  let key = 0;
  beforeAll(async () => {
    running = await startFleet({
      stations: (startMs) => carsAtHome(8, (index) => startMs + MINUTE_MS + index * 1_000),
      config: { meterIntervalS: 60, adminKey: KEY, dispatchNoticeS: NOTICE_S },
    });
    const site = (id: string, stations: readonly number[]) =>
      ask('PUT', `/v1/sites/${id}`, {
        name: id,
        pool: 'city',
        stationIds: stations.map((index) => `CS-${index}`),
      });
    await site('north', [0, 1, 2, 3]);
    await site('south', [4, 5]);
    await running.runUntil(running.clock.nowMs() + 11 * MINUTE_MS);
  }, 120_000);
  afterAll(() => running?.stop());

  async function ask(method: string, resource: string, body?: object) {
    key += 1;
    const response = await fetch(`${running.node.httpAddress}${resource}`, {
      method,
      headers: {
        authorization: `Bearer ${KEY}`,
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'idempotency-key': `order-${key}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      json: (await response.json()) as Answer,
    };
  }
  const inMinutes = (minutes: number) => new Date(running.clock.nowMs() + minutes * MINUTE_MS).toISOString();
  const order = async (asked: object, from = 3, to = 40) => {
    const body = { start: inMinutes(from), end: inMinutes(to), reason: 'test', ...asked };
    const { status, json } = await ask('POST', '/v1/dispatches', body);
    expect(status).toBe(202);
    return json as unknown as Order;
  };
  const preview = async (asked: object, from = 3, to = 40) => {
    const body = { start: inMinutes(from), end: inMinutes(to), reason: 'test', ...asked };
    return (await ask('POST', '/v1/dispatches?dryRun=true', body)).json as unknown as Preview;
  };
  /** What the simulated cars do now, per site, kW. */
  const nowKw = () => {
    const kw = [0, 1, 2, 3, 4, 5, 6, 7].map((index) =>
      running.fleet.log.powerKwAt(running.clock.nowMs(), evseIdOf(asStationId(`CS-${index}`), 1)),
    );
    const sum = (from: number, to: number) => kw.slice(from, to).reduce((total, one) => total + one, 0);
    return { north: sum(0, 4), south: sum(4, 6), rest: sum(6, 8), all: sum(0, 8) };
  };
  const pass = (minutes: number) => running.runUntil(running.clock.nowMs() + minutes * MINUTE_MS);

  it('are refused without their notice, and told the field and the earliest start', async () => {
    const body = { start: inMinutes(1), end: inMinutes(30), targetNetKw: 0, reason: 'test' };
    const { status, type, json } = await ask('POST', '/v1/dispatches', body);
    expect([status, type]).toEqual([400, expect.stringContaining('application/problem+json')]);
    expect(json.faults).toMatchObject([{ path: 'start', message: expect.stringContaining(inMinutes(2)) }]);
  });

  it('in a dry run tell cost, cars and endangered targets, and change nothing', async () => {
    const small = await preview({ siteId: 'north', targetNetKw: -12 });
    expect(Number.isFinite(small.costDelta)).toBe(true);
    expect(small.evsesTouched.length).toBeGreaterThan(0);
    for (const evseId of small.evsesTouched)
      expect(['CS-0/1', 'CS-1/1', 'CS-2/1', 'CS-3/1']).toContain(evseId);
    expect([small.endangered, small.conflicts]).toEqual([[], []]);
    const dear = await preview({ targetNetKw: -30 }, 3, 690);
    expect(dear.endangered.length).toBe(0);
    expect(dear.worstDeviationKw).toBeGreaterThan(1);
    const { json } = await ask('GET', '/v1/dispatches');
    expect(json.dispatches).toEqual([]);
  });

  it('hold on a site, a pool and the fleet at a time, narrow before wide, with caps and a release', async () => {
    const north = await order({ siteId: 'north', targetNetKw: -12 });
    await order({ siteId: 'south', exportCapKw: 4 });
    const pool = await order({ pool: 'city', targetNetKw: -20 });
    const met = await preview({ targetNetKw: -3 });
    expect(met.conflicts.map(({ effect }) => effect).sort()).toEqual([
      'both-hold',
      'other-first',
      'other-first',
    ]);
    const fleet = await order({ targetNetKw: -3 });
    await pass(8);
    expect(nowKw().north).toBeCloseTo(-12, 0);
    // The pool asks its other site for 8 kW, which may give 4.
    expect(nowKw().south).toBeCloseTo(-4, 0);
    expect(nowKw().all).toBeCloseTo(-3, 0);

    // The release lifts what was ordered on the site; the pool may ask all of it then.
    await order({ siteId: 'north', release: true }, 3, 12);
    await pass(5);
    expect(nowKw().south).toBeCloseTo(-4, 0);
    expect(Math.abs(nowKw().north + 12)).toBeGreaterThan(0.5);
    await pass(9);
    expect(nowKw().north).toBeCloseTo(-12, 0);

    const ended = await ask('DELETE', `/v1/dispatches/${north.dispatchId}`);
    expect([ended.status, ended.json.state]).toEqual([200, 'cancelled']);
    expect(ended.json.meteredKwh).toBeLessThan(-1);
    await pass(35);
    const state = async ({ dispatchId }: Order) =>
      ((await ask('GET', `/v1/dispatches/${dispatchId}`)).json as unknown as Order).state;
    expect(['delivered', 'partial']).toContain(await state(pool));
    const { json } = await ask('GET', `/v1/dispatches/${fleet.dispatchId}`);
    const done = json as unknown as Order;
    expect(Math.abs(done.meteredKwh - done.askedKwh)).toBeLessThan(0.3);
    expect(done.shares).toHaveLength(8);
    const wh = (kwh: number) => Math.round(kwh * 1000);
    expect(done.shares.reduce((sum, share) => sum + wh(share.meteredKwh), 0)).toBe(wh(done.meteredKwh));
  }, 240_000);
});

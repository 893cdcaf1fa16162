import { describe, expect, it } from 'vitest';
import { asSiteId, asTransactionId, evseIdOf } from '../../../src/domain/ids.js';
import type { DispatchRequest } from '../../../src/ports/use-cases.js';
import { carAt, hourlyPrices, startRig } from '../../support/engine/engine-rig.js';
import { HOUR_MS, MINUTE_MS, NOON_MS } from '../../support/engine/fixtures.js';

const CALLER = { keyId: 'key-1', role: 'trader' as const };
const START_MS = NOON_MS + HOUR_MS;
const FLAT = hourlyPrices(new Array<number>(24).fill(0.2));

/** Four cars on three sites: two on `north`, one on `south` (both of the pool `city`), one on `far`. */
async function threeSites(settings: Parameters<typeof startRig>[0] = {}) {
  const rig = await startRig(settings);
  const { useCases } = rig.engine;
  await useCases.putPrices(FLAT);
  const cars: ReturnType<typeof carAt>[] = [];
  for (const [index, name] of ['n-1', 'n-2', 's-1', 'f-1'].entries()) {
    const stationId = await rig.commission(name);
    await rig.plugIn(stationId, `tx-${index}`);
    cars.push(carAt(stationId, `tx-${index}`));
  }
  const site = (siteId: string, stations: number[], pool?: string) =>
    useCases.saveSite({
      siteId: asSiteId(siteId),
      name: siteId,
      stationIds: stations.map((index) => cars[index]!.stationId),
      ...(pool === undefined ? {} : { pool }),
    });
  await site('north', [0, 1], 'city');
  await site('south', [2], 'city');
  await site('far', [3]);
  await rig.advance(1_000);
  let key = 0;
  const order = async (changes: Partial<DispatchRequest>) => {
    key += 1;
    const request = { startMs: START_MS, endMs: START_MS + 30 * MINUTE_MS, reason: 'test', ...changes };
    const { view } = await useCases.createDispatch(request, `key-${key}`, CALLER);
    await rig.advance(1_000);
    return view.order.dispatchId;
  };
  /** Planned net power in the first slot of the orders' time, per station. */
  const planned = (atMs = START_MS) => {
    const plan = useCases.latestPlan()!;
    const slot = Math.floor((atMs - plan.startMs) / (plan.slotMinutes * MINUTE_MS));
    return Object.fromEntries(
      plan.sessions.map(({ evseId, firstSlot, netKw }) => [
        evseId.split('/')[0],
        netKw[slot - firstSlot] ?? 0,
      ]),
    );
  };
  const sum = (powers: Record<string, number>, ...names: string[]) =>
    names.reduce((total, name) => total + (powers[name] ?? 0), 0);
  const fleet = (powers: Record<string, number>) => sum(powers, 'n-1', 'n-2', 's-1', 'f-1');
  return { ...rig, useCases, cars, order, planned, sum, fleet };
}

describe('a dispatch order on a part of the fleet', () => {
  it('asks a site alone: its cars do it, the plan of the others stays', async () => {
    const { order, planned, sum, useCases } = await threeSites();
    const before = planned();
    const id = await order({ siteId: asSiteId('north'), targetNetKw: -9 });
    const after = planned();
    expect(sum(after, 'n-1', 'n-2')).toBeCloseTo(-9, 1);
    expect([after['s-1'], after['f-1']]).toEqual([before['s-1'], before['f-1']]);
    expect((await useCases.dispatch(id))?.order.scope).toEqual({ siteId: 'north', siteIds: ['north'] });
    const { lowerBound, objective, status } = useCases.latestPlan()!;
    expect(lowerBound).toBeLessThanOrEqual(objective + 1e-9);
    expect(status).toBe('optimal');
  });

  it('asks a pool over all its sites, and a delta counts from what these would have done', async () => {
    const { order, planned, sum } = await threeSites();
    const before = planned();
    await order({ pool: 'city', deltaKw: -6 });
    expect(sum(planned(), 'n-1', 'n-2', 's-1')).toBeCloseTo(sum(before, 'n-1', 'n-2', 's-1') - 6, 1);
    expect(planned()['f-1']).toBe(before['f-1']);
  });

  it('is fulfilled before a wider one, which asks the rest for the difference', async () => {
    const { order, planned, sum, fleet, useCases } = await threeSites();
    await order({ targetNetKw: -14 });
    await order({ siteId: asSiteId('far'), targetNetKw: 4 });
    const powers = planned();
    expect(powers['f-1']).toBeCloseTo(4, 1);
    expect(sum(powers, 'n-1', 'n-2', 's-1')).toBeCloseTo(-18, 1);
    expect(fleet(powers)).toBeCloseTo(-14, 1);
    const { lowerBound, objective } = useCases.latestPlan()!;
    expect(lowerBound).toBeLessThanOrEqual(objective + 1e-9);
  });

  it('counts the asked, acknowledged and metered energy of its own EVSEs alone', async () => {
    const { order, useCases, advance, follow, cars } = await threeSites();
    const id = await order({ siteId: asSiteId('south'), targetNetKw: -6 });
    await order({ siteId: asSiteId('far'), targetNetKw: 5 });
    await follow(cars[2]!, 106);
    await advance(MINUTE_MS);
    const view = (await useCases.dispatch(id))!;
    expect(view.shares.map(({ evseId }) => evseId)).toEqual([evseIdOf(cars[2]!.stationId, 1)]);
    expect(view.askedKwh).toBeCloseTo(-3, 6);
    expect(view.acknowledgedKwh).toBeCloseTo(-3, 1);
    expect(view.meteredKwh).toBeCloseTo(-3, 1);
    expect(view.order.state).toBe('delivered');
    const report = await useCases.deliveryReport(id, { baseline: 'zero' });
    expect(report?.askedKwh).toBeCloseTo(3, 6);
    expect(report?.creditedKwh).toBeCloseTo(3, 1);
  });

  it('names the field when site or pool are unknown, or both are given', async () => {
    const { order } = await threeSites();
    const fault = (path: string) => ({ code: 'INVALID_INPUT', faults: [{ path }] });
    await expect(order({ siteId: asSiteId('nowhere'), targetNetKw: 0 })).rejects.toMatchObject(
      fault('siteId'),
    );
    await expect(order({ pool: 'nobody', targetNetKw: 0 })).rejects.toMatchObject(fault('pool'));
    await expect(order({ pool: 'city', siteId: asSiteId('north'), targetNetKw: 0 })).rejects.toMatchObject(
      fault('pool'),
    );
  });
});

describe('a cap', () => {
  it('on the fleet, a site or a pool holds together with whatever else is asked', async () => {
    const { order, planned, sum, fleet } = await threeSites();
    await order({ targetNetKw: 30 });
    await order({ siteId: asSiteId('north'), importCapKw: 5 });
    expect(sum(planned(), 'n-1', 'n-2')).toBeLessThanOrEqual(5 + 1e-6);
    expect(fleet(planned())).toBeGreaterThan(20);
    await order({ pool: 'city', importCapKw: 7 });
    expect(sum(planned(), 'n-1', 'n-2', 's-1')).toBeLessThanOrEqual(7 + 1e-6);
    await order({ importCapKw: 8, exportCapKw: 0 });
    expect(fleet(planned())).toBeLessThanOrEqual(8 + 1e-6);
  });

  it('of zero export keeps cars from discharging, and ends with its time', async () => {
    const { order, planned, fleet } = await threeSites();
    await order({ targetNetKw: -20, endMs: START_MS + HOUR_MS });
    await order({ exportCapKw: 0 });
    expect(fleet(planned())).toBeGreaterThanOrEqual(-1e-6);
    expect(fleet(planned(START_MS + 45 * MINUTE_MS))).toBeCloseTo(-20, 1);
  });

  it('is delivered when every interval of the meters kept to it, partial when one did not', async () => {
    const { order, useCases, advance, clock, meter, cars } = await threeSites();
    const kept = await order({ siteId: asSiteId('south'), importCapKw: 4 });
    const broken = await order({ siteId: asSiteId('far'), importCapKw: 4 });
    await advance(START_MS - clock.nowMs());
    for (let minute = 0; minute <= 42; minute++) {
      for (const [index, powerKw] of [
        [2, 3],
        [3, 11],
      ] as const) {
        const car = cars[index]!;
        car.importRegisterWh += minute <= 30 ? (powerKw * 1000) / 60 : 0;
        car.seqNo += 1;
        const { importRegisterWh, exportRegisterWh } = car;
        await meter(car.stationId, car.transactionId, car.seqNo, { importRegisterWh, exportRegisterWh });
      }
      await advance(MINUTE_MS);
    }
    expect((await useCases.dispatch(kept))?.order.state).toBe('delivered');
    expect((await useCases.dispatch(broken))?.order.state).toBe('partial');
  });

  it('below zero is refused by its name', async () => {
    const { order } = await threeSites();
    await expect(order({ importCapKw: -1 })).rejects.toMatchObject({ faults: [{ path: 'importCapKw' }] });
    await expect(order({ importCapKw: 1, targetNetKw: 1 })).rejects.toMatchObject({
      faults: [{ path: 'targetNetKw' }],
    });
  });
});

describe('a release', () => {
  it('takes away what was ordered before it in its scope and inside it, not what comes after', async () => {
    const { order, planned, sum, fleet } = await threeSites();
    const free = planned();
    await order({ targetNetKw: -10 });
    await order({ siteId: asSiteId('north'), importCapKw: 0, exportCapKw: 0 });
    await order({ siteId: asSiteId('north'), release: true });
    expect(fleet(planned())).toBeCloseTo(-10, 1);
    await order({ release: true });
    expect(fleet(planned())).toBeCloseTo(fleet(free), 6);
    await order({ siteId: asSiteId('north'), targetNetKw: -3 });
    expect(sum(planned(), 'n-1', 'n-2')).toBeCloseTo(-3, 1);
  });
});

describe('the preview of an order', () => {
  it('says what stands in the same time and place, whom it touches, and what its scope would do', async () => {
    const { order, useCases } = await threeSites();
    const wide = await order({ targetNetKw: -10 });
    const cap = await order({ siteId: asSiteId('north'), importCapKw: 9 });
    const preview = await useCases.previewDispatch({
      siteId: asSiteId('north'),
      startMs: START_MS,
      endMs: START_MS + 30 * MINUTE_MS,
      targetNetKw: -8,
      reason: 'test',
    });
    expect(preview.conflicts).toEqual([
      { dispatchId: wide, effect: 'this-first' },
      { dispatchId: cap, effect: 'both-hold' },
    ]);
    expect(preview.plannedNetKw).toHaveLength(6);
    for (const { netKw } of preview.plannedNetKw) expect(netKw).toBeCloseTo(-8, 1);
    expect(preview.worstDeviationKw).toBeLessThan(0.01);
    expect(preview.awardsShort).toEqual([]);
    expect(await useCases.dispatches({ fromMs: 0, toMs: 1e13 })).toHaveLength(2);
  });
});

it('with a notice set, an order that begins sooner is refused and told the earliest start', async () => {
  const { order, clock } = await threeSites({ settings: { dispatchNoticeS: 900 } });
  await expect(order({ startMs: clock.nowMs() + 899_000, targetNetKw: 0 })).rejects.toMatchObject({
    faults: [{ path: 'start', message: expect.stringContaining('900 s of notice') }],
  });
  await order({ startMs: clock.nowMs() + 901_000, targetNetKw: 0 });
});

it('orders of unknown transactions do not disturb: a car that leaves is out of the scope', async () => {
  const { order, planned, useCases, meter, cars, advance } = await threeSites();
  await order({ siteId: asSiteId('north'), targetNetKw: -9 });
  const gone = cars[0]!;
  await meter(
    gone.stationId,
    asTransactionId(gone.transactionId),
    gone.seqNo + 1,
    { importRegisterWh: 1000 },
    'ended',
  );
  await advance(1_000);
  expect(planned()['n-2']).toBeCloseTo(-9, 1);
  expect(useCases.latestPlan()?.sessions).toHaveLength(3);
});

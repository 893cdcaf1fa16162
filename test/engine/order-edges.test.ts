import { describe, expect, it } from 'vitest';
import { asSiteId, asTransactionId, evseIdOf } from '../../src/domain/ids.js';
import { profilePowerKwAt } from '../../src/domain/profile.js';
import type { DispatchRequest } from '../../src/ports/use-cases.js';
import { carAt, type FollowingCar, hourlyPrices, startRig } from '../support/engine/engine-rig.js';
import { HOUR_MS, MINUTE_MS, NOON_MS } from '../support/engine/fixtures.js';

const CALLER = { keyId: 'key-1', role: 'trader' as const };
const CHEAP_LATER = hourlyPrices([...new Array<number>(4).fill(0.3), ...new Array<number>(20).fill(0.1)]);
/** Gathering causes takes longer than any of these tests waits: what arrives comes without a plan. */
const NO_PLAN_YET_MS = 60_000;

async function rigWithCars(count: number, settings: Parameters<typeof startRig>[0] = {}) {
  const rig = await startRig(settings);
  await rig.engine.useCases.putPrices(CHEAP_LATER);
  const cars: FollowingCar[] = [];
  for (let number = 1; number <= count; number++) {
    const stationId = await rig.commission(`cs-${number}`);
    await rig.plugIn(stationId, `tx-${number}`, {
      departureMs: NOON_MS + 8 * HOUR_MS,
      targetEnergyKwh: number,
    });
    cars.push(carAt(stationId, `tx-${number}`));
  }
  await rig.advance(2 * NO_PLAN_YET_MS);
  const toldKw = (atMs: number) =>
    cars.map(({ stationId }) => {
      const profile = rig.link.profilesTo(evseIdOf(stationId, 1)).at(-1);
      return profile === undefined ? 0 : (profilePowerKwAt(profile, atMs) ?? 0);
    });
  const sumKw = (atMs: number) => toldKw(atMs).reduce((sum, kw) => sum + kw, 0);
  let key = 0;
  const order = (changes: Partial<DispatchRequest>) => {
    key += 1;
    const request = { startMs: NOON_MS, endMs: NOON_MS + HOUR_MS, reason: 'test', ...changes };
    return rig.engine.useCases.createDispatch(request, `key-${key}`, CALLER);
  };
  return { ...rig, cars, toldKw, sumKw, order };
}

describe('an order that begins at once', () => {
  const waiting = { settings: { coalesceMs: NO_PLAN_YET_MS } };

  it('is shared out over the cars before any plan is made, also late in a slot of the plan', async () => {
    const { order, advance, sumKw, clock, engine } = await rigWithCars(4, waiting);
    await advance(2 * MINUTE_MS);
    const nowMs = clock.nowMs();
    expect((nowMs - NOON_MS) % (5 * MINUTE_MS)).toBeGreaterThan(2.5 * MINUTE_MS);
    const planId = engine.useCases.latestPlan()?.planId;
    await order({ startMs: nowMs, endMs: nowMs + 30 * MINUTE_MS, targetNetKw: -17 });
    await advance(1_000);
    expect(engine.useCases.latestPlan()?.planId).toBe(planId);
    expect(sumKw(nowMs)).toBeCloseTo(-17, 6);
    expect(sumKw(nowMs + 10 * MINUTE_MS)).toBeCloseTo(-17, 6);
    await advance(2 * NO_PLAN_YET_MS);
    expect(engine.useCases.latestPlan()?.planId).not.toBe(planId);
    for (let minute = 3; minute < 30; minute++) {
      await advance(MINUTE_MS);
      if (clock.nowMs() < nowMs + 30 * MINUTE_MS) expect(sumKw(clock.nowMs())).toBeCloseTo(-17, 1);
    }
  });

  it('leaves the cars of another site alone', async () => {
    const { order, advance, toldKw, clock, engine, cars } = await rigWithCars(4, waiting);
    for (const [index, siteId] of ['north', 'south'].entries()) {
      await engine.useCases.saveSite({
        siteId: asSiteId(siteId),
        name: siteId,
        stationIds: cars.slice(2 * index, 2 * index + 2).map(({ stationId }) => stationId),
      });
    }
    await advance(2 * NO_PLAN_YET_MS);
    const nowMs = clock.nowMs();
    const before = toldKw(nowMs);
    await order({ startMs: nowMs, siteId: asSiteId('south'), targetNetKw: 9 });
    await advance(1_000);
    const [a, b, c = 0, d = 0] = toldKw(nowMs);
    expect([a, b]).toEqual(before.slice(0, 2));
    expect(c + d).toBeCloseTo(9, 6);
  });

  it('says of each EVSE what was asked of it from then on', async () => {
    const { order, advance, clock, engine } = await rigWithCars(3, waiting);
    const nowMs = clock.nowMs();
    const { view } = await order({ startMs: nowMs, endMs: nowMs + 10 * MINUTE_MS, targetNetKw: -12 });
    await advance(30_000);
    const { shares, askedKwh } = (await engine.useCases.dispatch(view.order.dispatchId))!;
    expect(shares.reduce((sum, share) => sum + share.askedKwh, 0)).toBeCloseTo(askedKwh, 3);
  });
});

describe('an order whose edges lie inside slots of the plan', () => {
  it('begins and ends at its own times', async () => {
    const { order, advance, sumKw, clock } = await rigWithCars(3);
    const startMs = NOON_MS + 33 * MINUTE_MS;
    const endMs = NOON_MS + 47 * MINUTE_MS + 20_000;
    await order({ startMs, endMs, targetNetKw: 14 });
    await advance(1_000);
    while (clock.nowMs() < endMs + 4 * MINUTE_MS) {
      await advance(20_000);
      const nowMs = clock.nowMs();
      if (nowMs < startMs || nowMs >= endMs) expect(Math.abs(sumKw(nowMs) - 14)).toBeGreaterThan(1);
      else expect(sumKw(nowMs)).toBeCloseTo(14, 1);
    }
  });

  it('is held by a plan that was made before a restart', async () => {
    const { order, advance, engine } = await rigWithCars(2);
    await order({ startMs: NOON_MS + 33 * MINUTE_MS, targetNetKw: -9 });
    await advance(1_000);
    const plan = engine.useCases.latestPlan();
    expect(plan?.spans?.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
      [NOON_MS + 33 * MINUTE_MS, NOON_MS + 35 * MINUTE_MS],
    ]);
    expect(plan?.sessions.map(({ transactionId }) => transactionId)).toEqual([
      asTransactionId('tx-1'),
      asTransactionId('tx-2'),
    ]);
  });
});

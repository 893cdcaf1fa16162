import { beforeEach, describe, expect, it } from 'vitest';
import type { CompositeAnswer } from '../../../src/domain/composite-schedule.js';
import type { EvseId, StationId } from '../../../src/domain/ids.js';
import { profilePowerKwAt } from '../../../src/domain/profile.js';
import {
  carAt,
  type EngineRig,
  type FollowingCar,
  hourlyPrices,
  startRig,
} from '../../support/engine/engine-rig.js';
import { HOUR_MS, MINUTE_MS, v2gModel } from '../../support/engine/fixtures.js';

/** Dearest now: every car is told to discharge at once. */
const DEAR = hourlyPrices([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]);
const FAST_MODEL = [
  ...v2gModel(),
  {
    component: 'SmartChargingCtrlr',
    variable: 'SupportsDynamicProfiles',
    attribute: 'Actual' as const,
    value: 'true',
  },
];
const LONG_STAY = { departureMs: undefined };

let rig: EngineRig;
beforeEach(async () => {
  rig = await startRig();
  await rig.engine.useCases.putPrices(DEAR);
});

interface Car extends FollowingCar {
  readonly evseId: EvseId;
}

async function plugIn(name: string, model = v2gModel(), needs = {}): Promise<Car> {
  const stationId = await rig.commission(name, model);
  const departureMs = rig.clock.nowMs() + 12 * HOUR_MS;
  const evseId = await rig.plugIn(stationId, `tx-${name}`, { ...LONG_STAY, departureMs, ...needs });
  await rig.advance(1_000);
  // Registers of whole numbers as meters have them, none of them a round one.
  return { ...carAt(stationId, `tx-${name}`), evseId, importRegisterWh: 1003, exportRegisterWh: 507 };
}

const askedKw = ({ evseId }: Car): number => {
  const newest = rig.link.profilesTo(evseId).at(-1);
  return newest === undefined ? 0 : (profilePowerKwAt(newest, rig.clock.nowMs()) ?? 0);
};

/** Each car is metered every minute at what `powerKw` makes of what it is told. */
async function run(
  minutes: number,
  cars: readonly (readonly [Car, (askedKw: number) => number])[],
): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    const powers = cars.map(([car, does]) => does(askedKw(car)));
    await rig.advance(MINUTE_MS);
    for (const [index, [car]] of cars.entries()) {
      if (!rig.link.online.has(car.stationId)) continue;
      const wh = ((powers[index] ?? 0) * 1000) / 60;
      car.importRegisterWh += Math.max(0, wh);
      car.exportRegisterWh += Math.max(0, -wh);
      car.seqNo += 1;
      const { importRegisterWh, exportRegisterWh } = car;
      await rig.meter(car.stationId, car.transactionId, car.seqNo, { importRegisterWh, exportRegisterWh });
    }
    await rig.settle();
  }
}

const does = (kw: number) => kw;
const clips = (kw: number) => Math.max(0, kw);
const viewOf = (stationId: StationId) =>
  rig.engine.useCases.stations().find(({ station }) => station.stationId === stationId)!.evses[0]!;
const stateOf = ({ stationId }: Car) => viewOf(stationId).delivery?.state;
const dialectOf = ({ stationId }: Car) => viewOf(stationId).capability.dialect;
const plannedKw = ({ transactionId }: Car): number | undefined =>
  rig.engine.useCases.latestPlan()!.sessions.find((session) => session.transactionId === transactionId)
    ?.netKw[0];
const dialectsSent = ({ evseId }: Car) =>
  rig.link.calls.flatMap((call) =>
    call.kind === 'profile' && call.profile.evseId === evseId ? [call.capability.dialect] : [],
  );

describe('an EVSE that does what it is told', () => {
  it('is said to follow, with the discharge on record as proof of its dialect', async () => {
    const car = await plugIn('cs-1');
    expect(stateOf(car)).toBe('unverified');
    await run(6, [[car, does]]);
    expect(askedKw(car)).toBeCloseTo(-11, 6);
    expect(stateOf(car)).toBe('following');
    const { record } = viewOf(car.stationId);
    expect(record.proofs).toMatchObject([{ dialect: 'central-setpoint', meter: { outcome: 'follows' } }]);
    expect(record.history).toMatchObject([
      { state: 'following', dialect: 'central-setpoint', askedKw: expect.closeTo(-11, 6) },
    ]);
    expect(rig.alarms()).toEqual([]);
  });

  it('keeps its record over a restart', async () => {
    const car = await plugIn('cs-1');
    await run(6, [[car, does]]);
    await rig.engine.stop();
    const { store, clock, link } = rig;
    rig = await startRig({ store, clock, link });
    expect(viewOf(car.stationId).record.proofs).toMatchObject([{ meter: { outcome: 'follows' } }]);
    expect(stateOf(car)).toBe('unverified');
    await run(4, [[car, does]]);
    expect(stateOf(car)).toBe('following');
  });

  it('is unverified again when its readings stay away', async () => {
    const car = await plugIn('cs-1');
    await run(6, [[car, does]]);
    await rig.advance(20 * MINUTE_MS);
    expect(stateOf(car)).toBe('unverified');
  });
});

describe('an EVSE that accepts a dialect and does not discharge', () => {
  it('is demoted to the next dialect by the meter, and believed when that one works', async () => {
    const car = await plugIn('cs-1', FAST_MODEL);
    const inDynamicAlone = (kw: number) => (dialectOf(car) === 'dynamic' ? clips(kw) : kw);
    await run(10, [[car, inDynamicAlone]]);
    expect(new Set(dialectsSent(car))).toEqual(new Set(['dynamic', 'central-setpoint']));
    expect(dialectOf(car)).toBe('central-setpoint');
    expect(rig.alarms()).toEqual(['dialect-demoted']);
    await run(6, [[car, inDynamicAlone]]);
    expect(stateOf(car)).toBe('following');
    expect(viewOf(car.stationId).record.proofs).toMatchObject([
      { dialect: 'dynamic', meter: { outcome: 'ignores' } },
      { dialect: 'central-setpoint', meter: { outcome: 'follows' } },
    ]);
  });

  it('ends as a charger that plans count on for no discharge', async () => {
    const car = await plugIn('cs-1');
    const other = await plugIn('cs-2');
    expect(rig.engine.useCases.fleet().flexUpKw).toBeCloseTo(22, 6);
    await run(10, [
      [car, clips],
      [other, does],
    ]);
    expect(dialectOf(car)).toBe('charging-only');
    expect(viewOf(car.stationId).capability.canDischarge).toBe(false);
    expect(plannedKw(car)).toBeGreaterThanOrEqual(0);
    expect(plannedKw(other)).toBeLessThan(-1);
  });

  it('is tried again after the cool-down, and for twice as long when it ignores again though it accepts', async () => {
    const car = await plugIn('cs-1');
    await run(10, [[car, clips]]);
    expect(dialectOf(car)).toBe('charging-only');
    await run(58, [[car, clips]]);
    expect(dialectOf(car)).toBe('central-setpoint');
    await run(12, [[car, clips]]);
    expect(dialectOf(car)).toBe('charging-only');
    const [station] = await rig.store.stations.list();
    expect(station!.dialectDemotions).toMatchObject([{ cause: 'ignored', count: 2 }]);
    expect(station!.dialectDemotions![0]!.untilMs - rig.clock.nowMs()).toBeGreaterThan(1.5 * HOUR_MS);
  });

  it('is forgiven when the meter follows after the cool-down', async () => {
    const car = await plugIn('cs-1');
    await run(10, [[car, clips]]);
    await run(62, [[car, does]]);
    const [station] = await rig.store.stations.list();
    expect(station!.dialectDemotions).toEqual([]);
    expect(stateOf(car)).toBe('following');
  });
});

describe('an EVSE that follows nothing at all', () => {
  const drawsAlways = () => 7;

  it('is left out of planning for a while: expected, not steered, no flexibility', async () => {
    const car = await plugIn('cs-1');
    await run(20, [[car, drawsAlways]]);
    expect(rig.alarms()).toEqual(['dialect-demoted', 'evse-unsteerable']);
    const plan = rig.engine.useCases.latestPlan()!;
    expect(plan.sessions).toEqual([]);
    expect(plan.unsteered).toHaveLength(1);
    expect(plan.netKw[0]).toBeCloseTo(7, 3);
    expect(rig.engine.useCases.fleet()).toMatchObject({ flexUpKw: 0, flexDownKw: 0 });
    expect(rig.engine.useCases.fleet().storedKwh).toBeGreaterThan(20);
    const session = await rig.engine.useCases.session(car.transactionId as never);
    expect(session!.plan!.because[0]!.text).toMatch(/follows nothing \(asked for .* metered 7.0 kW\)/);
    // Should it begin to follow, it charges and never exports.
    expect(askedKw(car)).toBeCloseTo(11, 6);
  });

  it('is planned again after the pause', async () => {
    const car = await plugIn('cs-1');
    await run(20, [[car, drawsAlways]]);
    await run(35, [[car, does]]);
    expect(rig.engine.useCases.latestPlan()!.unsteered).toBeUndefined();
    expect(plannedKw(car)).toBeDefined();
  });
});

describe('a car that gives less than it is asked', () => {
  const gives = (mostKw: number) => (kw: number) => Math.max(-mostKw, kw);

  it('is planned with what arrives, and an order’s missing share goes to the others', async () => {
    // The weak one has more to spare, so it is asked first.
    const weak = await plugIn('cs-1', v2gModel(), { targetEnergyKwh: 0 });
    const strong = await plugIn('cs-2', v2gModel(), { targetEnergyKwh: 5 });
    await rig.engine.useCases.putPrices(hourlyPrices(new Array(14).fill(0.1)));
    const startMs = rig.clock.nowMs() + 1_000;
    await rig.engine.useCases.createDispatch(
      { startMs, endMs: startMs + 40 * MINUTE_MS, targetNetKw: -12, reason: 'test' },
      'key',
      { keyId: 'k', role: 'trader' },
    );
    await rig.advance(1_000);
    await run(14, [
      [weak, gives(2)],
      [strong, does],
    ]);
    expect(stateOf(weak)).toBe('limited-by-ev');
    expect(viewOf(weak.stationId).delivery!.limits).toMatchObject([
      { direction: 'discharge', kw: expect.closeTo(2, 6) },
    ]);
    expect(dialectOf(weak)).toBe('central-setpoint');
    expect(plannedKw(weak)).toBeGreaterThan(-2.01);
    expect(plannedKw(weak)! + plannedKw(strong)!).toBeCloseTo(-12, 1);
    expect(rig.engine.useCases.fleet().flexUpKw).toBeLessThan(1.5 + 0.5);
  });

  it('is asked for all of it again after the pause', async () => {
    const car = await plugIn('cs-1');
    await run(8, [[car, gives(2)]]);
    expect(askedKw(car)).toBeCloseTo(-2, 1);
    await run(20, [[car, does]]);
    expect(askedKw(car)).toBeCloseTo(-11, 6);
    expect(stateOf(car)).toBe('following');
    expect(viewOf(car.stationId).delivery!.limits).toEqual([]);
  });

  it('that takes less than it is asked is still asked for all, and counted with what it takes', async () => {
    await rig.engine.useCases.putPrices(hourlyPrices(new Array(14).fill(0.1)));
    const car = await plugIn('cs-1', v2gModel(), {
      bidirectional: false,
      targetEnergyKwh: 37,
      departureMs: rig.clock.nowMs() + 2 * HOUR_MS,
    });
    await run(8, [[car, (kw) => Math.min(3, kw)]]);
    expect(stateOf(car)).toBe('limited-by-ev');
    expect(askedKw(car)).toBeCloseTo(11, 6);
    expect(plannedKw(car)).toBeCloseTo(3, 1);
    await run(3, [[car, does]]);
    expect(plannedKw(car)).toBeCloseTo(11, 6);
  });

  it('that gives nothing is not the station’s fault where the dialect has worked before', async () => {
    const car = await plugIn('cs-1');
    await run(6, [[car, does]]);
    await run(10, [[car, clips]]);
    expect(stateOf(car)).toBe('limited-by-ev');
    expect(dialectOf(car)).toBe('central-setpoint');
    expect(plannedKw(car)).toBeGreaterThanOrEqual(0);
  });
});

describe('an EVSE that is late', () => {
  it('is said to lag, and nothing else happens to it', async () => {
    const car = await plugIn('cs-1');
    await run(6, [[car, does]]);
    await rig.engine.useCases.putPrices(hourlyPrices(new Array(14).fill(0.01)));
    let minute = 0;
    const late = (kw: number) => (minute++ < 3 ? -11 : kw);
    await run(6, [[car, late]]);
    expect(stateOf(car)).toBe('lagging');
    expect(dialectOf(car)).toBe('central-setpoint');
    expect(rig.alarms()).toEqual([]);
  });
});

describe('a station that is out of reach', () => {
  async function cut(car: Car): Promise<void> {
    rig.link.online.delete(car.stationId);
    rig.engine.stationEvents.disconnected(car.stationId);
    await rig.advance(31_000);
  }

  it('is not steered: it runs its profile out and charges, and holds no flexibility', async () => {
    const car = await plugIn('cs-1');
    await run(6, [[car, does]]);
    expect(rig.engine.useCases.fleet().flexDownKw).toBeGreaterThan(10);
    await cut(car);
    expect(stateOf(car)).toBe('offline');
    const plan = rig.engine.useCases.latestPlan()!;
    expect(plan.sessions).toEqual([]);
    const [expected] = plan.unsteered!;
    // The profile of discharge ends a dead-man time after the link broke at the latest; then the default charges.
    expect(expected!.netKw[0]).toBeLessThan(-5);
    expect(expected!.netKw[4]).toBe(11);
    expect(Math.min(...expected!.netKw.slice(4))).toBe(0);
    expect(plan.netKw[4]).toBe(11);
    expect(rig.engine.useCases.fleet()).toMatchObject({ flexUpKw: 0, flexDownKw: 0 });
    expect(rig.engine.useCases.envelope()[0]).toMatchObject({ minNetKw: 0, maxNetKw: 0 });
    expect((await rig.engine.useCases.session(car.transactionId as never))!.plan!.because[0]!.text).toMatch(
      /out of reach/,
    );
  });

  it('is steered again as soon as it is back', async () => {
    const car = await plugIn('cs-1');
    await run(6, [[car, does]]);
    await cut(car);
    rig.link.online.add(car.stationId);
    await rig.engine.stationEvents.connected(car.stationId, 'ocpp2.1');
    await rig.advance(1_000);
    expect(plannedKw(car)).toBeLessThan(-5);
    expect(stateOf(car)).toBe('unverified');
    await run(4, [[car, does]]);
    expect(stateOf(car)).toBe('following');
    expect(viewOf(car.stationId).record.history.map(({ state }) => state)).toEqual([
      'following',
      'offline',
      'unverified',
      'following',
    ]);
  });

  it('is no news when it comes back within half a minute', async () => {
    const car = await plugIn('cs-1');
    await run(6, [[car, does]]);
    rig.link.online.delete(car.stationId);
    rig.engine.stationEvents.disconnected(car.stationId);
    await rig.advance(20_000);
    rig.link.online.add(car.stationId);
    await rig.engine.stationEvents.connected(car.stationId, 'ocpp2.1');
    await rig.advance(30_000);
    expect(stateOf(car)).toBe('following');
  });

  it('after a start of ours is given the same grace', async () => {
    const car = await plugIn('cs-1');
    await rig.engine.stop();
    const { store, clock, link } = rig;
    link.online.clear();
    rig = await startRig({ store, clock, link });
    expect(rig.engine.useCases.latestPlan()!.unsteered).toBeUndefined();
    await rig.advance(31_000);
    expect(rig.engine.useCases.latestPlan()!.unsteered).toHaveLength(1);
    expect(stateOf(car)).toBe('offline');
  });
});

describe('the probe', () => {
  const composites = () => rig.link.calls.filter(({ kind }) => kind === 'composite').length;
  const tells = (powerKw: (askedKw: number) => number): void => {
    rig.link.onComposite = async (evseId, durationS): Promise<CompositeAnswer> => {
      const asked = rig.link.profilesTo(evseId).at(-1)!;
      const nowMs = rig.clock.nowMs();
      const periods = asked.periods.map(({ startMs, powerKw: kw }) => ({
        afterS: Math.max(0, (startMs - nowMs) / 1000),
        powerKw: powerKw(kw),
      }));
      return { kind: 'told', schedule: { periods, durationS } };
    };
  };
  const readBack = (car: Car) => viewOf(car.stationId).record.proofs[0]?.readBack;

  it('reads the first real profile back, without delaying it, and only once', async () => {
    tells(does);
    const car = await plugIn('cs-1');
    expect(composites()).toBe(0);
    expect(rig.link.profilesTo(car.evseId)).toHaveLength(1);
    await run(12, [[car, does]]);
    expect(composites()).toBe(1);
    expect(readBack(car)).toMatchObject({ outcome: 'agrees', withDischarge: true });
  });

  it('is repeated for another firmware, and not for another car', async () => {
    tells(does);
    const car = await plugIn('cs-1');
    await run(2, [[car, does]]);
    await rig.meter(car.stationId, car.transactionId, 99, {}, 'ended');
    await rig.plugIn(car.stationId, 'tx-b');
    await rig.advance(2 * MINUTE_MS);
    expect(composites()).toBe(1);
    await rig.meter(car.stationId, 'tx-b', 99, {}, 'ended');
    const identity = { vendor: 'V', model: 'M', firmwareVersion: '2.0' };
    await rig.engine.stationEvents.booted(car.stationId, identity, 'FirmwareUpdate');
    await rig.plugIn(car.stationId, 'tx-c');
    await rig.advance(2 * MINUTE_MS);
    expect(composites()).toBe(2);
    expect(viewOf(car.stationId).record.proofs.map(({ firmware }) => firmware)).toEqual(['', '2.0']);
  });

  it('accuses nobody: a station that tells it wrongly and does right is followed by the meter', async () => {
    tells(clips);
    const car = await plugIn('cs-1');
    await run(10, [[car, does]]);
    expect(readBack(car)).toMatchObject({ outcome: 'contradicts' });
    expect(dialectOf(car)).toBe('central-setpoint');
    expect(viewOf(car.stationId).record.proofs[0]!.meter).toMatchObject({ outcome: 'follows' });
  });

  it('believes nobody: a station that tells it rightly and does nothing is demoted by the meter', async () => {
    tells(does);
    const car = await plugIn('cs-1');
    await run(10, [[car, clips]]);
    expect(readBack(car)).toMatchObject({ outcome: 'agrees' });
    expect(dialectOf(car)).toBe('charging-only');
  });

  it('notes when a station does not answer, and leaves it to the meter', async () => {
    const car = await plugIn('cs-1');
    await run(6, [[car, does]]);
    expect(composites()).toBe(1);
    expect(readBack(car)).toMatchObject({ outcome: 'not-answered', detail: 'NotSupported' });
  });

  it('asks once more when discharge comes into a profile that was read back without', async () => {
    tells(does);
    await rig.engine.useCases.putPrices(hourlyPrices(new Array(14).fill(0.1)));
    const car = await plugIn('cs-1');
    await run(3, [[car, does]]);
    expect(readBack(car)).toMatchObject({ outcome: 'agrees', withDischarge: false });
    await rig.engine.useCases.putPrices(DEAR);
    await rig.advance(2 * MINUTE_MS);
    expect(composites()).toBe(2);
    expect(readBack(car)).toMatchObject({ outcome: 'agrees', withDischarge: true });
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import { asStationId } from '../../../src/domain/ids.js';
import type { Session } from '../../../src/domain/session.js';
import {
  assumedBattery,
  DEFAULT_CAR,
  type StationPlan,
  type StationTraits,
} from '../../../src/simulator/session-plan.js';
import { hourlyPrices } from '../../support/engine/engine-rig.js';
import { HOUR_MS, MINUTE_MS, NOON_MS } from '../../support/engine/fixtures.js';
import { LiveRig } from '../../support/engine/live-rig.js';

/** Dear for two hours, then cheap: a car that can give energy back does, and is full at last. */
const PRICES = [0.6, 0.6, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1];
const DEPARTURE_MS = NOON_MS + 7 * HOUR_MS;
const NAME = asStationId('form');

let rig: LiveRig;
afterEach(() => rig.close());

/** One car from 12:05 on, 30 of 60 kWh stored, which wants 42. */
function station(traits: Partial<StationTraits>): StationPlan {
  const car = {
    ...DEFAULT_CAR,
    maxChargeKw: traits.maxChargeKw ?? 11,
    maxDischargeKw: traits.maxDischargeKw ?? 11,
  };
  return {
    stationId: NAME,
    traits,
    evses: [
      {
        sessions: [
          {
            sessionId: 'form-1',
            userId: 'driver',
            plugInMs: NOON_MS + 5 * MINUTE_MS,
            plugOutMs: DEPARTURE_MS,
            battery: assumedBattery(60, car),
            arrivalKwh: 30,
            targetKwh: 42,
            bidirectional: true,
            assumptions: [],
          },
        ],
      },
    ],
  };
}

/** The session half an hour after the car came. */
async function arrived(traits: Partial<StationTraits>, negativeLimits = false): Promise<Session> {
  rig = await LiveRig.open([station(traits)], { meterIntervalS: 300 }, async ({ engine: { useCases } }) => {
    await useCases.putPrices(hourlyPrices(PRICES));
    if (negativeLimits)
      await useCases.registerStation({ stationId: NAME, dialectSetting: { dialect: 'negative-limit' } });
  });
  await rig.advance(35 * MINUTE_MS);
  const [view] = await rig.engine.useCases.sessions({ state: 'active', limit: 1 });
  return view!.session;
}

/** The car has left: its target is met, no fault was made, the books are closed and equal the meter to the Wh. */
async function departed(expected: { flags?: string[]; refused?: number } = {}) {
  await rig.advance(DEPARTURE_MS + 20 * MINUTE_MS - rig.clock.nowMs());
  const [report] = rig.fleet.log.sessions();
  expect(report).toMatchObject({ outcome: 'ended', targetMet: true });
  expect(rig.fleet.stats.troubles).toEqual([]);
  expect(rig.fleet.waitingEvents()).toBe(0);
  const [view] = await rig.engine.useCases.sessions({ state: 'ended', limit: 1 });
  expect(view!.importKwh * 1000).toBeCloseTo(report!.importWh, 6);
  expect(view!.exportKwh * 1000).toBeCloseTo(report!.exportWh, 6);
  expect(view).toMatchObject({ provisional: false, session: { flags: expected.flags ?? [] } });
  return { report: report!, view: view! };
}

const meteredKw = () => rig.fleet.log.powerKwAt(rig.clock.nowMs());
const nonConformances = () => rig.engine.useCases.station(NAME)!.station.nonConformances;
const profiles = () =>
  rig.fleet.log.told().filter(({ profile }) => profile.chargingProfilePurpose === 'TxProfile');

describe('needs in every form, over real sockets', () => {
  it.each([
    ['AC on three phases', { phases: 3 as const }, 3 * 230 * 15],
    ['AC on one phase', { phases: 1 as const, maxChargeKw: 7.4 }, 230 * 32],
  ])(
    'ISO 15118-2 %s: what it wants and its currents, one way only',
    async (_name, traits, watts) => {
      const { needs } = await arrived({ needs: 'iso15118-2', ...traits });
      expect(needs).toMatchObject({
        current: 'ac',
        bidirectional: false,
        controlMode: 'scheduled',
        departureMs: DEPARTURE_MS,
        targetEnergyKwh: 12,
        maxScheduleTuples: 12,
      });
      expect(needs!.maxChargeKw).toBeCloseTo(watts / 1000, 9);
      expect(meteredKw()).toBe(0);
      const { report } = await departed();
      expect(report.exportWh).toBe(0);
    },
    30_000,
  );

  it('ISO 15118-2 DC: capacity and state of charge too', async () => {
    const { needs } = await arrived({ needs: 'iso15118-2', current: 'dc' });
    expect(needs).toMatchObject({
      current: 'dc',
      bidirectional: false,
      targetEnergyKwh: 12,
      maxChargeKw: 11,
      batteryCapacityKwh: 60,
      socFraction: 0.5,
    });
    await departed();
  }, 30_000);

  it('the popular form: V2XChargingNeeds with a discharge energy, understood and noted', async () => {
    const { needs } = await arrived({ spelling: 'popular' });
    expect(needs).toMatchObject({
      bidirectional: true,
      departureMs: DEPARTURE_MS,
      targetEnergyKwh: 12,
      maxDischargeKw: 11,
      // 30 kWh less the car's floor of a fifth of 60.
      minV2xEnergyKwh: -18,
    });
    expect(meteredKw()).toBeCloseTo(-11, 6);
    expect(nonConformances().some((one) => one.includes('V2XChargingNeeds read as chargingNeeds'))).toBe(
      true,
    );
    const { report } = await departed();
    expect(report.exportWh).toBeGreaterThan(10_000);
  }, 30_000);

  it('the popular form with negative limits: both halves of the popular description together', async () => {
    await arrived({ spelling: 'popular', negativeLimits: true, powerStyle: 'negative-import' }, true);
    expect(meteredKw()).toBeCloseTo(-11, 6);
    await departed();
  }, 30_000);

  it('keys in another case and instants without a zone: mended and noted', async () => {
    const { needs } = await arrived({ spelling: 'odd-case' });
    expect(needs).toMatchObject({ bidirectional: true, targetEnergyKwh: 12, minV2xEnergyKwh: -18 });
    expect(meteredKw()).toBeCloseTo(-11, 6);
    expect(nonConformances().length).toBeGreaterThan(3);
    await departed();
  }, 30_000);

  it('none at all: the site says when its cars leave', async () => {
    const { needs } = await arrived({ needs: 'none', maxDischargeKw: 0 });
    expect(needs).toBeUndefined();
    await departed();
  }, 30_000);
});

describe('rates in A', () => {
  it.each([
    ['three phases', { phases: 3 as const }, 15.9],
    ['one phase', { phases: 1 as const, maxChargeKw: 7.36, maxDischargeKw: 7.36 }, 32],
  ])(
    'over %s are per phase: the car does what was meant, both ways',
    async (_name, traits, amperes) => {
      await arrived({ rateUnit: 'A', ...traits });
      const kw = (amperes * 230 * traits.phases) / 1000;
      expect(meteredKw()).toBeCloseTo(-kw, 6);
      const { profile } = profiles().at(-1)!;
      expect(profile.chargingSchedule[0]).toMatchObject({ chargingRateUnit: 'A' });
      expect(profile.chargingSchedule[0]!.chargingSchedulePeriod[0]).toMatchObject({
        setpoint: -amperes,
        ...(traits.phases === 1 ? { numberPhases: 1 } : {}),
      });
      const evse = rig.engine.useCases.station(NAME)!.evses[0]!;
      expect(evse.delivery?.state).toBe('following');
      expect(evse.record.proofs).toMatchObject([
        { readBack: { outcome: 'agrees' }, meter: { outcome: 'follows' } },
      ]);
      const { report } = await departed();
      expect(Math.max(...report.slices.map((slice) => slice.startKw))).toBeGreaterThan(0.98 * kw);
    },
    30_000,
  );

  it('in Dynamic profiles too, where each update is in A', async () => {
    await arrived({ rateUnit: 'A', dynamicProfiles: true });
    expect(meteredKw()).toBeCloseTo(-10.971, 6);
    await departed();
  }, 30_000);
});

describe('readings in every order', () => {
  const MESSY = { holdsBack: 4, shuffles: true, repeatShare: 0.3, lostAnswerShare: 0.2 };

  it('reordered, doubled, and sent again after a lost answer: the books equal the meter', async () => {
    await arrived({ outbox: MESSY, powerStyle: 'negative-import' });
    const { report, view } = await departed();
    expect(report.exportWh).toBeGreaterThan(10_000);
    const intervals = await rig.store.sessions.intervals({
      fromMs: 0,
      toMs: 4e12,
      transactionId: view.session.transactionId,
    });
    const sum = intervals.reduce((wh, interval) => wh + interval.importWh, 0);
    expect(sum).toBeCloseTo(report.importWh, 6);
  }, 30_000);

  it('aligned to the clock beside the periodic ones', async () => {
    const session = await arrived({});
    const clockReadings = async () =>
      (await rig.store.sessions.readings(session.transactionId)).filter(({ context }) => context === 'clock');
    expect((await clockReadings()).slice(0, 3).map(({ atMs }) => (atMs - NOON_MS) / MINUTE_MS)).toEqual([
      10, 15, 20,
    ]);
    await departed();
    expect((await clockReadings()).length).toBeGreaterThan(75);
  }, 30_000);

  it('from registers that roll over in both directions', async () => {
    await arrived({ registerCapacityWh: 1e8 });
    const { report } = await departed({ flags: ['register-rolled-over'] });
    expect([report.importWh > 11_000, report.exportWh > 11_000]).toEqual([true, true]);
  }, 30_000);
});

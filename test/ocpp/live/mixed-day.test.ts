import { afterEach, describe, expect, it } from 'vitest';
import { asSiteId, asStationId } from '../../../src/domain/ids.js';
import { type Random, seededRandom } from '../../../src/simulator/seeded-random.js';
import {
  assumedBattery,
  DEFAULT_CAR,
  type SessionPlan,
  type StationPlan,
  type StationTraits,
} from '../../../src/simulator/session-plan.js';
import { hourlyPrices } from '../../support/engine/engine-rig.js';
import { HOUR_MS, MINUTE_MS, NOON_MS } from '../../support/engine/fixtures.js';
import { LiveRig } from '../../support/engine/live-rig.js';

const DAY_MS = 24 * HOUR_MS;

let rig: LiveRig;
afterEach(() => rig.close());

/** Each kind of station with the quirks it is known for (OCPP reference, section 8), and its best dialect. */
const KINDS: Readonly<Record<string, { traits: Partial<StationTraits>; dialect: string }>> = {
  dynamic: { traits: { dynamicProfiles: true, connectorReports: 'NotifyEvent' }, dialect: 'dynamic' },
  // Takes Dynamic profiles and knows no message to update them.
  'no-updates': { traits: { dynamicProfiles: true, takesUpdates: false }, dialect: 'central-setpoint' },
  // Negative import while it discharges, no echo of the schedule, few periods.
  negating: {
    traits: { powerStyle: 'negative-import', echoesSchedule: false, periodsPerSchedule: 6 },
    dialect: 'central-setpoint',
  },
  behind: { traits: { clockErrorMs: -90_000, current: 'dc' }, dialect: 'central-setpoint' },
  ahead: { traits: { clockErrorMs: 45_000 }, dialect: 'central-setpoint' },
  popular: { traits: { negativeLimits: true, powerStyle: 'negative-import' }, dialect: 'negative-limit' },
  charger: { traits: { maxDischargeKw: 0 }, dialect: 'charging-only' },
  // IEC 61851: no needs at all; its site says when its cars leave.
  pwm: { traits: { maxDischargeKw: 0, needs: 'none' }, dialect: 'charging-only' },
};
const NAMES = Object.keys(KINDS);

/** Two stays within the day, at random times and fillings. */
function stays(name: string, random: Random): SessionPlan[] {
  const stay = (number: number, fromMs: number): SessionPlan => ({
    sessionId: `${name}-${number}`,
    userId: 'driver',
    plugInMs: fromMs + Math.floor(random() * 90) * MINUTE_MS,
    plugOutMs: fromMs + 8 * HOUR_MS + Math.floor(random() * 120) * MINUTE_MS,
    battery: assumedBattery(60, DEFAULT_CAR),
    arrivalKwh: 20 + random() * 25,
    targetKwh: 48,
    bidirectional: random() < 0.8,
    assumptions: [],
  });
  return [stay(1, NOON_MS + 10 * MINUTE_MS), stay(2, NOON_MS + 12 * HOUR_MS)];
}

/** A station's traits beside its kind: how fast it is. */
function stationOf(name: string, random: Random): StationPlan {
  const response = { reactionMs: Math.floor(random() * 5_000), rampKwPerS: 1 + random() * 10 };
  return {
    stationId: asStationId(name),
    traits: { ...response, ...KINDS[name]!.traits },
    evses: [{ sessions: stays(name, random) }],
  };
}

describe('a fleet of mixed stations for a day, with lost links', () => {
  it.each([11])(
    'no protocol fault, each EVSE in the best dialect it holds, import and export equal to the meters (seed %i)',
    async (seed) => {
      const random = seededRandom(seed);
      const prices = Array.from({ length: 26 }, () => 0.05 + random() * 0.5);
      rig = await LiveRig.open(
        NAMES.map((name) => stationOf(name, random)),
        { meterIntervalS: 300 },
        async ({ engine: { useCases } }) => {
          await useCases.putPrices(hourlyPrices(prices));
          const stationId = asStationId('popular');
          await useCases.registerStation({ stationId, dialectSetting: { dialect: 'negative-limit' } });
          await useCases.registerStation({ stationId: asStationId('pwm') });
          await useCases.saveSite({
            siteId: asSiteId('street'),
            name: 'Street',
            stationIds: [asStationId('pwm')],
            evDefaults: { stayMinutes: 7 * 60, energyKwh: 30 },
          });
        },
      );
      // Each link is lost twice, one station at a time, wherever it is in what it says and hears.
      const losses = [...NAMES, ...NAMES]
        .map((name) => ({ name, atMs: NOON_MS + Math.floor(random() * (DAY_MS - HOUR_MS)) }))
        .sort((a, b) => a.atMs - b.atMs);
      for (const { name, atMs } of losses) {
        await rig.advance(Math.max(0, atMs - rig.clock.nowMs()));
        rig.fleet.cutLink(asStationId(name));
      }
      await rig.advance(NOON_MS + DAY_MS - rig.clock.nowMs());

      expect(rig.fleet.stats.troubles.filter(({ what }) => !/^closed|^connect/.test(what))).toEqual([]);
      expect(rig.fleet.waitingEvents()).toBe(0);
      const held = Object.fromEntries(
        rig.engine.useCases
          .stations()
          .map(({ station, evses }) => [station.stationId, evses[0]!.capability.dialect]),
      );
      // It is tried again in Dynamic profiles after each cool-down, so it may be back for a moment.
      expect(['dynamic', 'central-setpoint']).toContain(held['no-updates']);
      expect(rig.alarms()).toContain('dialect-demoted');
      const best = Object.fromEntries(NAMES.map((name) => [name, KINDS[name]!.dialect]));
      expect({ ...held, 'no-updates': '' }).toEqual({ ...best, 'no-updates': '' });
      const totals = rig.fleet.log.totals();
      expect(totals).toMatchObject({ sessionsEnded: 2 * NAMES.length, reachableTargetsMissed: 0 });
      const booked = await rig.store.sessions.totals();
      expect(booked.importWh).toBeCloseTo(totals.importWh, 6);
      expect(booked.exportWh).toBeCloseTo(totals.exportWh, 6);
      for (const session of rig.fleet.log.sessions()) {
        const { transactionId, importWh, exportWh } = session;
        const view = (await rig.engine.useCases.session(transactionId!))!;
        expect(view.importKwh * 1000).toBeCloseTo(importWh, 6);
        expect(view.exportKwh * 1000).toBeCloseTo(exportWh, 6);
        expect(view.provisional).toBe(false);
      }
    },
    120_000,
  );
});

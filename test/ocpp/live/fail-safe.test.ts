import { afterEach, describe, expect, it } from 'vitest';
import { asStationId, evseIdOf } from '../../../src/domain/ids.js';
import { type Random, seededRandom } from '../../../src/simulator/seeded-random.js';
import {
  assumedBattery,
  DEFAULT_CAR,
  type StationPlan,
  type StationTraits,
} from '../../../src/simulator/session-plan.js';
import { hourlyPrices } from '../../support/engine/engine-rig.js';
import { HOUR_MS, MINUTE_MS, NOON_MS } from '../../support/engine/fixtures.js';
import { LiveRig } from '../../support/engine/live-rig.js';

const DEAD_MAN_MS = 15 * MINUTE_MS;
/** A station's reaction and ramp, and a lost link's way through the sockets. */
const REACTION_MS = 30_000;
const DEPARTURE_MS = NOON_MS + 5 * HOUR_MS;
/** Dear for two hours, then cheap: every car exports from its arrival on. */
const PRICES = [0.6, 0.6, 0.1, 0.1, 0.1, 0.1];

let rig: LiveRig;
afterEach(() => rig.close());

function car(name: string, random: Random, traits: Partial<StationTraits>): StationPlan {
  const session = {
    sessionId: `${name}-1`,
    userId: 'driver',
    plugInMs: NOON_MS + Math.floor(random() * 5) * MINUTE_MS,
    plugOutMs: DEPARTURE_MS,
    battery: assumedBattery(60, DEFAULT_CAR),
    arrivalKwh: 40 + random() * 10,
    targetKwh: 48,
    bidirectional: true,
    assumptions: [],
  };
  const response = { reactionMs: Math.floor(random() * 5_000), rampKwPerS: 1 + random() * 10 };
  return {
    stationId: asStationId(name),
    evses: [{ sessions: [session] }],
    traits: { ...response, ...traits },
  };
}

/** One car per dialect, each exporting at full power. */
async function exportingFleet(random: Random): Promise<void> {
  rig = await LiveRig.open(
    [
      car('dynamic', random, { dynamicProfiles: true }),
      car('setpoint', random, { powerStyle: 'negative-import' }),
      car('negative', random, { negativeLimits: true }),
      car('default-only', random, { negativeLimits: true }),
    ],
    { meterIntervalS: 300 },
    async ({ engine: { useCases } }) => {
      await useCases.putPrices(hourlyPrices(PRICES));
      await useCases.registerStation({
        stationId: asStationId('negative'),
        dialectSetting: { dialect: 'negative-limit' },
      });
      await useCases.registerStation({
        stationId: asStationId('default-only'),
        dialectSetting: { dialect: 'negative-limit', purpose: 'TxDefaultProfile' },
      });
    },
  );
  await rig.advance(10 * MINUTE_MS + Math.floor(random() * 50 * 60) * 1000);
  const exporting = rig.fleet.log.sessions().map(({ stationId }) => {
    return rig.fleet.log.powerKwAt(rig.clock.nowMs(), evseIdOf(stationId, 1)) < -1;
  });
  expect(exporting).toEqual([true, true, true, true]);
}

/** Export of each car that went on later than `fromMs` and before `toMs`, kWh. */
function exportedBetween(fromMs: number, toMs: number): number[] {
  return rig.fleet.log
    .sessions()
    .map(({ slices }) =>
      slices
        .filter((slice) => slice.fromMs >= fromMs && slice.toMs <= toMs)
        .reduce((sum, slice) => sum + slice.exportKwh, 0),
    );
}

interface Fault {
  strike(): Promise<void>;
  /** What an operator does about it. */
  mend(): Promise<void>;
}

const FAULTS: Record<string, Fault> = {
  'the engine is killed': {
    strike: () => rig.killEngine(),
    mend: () => rig.startEngine(),
  },
  'the link is cut': {
    strike: async () => rig.network.cut(),
    mend: async () => rig.network.mend(),
  },
  'the planner hangs': {
    async strike() {
      rig.hangPlans();
    },
    async mend() {
      rig.mendPlans();
      await rig.killEngine();
      await rig.startEngine();
    },
  },
  'the store refuses every write': {
    async strike() {
      rig.store.failing = true;
    },
    async mend() {
      rig.store.failing = false;
    },
  },
};
const SEEDS = [1, 2, 3];

describe.each(Object.keys(FAULTS))('in mid-discharge %s', (name) => {
  const fault = FAULTS[name]!;

  it.each(SEEDS)(
    'every car stops exporting within the dead-man time and still reaches its target (seed %i)',
    async (seed) => {
      await exportingFleet(seededRandom(seed));
      const faultMs = rig.clock.nowMs();
      await fault.strike();
      await rig.advance(DEPARTURE_MS + MINUTE_MS - faultMs);
      const late = exportedBetween(faultMs + DEAD_MAN_MS + REACTION_MS, DEPARTURE_MS);
      expect(late).toEqual([0, 0, 0, 0]);
      expect(rig.fleet.log.sessions().map(({ targetMet }) => targetMet)).toEqual([true, true, true, true]);
      rig.store.failing = false;
    },
    60_000,
  );

  it('once it is mended the fleet goes on, and the books equal the meters', async () => {
    await exportingFleet(seededRandom(9));
    const faultMs = rig.clock.nowMs();
    await fault.strike();
    await rig.advance(30 * MINUTE_MS);
    await fault.mend();
    const mendedMs = rig.clock.nowMs();
    await rig.advance(DEPARTURE_MS + 10 * MINUTE_MS - mendedMs);
    expect(exportedBetween(faultMs + DEAD_MAN_MS + REACTION_MS, mendedMs)).toEqual([0, 0, 0, 0]);
    const totals = rig.fleet.log.totals();
    expect(totals).toMatchObject({ sessionsEnded: 4, targetsMet: 4 });
    expect(rig.fleet.waitingEvents()).toBe(0);
    // A station drops an event after five refusals; the registers of those that follow tell the same.
    if (!name.includes('store')) expect(rig.fleet.stats.eventsLost).toBe(0);
    const booked = await rig.store.sessions.totals();
    expect(booked.importWh).toBeCloseTo(totals.importWh, 6);
    expect(booked.exportWh).toBeCloseTo(totals.exportWh, 6);
    // It steers again: cars export once more while energy is dear.
    expect(Math.min(...exportedBetween(mendedMs, NOON_MS + 2 * HOUR_MS + MINUTE_MS))).toBeGreaterThan(0.5);
  }, 60_000);
});

describe('in mid-discharge every station’s wall clock stands still', () => {
  const freezeAll = () => {
    for (const { stationId } of rig.fleet.log.sessions()) rig.fleet.freezeClock(stationId);
  };
  const exportedLate = (fromMs: number, toMs: number) =>
    Object.fromEntries(
      rig.fleet.log
        .sessions()
        .map(({ stationId }, index) => [stationId, exportedBetween(fromMs, toMs)[index]]),
    );
  const DEAR_UNTIL_MS = NOON_MS + 2 * HOUR_MS;

  it.each([1, 2])(
    'what follows a schedule stops within the dead-man time, what is updated stops when told; targets hold (seed %i)',
    async (seed) => {
      await exportingFleet(seededRandom(seed));
      const faultMs = rig.clock.nowMs();
      freezeAll();
      await rig.advance(DEPARTURE_MS + MINUTE_MS - faultMs);
      const late = exportedLate(faultMs + DEAD_MAN_MS + REACTION_MS, DEPARTURE_MS);
      expect({ ...late, dynamic: 0 }).toEqual({ dynamic: 0, setpoint: 0, negative: 0, 'default-only': 0 });
      // At the latest when its duration, a third of the dead-man time, has passed.
      const toldMs = DEAR_UNTIL_MS + DEAD_MAN_MS / 3 + REACTION_MS;
      // What it stores beyond its target may still be sold.
      expect(exportedLate(toldMs, DEPARTURE_MS).dynamic).toBeLessThan(1);
      expect(rig.fleet.log.sessions().map(({ targetMet }) => targetMet)).toEqual([true, true, true, true]);
      expect(rig.alarms().filter((code) => code === 'station-clock-stopped')).toHaveLength(4);
      const totals = rig.fleet.log.totals();
      const booked = await rig.store.sessions.totals();
      expect(booked.importWh).toBeCloseTo(totals.importWh, 6);
      expect(booked.exportWh).toBeCloseTo(totals.exportWh, 6);
    },
    60_000,
  );

  it.each([1, 2])(
    'and the link is cut: every car stops within the dead-man time by the station’s uptime alone (seed %i)',
    async (seed) => {
      await exportingFleet(seededRandom(seed));
      const faultMs = rig.clock.nowMs();
      freezeAll();
      rig.network.cut();
      await rig.advance(DEPARTURE_MS + MINUTE_MS - faultMs);
      const late = exportedBetween(faultMs + DEAD_MAN_MS + REACTION_MS, DEPARTURE_MS);
      expect(late).toEqual([0, 0, 0, 0]);
      expect(rig.fleet.log.sessions().map(({ targetMet }) => targetMet)).toEqual([true, true, true, true]);
    },
    60_000,
  );
});

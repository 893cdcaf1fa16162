import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asStationId, evseNumberOf, stationOf } from '../../src/domain/ids.js';
import { createSimulatedFleet, type SimulatedFleet } from '../../src/simulator/fleet.js';
import { generateSessions } from '../../src/simulator/generated-sessions.js';
import { type Random, seededRandom } from '../../src/simulator/seeded-random.js';
import type { SessionReport } from '../../src/simulator/session-record.js';
import { FakeClock } from '../support/fake-clock.js';
import { SmallCsms } from './small-csms.js';
import { HOUR, MINUTE } from './test-sessions.js';

const NOON = Date.parse('2026-01-20T11:00:00Z');
const STATIONS = 6;

let clock: FakeClock;
let csms: SmallCsms;
let fleet: SimulatedFleet;

async function startDay(): Promise<void> {
  clock = new FakeClock(NOON);
  csms = new SmallCsms(clock);
  await csms.listen();
  const window = { startMs: NOON, hours: 24, timeZone: 'Europe/Berlin', edges: 'whole' as const };
  const lists = generateSessions({ seed: 11, stations: STATIONS, window });
  fleet = createSimulatedFleet({
    url: csms.url,
    stations: lists.map((sessions, index) => ({
      stationId: asStationId(`CS-${index}`),
      evses: [{ sessions }],
      traits: { rampKwPerS: 3 },
    })),
    clock,
    seed: 1,
  });
  await fleet.start();
}

async function runRandomDay(): Promise<void> {
  const random = seededRandom(5);
  for (let atMs = NOON + 7 * MINUTE; atMs < NOON + 24 * HOUR; atMs += 25 * MINUTE) {
    await clock.advanceTo(atMs);
    if (random() < 0.8) await sendRandomProfiles(random);
  }
  await clock.advanceTo(NOON + 24 * HOUR);
}

async function endDay(): Promise<void> {
  await fleet.stop();
  await csms.die();
}

beforeEach(startDay);
afterEach(endDay);

/** A new profile for every running session: 4 quarter hours of random setpoints, valid for one hour. */
async function sendRandomProfiles(random: Random): Promise<void> {
  for (const session of fleet.log.sessions()) {
    if (session.outcome !== 'running' || !session.transactionId) continue;
    await csms.call(stationOf(session.evseId), 'SetChargingProfile', {
      evseId: evseNumberOf(session.evseId),
      chargingProfile: {
        id: 1,
        stackLevel: 1,
        chargingProfilePurpose: 'TxProfile',
        chargingProfileKind: 'Absolute',
        transactionId: session.transactionId,
        validTo: new Date(clock.nowMs() + 40 * MINUTE).toISOString(),
        maxOfflineDuration: 600,
        chargingSchedule: [
          {
            id: 1,
            startSchedule: new Date(clock.nowMs()).toISOString(),
            chargingRateUnit: 'W',
            chargingSchedulePeriod: [0, 900, 1800].map((startPeriod) => ({
              startPeriod,
              operationMode: 'CentralSetpoint' as const,
              setpoint: Math.round((random() - 0.5) * 30_000),
            })),
          },
        ],
      },
    });
  }
}

/** Setpoint that the newest accepted profile of a session asks for at an instant, W; undefined when it has ended. */
function setpointW(session: SessionReport, atMs: number): number | undefined {
  const told = fleet.log
    .told(session.evseId)
    .filter(({ atMs: toldMs, profile }) => toldMs <= atMs && profile.transactionId === session.transactionId)
    .at(-1);
  if (!told?.verdict.accepted || atMs >= Date.parse(told.profile.validTo!)) return undefined;
  const [schedule] = told.profile.chargingSchedule;
  const elapsedS = (atMs - Date.parse(schedule!.startSchedule!)) / 1000;
  return schedule!.chargingSchedulePeriod.findLast(({ startPeriod }) => startPeriod <= elapsedS)?.setpoint;
}

describe('a day of a fleet under a CSMS that sends whatever it likes', () => {
  beforeEach(runRandomDay);

  it('moves energy that balances, within floor and full, and exports only what a valid setpoint asks', () => {
    const sessions = fleet.log.sessions();
    expect(sessions.length).toBeGreaterThan(4);
    expect(fleet.log.totals().exportKwh).toBeGreaterThan(5);
    for (const session of sessions) {
      const { battery } = session.plan;
      const stored =
        session.importKwh * battery.chargeEfficiency - session.exportKwh / battery.dischargeEfficiency;
      expect(session.finalKwh - session.arrivalKwh).toBeCloseTo(stored, 6);
      expect(session.finalKwh).toBeLessThanOrEqual(battery.capacityKwh);
      for (const slice of session.slices) {
        if (slice.exportKwh === 0) continue;
        const asked = setpointW(session, slice.fromMs)!;
        expect(asked).toBeLessThan(0);
        const averageW = (slice.exportKwh * 1000 * HOUR) / (slice.toMs - slice.fromMs);
        expect(averageW).toBeLessThanOrEqual(Math.min(-asked, 11_000) + 1e-6);
      }
    }
  });

  it('emits registers whose differences are the log to the Wh, and the exact energy to within one', () => {
    for (const session of fleet.log.sessions()) {
      const events = csms
        .events()
        .filter(({ transactionInfo }) => transactionInfo.transactionId === session.transactionId);
      const ended = events.at(-1)!;
      expect(ended.eventType).toBe('Ended');
      const value = (context: string, measurand: string) =>
        ended
          .meterValue!.flatMap(({ sampledValue }) => sampledValue)
          .find((sample) => sample.context === context && sample.measurand === measurand)!.value;
      const moved = (measurand: string) =>
        value('Transaction.End', measurand) - value('Transaction.Begin', measurand);
      expect(moved('Energy.Active.Import.Register')).toBe(session.importWh);
      expect(moved('Energy.Active.Export.Register')).toBe(session.exportWh);
      expect(Math.abs(session.importWh - session.importKwh * 1000)).toBeLessThan(1.001);
      expect(Math.abs(session.exportWh - session.exportKwh * 1000)).toBeLessThan(1.001);
    }
  });

  it('adds up per price slot to what was metered in all', () => {
    const grid = { startMs: NOON, slotMinutes: 15, slots: 96 };
    const { importKwh, exportKwh } = fleet.log.energyPerSlot('metered', grid);
    const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
    expect(sum(importKwh)).toBeCloseTo(fleet.log.totals().importKwh, 6);
    expect(sum(exportKwh)).toBeCloseTo(fleet.log.totals().exportKwh, 6);
    expect(sum(fleet.log.energyPerSlot('uncontrolled', grid).exportKwh)).toBe(0);
  });

  it('talks without a fault, and has nothing left to say', () => {
    expect(csms.faults).toEqual([]);
    expect(fleet.stats.troubles).toEqual([]);
    expect(fleet.stats.eventsLost).toBe(0);
    expect(fleet.busy()).toBe(false);
    expect(fleet.waitingEvents()).toBe(0);
  });
});

it('is the same day for the same seed, however the sockets race', async () => {
  const outcome = () =>
    fleet.log
      .sessions()
      .map(({ sessionId, transactionId, importWh, exportWh, finalKwh }) => {
        return { sessionId, transactionId, importWh, exportWh, finalKwh };
      })
      .sort((a, b) => a.sessionId.localeCompare(b.sessionId));
  await clock.advanceTo(NOON + 8 * HOUR);
  await sendRandomProfiles(seededRandom(9));
  await clock.advanceTo(NOON + 24 * HOUR);
  const first = outcome();
  await endDay();
  await startDay();
  await clock.advanceTo(NOON + 8 * HOUR);
  await sendRandomProfiles(seededRandom(9));
  await clock.advanceTo(NOON + 24 * HOUR);
  expect(outcome()).toEqual(first);
});

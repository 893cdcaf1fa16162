import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asStationId, evseIdOf } from '../../src/domain/ids.js';
import type { ChargingProfile } from '../../src/ocpp/wire/smart-charging-messages.js';
import { iso, PLUG_IN, StationBench, setpoint } from './station-bench.js';
import { MINUTE, sessionPlan, stationPlan } from './test-sessions.js';

const EVSE = evseIdOf(asStationId('HX-1'), 1);
let bench: StationBench;
beforeEach(async () => {
  bench = await StationBench.open();
});
afterEach(() => bench.close());

/** A car with a Dynamic profile of 5 minutes that exports 8 kW. */
async function exportDynamically(more: Partial<ChargingProfile> = {}): Promise<void> {
  await bench.run(stationPlan([sessionPlan()], { dynamicProfiles: true }));
  await bench.clock.advanceTo(PLUG_IN);
  await bench.setTxProfile([], {
    chargingProfileKind: 'Dynamic',
    chargingSchedule: [
      { id: 1, duration: 300, chargingRateUnit: 'W', chargingSchedulePeriod: [setpoint(0, -8000)] },
    ],
    ...more,
  });
}
/** A second later: a change of the order is seen in what flows after it. */
async function powerKw(): Promise<number> {
  await bench.clock.advanceBy(1_000);
  return bench.fleet.log.powerKwAt(bench.clock.nowMs(), EVSE);
}
const update = (watts: number, chargingProfileId = 1) =>
  bench.csms.call('HX-1', 'UpdateDynamicSchedule', {
    chargingProfileId,
    scheduleUpdate: { setpoint: watts },
  });

describe('a simulated station with a Dynamic profile', () => {
  it('K28: follows it from its receipt and falls to full charging when its duration is over', async () => {
    await exportDynamically();
    expect(await powerKw()).toBe(-8);
    await bench.clock.advanceTo(PLUG_IN + 5 * MINUTE);
    expect(await powerKw()).toBe(11);
  });

  it('K28: an update changes the value, counts the duration anew and revives a profile that had ended', async () => {
    await exportDynamically();
    await bench.clock.advanceTo(PLUG_IN + 4 * MINUTE);
    expect(await update(-3000)).toEqual({ status: 'Accepted' });
    await bench.clock.advanceTo(PLUG_IN + 8 * MINUTE);
    expect(await powerKw()).toBe(-3);
    await bench.clock.advanceTo(PLUG_IN + 11 * MINUTE);
    expect(await powerKw()).toBe(11);
    await update(2000);
    expect(await powerKw()).toBe(2);
  });

  it('K28: refuses an update for a profile that it does not have', async () => {
    await exportDynamically();
    expect(await update(-3000, 99)).toMatchObject({ status: 'Rejected' });
  });

  it('K28: pulls when no update has come for its interval; a refusal lets it end', async () => {
    const answers = [
      { status: 'Accepted', scheduleUpdate: { setpoint: -2000 } } as const,
      { status: 'Rejected' } as const,
    ];
    bench.csms.handlers = {
      PullDynamicScheduleUpdate: async () => answers.shift() ?? { status: 'Rejected' },
    };
    await exportDynamically({ dynUpdateInterval: 120 });
    await bench.clock.advanceTo(PLUG_IN + 3 * MINUTE);
    expect(await powerKw()).toBe(-2);
    await bench.clock.advanceTo(PLUG_IN + 7 * MINUTE);
    expect(await powerKw()).toBe(11);
    expect(bench.csms.heardOf('PullDynamicScheduleUpdate')).toHaveLength(2);
  });

  it('K08: tells what all its profiles together ask', async () => {
    await exportDynamically();
    const answer = await bench.csms.call('HX-1', 'GetCompositeSchedule', { evseId: 1, duration: 900 });
    expect(answer).toMatchObject({
      status: 'Accepted',
      schedule: {
        scheduleStart: iso(PLUG_IN),
        chargingSchedulePeriod: [
          { startPeriod: 0, operationMode: 'CentralSetpoint', setpoint: -8000 },
          { startPeriod: 300, operationMode: 'ChargingOnly' },
        ],
      },
    });
  });

  it('K09: reports the profiles that are asked for', async () => {
    const reports: unknown[] = [];
    bench.csms.handlers = {
      ReportChargingProfiles: async (report) => {
        reports.push(report);
        return {};
      },
    };
    await exportDynamically();
    const ask = (chargingProfileId: number[]) =>
      bench.csms.call('HX-1', 'GetChargingProfiles', {
        requestId: 5,
        chargingProfile: { chargingProfileId },
      });
    expect(await ask([1])).toEqual({ status: 'Accepted' });
    await bench.clock.advanceBy(1);
    expect(reports).toMatchObject([
      { requestId: 5, evseId: 1, chargingLimitSource: 'CSO', chargingProfile: [{ id: 1 }], tbc: false },
    ]);
    expect(await ask([2])).toEqual({ status: 'NoProfiles' });
  });

  it('refuses a Dynamic profile when it knows none, and one of two periods', async () => {
    await exportDynamically();
    const two = await bench.setTxProfile([], {
      chargingProfileKind: 'Dynamic',
      chargingSchedule: [
        { id: 1, chargingRateUnit: 'W', chargingSchedulePeriod: [setpoint(0, 1), setpoint(60, 2)] },
      ],
    });
    expect(two).toMatchObject({ status: 'Rejected', statusInfo: { reasonCode: 'InvalidSchedule' } });
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asStationId } from '../../src/domain/ids.js';
import { iso, PLUG_IN, StationBench, setpoint } from './station-bench.js';
import { EVENING, HOUR, MINUTE, sessionPlan, stationPlan } from './test-sessions.js';

let bench: StationBench;

beforeEach(async () => {
  bench = await StationBench.open();
});

afterEach(() => bench.close());

describe('a session on the wire', () => {
  it('goes from boot to Ended in the order of the standard', async () => {
    await bench.run(stationPlan([sessionPlan()]));
    await bench.clock.advanceTo(EVENING + 11 * HOUR);
    const actions = bench.csms.heard.map(({ action, payload }) =>
      action === 'TransactionEvent' ? (payload as { eventType: string }).eventType : action,
    );
    expect(actions.filter((action) => action !== 'Updated' && action !== 'Heartbeat')).toEqual([
      'BootNotification',
      'StatusNotification',
      'StatusNotification',
      'Authorize',
      'Started',
      'NotifyEVChargingNeeds',
      'Ended',
      'StatusNotification',
    ]);
    expect(bench.csms.faults).toEqual([]);
  });

  it('carries both registers in Started, and begin and end of both in Ended', async () => {
    bench.answerNeedsWith([setpoint(0, 10_000), setpoint(3600, -8_000), setpoint(7200, 0)]);
    await bench.run(stationPlan([sessionPlan()]));
    await bench.clock.advanceTo(EVENING + 11 * HOUR);
    const started = bench.csms.events().find(({ eventType }) => eventType === 'Started')!;
    const ended = bench.csms.events().find(({ eventType }) => eventType === 'Ended')!;
    const register = (event: typeof started, context: string, measurand: string) =>
      event
        .meterValue!.flatMap(({ sampledValue }) => sampledValue)
        .find((sample) => sample.context === context && sample.measurand === measurand)!.value;
    const importRegister = 'Energy.Active.Import.Register';
    const exportRegister = 'Energy.Active.Export.Register';
    expect(register(ended, 'Transaction.Begin', importRegister)).toBe(
      register(started, 'Transaction.Begin', importRegister),
    );
    expect(
      register(ended, 'Transaction.End', importRegister)! -
        register(started, 'Transaction.Begin', importRegister)!,
    ).toBe(10_000);
    expect(
      register(ended, 'Transaction.End', exportRegister)! -
        register(started, 'Transaction.Begin', exportRegister)!,
    ).toBe(8_000);
    expect(bench.fleet.log.totals()).toMatchObject({ importWh: 10_000, exportWh: 8_000 });
  });

  it('states needs as signed Wh from now on, and powers as magnitudes', async () => {
    await bench.run(stationPlan([sessionPlan()]));
    await bench.clock.advanceTo(PLUG_IN + MINUTE);
    expect(bench.csms.heardOf('NotifyEVChargingNeeds')[0]).toMatchObject({
      evseId: 1,
      timestamp: iso(PLUG_IN),
      chargingNeeds: {
        requestedEnergyTransfer: 'AC_BPT',
        controlMode: 'DynamicControl',
        departureTime: iso(PLUG_IN + 10 * HOUR),
        v2xChargingParameters: {
          maxChargePower: 11_000,
          maxDischargePower: 11_000,
          evTargetEnergyRequest: 18_000,
          evMinV2XEnergyRequest: -18_000,
          evMaxV2XEnergyRequest: 30_000,
          targetSoC: 80,
        },
      },
    });
  });

  it('samples every TxUpdatedInterval, also after the CSMS has changed it', async () => {
    await bench.run(stationPlan([sessionPlan()]));
    await bench.clock.advanceTo(EVENING);
    await bench.csms.call('HX-1', 'SetVariables', {
      setVariableData: [
        {
          component: { name: 'SampledDataCtrlr' },
          variable: { name: 'TxUpdatedInterval' },
          attributeValue: '60',
        },
      ],
    });
    await bench.clock.advanceTo(PLUG_IN + 10 * MINUTE);
    const samples = bench.csms.events().filter(({ triggerReason }) => triggerReason === 'MeterValuePeriodic');
    expect(samples.map(({ timestamp }) => Date.parse(timestamp) - PLUG_IN)).toEqual(
      Array.from({ length: 10 }, (_, k) => (k + 1) * MINUTE),
    );
    expect(bench.csms.events().map(({ seqNo }) => seqNo)).toEqual(
      bench.csms.events().map((_, index) => index),
    );
  });
});

describe('following', () => {
  it('discharges by a negative setpoint and says Charging, as OCPP has no other word', async () => {
    bench.answerNeedsWith([setpoint(0, -5_000)]);
    await bench.run(stationPlan([sessionPlan()]));
    await bench.clock.advanceTo(PLUG_IN + HOUR);
    expect(bench.fleet.log.powerKwAt(PLUG_IN + 30 * MINUTE)).toBeCloseTo(-5, 9);
    const states = bench.csms.events().map(({ transactionInfo }) => transactionInfo.chargingState);
    expect(states).toContain('Charging');
  });

  it('waits 60 s for its profile after Accepted, and charges when none comes (K15.FR.08)', async () => {
    bench.csms.handlers = { NotifyEVChargingNeeds: async () => ({ status: 'Accepted' }) };
    await bench.run(stationPlan([sessionPlan()]));
    await bench.clock.advanceTo(PLUG_IN + 5 * MINUTE);
    expect(bench.fleet.log.powerKwAt(PLUG_IN + 59_000)).toBe(0);
    expect(bench.fleet.log.powerKwAt(PLUG_IN + 61_000)).toBeCloseTo(11, 9);
  });

  it('falls back to charging at the default limit when its profile ends', async () => {
    bench.answerNeedsWith([setpoint(0, -5_000)], { validTo: iso(PLUG_IN + 30 * MINUTE) });
    await bench.run(stationPlan([sessionPlan()]));
    await bench.csms.call('HX-1', 'SetChargingProfile', {
      evseId: 1,
      chargingProfile: {
        id: 100,
        stackLevel: 0,
        chargingProfilePurpose: 'TxDefaultProfile',
        chargingProfileKind: 'Relative',
        chargingSchedule: [
          { id: 1, chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit: 7_000 }] },
        ],
      },
    });
    await bench.clock.advanceTo(PLUG_IN + HOUR);
    expect(bench.fleet.log.powerKwAt(PLUG_IN + 29 * MINUTE)).toBeCloseTo(-5, 9);
    expect(bench.fleet.log.powerKwAt(PLUG_IN + 31 * MINUTE)).toBeCloseTo(7, 9);
  });

  it('echoes the schedule it follows after it has accepted it', async () => {
    bench.answerNeedsWith([setpoint(0, 4_000)]);
    await bench.run(stationPlan([sessionPlan()]));
    await bench.clock.advanceTo(PLUG_IN + MINUTE);
    expect(bench.csms.heardOf('NotifyEVChargingSchedule')).toEqual([
      expect.objectContaining({ evseId: 1, timeBase: iso(PLUG_IN) }),
    ]);
  });

  it("gives nothing below the car's floor and says SuspendedEV", async () => {
    bench.answerNeedsWith([setpoint(0, -11_000)]);
    await bench.run(stationPlan([sessionPlan()]));
    await bench.clock.advanceTo(PLUG_IN + 5 * HOUR);
    // 18 kWh above the floor of 12 kWh, 95 % of which reach the meter.
    const session = bench.fleet.log.sessions()[0]!;
    expect(session.exportKwh).toBeCloseTo(17.1, 9);
    expect(session.finalKwh).toBeCloseTo(12, 9);
    expect(bench.csms.events().at(-1)!.transactionInfo.chargingState).toBe('SuspendedEV');
  });
});

it('reports its device model in pages that end', async () => {
  await bench.run(stationPlan([]));
  expect(
    await bench.csms.call('HX-1', 'GetBaseReport', { requestId: 5, reportBase: 'FullInventory' }),
  ).toEqual({
    status: 'Accepted',
  });
  await bench.clock.advanceBy(0);
  const pages = bench.csms.heardOf('NotifyReport');
  expect(pages.length).toBeGreaterThan(1);
  expect(pages.map(({ seqNo, tbc }) => [seqNo, tbc])).toEqual(
    pages.map((_, index) => [index, index < pages.length - 1]),
  );
  const modes = pages
    .flatMap(({ reportData }) => reportData ?? [])
    .find(({ variable }) => variable.name === 'SupportedOperationModes')!;
  expect(modes.variableAttribute[0]!.value).toContain('CentralSetpoint');
});

it('reports discharge power as negative import when that is its style', async () => {
  bench.answerNeedsWith([setpoint(0, -5_000)]);
  await bench.run(stationPlan([sessionPlan()], { powerStyle: 'negative-import' }));
  await bench.csms.call('HX-1', 'SetVariables', {
    setVariableData: [
      {
        component: { name: 'SampledDataCtrlr' },
        variable: { name: 'TxUpdatedMeasurands' },
        attributeValue: 'Power.Active.Import,Power.Active.Export,Energy.Active.Export.Register',
      },
    ],
  });
  await bench.clock.advanceTo(PLUG_IN + 10 * MINUTE);
  const sample = bench.csms.events().find(({ triggerReason }) => triggerReason === 'MeterValuePeriodic')!;
  const values = sample.meterValue![0]!.sampledValue.map(({ measurand, value }) => [measurand, value]);
  expect(values[0]).toEqual(['Power.Active.Import', -5_000]);
  expect(values.map(([measurand]) => measurand)).not.toContain('Power.Active.Export');
});

it('refuses a TxProfile for a transaction that it does not run', async () => {
  await bench.run(stationPlan([sessionPlan()]));
  await bench.clock.advanceTo(PLUG_IN + MINUTE);
  const answer = await bench.setTxProfile([setpoint(0, -5_000)], { transactionId: 'of-yesterday' });
  expect(answer).toMatchObject({ status: 'Rejected', statusInfo: { reasonCode: 'TxNotFound' } });
  expect(bench.fleet.log.told(undefined)[0]!.verdict).toMatchObject({ accepted: false });
});

it('plays several stations apart from each other', async () => {
  const two = { ...stationPlan([sessionPlan({ sessionId: 'session-2' })]), stationId: asStationId('HX-2') };
  await bench.run(stationPlan([sessionPlan()]), two);
  await bench.clock.advanceTo(EVENING + 11 * HOUR);
  expect(bench.fleet.log.totals()).toMatchObject({
    sessions: 2,
    sessionsEnded: 2,
    reachableTargetsMissed: 0,
  });
  expect(bench.fleet.busy()).toBe(false);
});

describe('needs', () => {
  it('that are Rejected leave a car that only charges (K19.FR.16 without renegotiation)', async () => {
    bench.csms.handlers = { NotifyEVChargingNeeds: async () => ({ status: 'Rejected' }) };
    await bench.run(stationPlan([sessionPlan()]));
    await bench.clock.advanceTo(PLUG_IN + MINUTE);
    expect(await bench.setTxProfile([setpoint(0, -5_000)])).toEqual({ status: 'Accepted' });
    await bench.clock.advanceTo(PLUG_IN + HOUR);
    expect(bench.fleet.log.totals().exportKwh).toBe(0);
  });

  it('that fail are stated again, with what is stored by then', async () => {
    let fail = true;
    bench.csms.handlers = {
      NotifyEVChargingNeeds: async () => {
        if (fail) throw new Error('no store');
        return { status: 'Processing' };
      },
    };
    await bench.run(stationPlan([sessionPlan()]));
    await bench.clock.advanceTo(PLUG_IN + 10_000);
    expect(await bench.setTxProfile([setpoint(0, -5_000)])).toMatchObject({
      statusInfo: { reasonCode: 'InvalidMessageSeq' },
    });
    fail = false;
    await bench.clock.advanceTo(PLUG_IN + MINUTE);
    const requests = bench.csms
      .heardOf('NotifyEVChargingNeeds')
      .map(({ chargingNeeds }) => chargingNeeds.v2xChargingParameters!.evTargetEnergyRequest!);
    expect(requests.length).toBe(2);
    // 30 s at 11 kW have been charged in between.
    expect(requests[1]! - requests[0]!).toBeCloseTo((-11_000 * 0.95 * 30) / 3600, -1);
    expect(await bench.setTxProfile([setpoint(0, -5_000)])).toEqual({ status: 'Accepted' });
  });

  it('of a car that only charges name no discharge', async () => {
    await bench.run(stationPlan([sessionPlan({ bidirectional: false })]));
    await bench.clock.advanceTo(PLUG_IN + MINUTE);
    const { chargingNeeds } = bench.csms.heardOf('NotifyEVChargingNeeds')[0]!;
    expect(chargingNeeds.requestedEnergyTransfer).toBe('AC_three_phase');
    expect(chargingNeeds.v2xChargingParameters).not.toHaveProperty('maxDischargePower');
  });
});

it('runs a session on each of its EVSEs apart, each with its own profile', async () => {
  bench.answerNeedsWith([setpoint(0, 4_000)]);
  const sessions = [sessionPlan(), sessionPlan({ sessionId: 'session-2', userId: 'driver-2' })];
  await bench.run({ ...stationPlan([]), evses: sessions.map((session) => ({ sessions: [session] })) });
  bench.csms.handlers = {};
  await bench.clock.advanceTo(PLUG_IN + MINUTE);
  const [first, second] = bench.csms.events().filter(({ eventType }) => eventType === 'Started');
  expect([first!.evse!.id, second!.evse!.id].sort()).toEqual([1, 2]);
  const transactionId = [first!, second!].find(({ evse }) => evse!.id === 2)!.transactionInfo.transactionId;
  await bench.setTxProfile([setpoint(0, -3_000)], { transactionId }, 2);
  await bench.clock.advanceTo(PLUG_IN + HOUR);
  const [one, two] = bench.fleet.log.sessions();
  expect(bench.fleet.log.powerKwAt(PLUG_IN + HOUR / 2, one!.evseId)).toBeCloseTo(11, 9);
  expect(bench.fleet.log.powerKwAt(PLUG_IN + HOUR / 2, two!.evseId)).toBeCloseTo(-3, 9);
});

it('tells connectors by NotifyEvent when that is its way', async () => {
  await bench.run(stationPlan([sessionPlan()], { connectorReports: 'NotifyEvent' }));
  await bench.clock.advanceTo(PLUG_IN + MINUTE);
  const values = bench.csms.heardOf('NotifyEvent').map(({ eventData }) => eventData[0]!.actualValue);
  expect(values).toEqual(['Available', 'Occupied']);
  expect(bench.csms.heardOf('StatusNotification')).toEqual([]);
});

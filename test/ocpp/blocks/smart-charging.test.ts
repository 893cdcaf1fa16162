import { describe, expect, it } from 'vitest';
import { asStationId, asTransactionId, evseIdOf } from '../../../src/domain/ids.js';
import type { DesiredProfile } from '../../../src/domain/profile.js';
import { chargingNeedsOf } from '../../../src/ocpp/blocks/charging-needs.js';
import {
  checkProfile,
  evScheduleOf,
  needsResponse,
  type ProfileCheck,
  reasonCodeOfProfileCheck,
  textOfProfileCheck,
} from '../../../src/ocpp/blocks/smart-charging.js';

const RECEIVED = Date.UTC(2026, 2, 14, 18, 2, 41);

describe('charging needs', () => {
  it('reads an ISO 15118-20 bidirectional car in kW and kWh', () => {
    expect(
      chargingNeedsOf(
        {
          evseId: 1,
          timestamp: '2026-03-14T18:02:40.100Z',
          maxScheduleTuples: 1024,
          chargingNeeds: {
            requestedEnergyTransfer: 'DC_BPT',
            controlMode: 'DynamicControl',
            departureTime: '2026-03-15T06:30:00Z',
            v2xChargingParameters: {
              minChargePower: 500,
              maxChargePower: 22_000,
              minDischargePower: 500,
              maxDischargePower: 20_000,
              evTargetEnergyRequest: 13_860,
              evMinEnergyRequest: -32_340,
              evMaxEnergyRequest: 29_260,
              evMinV2XEnergyRequest: -24_640,
              evMaxV2XEnergyRequest: 17_710,
            },
          },
        },
        RECEIVED,
      ),
    ).toEqual({
      statedAtMs: Date.UTC(2026, 2, 14, 18, 2, 40, 100),
      receivedAtMs: RECEIVED,
      current: 'dc',
      bidirectional: true,
      departureMs: Date.UTC(2026, 2, 15, 6, 30),
      controlMode: 'dynamic',
      minChargeKw: 0.5,
      maxChargeKw: 22,
      minDischargeKw: 0.5,
      maxDischargeKw: 20,
      targetEnergyKwh: 13.86,
      minEnergyKwh: -32.34,
      maxEnergyKwh: 29.26,
      minV2xEnergyKwh: -24.64,
      maxV2xEnergyKwh: 17.71,
      maxScheduleTuples: 1024,
    });
  });

  it('K19.FR.06: one-way sessions fill the same object, so a BPT transfer and a power decide', () => {
    const bidirectional = (
      requestedEnergyTransfer: 'AC_BPT' | 'AC_three_phase',
      maxDischargePower?: number,
    ) =>
      chargingNeedsOf(
        {
          evseId: 1,
          chargingNeeds: {
            requestedEnergyTransfer,
            v2xChargingParameters: {
              maxChargePower: 11_000,
              ...(maxDischargePower === undefined ? {} : { maxDischargePower }),
            },
          },
        },
        RECEIVED,
      ).bidirectional;
    expect(bidirectional('AC_BPT', 7000)).toBe(true);
    expect(bidirectional('AC_three_phase', 7000)).toBe(false);
    expect(bidirectional('AC_BPT', 0)).toBe(false);
    expect(bidirectional('AC_BPT')).toBe(false);
  });

  it('sums per-phase powers, of which the bare field is L1', () => {
    expect(
      chargingNeedsOf(
        {
          evseId: 1,
          chargingNeeds: {
            requestedEnergyTransfer: 'AC_BPT',
            v2xChargingParameters: {
              maxChargePower: 3600,
              maxChargePower_L2: 3600,
              maxChargePower_L3: 3800,
            },
          },
        },
        RECEIVED,
      ),
    ).toMatchObject({ maxChargeKw: 11, current: 'ac', statedAtMs: RECEIVED, controlMode: 'scheduled' });
  });

  it('reads ISO 15118-2: AC currents over the phases, DC capacity and state of charge', () => {
    expect(
      chargingNeedsOf(
        {
          evseId: 1,
          chargingNeeds: {
            requestedEnergyTransfer: 'AC_three_phase',
            acChargingParameters: {
              energyAmount: 20_000,
              evMinCurrent: 6,
              evMaxCurrent: 16,
              evMaxVoltage: 230,
            },
          },
        },
        RECEIVED,
      ),
    ).toMatchObject({ targetEnergyKwh: 20, minChargeKw: 4.14, maxChargeKw: 11.04, bidirectional: false });
    const dc = chargingNeedsOf(
      {
        evseId: 1,
        chargingNeeds: {
          requestedEnergyTransfer: 'DC',
          dcChargingParameters: {
            evMaxCurrent: 125,
            evMaxVoltage: 400,
            evEnergyCapacity: 77_000,
            stateOfCharge: 40,
          },
        },
      },
      RECEIVED,
    );
    expect(dc).toMatchObject({ maxChargeKw: 50, batteryCapacityKwh: 77, socFraction: 0.4 });
    expect(dc).not.toHaveProperty('targetEnergyKwh');
  });

  it('answers with a reason that fits the wire, and without NoChargingProfile to 2.0.1', () => {
    expect(needsResponse({ status: 'Accepted' }, 'ocpp2.1')).toEqual({ status: 'Accepted' });
    expect(
      needsResponse(
        { status: 'NoChargingProfile', reasonCode: 'InvalidMessageSequence', detail: 'd' },
        'ocpp2.0.1',
      ),
    ).toEqual({
      status: 'Processing',
      statusInfo: { reasonCode: 'InvalidMessageSequen', additionalInfo: 'd' },
    });
  });
});

describe('the schedule that the EV or the station tells', () => {
  it('is read in signed kW, a negative limit as discharge', () => {
    const schedule = evScheduleOf({
      evseId: 2,
      timeBase: '2026-03-14T18:00:00Z',
      chargingSchedule: {
        id: 1,
        chargingRateUnit: 'W',
        chargingSchedulePeriod: [
          { startPeriod: 0, operationMode: 'CentralSetpoint', setpoint: 11_000 },
          { startPeriod: 900, limit: -7000 },
          { startPeriod: 1800, operationMode: 'Idle' },
        ],
      },
    });
    const base = Date.UTC(2026, 2, 14, 18);
    expect(schedule).toEqual({
      evseNumber: 2,
      periods: [
        { startMs: base, powerKw: 11 },
        { startMs: base + 900_000, powerKw: -7 },
        { startMs: base + 1_800_000, powerKw: 0 },
      ],
    });
  });
});

describe('the check before a profile is sent', () => {
  const transactionId = asTransactionId('tx-1');
  const profile: DesiredProfile = {
    evseId: evseIdOf(asStationId('a'), 1),
    transactionId,
    revision: 1,
    periods: [{ startMs: 1000, powerKw: 1 }],
    validToMs: 5000,
    maxOfflineS: 60,
    createdAtMs: 1000,
    reason: '',
  };

  it.each<[string, DesiredProfile, string | undefined, number, ProfileCheck, string]>([
    ['runs', profile, 'tx-1', 2000, 'fine', ''],
    ['has no transaction', profile, undefined, 2000, 'no-transaction', 'TxNotFound'],
    ['is for another transaction', profile, 'tx-2', 2000, 'other-transaction', 'TxNotFound'],
    ['has expired', profile, 'tx-1', 5000, 'expired', 'InvalidProfile'],
    ['has no period', { ...profile, periods: [] }, 'tx-1', 2000, 'no-period', 'InvalidSchedule'],
    [
      'begins after its end',
      { ...profile, periods: [{ startMs: 5000, powerKw: 1 }] },
      'tx-1',
      2000,
      'no-period',
      'InvalidSchedule',
    ],
  ])('finds that it %s', (_title, candidate, running, nowMs, expected, reasonCode) => {
    const check = checkProfile(
      candidate,
      running === undefined ? undefined : asTransactionId(running),
      nowMs,
    );
    expect(check).toBe(expected);
    if (check === 'fine') return;
    expect(reasonCodeOfProfileCheck(check)).toBe(reasonCode);
    expect(reasonCode.length).toBeLessThanOrEqual(20);
    expect(textOfProfileCheck(check)).not.toBe('');
  });
});

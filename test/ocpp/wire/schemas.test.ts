import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/ocpp/wire/frame.js';
import { createMessageSchemas } from '../../../src/ocpp/wire/schemas.js';

const v21 = createMessageSchemas('ocpp2.1');
const v201 = createMessageSchemas('ocpp2.0.1');

describe('strict check of what we send', () => {
  it('passes a correct payload', () => {
    expect(v21.check('response', 'Heartbeat', { currentTime: '2026-03-14T17:55:02.118Z' })).toEqual({
      valid: true,
    });
  });

  it.each([
    ['Heartbeat', { currentTime: '2026-03-14T17:55:02' }, 'PropertyConstraintViolation', 'currentTime'],
    ['Heartbeat', {}, 'OccurrenceConstraintViolation', 'currentTime'],
    ['Heartbeat', { currentTime: 5 }, 'TypeConstraintViolation', 'currentTime'],
    ['Heartbeat', { currentTime: '2026-03-14T17:55:02Z', x: 1 }, 'FormatViolation', '(x)'],
  ])('refuses %s %j with %s', (action, payload, code, named) => {
    const verdict = v21.check('response', action, payload);
    expect(verdict).toMatchObject({ valid: false, code });
    expect(verdict.valid ? '' : verdict.detail).toContain(named);
  });

  it('refuses a positive dischargeLimit and a fourth schedule', () => {
    const schedule = (period: object) => ({
      id: 1,
      chargingRateUnit: 'W',
      chargingSchedulePeriod: [{ startPeriod: 0, ...period }],
    });
    const profile = (chargingSchedule: object[]) => ({
      evseId: 1,
      chargingProfile: {
        id: 1,
        stackLevel: 0,
        chargingProfilePurpose: 'TxProfile',
        chargingProfileKind: 'Relative',
        chargingSchedule,
      },
    });
    expect(v21.check('request', 'SetChargingProfile', profile([schedule({ dischargeLimit: 5 })])).valid).toBe(
      false,
    );
    const four = Array.from({ length: 4 }, () => schedule({ limit: 1 }));
    expect(v21.check('request', 'SetChargingProfile', profile(four))).toMatchObject({
      code: 'OccurrenceConstraintViolation',
    });
  });

  it('knows which version has which message', () => {
    expect(v21.knows('request', 'AFRRSignal')).toBe(true);
    expect(v201.knows('request', 'AFRRSignal')).toBe(false);
    expect(v21.knows('send', 'NotifyPeriodicEventStream')).toBe(true);
    expect(v201.knows('send', 'NotifyPeriodicEventStream')).toBe(false);
    expect(v21.knows('request', 'BidirectionalCharging')).toBe(false);
  });
});

describe('tolerant reading of what stations send', () => {
  const read = (action: string, payload: JsonObject) => ({
    verdict: v21.read('request', action, payload),
    payload,
  });
  const boot = { reason: 'PowerUp', chargingStation: { model: 'm', vendorName: 'v' } };

  it('leaves a correct payload alone', () => {
    expect(read('BootNotification', structuredClone(boot))).toEqual({
      verdict: { valid: true, repairs: [] },
      payload: boot,
    });
  });

  it('strips unknown keys at any depth and reports them', () => {
    const { verdict, payload } = read('BootNotification', {
      ...structuredClone(boot),
      functionalBlocks: ['BidirectionalCharging'],
      chargingStation: { ...boot.chargingStation, colour: 'red' },
    });
    expect(payload).toEqual(boot);
    expect(verdict).toMatchObject({ valid: true });
    expect(verdict.valid && verdict.repairs.join()).toContain('functionalBlocks');
    expect(verdict.valid && verdict.repairs.join()).toContain('colour');
  });

  it('takes keys and enum values in another case, null and [] as absent, numbers as text', () => {
    const { verdict, payload } = read('MeterValues', {
      evseid: '1',
      meterValue: [
        {
          timestamp: '2026-03-14T18:05:00',
          sampledValue: [{ value: '10.5', measurand: 'power.active.import', phase: null }],
        },
      ],
    });
    expect(verdict.valid).toBe(true);
    expect(payload).toEqual({
      evseId: 1,
      meterValue: [
        {
          timestamp: '2026-03-14T18:05:00Z',
          sampledValue: [{ value: 10.5, measurand: 'Power.Active.Import' }],
        },
      ],
    });
  });

  it('does not guess: a missing required field stays an error that names it', () => {
    expect(read('BootNotification', { reason: 'PowerUp' }).verdict).toMatchObject({
      valid: false,
      code: 'OccurrenceConstraintViolation',
      detail: expect.stringContaining('chargingStation'),
    });
    expect(read('BootNotification', { ...boot, chargingStation: null }).verdict.valid).toBe(false);
  });

  it('refuses an instant that is none', () => {
    expect(read('NotifyReport', { requestId: 1, seqNo: 0, generatedAt: 'yesterday' }).verdict).toMatchObject({
      valid: false,
      code: 'PropertyConstraintViolation',
    });
  });

  it('mends the same spelling in many entries at once, and reports it once', () => {
    const entries = (count: number) => ({
      evseId: 1,
      meterValue: Array.from({ length: count }, () => ({
        timestamp: '2026-03-14T18:05:00',
        sampledValue: [{ value: 1 }],
      })),
    });
    expect(read('MeterValues', entries(3000)).verdict).toEqual({
      valid: true,
      repairs: ['/meterValue/*/timestamp: instant without a zone taken as UTC'],
    });
  });

  it('tells of a few of many unknown keys, none at length, and strips them all', () => {
    const keys = Array.from({ length: 5000 }, (_, index) => [`${'k'.repeat(500)}${index}`, index] as const);
    const { verdict, payload } = read('BootNotification', { ...boot, ...Object.fromEntries(keys) });
    expect(payload).toEqual(boot);
    expect(verdict.valid && verdict.repairs.length).toBeLessThanOrEqual(40);
    expect(verdict.valid && Math.max(...verdict.repairs.map((text) => text.length))).toBeLessThan(200);
  });

  it('reads a large payload again a few times at most, so that many faults in it cost little', () => {
    const readings = Array.from({ length: 30_000 }, () => ({ value: 1 }));
    const faults = ['value', 'measurand', 'context', 'phase', 'location'].map((key) => ({
      value: 1,
      [key]: null,
    }));
    const payload = (sampledValue: readonly object[]) => ({
      evseId: 1,
      meterValue: [{ timestamp: '2026-03-14T18:05:00Z', sampledValue: sampledValue as JsonObject[] }],
    });
    const optional = faults.slice(1);
    expect(read('MeterValues', payload(optional)).verdict.valid).toBe(true);
    expect(read('MeterValues', payload([...readings, ...optional])).verdict.valid).toBe(true);
    const textInAll = readings.map(() => ({ v: 1 }));
    expect(read('MeterValues', payload(textInAll)).verdict).toMatchObject({
      valid: false,
      code: 'OccurrenceConstraintViolation',
    });
  });

  it('survives a payload with a __proto__ key', () => {
    const payload = JSON.parse('{"__proto__":{"polluted":true}}') as JsonObject;
    expect(read('Heartbeat', payload).verdict.valid).toBe(true);
    expect(({} as JsonObject).polluted).toBeUndefined();
  });
});

describe('the popular form of NotifyEVChargingNeeds', () => {
  it('is read as the standard one', () => {
    const payload: JsonObject = {
      evseId: 1,
      V2XChargingNeeds: {
        departureTime: '2026-03-15T06:30:00Z',
        evTargetEnergyRequest: 13_860,
        evMaxDischargeEnergy: 24_640,
        evMaxDischargePower: 20_000,
        controlMode: 'Dynamic',
      },
    };
    const verdict = v21.read('request', 'NotifyEVChargingNeeds', payload);
    expect(verdict.valid).toBe(true);
    expect(verdict.valid && verdict.repairs.length).toBeGreaterThan(0);
    expect(payload).toEqual({
      evseId: 1,
      chargingNeeds: {
        requestedEnergyTransfer: 'DC_BPT',
        departureTime: '2026-03-15T06:30:00Z',
        controlMode: 'DynamicControl',
        v2xChargingParameters: {
          evTargetEnergyRequest: 13_860,
          maxDischargePower: 20_000,
          evMinV2XEnergyRequest: -24_640,
        },
      },
    });
  });

  it('takes the magnitude of a discharge power that was sent negative', () => {
    const payload: JsonObject = {
      evseId: 1,
      chargingNeeds: {
        requestedEnergyTransfer: 'AC_BPT',
        v2xChargingParameters: { maxDischargePower: -7000, evMinV2XEnergyRequest: -9000 },
      },
    };
    expect(v21.read('request', 'NotifyEVChargingNeeds', payload)).toMatchObject({ valid: true });
    expect(payload.chargingNeeds).toEqual({
      requestedEnergyTransfer: 'AC_BPT',
      v2xChargingParameters: { maxDischargePower: 7000, evMinV2XEnergyRequest: -9000 },
    });
  });

  it('leaves the standard form alone', () => {
    const needs = {
      evseId: 1,
      chargingNeeds: { requestedEnergyTransfer: 'DC_BPT', v2xChargingParameters: { maxDischargePower: 1 } },
    };
    const payload = structuredClone(needs) as JsonObject;
    expect(v21.read('request', 'NotifyEVChargingNeeds', payload)).toEqual({ valid: true, repairs: [] });
    expect(payload).toEqual(needs);
  });

  it('never becomes bidirectional over 2.0.1, which cannot express it', () => {
    const payload: JsonObject = { evseId: 1, V2XChargingNeeds: { evMaxDischargePower: 7000 } };
    expect(v201.read('request', 'NotifyEVChargingNeeds', payload).valid).toBe(true);
    expect(payload.chargingNeeds).toMatchObject({ requestedEnergyTransfer: 'DC' });
  });
});

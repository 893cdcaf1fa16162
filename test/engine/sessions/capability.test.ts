import { describe, expect, it } from 'vitest';
import type { DeviceVariable } from '../../../src/domain/station.js';
import { readCapabilities } from '../../../src/engine/sessions/capability.js';
import { STATION, v2gModel } from '../../support/engine/fixtures.js';

const read = (rows: readonly DeviceVariable[]) => readCapabilities(STATION, rows)[0]!;
const evseRow = (changes: Partial<DeviceVariable>): DeviceVariable => ({
  component: 'EVSE',
  evseNumber: 1,
  variable: 'DischargePower',
  attribute: 'Actual',
  ...changes,
});

describe('whether an EVSE may discharge', () => {
  it('is yes when V2X is enabled with a BPT mode and CentralSetpoint', () => {
    expect(read(v2gModel())).toMatchObject({ canDischarge: true, maxChargeKw: 11, maxDischargeKw: 11 });
  });

  it.each([
    ['V2XChargingCtrlr is missing', { 'V2XChargingCtrlr.Enabled': undefined }, /no V2XChargingCtrlr/],
    ['V2X is switched off', { 'V2XChargingCtrlr.Enabled': 'false' }, /not true/],
    [
      'no BPT mode is offered',
      { 'V2XChargingCtrlr.SupportedEnergyTransferModes': 'DC,AC_three_phase' },
      /BPT/,
    ],
    ['the transfer modes are missing', { 'V2XChargingCtrlr.SupportedEnergyTransferModes': undefined }, /BPT/],
    [
      'CentralSetpoint is not offered',
      { 'V2XChargingCtrlr.SupportedOperationModes': 'ChargingOnly,LocalFrequency' },
      /CentralSetpoint/,
    ],
    ['smart charging is switched off', { 'SmartChargingCtrlr.Enabled': 'false' }, /SmartChargingCtrlr/],
  ])('is no when %s, and says why', (_what, changes, because) => {
    const { canDischarge, because: reason } = read(v2gModel(changes));
    expect(canDischarge).toBe(false);
    expect(reason).toMatch(because);
  });

  it('is no for a station that told nothing, which has one EVSE', () => {
    const [only, ...more] = readCapabilities(STATION, []);
    expect(only).toMatchObject({ evseId: 'cs-1/1', canDischarge: false, periodsPerSchedule: 1024 });
    expect(more).toEqual([]);
  });

  it('reads names without case, and the aliases that stations use', () => {
    const rows = v2gModel().map((row) => ({
      ...row,
      component: row.component.toUpperCase(),
      variable: row.variable.toLowerCase(),
    }));
    expect(read(rows).canDischarge).toBe(true);
    const aliases = v2gModel().map((row) => ({
      ...row,
      component: row.component === 'V2XChargingCtrlr' ? 'V2XCtrlr' : row.component,
      variable:
        { Enabled: 'V2XEnabled', SupportedOperationModes: 'V2XSupportedOperationModes' }[row.variable] ??
        row.variable,
    }));
    expect(read(aliases).canDischarge).toBe(true);
  });

  it('is decided per EVSE: what one EVSE says does not hold for the other', () => {
    const rows = [
      ...v2gModel(),
      evseRow({ evseNumber: 2, variable: 'Power', value: '22000', attribute: 'MaxSet' }),
    ];
    expect(readCapabilities(STATION, rows).map((evse) => [evse.evseId, evse.canDischarge])).toEqual([
      ['cs-1/1', true],
      ['cs-1/2', false],
    ]);
  });

  it('takes the station-wide value where the EVSE has none of its own', () => {
    const rows = v2gModel().map(({ evseNumber: _, ...row }) => row);
    expect(read(rows).canDischarge).toBe(true);
  });
});

describe('the powers of an EVSE', () => {
  it('are the configured maximum, not more than the rating, whatever the order of the rows', () => {
    const rows = [
      evseRow({ attribute: 'MaxSet', value: '7400' }),
      evseRow({ attribute: 'Actual', value: '0', maxLimit: 11_000 }),
      evseRow({ variable: 'Power', attribute: 'Actual', value: '0', maxLimit: 22_000 }),
      evseRow({ variable: 'Power', attribute: 'MaxSet', value: '16000' }),
    ];
    expect(read(rows)).toMatchObject({ maxDischargeKw: 7.4, maxChargeKw: 16 });
    expect(read([...rows].reverse())).toMatchObject({ maxDischargeKw: 7.4, maxChargeKw: 16 });
    expect(read([evseRow({ attribute: 'MaxSet', value: '15000', maxLimit: 11_000 })]).maxDischargeKw).toBe(
      11,
    );
  });

  it('are the rating where no maximum is configured: a momentary power is no limit', () => {
    const rows = [
      evseRow({ value: '0', maxLimit: 11_000 }),
      evseRow({ variable: 'Power', value: '3500', maxLimit: 22_000 }),
    ];
    expect(read(rows)).toMatchObject({ maxDischargeKw: 11, maxChargeKw: 22 });
  });

  it('are zero when the operator configured zero', () => {
    expect(read([evseRow({ attribute: 'MaxSet', value: '0', maxLimit: 11_000 })]).maxDischargeKw).toBe(0);
  });

  it('are absent when the station does not say', () => {
    expect(read(v2gModel({ 'EVSE.Power': undefined, 'EVSE.DischargePower': undefined }))).not.toHaveProperty(
      'maxChargeKw',
    );
  });
});

describe('the phases of an EVSE', () => {
  it('are those of its AC supply; 0 is DC, and three stand in where nobody says', () => {
    const phases = (value?: string) => read(v2gModel({ 'EVSE.SupplyPhases': value })).phases;
    expect([phases('1'), phases('3'), phases('0'), phases('5'), phases()]).toEqual([
      1,
      3,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('what an EVSE takes', () => {
  const smart = (variable: string, value: string, variableInstance?: string): DeviceVariable => ({
    component: 'SmartChargingCtrlr',
    variable,
    value,
    attribute: 'Actual',
    ...(variableInstance === undefined ? {} : { variableInstance }),
  });

  it('is read from SmartChargingCtrlr, a stack level of 0 too', () => {
    expect(
      read([smart('PeriodsPerSchedule', '24'), smart('ProfileStackLevel', '0'), smart('RateUnit', 'W')]),
    ).toMatchObject({ periodsPerSchedule: 24, maxStackLevel: 0, rateUnits: ['W'] });
  });

  it('includes features under either of their two names', () => {
    expect(read([smart('SupportsDynamicProfiles', 'true')]).supportsDynamicProfiles).toBe(true);
    expect(read([smart('SupportsFeature', 'true', 'MaxOfflineDuration')])).toMatchObject({
      supportsDynamicProfiles: false,
      supportsMaxOfflineDuration: true,
    });
  });

  it('ignores what is only a target or a smallest setting', () => {
    const rows = v2gModel({ 'V2XChargingCtrlr.Enabled': undefined });
    const target: DeviceVariable = {
      component: 'V2XChargingCtrlr',
      variable: 'Enabled',
      evseNumber: 1,
      attribute: 'Target',
      value: 'true',
    };
    expect(read([...rows, target]).canDischarge).toBe(false);
  });
});

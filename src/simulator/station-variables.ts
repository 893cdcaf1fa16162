import type { Component, VariableCharacteristics } from '../ocpp/wire/device-messages.js';
import type { OperationMode } from '../ocpp/wire/transaction-messages.js';
import type { ModelVariable } from './device-model.js';
import { KNOWN_MEASURANDS } from './meter-values.js';
import type { StationTraits } from './session-plan.js';

/** Highest stack level that a simulated station takes. */
export const MAX_STACK_LEVEL = 5;

/** Operation modes that a station of these traits can follow. */
export function operationModesOf(traits: StationTraits): OperationMode[] {
  const setpoints = traits.maxDischargeKw > 0 && !traits.negativeLimits;
  return setpoints ? ['ChargingOnly', 'CentralSetpoint', 'Idle'] : ['ChargingOnly'];
}

const REGISTERS = 'Energy.Active.Import.Register,Energy.Active.Export.Register';

/** The device model that a station of these traits reports (OCPP 2.1 part 2 appendices; ocpp: section 5). */
export function stationVariables(traits: StationTraits, evseCount: number): ModelVariable[] {
  const rows = [...commonVariables(traits)];
  for (let evse = 1; evse <= evseCount; evse++) rows.push(...evseVariables(traits, evse));
  return rows;
}

function commonVariables(traits: StationTraits): ModelVariable[] {
  const comm: Component = { name: 'OCPPCommCtrlr' };
  const smart: Component = { name: 'SmartChargingCtrlr' };
  const sampled: Component = { name: 'SampledDataCtrlr' };
  const aligned: Component = { name: 'AlignedDataCtrlr' };
  const device: Component = { name: 'DeviceDataCtrlr' };
  const { retries } = traits;
  const measurands = { dataType: 'MemberList' as const, valuesList: KNOWN_MEASURANDS.join(',') };
  return [
    writable(comm, 'HeartbeatInterval', '300', { dataType: 'integer', unit: 's', minLimit: 1 }),
    writable(comm, 'WebSocketPingInterval', '0', { dataType: 'integer', unit: 's', minLimit: 0 }),
    writable(comm, 'RetryBackOffWaitMinimum', String(retries.connectWaitS), {
      dataType: 'integer',
      unit: 's',
      minLimit: 1,
    }),
    writable(comm, 'RetryBackOffRandomRange', String(retries.connectRandomS), {
      dataType: 'integer',
      unit: 's',
      minLimit: 0,
    }),
    writable(comm, 'RetryBackOffRepeatTimes', String(retries.connectDoublings), {
      dataType: 'integer',
      minLimit: 0,
      maxLimit: 10,
    }),
    writable(
      comm,
      'MessageAttempts',
      String(retries.eventAttempts),
      { dataType: 'integer', minLimit: 1 },
      'TransactionEvent',
    ),
    writable(
      comm,
      'MessageAttemptInterval',
      String(retries.eventIntervalS),
      { dataType: 'integer', unit: 's', minLimit: 1 },
      'TransactionEvent',
    ),
    readOnly(smart, 'Enabled', 'true', { dataType: 'boolean' }),
    readOnly(smart, 'Available', 'true', { dataType: 'boolean' }),
    readOnly(smart, 'ProfileStackLevel', String(MAX_STACK_LEVEL), { dataType: 'integer' }),
    readOnly(smart, 'PeriodsPerSchedule', String(traits.periodsPerSchedule), { dataType: 'integer' }),
    readOnly(smart, 'RateUnit', traits.rateUnit, { dataType: 'MemberList', valuesList: 'A,W' }),
    feature(traits, 'DynamicProfiles', traits.dynamicProfiles),
    feature(traits, 'MaxOfflineDuration', true),
    feature(traits, 'EvseSleep', false),
    readOnly(sampled, 'Enabled', 'true', { dataType: 'boolean' }),
    writable(sampled, 'TxStartedMeasurands', `${REGISTERS},SoC`, measurands),
    writable(sampled, 'TxUpdatedMeasurands', `${REGISTERS},Power.Active.Import,SoC`, measurands),
    writable(aligned, 'Interval', '0', { dataType: 'integer', unit: 's', minLimit: 0 }),
    writable(aligned, 'Measurands', REGISTERS, measurands),
    writable(aligned, 'SendDuringIdle', 'false', { dataType: 'boolean' }),
    writable(sampled, 'TxUpdatedInterval', '300', { dataType: 'integer', unit: 's', minLimit: 0 }),
    writable(sampled, 'TxEndedMeasurands', `${REGISTERS},SoC`, measurands),
    readOnly(sampled, 'RegisterValuesWithoutPhases', 'true', { dataType: 'boolean' }),
    readOnly(device, 'ItemsPerMessage', '50', { dataType: 'integer' }, 'GetVariables'),
    readOnly(device, 'ItemsPerMessage', '50', { dataType: 'integer' }, 'SetVariables'),
  ];
}

function evseVariables(traits: StationTraits, id: number): ModelVariable[] {
  const evse = { id };
  const phases = traits.current === 'ac' ? String(traits.phases) : '0';
  const protocol = `urn:iso:std:iso:15118:-20:${traits.current.toUpperCase()},1,0`;
  const iso: Component = { name: 'ISO15118Ctrlr', evse };
  const rows = [
    rating({ name: 'EVSE', evse }, 'Power', traits.maxChargeKw),
    readOnly({ name: 'EVSE', evse }, 'SupplyPhases', phases, { dataType: 'integer' }),
    readOnly(iso, 'Enabled', 'true', { dataType: 'boolean' }),
    readOnly(iso, 'ServiceRenegotiationSupport', 'true', { dataType: 'boolean' }),
    readOnly(iso, 'ProtocolSupported', protocol, { dataType: 'string' }, '1'),
  ];
  if (traits.maxDischargeKw === 0) return rows;
  const v2x: Component = { name: 'V2XChargingCtrlr', evse };
  const modes = operationModesOf(traits).join(',');
  const one = traits.phases === 1 ? 'AC_single_phase' : 'AC_three_phase';
  const transfers = traits.current === 'ac' ? `${one},AC_BPT` : 'DC,DC_BPT';
  return [
    ...rows,
    rating({ name: 'EVSE', evse }, 'DischargePower', traits.maxDischargeKw),
    writable(v2x, 'Enabled', 'true', { dataType: 'boolean' }),
    readOnly(v2x, 'Available', 'true', { dataType: 'boolean' }),
    readOnly(v2x, 'SupportedOperationModes', modes, { dataType: 'MemberList' }),
    readOnly(v2x, 'SupportedEnergyTransferModes', transfers, { dataType: 'MemberList' }),
  ];
}

/** Whether the station supports a feature of smart charging, under the name that it has there. */
function feature({ featureNames }: StationTraits, name: string, isSupported: boolean): ModelVariable {
  const smart: Component = { name: 'SmartChargingCtrlr' };
  const shape = { dataType: 'boolean' as const };
  return featureNames === 'variables'
    ? readOnly(smart, `Supports${name}`, String(isSupported), shape)
    : readOnly(smart, 'SupportsFeature', String(isSupported), shape, name);
}

type Shape = Omit<VariableCharacteristics, 'supportsMonitoring'>;

function readOnly(
  component: Component,
  name: string,
  value: string,
  shape: Shape,
  instance?: string,
): ModelVariable {
  const variable = instance === undefined ? { name } : { name, instance };
  const characteristics = { ...shape, supportsMonitoring: false };
  return { component, variable, value, writable: false, characteristics };
}

function writable(...row: Parameters<typeof readOnly>): ModelVariable {
  return { ...readOnly(...row), writable: true };
}

/** A rating in W: what it is now, what it is set to at most, what the hardware can. */
function rating(component: Component, name: string, kw: number): ModelVariable {
  const watts = Math.round(kw * 1000);
  const row = readOnly(component, name, '0', { dataType: 'decimal', unit: 'W', maxLimit: watts });
  return { ...row, maxSet: String(watts) };
}

import { evseIdOf, type StationId } from '../../domain/ids.js';
import type { DeviceVariable, EvseCapability } from '../../domain/station.js';
import type { VariableRead } from '../../ports/station-link.js';

/** Most periods that OCPP 2.1 allows in one schedule; assumed when the station does not say. */
const MAX_PERIODS = 1024;
const SMART_CHARGING = 'SmartChargingCtrlr';
const V2X = ['V2XChargingCtrlr', 'V2XCtrlr'];

/**
 * What each EVSE of a station can do, read off its device model (OCPP 2.1 device model, block Q).
 * An EVSE may discharge when V2XChargingCtrlr is present and enabled there, a BPT energy transfer mode and
 * CentralSetpoint are offered, and smart charging is not switched off. Names are compared without case; the
 * aliases `V2XEnabled` and `V2XSupportedOperationModes` are read too. A station that lists no EVSE has one.
 */
export function readCapabilities(stationId: StationId, rows: readonly DeviceVariable[]): EvseCapability[] {
  const model = indexModel(rows);
  const numbers = new Set<number>();
  for (const row of rows)
    if (row.evseNumber !== undefined && row.evseNumber >= 1) numbers.add(row.evseNumber);
  if (numbers.size === 0) numbers.add(1);
  return [...numbers].sort((a, b) => a - b).map((evseNumber) => readEvse(stationId, evseNumber, model));
}

/** The variables that {@link readCapabilities} looks at, for stations that give no inventory. */
export function capabilityReads(evseNumber: number): VariableRead[] {
  const ofEvse = (component: string, variable: string): VariableRead => ({ component, evseNumber, variable });
  const ofStation = (variable: string, variableInstance?: string): VariableRead => ({
    component: SMART_CHARGING,
    variable,
    ...(variableInstance === undefined ? {} : { variableInstance }),
  });
  return [
    ofEvse('V2XChargingCtrlr', 'Enabled'),
    ofEvse('V2XChargingCtrlr', 'SupportedEnergyTransferModes'),
    ofEvse('V2XChargingCtrlr', 'SupportedOperationModes'),
    ofEvse('EVSE', 'DischargePower'),
    ofEvse('EVSE', 'Power'),
    ofEvse('EVSE', 'SupplyPhases'),
    ofStation('Enabled'),
    ofStation('ProfileStackLevel'),
    ofStation('PeriodsPerSchedule'),
    ofStation('RateUnit'),
    ofStation('SupportsDynamicProfiles'),
    ofStation('SupportsMaxOfflineDuration'),
    ofStation('SupportsFeature', 'DynamicProfiles'),
    ofStation('SupportsFeature', 'MaxOfflineDuration'),
  ];
}

interface Model {
  /** The EVSE's own value, else the station's. */
  find(
    components: readonly string[],
    variables: readonly string[],
    evseNumber: number,
    instance?: string,
  ): DeviceVariable | undefined;
}

function readEvse(stationId: StationId, evseNumber: number, model: Model): EvseCapability {
  const value = (components: readonly string[], variables: readonly string[], instance?: string) =>
    model.find(components, variables, evseNumber, instance)?.value;
  const feature = (name: string) =>
    isTrue(value([SMART_CHARGING], [`Supports${name}`])) ||
    isTrue(value([SMART_CHARGING], ['SupportsFeature'], name));

  const dischargeRow = model.find(['EVSE'], ['DischargePower'], evseNumber);
  const powerRow = model.find(['EVSE'], ['Power'], evseNumber);
  const maxDischargeKw = powerLimitKw(dischargeRow);
  const maxChargeKw = powerLimitKw(powerRow);
  const because = whyNoDischarge(value);
  return {
    evseId: evseIdOf(stationId, evseNumber),
    canDischarge: because === undefined,
    because: because ?? 'V2X is enabled with a bidirectional transfer mode and CentralSetpoint',
    ...(maxChargeKw === undefined ? {} : { maxChargeKw }),
    ...(maxDischargeKw === undefined ? {} : { maxDischargeKw }),
    periodsPerSchedule: Math.max(
      1,
      Math.min(MAX_PERIODS, numberOf(value([SMART_CHARGING], ['PeriodsPerSchedule'])) ?? MAX_PERIODS),
    ),
    maxStackLevel: Math.max(0, numberOf(value([SMART_CHARGING], ['ProfileStackLevel'])) ?? 1),
    supportsDynamicProfiles: feature('DynamicProfiles'),
    supportsMaxOfflineDuration: feature('MaxOfflineDuration'),
    ...phasesOf(value(['EVSE'], ['SupplyPhases'])),
    rateUnits: readRateUnits(value([SMART_CHARGING], ['RateUnit'])),
  };
}

function whyNoDischarge(
  value: (components: readonly string[], variables: readonly string[]) => string | undefined,
): string | undefined {
  const enabled = value(V2X, ['Enabled', 'V2XEnabled']);
  if (enabled === undefined) return 'the station reports no V2XChargingCtrlr.Enabled for this EVSE';
  if (!isTrue(enabled)) return 'V2XChargingCtrlr.Enabled is not true';
  const transfers = listOf(value(V2X, ['SupportedEnergyTransferModes']));
  if (!transfers.some((mode) => mode.toUpperCase().includes('BPT')))
    return 'no bidirectional (BPT) energy transfer mode is supported';
  const modes = listOf(value(V2X, ['SupportedOperationModes', 'V2XSupportedOperationModes']));
  if (!modes.some((mode) => mode.toLowerCase() === 'centralsetpoint'))
    return 'the operation mode CentralSetpoint is not supported';
  if (value([SMART_CHARGING], ['Enabled'])?.toLowerCase() === 'false')
    return 'SmartChargingCtrlr.Enabled is false';
  return undefined;
}

function indexModel(rows: readonly DeviceVariable[]): Model {
  const byKey = new Map<string, DeviceVariable>();
  const keyOf = (component: string, variable: string, evseNumber: number, instance: string | undefined) =>
    `${component}|${variable}|${evseNumber}|${instance ?? ''}`.toLowerCase();
  // Actual is the value in force; MaxSet (the configured maximum) stands in where a power has no useful actual.
  for (const row of rows) {
    if (row.attribute === 'Target' || row.attribute === 'MinSet') continue;
    const key = keyOf(row.component, row.variable, row.evseNumber ?? 0, row.variableInstance);
    const known = byKey.get(key);
    const preferred = row.component.toLowerCase() === 'evse' ? 'MaxSet' : 'Actual';
    // The characteristics (maxLimit) hold for all attributes, but may come with one of them only.
    byKey.set(key, row.attribute === preferred ? { ...known, ...row } : { ...row, ...known });
  }
  return {
    find(components, variables, evseNumber, instance) {
      for (const scope of [evseNumber, 0]) {
        for (const component of components) {
          for (const variable of variables) {
            const row = byKey.get(keyOf(component, variable, scope, instance));
            if (row !== undefined) return row;
          }
        }
      }
      return undefined;
    },
  };
}

const isTrue = (value: string | undefined): boolean => value?.trim().toLowerCase() === 'true';
const listOf = (value: string | undefined): string[] =>
  (value ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** A number ≥ 0, or undefined. */
function numberOf(value: string | undefined): number | undefined {
  const parsed = value === undefined || value.trim() === '' ? Number.NaN : Number(value);
  return Number.isFinite(parsed) && parsed >= 0 ? parsed : undefined;
}

/**
 * What an EVSE power variable allows: the configured maximum (MaxSet), 0 included, and never more than the
 * rating (maxLimit). An Actual is a limit only where neither is told: it may be the power of the moment.
 */
function powerLimitKw(row: DeviceVariable | undefined): number | undefined {
  if (row === undefined) return undefined;
  const watts = numberOf(row.value);
  if (row.attribute === 'MaxSet' && watts !== undefined) {
    return Math.min(watts, row.maxLimit ?? Number.POSITIVE_INFINITY) / 1000;
  }
  if (row.maxLimit !== undefined) return row.maxLimit / 1000;
  return watts === undefined || watts === 0 ? undefined : watts / 1000;
}

function readRateUnits(value: string | undefined): ('W' | 'A')[] {
  const units = listOf(value).filter((unit): unit is 'W' | 'A' => unit === 'W' || unit === 'A');
  return units.length > 0 ? units : ['W', 'A'];
}

/** SupplyPhases is 0 for DC (OCPP 2.1 part 2 appendices). */
function phasesOf(value: string | undefined): Pick<EvseCapability, 'phases'> {
  const phases = numberOf(value);
  return phases === 1 || phases === 2 || phases === 3 ? { phases } : {};
}

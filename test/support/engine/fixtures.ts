import { asPlanId, asStationId, asTransactionId, evseIdOf } from '../../../src/domain/ids.js';
import type { Plan, PlannedSession } from '../../../src/domain/plan.js';
import type { DesiredProfile, ProfilePeriod } from '../../../src/domain/profile.js';
import type { Reading } from '../../../src/domain/reading.js';
import type { ChargingNeeds, Session } from '../../../src/domain/session.js';
import type { DeviceVariable, EvseCapability } from '../../../src/domain/station.js';
import type { TransactionEvent } from '../../../src/domain/transaction-event.js';
import { EMPTY_BOOKS } from '../../../src/engine/metering/books.js';
import type { SessionGoal } from '../../../src/engine/planning/goals.js';
import { energyWindowOf } from '../../../src/engine/sessions/energy-window.js';

/** Tuesday 20 January 2026, 12:00 UTC: a whole hour, so slots and settlement lines begin there. */
export const NOON_MS = Date.UTC(2026, 0, 20, 12);
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

export const STATION = asStationId('cs-1');
export const EVSE = evseIdOf(STATION, 1);
export const TRANSACTION = asTransactionId('tx-1');

/** A 57 kWh car at 20 kWh above its floor that wants 40 kWh by 20:00 and may discharge 11 kW. */
export function needsOf(changes: Partial<ChargingNeeds> = {}): ChargingNeeds {
  return {
    statedAtMs: NOON_MS,
    receivedAtMs: NOON_MS,
    current: 'dc',
    bidirectional: true,
    departureMs: NOON_MS + 8 * HOUR_MS,
    targetEnergyKwh: 20,
    minEnergyKwh: -20,
    maxEnergyKwh: 37,
    minV2xEnergyKwh: -14,
    maxV2xEnergyKwh: 37,
    maxChargeKw: 11,
    maxDischargeKw: 11,
    controlMode: 'dynamic',
    ...changes,
  };
}

export function sessionOf(changes: Partial<Session> = {}): Session {
  const needs = needsOf();
  return {
    transactionId: TRANSACTION,
    stationId: STATION,
    evseId: EVSE,
    startedAtMs: NOON_MS,
    state: 'active',
    needs,
    needsImportWh: 0,
    needsExportWh: 0,
    window: energyWindowOf(needs),
    books: EMPTY_BOOKS,
    flags: [],
    lastSeqNo: 0,
    ...changes,
  };
}

export function goalOfCar(changes: Partial<SessionGoal> = {}): SessionGoal {
  return {
    session: sessionOf(),
    storedKwh: 20,
    minEnergyKwh: 6,
    maxEnergyKwh: 57,
    targetEnergyKwh: 40,
    planUntilMs: NOON_MS + 8 * HOUR_MS,
    departureMs: NOON_MS + 8 * HOUR_MS,
    maxChargeKw: 11,
    maxDischargeKw: 11,
    ...changes,
  };
}

export function capabilityOfEvse(changes: Partial<EvseCapability> = {}): EvseCapability {
  return {
    evseId: EVSE,
    canDischarge: true,
    because: 'test',
    maxChargeKw: 11,
    maxDischargeKw: 11,
    periodsPerSchedule: 1024,
    maxStackLevel: 1,
    supportsDynamicProfiles: false,
    supportsMaxOfflineDuration: true,
    rateUnits: ['W'],
    ...changes,
  };
}

export function plannedOf(netKw: readonly number[], changes: Partial<PlannedSession> = {}): PlannedSession {
  return {
    transactionId: TRANSACTION,
    evseId: EVSE,
    firstSlot: 0,
    netKw,
    shortfallKwh: 0,
    because: [],
    ...changes,
  };
}

/** A plan of five-minute slots from noon that holds the given sessions. */
export function planOf(sessions: readonly PlannedSession[], changes: Partial<Plan> = {}): Plan {
  const slots = Math.max(1, ...sessions.map((session) => session.firstSlot + session.netKw.length));
  const netKw = Array.from({ length: slots }, (_, slot) =>
    sessions.reduce((sum, session) => sum + (session.netKw[slot - session.firstSlot] ?? 0), 0),
  );
  return {
    planId: asPlanId('plan-1'),
    createdAtMs: NOON_MS,
    causes: ['interval'],
    startMs: NOON_MS,
    slotMinutes: 5,
    currency: 'EUR',
    status: 'optimal',
    objective: 0,
    lowerBound: 0,
    gap: 0,
    backend: 'fleet',
    solveMilliseconds: 1,
    importPerKwh: netKw.map(() => 0.2),
    exportPerKwh: netKw.map(() => 0.1),
    netKw,
    sessions,
    ...changes,
  };
}

export function profileOf(
  periods: readonly ProfilePeriod[],
  changes: Partial<DesiredProfile> = {},
): DesiredProfile {
  return {
    evseId: EVSE,
    transactionId: TRANSACTION,
    revision: 1,
    periods,
    validToMs: NOON_MS + 10 * HOUR_MS,
    maxOfflineS: 900,
    createdAtMs: NOON_MS,
    reason: 'test',
    ...changes,
  };
}

export function readingAt(minutes: number, changes: Partial<Reading> = {}): Reading {
  return { atMs: NOON_MS + minutes * MINUTE_MS, context: 'periodic', ...changes };
}

export function eventOf(seqNo: number, changes: Partial<TransactionEvent> = {}): TransactionEvent {
  return {
    kind: seqNo === 0 ? 'started' : 'updated',
    transactionId: TRANSACTION,
    seqNo,
    atMs: NOON_MS + seqNo * MINUTE_MS,
    trigger: 'MeterValuePeriodic',
    offline: false,
    evseNumber: 1,
    readings: [],
    ...changes,
  };
}

/** Device model of a station whose EVSE 1 can discharge. */
export function v2gModel(changes: Readonly<Record<string, string | undefined>> = {}): DeviceVariable[] {
  const values: Record<string, string | undefined> = {
    'V2XChargingCtrlr.Enabled': 'true',
    'V2XChargingCtrlr.SupportedEnergyTransferModes': 'DC,DC_BPT',
    'V2XChargingCtrlr.SupportedOperationModes': 'ChargingOnly,CentralSetpoint',
    'SmartChargingCtrlr.Enabled': 'true',
    'EVSE.Power': '11000',
    'EVSE.DischargePower': '11000',
    ...changes,
  };
  return Object.entries(values).flatMap(([name, value]) => {
    const [component, variable] = name.split('.') as [string, string];
    const evse = component === 'SmartChargingCtrlr' ? {} : { evseNumber: 1 };
    const attribute = component === 'EVSE' ? ('MaxSet' as const) : ('Actual' as const);
    return value === undefined ? [] : [{ component, variable, attribute, value, ...evse }];
  });
}

import {
  asDispatchId,
  asPlanId,
  asSiteId,
  asStationId,
  asTransactionId,
  evseIdOf,
} from '../../src/domain/ids.js';
import type { Plan } from '../../src/domain/plan.js';
import type { DesiredProfile } from '../../src/domain/profile.js';
import type { Site } from '../../src/domain/station.js';
import type {
  DeliveryView,
  DispatchView,
  FleetSnapshot,
  HistoryStep,
  SessionView,
  SettlementLine,
  StationView,
} from '../../src/ports/use-cases.js';

export const NOW_MS = Date.parse('2026-01-20T17:00:00Z');
const QUARTER_MS = 900_000;
const HOUR_MS = 3_600_000;
const SLOTS = 96;

/** An evening peak, cheap nights: what a winter day looks like. */
export function priceAt(atMs: number): number {
  const hour = (atMs / HOUR_MS) % 24;
  return 0.11 + 0.06 * Math.sin(((hour - 1) / 24) * 2 * Math.PI) + 0.16 * Math.exp(-(((hour - 18) / 2) ** 2));
}

/** Charging at night, discharging in the evening peak. */
export function plannedNetKwAt(atMs: number): number {
  const hour = (atMs / HOUR_MS) % 24;
  if (hour >= 17 && hour < 20) return -64 * Math.sin(((hour - 17 + 0.4) / 3.8) * Math.PI);
  if (hour < 6) return 30 + 55 * Math.sin(((hour + 1) / 8) * Math.PI);
  return hour < 9 ? 12 : 4;
}

export function fleetSnapshot(change: Partial<FleetSnapshot> = {}): FleetSnapshot {
  return {
    atMs: NOW_MS,
    stationsOnline: 19,
    stationsKnown: 20,
    sessionsActive: 3,
    importKw: 7.4,
    exportKw: 41.25,
    netKw: -33.85,
    importKwhTotal: 1234.5,
    exportKwhTotal: 345.6,
    storedKwh: 402.1,
    flexUpKw: 88,
    flexDownKw: 131,
    plannedNetKw: -35,
    importPerKwh: 0.31,
    exportPerKwh: 0.28,
    currency: 'EUR',
    sites: [{ siteId: asSiteId('harbour'), importKw: 7.4, exportKw: 41.25 }],
    evses: [{ evseId: evseIdOf(asStationId('CS-001'), 1), importKw: 0, exportKw: 10.5 }],
    ...change,
  };
}

export function historySteps(query: { fromMs: number; toMs: number; stepS: number }): HistoryStep[] {
  const stepMs = query.stepS * 1000;
  const steps: HistoryStep[] = [];
  for (let startMs = query.fromMs; startMs < query.toMs; startMs += stepMs) {
    const planned = plannedNetKwAt(startMs);
    const metered = planned + 3 * Math.sin(startMs / 700_000);
    const importKw = Math.max(0, metered) + 2;
    const exportKw = Math.max(0, -metered) + 2;
    const hours = query.stepS / 3600;
    steps.push({
      startMs,
      importKw,
      exportKw,
      importKwh: importKw * hours,
      exportKwh: exportKw * hours,
      plannedNetKw: planned,
      importPerKwh: priceAt(startMs),
      exportPerKwh: priceAt(startMs) - 0.03,
    });
  }
  return steps;
}

export function plan(change: Partial<Plan> = {}): Plan {
  const starts = Array.from({ length: SLOTS }, (_, slot) => NOW_MS + slot * QUARTER_MS);
  return {
    planId: asPlanId('plan-7'),
    createdAtMs: NOW_MS - 120_000,
    causes: ['interval', 'price'],
    startMs: NOW_MS,
    slotMinutes: 15,
    currency: 'EUR',
    status: 'optimal',
    objective: 18.42,
    lowerBound: 18.4199,
    gap: 5.4e-6,
    backend: 'fleet',
    solveMilliseconds: 41,
    importPerKwh: starts.map(priceAt),
    exportPerKwh: starts.map((startMs) => priceAt(startMs) - 0.03),
    netKw: starts.map(plannedNetKwAt),
    sessions: [],
    ...change,
  };
}

function profile(evseNumber: number, netKw: readonly number[], revision: number): DesiredProfile {
  return {
    evseId: evseIdOf(asStationId(`CS-00${evseNumber}`), 1),
    transactionId: asTransactionId(`tx-${evseNumber}`),
    revision,
    periods: netKw.map((powerKw, slot) => ({ startMs: NOW_MS + slot * QUARTER_MS, powerKw })),
    validToMs: NOW_MS + HOUR_MS,
    maxOfflineS: 600,
    createdAtMs: NOW_MS - 120_000,
    planId: asPlanId('plan-7'),
    reason: 'interval',
  };
}

/** Number 1 discharges, 2 charges and waits for its acknowledgement, 3 idles and was refused. */
export function sessionView(number: 1 | 2 | 3, change: Partial<SessionView> = {}): SessionView {
  const stationId = asStationId(`CS-00${number}`);
  const evseId = evseIdOf(stationId, 1);
  const netKw = Array.from({ length: 56 }, (_, slot) => {
    if (number === 1) return slot < 12 ? -10.5 : slot >= 28 && slot < 48 ? 11 : 0;
    if (number === 2) return slot < 4 ? 7.4 : slot >= 30 && slot < 38 ? 7.4 : 0;
    return slot >= 20 && slot < 30 ? 11 : 0;
  });
  const desired = profile(number, netKw, number + 6);
  return {
    session: {
      transactionId: asTransactionId(`tx-${number}`),
      stationId,
      evseId,
      siteId: asSiteId('harbour'),
      startedAtMs: NOW_MS - number * HOUR_MS,
      state: 'active',
      chargingState: number === 3 ? 'SuspendedEVSE' : 'Charging',
      needs: {
        statedAtMs: NOW_MS - number * HOUR_MS,
        receivedAtMs: NOW_MS - number * HOUR_MS,
        current: 'dc',
        bidirectional: number !== 2,
        departureMs: NOW_MS + 14 * HOUR_MS,
        targetEnergyKwh: 12,
        maxChargeKw: 11,
        maxDischargeKw: 11,
        controlMode: 'scheduled',
      },
      needsImportWh: 0,
      needsExportWh: 0,
      window: {
        energyAtStatedKwh: 32,
        minEnergyKwh: 6,
        maxEnergyKwh: 57,
        targetEnergyKwh: 48,
        notes: number === 2 ? ['charge-only'] : [],
      },
      books: {
        importCarriedWh: 0,
        exportCarriedWh: 0,
        importKw: number === 2 ? 7.4 : 0,
        exportKw: number === 1 ? 10.5 : 0,
        socFraction: 0.61,
      },
      flags: number === 3 ? ['export-register-missing'] : [],
      lastSeqNo: 12,
    },
    importKwh: 4.2,
    exportKwh: number === 1 ? 6.3 : 0,
    importKw: number === 2 ? 7.4 : 0,
    exportKw: number === 1 ? 10.5 : 0,
    storedKwh: 28.4 + number,
    departureMs: NOW_MS + 14 * HOUR_MS,
    targetEnergyKwh: 48,
    provisional: true,
    plan: {
      startMs: NOW_MS,
      slotMinutes: 15,
      netKw,
      shortfallKwh: number === 3 ? 1.25 : 0,
      because:
        number === 1
          ? [
              {
                fromSlot: 0,
                endSlot: 12,
                text: 'Discharges at 31 ct/kWh: it charges again after midnight for 9 ct.',
              },
              { fromSlot: 28, endSlot: 48, text: 'Charges in the cheapest hours before 07:00.' },
            ]
          : [{ fromSlot: 0, endSlot: 20, text: 'Waits: the hours after 22:00 are cheaper.' }],
    },
    delivery: delivery(),
    desired,
    acknowledged:
      number === 2
        ? null
        : {
            evseId,
            revision: desired.revision,
            outcome:
              number === 3 ? { status: 'rejected', reason: 'InvalidSchedule' } : { status: 'accepted' },
            atMs: NOW_MS - 119_000,
            profile: desired,
          },
    ...change,
  };
}

function delivery(): DeliveryView {
  return {
    state: 'following',
    sinceMs: NOW_MS - HOUR_MS,
    reason: 'asked for -11.0 kW, metered -10.5 kW',
    limits: [{ direction: 'discharge', kw: 10.5, untilMs: NOW_MS + HOUR_MS }],
  };
}

export function stationView(): StationView {
  const stationId = asStationId('CS-001');
  const evseId = evseIdOf(stationId, 1);
  return {
    station: {
      stationId,
      siteId: asSiteId('harbour'),
      registration: 'accepted',
      identity: { vendor: 'Ampere Works', model: 'Bidi 11' },
      protocol: 'ocpp2.1',
      lastSeenMs: NOW_MS - 5_000,
      nonConformances: [],
      dialectDemotions: [
        { evseNumber: 1, dialect: 'dynamic', reason: 'UnsupportedKind', untilMs: NOW_MS, count: 1 },
      ],
    },
    online: true,
    evses: [
      {
        evseId,
        capability: {
          evseId,
          canDischarge: true,
          because: 'V2X is available and CentralSetpoint supported',
          maxChargeKw: 11,
          maxDischargeKw: 11,
          periodsPerSchedule: 96,
          maxStackLevel: 3,
          supportsDynamicProfiles: true,
          supportsMaxOfflineDuration: true,
          rateUnits: ['W'],
          dialect: 'central-setpoint',
          dialectBecause: 'refused before: UnsupportedKind',
        },
        connectorStatus: 'Occupied',
        transactionId: asTransactionId('tx-1'),
        dialects: [
          { dialect: 'dynamic', state: 'available' },
          { dialect: 'central-setpoint', state: 'in-use' },
          { dialect: 'charging-only', state: 'available' },
        ],
        record: {
          evseId,
          proofs: [
            {
              dialect: 'central-setpoint',
              firmware: '1.2',
              readBack: { outcome: 'agrees', withDischarge: true, detail: '', atMs: NOW_MS - HOUR_MS },
              meter: { outcome: 'follows', atMs: NOW_MS },
            },
          ],
          history: [
            {
              atMs: NOW_MS - HOUR_MS,
              state: 'following',
              reason: 'asked for -11.0 kW, metered -10.5 kW',
              dialect: 'central-setpoint',
              askedKw: -11,
              meteredKw: -10.5,
              transactionId: asTransactionId('tx-1'),
            },
          ],
        },
        delivery: delivery(),
      },
    ],
  };
}

export function site(): Site {
  return {
    siteId: asSiteId('harbour'),
    name: 'Harbour car park',
    importLimitKw: 80,
    exportLimitKw: 50,
    stationIds: [asStationId('CS-001')],
  };
}

export function dispatchView(change: Partial<DispatchView['order']> = {}): DispatchView {
  return {
    order: {
      dispatchId: asDispatchId('d-1'),
      startMs: NOW_MS + HOUR_MS,
      endMs: NOW_MS + 2 * HOUR_MS,
      targetNetKw: -60,
      reason: 'Evening peak',
      createdAtMs: NOW_MS,
      createdBy: 'key-trader',
      state: 'accepted',
      askedNetKw: [{ startMs: NOW_MS + HOUR_MS, netKw: -60 }],
      ...change,
    },
    askedKwh: -60,
    acknowledgedKwh: -58,
    meteredKwh: 0,
    shares: [
      { evseId: evseIdOf(asStationId('CS-001'), 1), askedKwh: -10, acknowledgedKwh: -10, meteredKwh: 0 },
    ],
  };
}

export function settlementLine(change: Partial<SettlementLine> = {}): SettlementLine {
  return {
    transactionId: asTransactionId('tx-1'),
    evseId: evseIdOf(asStationId('CS-001'), 1),
    siteId: asSiteId('harbour'),
    startMs: NOW_MS - HOUR_MS,
    intervalMinutes: 15,
    importKwh: 0.25,
    exportKwh: 2.5,
    cost: 0.08,
    credit: 0.7,
    currency: 'EUR',
    provisional: true,
    ...change,
  };
}

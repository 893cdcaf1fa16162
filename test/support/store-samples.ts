import type { Bid } from '../../src/domain/bid.js';
import {
  asBidId,
  asEvseId,
  asPlanId,
  asSiteId,
  asStationId,
  asTransactionId,
  type EvseId,
  type TransactionId,
} from '../../src/domain/ids.js';
import type { Plan } from '../../src/domain/plan.js';
import type { DesiredProfile } from '../../src/domain/profile.js';
import type { Reading } from '../../src/domain/reading.js';
import type { Session } from '../../src/domain/session.js';
import type { SignedValue } from '../../src/domain/signed-value.js';
import type { TransactionEvent } from '../../src/domain/transaction-event.js';
import type { Logger } from '../../src/ports/logger.js';
import type { EventRecord } from '../../src/ports/store.js';
import { bidView } from '../api/fake-bids.js';

export const NOON_MS = Date.UTC(2026, 0, 20, 12);
export const MINUTE_MS = 60_000;

/** Swallows what is expected; a test that wants to see a line passes its own. */
export const quietLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

let lastNumber = 0;

/** A name that no other test of this run uses. */
export function uniqueName(prefix: string): string {
  lastNumber += 1;
  return `${prefix}-${process.pid}-${lastNumber}`;
}

export function sampleSession(name: string, changes: Partial<Session> = {}): Session {
  return {
    transactionId: asTransactionId(name),
    stationId: asStationId(name),
    evseId: asEvseId(`${name}/1`),
    startedAtMs: NOON_MS,
    state: 'active',
    needsImportWh: 0,
    needsExportWh: 0,
    books: { importCarriedWh: 0, exportCarriedWh: 0, importKw: 0, exportKw: 0 },
    flags: [],
    lastSeqNo: 0,
    ...changes,
  };
}

/** A standing as a meter signed it. */
export const SIGNED_VALUE: SignedValue = {
  atMs: NOON_MS,
  measurand: 'Energy.Active.Export.Register',
  context: 'Transaction.End',
  value: 328.83,
  unit: 'kWh',
  multiplier: 0,
  data: 'T0NNRnx7IkZWIjoiMS4wIn0=',
  encoding: 'OCMF',
  method: 'ECDSA-secp256r1-SHA256',
};

/** Every optional part is set. */
export function fullSession(name: string): Session {
  return sampleSession(name, {
    siteId: asSiteId('depot'),
    endedAtMs: NOON_MS + 90 * MINUTE_MS,
    state: 'ended',
    stoppedReason: 'EVDisconnected',
    idToken: 'DEADBEEF',
    chargingState: 'Idle',
    needs: {
      statedAtMs: NOON_MS,
      receivedAtMs: NOON_MS + 350,
      current: 'ac',
      bidirectional: true,
      departureMs: NOON_MS + 8 * 60 * MINUTE_MS,
      targetEnergyKwh: 21.4,
      minEnergyKwh: -12.5,
      maxEnergyKwh: 33.3,
      controlMode: 'scheduled',
    },
    needsImportWh: 1234.5,
    needsExportWh: 0.1,
    window: {
      energyAtStatedKwh: 12.5,
      minEnergyKwh: 0,
      maxEnergyKwh: 45.8,
      targetEnergyKwh: 33.9,
      notes: ['capacity-missing'],
    },
    override: { departureMs: NOON_MS + 60 * MINUTE_MS, optOut: true },
    books: {
      importBeginWh: 100_000.1,
      importLastWh: 101_334.7,
      exportBeginWh: 50,
      exportLastWh: 50.1,
      importCarriedWh: 0,
      exportCarriedWh: 3,
      lastReadingMs: NOON_MS + 89 * MINUTE_MS,
      importKw: 0,
      exportKw: 7.2,
      socFraction: 0.61,
    },
    flags: ['event-gap', 'register-went-back'],
    lastSeqNo: 17,
  });
}

export function sampleEvent(
  transactionId: TransactionId,
  seqNo: number,
  readings: readonly Reading[] = [],
): TransactionEvent {
  return {
    kind: seqNo === 0 ? 'started' : 'updated',
    transactionId,
    seqNo,
    atMs: NOON_MS + seqNo * MINUTE_MS,
    trigger: 'MeterValuePeriodic',
    offline: false,
    readings,
  };
}

export function sampleReading(atMs: number, importRegisterWh: number): Reading {
  return { atMs, context: 'periodic', importRegisterWh, importKw: 7.2 };
}

/** Event `seqNo` of a session: one reading, 10 Wh of import in the interval that begins at noon. */
export function sampleRecord(name: string, seqNo: number, changes: Partial<EventRecord> = {}): EventRecord {
  const session = sampleSession(name, { lastSeqNo: seqNo });
  return {
    session,
    event: sampleEvent(session.transactionId, seqNo, [
      sampleReading(NOON_MS + seqNo * MINUTE_MS, 1000 + seqNo * 10),
    ]),
    receivedAtMs: NOON_MS + seqNo * MINUTE_MS + 40,
    intervals: [
      {
        transactionId: session.transactionId,
        evseId: session.evseId,
        startMs: NOON_MS,
        importWh: 10,
        exportWh: 0,
      },
    ],
    replaceIntervals: false,
    ...changes,
  };
}

export function sampleProfile(evseId: EvseId, revision: number): DesiredProfile {
  return {
    evseId,
    transactionId: asTransactionId(`tx-${evseId}`),
    revision,
    periods: [
      { startMs: NOON_MS, powerKw: 11 },
      { startMs: NOON_MS + 15 * MINUTE_MS, powerKw: -7.4 },
    ],
    validToMs: NOON_MS + 60 * MINUTE_MS,
    maxOfflineS: 300,
    createdAtMs: NOON_MS,
    reason: `revision ${revision}`,
  };
}

/** A plan of 15-minute slots from `startMs` whose net power is given. */
export function samplePlan(createdAtMs: number, startMs: number, netKw: readonly number[]): Plan {
  return {
    planId: asPlanId(uniqueName('plan')),
    createdAtMs,
    causes: ['interval'],
    startMs,
    slotMinutes: 15,
    currency: 'EUR',
    status: 'optimal',
    objective: 1.25,
    lowerBound: 1.25,
    gap: 0,
    backend: 'fleet',
    solveMilliseconds: 4,
    importPerKwh: netKw.map(() => 0.3),
    exportPerKwh: netKw.map(() => 0.25),
    netKw,
    sessions: [],
  };
}

/** A bid whose every part survives the way through JSON. */
export function sampleBid(name: string): Bid {
  return { ...bidView().bid, bidId: asBidId(name) };
}

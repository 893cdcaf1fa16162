import type { Reading } from '../../domain/reading.js';
import type { Session } from '../../domain/session.js';
import type { TransactionEvent } from '../../domain/transaction-event.js';
import { exportWhOf, importWhOf } from '../metering/books.js';
import { type MeterSample, TOLERANCE_KW } from './judge-sample.js';

/** A reading's way to us may differ so much from one to the next; beyond it the readings waited somewhere. */
const JITTER_MS = 20_000;
/** Rather the power of an instant than registers that need longer than this to tell it. */
const LONGEST_REGISTER_MS = 5 * 60_000;
const RESOLUTIONS_WH = [1000, 100, 10, 1] as const;

/** Where the meter stood. Instants of receipt and of the station's own clock. */
export interface MeterStand {
  readonly receivedMs: number;
  readonly readMs: number;
  readonly importWh: number;
  readonly exportWh: number;
  /** The last reading of all: this stand may lie before it, when registers are coarse. */
  readonly lastReceivedMs: number;
  readonly lastReadMs: number;
  /** Finest step that the registers have shown, Wh. */
  readonly resolutionWh: number;
}

export interface SampledMeter {
  readonly stand: MeterStand | undefined;
  readonly sample?: MeterSample;
}

/**
 * The next sample of a session's power, placed in our time by its receipt, whatever the station's clock says.
 * The mean since the stand before, by the registers, once they have run long enough for their resolution;
 * without registers, or with coarse ones, the power that the reading tells. None from readings that waited
 * (a burst after an outage) nor from one that was taken offline.
 */
export function nextSample(
  before: MeterStand | undefined,
  session: Session,
  event: TransactionEvent,
  receivedMs: number,
): SampledMeter {
  const reading = newestOf(event.readings);
  if (reading === undefined) return { stand: before };
  const hasRegisters = reading.importRegisterWh !== undefined || reading.exportRegisterWh !== undefined;
  const resolutionWh = Math.min(before?.resolutionWh ?? Number.POSITIVE_INFINITY, resolutionOf(reading));
  const stand: MeterStand = {
    receivedMs,
    readMs: reading.atMs,
    importWh: importWhOf(session.books),
    exportWh: exportWhOf(session.books),
    lastReceivedMs: receivedMs,
    lastReadMs: reading.atMs,
    resolutionWh,
  };
  if (before !== undefined && reading.atMs <= before.lastReadMs) return { stand: before };
  const waitedMs =
    before === undefined ? 0 : receivedMs - before.lastReceivedMs - (reading.atMs - before.lastReadMs);
  if (event.offline || before === undefined || Math.abs(waitedMs) > JITTER_MS) return { stand };

  const neededMs = (resolutionWh / (TOLERANCE_KW / 2)) * 3_600;
  const powerKw = powerOf(reading);
  if (powerKw !== undefined && (!hasRegisters || neededMs > LONGEST_REGISTER_MS)) {
    return { stand, sample: { fromMs: receivedMs, toMs: receivedMs, powerKw } };
  }
  const lengthMs = receivedMs - before.receivedMs;
  if (!hasRegisters || lengthMs < neededMs || lengthMs === 0) {
    const { lastReceivedMs, lastReadMs } = stand;
    return { stand: { ...before, lastReceivedMs, lastReadMs, resolutionWh } };
  }
  const netWh = stand.importWh - before.importWh - (stand.exportWh - before.exportWh);
  return {
    stand,
    sample: { fromMs: before.receivedMs, toMs: receivedMs, powerKw: (netWh * 3_600) / lengthMs },
  };
}

function newestOf(readings: readonly Reading[]): Reading | undefined {
  let newest: Reading | undefined;
  for (const reading of readings) if (newest === undefined || reading.atMs >= newest.atMs) newest = reading;
  return newest;
}

function powerOf({ importKw, exportKw }: Reading): number | undefined {
  return importKw === undefined && exportKw === undefined ? undefined : (importKw ?? 0) - (exportKw ?? 0);
}

/** The coarsest usual step on which the registers stand, Wh; the finest when they stand on none. */
function resolutionOf({ importRegisterWh, exportRegisterWh }: Reading): number {
  const registers = [importRegisterWh, exportRegisterWh].filter((wh) => wh !== undefined && wh !== 0);
  if (registers.length === 0) return Number.POSITIVE_INFINITY;
  return RESOLUTIONS_WH.find((step) => registers.every((wh) => (wh ?? 0) % step === 0)) ?? 1;
}

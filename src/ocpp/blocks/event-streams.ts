import type { Reading } from '../../domain/reading.js';
import { parseInstantMs } from '../wire/instant.js';
import type { CallHandlers } from '../wire/messages.js';
import type { NotifyPeriodicEventStream } from '../wire/telemetry-messages.js';
import { refusalOf } from './set-profile.js';
import type { StationContext } from './station-context.js';

/** Monitors and streams kept per station; MaxPeriodicEventStreams of real ones is a handful. */
const MAX_MONITORS = 100;

/**
 * The power streams of one station: monitors that we set (they outlive a connection) and the streams that the
 * station has opened for them.
 */
export class EventStreams {
  readonly #evseByMonitor = new Map<number, number>();
  readonly #monitorByStream = new Map<number, number>();

  /** The station has taken our monitor of an EVSE's power. */
  monitored(monitoringId: number, evseNumber: number): void {
    if (this.#evseByMonitor.size < MAX_MONITORS) this.#evseByMonitor.set(monitoringId, evseNumber);
  }

  unmonitored(monitoringId: number): void {
    this.#evseByMonitor.delete(monitoringId);
  }

  /** False for a stream of a monitor that is not ours. */
  open(streamId: number, monitoringId: number): boolean {
    if (!this.#evseByMonitor.has(monitoringId)) return false;
    if (this.#monitorByStream.size >= MAX_MONITORS && !this.#monitorByStream.has(streamId)) return false;
    this.#monitorByStream.set(streamId, monitoringId);
    return true;
  }

  close(streamId: number): void {
    this.#monitorByStream.delete(streamId);
  }

  /** What a message of a stream says of which EVSE; undefined for a stream that was not opened. */
  read(message: NotifyPeriodicEventStream): { evseNumber: number; readings: Reading[] } | undefined {
    const monitoringId = this.#monitorByStream.get(message.id);
    const evseNumber = monitoringId === undefined ? undefined : this.#evseByMonitor.get(monitoringId);
    return evseNumber === undefined ? undefined : { evseNumber, readings: powerReadingsOf(message) };
  }
}

/**
 * Power samples in time order, W → kW, import and export apart. Interpretation: the variable EVSE.Power is
 * signed, above zero = import; no source settles its sign. Samples that are no number leave no trace.
 */
export function powerReadingsOf({ basetime, data }: NotifyPeriodicEventStream): Reading[] {
  const baseMs = parseInstantMs(basetime);
  return data
    .filter(({ t, v }) => v.trim() !== '' && Number.isFinite(Number(v)) && Number.isFinite(t))
    .map(({ t, v }): Reading => {
      const powerKw = Number(v) / 1000;
      return {
        atMs: Math.round(baseMs + t * 1000),
        context: 'other',
        importKw: Math.max(0, powerKw),
        exportKw: Math.max(0, -powerKw),
      };
    })
    .sort((a, b) => a.atMs - b.atMs);
}

/** Streams are the station's to open and to close, for monitors that are ours to set. */
export function eventStreamHandlers({ streams }: StationContext): CallHandlers {
  return {
    async OpenPeriodicEventStream({ constantStreamData: { id, variableMonitoringId } }) {
      if (streams.open(id, variableMonitoringId)) return { status: 'Accepted' };
      return refusalOf('NotFound', 'no monitor of ours');
    },
    async ClosePeriodicEventStream({ id }) {
      streams.close(id);
      return {};
    },
  };
}

/** A message of a stream; the engine gets its readings. */
export async function takeStream(
  { stationId, streams, events, logger }: StationContext,
  message: NotifyPeriodicEventStream,
): Promise<void> {
  const read = streams.read(message);
  if (read === undefined) {
    logger.warn({ stationId, streamId: message.id }, 'Message of a stream that is not open');
    return;
  }
  if (read.readings.length > 0) await events.telemetry(stationId, read.evseNumber, read.readings);
}

import type { EvseId } from '../../domain/ids.js';
import type { IntervalEnergy } from '../../domain/reading.js';
import type { EnergyBook } from './book-power.js';

/** An EVSE and its mean power before the order, kW: what controls are matched by. */
export interface MatchedEvse {
  readonly evseId: EvseId;
  readonly beforeKw: number;
}

/**
 * Stands EVSEs that were not dispatched in for those that were: each dispatched one by the mean of its
 * `neighbours` nearest in power before the order. Returns how many dispatched EVSEs each control stands for;
 * together as many as were dispatched. Ties go by the EVSE's name.
 */
export function matchControls(
  dispatched: readonly MatchedEvse[],
  controls: readonly MatchedEvse[],
  neighbours: number,
): { readonly evseId: EvseId; readonly standsFor: number }[] {
  const standsFor = new Map<EvseId, number>();
  const taken = Math.min(neighbours, controls.length);
  for (const { beforeKw } of dispatched) {
    const nearest = controls
      .map((control) => ({ control, distanceKw: Math.abs(control.beforeKw - beforeKw) }))
      .sort((a, b) => a.distanceKw - b.distanceKw || (a.control.evseId < b.control.evseId ? -1 : 1))
      .slice(0, taken);
    for (const { control } of nearest) {
      standsFor.set(control.evseId, (standsFor.get(control.evseId) ?? 0) + 1 / taken);
    }
  }
  return [...standsFor]
    .map(([evseId, count]) => ({ evseId, standsFor: count }))
    .sort((a, b) => (a.evseId < b.evseId ? -1 : 1));
}

/**
 * Books of the pool as the control group says it would have been: what the controls drew themselves, and as
 * often again as they stand for others.
 */
export function controlBooksOf(
  intervals: readonly IntervalEnergy[],
  controls: readonly EvseId[],
  standIns: readonly { readonly evseId: EvseId; readonly standsFor: number }[],
): EnergyBook[] {
  const weights = new Map(controls.map((evseId) => [evseId, 1]));
  for (const { evseId, standsFor } of standIns) weights.set(evseId, 1 + standsFor);
  const books = new Map<number, EnergyBook>();
  for (const { evseId, startMs, importWh, exportWh } of intervals) {
    const weight = weights.get(evseId);
    if (weight === undefined) continue;
    const sum = books.get(startMs);
    books.set(startMs, {
      startMs,
      importWh: weight * importWh + (sum?.importWh ?? 0),
      exportWh: weight * exportWh + (sum?.exportWh ?? 0),
    });
  }
  return [...books.values()].sort((a, b) => a.startMs - b.startMs);
}

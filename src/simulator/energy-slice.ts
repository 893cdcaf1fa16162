import { MS_PER_HOUR, MS_PER_MINUTE } from '../domain/power.js';

/**
 * Energy over a stretch of time at one meter. Import and export in kWh, both ≥ 0; meter power at both ends,
 * signed. Slices never cross a UTC quarter hour, so sums per price slot are exact, in the taper too.
 */
export interface EnergySlice {
  readonly fromMs: number;
  readonly toMs: number;
  readonly startKw: number;
  readonly endKw: number;
  readonly importKwh: number;
  readonly exportKwh: number;
}

const QUARTER_HOUR_MS = 15 * MS_PER_MINUTE;

/** First UTC quarter hour after an instant. */
export function nextQuarterHourMs(atMs: number): number {
  return (Math.floor(atMs / QUARTER_HOUR_MS) + 1) * QUARTER_HOUR_MS;
}

/** Appends a slice; one that goes on at the same constant power within its quarter hour is merged. */
export function appendSlice(slices: EnergySlice[], slice: EnergySlice): void {
  const last = slices.at(-1);
  const goesOn =
    last !== undefined &&
    last.toMs === slice.fromMs &&
    last.startKw === last.endKw &&
    last.endKw === slice.startKw &&
    slice.startKw === slice.endKw &&
    slice.fromMs % QUARTER_HOUR_MS !== 0;
  if (!goesOn) {
    slices.push(slice);
    return;
  }
  slices[slices.length - 1] = {
    ...last,
    toMs: slice.toMs,
    importKwh: last.importKwh + slice.importKwh,
    exportKwh: last.exportKwh + slice.exportKwh,
  };
}

export interface SlotGrid {
  readonly startMs: number;
  readonly slotMinutes: number;
  readonly slots: number;
}

/**
 * Import and export per price slot, kWh; arrays of `slots` numbers. Energy outside the grid is left out.
 * Exact for slots of whole quarter hours; within a quarter hour energy is shared out by time.
 */
export function energyPerSlot(
  slices: readonly EnergySlice[],
  { startMs, slotMinutes, slots }: SlotGrid,
): { readonly importKwh: number[]; readonly exportKwh: number[] } {
  const slotMs = slotMinutes * MS_PER_MINUTE;
  const importKwh = new Array<number>(slots).fill(0);
  const exportKwh = new Array<number>(slots).fill(0);
  for (const slice of slices) {
    const first = Math.max(0, Math.floor((slice.fromMs - startMs) / slotMs));
    const last = Math.min(slots - 1, Math.ceil((slice.toMs - startMs) / slotMs) - 1);
    for (let slot = first; slot <= last; slot++) {
      const from = Math.max(slice.fromMs, startMs + slot * slotMs);
      const to = Math.min(slice.toMs, startMs + (slot + 1) * slotMs);
      const share = (to - from) / (slice.toMs - slice.fromMs);
      importKwh[slot] = (importKwh[slot] ?? 0) + slice.importKwh * share;
      exportKwh[slot] = (exportKwh[slot] ?? 0) + slice.exportKwh * share;
    }
  }
  return { importKwh, exportKwh };
}

/** Signed meter power at an instant, kW: the mean of the slice that holds it; 0 before, between and after. */
export function powerKwInSlices(slices: readonly EnergySlice[], atMs: number): number {
  let low = 0;
  let high = slices.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((slices[middle]?.toMs ?? 0) <= atMs) low = middle + 1;
    else high = middle;
  }
  const slice = slices[low];
  if (!slice || slice.fromMs > atMs) return 0;
  return ((slice.importKwh - slice.exportKwh) * MS_PER_HOUR) / (slice.toMs - slice.fromMs);
}

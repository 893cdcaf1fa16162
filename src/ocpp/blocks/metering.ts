import type { Reading, ReadingContext, ReadingRemark } from '../../domain/reading.js';
import { parseInstantMs } from '../wire/instant.js';
import type { CallHandlers } from '../wire/messages.js';
import type { MeterValue } from '../wire/transaction-messages.js';
import { atOneLocation, normaliseSample, phaseTotal, type Sample } from './sampled-value.js';
import type { StationContext } from './station-context.js';

/**
 * What the meter values say, one reading per instant, in time order; import and export apart. Samples that
 * we do not use (voltage, frequency …) leave no trace, an instant with nothing else no reading.
 */
export function readingsOf(meterValues: readonly MeterValue[]): Reading[] {
  const byInstant = new Map<number, Sample[]>();
  for (const { timestamp, sampledValue } of meterValues) {
    const atMs = parseInstantMs(timestamp);
    const samples = byInstant.get(atMs) ?? [];
    for (const sampled of sampledValue) {
      const sample = normaliseSample(sampled);
      if (sample !== undefined) samples.push(sample);
    }
    byInstant.set(atMs, samples);
  }
  return [...byInstant]
    .filter(([, samples]) => samples.length > 0)
    .sort(([a], [b]) => a - b)
    .map(([atMs, samples]) => readingAt(atMs, samples))
    .filter((reading) => Object.keys(reading).length > 2);
}

function readingAt(atMs: number, samples: readonly Sample[]): Reading {
  const byMeasurand = new Map<string, Sample[]>();
  for (const sample of samples) {
    const others = byMeasurand.get(sample.measurand);
    if (others === undefined) byMeasurand.set(sample.measurand, [sample]);
    else others.push(sample);
  }
  const meter = (measurand: string): number | undefined => {
    const ofMeasurand = byMeasurand.get(measurand);
    return ofMeasurand === undefined ? undefined : phaseTotal(atOneLocation(ofMeasurand));
  };
  const importRegister = registerOf(meter('Energy.Active.Import.Register'));
  const exportRegister = registerOf(meter('Energy.Active.Export.Register'));
  const importInterval = intervalOf(meter('Energy.Active.Import.Interval'));
  const exportInterval = intervalOf(meter('Energy.Active.Export.Interval'));
  const power = directPower(meter('Power.Active.Import'), meter('Power.Active.Export'));
  const socFraction = socOf(samples);
  const judged = [importRegister, exportRegister, importInterval, exportInterval, power];
  const remarks = new Set(judged.flatMap((one) => one.remarks));
  return {
    atMs,
    context: contextOf(samples),
    ...(importRegister.wh === undefined ? {} : { importRegisterWh: importRegister.wh }),
    ...(exportRegister.wh === undefined ? {} : { exportRegisterWh: exportRegister.wh }),
    ...(importInterval.wh === undefined ? {} : { importIntervalWh: importInterval.wh }),
    ...(exportInterval.wh === undefined ? {} : { exportIntervalWh: exportInterval.wh }),
    ...(power.importW === undefined ? {} : { importKw: power.importW / 1000 }),
    ...(power.exportW === undefined ? {} : { exportKw: power.exportW / 1000 }),
    ...(socFraction === undefined ? {} : { socFraction }),
    ...(remarks.size === 0 ? {} : { remarks: [...remarks] }),
  };
}

interface DirectedPower {
  readonly importW?: number;
  readonly exportW?: number;
  readonly remarks: readonly ReadingRemark[];
}

/**
 * Import and export power ≥ 0, W, from what a station calls Power.Active.Import and Power.Active.Export at
 * one instant and place. A negative import without an export sample is export (EVerest reports so). Two
 * samples that cannot both be true are remarked; then the sign of the import decides the direction.
 */
export function directPower(importW: number | undefined, exportW: number | undefined): DirectedPower {
  if (exportW === undefined) {
    if (importW === undefined) return { remarks: [] };
    if (importW >= 0) return { importW, remarks: [] };
    return { importW: 0, exportW: -importW, remarks: ['negative-import'] };
  }
  const exported = Math.abs(exportW);
  if (importW === undefined) {
    return { exportW: exported, remarks: exportW < 0 ? ['import-and-export-contradict'] : [] };
  }
  const contradict = importW < 0 || exportW < 0 || (importW > 0 && exportW > 0);
  const remarks: ReadingRemark[] = contradict ? ['import-and-export-contradict'] : [];
  if (importW < 0) return { importW: 0, exportW: exported > 0 ? exported : -importW, remarks };
  return { importW, exportW: exported, remarks };
}

interface JudgedEnergy {
  readonly wh?: number;
  readonly remarks: readonly ReadingRemark[];
}

/** Meter standing, Wh ≥ 0; a negative one cannot be a cumulative register and is left out. */
export function registerOf(wh: number | undefined): JudgedEnergy {
  if (wh === undefined) return { remarks: [] };
  return wh < 0 ? { remarks: ['negative-register'] } : { wh, remarks: [] };
}

/** Energy of one interval, Wh ≥ 0; import and export have measurands of their own, so a negative one is left out. */
export function intervalOf(wh: number | undefined): JudgedEnergy {
  if (wh === undefined) return { remarks: [] };
  return wh < 0 ? { remarks: ['negative-interval'] } : { wh, remarks: [] };
}

/** State of charge, 0…1; the car's own word before the station's, nothing outside 0…100 %. */
export function socOf(samples: readonly Sample[]): number | undefined {
  const ofSoc = samples.filter(({ measurand, value }) => measurand === 'SoC' && value >= 0 && value <= 100);
  const best = ofSoc.findLast((sample) => sample.location === 'EV') ?? ofSoc.at(-1);
  return best === undefined ? undefined : best.value / 100;
}

/** Begin and end of a transaction mark the books, so they outrank every other context at their instant. */
export function contextOf(samples: readonly Sample[]): ReadingContext {
  const contexts = new Set(samples.map((sample) => sample.context));
  if (contexts.has('Transaction.Begin')) return 'begin';
  if (contexts.has('Transaction.End')) return 'end';
  if (contexts.has('Sample.Clock')) return 'clock';
  if (contexts.has('Sample.Periodic')) return 'periodic';
  return 'other';
}

/** MeterValues: everything outside transactions (idle, clock-aligned, main meter). */
export function meteringHandlers({ stationId, events }: StationContext): CallHandlers {
  return {
    async MeterValues({ evseId, meterValue }) {
      const readings = readingsOf(meterValue);
      if (readings.length > 0) await events.meterValues(stationId, evseId, readings);
      return {};
    },
  };
}

import type { MeterLocation, Phase, ReadingContext, SampledValue } from '../wire/transaction-messages.js';

/** One sample with the defaults filled in and the value in W, Wh or percent. */
export interface Sample {
  readonly measurand: string;
  readonly value: number;
  readonly context: ReadingContext;
  readonly location: MeterLocation;
  readonly phase?: Phase;
}

/** What a unit text means: the base unit and the factor to it. Compared without case but for the mega prefix. */
const UNITS: ReadonlyMap<string, { readonly base: BaseUnit; readonly factor: number }> = new Map([
  ['w', { base: 'W', factor: 1 }],
  ['kw', { base: 'W', factor: 1e3 }],
  ['MW', { base: 'W', factor: 1e6 }],
  ['wh', { base: 'Wh', factor: 1 }],
  ['kwh', { base: 'Wh', factor: 1e3 }],
  ['MWh', { base: 'Wh', factor: 1e6 }],
  ['percent', { base: 'Percent', factor: 1 }],
  ['%', { base: 'Percent', factor: 1 }],
]);

type BaseUnit = 'W' | 'Wh' | 'Percent';

/** Measurands that we use, with the unit they are in when the station does not say. */
const BASE_UNITS: Readonly<Record<string, BaseUnit>> = {
  'Energy.Active.Import.Register': 'Wh',
  'Energy.Active.Export.Register': 'Wh',
  'Energy.Active.Import.Interval': 'Wh',
  'Energy.Active.Export.Interval': 'Wh',
  'Power.Active.Import': 'W',
  'Power.Active.Export': 'W',
  SoC: 'Percent',
};

/**
 * The sample in base units: value × 10^multiplier × unit prefix (OCPP 2.1 UnitOfMeasureType). An absent
 * measurand is Energy.Active.Import.Register, an absent location Outlet, an absent context Sample.Periodic.
 * Undefined for measurands that we do not use and for units that do not fit the measurand.
 * Interpretation: the schema's default unit Wh is meant for energy; a power without a unit is in W.
 */
export function normaliseSample(sampled: SampledValue): Sample | undefined {
  const measurand = sampled.measurand ?? 'Energy.Active.Import.Register';
  const expected = BASE_UNITS[measurand];
  if (expected === undefined) return undefined;
  const factor = factorOf(sampled.unitOfMeasure?.unit, expected);
  if (factor === undefined) return undefined;
  const value = sampled.value * 10 ** (sampled.unitOfMeasure?.multiplier ?? 0) * factor;
  if (!Number.isFinite(value)) return undefined;
  return {
    measurand,
    value: value === 0 ? 0 : value,
    context: sampled.context ?? 'Sample.Periodic',
    location: sampled.location ?? 'Outlet',
    ...(sampled.phase === undefined ? {} : { phase: sampled.phase }),
  };
}

function factorOf(unit: string | undefined, expected: BaseUnit): number | undefined {
  if (unit === undefined) return 1;
  const meaning = UNITS.get(unit) ?? UNITS.get(unit.toLowerCase());
  return meaning?.base === expected ? meaning.factor : undefined;
}

/** Where the billing meter sits, best first. `EV` is the car's own word, `Upstream` another meter. */
const METER_LOCATIONS: readonly MeterLocation[] = ['Outlet', 'Cable', 'Body', 'Inlet'];

/** The samples of one measurand at the best location that has any; locations are never mixed. */
export function atOneLocation(samples: readonly Sample[]): readonly Sample[] {
  for (const location of METER_LOCATIONS) {
    const there = samples.filter((sample) => sample.location === location);
    if (there.length > 0) return there;
  }
  return [];
}

/**
 * One number of the samples of one measurand at one location and instant: the value without phase wins, else
 * the sum over the phases; `L1-N` stands for `L1`, line-to-line and neutral values say nothing here. Of
 * repeats the last counts.
 */
export function phaseTotal(samples: readonly Sample[]): number | undefined {
  const whole = samples.findLast((sample) => sample.phase === undefined);
  if (whole !== undefined) return whole.value;
  const byPhase = new Map<string, number>();
  for (const { phase = '', value } of samples) {
    const line = /^(L[123])(-N)?$/.exec(phase)?.[1];
    if (line !== undefined) byPhase.set(line, value);
  }
  if (byPhase.size === 0) return undefined;
  return [...byPhase.values()].reduce((sum, value) => sum + value, 0);
}

import type { ProblemDocument } from '../solver/index.js';
import { randomFleet } from './random-fleet.js';

/** What is measured of a case. */
export type Phase = 'cold' | 'warm' | 'incremental' | 'limited';
/** The time limit of the phase `limited`, ms; the gap asked for there is zero. */
export const LIMIT_MS = 500;

/** A problem of a given size, the gap asked for and who takes part. */
export interface BenchmarkCase {
  readonly name: string;
  readonly family: 'uncoupled' | 'commitment' | 'commitment and sites' | 'reserves';
  readonly vehicles: number;
  readonly gap: number;
  readonly phases: readonly Phase[];
  /** Solves measured after the first, which is reported apart. */
  readonly repeats: number;
  /** Other solvers that can play at this size. */
  readonly rivals: readonly string[];
  /** Part of the short form. */
  readonly smoke: boolean;
  /** Bar of the project for the median, ms; absent where there is none. */
  readonly barMs?: number;
}

const entry = (
  family: BenchmarkCase['family'],
  vehicles: number,
  gap: number,
  repeats: number,
  more: Partial<BenchmarkCase> = {},
): BenchmarkCase => ({
  name: `${family}, ${vehicles.toLocaleString('en')}${family === 'uncoupled' ? '' : `, gap ${gap.toExponential(0)}`}`,
  family,
  vehicles,
  gap,
  repeats,
  phases: ['cold'],
  rivals: [],
  smoke: false,
  ...more,
});

const CLP = ['clp-barrier', 'clp-dual'] as const;
const GENERAL = ['highs-simplex', 'highs-ipm', ...CLP] as const;
const all: readonly Phase[] = ['cold', 'warm', 'incremental'];
const andLimited: readonly Phase[] = [...all, 'limited'];

/** Every case; add one by adding a line. */
export const BENCHMARK_CASES: readonly BenchmarkCase[] = [
  entry('uncoupled', 5, 1e-4, 20, {
    rivals: [...GENERAL, 'glpk', 'yalps', 'javascript-lp-solver'],
    smoke: true,
  }),
  entry('uncoupled', 100, 1e-4, 20, { rivals: [...GENERAL, 'glpk'] }),
  entry('uncoupled', 1000, 1e-4, 20, { rivals: [...GENERAL, 'highs-each'], smoke: true }),
  entry('uncoupled', 10_000, 1e-4, 5, { barMs: 100 }),
  entry('uncoupled', 100_000, 1e-4, 3, { barMs: 800 }),
  entry('uncoupled', 1_000_000, 1e-4, 1, { barMs: 10_000 }),
  entry('commitment', 100, 1e-4, 10, { rivals: [...GENERAL, 'glpk'] }),
  entry('commitment', 1000, 1e-3, 10, { barMs: 300 }),
  entry('commitment', 1000, 1e-4, 10, {
    phases: andLimited,
    rivals: ['highs-ipm', ...CLP],
    barMs: 1000,
    smoke: true,
  }),
  entry('commitment', 5000, 1e-4, 5, { rivals: ['highs-ipm', ...CLP] }),
  entry('commitment', 10_000, 1e-3, 3, { barMs: 1000 }),
  entry('commitment', 10_000, 1e-4, 3, { phases: all, barMs: 3000 }),
  entry('commitment', 100_000, 1e-3, 1, { barMs: 7000 }),
  entry('commitment', 100_000, 1e-4, 1, { phases: all, barMs: 25_000 }),
  entry('commitment and sites', 100, 1e-3, 10, { rivals: [...GENERAL] }),
  entry('commitment and sites', 1000, 1e-3, 5, { phases: andLimited, rivals: CLP, barMs: 2000 }),
  entry('commitment and sites', 10_000, 1e-3, 1, { barMs: 15_000 }),
  entry('reserves', 20, 1e-3, 3, { rivals: [...GENERAL], smoke: true }),
  entry('reserves', 100, 1e-3, 3, { phases: andLimited, rivals: CLP, smoke: true }),
  entry('reserves', 1000, 1e-3, 3, { phases: andLimited, rivals: CLP, barMs: 10_000 }),
  entry('reserves', 10_000, 1e-3, 0),
];

/** How many times slower than the own backend others are claimed to be; all of them where none is named. */
export const CLAIMED_FACTORS: readonly {
  readonly name: string;
  readonly factor: number;
  readonly of: string;
  readonly solvers?: readonly string[];
}[] = [
  {
    name: 'uncoupled, 1,000',
    factor: 200,
    of: 'npm HiGHS, one program',
    solvers: ['highs-simplex', 'highs-ipm'],
  },
  {
    name: 'uncoupled, 1,000',
    factor: 200,
    of: 'npm HiGHS, one program per vehicle',
    solvers: ['highs-each'],
  },
  {
    name: 'commitment, 1,000, gap 1e-4',
    factor: 10,
    of: 'npm HiGHS',
    solvers: ['highs-simplex', 'highs-ipm'],
  },
  { name: 'commitment, 5,000, gap 1e-4', factor: 20, of: 'the fastest other' },
];

/** The case's problem; `seed` makes others of the same kind. */
export function problemOf({ family, vehicles }: BenchmarkCase, seed = 7): ProblemDocument {
  const deviationPerKwh = 0.1;
  if (family === 'uncoupled') return randomFleet({ seed, vehicles });
  if (family === 'commitment') return randomFleet({ seed, vehicles, deviationPerKwh });
  if (family === 'reserves') return randomFleet({ seed, vehicles, deviationPerKwh, reserveBlocks: 6 });
  return randomFleet({ seed, vehicles, deviationPerKwh, siteSize: 20 });
}

import type { EvseId, TransactionId } from './ids.js';

export type ReadingContext = 'begin' | 'end' | 'periodic' | 'clock' | 'other';

/**
 * What one meter said at one instant, normalised by the OCPP edge: units, multipliers and phases are
 * resolved, import and export are apart and ≥ 0. A value that the station did not send is absent, never 0.
 */
export interface Reading {
  readonly atMs: number;
  readonly context: ReadingContext;
  /** Cumulative meter standing, Wh. Survives the session. */
  readonly importRegisterWh?: number;
  readonly exportRegisterWh?: number;
  /** Energy since the reading before, Wh ≥ 0, as stations tell that know no standing. */
  readonly importIntervalWh?: number;
  readonly exportIntervalWh?: number;
  /** Power, ≥ 0 each. */
  readonly importKw?: number;
  readonly exportKw?: number;
  /** State of charge, 0…1, the car's own word. */
  readonly socFraction?: number;
  /** What the edge had to repair or found contradictory, e.g. `negative-import`. */
  readonly remarks?: readonly ReadingRemark[];
}

export type ReadingRemark =
  | 'negative-import'
  | 'import-and-export-contradict'
  | 'negative-register'
  | 'negative-interval';

/** Energy of one session in one settlement interval, Wh, import and export apart, both ≥ 0. */
export interface IntervalEnergy {
  readonly transactionId: TransactionId;
  readonly evseId: EvseId;
  readonly startMs: number;
  readonly importWh: number;
  readonly exportWh: number;
}

/** Energy of one session over [startMs, endMs): an interval book, or a part of one. Wh ≥ 0. */
export interface EnergyPiece extends IntervalEnergy {
  readonly endMs: number;
}

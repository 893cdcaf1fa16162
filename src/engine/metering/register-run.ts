import type { BookFlag } from '../../domain/session.js';

/** Where one register stands: the standings that the current run began and was last seen with. */
export interface RegisterStanding {
  readonly beginWh: number | undefined;
  readonly lastWh: number | undefined;
}

/** A register after one more reading: `riseWh` ≥ 0 since the last, `carriedWh` of a run that is over. */
export interface RegisterRun extends RegisterStanding {
  readonly riseWh: number;
  readonly carriedWh: number;
  readonly flag?: Extract<BookFlag, 'register-went-back' | 'register-rolled-over' | 'register-jumped'>;
}

/** The largest charger there is (Megawatt Charging System, 3.75 MW), rounded up. */
const MOST_KW = 4000;
/** The most that an EVSE for cars does. Less than {@link MOST_KW}, for here a guess would invent energy. */
const MOST_ROLLING_KW = 400;
/**
 * Standings at which registers begin again, Wh: five to seven digits of kWh, and 31 or 32 bits of Wh. Smaller
 * ones are not believed: a young meter that was reset would look like one that rolled over.
 */
const CAPACITIES_WH = [1e8, 1e9, 2 ** 31, 2 ** 32, 1e10];

/**
 * Energy is last − begin of a register, run by run: a standing below the last one, or above it by more than any EVSE can
 * draw in `hours`, begins a new run. What was metered before stays, nothing is invented for the time between,
 * unless the register has only rolled over.
 */
export function continueRegister(
  { beginWh, lastWh }: RegisterStanding,
  valueWh: number | undefined,
  hours: number,
): RegisterRun {
  const still = { beginWh, lastWh, riseWh: 0, carriedWh: 0 };
  if (valueWh === undefined) return still;
  if (beginWh === undefined || lastWh === undefined) return { ...still, beginWh: valueWh, lastWh: valueWh };
  const riseWh = valueWh - lastWh;
  const newRun = { beginWh: valueWh, lastWh: valueWh, riseWh: 0, carriedWh: lastWh - beginWh };
  if (isJump(riseWh, hours)) return { ...newRun, flag: 'register-jumped' };
  if (riseWh >= 0) return { ...still, lastWh: valueWh, riseWh };
  const rolledWh = rollOverRiseWh(lastWh, valueWh, hours);
  if (rolledWh === undefined) return { ...newRun, flag: 'register-went-back' };
  const carriedWh = newRun.carriedWh + rolledWh;
  return { ...newRun, riseWh: rolledWh, carriedWh, flag: 'register-rolled-over' };
}

/** Whether a rise is more than any EVSE draws in `hours`; less than an hour counts as one, clocks being what they are. */
export function isJump(riseWh: number, hours: number): boolean {
  return riseWh > MOST_KW * 1000 * Math.max(1, hours);
}

/**
 * Energy between two standings of which the second is lower, Wh, when it fits a register that passed its
 * highest standing on the way and did so within what an EVSE does in `hours`; undefined for a reset.
 */
export function rollOverRiseWh(lastWh: number, valueWh: number, hours: number): number | undefined {
  const capacityWh = CAPACITIES_WH.find((one) => one > lastWh);
  if (capacityWh === undefined) return undefined;
  const riseWh = capacityWh - lastWh + valueWh;
  return riseWh <= MOST_ROLLING_KW * 1000 * hours ? riseWh : undefined;
}

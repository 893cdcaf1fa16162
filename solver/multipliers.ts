import type { ProblemDocument } from './problem.js';
import type { SharePrices } from './reserve-bound.js';

/**
 * Prices of the rows that tie vehicles together, and of each vehicle's energy balance. Any numbers give a valid
 * lower bound; good ones a tight one. Series are per slot of the horizon unless the name says otherwise.
 */
export interface Multipliers {
  /** λ of (2) and (3): added to what a kWh of net import costs, per slot. Empty when nothing couples the fleet. */
  readonly fleetPerKwh: ArrayLike<number>;
  /** μ of (4), by index of the problem's sites; undefined where the site's limits do not bind. */
  readonly sitePerKwh: readonly (ArrayLike<number> | undefined)[];
  /**
   * Value of stored energy after each slot of each window, vehicles one after another in document order.
   * When absent, the bound finds each vehicle's exact optimum itself, which takes longer.
   */
  readonly energyPerKwh?: ArrayLike<number>;
  /** Of (5), by index of the problem's reserves; undefined where holding shares is worth nothing. */
  readonly reserves?: readonly (SharePrices | undefined)[];
}

/** No row has a price. */
export function noMultipliers(problem: ProblemDocument): Multipliers {
  return { fleetPerKwh: [], sitePerKwh: problem.sites.map(() => undefined) };
}

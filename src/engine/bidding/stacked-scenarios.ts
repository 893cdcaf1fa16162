import type { AvailabilitySample, BlockScenario } from './availability-sample.js';

/** Capacity on past days, kW by day, of each part of a pool. */
export type CapacityByPart = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** A bid or award that already takes its share of its pool. */
export interface StackedBid {
  readonly kw: number;
  /** What its own product finds in the parts of its own pool. */
  readonly capacity: CapacityByPart;
}

/**
 * Scenarios without the share that other bids take, the older first. Parts are cars that all bids either count on
 * or do not. Of R kW where the parts of its pool hold C kW of that product together, the fraction R / C of what is
 * left of every car there is taken, in power and in energy; what remains holds that much less of the next product,
 * and of the new one (`own`). Sound for every mix of directions, since the fraction is taken off both; and for
 * every mix of pools, since the weakest quarter of a pool is no weaker than those of its parts added up.
 */
export function scenariosBeside(
  sample: AvailabilitySample,
  own: CapacityByPart,
  stacked: readonly StackedBid[],
): readonly BlockScenario[] {
  return sample.scenarios.map((scenario) => {
    const { day } = scenario;
    const left = new Map<string, number>();
    const leftKw = (capacity: CapacityByPart) =>
      [...capacity].reduce((sum, [part, byDay]) => sum + (left.get(part) ?? 1) * (byDay.get(day) ?? 0), 0);
    for (const { kw, capacity } of stacked) {
      const freeKw = leftKw(capacity);
      const taken = freeKw > 0 ? Math.min(1, kw / freeKw) : 1;
      for (const part of capacity.keys()) left.set(part, (left.get(part) ?? 1) * (1 - taken));
    }
    return { ...scenario, scaledKw: Math.min(scenario.scaledKw, leftKw(own)) };
  });
}

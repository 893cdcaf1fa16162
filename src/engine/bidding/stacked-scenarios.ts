import type { AvailabilitySample, BlockScenario } from './availability-sample.js';

/** A bid or award that already takes its share of the pool: kW, and what its product finds in the same block. */
export interface StackedBid {
  readonly kw: number;
  readonly sample: AvailabilitySample;
}

/**
 * Scenarios without the share that other bids take. Of R kW where the pool holds C kW of that product, the
 * fraction R / C of every car is taken, in power and in energy; what remains holds (1 − Σ R / C) of the new
 * product. Sound for every mix of directions, since the fraction is taken off both.
 */
export function scenariosBeside(
  sample: AvailabilitySample,
  stacked: readonly StackedBid[],
): readonly BlockScenario[] {
  const byDay = stacked.map(({ kw, sample: other }) => ({
    kw,
    kwByDay: new Map(other.scenarios.map(({ day, scaledKw }) => [day, scaledKw])),
  }));
  return sample.scenarios.map((scenario) => {
    let free = 1;
    for (const { kw, kwByDay } of byDay) {
      const capacityKw = kwByDay.get(scenario.day) ?? 0;
      free -= capacityKw > 0 ? kw / capacityKw : 1;
    }
    return { ...scenario, scaledKw: Math.max(0, free) * scenario.scaledKw };
  });
}

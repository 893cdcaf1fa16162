import { type FleetModel, windowSlots } from '../fleet-model.js';
import { readEnergyValues } from './read-energy-values.js';
import { type KnownPrices, priceStepOf } from './row-prices.js';
import type { ShareLayout } from './share-layout.js';
import { createSurvey, productsAfter } from './step-survey.js';
import { VehicleNewton } from './vehicle-newton.js';
import { VehiclePoint } from './vehicle-point.js';
import { VehicleSteps } from './vehicle-steps.js';

/** Iterations after which the numbers have said all they will. */
const MOST_ITERATIONS = 60;
const STEP_SHARE = 0.995;
const SHORTEST_STEP = 1e-4;
/** The least aim, relative to the mean of the products. */
const LEAST_AIM = 1e-6;

/**
 * What stored energy is worth to each vehicle at given prices of the rows, (30), so that the vehicle's own bound is
 * within `accuracy` (currency) of the best at those prices; flat as in FleetModel. Each vehicle by itself with the
 * Newton steps of the interior point, some twenty of them.
 */
export function priceVehicles(
  model: FleetModel,
  layout: ShareLayout,
  prices: KnownPrices,
  aim: number,
  accuracy: number,
): Float64Array {
  const point = new VehiclePoint(model, layout);
  const newton = new VehicleNewton(model, layout, point);
  const steps = new VehicleSteps(model, layout, point);
  const step = priceStepOf(layout, prices, model.slotHours);
  const activity = new Float64Array(step.rows.length);
  const siteActivity = new Float64Array(step.site.length);
  const energyPerKwh = new Float64Array(windowSlots(model));
  const surveyed = (i: number, target: number, corrected: number) => {
    newton.step(i, step, target, corrected, activity, siteActivity);
    const survey = createSurvey();
    steps.survey(i, target, corrected, survey);
    return survey;
  };
  for (let i = 0; i < model.vehicleCount; i += 1) {
    if (model.firstSlot[i] === model.endSlot[i]) continue;
    point.begin(i, aim);
    for (let k = 0; k < MOST_ITERATIONS; k += 1) {
      newton.factor(i);
      const affine = surveyed(i, 0, 0);
      const [near, far] = [Math.min(1, affine.primal), Math.min(1, affine.dual)];
      const left = productsAfter(affine, near, far) / affine.products;
      const target = (affine.products / affine.weight) * Math.max(left ** 3, LEAST_AIM);
      point.keepAffine(i);
      const corrected = Math.sqrt(near * far);
      const reach = surveyed(i, target, corrected);
      const primal = Math.min(1, STEP_SHARE * reach.primal);
      const dual = Math.min(1, STEP_SHARE * reach.dual);
      if (!(Math.min(primal, dual) > SHORTEST_STEP)) break;
      steps.advance(i, target, corrected, primal, dual);
      if (productsAfter(reach, primal, dual) < accuracy) break;
    }
    readEnergyValues(model, layout, point, i, step, energyPerKwh);
  }
  return energyPerKwh;
}

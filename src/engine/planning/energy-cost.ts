import type { PlanDocument } from '../../../solver/index.js';
import type { PreparedPlan } from './planning-input.js';

/** Cost of energy and wear of a plan, without penalties; currency. Every car at the prices of its site. */
export function energyCost(
  { problem, parts }: Pick<PreparedPlan, 'problem' | 'parts'>,
  plan: Pick<PlanDocument, 'vehicles'>,
): number {
  const hours = problem.horizon.slotMinutes / 60;
  let cost = 0;
  plan.vehicles.forEach(({ id, netKw }, index) => {
    const { firstSlot = 0, wearPerKwh = 0 } = problem.vehicles[index] ?? {};
    const prices = parts.find(({ vehicleIds }) => vehicleIds.has(id))?.prices ?? problem.prices;
    netKw.forEach((kw, k) => {
      const importPerKwh = prices.importPerKwh[firstSlot + k] ?? 0;
      const exportPerKwh = prices.exportPerKwh[firstSlot + k] ?? 0;
      cost += kw * hours * (kw > 0 ? importPerKwh : exportPerKwh - wearPerKwh);
    });
  });
  return cost;
}

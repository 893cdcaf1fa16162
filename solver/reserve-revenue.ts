import { type ProblemDocument, slotHours } from './problem.js';

/**
 * More than reserves can ever earn, in currency: every connected vehicle's whole power, in the worst slot of each
 * block, (7). What a plan without reserves proves, less this, bounds the plans with reserves.
 */
export function mostReserveRevenue(problem: ProblemDocument): number {
  const powerKw = new Float64Array(problem.horizon.slots);
  for (const { firstSlot, endSlot, maxChargeKw, maxDischargeKw } of problem.vehicles) {
    for (let t = firstSlot; t < endSlot; t += 1)
      powerKw[t] = (powerKw[t] as number) + maxChargeKw + maxDischargeKw;
  }
  return problem.reserves.reduce((sum, reserve) => {
    const { fromSlot, endSlot, direction, powerFactor, pricePerKwPerHour } = reserve;
    if (endSlot <= fromSlot || pricePerKwPerHour <= 0) return sum;
    const spanKw = powerKw.subarray(fromSlot, endSlot).reduce((least, kw) => Math.min(least, kw));
    // A symmetric product needs the power twice, once each way.
    const backedKw = spanKw / powerFactor / (direction === 'symmetric' ? 2 : 1);
    const kw = Math.min(reserve.maxKw ?? backedKw, backedKw);
    return sum + kw * pricePerKwPerHour * (endSlot - fromSlot) * slotHours(problem);
  }, 0);
}

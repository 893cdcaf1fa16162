import { type MarketProduct, sustainMinutesOf } from '../../domain/market-product.js';
import type { CapacityRule } from './session-capacity.js';

/** What a kW of a product asks of a session, for blocks of a given length. */
export function capacityRuleOf(
  product: MarketProduct,
  blockMinutes: number,
  efficiency: { readonly chargeEfficiency: number; readonly dischargeEfficiency: number },
): CapacityRule {
  return {
    direction: product.direction,
    sustainMinutes: sustainMinutesOf(product, blockMinutes),
    powerFactor: product.powerFactor,
    oppositePowerFactor: product.oppositePowerFactor,
    chargeEfficiency: efficiency.chargeEfficiency,
    dischargeEfficiency: efficiency.dischargeEfficiency,
  };
}

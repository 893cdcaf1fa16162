import type { MarketProduct } from '../../../src/domain/market-product.js';
import type { CapacityRule, CapacitySession } from '../../../src/engine/bidding/session-capacity.js';
import { HOUR_MS } from './fixtures.js';

/** Four-hour blocks in Berlin, gate at 08:00 of the day before, an hour of energy, 1 kW steps. */
export function productOf(changes: Partial<MarketProduct> = {}): MarketProduct {
  return {
    version: 1,
    id: 'test-up',
    title: 'Test',
    zone: 'DE-LU',
    timeZone: 'Europe/Berlin',
    direction: 'up',
    blocks: { localBorders: ['00:00', '04:00', '08:00', '12:00', '16:00', '20:00', '24:00'] },
    gate: { closesDaysBefore: 1, closesLocal: '08:00' },
    currency: 'EUR',
    capacityPricing: 'pay-as-bid',
    energyPriced: false,
    minKw: 1,
    stepKw: 1,
    indivisible: false,
    fullActivationS: 300,
    sustainMinutes: 60,
    powerFactor: 1,
    oppositePowerFactor: 0,
    reliability: 0.9,
    signal: 'setpoint',
    measureS: 60,
    baselineMethod: 'nominated-plan',
    toleranceFraction: 0,
    penalty: { capacityCut: true, energyPrice: 'none', factor: 1 },
    sources: ['test'],
    ...changes,
  };
}

/** One hour of full activation, no losses. */
export function ruleOf(changes: Partial<CapacityRule> = {}): CapacityRule {
  return {
    direction: 'up',
    sustainMinutes: 60,
    powerFactor: 1,
    oppositePowerFactor: 0,
    chargeEfficiency: 1,
    dischargeEfficiency: 1,
    ...changes,
  };
}

/** A 60 kWh car with 40 kWh in it, floor 10, that wants 50 kWh after ten hours; 11 kW both ways. */
export function stayOf(startMs: number, changes: Partial<CapacitySession> = {}): CapacitySession {
  return {
    place: 'car-1',
    startMs,
    endMs: startMs + 10 * HOUR_MS,
    energyAtStartKwh: 40,
    minEnergyKwh: 10,
    maxEnergyKwh: 60,
    targetEnergyKwh: 50,
    maxChargeKw: 11,
    maxDischargeKw: 11,
    ...changes,
  };
}

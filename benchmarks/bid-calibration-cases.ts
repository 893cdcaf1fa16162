import type { MarketProduct, ProductDirection } from '../src/domain/market-product.js';
import {
  type AvailabilityModel,
  createAvailabilityModel,
} from '../src/engine/bidding/availability-sample.js';
import { type BackTest, backTest } from '../src/engine/bidding/back-test.js';
import { capacityRuleOf } from '../src/engine/bidding/capacity-rule.js';
import type { FirmMethod } from '../src/engine/bidding/firm-capacity.js';
import { createSessionHistory } from '../src/engine/bidding/pool-capacity.js';
import { blocksOfDay, dayBefore } from '../src/engine/bidding/product-blocks.js';
import type { CapacitySession } from '../src/engine/bidding/session-capacity.js';
import type { RecordedSession } from '../src/simulator/recorded-session.js';

/** The recorded cars only charged; that each could take and give this much is the assumption. */
const V2G_KW = 11;
const FLOOR_FRACTION = 0.2;
/** Where the source has no capacity. */
const ASSUMED_CAPACITY_KWH = 40;
/** The source's own: of the metered energy this share reached the battery. */
const STORED_FRACTION = 0.88;
const EFFICIENCY = { chargeEfficiency: 0.92, dischargeEfficiency: 0.92 };

/**
 * The days that are judged: from autumn to the last days before most sites stopped being recorded (30 January
 * 2020), Christmas included. Everything about the method was settled on days before 1 September 2019.
 */
export const JUDGED = { from: '2019-09-01', to: '2020-01-29' } as const;

/** Recorded sessions as a V2G pool: floor at 20 %, and as full at departure as it was. */
export function v2gPool(sessions: readonly RecordedSession[]): CapacitySession[] {
  return sessions.map((session) => {
    const capacityKwh = session.capacityKwh ?? ASSUMED_CAPACITY_KWH;
    const chargedKwh = Math.min(capacityKwh, STORED_FRACTION * session.energyKwh);
    const energyAtStartKwh = Math.min(
      capacityKwh - chargedKwh,
      capacityKwh * (session.arrivalSocFraction ?? 1 - chargedKwh / capacityKwh),
    );
    return {
      place: session.userId,
      startMs: session.plugInMs,
      endMs: session.plugOutMs,
      energyAtStartKwh,
      minEnergyKwh: FLOOR_FRACTION * capacityKwh,
      maxEnergyKwh: capacityKwh,
      targetEnergyKwh: energyAtStartKwh + chargedKwh,
      maxChargeKw: V2G_KW,
      maxDischargeKw: V2G_KW,
    };
  });
}

/** A probe: four-hour blocks, an hour of energy, gate at 08:00 of the day before, without minimum or steps. */
export function probeProduct(direction: ProductDirection): MarketProduct {
  return {
    version: 1,
    id: `probe-${direction}`,
    title: `Probe ${direction}`,
    zone: 'NO',
    timeZone: 'Europe/Oslo',
    direction,
    blocks: { localBorders: ['00:00', '04:00', '08:00', '12:00', '16:00', '20:00', '24:00'] },
    gate: { closesDaysBefore: 1, closesLocal: '08:00' },
    currency: 'EUR',
    capacityPricing: 'pay-as-bid',
    energyPriced: false,
    minKw: 0.001,
    stepKw: 0.001,
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
    sources: ['made for calibration'],
  };
}

export function availabilityModelOf(
  pool: readonly CapacitySession[],
  product: MarketProduct,
): AvailabilityModel {
  return createAvailabilityModel(
    createSessionHistory(pool),
    product,
    capacityRuleOf(product, 240, EFFICIENCY),
  );
}

/** Back test of one direction over the days from `from` to `to`, both included. */
export function calibrate(
  pool: readonly CapacitySession[],
  direction: ProductDirection,
  asked: { from: string; to: string; reliability: number; method: FirmMethod },
): BackTest {
  const product = probeProduct(direction);
  const past = daysFrom(asked.from, asked.to).flatMap((day) => blocksOfDay(product, day));
  return backTest(availabilityModelOf(pool, product), product, past, asked);
}

export function daysFrom(from: string, to: string): string[] {
  const days: string[] = [];
  for (let day = to; day >= from; day = dayBefore(day, 1)) days.push(day);
  return days.reverse();
}

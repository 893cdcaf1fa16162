import type { LedgerAmounts } from '../../domain/ledger.js';
import { minorPerUnit, roundHalfAway, splitByWeights } from '../../domain/money.js';
import type { DriverContract } from '../../domain/tariff.js';

/** What a session earned by source, whole minor units; a loss is negative. */
export interface SessionEarnings {
  readonly capacity: number;
  readonly activation: number;
  readonly arbitrage: number;
}

/** Wear is paid out of these in this order: what the battery's own trade earned pays for the battery first. */
const WEAR_IS_PAID_FROM = ['arbitrage', 'activation', 'capacity'] as const;

/**
 * Who gets what of a session's earnings. First the driver's wear, per kWh fed in, out of what was earned, and by
 * the aggregator where that is not enough. Of what is left of each source the driver gets his fraction (largest
 * remainder), the aggregator the rest; a loss is the aggregator's. All parts add up to the earnings, to the cent.
 */
export function driverShare(
  earnings: SessionEarnings,
  exportWh: number,
  contract: DriverContract,
): LedgerAmounts {
  const wear = roundHalfAway((exportWh / 1000) * contract.wearPerKwh * minorPerUnit(contract.currency));
  const amounts: Record<string, number> = { 'driver.wear': wear };
  let unpaid = wear;
  for (const source of WEAR_IS_PAID_FROM) {
    const earned = earnings[source];
    const paid = Math.min(Math.max(0, earned), unpaid);
    unpaid -= paid;
    const left = earned - paid;
    const fraction = contract.driverFraction[source];
    const [toDriver = 0, toAggregator = left] =
      left > 0 ? (splitByWeights(left, [fraction, 1 - fraction]) ?? []) : [0, left];
    amounts[`driver.${source}`] = toDriver;
    amounts[`aggregator.${source}`] = toAggregator;
  }
  amounts['aggregator.wear'] = -unpaid + 0;
  return amounts;
}

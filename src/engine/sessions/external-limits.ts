import { type ExternalLimit, externalLimitAt } from '../../domain/external-limit.js';
import { evseNumberOf } from '../../domain/ids.js';
import type { EvseCapability } from '../../domain/station.js';

/**
 * The capability under the limits that others set, as they stand at `nowMs`; each plan looks again. A limit
 * of the whole station is shared equally by its EVSEs: the station itself keeps the sum, and a plan that
 * counts on more would be cut.
 */
export function withExternalLimits(
  capability: EvseCapability,
  limits: readonly ExternalLimit[],
  evseCount: number,
  nowMs: number,
): EvseCapability {
  let { maxChargeKw, maxDischargeKw } = capability;
  for (const limit of limits) {
    const isStation = limit.evseNumber === 0;
    if (!isStation && limit.evseNumber !== evseNumberOf(capability.evseId)) continue;
    const cap = externalLimitAt(limit, nowMs);
    const share = isStation ? 1 / Math.max(1, evseCount) : 1;
    maxChargeKw = lower(maxChargeKw, cap?.maxChargeKw, share);
    maxDischargeKw = lower(maxDischargeKw, cap?.maxDischargeKw, share);
  }
  return {
    ...capability,
    ...(maxChargeKw === undefined ? {} : { maxChargeKw }),
    ...(maxDischargeKw === undefined ? {} : { maxDischargeKw }),
  };
}

function lower(heldKw: number | undefined, capKw: number | undefined, share: number): number | undefined {
  return capKw === undefined ? heldKw : Math.min(heldKw ?? Number.POSITIVE_INFINITY, capKw * share);
}

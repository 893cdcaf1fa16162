import { MS_PER_HOUR, MS_PER_MINUTE } from '../../domain/power.js';
import type { EnvelopeStep } from '../../ports/use-cases.js';
import type { SessionGoal } from '../planning/goals.js';
import type { Horizon } from '../planning/price-horizon.js';
import type { Efficiencies } from '../sessions/energy-window.js';

/**
 * Flexibility envelope of the connected fleet: per slot the bounds of net power, and of the energy at the
 * meter since the horizon's start (kWh, signed) by the slot's end, such that every target stays reachable.
 * The bounds are those of the single cars, added up: each is reachable, not every path between them is.
 */
export function envelopeOf(
  goals: readonly SessionGoal[],
  horizon: Horizon,
  efficiency: Efficiencies,
): EnvelopeStep[] {
  const slotMs = horizon.slotMinutes * MS_PER_MINUTE;
  const hours = slotMs / MS_PER_HOUR;
  const steps = Array.from({ length: horizon.slots }, (_, slot) => ({
    startMs: horizon.startMs + slot * slotMs,
    minNetKw: 0,
    maxNetKw: 0,
    minEnergyKwh: 0,
    maxEnergyKwh: 0,
  }));
  for (const goal of goals) {
    // Out of reach, or it follows nothing: no flexibility.
    if (goal.unsteered !== undefined) continue;
    const endSlot = Math.max(
      1,
      Math.min(horizon.slots, Math.floor((goal.planUntilMs - horizon.startMs) / slotMs)),
    );
    const chargeStepKwh = goal.maxChargeKw * hours * efficiency.chargeEfficiency;
    const dischargeStepKwh = (goal.maxDischargeKw * hours) / efficiency.dischargeEfficiency;
    const floorKwh = Math.min(goal.minEnergyKwh, goal.storedKwh);
    let highKwh = goal.storedKwh;
    let lowKwh = goal.storedKwh;
    for (let slot = 0; slot < horizon.slots; slot++) {
      const step = steps[slot];
      if (step === undefined) break;
      if (slot < endSlot) {
        const stillReachableKwh = goal.targetEnergyKwh - (endSlot - 1 - slot) * chargeStepKwh;
        highKwh = Math.min(goal.maxEnergyKwh, highKwh + chargeStepKwh);
        lowKwh = Math.min(highKwh, Math.max(floorKwh, lowKwh - dischargeStepKwh, stillReachableKwh));
        step.minNetKw += -goal.maxDischargeKw;
        step.maxNetKw += goal.maxChargeKw;
      }
      step.minEnergyKwh += atMeterKwh(lowKwh - goal.storedKwh, efficiency);
      step.maxEnergyKwh += atMeterKwh(highKwh - goal.storedKwh, efficiency);
    }
  }
  return steps;
}

function atMeterKwh(storedChangeKwh: number, efficiency: Efficiencies): number {
  return storedChangeKwh >= 0
    ? storedChangeKwh / efficiency.chargeEfficiency
    : storedChangeKwh * efficiency.dischargeEfficiency;
}

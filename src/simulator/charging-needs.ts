import type { NotifyEvChargingNeedsRequest } from '../ocpp/wire/smart-charging-messages.js';
import type { SessionPlan, StationTraits } from './session-plan.js';

/** What the EV asks for, told by an ISO 15118-20 car in dynamic mode. */
export interface NeedsSource {
  readonly evseNumber: number;
  readonly plan: SessionPlan;
  readonly traits: StationTraits;
  readonly energyKwh: number;
  /** RFC 3339. */
  readonly timestamp: string;
  readonly departureTime: string;
}

/** Most schedule entries that the simulated car takes (ISO 15118-20 allows 1024). */
const MAX_SCHEDULE_TUPLES = 1024;

/**
 * The needs message: powers as magnitudes in W, energies as signed Wh from now on. Energies are rounded
 * against us: the target up, what may be taken out and put in down.
 */
export function chargingNeedsOf(source: NeedsSource): NotifyEvChargingNeedsRequest {
  const { plan, traits, energyKwh } = source;
  const { battery } = plan;
  const charge = traits.current === 'ac' ? 'AC_three_phase' : 'DC';
  const both = traits.current === 'ac' ? 'AC_BPT' : 'DC_BPT';
  const discharges = plan.bidirectional && traits.maxDischargeKw > 0 && battery.maxDischargeKw > 0;
  return {
    evseId: source.evseNumber,
    timestamp: source.timestamp,
    maxScheduleTuples: MAX_SCHEDULE_TUPLES,
    chargingNeeds: {
      requestedEnergyTransfer: discharges ? both : charge,
      availableEnergyTransfer: discharges ? [charge, both] : [charge],
      controlMode: 'DynamicControl',
      mobilityNeedsMode: 'EVCC',
      departureTime: source.departureTime,
      v2xChargingParameters: {
        minChargePower: 0,
        maxChargePower: wattsDown(battery.maxChargeKw),
        evTargetEnergyRequest: wattHoursUp(plan.targetKwh - energyKwh),
        evMinEnergyRequest: wattHoursUp(-energyKwh),
        evMaxEnergyRequest: wattHoursDown(battery.capacityKwh - energyKwh),
        targetSoC: Math.min(100, Math.round((plan.targetKwh / battery.capacityKwh) * 100)),
        ...(discharges
          ? {
              minDischargePower: 0,
              maxDischargePower: wattsDown(battery.maxDischargeKw),
              evMinV2XEnergyRequest: wattHoursUp(battery.floorKwh - energyKwh),
              evMaxV2XEnergyRequest: wattHoursDown(battery.capacityKwh - energyKwh),
            }
          : {}),
      },
    },
  };
}

// The nudge keeps float noise from costing a whole Wh; + 0 turns −0 into 0.
const wattsDown = (kw: number) => Math.floor(kw * 1000 + 1e-6);
const wattHoursUp = (kwh: number) => Math.ceil(kwh * 1000 - 1e-6) + 0;
const wattHoursDown = (kwh: number) => Math.floor(kwh * 1000 + 1e-6) + 0;

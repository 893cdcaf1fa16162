import type { NotifyEvChargingNeedsRequest } from '../ocpp/wire/smart-charging-messages.js';
import type { SessionPlan, StationTraits } from './session-plan.js';

/**
 * By which protocol an EV states its needs, and so in which form they come: ISO 15118-20 in dynamic control,
 * ISO 15118-2 (one way only), or none at all.
 */
export type NeedsForm = 'iso15118-20' | 'iso15118-2' | 'none';

/** What the EV asks for. */
export interface NeedsSource {
  readonly evseNumber: number;
  readonly plan: SessionPlan;
  readonly traits: StationTraits;
  readonly energyKwh: number;
  /** RFC 3339. */
  readonly timestamp: string;
  readonly departureTime: string;
}

/** Most schedule entries that the simulated car takes (ISO 15118-20 allows 1024, ISO 15118-2 twelve). */
const MAX_SCHEDULE_TUPLES = 1024;
const MAX_SCHEDULE_TUPLES_2 = 12;
/** ISO 15118-2 speaks in currents; 6 A is the least that IEC 61851 knows. */
const PHASE_VOLTAGE_V = 230;
const LEAST_CURRENT_A = 6;
const DC_VOLTAGE_V = 460;

/** The needs message in the form of the EV's protocol; undefined when it has none. */
export function chargingNeedsOf(source: NeedsSource): NotifyEvChargingNeedsRequest | undefined {
  switch (source.traits.needs) {
    case 'iso15118-20':
      return modernNeeds(source);
    case 'iso15118-2':
      return oneWayNeeds(source);
    case 'none':
      return undefined;
  }
}

/** ISO 15118-2: what is to be charged, and the currents (AC) or battery (DC) that it is charged with. */
function oneWayNeeds({
  evseNumber,
  plan,
  traits,
  energyKwh,
  ...told
}: NeedsSource): NotifyEvChargingNeedsRequest {
  const { battery } = plan;
  const energyAmount = Math.max(0, wattHoursUp(plan.targetKwh - energyKwh));
  const isAc = traits.current === 'ac';
  const parameters = isAc
    ? {
        acChargingParameters: {
          energyAmount,
          evMinCurrent: LEAST_CURRENT_A,
          evMaxCurrent: Math.floor(wattsDown(battery.maxChargeKw) / (PHASE_VOLTAGE_V * traits.phases)),
          evMaxVoltage: PHASE_VOLTAGE_V,
        },
      }
    : {
        dcChargingParameters: {
          energyAmount,
          evMaxCurrent: Math.floor(wattsDown(battery.maxChargeKw) / DC_VOLTAGE_V),
          evMaxVoltage: DC_VOLTAGE_V,
          evMaxPower: wattsDown(battery.maxChargeKw),
          evEnergyCapacity: wattHoursDown(battery.capacityKwh),
          stateOfCharge: Math.floor((energyKwh / battery.capacityKwh) * 100),
          fullSoC: 100,
          bulkSoC: 80,
        },
      };
  return {
    evseId: evseNumber,
    timestamp: told.timestamp,
    maxScheduleTuples: MAX_SCHEDULE_TUPLES_2,
    chargingNeeds: {
      requestedEnergyTransfer: isAc ? acTransfer(traits) : 'DC',
      departureTime: told.departureTime,
      ...parameters,
    },
  };
}

const acTransfer = ({ phases }: StationTraits) => (phases === 1 ? 'AC_single_phase' : 'AC_three_phase');

/**
 * ISO 15118-20: powers as magnitudes in W, energies as signed Wh from now on. Energies are rounded
 * against us: the target up, what may be taken out and put in down.
 */
function modernNeeds(source: NeedsSource): NotifyEvChargingNeedsRequest {
  const { plan, traits, energyKwh } = source;
  const { battery } = plan;
  const charge = traits.current === 'ac' ? acTransfer(traits) : 'DC';
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

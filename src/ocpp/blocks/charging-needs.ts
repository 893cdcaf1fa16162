import type { ChargingNeeds } from '../../domain/session.js';
import { parseInstantMs } from '../wire/instant.js';
import type {
  AcChargingParameters,
  DcChargingParameters,
  NotifyEvChargingNeedsRequest,
  V2xChargingParameters,
  ChargingNeeds as WireNeeds,
} from '../wire/smart-charging-messages.js';
import type { EnergyTransferMode } from '../wire/transaction-messages.js';

const BIDIRECTIONAL: ReadonlySet<EnergyTransferMode> = new Set([
  'AC_BPT',
  'AC_BPT_DER',
  'DC_BPT',
  'DC_ACDP_BPT',
]);

/** The magnitudes and energies that the three forms of needs (ISO 15118-2 AC and DC, ISO 15118-20) have in common. */
type Amounts = Partial<
  Omit<
    ChargingNeeds,
    'statedAtMs' | 'receivedAtMs' | 'current' | 'bidirectional' | 'controlMode' | 'departureMs'
  >
>;

/**
 * What the EV needs, in kW and kWh. An ISO 15118-20 session fills `v2xChargingParameters`, a one-way one
 * too (OCPP 2.1 K19.FR.06), so bidirectional means: a BPT transfer was requested and the EV gave a
 * discharge power. `receivedAtMs` stands in for a missing timestamp.
 */
export function chargingNeedsOf(request: NotifyEvChargingNeedsRequest, receivedAtMs: number): ChargingNeeds {
  const { chargingNeeds: needs, timestamp, maxScheduleTuples } = request;
  const amounts = amountsOf(needs);
  return {
    statedAtMs: timestamp === undefined ? receivedAtMs : parseInstantMs(timestamp),
    receivedAtMs,
    current: needs.requestedEnergyTransfer.startsWith('AC') ? 'ac' : 'dc',
    bidirectional: BIDIRECTIONAL.has(needs.requestedEnergyTransfer) && (amounts.maxDischargeKw ?? 0) > 0,
    ...(needs.departureTime === undefined ? {} : { departureMs: parseInstantMs(needs.departureTime) }),
    controlMode: needs.controlMode === 'DynamicControl' ? 'dynamic' : 'scheduled',
    ...amounts,
    ...(maxScheduleTuples === undefined ? {} : { maxScheduleTuples }),
  };
}

function amountsOf(needs: WireNeeds): Amounts {
  return {
    ...(needs.acChargingParameters === undefined
      ? {}
      : acAmounts(needs.acChargingParameters, needs.requestedEnergyTransfer)),
    ...(needs.dcChargingParameters === undefined ? {} : dcAmounts(needs.dcChargingParameters)),
    ...(needs.v2xChargingParameters === undefined ? {} : v2xAmounts(needs.v2xChargingParameters)),
  };
}

/** ISO 15118-2 AC: currents per phase at the phase voltage. */
function acAmounts(ac: AcChargingParameters, transfer: EnergyTransferMode): Amounts {
  const phases = transfer === 'AC_single_phase' ? 1 : transfer === 'AC_two_phase' ? 2 : 3;
  return {
    targetEnergyKwh: ac.energyAmount / 1000,
    minChargeKw: (ac.evMinCurrent * ac.evMaxVoltage * phases) / 1000,
    maxChargeKw: (ac.evMaxCurrent * ac.evMaxVoltage * phases) / 1000,
  };
}

function dcAmounts(dc: DcChargingParameters): Amounts {
  return present({
    targetEnergyKwh: kilo(dc.energyAmount),
    maxChargeKw: kilo(dc.evMaxPower ?? dc.evMaxCurrent * dc.evMaxVoltage),
    batteryCapacityKwh: kilo(dc.evEnergyCapacity),
    socFraction: dc.stateOfCharge === undefined ? undefined : dc.stateOfCharge / 100,
  });
}

function v2xAmounts(v2x: V2xChargingParameters): Amounts {
  const power = (name: 'minChargePower' | 'maxChargePower' | 'minDischargePower' | 'maxDischargePower') =>
    kilo(phaseSum(v2x[name], v2x[`${name}_L2`], v2x[`${name}_L3`]));
  return present({
    minChargeKw: power('minChargePower'),
    maxChargeKw: power('maxChargePower'),
    minDischargeKw: power('minDischargePower'),
    maxDischargeKw: power('maxDischargePower'),
    targetEnergyKwh: kilo(v2x.evTargetEnergyRequest),
    minEnergyKwh: kilo(v2x.evMinEnergyRequest),
    maxEnergyKwh: kilo(v2x.evMaxEnergyRequest),
    minV2xEnergyKwh: kilo(v2x.evMinV2XEnergyRequest),
    maxV2xEnergyKwh: kilo(v2x.evMaxV2XEnergyRequest),
  });
}

/** Without L2 and L3 the bare field is the sum of the phases; with them it is L1. Magnitudes, whatever the sign. */
function phaseSum(l1?: number, l2?: number, l3?: number): number | undefined {
  if (l1 === undefined && l2 === undefined && l3 === undefined) return undefined;
  return Math.abs(l1 ?? 0) + Math.abs(l2 ?? 0) + Math.abs(l3 ?? 0);
}

const kilo = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : value / 1000;

type AmountName = keyof Amounts;

/** Drops what was not said; a value that the station did not send is absent, never 0. */
function present(amounts: { [Name in AmountName]?: number | undefined }): Amounts {
  return Object.fromEntries(Object.entries(amounts).filter(([, value]) => value !== undefined));
}

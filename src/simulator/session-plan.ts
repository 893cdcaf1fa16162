import type { StationId } from '../domain/ids.js';
import { type BatterySpec, DEFAULT_TAPER } from './battery.js';
import type { NeedsForm } from './charging-needs.js';
import { type OutboxQuirks, TIDY } from './outbox-quirks.js';
import { HONEST, type StationLies } from './station-lies.js';
import type { WireSpelling } from './wire-spelling.js';

/** One stay of one car at an EVSE, as the simulator will play it. Instants in the simulation's clock. */
export interface SessionPlan {
  readonly sessionId: string;
  /** The driver's token at the station. */
  readonly userId: string;
  readonly plugInMs: number;
  readonly plugOutMs: number;
  readonly battery: BatterySpec;
  /** Stored energy at plug-in and the one that the driver wants at plug-out, kWh. */
  readonly arrivalKwh: number;
  readonly targetKwh: number;
  readonly bidirectional: boolean;
  /** What is not in the source but assumed, for the one who reads a result. */
  readonly assumptions: readonly string[];
}

export interface StationRetries {
  /** RetryBackOffWaitMinimum, …RandomRange, …RepeatTimes. */
  readonly connectWaitS: number;
  readonly connectRandomS: number;
  readonly connectDoublings: number;
  /** MessageAttempts and MessageAttemptInterval of TransactionEvent. */
  readonly eventAttempts: number;
  readonly eventIntervalS: number;
}

/** How a station behaves; every field has a default in {@link DEFAULT_TRAITS}. */
export interface StationTraits {
  readonly current: 'ac' | 'dc';
  /** Rating of the EVSE at its meter; maxDischargeKw 0 = a station that only charges. */
  readonly maxChargeKw: number;
  readonly maxDischargeKw: number;
  readonly reactionMs: number;
  readonly rampKwPerS: number;
  readonly powerStyle: 'import-and-export' | 'negative-import';
  readonly connectorReports: 'StatusNotification' | 'NotifyEvent';
  /** Takes negative limits as discharge and has no CentralSetpoint (ocpp: section 6c). */
  readonly negativeLimits: boolean;
  /** Takes Dynamic profiles and UpdateDynamicSchedule (OCPP 2.1 K28). */
  readonly dynamicProfiles: boolean;
  /** Sends NotifyEVChargingSchedule after it has accepted a TxProfile. */
  readonly echoesSchedule: boolean;
  readonly periodsPerSchedule: number;
  /** Where it does, or tells, something else than it has accepted. */
  readonly lies: StationLies;
  /** How the EV states its needs; `none` = as with IEC 61851, energy flows without. */
  readonly needs: NeedsForm;
  readonly spelling: WireSpelling;
  /** The one unit of charging rates that it takes. */
  readonly rateUnit: 'W' | 'A';
  /** Phases of an AC supply. */
  readonly phases: 1 | 3;
  /** Takes Recurring profiles. */
  readonly recurringProfiles: boolean;
  /** `instances`: SupportsFeature[DynamicProfiles] and the like, as EVerest names them. */
  readonly featureNames: 'variables' | 'instances';
  /** Registers begin again at 0 here, Wh, and soon will. */
  readonly registerCapacityWh: number;
  readonly outbox: OutboxQuirks;
  /** Knows UpdateDynamicSchedule; EVerest lists Dynamic profiles without it. */
  readonly takesUpdates: boolean;
  /** How it comes back after a lost link, and how it repeats events that were refused (OCPPCommCtrlr). */
  readonly retries: StationRetries;
  /** Its clock is wrong by so much (ahead > 0) and does not take the CSMS's time. */
  readonly clockErrorMs: number;
}

/** A V2G wallbox: AC three-phase 11 kW both ways, speaks the standard. */
export const DEFAULT_TRAITS: StationTraits = {
  current: 'ac',
  maxChargeKw: 11,
  maxDischargeKw: 11,
  reactionMs: 1_000,
  rampKwPerS: 5,
  powerStyle: 'import-and-export',
  connectorReports: 'StatusNotification',
  negativeLimits: false,
  dynamicProfiles: false,
  echoesSchedule: true,
  periodsPerSchedule: 200,
  lies: HONEST,
  needs: 'iso15118-20',
  spelling: 'standard',
  rateUnit: 'W',
  phases: 3,
  recurringProfiles: false,
  featureNames: 'variables',
  registerCapacityWh: Number.POSITIVE_INFINITY,
  outbox: TIDY,
  takesUpdates: true,
  retries: {
    connectWaitS: 10,
    connectRandomS: 10,
    connectDoublings: 5,
    eventAttempts: 5,
    eventIntervalS: 10,
  },
  clockErrorMs: 0,
};

/** A station to simulate: one list of sessions per EVSE, each without overlaps. */
export interface StationPlan {
  readonly stationId: StationId;
  /** Absent: connects without credentials (`open`). */
  readonly password?: string;
  readonly evses: readonly { readonly sessions: readonly SessionPlan[] }[];
  readonly traits?: Partial<StationTraits>;
}

/**
 * What a session source does not tell of a car. No public data set holds V2G sessions: that a car can give
 * energy back, and at which power, is always an assumption.
 */
export interface CarAssumptions {
  readonly maxChargeKw: number;
  readonly maxDischargeKw: number;
  /** One way between the EVSE's meter and the cells. */
  readonly chargeEfficiency: number;
  readonly dischargeEfficiency: number;
  /** Share of the capacity that the car keeps for itself. */
  readonly floorFraction: number;
}

/** 11 kW is three phases of 16 A; 95 % one way is a good on-board charger; carmakers keep about a fifth. */
export const DEFAULT_CAR: CarAssumptions = {
  maxChargeKw: 11,
  maxDischargeKw: 11,
  chargeEfficiency: 0.95,
  dischargeEfficiency: 0.95,
  floorFraction: 0.2,
};

/** A battery of this capacity in an assumed car; no faster than 1 C either way. */
export function assumedBattery(capacityKwh: number, car: CarAssumptions): BatterySpec {
  return {
    capacityKwh,
    chargeEfficiency: car.chargeEfficiency,
    dischargeEfficiency: car.dischargeEfficiency,
    maxChargeKw: Math.min(car.maxChargeKw, capacityKwh),
    maxDischargeKw: Math.min(car.maxDischargeKw, capacityKwh),
    floorKwh: capacityKwh * car.floorFraction,
    taper: DEFAULT_TAPER,
  };
}

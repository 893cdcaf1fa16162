import { type EvseId, evseIdOf, type StationId, type TransactionId } from '../domain/ids.js';
import { appendSlice, type EnergySlice } from './energy-slice.js';
import type { SessionPlan } from './session-plan.js';
import {
  isTargetReachable,
  type Stay,
  TARGET_TOLERANCE_KWH,
  type UncontrolledCharging,
  uncontrolledCharging,
} from './uncontrolled.js';

/** What happened to one session, as the station saw it. Readable while it runs. */
export interface SessionReport {
  readonly sessionId: string;
  readonly stationId: StationId;
  readonly evseId: EvseId;
  readonly plan: SessionPlan;
  /** `refused`: the driver's token was not accepted, so no transaction. `running`: until plug-out. */
  readonly outcome: 'running' | 'ended' | 'refused';
  readonly transactionId?: TransactionId;
  readonly plugInMs: number;
  readonly plugOutMs?: number;
  /** Differences of the registers as emitted, Wh. */
  readonly importWh: number;
  readonly exportWh: number;
  /** The same energies exactly, kWh. */
  readonly importKwh: number;
  readonly exportKwh: number;
  readonly slices: readonly EnergySlice[];
  readonly arrivalKwh: number;
  /** Stored energy at plug-out, or so far. */
  readonly finalKwh: number;
  readonly targetKwh: number;
  /** Full power from plug-in would have reached the target. */
  readonly reachable: boolean;
  /** At plug-out; absent while the car is there. */
  readonly targetMet?: boolean;
  /** The same stay, charged at once at full power. */
  readonly uncontrolled: UncontrolledCharging;
  /** Real time from sending the needs to the first accepted TxProfile. */
  readonly needsToProfileMs?: number;
}

/** The mutable side of a {@link SessionReport}; owned by the EVSE that plays the session. */
export class SessionRecord implements SessionReport {
  readonly stationId: StationId;
  readonly evseId: EvseId;
  readonly plan: SessionPlan;
  readonly plugInMs: number;
  readonly reachable: boolean;
  readonly uncontrolled: UncontrolledCharging;
  readonly slices: EnergySlice[] = [];
  outcome: SessionReport['outcome'] = 'running';
  declare transactionId?: TransactionId;
  declare plugOutMs?: number;
  declare targetMet?: boolean;
  declare needsToProfileMs?: number;
  importWh = 0;
  exportWh = 0;
  importKwh = 0;
  exportKwh = 0;
  finalKwh: number;
  #beginWh: { importWh: number; exportWh: number } | undefined;
  #needsSentAtMs: number | undefined;

  constructor(
    place: { stationId: StationId; evseNumber: number; maxChargeKw: number },
    plan: SessionPlan,
    plugInMs: number,
  ) {
    this.stationId = place.stationId;
    this.evseId = evseIdOf(place.stationId, place.evseNumber);
    this.plan = plan;
    this.plugInMs = plugInMs;
    this.finalKwh = plan.arrivalKwh;
    const { battery, arrivalKwh, targetKwh, plugOutMs } = plan;
    const stay: Stay = { battery, arrivalKwh, targetKwh, plugInMs, plugOutMs };
    this.reachable = isTargetReachable(stay, place.maxChargeKw);
    this.uncontrolled = uncontrolledCharging(stay, place.maxChargeKw);
  }

  get sessionId(): string {
    return this.plan.sessionId;
  }
  get arrivalKwh(): number {
    return this.plan.arrivalKwh;
  }
  get targetKwh(): number {
    return this.plan.targetKwh;
  }

  addSlice(slice: EnergySlice, energyKwh: number): void {
    this.finalKwh = energyKwh;
    appendSlice(this.slices, slice);
    this.importKwh += slice.importKwh;
    this.exportKwh += slice.exportKwh;
  }

  /** Registers that have just been put into a message. */
  emitted(registersWh: { importWh: number; exportWh: number }): void {
    this.#beginWh ??= registersWh;
    this.importWh = registersWh.importWh - this.#beginWh.importWh;
    this.exportWh = registersWh.exportWh - this.#beginWh.exportWh;
  }

  needsSent(): void {
    this.#needsSentAtMs ??= performance.now();
  }

  profileAccepted(): void {
    if (this.needsToProfileMs !== undefined || this.#needsSentAtMs === undefined) return;
    this.needsToProfileMs = performance.now() - this.#needsSentAtMs;
  }

  refused(): void {
    this.outcome = 'refused';
  }

  ended(atMs: number): void {
    if (this.outcome === 'running') this.outcome = 'ended';
    this.plugOutMs = atMs;
    this.targetMet = this.finalKwh >= this.plan.targetKwh - TARGET_TOLERANCE_KWH;
  }
}

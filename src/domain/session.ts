import type { NeedsSource } from './ev-defaults.js';
import type { EvseId, SiteId, StationId, TransactionId } from './ids.js';

/** What NotifyEVChargingNeeds says, in kW and kWh. Energies are relative to the battery at `statedAtMs`. */
export interface ChargingNeeds {
  /** When the EV stated them (the station's timestamp, else receipt). The newest stated needs win. */
  readonly statedAtMs: number;
  readonly receivedAtMs: number;
  readonly current: 'ac' | 'dc';
  /** The requested energy transfer is a BPT mode and a discharge power > 0 was given (ocpp: 3.3). */
  readonly bidirectional: boolean;
  readonly departureMs?: number;
  /** Still to charge until departure; negative when above the target already. */
  readonly targetEnergyKwh?: number;
  /** Distance to the battery's own floor (≤ 0 normally) and ceiling (≥ 0 normally). */
  readonly minEnergyKwh?: number;
  readonly maxEnergyKwh?: number;
  /** The band in which the EV lets others cycle: −min = dischargeable now. */
  readonly minV2xEnergyKwh?: number;
  readonly maxV2xEnergyKwh?: number;
  /** Magnitudes ≥ 0 at the EVSE. */
  readonly minChargeKw?: number;
  readonly maxChargeKw?: number;
  readonly minDischargeKw?: number;
  readonly maxDischargeKw?: number;
  readonly batteryCapacityKwh?: number;
  readonly socFraction?: number;
  readonly controlMode: 'scheduled' | 'dynamic';
  /** Most schedule entries the EV takes. */
  readonly maxScheduleTuples?: number;
  /** Absent = the EV; else these are estimates, which any word of the EV replaces. */
  readonly source?: Exclude<NeedsSource, 'ev'>;
  /** The EV gave no departure; it is the default of the driver or the site. */
  readonly departureSource?: Exclude<NeedsSource, 'ev'>;
  /** What the EV said that cannot be, each with its field; it was left out or cut. Absent = nothing. */
  readonly faults?: readonly string[];
}

/**
 * The battery as the planner sees it, absolute kWh above an origin that the needs fix (0 = the car's floor
 * where it is known). `energyAtStatedKwh` is the stored energy at the needs' `statedAtMs`.
 */
export interface EnergyWindow {
  readonly energyAtStatedKwh: number;
  readonly minEnergyKwh: number;
  readonly maxEnergyKwh: number;
  readonly targetEnergyKwh: number;
  /** Upper edge of the band in which the EV lets others cycle, where it states one. */
  readonly v2xCeilingKwh?: number;
  /** State of charge when the needs were stated, and the capacity it refers to (at least), where known. */
  readonly socFractionAtStated?: number;
  readonly capacityKwh?: number;
  /** What had to be assumed or cut, for the session's explanation. */
  readonly notes: readonly WindowNote[];
}

export type WindowNote =
  | 'target-above-capacity'
  | 'target-missing'
  | 'capacity-missing'
  | 'departure-missing'
  | 'departure-in-past'
  | 'below-v2x-band'
  | 'charge-only';

/** Override by driver or operator (PATCH /v1/sessions/{transactionId}); beats the needs. */
export interface SessionOverride {
  readonly departureMs?: number;
  /** Energy to have at departure, kWh in the terms of the session's energy window. */
  readonly targetEnergyKwh?: number;
  /** No discharge, charge at once. */
  readonly optOut?: boolean;
  /** The driver asked at the station to charge at once (OCPP 2.1 K22): as an opt-out, until taken back there. */
  readonly priorityCharging?: boolean;
}

/** What a change does to an override: a value sets it, null withdraws it, what is absent stays. */
export type OverrideChange = {
  readonly [Field in Exclude<keyof SessionOverride, 'priorityCharging'>]?: SessionOverride[Field] | null;
};

/** The override after a change; undefined when nothing is overridden any more. */
export function overrideAfter(
  before: SessionOverride | undefined,
  change: OverrideChange,
): SessionOverride | undefined {
  const kept = Object.entries({ ...before, ...change }).filter(([, value]) => value !== null);
  return kept.length === 0 ? undefined : (Object.fromEntries(kept) as SessionOverride);
}

/** Import and export meter books of a session, apart, in Wh. Totals are last − begin per register. */
export interface SessionBooks {
  readonly importBeginWh?: number;
  readonly importLastWh?: number;
  readonly exportBeginWh?: number;
  readonly exportLastWh?: number;
  /** Energy of register runs before a reset or roll-over, Wh. */
  readonly importCarriedWh: number;
  readonly exportCarriedWh: number;
  /** The last instant whose interval energy is in the carried energy; only where no register is known. */
  readonly importIntervalsToMs?: number;
  readonly exportIntervalsToMs?: number;
  /** A reading told of export power; absent = none has. */
  readonly hasExported?: true;
  /** Instant of the last reading that held a register. */
  readonly lastReadingMs?: number;
  /** Last metered power at the EVSE, ≥ 0 each. */
  readonly importKw: number;
  readonly exportKw: number;
  readonly socFraction?: number;
  /** Import and export of the session when the state of charge was read: later readings may hold registers alone. */
  readonly socImportWh?: number;
  readonly socExportWh?: number;
}

/** Metering problems that a person or the settlement must see. Kept per session, each once. */
export type BookFlag =
  | 'register-went-back'
  /** The register passed its highest standing and began again; the energy is counted through. */
  | 'register-rolled-over'
  /** The station told energies per interval and no standing: the books are their sum. */
  | 'counted-by-intervals'
  /** A rise that no EVSE can draw; it is not counted. */
  | 'register-jumped'
  /** The station dated something into the future; it counts as of its receipt. */
  | 'clock-ahead'
  /** The station's clock stood still; what it told counts as of its receipt. */
  | 'clock-stopped'
  | 'import-and-export-contradict'
  | 'export-register-missing'
  | 'import-register-missing'
  | 'event-gap'
  | 'ended-without-readings'
  /** The station may still hold events of the ended session: its books are provisional. */
  | 'events-outstanding'
  /** The station did not say that no event is missing. */
  | 'closed-unconfirmed';

/** Plug-in to plug-out on one EVSE; carries OCPP's transaction. */
export interface Session {
  readonly transactionId: TransactionId;
  readonly stationId: StationId;
  readonly evseId: EvseId;
  readonly siteId?: SiteId;
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  readonly state: 'active' | 'ended';
  readonly stoppedReason?: string;
  readonly idToken?: string;
  readonly chargingState?: string;
  readonly needs?: ChargingNeeds;
  /** Books' totals at the instant the needs were stated: the needs' energies count from here. */
  readonly needsImportWh: number;
  readonly needsExportWh: number;
  readonly window?: EnergyWindow;
  readonly override?: SessionOverride;
  readonly books: SessionBooks;
  readonly flags: readonly BookFlag[];
  /** Highest transaction event number seen. */
  readonly lastSeqNo: number;
}

import type { ExternalLimit } from '../domain/external-limit.js';
import type { StationId, TransactionId } from '../domain/ids.js';
import type { DesiredProfile } from '../domain/profile.js';
import type { Reading } from '../domain/reading.js';
import type { ChargingNeeds } from '../domain/session.js';
import type {
  ConnectorStatus,
  DeviceVariable,
  EvseCapability,
  StationIdentity,
  StationNotice,
  StationProtocol,
} from '../domain/station.js';
import type { TransactionEvent } from '../domain/transaction-event.js';

export type AdmissionRefusal = 'unknown-station' | 'wrong-password';
export type Admission =
  | { readonly admitted: true }
  | { readonly admitted: false; readonly reason: AdmissionRefusal };

export interface BootAnswer {
  readonly status: 'Accepted' | 'Pending' | 'Rejected';
  /** Heartbeat interval when accepted, else seconds to wait before the next boot. */
  readonly intervalS: number;
}

export interface NeedsAnswer {
  readonly status: 'Accepted' | 'Processing' | 'NoChargingProfile' | 'Rejected';
  /** OCPP reasonCode (≤ 20 characters) and text, when the answer wants an explanation. */
  readonly reasonCode?: string;
  readonly detail?: string;
}

/** What the EV or the station says it will do; periods are signed kW from `startMs`, by the station's clock. */
export interface EvSchedule {
  readonly evseNumber: number;
  /** End of the last period; absent = not told. */
  readonly endMs?: number;
  readonly periods: readonly { readonly startMs: number; readonly powerKw: number }[];
}

/** What an EVSE has from us, and what it can do. */
export interface ProfileInForce {
  readonly profile: DesiredProfile;
  readonly capability: EvseCapability;
}

/**
 * What stations tell the engine, called by the OCPP edge, one message at a time per station and in order.
 * A promise that resolves means: durable. A rejected promise becomes a CALLERROR and the station retries.
 */
export interface StationEvents {
  /**
   * Before the handshake: identity and password against the registry. Without password the identity is proved
   * already (by its certificate), or nobody asks (`open` mode).
   */
  admit(stationId: StationId, password: string | undefined): Promise<Admission>;
  connected(stationId: StationId, protocol: StationProtocol): Promise<{ registered: boolean }>;
  disconnected(stationId: StationId): void;
  /** The station spelled something against the standard; it is served all the same. */
  nonConformant(stationId: StationId, what: string): void;
  booted(stationId: StationId, identity: StationIdentity, reason: string): Promise<BootAnswer>;
  /** Any message counts; keeps `lastSeenMs`. */
  heard(stationId: StationId): void;
  connectorStatus(
    stationId: StationId,
    evseNumber: number,
    connector: number,
    status: ConnectorStatus,
    atMs: number,
  ): Promise<void>;
  /** One page of an inventory; `complete` on the last. */
  deviceModelReported(
    stationId: StationId,
    rows: readonly DeviceVariable[],
    complete: boolean,
  ): Promise<void>;
  authorize(
    stationId: StationId,
    idToken: string,
    idTokenType: string,
  ): Promise<{ status: 'Accepted' | 'Invalid' | 'Blocked' }>;
  transactionEvent(
    stationId: StationId,
    event: TransactionEvent,
  ): Promise<{ idTokenStatus?: 'Accepted' | 'Invalid' | 'Blocked' }>;
  /** Readings outside a transaction (idle, clock aligned). evseNumber 0 = the whole station. */
  meterValues(stationId: StationId, evseNumber: number, readings: readonly Reading[]): Promise<void>;
  chargingNeeds(stationId: StationId, evseNumber: number, needs: ChargingNeeds): Promise<NeedsAnswer>;
  evSchedule(stationId: StationId, schedule: EvSchedule): Promise<{ accepted: boolean; reasonCode?: string }>;
  /** Somebody beside us limits the station; replaces that source's earlier limit of the same EVSE. */
  externalLimit(stationId: StationId, limit: ExternalLimit): Promise<void>;
  externalLimitCleared(stationId: StationId, evseNumber: number, source: string): Promise<void>;
  /** Kept with the station, and an alarm. */
  notice(stationId: StationId, notice: StationNotice): Promise<void>;
  /** Power by a high-rate stream, in time order: of now, not for the books. */
  telemetry(stationId: StationId, evseNumber: number, readings: readonly Reading[]): Promise<void>;
  /** The driver wants to be charged at once, or does so no more. */
  priorityCharging(stationId: StationId, transactionId: TransactionId, isActive: boolean): Promise<void>;
  /** The transaction that runs on an EVSE, if any; the edge needs it for profiles and checks. */
  activeTransaction(
    stationId: StationId,
    evseNumber: number,
  ): TransactionId | undefined | Promise<TransactionId | undefined>;
  /** The profile that an EVSE has from us, for a station that asks what it says now. */
  profileInForce(
    stationId: StationId,
    evseNumber: number,
  ): ProfileInForce | undefined | Promise<ProfileInForce | undefined>;
}

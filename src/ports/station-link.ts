import type { CompositeAnswer } from '../domain/composite-schedule.js';
import type { EvseId, StationId, TransactionId } from '../domain/ids.js';
import type { DesiredProfile, ProfileOutcome } from '../domain/profile.js';
import type { DeviceVariable, EvseCapability } from '../domain/station.js';
import type { CommandOutcome, StationCommand } from '../domain/station-command.js';

/** One variable to write; `value` as OCPP wants it (text). */
export interface VariableWrite {
  readonly component: string;
  readonly componentInstance?: string;
  readonly evseNumber?: number;
  readonly variable: string;
  readonly variableInstance?: string;
  readonly value: string;
}

/** One variable to read: its actual value. */
export type VariableRead = Omit<VariableWrite, 'value'>;

export interface VariableWriteResult extends VariableWrite {
  readonly status:
    | 'Accepted'
    | 'Rejected'
    | 'UnknownComponent'
    | 'UnknownVariable'
    | 'NotSupportedAttributeType'
    | 'RebootRequired';
}

/** `unknown`: the station cannot tell. */
export type ProfileReadBack =
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'found';
      readonly transactionId: TransactionId | undefined;
      /** Of the profile that we sent, or updated, it with. */
      readonly revision: number;
      readonly isDynamic: boolean;
    };

/**
 * What the engine asks of a station. Each call waits for the station's answer; a station that is away, too
 * slow or answers with an error throws STATION_OFFLINE, STATION_TIMEOUT, STATION_BUSY or STATION_REFUSED.
 */
export interface StationLink {
  isOnline(stationId: StationId): boolean;
  onlineCount(): number;
  /** Sends a desired profile in the dialect that the EVSE's capability allows. */
  applyProfile(profile: DesiredProfile, capability: EvseCapability): Promise<ProfileOutcome>;
  /**
   * Ends the steering of an EVSE without a jump: power 0, then idle where the EVSE knows that mode, then the
   * profile is removed and the charging-only default takes over.
   */
  stopSteering(inForce: DesiredProfile, capability: EvseCapability): Promise<void>;
  /** What the station holds of our transaction profile on an EVSE. */
  readBack(evseId: EvseId): Promise<ProfileReadBack>;
  /** What the station says that all profiles together make the EVSE do for `durationS` from now (OCPP 2.1 K08). */
  compositeSchedule(
    evseId: EvseId,
    durationS: number,
    capability: Pick<EvseCapability, 'rateUnits' | 'phases'>,
  ): Promise<CompositeAnswer>;
  /** Removes our transaction profile; the charging-only default takes over. */
  clearProfile(evseId: EvseId, transactionId: TransactionId): Promise<void>;
  /**
   * Installs the charging-only default profile (TxDefaultProfile) of one EVSE, `limitKw` > 0; over `phases` (three
   * when not known) where the station takes A only.
   */
  installDefault(evseId: EvseId, limitKw: number, phases?: 1 | 2 | 3): Promise<ProfileOutcome>;
  /** Installs the outer guard (ChargingStationMaxProfile): the whole station imports at most `limitKw` > 0. */
  installStationMax(stationId: StationId, limitKw: number, phases?: 1 | 2 | 3): Promise<ProfileOutcome>;
  /** Whether events of a transaction still wait at the station. */
  transactionStatus(
    stationId: StationId,
    transactionId: TransactionId,
  ): Promise<'events-waiting' | 'no-events-waiting' | 'not-supported'>;
  /** An operator's command. */
  command(stationId: StationId, command: StationCommand): Promise<CommandOutcome>;
  /** Asks for the full inventory; the rows arrive by {@link StationEvents.deviceModelReported}. */
  requestInventory(stationId: StationId): Promise<'accepted' | 'not-supported'>;
  /** Actual values of variables; those that the station does not know or give are left out. */
  readVariables(stationId: StationId, reads: readonly VariableRead[]): Promise<DeviceVariable[]>;
  writeVariables(stationId: StationId, writes: readonly VariableWrite[]): Promise<VariableWriteResult[]>;
  /** Closes the station's socket, e.g. after its credentials were changed. */
  disconnect(stationId: StationId, reason: string): void;
}

import type { StatusInfo } from './device-messages.js';
import type { EnergyTransferMode, OperationMode } from './transaction-messages.js';

/** Wire types of smart charging and bidirectional power transfer, OCPP 2.1 Edition 1 schemas. Powers in W. */

export interface AcChargingParameters {
  /** Wh. */
  energyAmount: number;
  evMinCurrent: number;
  evMaxCurrent: number;
  evMaxVoltage: number;
}

export interface DcChargingParameters {
  evMaxCurrent: number;
  evMaxVoltage: number;
  evMaxPower?: number;
  evEnergyCapacity?: number;
  energyAmount?: number;
  stateOfCharge?: number;
  fullSoC?: number;
  bulkSoC?: number;
}

/** Powers and currents are magnitudes ≥ 0, energies signed Wh relative to now (+ still to charge). */
export interface V2xChargingParameters {
  minChargePower?: number;
  minChargePower_L2?: number;
  minChargePower_L3?: number;
  maxChargePower?: number;
  maxChargePower_L2?: number;
  maxChargePower_L3?: number;
  minDischargePower?: number;
  minDischargePower_L2?: number;
  minDischargePower_L3?: number;
  maxDischargePower?: number;
  maxDischargePower_L2?: number;
  maxDischargePower_L3?: number;
  minChargeCurrent?: number;
  maxChargeCurrent?: number;
  minDischargeCurrent?: number;
  maxDischargeCurrent?: number;
  minVoltage?: number;
  maxVoltage?: number;
  evTargetEnergyRequest?: number;
  evMinEnergyRequest?: number;
  evMaxEnergyRequest?: number;
  evMinV2XEnergyRequest?: number;
  evMaxV2XEnergyRequest?: number;
  targetSoC?: number;
}

export interface ChargingNeeds {
  requestedEnergyTransfer: EnergyTransferMode;
  availableEnergyTransfer?: EnergyTransferMode[];
  /** Absent: ScheduledControl. */
  controlMode?: 'ScheduledControl' | 'DynamicControl';
  mobilityNeedsMode?: 'EVCC' | 'EVCC_SECC';
  departureTime?: string;
  acChargingParameters?: AcChargingParameters;
  dcChargingParameters?: DcChargingParameters;
  v2xChargingParameters?: V2xChargingParameters;
}

export interface NotifyEvChargingNeedsRequest {
  /** ≥ 1. */
  evseId: number;
  timestamp?: string;
  maxScheduleTuples?: number;
  chargingNeeds: ChargingNeeds;
}

export interface NotifyEvChargingNeedsResponse {
  status: 'Accepted' | 'Rejected' | 'Processing' | 'NoChargingProfile';
  statusInfo?: StatusInfo;
}

/** `setpoint` is signed (+ charge), `limit` ≥ 0, `dischargeLimit` ≤ 0. */
export interface ChargingSchedulePeriod {
  /** Seconds after the start of the schedule. */
  startPeriod: number;
  /** Absent: ChargingOnly. */
  operationMode?: OperationMode;
  limit?: number;
  dischargeLimit?: number;
  setpoint?: number;
  numberPhases?: number;
  phaseToUse?: number;
  limit_L2?: number;
  limit_L3?: number;
  dischargeLimit_L2?: number;
  dischargeLimit_L3?: number;
  setpoint_L2?: number;
  setpoint_L3?: number;
  v2xBaseline?: number;
  /** 2…20 points, Hz and W, added to the baseline. */
  v2xFreqWattCurve?: { frequency: number; power: number }[];
  v2xSignalWattCurve?: { signal: number; power: number }[];
}

export type ChargingRateUnit = 'W' | 'A';

export interface ChargingSchedule {
  id: number;
  startSchedule?: string;
  /** Seconds. */
  duration?: number;
  chargingRateUnit: ChargingRateUnit;
  minChargingRate?: number;
  chargingSchedulePeriod: ChargingSchedulePeriod[];
}

export interface ChargingProfile {
  id: number;
  stackLevel: number;
  chargingProfilePurpose:
    | 'ChargingStationExternalConstraints'
    | 'ChargingStationMaxProfile'
    | 'TxDefaultProfile'
    | 'TxProfile'
    | 'PriorityCharging'
    | 'LocalGeneration';
  chargingProfileKind: 'Absolute' | 'Recurring' | 'Relative' | 'Dynamic';
  recurrencyKind?: 'Daily' | 'Weekly';
  validFrom?: string;
  validTo?: string;
  transactionId?: string;
  /** Seconds that the profile stays valid without a link. */
  maxOfflineDuration?: number;
  invalidAfterOfflineDuration?: boolean;
  dynUpdateInterval?: number;
  dynUpdateTime?: string;
  chargingSchedule: ChargingSchedule[];
}

export interface SetChargingProfileRequest {
  evseId: number;
  chargingProfile: ChargingProfile;
}

export interface SetChargingProfileResponse {
  status: 'Accepted' | 'Rejected';
  statusInfo?: StatusInfo;
}

export interface ClearChargingProfileRequest {
  chargingProfileId?: number;
  chargingProfileCriteria?: {
    evseId?: number;
    chargingProfilePurpose?: ChargingProfile['chargingProfilePurpose'];
    stackLevel?: number;
  };
}

export interface ClearChargingProfileResponse {
  status: 'Accepted' | 'Unknown';
  statusInfo?: StatusInfo;
}

export interface NotifyEvChargingScheduleRequest {
  timeBase: string;
  evseId: number;
  selectedChargingScheduleId?: number;
  powerToleranceAcceptance?: boolean;
  chargingSchedule: ChargingSchedule;
}

export interface NotifyEvChargingScheduleResponse {
  status: 'Accepted' | 'Rejected';
  statusInfo?: StatusInfo;
}

/** New values of a Dynamic profile's one period; signs as in the period. Absent values stay as they are. */
export interface ChargingScheduleUpdate {
  limit?: number;
  dischargeLimit?: number;
  setpoint?: number;
  setpointReactive?: number;
}

export interface UpdateDynamicScheduleRequest {
  chargingProfileId: number;
  scheduleUpdate: ChargingScheduleUpdate;
}

export interface UpdateDynamicScheduleResponse {
  status: 'Accepted' | 'Rejected';
  statusInfo?: StatusInfo;
}

export interface PullDynamicScheduleUpdateRequest {
  chargingProfileId: number;
}

export interface PullDynamicScheduleUpdateResponse {
  status: 'Accepted' | 'Rejected';
  scheduleUpdate?: ChargingScheduleUpdate;
  statusInfo?: StatusInfo;
}

export interface GetCompositeScheduleRequest {
  evseId: number;
  /** Seconds from now. */
  duration: number;
  chargingRateUnit?: ChargingRateUnit;
}

export interface CompositeSchedule {
  evseId: number;
  duration: number;
  scheduleStart: string;
  chargingRateUnit: ChargingRateUnit;
  chargingSchedulePeriod: ChargingSchedulePeriod[];
}

export interface GetCompositeScheduleResponse {
  status: 'Accepted' | 'Rejected';
  schedule?: CompositeSchedule;
  statusInfo?: StatusInfo;
}

export interface GetChargingProfilesRequest {
  requestId: number;
  evseId?: number;
  chargingProfile: {
    chargingProfilePurpose?: ChargingProfile['chargingProfilePurpose'];
    stackLevel?: number;
    chargingProfileId?: number[];
    chargingLimitSource?: string[];
  };
}

export interface GetChargingProfilesResponse {
  status: 'Accepted' | 'NoProfiles';
  statusInfo?: StatusInfo;
}

export interface ReportChargingProfilesRequest {
  requestId: number;
  /** CSO = set by the CSMS; EMS, SO and Other are masters beside it. */
  chargingLimitSource: string;
  chargingProfile: ChargingProfile[];
  evseId: number;
  tbc?: boolean;
}

export interface NotifyChargingLimitRequest {
  chargingLimit: { chargingLimitSource: string; isLocalGeneration?: boolean; isGridCritical?: boolean };
  chargingSchedule?: ChargingSchedule[];
  /** 0 or absent = the whole station. */
  evseId?: number;
}

export interface ClearedChargingLimitRequest {
  chargingLimitSource: string;
  evseId?: number;
}

export interface UsePriorityChargingRequest {
  transactionId: string;
  activate: boolean;
}

export interface UsePriorityChargingResponse {
  /** NoProfile: the station has no PriorityCharging profile. */
  status: 'Accepted' | 'Rejected' | 'NoProfile';
  statusInfo?: StatusInfo;
}

export interface NotifyPriorityChargingRequest {
  transactionId: string;
  activated: boolean;
}

export interface AfrrSignalRequest {
  timestamp: string;
  /** Looked up in the active v2xSignalWattCurve. */
  signal: number;
}

export interface AcceptedOrRejected {
  status: 'Accepted' | 'Rejected';
  statusInfo?: StatusInfo;
}

export interface NotifyAllowedEnergyTransferRequest {
  transactionId: string;
  allowedEnergyTransfer: EnergyTransferMode[];
}

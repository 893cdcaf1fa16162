import type { Evse } from './device-messages.js';

/** Wire types of authorisation, transactions and metering, OCPP 2.1 Edition 1 schemas. */

export interface IdToken {
  /** At most 255 characters (36 in 2.0.1). */
  idToken: string;
  /** Open string in 2.1, e.g. ISO14443, Central, eMAID, EVCCID, NoAuthorization. */
  type: string;
  additionalInfo?: { additionalIdToken: string; type: string }[];
}

export type AuthorizationStatus =
  | 'Accepted'
  | 'Blocked'
  | 'ConcurrentTx'
  | 'Expired'
  | 'Invalid'
  | 'NoCredit'
  | 'NotAllowedTypeEVSE'
  | 'NotAtThisLocation'
  | 'NotAtThisTime'
  | 'Unknown';

export interface IdTokenInfo {
  status: AuthorizationStatus;
  cacheExpiryDateTime?: string;
  chargingPriority?: number;
}

export type EnergyTransferMode =
  | 'AC_single_phase'
  | 'AC_two_phase'
  | 'AC_three_phase'
  | 'DC'
  | 'AC_BPT'
  | 'AC_BPT_DER'
  | 'AC_DER'
  | 'DC_BPT'
  | 'DC_ACDP'
  | 'DC_ACDP_BPT'
  | 'WPT';

export interface AuthorizeRequest {
  idToken: IdToken;
  certificate?: string;
}

export interface AuthorizeResponse {
  idTokenInfo: IdTokenInfo;
  allowedEnergyTransfer?: EnergyTransferMode[];
}

export type OperationMode =
  | 'Idle'
  | 'ChargingOnly'
  | 'CentralSetpoint'
  | 'ExternalSetpoint'
  | 'ExternalLimits'
  | 'CentralFrequency'
  | 'LocalFrequency'
  | 'LocalLoadBalancing';

export type ReadingContext =
  | 'Interruption.Begin'
  | 'Interruption.End'
  | 'Other'
  | 'Sample.Clock'
  | 'Sample.Periodic'
  | 'Transaction.Begin'
  | 'Transaction.End'
  | 'Trigger';

export type Phase = 'L1' | 'L2' | 'L3' | 'N' | 'L1-N' | 'L2-N' | 'L3-N' | 'L1-L2' | 'L2-L3' | 'L3-L1';
export type MeterLocation = 'Body' | 'Cable' | 'EV' | 'Inlet' | 'Outlet' | 'Upstream';

/** Absent: measurand Energy.Active.Import.Register, context Sample.Periodic, location Outlet, unit Wh. */
export interface SampledValue {
  value: number;
  measurand?: string;
  context?: ReadingContext;
  phase?: Phase;
  location?: MeterLocation;
  unitOfMeasure?: { unit?: string; multiplier?: number };
  signedMeterValue?: {
    signedMeterData: string;
    encodingMethod: string;
    signingMethod?: string;
    publicKey?: string;
  };
}

export interface MeterValue {
  timestamp: string;
  sampledValue: SampledValue[];
}

export interface MeterValuesRequest {
  /** 0 = the station's main meter. */
  evseId: number;
  meterValue: MeterValue[];
}

export type TriggerReason =
  | 'AbnormalCondition'
  | 'Authorized'
  | 'CablePluggedIn'
  | 'ChargingRateChanged'
  | 'ChargingStateChanged'
  | 'CostLimitReached'
  | 'Deauthorized'
  | 'EnergyLimitReached'
  | 'EVCommunicationLost'
  | 'EVConnectTimeout'
  | 'EVDeparted'
  | 'EVDetected'
  | 'LimitSet'
  | 'MeterValueClock'
  | 'MeterValuePeriodic'
  | 'OperationModeChanged'
  | 'RemoteStart'
  | 'RemoteStop'
  | 'ResetCommand'
  | 'RunningCost'
  | 'SignedDataReceived'
  | 'SoCLimitReached'
  | 'StopAuthorized'
  | 'TariffChanged'
  | 'TariffNotAccepted'
  | 'TimeLimitReached'
  | 'Trigger'
  | 'TxResumed'
  | 'UnlockCommand';

export type ChargingState = 'EVConnected' | 'Charging' | 'SuspendedEV' | 'SuspendedEVSE' | 'Idle';

export type StoppedReason =
  | 'DeAuthorized'
  | 'EmergencyStop'
  | 'EnergyLimitReached'
  | 'EVDisconnected'
  | 'GroundFault'
  | 'ImmediateReset'
  | 'MasterPass'
  | 'Local'
  | 'LocalOutOfCredit'
  | 'Other'
  | 'OvercurrentFault'
  | 'PowerLoss'
  | 'PowerQuality'
  | 'Reboot'
  | 'Remote'
  | 'SOCLimitReached'
  | 'StoppedByEV'
  | 'TimeLimitReached'
  | 'Timeout'
  | 'ReqEnergyTransferRejected';

export interface TransactionInfo {
  /** At most 36 characters. */
  transactionId: string;
  chargingState?: ChargingState;
  /** Seconds of flow into the EV; discharge does not count. */
  timeSpentCharging?: number;
  stoppedReason?: StoppedReason;
  remoteStartId?: number;
  operationMode?: OperationMode;
}

export interface TransactionEventRequest {
  eventType: 'Started' | 'Updated' | 'Ended';
  timestamp: string;
  triggerReason: TriggerReason;
  seqNo: number;
  offline?: boolean;
  numberOfPhasesUsed?: number;
  cableMaxCurrent?: number;
  reservationId?: number;
  transactionInfo: TransactionInfo;
  evse?: Evse;
  idToken?: IdToken;
  meterValue?: MeterValue[];
}

export interface TransactionEventResponse {
  totalCost?: number;
  chargingPriority?: number;
  idTokenInfo?: IdTokenInfo;
}

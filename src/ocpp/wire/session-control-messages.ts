import type { Evse, StatusInfo } from './device-messages.js';
import type { ChargingProfile } from './smart-charging-messages.js';
import type { IdToken } from './transaction-messages.js';

/** Wire types of remote control and of what ends a session, OCPP 2.1 Edition 1 schemas. */

export interface RequestStartTransactionRequest {
  idToken: IdToken;
  remoteStartId: number;
  evseId?: number;
  /** A TxProfile without transactionId: there is none yet. */
  chargingProfile?: ChargingProfile;
}

export interface RequestStartTransactionResponse {
  status: 'Accepted' | 'Rejected';
  statusInfo?: StatusInfo;
  /** Only if a transaction ran already. */
  transactionId?: string;
}

export interface RequestStopTransactionRequest {
  transactionId: string;
}

export interface GetTransactionStatusRequest {
  transactionId?: string;
}

export interface GetTransactionStatusResponse {
  /** False: no event of the transaction waits at the station any more. */
  messagesInQueue: boolean;
  ongoingIndicator?: boolean;
}

export interface TriggerMessageRequest {
  requestedMessage:
    | 'BootNotification'
    | 'Heartbeat'
    | 'MeterValues'
    | 'StatusNotification'
    | 'TransactionEvent'
    | 'LogStatusNotification'
    | 'FirmwareStatusNotification';
  evse?: Evse;
}

export interface TriggerMessageResponse {
  status: 'Accepted' | 'Rejected' | 'NotImplemented';
  statusInfo?: StatusInfo;
}

export interface ResetRequest {
  type: 'Immediate' | 'OnIdle' | 'ImmediateAndResume';
  evseId?: number;
}

export interface ScheduledResponse {
  status: 'Accepted' | 'Rejected' | 'Scheduled';
  statusInfo?: StatusInfo;
}

export interface ChangeAvailabilityRequest {
  operationalStatus: 'Inoperative' | 'Operative';
  evse?: Evse;
}

export interface CostUpdatedRequest {
  /** Below zero: the driver earns. */
  totalCost: number;
  transactionId: string;
}

/** Of an ad-hoc payment terminal; no settlement of V2G. */
export interface NotifySettlementRequest {
  pspRef: string;
  status: 'Settled' | 'Canceled' | 'Rejected' | 'Failed';
  settlementAmount: number;
  settlementTime: string;
  transactionId?: string;
  statusInfo?: string;
  receiptId?: string;
}

export interface NotifySettlementResponse {
  receiptUrl?: string;
  receiptId?: string;
}

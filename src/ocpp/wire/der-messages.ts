import type { StatusInfo } from './device-messages.js';

/** Wire types of distributed-energy-resource (DER) control, OCPP 2.1 Edition 1 schemas: what caps an export. */

export interface LimitMaxDischarge {
  /** 0 = strongest. */
  priority: number;
  /** Of the rated discharge power, 0…100. */
  pctMaxDischargePower?: number;
  startTime?: string;
  /** Seconds. */
  duration?: number;
}

export interface SetDerControlRequest {
  isDefault: boolean;
  /** At most 36 characters. */
  controlId: string;
  controlType: 'LimitMaxDischarge';
  limitMaxDischarge: LimitMaxDischarge;
}

export interface SetDerControlResponse extends DerControlResponse {
  supersededIds?: string[];
}

export interface DerControlResponse {
  status: 'Accepted' | 'Rejected' | 'NotSupported' | 'NotFound';
  statusInfo?: StatusInfo;
}

/** The controls come by ReportDERControl. */
export interface GetDerControlRequest {
  requestId: number;
  isDefault?: boolean;
  controlId?: string;
}

export interface ClearDerControlRequest {
  isDefault: boolean;
  controlId?: string;
}

/** Of the many kinds of control only what limits the export is read here. */
export interface ReportDerControlRequest {
  requestId: number;
  tbc?: boolean;
  limitMaxDischarge?: {
    id: string;
    isDefault: boolean;
    isSuperseded: boolean;
    limitMaxDischarge: LimitMaxDischarge;
  }[];
}

export interface NotifyDerAlarmRequest {
  /** E.g. LimitMaxDischarge, HVMustTrip. */
  controlType: string;
  /** E.g. OverFrequency, UnderVoltage. */
  gridEventFault?: string;
  alarmEnded?: boolean;
  timestamp: string;
  extraInfo?: string;
}

export interface NotifyDerStartStopRequest {
  controlId: string;
  started: boolean;
  timestamp: string;
  supersededIds?: string[];
}

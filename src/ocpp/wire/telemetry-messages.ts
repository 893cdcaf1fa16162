import type { Component, StatusInfo, Variable } from './device-messages.js';

/** Wire types of variable monitoring and periodic event streams, OCPP 2.1 Edition 1 schemas. */

export interface PeriodicEventStreamParams {
  /** Seconds between two messages. */
  interval?: number;
  /** Samples in one message. */
  values?: number;
}

export interface ConstantStreamData {
  /** The station's number of the stream. */
  id: number;
  params: PeriodicEventStreamParams;
  variableMonitoringId: number;
}

export interface OpenPeriodicEventStreamRequest {
  constantStreamData: ConstantStreamData;
}

export interface ClosePeriodicEventStreamRequest {
  id: number;
}

/** Unconfirmed (SEND). */
export interface NotifyPeriodicEventStream {
  id: number;
  /** Samples that wait at the station. */
  pending: number;
  basetime: string;
  /** `t` in seconds after basetime, `v` as text. */
  data: { t: number; v: string }[];
}

export interface AdjustPeriodicEventStreamRequest {
  id: number;
  params: PeriodicEventStreamParams;
}

export type GetPeriodicEventStreamRequest = Record<string, never>;

export interface GetPeriodicEventStreamResponse {
  constantStreamData?: ConstantStreamData[];
}

export type MonitorKind =
  | 'UpperThreshold'
  | 'LowerThreshold'
  | 'Delta'
  | 'Periodic'
  | 'PeriodicClockAligned'
  | 'TargetDelta'
  | 'TargetDeltaRelative';

export interface SetMonitoringData {
  /** Threshold or change in the variable's unit; of the periodic kinds: seconds between two samples. */
  value: number;
  type: MonitorKind;
  /** 0 (danger) … 9 (debug). */
  severity: number;
  component: Component;
  variable: Variable;
  id?: number;
  periodicEventStream?: PeriodicEventStreamParams;
  /** Only while a transaction runs. */
  transaction?: boolean;
}

export interface SetVariableMonitoringRequest {
  setMonitoringData: SetMonitoringData[];
}

export interface SetMonitoringResult {
  status:
    | 'Accepted'
    | 'UnknownComponent'
    | 'UnknownVariable'
    | 'UnsupportedMonitorType'
    | 'Rejected'
    | 'Duplicate';
  type: MonitorKind;
  component: Component;
  variable: Variable;
  severity: number;
  /** Given by the station when it accepts. */
  id?: number;
  statusInfo?: StatusInfo;
}

export interface SetVariableMonitoringResponse {
  setMonitoringResult: SetMonitoringResult[];
}

export interface ClearVariableMonitoringRequest {
  id: number[];
}

export interface ClearVariableMonitoringResponse {
  clearMonitoringResult: {
    status: 'Accepted' | 'Rejected' | 'NotFound';
    id: number;
    statusInfo?: StatusInfo;
  }[];
}

import type * as der from './der-messages.js';
import type * as device from './device-messages.js';
import type * as control from './session-control-messages.js';
import type * as smart from './smart-charging-messages.js';
import type * as telemetry from './telemetry-messages.js';
import type * as transaction from './transaction-messages.js';

/** CALLs that a charging station makes. */
export interface StationCalls {
  BootNotification: { request: device.BootNotificationRequest; response: device.BootNotificationResponse };
  Heartbeat: { request: device.HeartbeatRequest; response: device.HeartbeatResponse };
  StatusNotification: { request: device.StatusNotificationRequest; response: device.EmptyResponse };
  NotifyEvent: { request: device.NotifyEventRequest; response: device.EmptyResponse };
  NotifyReport: { request: device.NotifyReportRequest; response: device.EmptyResponse };
  SecurityEventNotification: {
    request: device.SecurityEventNotificationRequest;
    response: device.EmptyResponse;
  };
  Authorize: { request: transaction.AuthorizeRequest; response: transaction.AuthorizeResponse };
  TransactionEvent: {
    request: transaction.TransactionEventRequest;
    response: transaction.TransactionEventResponse;
  };
  MeterValues: { request: transaction.MeterValuesRequest; response: device.EmptyResponse };
  NotifyEVChargingNeeds: {
    request: smart.NotifyEvChargingNeedsRequest;
    response: smart.NotifyEvChargingNeedsResponse;
  };
  NotifyEVChargingSchedule: {
    request: smart.NotifyEvChargingScheduleRequest;
    response: smart.NotifyEvChargingScheduleResponse;
  };
  PullDynamicScheduleUpdate: {
    request: smart.PullDynamicScheduleUpdateRequest;
    response: smart.PullDynamicScheduleUpdateResponse;
  };
  ReportChargingProfiles: {
    request: smart.ReportChargingProfilesRequest;
    response: device.EmptyResponse;
  };
  NotifyChargingLimit: { request: smart.NotifyChargingLimitRequest; response: device.EmptyResponse };
  ClearedChargingLimit: { request: smart.ClearedChargingLimitRequest; response: device.EmptyResponse };
  NotifyPriorityCharging: { request: smart.NotifyPriorityChargingRequest; response: device.EmptyResponse };
  OpenPeriodicEventStream: {
    request: telemetry.OpenPeriodicEventStreamRequest;
    response: smart.AcceptedOrRejected;
  };
  ClosePeriodicEventStream: {
    request: telemetry.ClosePeriodicEventStreamRequest;
    response: device.EmptyResponse;
  };
  ReportDERControl: { request: der.ReportDerControlRequest; response: device.EmptyResponse };
  NotifyDERAlarm: { request: der.NotifyDerAlarmRequest; response: device.EmptyResponse };
  NotifyDERStartStop: { request: der.NotifyDerStartStopRequest; response: device.EmptyResponse };
  NotifySettlement: {
    request: control.NotifySettlementRequest;
    response: control.NotifySettlementResponse;
  };
}

/** CALLs that the CSMS makes. */
export interface CsmsCalls {
  GetBaseReport: { request: device.GetBaseReportRequest; response: device.GetBaseReportResponse };
  GetVariables: { request: device.GetVariablesRequest; response: device.GetVariablesResponse };
  SetVariables: { request: device.SetVariablesRequest; response: device.SetVariablesResponse };
  SetChargingProfile: {
    request: smart.SetChargingProfileRequest;
    response: smart.SetChargingProfileResponse;
  };
  ClearChargingProfile: {
    request: smart.ClearChargingProfileRequest;
    response: smart.ClearChargingProfileResponse;
  };
  UpdateDynamicSchedule: {
    request: smart.UpdateDynamicScheduleRequest;
    response: smart.UpdateDynamicScheduleResponse;
  };
  GetCompositeSchedule: {
    request: smart.GetCompositeScheduleRequest;
    response: smart.GetCompositeScheduleResponse;
  };
  GetChargingProfiles: {
    request: smart.GetChargingProfilesRequest;
    response: smart.GetChargingProfilesResponse;
  };
  AFRRSignal: { request: smart.AfrrSignalRequest; response: smart.AcceptedOrRejected };
  NotifyAllowedEnergyTransfer: {
    request: smart.NotifyAllowedEnergyTransferRequest;
    response: smart.AcceptedOrRejected;
  };
  RequestStartTransaction: {
    request: control.RequestStartTransactionRequest;
    response: control.RequestStartTransactionResponse;
  };
  RequestStopTransaction: {
    request: control.RequestStopTransactionRequest;
    response: smart.AcceptedOrRejected;
  };
  GetTransactionStatus: {
    request: control.GetTransactionStatusRequest;
    response: control.GetTransactionStatusResponse;
  };
  TriggerMessage: { request: control.TriggerMessageRequest; response: control.TriggerMessageResponse };
  Reset: { request: control.ResetRequest; response: control.ScheduledResponse };
  ChangeAvailability: {
    request: control.ChangeAvailabilityRequest;
    response: control.ScheduledResponse;
  };
  UsePriorityCharging: {
    request: smart.UsePriorityChargingRequest;
    response: smart.UsePriorityChargingResponse;
  };
  SetVariableMonitoring: {
    request: telemetry.SetVariableMonitoringRequest;
    response: telemetry.SetVariableMonitoringResponse;
  };
  ClearVariableMonitoring: {
    request: telemetry.ClearVariableMonitoringRequest;
    response: telemetry.ClearVariableMonitoringResponse;
  };
  GetPeriodicEventStream: {
    request: telemetry.GetPeriodicEventStreamRequest;
    response: telemetry.GetPeriodicEventStreamResponse;
  };
  AdjustPeriodicEventStream: {
    request: telemetry.AdjustPeriodicEventStreamRequest;
    response: smart.AcceptedOrRejected;
  };
  SetDERControl: { request: der.SetDerControlRequest; response: der.SetDerControlResponse };
  GetDERControl: { request: der.GetDerControlRequest; response: der.DerControlResponse };
  ClearDERControl: { request: der.ClearDerControlRequest; response: der.DerControlResponse };
  CostUpdated: { request: control.CostUpdatedRequest; response: device.EmptyResponse };
}

/** Every CALL we speak, by action. */
export interface Calls extends StationCalls, CsmsCalls {}

export type Action = keyof Calls;
export type RequestOf<A extends Action> = Calls[A]['request'];
export type ResponseOf<A extends Action> = Calls[A]['response'];

/** Answers one CALL; a thrown RpcError becomes that CALLERROR, anything else InternalError. */
export type CallHandler<A extends Action> = (payload: RequestOf<A>) => Promise<ResponseOf<A>>;
export type CallHandlers = { readonly [A in Action]?: CallHandler<A> };

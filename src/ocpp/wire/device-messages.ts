/** Wire types of provisioning and availability, OCPP 2.1 Edition 1 schemas. Names and units are the standard's. */

export interface StatusInfo {
  /** At most 20 characters. */
  reasonCode: string;
  /** At most 1024 characters. */
  additionalInfo?: string;
}

export interface Evse {
  id: number;
  connectorId?: number;
}

export interface Component {
  name: string;
  instance?: string;
  evse?: Evse;
}

export interface Variable {
  name: string;
  instance?: string;
}

export type AttributeKind = 'Actual' | 'Target' | 'MinSet' | 'MaxSet';

export interface BootNotificationRequest {
  reason:
    | 'ApplicationReset'
    | 'FirmwareUpdate'
    | 'LocalReset'
    | 'PowerUp'
    | 'RemoteReset'
    | 'ScheduledReset'
    | 'Triggered'
    | 'Unknown'
    | 'Watchdog';
  chargingStation: {
    model: string;
    vendorName: string;
    serialNumber?: string;
    firmwareVersion?: string;
    modem?: { iccid?: string; imsi?: string };
  };
}

export interface BootNotificationResponse {
  currentTime: string;
  interval: number;
  status: 'Accepted' | 'Pending' | 'Rejected';
  statusInfo?: StatusInfo;
}

export type HeartbeatRequest = Record<string, never>;

export interface HeartbeatResponse {
  currentTime: string;
}

export type EmptyResponse = Record<string, never>;

export interface SecurityEventNotificationRequest {
  type: string;
  timestamp: string;
  techInfo?: string;
}

export type ConnectorStatus = 'Available' | 'Occupied' | 'Reserved' | 'Unavailable' | 'Faulted';

export interface StatusNotificationRequest {
  timestamp: string;
  connectorStatus: ConnectorStatus;
  evseId: number;
  connectorId: number;
}

export interface EventData {
  eventId: number;
  timestamp: string;
  trigger: 'Alerting' | 'Delta' | 'Periodic';
  actualValue: string;
  component: Component;
  variable: Variable;
  eventNotificationType:
    | 'HardWiredNotification'
    | 'HardWiredMonitor'
    | 'PreconfiguredMonitor'
    | 'CustomMonitor';
  cause?: number;
  techCode?: string;
  techInfo?: string;
  cleared?: boolean;
  transactionId?: string;
  variableMonitoringId?: number;
  severity?: number;
}

export interface NotifyEventRequest {
  generatedAt: string;
  seqNo: number;
  tbc?: boolean;
  eventData: EventData[];
}

export interface GetBaseReportRequest {
  requestId: number;
  reportBase: 'ConfigurationInventory' | 'FullInventory' | 'SummaryInventory';
}

export interface GetBaseReportResponse {
  status: 'Accepted' | 'Rejected' | 'NotSupported' | 'EmptyResultSet';
  statusInfo?: StatusInfo;
}

export interface VariableAttribute {
  type?: AttributeKind;
  value?: string;
  mutability?: 'ReadOnly' | 'WriteOnly' | 'ReadWrite';
  persistent?: boolean;
  constant?: boolean;
}

export interface VariableCharacteristics {
  dataType:
    | 'string'
    | 'decimal'
    | 'integer'
    | 'dateTime'
    | 'boolean'
    | 'OptionList'
    | 'SequenceList'
    | 'MemberList';
  supportsMonitoring: boolean;
  unit?: string;
  minLimit?: number;
  maxLimit?: number;
  maxElements?: number;
  valuesList?: string;
}

export interface ReportData {
  component: Component;
  variable: Variable;
  variableAttribute: VariableAttribute[];
  variableCharacteristics?: VariableCharacteristics;
}

export interface NotifyReportRequest {
  requestId: number;
  generatedAt: string;
  seqNo: number;
  tbc?: boolean;
  reportData?: ReportData[];
}

export type VariableStatus =
  | 'Accepted'
  | 'Rejected'
  | 'UnknownComponent'
  | 'UnknownVariable'
  | 'NotSupportedAttributeType';

export interface GetVariableData {
  component: Component;
  variable: Variable;
  attributeType?: AttributeKind;
}

export interface GetVariablesRequest {
  getVariableData: GetVariableData[];
}

export interface GetVariableResult {
  attributeStatus: VariableStatus;
  component: Component;
  variable: Variable;
  attributeType?: AttributeKind;
  attributeValue?: string;
  attributeStatusInfo?: StatusInfo;
}

export interface GetVariablesResponse {
  getVariableResult: GetVariableResult[];
}

export interface SetVariableData {
  component: Component;
  variable: Variable;
  attributeValue: string;
  attributeType?: AttributeKind;
}

export interface SetVariablesRequest {
  setVariableData: SetVariableData[];
}

export interface SetVariableResult {
  attributeStatus: VariableStatus | 'RebootRequired';
  component: Component;
  variable: Variable;
  attributeType?: AttributeKind;
  attributeStatusInfo?: StatusInfo;
}

export interface SetVariablesResponse {
  setVariableResult: SetVariableResult[];
}

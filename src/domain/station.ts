import type { DriverDefaults, EvDefaults } from './ev-defaults.js';
import type { ExternalLimit } from './external-limit.js';
import type { EvseId, SiteId, StationId } from './ids.js';
import type { ChargingNeeds } from './session.js';

/** What BootNotification tells of a station. It carries no capability (OCPP 2.1 BootNotification). */
export interface StationIdentity {
  readonly vendor: string;
  readonly model: string;
  readonly serialNumber?: string;
  readonly firmwareVersion?: string;
}

export type StationProtocol = 'ocpp2.1' | 'ocpp2.0.1';

/**
 * How an EVSE is told its power, best first. `dynamic`: one Dynamic profile whose setpoint is updated;
 * `central-setpoint`: an Absolute profile of signed setpoints; `negative-limit`: limits below zero mean
 * discharge; `charging-only`: limits of zero and above.
 */
export const PROFILE_DIALECTS = ['dynamic', 'central-setpoint', 'negative-limit', 'charging-only'] as const;
export type ProfileDialect = (typeof PROFILE_DIALECTS)[number];

/** What the operator decides about a station's dialect; absent = chosen by capability. */
export interface DialectSetting {
  readonly dialect: ProfileDialect;
  /** For stations that take negative limits in their default profile alone. Absent = TxProfile. */
  readonly purpose?: 'TxProfile' | 'TxDefaultProfile';
}

/** An EVSE refused a dialect, or did not follow it; it is left alone until then. */
export interface DialectDemotion {
  readonly evseNumber: number;
  readonly dialect: ProfileDialect;
  readonly reason: string;
  readonly untilMs: number;
  /** How often in a row; the pause grows with it. */
  readonly count: number;
  /** `ignored`: it was accepted and the meter did not follow, so that accepting it again is no excuse. Absent = refused. */
  readonly cause?: DemotionCause;
}

/** Where a dialect stands on an EVSE's ladder. */
export interface DialectStanding {
  readonly dialect: ProfileDialect;
  readonly state: 'in-use' | 'available' | 'paused';
}

export type DemotionCause = 'refused' | 'ignored';

/** What a station told of its security or of the grid's code: kept, the newest ones. */
export interface StationNotice {
  readonly kind: 'security' | 'grid-code';
  /** By the station's clock. */
  readonly atMs: number;
  readonly text: string;
}

/** A registered charging station as the store keeps it. */
export interface Station {
  readonly stationId: StationId;
  readonly siteId?: SiteId;
  /** `accepted` after the first BootNotification that we accepted; survives reconnects. */
  readonly registration: 'new' | 'accepted';
  readonly identity?: StationIdentity;
  readonly protocol?: StationProtocol;
  readonly lastSeenMs?: number;
  /** Set when the station spelled messages against the standard; it is served all the same. */
  readonly nonConformances: readonly string[];
  readonly dialectSetting?: DialectSetting;
  /** Absent = none. Those whose time is over stay until the dialect works or fails again: they count. */
  readonly dialectDemotions?: readonly DialectDemotion[];
  /** Limits that others set and have not cleared; absent = none. */
  readonly externalLimits?: readonly ExternalLimit[];
  /** Oldest first; absent = none. */
  readonly notices?: readonly StationNotice[];
  /** Of cars whose transaction has not begun; at most one per EVSE; absent = none. */
  readonly earlyNeeds?: readonly EarlyNeeds[];
}

/** Needs that came before their transaction. */
export interface EarlyNeeds {
  readonly evseNumber: number;
  readonly needs: ChargingNeeds;
}

/** One row of the device model, from NotifyReport or GetVariables. Names as the station wrote them. */
export interface DeviceVariable {
  readonly component: string;
  readonly componentInstance?: string;
  readonly evseNumber?: number;
  readonly variable: string;
  readonly variableInstance?: string;
  readonly attribute: 'Actual' | 'Target' | 'MinSet' | 'MaxSet';
  readonly value?: string;
  /** `variableCharacteristics.maxLimit`, in the variable's own unit. */
  readonly maxLimit?: number;
  readonly unit?: string;
}

/** What an EVSE can do, read off the device model (docs: engine/sessions/capability.ts). */
export interface EvseCapability {
  readonly evseId: EvseId;
  readonly canDischarge: boolean;
  /** Why discharge is (not) offered: the first missing condition, for a person. */
  readonly because: string;
  /** At the EVSE's meter, ≥ 0; absent when the station does not say. */
  readonly maxChargeKw?: number;
  readonly maxDischargeKw?: number;
  /** Most periods in one schedule, ≥ 1. */
  readonly periodsPerSchedule: number;
  readonly maxStackLevel: number;
  readonly supportsDynamicProfiles: boolean;
  readonly supportsMaxOfflineDuration: boolean;
  readonly rateUnits: readonly ('W' | 'A')[];
  /** Of an AC supply; absent = three, DC, or not told. What a rate in A stands for. */
  readonly phases?: 1 | 2 | 3;
  /** The best dialect that the EVSE holds now, and why; absent = central-setpoint where it can discharge. */
  readonly dialect?: ProfileDialect;
  readonly dialectBecause?: string;
  /** Station's clock less ours, ms, as learned from its messages; absent = none to speak of. */
  readonly clockSkewMs?: number;
  /** The station's clock stands still: nothing that it should do at an instant would ever begin or end. */
  readonly clockStopped?: true;
  /** Where negative limits go; absent = TxProfile. */
  readonly profilePurpose?: 'TxProfile' | 'TxDefaultProfile';
}

export type ConnectorStatus = 'Available' | 'Occupied' | 'Reserved' | 'Unavailable' | 'Faulted';

/** Grid connection of a group of stations. */
export interface Site {
  readonly siteId: SiteId;
  readonly name: string;
  /** ≥ 0, absent = unlimited. Hard limits of the plan. */
  readonly importLimitKw?: number;
  readonly exportLimitKw?: number;
  /** Pool that the site is traded with; bids and dispatch orders can name it. */
  readonly pool?: string;
  /** Bidding zone whose prices hold here; absent = that of the engine. */
  readonly priceZone?: string;
  readonly stationIds: readonly StationId[];
  /** IANA name, for wall-clock defaults; absent = UTC. */
  readonly timeZone?: string;
  /** What is assumed of cars that state no needs. */
  readonly evDefaults?: EvDefaults;
  /** The same for known drivers, which goes first; absent = none known. */
  readonly drivers?: readonly DriverDefaults[];
}

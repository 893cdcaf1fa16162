/**
 * The parts of the API's documents that this page shows, as GET /openapi.json describes them. Powers in kW,
 * charging (import) > 0, discharging (export) < 0; instants are RFC 3339 UTC.
 */

export interface Fleet {
  readonly at: string;
  readonly stationsOnline: number;
  readonly stationsKnown: number;
  readonly sessionsActive: number;
  readonly importKw: number;
  readonly exportKw: number;
  readonly netKw: number;
  readonly importKwhTotal: number;
  readonly exportKwhTotal: number;
  readonly storedKwh: number;
  readonly flexUpKw: number;
  readonly flexDownKw: number;
  readonly plannedNetKw: number | null;
  readonly importPerKwh: number | null;
  readonly exportPerKwh: number | null;
  readonly currency: string | null;
}

export interface HistoryStep {
  readonly start: string;
  readonly importKw: number;
  readonly exportKw: number;
  readonly plannedNetKw: number | null;
  readonly importPerKwh: number | null;
}

export interface FleetHistory {
  readonly from: string;
  readonly to: string;
  readonly stepS: number;
  readonly steps: readonly HistoryStep[];
}

export interface PlanSummary {
  readonly planId: string;
  readonly createdAt: string;
  readonly causes: readonly string[];
  readonly status: 'optimal' | 'feasible';
  readonly objective: number;
  readonly lowerBound: number;
  readonly gap: number;
  readonly backend: string;
  readonly solveMilliseconds: number;
  readonly sessions: number;
  readonly shortfallKwh: number;
}

export interface Plan extends PlanSummary {
  readonly start: string;
  readonly slotMinutes: number;
  readonly currency: string;
  readonly netKw: readonly number[];
  readonly importPerKwh: readonly number[];
}

export interface SessionPlan {
  readonly start: string;
  readonly slotMinutes: number;
  readonly netKw: readonly number[];
  readonly shortfallKwh: number;
  readonly because: readonly { readonly from: string; readonly to: string; readonly text: string }[];
}

export interface Profile {
  readonly revision: number;
  readonly periods: readonly { readonly start: string; readonly powerKw: number }[];
  readonly validTo: string;
  readonly reason: string;
}

export interface Acknowledgement {
  readonly revision: number;
  readonly status: 'accepted' | 'rejected';
  readonly reason: string | null;
  readonly at: string;
  readonly profile: Profile;
}

export interface Needs {
  readonly bidirectional: boolean;
  readonly current: 'ac' | 'dc';
  readonly departure: string | null;
  readonly maxChargeKw: number | null;
  readonly maxDischargeKw: number | null;
  readonly source: 'ev' | 'driver' | 'site' | 'override';
  readonly faults: readonly string[];
}

export interface EnergyWindow {
  readonly minEnergyKwh: number;
  readonly maxEnergyKwh: number;
  readonly targetEnergyKwh: number;
  readonly notes: readonly string[];
}

export type DeliveryState = 'unverified' | 'following' | 'lagging' | 'ignoring' | 'limited-by-ev' | 'offline';

/** How the EVSE does what it was asked, by its meter. */
export interface Following {
  readonly state: DeliveryState;
  readonly since: string;
  readonly reason: string;
}

export interface Session {
  readonly transactionId: string;
  readonly evseId: string;
  readonly siteId: string | null;
  readonly state: 'active' | 'ended';
  readonly startedAt: string;
  readonly chargingState: string | null;
  readonly needs: Needs | null;
  readonly window: EnergyWindow | null;
  readonly departure: string | null;
  readonly targetEnergyKwh: number | null;
  readonly storedKwh: number | null;
  readonly importKwh: number;
  readonly exportKwh: number;
  readonly importKw: number;
  readonly exportKw: number;
  readonly flags: readonly string[];
  readonly plan: SessionPlan | null;
  readonly following: Following | null;
  readonly desiredProfile: Profile | null;
  readonly acknowledgement: Acknowledgement | null;
}

export type DispatchState = 'accepted' | 'dispatched' | 'delivering' | 'delivered' | 'partial' | 'cancelled';

export interface Dispatch {
  readonly dispatchId: string;
  readonly state: DispatchState;
  readonly start: string;
  readonly end: string;
  readonly targetNetKw: number | null;
  readonly deltaKw: number | null;
  readonly reason: string;
  readonly askedKwh: number;
  readonly acknowledgedKwh: number;
  readonly meteredKwh: number;
}

export interface Alarm {
  readonly at: string;
  readonly code: string;
  readonly text: string;
  readonly stationId: string | null;
  readonly evseId: string | null;
  readonly transactionId: string | null;
}

export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly code: string;
}

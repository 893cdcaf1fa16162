/** A power limit in kW: one number for all slots, or one per slot. Not negative. */
export type LimitKw = number | readonly number[];

export interface HorizonDocument {
  /** RFC 3339 instant at which slot 0 begins. */
  readonly start: string;
  readonly slotMinutes: number;
  /** Number of slots; a day of quarter-hours has 92, 96 or 100. */
  readonly slots: number;
}

export interface PriceDocument {
  /** Paid for each kWh imported, one per slot; may be negative. */
  readonly importPerKwh: readonly number[];
  /** Received for each kWh exported, one per slot; may be negative. */
  readonly exportPerKwh: readonly number[];
}

export interface VehicleDocument {
  readonly id: string;
  readonly siteId?: string;
  /** Connected in the half-open range [firstSlot, endSlot); empty when both are equal. */
  readonly firstSlot: number;
  readonly endSlot: number;
  /** Stored at the start of firstSlot. */
  readonly energyKwh: number;
  readonly minEnergyKwh: number;
  readonly maxEnergyKwh: number;
  /** Wanted at endSlot; soft. */
  readonly targetEnergyKwh: number;
  /** At the EVSE's meter. */
  readonly maxChargeKw: number;
  readonly maxDischargeKw: number;
  /** Stored per kWh imported, in (0, 1]. */
  readonly chargeEfficiency: number;
  /** Exported per kWh taken from storage, in (0, 1]. */
  readonly dischargeEfficiency: number;
  /** Per kWh exported at the meter. */
  readonly wearPerKwh: number;
}

export interface SiteDocument {
  readonly id: string;
  readonly importLimitKw?: LimitKw;
  readonly exportLimitKw?: LimitKw;
}

export interface FleetLimitDocument {
  readonly importLimitKw?: LimitKw;
  readonly exportLimitKw?: LimitKw;
}

export interface CommitmentDocument {
  /** Sold net power per slot, import positive; null where nothing is sold. */
  readonly netKw: readonly (number | null)[];
  /** Paid per kWh of deviation, in either direction. */
  readonly deviationPerKwh: number;
}

export type ReserveDirection = 'up' | 'down' | 'symmetric';

export interface ReserveDocument {
  readonly id: string;
  /** Up is more export or less import; down is the reverse. */
  readonly direction: ReserveDirection;
  readonly fromSlot: number;
  readonly endSlot: number;
  readonly pricePerKwPerHour: number;
  readonly sustainMinutes: number;
  readonly powerFactor: number;
  readonly maxKw?: number;
}

/** Problem document, version 1, with every default filled in. */
export interface ProblemDocument {
  readonly version: 1;
  readonly horizon: HorizonDocument;
  readonly currency: string;
  readonly prices: PriceDocument;
  readonly shortfallPenaltyPerKwh: number;
  readonly vehicles: readonly VehicleDocument[];
  readonly sites: readonly SiteDocument[];
  readonly fleet?: FleetLimitDocument;
  readonly commitment?: CommitmentDocument;
  readonly reserves: readonly ReserveDocument[];
}

/** Length of one slot in hours. */
export function slotHours(problem: ProblemDocument): number {
  return problem.horizon.slotMinutes / 60;
}

/** The limit of one slot in kW; infinite where none is set. */
export function limitAt(limitKw: LimitKw | undefined, slot: number): number {
  if (limitKw === undefined) return Number.POSITIVE_INFINITY;
  return typeof limitKw === 'number' ? limitKw : (limitKw[slot] ?? Number.POSITIVE_INFINITY);
}

/**
 * What is assumed of a car that states no needs (IEC 61851, DIN 70121, a station that does not pass them on).
 * Each value is optional; absent = not known. A driver's own value beats the site's.
 */
export interface EvDefaults {
  /** Usual departure, wall clock of the site, `07:30`. */
  readonly departureTime?: string;
  /** Usual length of a stay, minutes from plug-in; counts where no `departureTime` is known. */
  readonly stayMinutes?: number;
  /** Energy that a stay should bring into the battery at least, kWh. */
  readonly energyKwh?: number;
  readonly batteryCapacityKwh?: number;
  /** Wanted state of charge, 0…1; counts where the capacity and a metered state of charge are known. */
  readonly targetSocFraction?: number;
  /** Magnitudes at the EVSE. */
  readonly minChargeKw?: number;
  readonly maxChargeKw?: number;
  /** Above 0: the car is known to give energy back. Absent: it only charges. */
  readonly maxDischargeKw?: number;
  /** State of charge, 0…1, below which the car is not discharged. */
  readonly floorSocFraction?: number;
}

/** The defaults of one driver at a site, known by the token that starts the session. */
export interface DriverDefaults extends EvDefaults {
  readonly idToken: string;
}

/** Who said what a session needs: the EV itself, or whose default stands in for it. */
export type NeedsSource = 'ev' | 'driver' | 'site' | 'override';

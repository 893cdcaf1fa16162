import { MS_PER_HOUR } from '../domain/power.js';

/**
 * The car's charge acceptance near full: what constant-voltage charging leaves, as a C-rate (power over
 * capacity, per hour) that falls linearly with the state of charge.
 */
export interface Taper {
  /** Up to here the battery takes `startPerHour` · capacity. */
  readonly fromSocFraction: number;
  readonly startPerHour: number;
  /** What is left at 100 %; > 0, so that full is reached in finite time. */
  readonly fullPerHour: number;
}

/**
 * Shape: constant current, then constant voltage. Lithium-ion cells are charged at up to about 1 C and the
 * charge is ended at about C/20, the cut-off current that cell data sheets name; with a constant voltage the
 * current falls roughly linearly in the charge that is still missing. On an 11 kW charger a 60 kWh battery
 * therefore slows down only above 98 %, a 20 kWh battery above 95 %.
 */
export const DEFAULT_TAPER: Taper = { fromSocFraction: 0.9, startPerHour: 1, fullPerHour: 0.05 };

/** A car's battery. Powers are magnitudes at the EVSE's meter, efficiencies one way between meter and cells. */
export interface BatterySpec {
  readonly capacityKwh: number;
  readonly chargeEfficiency: number;
  readonly dischargeEfficiency: number;
  readonly maxChargeKw: number;
  readonly maxDischargeKw: number;
  /** The car's own floor: below it the car gives nothing, whoever asks. */
  readonly floorKwh: number;
  readonly taper: Taper;
}

/** What happened over one step: import and export at the meter ≥ 0, signed meter power at both ends. */
export interface BatteryStep {
  readonly energyKwh: number;
  readonly importKwh: number;
  readonly exportKwh: number;
  readonly startKw: number;
  readonly endKw: number;
}

/** Closer to full or floor than this is at it: a tenth of a milliwatt-hour. */
const AT_BOUND_KWH = 1e-10;

/** Most charging power at this stored energy, kW at the meter; 0 when full. */
export function chargeLimitKw(battery: BatterySpec, energyKwh: number): number {
  if (battery.capacityKwh - energyKwh <= AT_BOUND_KWH) return 0;
  return Math.min(battery.maxChargeKw, acceptedKw(battery, energyKwh));
}

/** Signed meter power that the car really takes or gives when `askedKw` is asked of it. */
export function batteryPowerKw(battery: BatterySpec, energyKwh: number, askedKw: number): number {
  if (askedKw > 0) return Math.min(askedKw, chargeLimitKw(battery, energyKwh));
  if (askedKw < 0 && energyKwh - battery.floorKwh > AT_BOUND_KWH) {
    return -Math.min(-askedKw, battery.maxDischargeKw);
  }
  return 0;
}

/**
 * Moves the battery under a constant asked power for `durationMs`, in closed form: constant power, then the
 * exponential of the taper, then full; or constant power, then the floor. Stored energy changes by exactly
 * importKwh · chargeEfficiency − exportKwh / dischargeEfficiency.
 */
export function stepBattery(
  battery: BatterySpec,
  energyKwh: number,
  askedKw: number,
  durationMs: number,
): BatteryStep {
  const hours = durationMs / MS_PER_HOUR;
  const startKw = batteryPowerKw(battery, energyKwh, askedKw);
  if (startKw < 0) {
    const { dischargeEfficiency, floorKwh } = battery;
    const hoursToFloor = ((energyKwh - floorKwh) * dischargeEfficiency) / -startKw;
    if (hours >= hoursToFloor) {
      const exportKwh = (energyKwh - floorKwh) * dischargeEfficiency;
      return { energyKwh: floorKwh, importKwh: 0, exportKwh, startKw, endKw: 0 };
    }
    const exportKwh = -startKw * hours;
    const left = energyKwh - exportKwh / dischargeEfficiency;
    return { energyKwh: left, importKwh: 0, exportKwh, startKw, endKw: startKw };
  }
  if (startKw === 0) return { energyKwh, importKwh: 0, exportKwh: 0, startKw: 0, endKw: 0 };

  const { hoursConstant, hoursTaper, constantKw, taperStartKw } = chargeCourse(battery, energyKwh, askedKw);
  if (hours < hoursConstant) {
    const importKwh = constantKw * hours;
    const stored = energyKwh + importKwh * battery.chargeEfficiency;
    return { energyKwh: stored, importKwh, exportKwh: 0, startKw, endKw: startKw };
  }
  if (hours >= hoursConstant + hoursTaper) {
    const importKwh = (battery.capacityKwh - energyKwh) / battery.chargeEfficiency;
    return { energyKwh: battery.capacityKwh, importKwh, exportKwh: 0, startKw, endKw: 0 };
  }
  const slope = taperSlopePerHour(battery);
  const endKw = taperStartKw * Math.exp(-slope * battery.chargeEfficiency * (hours - hoursConstant));
  const storedInTaper = (taperStartKw - endKw) / slope;
  const importKwh = constantKw * hoursConstant + storedInTaper / battery.chargeEfficiency;
  const stored = energyKwh + importKwh * battery.chargeEfficiency;
  return { energyKwh: Math.min(stored, battery.capacityKwh), importKwh, exportKwh: 0, startKw, endKw };
}

/** Time until a constant asked power meets full or floor, ms; Infinity when it never does, 0 when it is there. */
export function msToBound(battery: BatterySpec, energyKwh: number, askedKw: number): number {
  const powerKw = batteryPowerKw(battery, energyKwh, askedKw);
  if (askedKw === 0) return Number.POSITIVE_INFINITY;
  if (powerKw === 0) return 0;
  if (powerKw < 0) {
    return (((energyKwh - battery.floorKwh) * battery.dischargeEfficiency) / -powerKw) * MS_PER_HOUR;
  }
  return msToCharge(battery, energyKwh, battery.capacityKwh, askedKw);
}

/** Time to charge from one stored energy to a higher one at most at `askedKw` > 0, ms; 0 when it is there. */
export function msToCharge(
  battery: BatterySpec,
  energyKwh: number,
  goalKwh: number,
  askedKw: number,
): number {
  const goal = Math.min(goalKwh, battery.capacityKwh);
  if (goal - energyKwh <= AT_BOUND_KWH) return 0;
  const course = chargeCourse(battery, energyKwh, askedKw);
  if (goal <= course.bindsAtKwh) {
    return ((goal - energyKwh) / (course.constantKw * battery.chargeEfficiency)) * MS_PER_HOUR;
  }
  const atGoalKw = acceptedKw(battery, goal);
  const hoursInTaper =
    Math.log(course.taperStartKw / atGoalKw) / (taperSlopePerHour(battery) * battery.chargeEfficiency);
  return (course.hoursConstant + hoursInTaper) * MS_PER_HOUR;
}

/** Constant power up to the energy where the acceptance meets it, then the acceptance down to full. */
function chargeCourse(battery: BatterySpec, energyKwh: number, askedKw: number) {
  const { capacityKwh, chargeEfficiency, taper } = battery;
  const constantKw = Math.min(askedKw, chargeLimitKw(battery, energyKwh));
  const fullKw = taper.fullPerHour * capacityKwh;
  const slope = taperSlopePerHour(battery);
  const startOfTaperKwh = taper.fromSocFraction * capacityKwh;
  // Where the falling acceptance equals the constant power; the acceptance is flat below the taper's start.
  const bindsAtKwh = Math.min(
    capacityKwh,
    Math.max(energyKwh, startOfTaperKwh, capacityKwh - (constantKw - fullKw) / slope),
  );
  const hoursConstant = (bindsAtKwh - energyKwh) / (constantKw * chargeEfficiency);
  const taperStartKw = Math.min(constantKw, acceptedKw(battery, bindsAtKwh));
  const hoursTaper = taperStartKw > fullKw ? Math.log(taperStartKw / fullKw) / (slope * chargeEfficiency) : 0;
  return { bindsAtKwh, hoursConstant, hoursTaper, constantKw, taperStartKw };
}

function acceptedKw({ capacityKwh, taper }: BatterySpec, energyKwh: number): number {
  const missing = Math.min(1, (1 - energyKwh / capacityKwh) / (1 - taper.fromSocFraction));
  return capacityKwh * (taper.fullPerHour + (taper.startPerHour - taper.fullPerHour) * Math.max(0, missing));
}

/** Fall of the accepted power per stored energy, kW per kWh. */
function taperSlopePerHour({ taper }: BatterySpec): number {
  return (taper.startPerHour - taper.fullPerHour) / (1 - taper.fromSocFraction);
}

import { DateTime } from 'luxon';
import type { EvDefaults, NeedsSource } from '../../domain/ev-defaults.js';
import { MS_PER_MINUTE } from '../../domain/power.js';
import type { ChargingNeeds, Session } from '../../domain/session.js';
import type { Site } from '../../domain/station.js';
import { importWhOf } from '../metering/books.js';

/** A full charge of a usual battery: asked for when only the departure is known, kWh. */
const USUAL_BATTERY_KWH = 60;
/** A car of unknown capacity may still take so much, kWh; beyond any passenger car's battery less a little. */
const LARGE_BATTERY_KWH = 100;
/** A car that may be discharged keeps so much unless its default says otherwise. */
const FLOOR_SOC_FRACTION = 0.3;
/** IEC 61851: below 6 A per phase a car pauses. */
const MIN_KW_PER_PHASE = (6 * 230) / 1000;
/** A socket of more power than one phase of 32 A gives has three. */
const ONE_PHASE_MOST_KW = 7.4;

type Source = Exclude<NeedsSource, 'ev'>;

/** What is known beforehand about the car of a session, and who said so. */
export interface KnownDefaults {
  readonly source: Source;
  readonly values: EvDefaults;
  readonly timeZone: string;
}

/**
 * The defaults that hold for a session: the site's with the driver's over them, and an override of the
 * session as a word of its own. Undefined when nobody said anything: then nothing is assumed of the car and
 * it charges at once on the charging-only default.
 */
export function defaultsFor(session: Session, site: Site | undefined): KnownDefaults | undefined {
  const driver =
    session.idToken === undefined
      ? undefined
      : site?.drivers?.find(({ idToken }) => idToken === session.idToken);
  const { idToken: _, ...ofDriver } = driver ?? { idToken: '' };
  const values: EvDefaults = { ...site?.evDefaults, ...ofDriver };
  const timeZone = site?.timeZone ?? 'UTC';
  if (Object.keys(ofDriver).length > 0) return { source: 'driver', values, timeZone };
  if (Object.keys(values).length > 0) return { source: 'site', values, timeZone };
  const { departureMs, targetEnergyKwh } = session.override ?? {};
  const isOverridden = departureMs !== undefined || targetEnergyKwh !== undefined;
  return isOverridden ? { source: 'override', values, timeZone } : undefined;
}

/**
 * Needs in place of those that a car does not state, as of `nowMs`; its energies count from the meter's
 * standing then, as those of stated needs. Charge-only unless the car is known to give energy back and its
 * state of charge is metered. Cautious where something is unknown: more energy and an earlier departure.
 */
export function estimatedNeeds(
  session: Session,
  known: KnownDefaults,
  maxChargeKw: number,
  nowMs: number,
): ChargingNeeds {
  const { values, source } = known;
  const { socFraction } = session.books;
  const { batteryCapacityKwh } = values;
  const hasBattery = batteryCapacityKwh !== undefined && socFraction !== undefined;
  const storedKwh = hasBattery ? batteryCapacityKwh * socFraction : undefined;
  const takenKwh = importWhOf(session.books) / 1000;
  const roomKwh = Math.max(0, (batteryCapacityKwh ?? LARGE_BATTERY_KWH) - (storedKwh ?? takenKwh));
  const targetEnergyKwh = Math.max(0, targetOf(values, storedKwh, takenKwh));
  const departureMs = usualDepartureMs(session, known);
  const chargeKw = Math.min(maxChargeKw, values.maxChargeKw ?? maxChargeKw);
  const isDc = socFraction !== undefined;
  const leastKw = isDc ? 0 : MIN_KW_PER_PHASE * (chargeKw > ONE_PHASE_MOST_KW ? 3 : 1);
  const minChargeKw = values.minChargeKw ?? leastKw;
  const mayDischarge = hasBattery && (values.maxDischargeKw ?? 0) > 0;
  return {
    statedAtMs: nowMs,
    receivedAtMs: nowMs,
    source,
    current: isDc ? 'dc' : 'ac',
    bidirectional: mayDischarge,
    controlMode: 'dynamic',
    ...(departureMs === undefined ? {} : { departureMs }),
    targetEnergyKwh,
    maxEnergyKwh: hasBattery ? roomKwh : Math.max(roomKwh, targetEnergyKwh),
    ...(storedKwh === undefined ? {} : { minEnergyKwh: -storedKwh }),
    ...(hasBattery ? { batteryCapacityKwh, socFraction } : {}),
    ...(minChargeKw > 0 ? { minChargeKw: Math.min(minChargeKw, chargeKw) } : {}),
    ...(values.maxChargeKw === undefined ? {} : { maxChargeKw: values.maxChargeKw }),
    ...(mayDischarge
      ? {
          maxDischargeKw: values.maxDischargeKw ?? 0,
          minV2xEnergyKwh:
            (values.floorSocFraction ?? FLOOR_SOC_FRACTION) * batteryCapacityKwh - (storedKwh ?? 0),
        }
      : {}),
  };
}

function targetOf(values: EvDefaults, storedKwh: number | undefined, takenKwh: number): number {
  const { batteryCapacityKwh, targetSocFraction, energyKwh } = values;
  if (batteryCapacityKwh !== undefined && storedKwh !== undefined) {
    if (targetSocFraction !== undefined) return batteryCapacityKwh * targetSocFraction - storedKwh;
    if (energyKwh === undefined) return batteryCapacityKwh - storedKwh;
  }
  return (energyKwh ?? batteryCapacityKwh ?? USUAL_BATTERY_KWH) - takenKwh;
}

/** The usual departure that comes first after the plug-in; undefined where none is known. */
export function usualDepartureMs(session: Session, { values, timeZone }: KnownDefaults): number | undefined {
  const { departureTime, stayMinutes } = values;
  if (departureTime === undefined) {
    return stayMinutes === undefined ? undefined : session.startedAtMs + stayMinutes * MS_PER_MINUTE;
  }
  const [hour = 0, minute = 0] = departureTime.split(':').map(Number);
  const start = DateTime.fromMillis(session.startedAtMs, { zone: timeZone });
  const sameDay = start.set({ hour, minute, second: 0, millisecond: 0 });
  const next =
    sameDay > start ? sameDay : start.plus({ days: 1 }).set({ hour, minute, second: 0, millisecond: 0 });
  return next.toMillis();
}

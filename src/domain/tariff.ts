import type { FieldFault } from './errors.js';

/** Of the wall clock in the tariff's time zone; from after to = over midnight. */
export interface TariffWindow {
  readonly from: string;
  readonly to: string;
  readonly perKwh: number;
}

/** One part of a price per kWh. */
export type TariffPart =
  /** The price series of the engine, times a factor, plus a margin. */
  | { readonly id: string; readonly kind: 'market'; readonly factor?: number; readonly adderPerKwh?: number }
  /** A fee, levy or tax per kWh; within a window another one (the first that fits). */
  | {
      readonly id: string;
      readonly kind: 'fixed';
      readonly perKwh: number;
      readonly windows?: readonly TariffWindow[];
    }
  /** A share of parts that stand before it, e.g. VAT. */
  | {
      readonly id: string;
      readonly kind: 'percent';
      readonly fraction: number;
      readonly of: readonly string[];
    };

/** What a kWh costs and brings at some sites over some time, as data. */
export interface Tariff {
  readonly version: 1;
  readonly id: string;
  readonly title?: string;
  readonly currency: string;
  /** IANA name; dates and windows are local to it. */
  readonly timeZone: string;
  /** Local days written `2026-01-01`; the last is the first day on which it no longer holds. */
  readonly validFrom: string;
  readonly validTo?: string;
  /** Absent: every site that no other tariff names. */
  readonly siteIds?: readonly string[];
  readonly importParts: readonly TariffPart[];
  readonly exportParts: readonly TariffPart[];
  /**
   * Import parts that are given back for energy that was fed back into the grid (in Germany section 118(6)
   * EnWG), at the rates at which it was taken: first in, first out within a session, and never more energy than
   * was taken in it. `perExportedKwh` is how much of the import counts as fed back per kWh of export.
   */
  readonly refund?: { readonly parts: readonly string[]; readonly perExportedKwh?: number };
}

/** How money is shared with drivers, as data. */
export interface DriverContract {
  readonly version: 1;
  readonly id: string;
  readonly title?: string;
  readonly currency: string;
  readonly timeZone: string;
  readonly validFrom: string;
  readonly validTo?: string;
  readonly siteIds?: readonly string[];
  /** Paid to the driver first, per kWh fed in, whatever was earned. */
  readonly wearPerKwh: number;
  /** The driver's share 0…1 of what is left of each source after the wear. */
  readonly driverFraction: {
    readonly capacity: number;
    readonly activation: number;
    readonly arbitrage: number;
  };
  /** What the market pays per credited kWh of an activation. */
  readonly activationPerKwh: number;
}

/** Rules of a tariff that its schema cannot say; empty when all hold. */
export function tariffFaults(tariff: Tariff): FieldFault[] {
  const faults: FieldFault[] = validityFaults(tariff);
  const check = (name: 'importParts' | 'exportParts') => {
    const before = new Set<string>();
    tariff[name].forEach((part, index) => {
      if (before.has(part.id))
        faults.push({ path: `${name}[${index}].id`, message: `${part.id} is there already` });
      if (part.kind === 'percent') {
        part.of.forEach((id, place) => {
          if (!before.has(id))
            faults.push({
              path: `${name}[${index}].of[${place}]`,
              message: `${id} is no part before this one`,
            });
        });
      }
      before.add(part.id);
    });
  };
  check('importParts');
  check('exportParts');
  const imported = new Set(tariff.importParts.map(({ id }) => id));
  tariff.refund?.parts.forEach((id, index) => {
    if (!imported.has(id))
      faults.push({ path: `refund.parts[${index}]`, message: `${id} is no import part` });
  });
  return faults;
}

/** Dates and time zone of a tariff or a contract. */
export function validityFaults({
  timeZone,
  validFrom,
  validTo,
}: Pick<Tariff, 'timeZone' | 'validFrom' | 'validTo'>): FieldFault[] {
  const faults: FieldFault[] = [];
  if (!isTimeZone(timeZone)) faults.push({ path: 'timeZone', message: `${timeZone} is no IANA time zone` });
  for (const [path, day] of [
    ['validFrom', validFrom],
    ['validTo', validTo],
  ] as const) {
    if (day !== undefined && new Date(`${day}T00:00:00Z`).toJSON()?.slice(0, 10) !== day)
      faults.push({ path, message: `${day} is no day` });
  }
  if (validTo !== undefined && validTo <= validFrom)
    faults.push({ path: 'validTo', message: 'must be after validFrom' });
  return faults;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

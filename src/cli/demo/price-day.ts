import { invalidInput } from '../../domain/errors.js';
import { MS_PER_HOUR, MS_PER_MINUTE } from '../../domain/power.js';
import type { PriceSeries } from '../../domain/price.js';
import { seededRandom } from '../../simulator/seeded-random.js';

/** The demo's day begins when home chargers are empty: late morning in Europe. */
export const START_HOUR_UTC = 11;
/** Prices are given for so long after the end, for cars that stay. */
const LOOK_AHEAD_HOURS = 36;
const DAY_MS = 24 * MS_PER_HOUR;

export interface PriceDay {
  readonly startMs: number;
  readonly series: PriceSeries;
  /** For the reader: where the prices come from and which day this is. */
  readonly label: string;
}

/**
 * The part of a price file that the demo plays: `day` (UTC), or else the day whose spread between dearest
 * and cheapest slot is the median of all days of the file: an ordinary day, chosen by rule.
 */
export function priceDayFrom(
  series: PriceSeries,
  hours: number,
  day: string | undefined,
  fileName: string,
): PriceDay {
  const slotMs = series.slotMinutes * MS_PER_MINUTE;
  const endMs = series.startMs + series.importPerKwh.length * slotMs;
  const dayMs = day === undefined ? medianSpreadDay(series, hours) : Date.parse(`${day}T00:00:00Z`);
  const startMs = dayMs + START_HOUR_UTC * MS_PER_HOUR;
  const neededMs = startMs + hours * MS_PER_HOUR;
  if (!(startMs >= series.startMs && neededMs <= endMs)) {
    throw invalidInput(
      '--prices',
      `${fileName} does not cover ${hours} hours from ${isoOrText(startMs, day)}`,
    );
  }
  const from = Math.floor((dayMs - series.startMs) / slotMs);
  const to = Math.ceil(
    (Math.min(endMs, neededMs + LOOK_AHEAD_HOURS * MS_PER_HOUR) - series.startMs) / slotMs,
  );
  const firstSlot = Math.max(0, from);
  return {
    startMs,
    label: `${series.zone === 'default' ? '' : `${series.zone} `}prices of ${new Date(dayMs).toISOString().slice(0, 10)} from ${fileName}`,
    series: {
      ...series,
      startMs: series.startMs + firstSlot * slotMs,
      importPerKwh: series.importPerKwh.slice(firstSlot, to),
      exportPerKwh: series.exportPerKwh.slice(firstSlot, to),
    },
  };
}

function medianSpreadDay(series: PriceSeries, hours: number): number {
  const slotMs = series.slotMinutes * MS_PER_MINUTE;
  const slotsPerDay = DAY_MS / slotMs;
  const endMs = series.startMs + series.importPerKwh.length * slotMs;
  const days: { dayMs: number; spread: number }[] = [];
  for (
    let dayMs = Math.ceil(series.startMs / DAY_MS) * DAY_MS;
    dayMs + (START_HOUR_UTC + hours) * MS_PER_HOUR <= endMs;
    dayMs += DAY_MS
  ) {
    const first = (dayMs - series.startMs) / slotMs;
    const prices = series.importPerKwh.slice(first, first + slotsPerDay);
    days.push({ dayMs, spread: Math.max(...prices) - Math.min(...prices) });
  }
  days.sort((a, b) => a.spread - b.spread || a.dayMs - b.dayMs);
  const median = days[Math.floor(days.length / 2)];
  if (median === undefined)
    throw invalidInput(
      '--prices',
      `the file does not cover ${hours} hours from ${START_HOUR_UTC}:00 UTC of any day`,
    );
  return median.dayMs;
}

const isoOrText = (ms: number, text: string | undefined) =>
  Number.isFinite(ms) ? new Date(ms).toISOString() : (text ?? '');

/** A Wednesday in early spring: sun at noon, demand in the evening. */
const GENERATED_DAY = '2026-03-11';

/**
 * Prices of a made-up day, EUR/kWh per quarter-hour: the "duck" shape of a market with much solar (night
 * valley, morning peak, noon valley, higher evening peak; heights as in German day-ahead averages of 2025)
 * with seeded noise. No exchange published them.
 */
export function generatedPriceDay(hours: number, seed: number): PriceDay {
  const random = seededRandom(seed);
  const dayMs = Date.parse(`${GENERATED_DAY}T00:00:00Z`);
  const slots = Math.ceil(START_HOUR_UTC + hours + LOOK_AHEAD_HOURS) * 4;
  const importPerKwh = Array.from({ length: slots }, (_, slot) => {
    const hour = (slot / 4) % 24;
    const bump = (at: number, width: number) => {
      const apart = Math.min(Math.abs(hour - at), 24 - Math.abs(hour - at));
      return Math.exp(-((apart / width) ** 2));
    };
    const price =
      0.085 + 0.055 * bump(6.5, 1.6) + 0.11 * bump(18, 2.2) - 0.07 * bump(12, 2.6) - 0.015 * bump(2, 3);
    return Math.round((price + (random() - 0.5) * 0.01) * 1e5) / 1e5;
  });
  return {
    startMs: dayMs + START_HOUR_UTC * MS_PER_HOUR,
    label: 'generated prices (shape of a market with much solar; not published by any exchange)',
    series: {
      zone: 'demo',
      currency: 'EUR',
      startMs: dayMs,
      slotMinutes: 15,
      importPerKwh,
      exportPerKwh: importPerKwh,
    },
  };
}

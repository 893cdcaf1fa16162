import { MS_PER_HOUR, MS_PER_MINUTE } from '../../domain/power.js';
import type { IntervalEnergy } from '../../domain/reading.js';
import type { Session } from '../../domain/session.js';
import { INTERVAL_MINUTES } from '../metering/intervals.js';

const BOOK_MS = INTERVAL_MINUTES * MS_PER_MINUTE;
const BOOK_HOURS = INTERVAL_MINUTES / 60;

export interface Efficiencies {
  readonly chargeEfficiency: number;
  readonly dischargeEfficiency: number;
}

/**
 * What the session would have cost without us: the same energy in the battery at the end, charged from plug-in
 * on at full power. `ratePerKwhAt` is the import price with all its parts. A car that left with less than it
 * came with: what is missing is bought at the mean price of its stay. null when a price is not known.
 */
export function uncontrolledCost(
  session: Pick<Session, 'startedAtMs' | 'endedAtMs' | 'needs'>,
  books: readonly IntervalEnergy[],
  { chargeEfficiency, dischargeEfficiency }: Efficiencies,
  ratePerKwhAt: (atMs: number) => number | null,
): number | null {
  const { startedAtMs, endedAtMs = startedAtMs, needs } = session;
  const importKwh = books.reduce((sum, { importWh }) => sum + importWh, 0) / 1000;
  const exportKwh = books.reduce((sum, { exportWh }) => sum + exportWh, 0) / 1000;
  let leftKwh = importKwh - exportKwh / (chargeEfficiency * dischargeEfficiency);
  const seenKw = Math.max(0, ...books.map(({ importWh }) => importWh / 1000 / BOOK_HOURS));
  const powerKw = Math.max(seenKw, needs?.maxChargeKw ?? 0);
  const starts: number[] = [];
  for (let atMs = startedAtMs; atMs < endedAtMs; atMs = (Math.floor(atMs / BOOK_MS) + 1) * BOOK_MS)
    starts.push(atMs);
  if (leftKwh <= 0) {
    const rates = starts.map(ratePerKwhAt);
    if (leftKwh === 0) return 0;
    if (rates.length === 0 || rates.includes(null)) return null;
    return (leftKwh * rates.reduce<number>((sum, rate) => sum + (rate ?? 0), 0)) / rates.length;
  }
  let cost = 0;
  for (const [index, atMs] of starts.entries()) {
    const hours = ((starts[index + 1] ?? endedAtMs) - atMs) / MS_PER_HOUR;
    const isLast = index === starts.length - 1;
    const takenKwh = isLast ? leftKwh : Math.min(leftKwh, powerKw * hours);
    if (takenKwh > 0) {
      const rate = ratePerKwhAt(atMs);
      if (rate === null) return null;
      cost += takenKwh * rate;
    }
    leftKwh -= takenKwh;
    if (leftKwh <= 0) break;
  }
  return cost;
}

import type { SiteId, TransactionId } from '../../domain/ids.js';
import { MS_PER_MINUTE } from '../../domain/power.js';
import type { IntervalEnergy } from '../../domain/reading.js';
import type { Session } from '../../domain/session.js';
import type { SettlementLine } from '../../ports/use-cases.js';
import { isProvisional } from '../metering/closing.js';
import type { EnergyRate } from '../prices/tariff-rates.js';

/** Length of a settlement line, the market time unit; a whole number of interval books. */
export const SETTLEMENT_MINUTES = 15;
const LINE_MS = SETTLEMENT_MINUTES * MS_PER_MINUTE;

/** The rate at a site (null: on none) at an instant; undefined while it is not known. */
export type RateAt = (siteId: SiteId | null, atMs: number) => EnergyRate | undefined;

/**
 * One line per session and quarter-hour: import and export apart, each with its own money at the rate of
 * its own interval book. A book without a known rate leaves the line's money null, never zero.
 */
export function settlementLines(
  intervals: readonly IntervalEnergy[],
  sessions: ReadonlyMap<TransactionId, Session>,
  rateAt: RateAt,
): SettlementLine[] {
  const lines = new Map<string, SettlementLine>();
  for (const interval of intervals) {
    const startMs = Math.floor(interval.startMs / LINE_MS) * LINE_MS;
    const key = `${startMs}|${interval.transactionId}`;
    const session = sessions.get(interval.transactionId);
    const line = lines.get(key) ?? emptyLine(interval, startMs, session, rateAt);
    const rate = rateAt(session?.siteId ?? null, interval.startMs);
    const importKwh = interval.importWh / 1000;
    const exportKwh = interval.exportWh / 1000;
    lines.set(key, {
      ...line,
      importKwh: line.importKwh + importKwh,
      exportKwh: line.exportKwh + exportKwh,
      cost: line.cost === null || rate === undefined ? null : line.cost + importKwh * rate.importPerKwh,
      credit: line.credit === null || rate === undefined ? null : line.credit + exportKwh * rate.exportPerKwh,
    });
  }
  return [...lines.values()].sort(
    (a, b) => a.startMs - b.startMs || (a.transactionId < b.transactionId ? -1 : 1),
  );
}

function emptyLine(
  interval: IntervalEnergy,
  startMs: number,
  session: Session | undefined,
  rateAt: RateAt,
): SettlementLine {
  return {
    transactionId: interval.transactionId,
    evseId: interval.evseId,
    siteId: session?.siteId ?? null,
    startMs,
    intervalMinutes: SETTLEMENT_MINUTES,
    importKwh: 0,
    exportKwh: 0,
    cost: 0,
    credit: 0,
    currency: rateAt(session?.siteId ?? null, interval.startMs)?.currency ?? null,
    provisional: session === undefined || isProvisional(session),
  };
}

import { type AwardShortage, awardedKwOf, type Bid } from '../../domain/bid.js';
import type { DeliveryReport } from '../../domain/delivery.js';
import type { TransactionId } from '../../domain/ids.js';
import type { ProductDirection } from '../../domain/market-product.js';
import { minorPerUnit, roundHalfAway, splitByWeights } from '../../domain/money.js';
import { MS_PER_HOUR, MS_PER_MINUTE } from '../../domain/power.js';
import type { IntervalEnergy } from '../../domain/reading.js';
import type { Session } from '../../domain/session.js';

const QUARTER_MS = 15 * MS_PER_MINUTE;

/** Whole amounts by session. */
export type SharesBySession = ReadonlyMap<TransactionId, number>;

/** What an awarded block earns and what is cut off it, whole minor units of the product's currency. */
export interface AwardMoney {
  readonly capacity: number;
  readonly cut: number;
}

/**
 * Awarded kW less what was given back × price × hours. Where the product cuts the payment, as much of it goes as
 * was not held, quarter-hour by quarter-hour; one of which no plan spoke counts as not held.
 */
export function awardMoney(bid: Bid, shortages: readonly AwardShortage[]): AwardMoney {
  const { award, product, startMs, endMs } = bid;
  const awardedKw = awardedKwOf(bid);
  const missingKw = new Map(shortages.map((shortage) => [shortage.startMs, shortage.missingKw]));
  let missingKwh = 0;
  for (let atMs = Math.floor(startMs / QUARTER_MS) * QUARTER_MS; atMs < endMs; atMs += QUARTER_MS) {
    const hours = (Math.min(endMs, atMs + QUARTER_MS) - Math.max(startMs, atMs)) / MS_PER_HOUR;
    missingKwh += Math.min(awardedKw, missingKw.get(atMs) ?? awardedKw) * hours;
  }
  const minorPerKwh = (award?.pricePerKwPerHour ?? 0) * minorPerUnit(product.currency);
  const capacity = roundHalfAway((awardedKw * (endMs - startMs) * minorPerKwh) / MS_PER_HOUR);
  return { capacity, cut: product.penalty.capacityCut ? roundHalfAway(missingKwh * minorPerKwh) : 0 };
}

/**
 * A block's money, whole minor units, by what each session held ready: its power in the award's direction times
 * the hours that it was plugged in during the block. Parts add up to the whole; nobody there, nobody gets any.
 */
export function capacityShares(
  bid: Bid,
  minor: number,
  sessions: readonly Session[],
  nowMs: number,
): SharesBySession {
  const { startMs, endMs, product } = bid;
  return split(minor, sessions, (session) => {
    const fromMs = Math.max(startMs, session.startedAtMs);
    const toMs = Math.min(endMs, session.endedAtMs ?? nowMs);
    return toMs > fromMs ? readyKw(session, product.direction) * (toMs - fromMs) : 0;
  });
}

/** A delivery's credited energy, whole Wh, by what each session fed in (up) or took (down) in its time. */
export function creditedShares(
  report: Pick<DeliveryReport, 'creditedKwh' | 'direction'>,
  books: readonly IntervalEnergy[],
  sessions: readonly Session[],
): SharesBySession {
  const moved = new Map<TransactionId, number>();
  for (const { transactionId, importWh, exportWh } of books) {
    const wh = report.direction === 'up' ? exportWh : importWh;
    moved.set(transactionId, (moved.get(transactionId) ?? 0) + wh);
  }
  return split(
    roundHalfAway(report.creditedKwh * 1000),
    sessions,
    (session) => moved.get(session.transactionId) ?? 0,
  );
}

function readyKw({ needs, override }: Session, direction: ProductDirection): number {
  if (override?.optOut || override?.priorityCharging) return 0;
  const upKw = needs?.bidirectional ? (needs.maxDischargeKw ?? 0) : 0;
  const downKw = needs?.maxChargeKw ?? 0;
  if (direction === 'symmetric') return Math.min(upKw, downKw);
  return direction === 'up' ? upKw : downKw;
}

function split(
  amount: number,
  sessions: readonly Session[],
  weightOf: (session: Session) => number,
): SharesBySession {
  const ordered = [...sessions].sort((a, b) => (a.transactionId < b.transactionId ? -1 : 1));
  const parts = splitByWeights(amount, ordered.map(weightOf));
  return new Map(
    ordered.flatMap(({ transactionId }, index) =>
      parts ? [[transactionId, parts[index] ?? 0] as const] : [],
    ),
  );
}

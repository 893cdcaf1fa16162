import type { Bid } from '../../domain/bid.js';
import type { DeliveryReport } from '../../domain/delivery.js';
import type { TransactionId } from '../../domain/ids.js';
import type { ProductDirection } from '../../domain/market-product.js';
import { minorPerUnit, roundHalfAway, splitByWeights } from '../../domain/money.js';
import { MS_PER_HOUR } from '../../domain/power.js';
import type { IntervalEnergy } from '../../domain/reading.js';
import type { Session } from '../../domain/session.js';

/** Whole amounts by session. */
export type SharesBySession = ReadonlyMap<TransactionId, number>;

/**
 * An award's money, in minor units, by what each session held ready: its power in the award's direction times
 * the hours that it was plugged in during the block. Parts add up to the whole; nobody there, nobody gets any.
 */
export function capacityShares(bid: Bid, sessions: readonly Session[], nowMs: number): SharesBySession {
  const { award, startMs, endMs, product } = bid;
  if (award === undefined) return new Map();
  const hours = (endMs - startMs) / MS_PER_HOUR;
  const minor = roundHalfAway(award.kw * award.pricePerKwPerHour * hours * minorPerUnit(product.currency));
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

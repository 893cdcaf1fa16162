import type { DeliveryState } from '../../domain/evse-record.js';
import type { TransactionId } from '../../domain/ids.js';
import type { AskedTrace } from './asked-trace.js';
import type { Evidence } from './evidence.js';
import type { MeterStand } from './meter-sample.js';

/** First pause after which a car is asked for its full power again; it doubles each time it gives less. */
const FIRST_LIMIT_MS = 15 * 60_000;
const MAX_LIMIT_MS = 8 * 60 * 60_000;
/** Changes below this are no reason for a new plan. */
const NOTABLE_KW = 0.5;
/** A car that takes nothing keeps this much in the plan, so that the plan can still say when it should charge. */
export const LEAST_CHARGE_KW = 0.2;

/** What a car was seen to give or take at most when it was asked for more. */
export interface DeliveryLimit {
  /** ≥ 0. */
  readonly kw: number;
  readonly untilMs: number;
  readonly count: number;
  /** It was seen with the battery full, or at its floor: power the other way ends it. */
  readonly atBound: boolean;
}

/** When the car last took or gave nothing by its own doing (OCPP's SuspendedEV). */
export interface CarSuspension {
  readonly lastMs: number;
  readonly isNow: boolean;
}

/** How one session's EVSE does what it is told. In memory only: learnt anew in minutes. */
export interface Delivery {
  readonly transactionId: TransactionId;
  readonly evidence: Evidence;
  readonly trace: AskedTrace;
  readonly stand?: MeterStand;
  readonly suspension?: CarSuspension;
  readonly discharge?: DeliveryLimit;
  readonly charge?: DeliveryLimit;
  /** What was shown last, and since when. */
  readonly shown: { readonly state: DeliveryState; readonly sinceMs: number; readonly reason: string };
}

/**
 * The limit after a sample of `deliveredKw` that was less than asked. While it is in force it is renewed;
 * each time that it comes back after its pause it holds twice as long.
 */
export function limitAfter(
  before: DeliveryLimit | undefined,
  { deliveredKw, atBound }: { deliveredKw: number; atBound: boolean },
  nowMs: number,
): DeliveryLimit {
  const isRenewed = before !== undefined && before.untilMs > nowMs;
  const count = isRenewed ? before.count : (before?.count ?? 0) + 1;
  const pauseMs = Math.min(MAX_LIMIT_MS, FIRST_LIMIT_MS * 2 ** (count - 1));
  return { kw: deliveredKw, untilMs: nowMs + pauseMs, count, atBound };
}

/** The suspension once a transaction event has told the charging state. */
export function suspensionAfter(
  before: CarSuspension | undefined,
  chargingState: string | undefined,
  nowMs: number,
): CarSuspension | undefined {
  const isNow = chargingState === 'SuspendedEV';
  return isNow || before?.isNow ? { lastMs: nowMs, isNow } : before;
}

/** The limit that holds now, kW; Infinity when none does. */
export function limitKwAt(limit: DeliveryLimit | undefined, nowMs: number): number {
  return limit === undefined || limit.untilMs <= nowMs ? Number.POSITIVE_INFINITY : limit.kw;
}

/** Whether a plan made with `before` is worth making again. */
export function isNotable(
  before: DeliveryLimit | undefined,
  after: DeliveryLimit | undefined,
  nowMs: number,
): boolean {
  const [had, has] = [limitKwAt(before, nowMs), limitKwAt(after, nowMs)];
  return had !== has && Math.abs(had - has) > NOTABLE_KW;
}

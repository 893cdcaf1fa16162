import type { AccountedShare, DispatchOrder, DispatchShare } from '../../domain/dispatch.js';
import type { EvseId } from '../../domain/ids.js';
import type { Plan } from '../../domain/plan.js';
import { energyKwhOf, MS_PER_MINUTE } from '../../domain/power.js';
import type { DesiredProfile } from '../../domain/profile.js';
import type { IntervalEnergy } from '../../domain/reading.js';
import { INTERVAL_MINUTES } from '../metering/intervals.js';
import { sessionKwInSlot, slotAt, slotStartMs } from '../planning/plan-slots.js';
import { profileEnergyKwh } from '../planning/stored-energy.js';

/** Acknowledged energy per EVSE that the profiles in force now do not tell of, kWh. */
export type ProfileCorrections = ReadonlyMap<EvseId, number>;
const NO_CORRECTIONS: ProfileCorrections = new Map();

interface Sums {
  askedKwh: number;
  acknowledgedKwh: number;
  meteredKwh: number;
}

/**
 * The order with its past booked up to `nowMs`: what the plan in force asked of each EVSE and what the
 * profile in force carried. Call it before either changes. Returns the same order when nothing is due.
 */
export function accountTo(
  order: DispatchOrder,
  nowMs: number,
  plan: Plan | undefined,
  inForce: Iterable<DesiredProfile>,
  corrections: ProfileCorrections = NO_CORRECTIONS,
  isMember: (evseId: EvseId) => boolean = () => true,
): DispatchOrder {
  const fromMs = order.accounted?.toMs ?? order.startMs;
  const toMs = Math.min(nowMs, order.endMs);
  if (toMs <= fromMs) return order;
  const sums = startFrom(order.accounted?.shares ?? []);
  addPlanned(sums, plan, fromMs, toMs, isMember);
  addAcknowledged(sums, inForce, fromMs, toMs, isMember);
  addCorrections(sums, corrections, isMember);
  const shares = [...sums].map(([evseId, { askedKwh, acknowledgedKwh }]) => ({
    evseId,
    askedKwh,
    acknowledgedKwh,
  }));
  return { ...order, accounted: { toMs, shares } };
}

/**
 * Per EVSE, over [order.startMs, toMs): energy asked and acknowledged (booked past, and the future by the
 * plan and the profiles in force) and energy metered. kWh, signed.
 */
export function sharesOf(
  order: DispatchOrder,
  facts: {
    nowMs: number;
    toMs: number;
    metered: readonly IntervalEnergy[];
    plan: Plan | undefined;
    inForce: Iterable<DesiredProfile>;
    corrections?: ProfileCorrections;
    /** Whose energy the order is about; absent = everybody's. */
    isMember?: (evseId: EvseId) => boolean;
  },
): DispatchShare[] {
  const { isMember = () => true } = facts;
  const sums = startFrom(order.accounted?.shares ?? []);
  const fromMs = order.accounted?.toMs ?? order.startMs;
  if (facts.toMs > fromMs) {
    addPlanned(sums, facts.plan, fromMs, facts.toMs, isMember);
    addAcknowledged(sums, facts.inForce, fromMs, facts.toMs, isMember);
    addCorrections(sums, facts.corrections ?? NO_CORRECTIONS, isMember);
  }
  const metered = facts.metered.filter(({ evseId }) => isMember(evseId));
  addMetered(sums, metered, order.startMs, facts.toMs);
  return [...sums]
    .map(([evseId, sum]) => ({ evseId, ...sum }))
    .sort((a, b) => (a.evseId < b.evseId ? -1 : 1));
}

/**
 * What one EVSE's change of profile at `nowMs` must add to the booking that follows, kWh: that booking takes
 * the new profile for the whole of the unbooked past, in which the old one was in force. So a change costs
 * the work of one EVSE, not of the fleet.
 */
export function profileCorrectionKwh(
  order: DispatchOrder,
  nowMs: number,
  before: DesiredProfile | undefined,
  after: DesiredProfile | undefined,
): number {
  const fromMs = order.accounted?.toMs ?? order.startMs;
  const toMs = Math.min(nowMs, order.endMs);
  if (toMs <= fromMs) return 0;
  const energyOf = (profile: DesiredProfile | undefined) =>
    profile === undefined ? 0 : profileEnergyKwh(profile, fromMs, toMs);
  return energyOf(before) - energyOf(after);
}

function addCorrections(
  sums: Map<EvseId, Sums>,
  corrections: ProfileCorrections,
  isMember: (evseId: EvseId) => boolean,
): void {
  for (const [evseId, kwh] of corrections) {
    if (isMember(evseId)) sumOf(sums, evseId).acknowledgedKwh += kwh;
  }
}

function startFrom(shares: readonly AccountedShare[]): Map<EvseId, Sums> {
  return new Map(
    shares.map(({ evseId, askedKwh, acknowledgedKwh }) => [
      evseId,
      { askedKwh, acknowledgedKwh, meteredKwh: 0 },
    ]),
  );
}

function sumOf(sums: Map<EvseId, Sums>, evseId: EvseId): Sums {
  const known = sums.get(evseId) ?? { askedKwh: 0, acknowledgedKwh: 0, meteredKwh: 0 };
  sums.set(evseId, known);
  return known;
}

function addPlanned(
  sums: Map<EvseId, Sums>,
  plan: Plan | undefined,
  fromMs: number,
  toMs: number,
  isMember: (evseId: EvseId) => boolean,
): void {
  if (plan === undefined) return;
  for (const session of plan.sessions) {
    if (!isMember(session.evseId)) continue;
    const sum = sumOf(sums, session.evseId);
    for (let slot = slotAt(plan, fromMs); slotStartMs(plan, slot) < toMs; slot++) {
      const overlapMs =
        Math.min(toMs, slotStartMs(plan, slot + 1)) - Math.max(fromMs, slotStartMs(plan, slot));
      sum.askedKwh += energyKwhOf(sessionKwInSlot(session, slot), overlapMs);
    }
  }
}

function addAcknowledged(
  sums: Map<EvseId, Sums>,
  inForce: Iterable<DesiredProfile>,
  fromMs: number,
  toMs: number,
  isMember: (evseId: EvseId) => boolean,
): void {
  for (const profile of inForce)
    if (isMember(profile.evseId))
      sumOf(sums, profile.evseId).acknowledgedKwh += profileEnergyKwh(profile, fromMs, toMs);
}

/** Interval books overlap the order's edges in part: energy counts evenly over the interval. */
function addMetered(
  sums: Map<EvseId, Sums>,
  metered: readonly IntervalEnergy[],
  fromMs: number,
  toMs: number,
): void {
  const intervalMs = INTERVAL_MINUTES * MS_PER_MINUTE;
  for (const interval of metered) {
    const overlapMs = Math.min(toMs, interval.startMs + intervalMs) - Math.max(fromMs, interval.startMs);
    if (overlapMs <= 0) continue;
    const netWh = interval.importWh - interval.exportWh;
    sumOf(sums, interval.evseId).meteredKwh += (netWh / 1000) * (overlapMs / intervalMs);
  }
}

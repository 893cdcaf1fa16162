import type { AccountedShare, DispatchOrder, DispatchShare } from '../../domain/dispatch.js';
import type { EvseId } from '../../domain/ids.js';
import type { Plan } from '../../domain/plan.js';
import { energyKwhOf } from '../../domain/power.js';
import type { DesiredProfile } from '../../domain/profile.js';
import type { EnergyPiece } from '../../domain/reading.js';
import { planPieces, sessionKwInPiece } from '../planning/plan-slots.js';
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
 * plan and the profiles in force) and energy metered. kWh, signed, whole Wh.
 */
export function sharesOf(
  order: DispatchOrder,
  facts: {
    nowMs: number;
    toMs: number;
    /** Cut at the order's edges. */
    metered: readonly EnergyPiece[];
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
    .map(([evseId, { askedKwh, acknowledgedKwh, meteredKwh }]) => ({
      evseId,
      askedKwh: wholeWh(askedKwh),
      acknowledgedKwh: wholeWh(acknowledgedKwh),
      meteredKwh: wholeWh(meteredKwh),
    }))
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
  const pieces = planPieces(plan, fromMs, toMs);
  plan.sessions.forEach((session, index) => {
    if (!isMember(session.evseId)) return;
    const sum = sumOf(sums, session.evseId);
    for (const piece of pieces)
      sum.askedKwh += energyKwhOf(sessionKwInPiece(session, index, piece), piece.endMs - piece.startMs);
  });
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

/** A piece that straddles an edge counts evenly over its time. */
function addMetered(
  sums: Map<EvseId, Sums>,
  metered: readonly EnergyPiece[],
  fromMs: number,
  toMs: number,
): void {
  for (const piece of metered) {
    const overlapMs = Math.min(toMs, piece.endMs) - Math.max(fromMs, piece.startMs);
    if (overlapMs <= 0) continue;
    const netWh = piece.importWh - piece.exportWh;
    sumOf(sums, piece.evseId).meteredKwh += (netWh / 1000) * (overlapMs / (piece.endMs - piece.startMs));
  }
}

function wholeWh(kwh: number): number {
  return Math.round(kwh * 1000) / 1000 + 0;
}

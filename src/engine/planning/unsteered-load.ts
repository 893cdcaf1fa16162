import type { SiteId } from '../../domain/ids.js';
import { MS_PER_HOUR, MS_PER_MINUTE } from '../../domain/power.js';
import {
  type DesiredProfile,
  dynamicDurationS,
  dynamicPowerKwAt,
  profilePowerKwAt,
} from '../../domain/profile.js';
import type { Session } from '../../domain/session.js';
import type { EvseCapability } from '../../domain/station.js';
import type { Efficiencies } from '../sessions/energy-window.js';
import type { SessionGoal } from './goals.js';
import type { Horizon } from './price-horizon.js';

/** Load that the plan cannot steer, signed kW per slot of the horizon. */
export interface UnsteeredLoad {
  readonly netKw: readonly number[];
  /** What it may take from, and give to, a site's connection at most; ≥ 0, apart. */
  readonly bySite: ReadonlyMap<
    SiteId,
    { readonly importKw: readonly number[]; readonly exportKw: readonly number[] }
  >;
}

/** One session that the plan cannot steer, and what it is expected to do. */
export interface UnsteeredSession {
  readonly session: Session;
  /** Per slot of the horizon, signed kW. */
  readonly netKw: readonly number[];
  /** Why it is not steered, for a person; absent where it never said what it needs. */
  readonly reason?: string;
  /** Where it may at any time take all that it can: kept free at its site, kW ≥ 0. */
  readonly mayTakeKw?: number;
}

/** The sum of what they are expected to do. */
export function unsteeredLoad(sessions: readonly UnsteeredSession[], slots: number): UnsteeredLoad {
  const netKw = new Array<number>(slots).fill(0);
  const bySite = new Map<SiteId, { importKw: number[]; exportKw: number[] }>();
  for (const { session, netKw: own, mayTakeKw = 0 } of sessions) {
    const zeros = () => new Array<number>(slots).fill(0);
    const site =
      session.siteId === undefined
        ? undefined
        : (bySite.get(session.siteId) ?? { importKw: zeros(), exportKw: zeros() });
    if (session.siteId !== undefined && site !== undefined) bySite.set(session.siteId, site);
    for (let slot = 0; slot < slots; slot++) {
      const kw = own[slot] ?? 0;
      netKw[slot] = (netKw[slot] ?? 0) + kw;
      if (site === undefined) continue;
      site.importKw[slot] = (site.importKw[slot] ?? 0) + Math.max(0, kw, mayTakeKw);
      site.exportKw[slot] = (site.exportKw[slot] ?? 0) + Math.max(0, -kw);
    }
  }
  return { netKw, bySite };
}

/** Does the same on and on: nothing better is known of a car without needs. */
export function steadyKw(session: Session, slots: number): number[] {
  const { importKw, exportKw } = session.books;
  return new Array<number>(slots).fill(importKw - exportKw);
}

/**
 * What a station that follows nothing does: what it does now, until the battery is full or empty, or the
 * driver leaves. Mean power per slot, signed kW.
 */
export function ignoringKw(goal: SessionGoal, facts: ExpectationFacts): number[] {
  const { importKw, exportKw } = goal.session.books;
  return expectedKw(goal, facts, Number.NEGATIVE_INFINITY, () => importKw - exportKw);
}

/** Over which slots, from when on, and with which losses. */
export interface ExpectationFacts {
  readonly horizon: Horizon;
  readonly nowMs: number;
  readonly efficiency: Efficiencies;
}

/**
 * What a station does that is out of reach since `sinceMs`: its last profile to the end that it carries
 * within itself (validity, time without a link, a Dynamic profile's dead-man time), then the charging-only
 * default, at full power until the battery is full or the driver leaves. Mean power per slot, signed kW.
 */
export function offlineKw(
  goal: SessionGoal,
  facts: ExpectationFacts & {
    readonly inForce: DesiredProfile | undefined;
    readonly capability: EvseCapability;
    readonly sinceMs: number;
  },
): number[] {
  const { inForce, sinceMs, capability } = facts;
  const profile = inForce?.transactionId === goal.session.transactionId ? inForce : undefined;
  const endMs = profile === undefined ? sinceMs : offlineEndMs(profile, capability, sinceMs);
  const defaultKw = goal.ratedChargeKw ?? goal.maxChargeKw;
  // Nobody updates a Dynamic profile any more: the last value holds.
  const lastKw =
    profile !== undefined && capability.dialect === 'dynamic'
      ? dynamicPowerKwAt(profile, sinceMs)
      : undefined;
  return expectedKw(goal, facts, endMs, (atMs) =>
    profile === undefined || atMs >= endMs
      ? defaultKw
      : (lastKw ?? profilePowerKwAt(profile, atMs) ?? defaultKw),
  );
}

/** When the profile ends by itself at a station without a link. */
export function offlineEndMs(profile: DesiredProfile, capability: EvseCapability, sinceMs: number): number {
  return Math.min(
    profile.validToMs,
    capability.supportsMaxOfflineDuration ? sinceMs + profile.maxOfflineS * 1000 : Number.POSITIVE_INFINITY,
    capability.dialect === 'dynamic' ? sinceMs + dynamicDurationS(profile) * 1000 : Number.POSITIVE_INFINITY,
  );
}

/**
 * Steps through the horizon with the battery's bounds and the departure: a minute at a time up to
 * `steadyFromMs`, a slot at a time where the power asked changes no more.
 */
function expectedKw(
  goal: SessionGoal,
  { horizon, nowMs, efficiency }: { horizon: Horizon; nowMs: number; efficiency: Efficiencies },
  steadyFromMs: number,
  askedKwAt: (atMs: number) => number,
): number[] {
  const slotMs = horizon.slotMinutes * MS_PER_MINUTE;
  const { chargeEfficiency, dischargeEfficiency } = efficiency;
  let storedKwh = goal.storedKwh;
  return Array.from({ length: horizon.slots }, (_, slot) => {
    const startMs = horizon.startMs + slot * slotMs;
    const endMs = Math.min(startMs + slotMs, goal.departureMs);
    let energyKwh = 0;
    // What has passed of the first slot is in the books already.
    for (let atMs = Math.max(startMs, nowMs); atMs < endMs; ) {
      const untilMs = atMs >= steadyFromMs ? endMs : Math.min(endMs, atMs + MS_PER_MINUTE);
      const roomKwh = Math.max(0, goal.maxEnergyKwh - storedKwh) / chargeEfficiency;
      const leftKwh = Math.max(0, storedKwh - goal.minEnergyKwh) * dischargeEfficiency;
      const askedKwh = (askedKwAt(atMs) * (untilMs - atMs)) / MS_PER_HOUR;
      const stepKwh = Math.min(roomKwh, Math.max(-leftKwh, askedKwh));
      energyKwh += stepKwh;
      storedKwh += stepKwh > 0 ? stepKwh * chargeEfficiency : stepKwh / dischargeEfficiency;
      atMs = untilMs;
    }
    const planned = Math.min(slotMs, startMs + slotMs - Math.max(startMs, nowMs));
    return planned > 0 ? (energyKwh * MS_PER_HOUR) / planned : 0;
  });
}

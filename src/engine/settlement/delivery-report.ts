import { assert } from '../../domain/assert.js';
import type { BaselineBasis, DeliveryBaseline, DeliveryReport, DeliveryStep } from '../../domain/delivery.js';
import type { DispatchOrder } from '../../domain/dispatch.js';
import { invalidInput } from '../../domain/errors.js';
import type { EvseId } from '../../domain/ids.js';
import { MS_PER_HOUR, MS_PER_MINUTE } from '../../domain/power.js';
import type { IntervalEnergy } from '../../domain/reading.js';
import { askedNetKwAt } from '../dispatch/asked-power.js';
import { INTERVAL_MINUTES } from '../metering/intervals.js';
import { BESIDE_MS, dischargeWhOf, energyIn, meterBeforeMeterAfterKw } from './book-power.js';
import { type Covered, coveredShare, isCovered } from './meter-coverage.js';

const STEP_MS = INTERVAL_MINUTES * MS_PER_MINUTE;
/** Share of the asked power within which a step counts as exact, and above which activation is full. */
export const TOLERANCE = 0.05;
/** Share of the asked power that counts as a beginning. */
const INITIATION = 0.05;
/** kW below which nothing is asked. */
const NOTHING_KW = 1e-6;

/** A session in the order's time, and where its meter spoke. */
export interface MeteredSession {
  readonly evseId: EvseId;
  readonly startMs: number;
  /** Infinity while it is plugged in. */
  readonly endMs: number;
  readonly covered: readonly Covered[];
}

export interface DeliveryFacts {
  readonly nowMs: number;
  readonly provisional: boolean;
  /** Absent: the plan for an order against the plan, meters before and after for an absolute one. */
  readonly baseline?: DeliveryBaseline;
  /** Power by a method that looks at other days or other EVSEs; then `baseline` names it. */
  readonly computed?: { readonly kwAt: (atMs: number) => number; readonly basis: BaselineBasis };
  /** Interval books from {@link deliveryWindow}. */
  readonly intervals: readonly IntervalEnergy[];
  readonly sessions: readonly MeteredSession[];
}

/** The time whose interval books a report needs. */
export function deliveryWindow(order: DispatchOrder): { fromMs: number; toMs: number } {
  return { fromMs: order.startMs - BESIDE_MS - STEP_MS, toMs: order.endMs + BESIDE_MS + STEP_MS };
}

/** The baseline of an order that names none. */
export function usualBaseline(order: DispatchOrder): DeliveryBaseline {
  return order.deltaKw === undefined ? 'meter-before-meter-after' : 'nominated-plan';
}

/**
 * What an order delivered against its baseline, in steps of the interval books. Where a meter was silent its
 * step is flagged, and of the energy that the books spread over the silence only what counts against the
 * delivery is taken: nothing is delivered by a guess. INVALID_INPUT when the order has no such baseline.
 */
export function deliveryReport(order: DispatchOrder, facts: DeliveryFacts): DeliveryReport {
  const baseline = facts.baseline ?? usualBaseline(order);
  if (baseline === 'nominated-plan' && order.deltaKw === undefined) {
    throw invalidInput('baseline', 'an order of an absolute power has no nominated plan');
  }
  const endMs = Math.min(order.endMs, order.cancelledAtMs ?? order.endMs, facts.nowMs);
  const edges = stepEdges(order.startMs, endMs);
  const baselineKwAt = baselineOf(baseline, order, facts);
  const middles = edges.map(({ fromMs, toMs }) => (fromMs + toMs) / 2);
  const askedDeviationKwh = edges.reduce((sum, { fromMs, toMs }, index) => {
    const atMs = middles[index] ?? fromMs;
    return sum + (((askedNetKwAt(order, atMs) ?? 0) - baselineKwAt(atMs)) * (toMs - fromMs)) / MS_PER_HOUR;
  }, 0);
  const direction = askedDeviationKwh <= 0 ? 'up' : 'down';
  const sign = direction === 'up' ? -1 : 1;
  const perEvse = new Map<EvseId, { importKwh: number; exportKwh: number; missingSteps: number }>();
  let underKwh = 0;
  let overKwh = 0;
  const steps = edges.map(({ fromMs, toMs }, index): DeliveryStep => {
    const atMs = middles[index] ?? fromMs;
    const baselineKw = baselineKwAt(atMs);
    const askedKw = askedNetKwAt(order, atMs) ?? baselineKw;
    const silent = silentEvses(facts.sessions, fromMs, toMs);
    const hours = (toMs - fromMs) / MS_PER_HOUR;
    let netKwh = 0;
    let dischargeKwh = 0;
    for (const { evseId, importKwh, exportKwh } of energyIn(facts.intervals, fromMs, toMs)) {
      const isSilent = silent.has(evseId);
      const taken = {
        importKwh: isSilent && direction === 'down' ? 0 : importKwh,
        exportKwh: isSilent && direction === 'up' ? 0 : exportKwh,
      };
      netKwh += taken.importKwh - taken.exportKwh;
      dischargeKwh += dischargeWhOf(taken.importKwh, taken.exportKwh);
      const sum = perEvse.get(evseId) ?? { importKwh: 0, exportKwh: 0, missingSteps: 0 };
      sum.importKwh += taken.importKwh;
      sum.exportKwh += taken.exportKwh;
      perEvse.set(evseId, sum);
    }
    for (const evseId of silent) {
      const sum = perEvse.get(evseId) ?? { importKwh: 0, exportKwh: 0, missingSteps: 0 };
      sum.missingSteps += 1;
      perEvse.set(evseId, sum);
    }
    const meteredKw = netKwh / hours;
    // Zero for discharge sees what EVSEs feed in, and nothing of those that charge.
    const seenKw = baseline === 'zero-for-discharge' ? -dischargeKwh / hours : meteredKw;
    const deviationKw = sign * (seenKw - baselineKw);
    const wantedKw = Math.max(0, sign * (askedKw - baselineKw));
    const deliveredKw = Math.max(0, Math.min(deviationKw, wantedKw));
    const toleratedKw = TOLERANCE * wantedKw;
    underKwh += Math.max(0, wantedKw - deviationKw - toleratedKw) * hours;
    overKwh += Math.max(0, deviationKw - wantedKw - toleratedKw) * hours;
    return {
      startMs: fromMs,
      endMs: toMs,
      baselineKw,
      askedKw,
      meteredKw,
      creditedKwh: deliveredKw * hours,
      missing: [...silent].sort(),
    };
  });
  const askedOf = (step: DeliveryStep) => Math.max(0, sign * (step.askedKw - step.baselineKw));
  const hoursOf = (step: DeliveryStep) => (step.endMs - step.startMs) / MS_PER_HOUR;
  const askedKwh = sum(steps.map((step) => askedOf(step) * hoursOf(step)));
  const creditedKwh = sum(steps.map((step) => step.creditedKwh));
  const reached = (fraction: number) => {
    const first = steps.find(
      (step) =>
        askedOf(step) > NOTHING_KW &&
        step.creditedKwh / hoursOf(step) >= fraction * askedOf(step) - NOTHING_KW,
    );
    return first === undefined ? null : (first.endMs - order.startMs) / 1000;
  };
  const errorOf = (step: DeliveryStep) => Math.abs(step.meteredKw - step.askedKw);
  const exact = steps.filter((step) => errorOf(step) <= TOLERANCE * askedOf(step) + NOTHING_KW).length;
  const evses = [...perEvse]
    .map(([evseId, energy]) => ({ evseId, ...energy }))
    .sort((a, b) => (a.evseId < b.evseId ? -1 : 1));
  return {
    dispatchId: order.dispatchId,
    startMs: order.startMs,
    endMs: order.endMs,
    direction,
    baseline,
    basis: facts.computed?.basis ?? null,
    provisional: facts.provisional,
    stepMinutes: INTERVAL_MINUTES,
    steps,
    askedKwh,
    creditedKwh,
    deliveryRatio: askedKwh > NOTHING_KW ? creditedKwh / askedKwh : null,
    initiationS: reached(INITIATION),
    fullActivationS: reached(1 - TOLERANCE),
    worstErrorKw: steps.reduce((worst, step) => Math.max(worst, errorOf(step)), 0),
    withinTolerance: steps.length === 0 ? null : exact / steps.length,
    toleranceFraction: TOLERANCE,
    underKwh,
    overKwh,
    availability: availabilityOf(facts.sessions, order.startMs, endMs),
    missingSteps: steps.filter(({ missing }) => missing.length > 0).length,
    importKwh: sum(evses.map(({ importKwh }) => importKwh)),
    exportKwh: sum(evses.map(({ exportKwh }) => exportKwh)),
    evses,
  };
}

function baselineOf(
  baseline: DeliveryBaseline,
  order: DispatchOrder,
  { nowMs, intervals, computed }: DeliveryFacts,
): (atMs: number) => number {
  switch (baseline) {
    case 'zero':
    case 'zero-for-discharge':
      return () => 0;
    case 'nominated-plan':
      return (atMs) => (askedNetKwAt(order, atMs) ?? 0) - (order.deltaKw ?? 0);
    case 'meter-before-meter-after': {
      const kw = meterBeforeMeterAfterKw(intervals, order, nowMs >= order.endMs + BESIDE_MS);
      return () => kw;
    }
    case 'high-x-of-y':
    case 'control-group':
      assert(computed !== undefined, 'a baseline of other days or EVSEs is computed before the report');
      return computed.kwAt;
  }
}

function availabilityOf(sessions: readonly MeteredSession[], fromMs: number, toMs: number): number | null {
  const shares = sessions.flatMap(({ startMs, endMs, covered }) => {
    const begin = Math.max(fromMs, startMs);
    const end = Math.min(toMs, endMs);
    return end > begin ? [{ ms: end - begin, share: coveredShare(covered, begin, end) }] : [];
  });
  const allMs = sum(shares.map(({ ms }) => ms));
  return allMs > 0 ? sum(shares.map(({ ms, share }) => ms * share)) / allMs : null;
}

function silentEvses(sessions: readonly MeteredSession[], fromMs: number, toMs: number): Set<EvseId> {
  const silent = new Set<EvseId>();
  for (const { evseId, startMs, endMs, covered } of sessions) {
    const begin = Math.max(fromMs, startMs);
    const end = Math.min(toMs, endMs);
    if (end > begin && !isCovered(covered, begin, end)) silent.add(evseId);
  }
  return silent;
}

function stepEdges(startMs: number, endMs: number): { fromMs: number; toMs: number }[] {
  const edges: { fromMs: number; toMs: number }[] = [];
  for (let fromMs = startMs; fromMs < endMs; ) {
    const toMs = Math.min(endMs, (Math.floor(fromMs / STEP_MS) + 1) * STEP_MS);
    edges.push({ fromMs, toMs });
    fromMs = toMs;
  }
  return edges;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

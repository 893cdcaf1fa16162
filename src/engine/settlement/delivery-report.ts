import { assert } from '../../domain/assert.js';
import type { BaselineBasis, DeliveryBaseline, DeliveryReport, DeliveryStep } from '../../domain/delivery.js';
import type { DispatchOrder } from '../../domain/dispatch.js';
import { invalidInput } from '../../domain/errors.js';
import type { EvseId } from '../../domain/ids.js';
import { MS_PER_HOUR, MS_PER_MINUTE } from '../../domain/power.js';
import type { EnergyPiece } from '../../domain/reading.js';
import { askedNetKwAt } from '../dispatch/asked-power.js';
import { INTERVAL_MINUTES } from '../metering/intervals.js';
import { BESIDE_MS, dischargeWhOf, meterBeforeMeterAfterKw } from './book-power.js';
import { type Covered, coveredShare, isCovered } from './meter-coverage.js';
import { type StepSpan, stepEnergies } from './step-energy.js';

const STEP_MS = INTERVAL_MINUTES * MS_PER_MINUTE;
/** Share of the asked power within which a step counts as exact, and above which activation is full. */
export const TOLERANCE = 0.05;
/** Share of the asked power that counts as a beginning. */
const INITIATION = 0.05;
/** kW below which nothing is asked. */
const NOTHING_KW = 1e-6;
/** What rounding to whole Wh may take away, kWh. */
const HALF_WH_KWH = 0.0005;

/** A session in the order's time, and where its meter spoke. */
export interface MeteredSession {
  readonly evseId: EvseId;
  readonly startMs: number;
  /** Infinity while it is plugged in. */
  readonly endMs: number;
  readonly covered: readonly Covered[];
  /** Edges of the steps at which its meter was read. */
  readonly readAt: ReadonlySet<number>;
}

export interface DeliveryFacts {
  readonly nowMs: number;
  readonly provisional: boolean;
  /** Absent: the plan for an order against the plan, meters before and after for an absolute one. */
  readonly baseline?: DeliveryBaseline;
  /** Power by a method that looks at other days or other EVSEs; then `baseline` names it. */
  readonly computed?: { readonly kwAt: (atMs: number) => number; readonly basis: BaselineBasis };
  /** Interval books from {@link deliveryWindow}, cut at {@link deliveryCuts}, by their start. */
  readonly pieces: readonly EnergyPiece[];
  readonly sessions: readonly MeteredSession[];
}

/** The time whose interval books a report needs. */
export function deliveryWindow(order: DispatchOrder): { fromMs: number; toMs: number } {
  return { fromMs: order.startMs - BESIDE_MS - STEP_MS, toMs: order.endMs + BESIDE_MS + STEP_MS };
}

/** Where energy must be told apart for a report: at the order's ends and those of the times beside it. */
export function deliveryCuts(order: DispatchOrder): number[] {
  const endMs = Math.min(order.endMs, order.cancelledAtMs ?? order.endMs);
  return [order.startMs - BESIDE_MS, order.startMs, endMs, order.endMs, order.endMs + BESIDE_MS];
}

/** The order's time until now in steps of the interval books. */
export function deliverySteps(order: DispatchOrder, nowMs: number): StepSpan[] {
  return stepsOf(order.startMs, Math.min(order.endMs, order.cancelledAtMs ?? order.endMs, nowMs));
}

/** The baseline of an order that names none. */
export function usualBaseline(order: DispatchOrder): DeliveryBaseline {
  return order.deltaKw === undefined ? 'meter-before-meter-after' : 'nominated-plan';
}

/**
 * What an order delivered against its baseline, in steps of the interval books. Energies are whole Wh, powers
 * whole W, so that parts add up to sums exactly. Where a meter was silent its step is flagged, and of the energy
 * that the books spread over the silence only what counts against the delivery is taken: nothing is delivered by
 * a guess. INVALID_INPUT when the order has no such baseline.
 */
export function deliveryReport(order: DispatchOrder, facts: DeliveryFacts): DeliveryReport {
  const baseline = facts.baseline ?? usualBaseline(order);
  if (baseline === 'nominated-plan' && order.deltaKw === undefined) {
    throw invalidInput('baseline', 'an order of an absolute power has no nominated plan');
  }
  const spans = deliverySteps(order, facts.nowMs);
  const baselineKwAt = baselineOf(baseline, order, facts);
  const powers = spans.map(({ fromMs, toMs }) => {
    const atMs = (fromMs + toMs) / 2;
    const baselineKw = toWatt(baselineKwAt(atMs));
    const askedKw = askedNetKwAt(order, atMs);
    return { baselineKw, askedKw: askedKw === undefined ? baselineKw : toWatt(askedKw) };
  });
  const hours = spans.map(({ fromMs, toMs }) => (toMs - fromMs) / MS_PER_HOUR);
  const deviationKwh = sum(
    powers.map(({ askedKw, baselineKw }, step) => (askedKw - baselineKw) * (hours[step] ?? 0)),
  );
  const direction = deviationKwh <= 0 ? 'up' : 'down';
  const sign = direction === 'up' ? -1 : 1;
  const silent = spans.map((span) => evsesWhere(facts.sessions, span, isSilent));
  const estimated = spans.map((span, step) =>
    evsesWhere(facts.sessions, span, isEstimated).filter((evseId) => !silent[step]?.includes(evseId)),
  );
  const energies = stepEnergies(facts.pieces, spans, (evseId, step) => {
    const isGuess = silent[step]?.includes(evseId) ?? false;
    return { import: !(isGuess && direction === 'down'), export: !(isGuess && direction === 'up') };
  });
  let underWh = 0;
  let overWh = 0;
  let askedWh = 0;
  const steps = spans.map(({ fromMs, toMs }, step): DeliveryStep => {
    const { baselineKw = 0, askedKw = 0 } = powers[step] ?? {};
    const stepHours = hours[step] ?? 0;
    const importWh = sum(energies.map((evse) => evse.importWh[step] ?? 0));
    const exportWh = sum(energies.map((evse) => evse.exportWh[step] ?? 0));
    const dischargeWh = sum(
      energies.map((evse) => dischargeWhOf(evse.importWh[step] ?? 0, evse.exportWh[step] ?? 0)),
    );
    // Zero for discharge sees what EVSEs feed in, and nothing of those that charge.
    const seenWh = baseline === 'zero-for-discharge' ? -dischargeWh : importWh - exportWh;
    const deviationWh = sign * (seenWh - 1000 * baselineKw * stepHours);
    const wantedWh = Math.max(0, sign * 1000 * (askedKw - baselineKw) * stepHours);
    const toleratedWh = TOLERANCE * wantedWh;
    underWh += Math.round(Math.max(0, wantedWh - deviationWh - toleratedWh));
    overWh += Math.round(Math.max(0, deviationWh - wantedWh - toleratedWh));
    askedWh += Math.round(wantedWh);
    return {
      startMs: fromMs,
      endMs: toMs,
      baselineKw,
      askedKw,
      meteredKw: toWatt((importWh - exportWh) / 1000 / stepHours),
      importKwh: importWh / 1000,
      exportKwh: exportWh / 1000,
      creditedKwh: Math.round(Math.max(0, Math.min(deviationWh, wantedWh))) / 1000,
      missing: silent[step] ?? [],
      estimated: estimated[step] ?? [],
    };
  });
  const askedOf = (step: DeliveryStep) => Math.max(0, sign * (step.askedKw - step.baselineKw));
  const creditedWh = sumWh(steps.map((step) => step.creditedKwh));
  const reached = (fraction: number) => {
    const first = steps.find((step, index) => {
      const leastKwh = fraction * askedOf(step) * (hours[index] ?? 0) - HALF_WH_KWH;
      return askedOf(step) > NOTHING_KW && step.creditedKwh >= leastKwh;
    });
    return first === undefined ? null : (first.endMs - order.startMs) / 1000;
  };
  const errorOf = (step: DeliveryStep) => toWatt(Math.abs(step.meteredKw - step.askedKw));
  const exact = steps.filter((step) => errorOf(step) <= TOLERANCE * askedOf(step) + NOTHING_KW).length;
  const flagged = (lists: readonly (readonly EvseId[])[], evseId: EvseId) =>
    lists.filter((evseIds) => evseIds.includes(evseId)).length;
  const energyById = new Map(energies.map((energy) => [energy.evseId, energy]));
  const present = spans.flatMap((span) => evsesWhere(facts.sessions, span, () => true));
  const evseIds = new Set([...energyById.keys(), ...present]);
  const endMs = spans.at(-1)?.toMs ?? order.startMs;
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
    askedKwh: askedWh / 1000,
    creditedKwh: creditedWh / 1000,
    deliveryRatio: askedWh > 0 ? creditedWh / askedWh : null,
    initiationS: reached(INITIATION),
    fullActivationS: reached(1 - TOLERANCE),
    worstErrorKw: steps.reduce((worst, step) => Math.max(worst, errorOf(step)), 0),
    withinTolerance: steps.length === 0 ? null : exact / steps.length,
    toleranceFraction: TOLERANCE,
    underKwh: underWh / 1000,
    overKwh: overWh / 1000,
    availability: availabilityOf(facts.sessions, order.startMs, endMs),
    missingSteps: silent.filter((evses) => evses.length > 0).length,
    estimatedSteps: estimated.filter((evses) => evses.length > 0).length,
    importKwh: sumWh(steps.map(({ importKwh }) => importKwh)) / 1000,
    exportKwh: sumWh(steps.map(({ exportKwh }) => exportKwh)) / 1000,
    evses: [...evseIds].sort().map((evseId) => ({
      evseId,
      importKwh: sum(energyById.get(evseId)?.importWh ?? []) / 1000,
      exportKwh: sum(energyById.get(evseId)?.exportWh ?? []) / 1000,
      missingSteps: flagged(silent, evseId),
      estimatedSteps: flagged(estimated, evseId),
    })),
  };
}

function baselineOf(
  baseline: DeliveryBaseline,
  order: DispatchOrder,
  { nowMs, pieces, computed }: DeliveryFacts,
): (atMs: number) => number {
  switch (baseline) {
    case 'zero':
    case 'zero-for-discharge':
      return () => 0;
    case 'nominated-plan':
      return (atMs) => (askedNetKwAt(order, atMs) ?? 0) - (order.deltaKw ?? 0);
    case 'meter-before-meter-after': {
      const kw = meterBeforeMeterAfterKw(pieces, order, nowMs >= order.endMs + BESIDE_MS);
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

type SpanTest = (session: MeteredSession, fromMs: number, toMs: number) => boolean;

/** EVSEs of the sessions that are there in a step and pass the test over their part of it. */
function evsesWhere(sessions: readonly MeteredSession[], span: StepSpan, test: SpanTest): EvseId[] {
  const found = new Set<EvseId>();
  for (const session of sessions) {
    const fromMs = Math.max(span.fromMs, session.startMs);
    const toMs = Math.min(span.toMs, session.endMs);
    if (toMs > fromMs && test(session, fromMs, toMs)) found.add(session.evseId);
  }
  return [...found].sort();
}

const isSilent: SpanTest = ({ covered }, fromMs, toMs) => !isCovered(covered, fromMs, toMs);

/** A session's own begin and end come with a reading. */
const isEstimated: SpanTest = ({ startMs, endMs, readAt }, fromMs, toMs) =>
  (fromMs > startMs && !readAt.has(fromMs)) || (toMs < endMs && !readAt.has(toMs));

function stepsOf(startMs: number, endMs: number): StepSpan[] {
  const spans: StepSpan[] = [];
  for (let fromMs = startMs; fromMs < endMs; ) {
    const toMs = Math.min(endMs, (Math.floor(fromMs / STEP_MS) + 1) * STEP_MS);
    spans.push({ fromMs, toMs });
    fromMs = toMs;
  }
  return spans;
}

function toWatt(kw: number): number {
  return Math.round(kw * 1000) / 1000;
}

/** Sum of kWh that are whole Wh, in whole Wh. */
function sumWh(valuesKwh: readonly number[]): number {
  return sum(valuesKwh.map((kwh) => Math.round(kwh * 1000)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

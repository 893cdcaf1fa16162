import type { DispatchOrder } from '../../domain/dispatch.js';
import { invalidInput } from '../../domain/errors.js';
import type { Plan } from '../../domain/plan.js';
import { energyKwhOf, MS_PER_HOUR, MS_PER_MINUTE } from '../../domain/power.js';
import type { DispatchRequest } from '../../ports/use-cases.js';
import { slotAt, slotStartMs } from '../planning/plan-slots.js';
import { askedNetKwAt } from '../planning/problem.js';

/** Longest order, and the furthest start. */
const MAX_ORDER_MS = 36 * MS_PER_HOUR;
const MAX_AHEAD_MS = 36 * MS_PER_HOUR;
/** "From now on" may be this old when it arrives; nothing can be asked of the past. */
const MAX_BEHIND_MS = 5 * MS_PER_MINUTE;
/** Share of the energy in question that may be missing or too much in a delivery. */
const DELIVERED_TOLERANCE = 0.05;
/** Below this the interval books cannot tell, kWh. */
const LEAST_TOLERANCE_KWH = 0.1;

/** @throws EbbflowError INVALID_INPUT that names the field */
export function checkRequest(request: DispatchRequest, nowMs: number): void {
  const { startMs, endMs, targetNetKw, deltaKw } = request;
  if (!(endMs > startMs)) throw invalidInput('end', 'must be after start');
  if (endMs <= nowMs) throw invalidInput('end', 'must be in the future');
  if (endMs - startMs > MAX_ORDER_MS) throw invalidInput('end', 'an order lasts at most 36 hours');
  if (startMs < nowMs - MAX_BEHIND_MS) throw invalidInput('start', 'must not be in the past');
  if (startMs > nowMs + MAX_AHEAD_MS) throw invalidInput('start', 'must be within the next 36 hours');
  if ((targetNetKw === undefined) === (deltaKw === undefined)) {
    throw invalidInput('targetNetKw', 'give exactly one of targetNetKw and deltaKw');
  }
  const power = targetNetKw ?? deltaKw;
  if (power === undefined || !Number.isFinite(power)) {
    throw invalidInput(
      targetNetKw === undefined ? 'deltaKw' : 'targetNetKw',
      'must be a finite number of kW',
    );
  }
}

/** Asked power per plan slot: the target, or the plan that stands now plus the delta. */
export function askedSteps(request: DispatchRequest, plan: Plan | undefined): DispatchOrder['askedNetKw'] {
  if (request.targetNetKw !== undefined) return [{ startMs: request.startMs, netKw: request.targetNetKw }];
  const deltaKw = request.deltaKw ?? 0;
  if (plan === undefined) return [{ startMs: request.startMs, netKw: deltaKw }];
  const steps: { startMs: number; netKw: number }[] = [];
  for (let slot = slotAt(plan, request.startMs); slotStartMs(plan, slot) < request.endMs; slot++) {
    steps.push({
      startMs: Math.max(request.startMs, slotStartMs(plan, slot)),
      netKw: (plan.netKw[slot] ?? 0) + deltaKw,
    });
  }
  return steps;
}

/** Energy that the order asks of the fleet over [fromMs, toMs), kWh, signed. */
export function askedKwhOf(order: DispatchOrder, fromMs: number, toMs: number): number {
  let energyKwh = 0;
  const edges = [...order.askedNetKw.map((step) => Math.max(fromMs, step.startMs)), toMs];
  for (let index = 0; index + 1 < edges.length; index++) {
    const startMs = edges[index] as number;
    const endMs = Math.min(toMs, edges[index + 1] as number);
    if (endMs > startMs) energyKwh += energyKwhOf(askedNetKwAt(order, startMs) ?? 0, endMs - startMs);
  }
  return energyKwh;
}

/**
 * Whether the metered energy is what was asked, to within 5 % of the energy that the order was about: of the
 * delta's own energy where a delta was ordered, for doing nothing must not pass on the size of the fleet.
 */
export function isDelivered(order: DispatchOrder, askedKwh: number, meteredKwh: number): boolean {
  const orderedKwh =
    order.deltaKw === undefined ? askedKwh : energyKwhOf(order.deltaKw, order.endMs - order.startMs);
  const toleratedKwh = Math.max(LEAST_TOLERANCE_KWH, DELIVERED_TOLERANCE * Math.abs(orderedKwh));
  return Math.abs(meteredKwh - askedKwh) <= toleratedKwh;
}

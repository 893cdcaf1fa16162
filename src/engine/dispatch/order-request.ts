import type { DispatchOrder } from '../../domain/dispatch.js';
import { invalidInput } from '../../domain/errors.js';
import type { EvseId } from '../../domain/ids.js';
import type { Plan } from '../../domain/plan.js';
import { energyKwhOf, MS_PER_HOUR, MS_PER_MINUTE } from '../../domain/power.js';
import type { DispatchRequest } from '../../ports/use-cases.js';
import { plannedNetKwAt, planPieces, sessionKwInPiece } from '../planning/plan-slots.js';
import { askedNetKwAt } from './asked-power.js';

/** Longest order, and the furthest start. */
const MAX_ORDER_MS = 36 * MS_PER_HOUR;
const MAX_AHEAD_MS = 36 * MS_PER_HOUR;
/** "From now on" may be this old when it arrives; nothing can be asked of the past. */
const MAX_BEHIND_MS = 5 * MS_PER_MINUTE;
/** Share of the energy in question that may be missing or too much in a delivery. */
const DELIVERED_TOLERANCE = 0.05;
/** Below this the interval books cannot tell, kWh. */
const LEAST_TOLERANCE_KWH = 0.1;

/** Powers of an order, of which exactly one is given; the two caps count as one. */
const POWERS = ['targetNetKw', 'deltaKw', 'importCapKw', 'exportCapKw'] as const;

/**
 * `noticeS` is the least time from now to the start; without one, an order may begin as it arrives.
 * @throws EbbflowError INVALID_INPUT that names the field
 */
export function checkRequest(request: DispatchRequest, nowMs: number, noticeS = 0): void {
  const { startMs, endMs } = request;
  if (!(endMs > startMs)) throw invalidInput('end', 'must be after start');
  if (endMs <= nowMs) throw invalidInput('end', 'must be in the future');
  if (endMs - startMs > MAX_ORDER_MS) throw invalidInput('end', 'an order lasts at most 36 hours');
  if (startMs < nowMs - MAX_BEHIND_MS) throw invalidInput('start', 'must not be in the past');
  if (noticeS > 0 && startMs < nowMs + noticeS * 1000) {
    const earliest = new Date(nowMs + noticeS * 1000).toISOString();
    throw invalidInput('start', `orders need ${noticeS} s of notice: not before ${earliest}`);
  }
  if (startMs > nowMs + MAX_AHEAD_MS) throw invalidInput('start', 'must be within the next 36 hours');
  const isCap = request.importCapKw !== undefined || request.exportCapKw !== undefined;
  const given = [
    request.targetNetKw !== undefined,
    request.deltaKw !== undefined,
    isCap,
    request.release === true,
  ];
  if (given.filter(Boolean).length !== 1) {
    throw invalidInput('targetNetKw', 'give exactly one of targetNetKw, deltaKw, a cap and release');
  }
  for (const field of POWERS) {
    const power = request[field];
    if (power !== undefined && !Number.isFinite(power))
      throw invalidInput(field, 'must be a finite number of kW');
    if (field.endsWith('CapKw') && power !== undefined && power < 0)
      throw invalidInput(field, 'must be at least 0');
  }
}

/**
 * Asked power per plan slot: the target, or the plan that stands now plus the delta; nothing for a cap or release.
 * `part` is what an order on a part of the fleet is about: whose plan counts, and the load there that nobody steers.
 */
export function askedSteps(
  request: DispatchRequest,
  plan: Plan | undefined,
  part?: { readonly isMember: (evseId: EvseId) => boolean; readonly uncontrolledKw: number },
): DispatchOrder['askedNetKw'] {
  if (request.targetNetKw !== undefined) return [{ startMs: request.startMs, netKw: request.targetNetKw }];
  const { deltaKw } = request;
  if (deltaKw === undefined) return [];
  if (plan === undefined) return [{ startMs: request.startMs, netKw: deltaKw }];
  const steps: { startMs: number; netKw: number }[] = [];
  const members = plan.sessions.flatMap((session, index) =>
    part?.isMember(session.evseId) ? [{ session, index }] : [],
  );
  for (const piece of planPieces(plan, request.startMs, request.endMs)) {
    const planKw =
      part === undefined
        ? (plannedNetKwAt(plan, piece.startMs) ?? 0)
        : members.reduce(
            (sum, { session, index }) => sum + sessionKwInPiece(session, index, piece),
            part.uncontrolledKw,
          );
    steps.push({ startMs: piece.startMs, netKw: planKw + deltaKw });
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

/**
 * Whether the metered power of every interval kept within the caps, to within 5 % and what the interval books
 * cannot tell. `intervals` are those of the order's time with the scope's metered energy.
 */
export function isWithinCaps(
  { importCapKw = Number.POSITIVE_INFINITY, exportCapKw = Number.POSITIVE_INFINITY }: DispatchOrder,
  intervals: readonly { readonly netKwh: number; readonly lengthMs: number }[],
): boolean {
  return intervals.every(({ netKwh, lengthMs }) => {
    const most = (capKw: number) =>
      energyKwhOf(capKw, lengthMs) * (1 + DELIVERED_TOLERANCE) + LEAST_TOLERANCE_KWH;
    return netKwh <= most(importCapKw) && -netKwh <= most(exportCapKw);
  });
}

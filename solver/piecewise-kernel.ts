import type { FleetModel } from './fleet-model.js';

/** A continuous piecewise linear function on [x[0], x[n − 1]], linear between its points. */
interface Curve {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** A day of quarter-hours with 60 negative ones stays well below this. */
const MOST_POINTS = 800;
/** Points nearer than this, kWh, are one point. */
const SAME_KWH = 1e-11;

/**
 * Exact optimum of one vehicle when some slots would pay for burning energy, (9): the cost-to-go is still
 * continuous and piecewise linear but no longer convex. Formula (14): the better of two sliding minima,
 * over what one slot can charge and over what it can discharge, so that a slot never does both.
 *
 * Arguments as in ChainKernel.solve. Costs some microseconds per slot and breakpoint. False, with nothing written,
 * when there are too many breakpoints to follow, as there may be over hundreds of slots that are not convex.
 */
export function solvePiecewise(
  model: FleetModel,
  i: number,
  importPerKwh: Float64Array,
  exportPerKwh: Float64Array,
  change: Float64Array,
  at: number,
): boolean {
  const first = model.firstSlot[i] as number;
  const end = model.endSlot[i] as number;
  const mostIn = model.chargeKwh[i] as number;
  const mostOut = model.dischargeKwh[i] as number;
  const buyAt = (t: number): number => (importPerKwh[t] as number) / (model.chargeEfficiency[i] as number);
  const sellAt = (t: number): number =>
    ((exportPerKwh[t] as number) - (model.wearPerKwh[i] as number)) *
    (model.dischargeEfficiency[i] as number);

  const toGo: Curve[] = new Array(end - first + 1);
  let curve = terminalCurve(model, i);
  toGo[end - first] = curve;
  for (let t = end - 1; t > first; t -= 1) {
    const charged = tilt(slidingMinimum(tilt(curve, buyAt(t)), mostIn), -buyAt(t));
    const discharged = tilt(mirror(slidingMinimum(mirror(tilt(curve, sellAt(t))), mostOut)), -sellAt(t));
    curve = lowerOf(charged, discharged);
    if (curve.x.length > MOST_POINTS) return false;
    toGo[t - first] = curve;
  }

  let energy = model.startKwh[i] as number;
  for (let t = first; t < end; t += 1) {
    const next = bestNext(toGo[t - first + 1] as Curve, energy, mostIn, mostOut, buyAt(t), sellAt(t));
    change[at + t - first] = next - energy;
    energy = next;
  }
  return true;
}

/** Cost of ending with x kWh, (8). */
function terminalCurve(model: FleetModel, i: number): Curve {
  const floor = model.floorKwh[i] as number;
  const ceiling = model.ceilingKwh[i] as number;
  const target = model.targetKwh[i] as number;
  const x = [floor];
  if (target > floor + SAME_KWH && target < ceiling - SAME_KWH) x.push(target);
  if (ceiling > floor + SAME_KWH) x.push(ceiling);
  return { x, y: x.map((energy) => model.penaltyPerKwh * Math.max(0, target - energy)) };
}

function tilt({ x, y }: Curve, slope: number): Curve {
  return { x, y: y.map((value, k) => value + slope * (x[k] as number)) };
}

function mirror({ x, y }: Curve): Curve {
  return { x: x.map((value) => -value).reverse(), y: y.slice().reverse() };
}

function valueAt({ x, y }: Curve, at: number, hint: { k: number }): number {
  const last = x.length - 1;
  if (at <= (x[0] as number)) return y[0] as number;
  if (at >= (x[last] as number)) return y[last] as number;
  let k = hint.k;
  while ((x[k + 1] as number) < at) k += 1;
  hint.k = k;
  const x0 = x[k] as number;
  const y0 = y[k] as number;
  return y0 + (((y[k + 1] as number) - y0) * (at - x0)) / ((x[k + 1] as number) - x0);
}

/** e ↦ min of the curve over [e, e + width], cut at the curve's right end. */
function slidingMinimum(curve: Curve, width: number): Curve {
  const { x, y } = curve;
  const n = x.length;
  if (width <= 0 || n === 1) return curve;
  const events = mergedEvents(x, width);
  const outX: number[] = [];
  const outY: number[] = [];
  const near = { k: 0 };
  const far = { k: 0 };
  // Points inside the window, as indices of rising value.
  const queue: number[] = [];
  let queueHead = 0;
  let entered = 0;
  const lastX = x[n - 1] as number;
  for (let j = 0; j + 1 < events.length; j += 1) {
    const from = events[j] as number;
    const to = events[j + 1] as number;
    while (entered < n && (x[entered] as number) <= from + width + SAME_KWH) {
      while (
        queue.length > queueHead &&
        (y[queue[queue.length - 1] as number] as number) >= (y[entered] as number)
      ) {
        queue.pop();
      }
      queue.push(entered);
      entered += 1;
    }
    while (queueHead < queue.length && (x[queue[queueHead] as number] as number) < to - SAME_KWH)
      queueHead += 1;
    const inside =
      queueHead < queue.length ? (y[queue[queueHead] as number] as number) : Number.POSITIVE_INFINITY;
    const nearFrom = valueAt(curve, from, near);
    const nearTo = valueAt(curve, to, near);
    const farFrom = valueAt(curve, Math.min(from + width, lastX), far);
    const farTo = valueAt(curve, Math.min(to + width, lastX), far);
    appendMinimum(outX, outY, from, to, [nearFrom, farFrom, inside], [nearTo, farTo, inside]);
  }
  return cleaned(outX, outY);
}

/** The points and the points one width to the left, in order, within the curve's range. */
function mergedEvents(x: readonly number[], width: number): number[] {
  const low = x[0] as number;
  const events: number[] = [];
  let a = 0;
  let b = 0;
  while (b < x.length && (x[b] as number) - width <= low) b += 1;
  while (a < x.length || b < x.length) {
    const pa = a < x.length ? (x[a] as number) : Number.POSITIVE_INFINITY;
    const pb = b < x.length ? (x[b] as number) - width : Number.POSITIVE_INFINITY;
    const next = Math.min(pa, pb);
    if (pa <= pb) a += 1;
    else b += 1;
    const previous = events[events.length - 1];
    if (previous === undefined || next > previous + SAME_KWH) events.push(next);
  }
  return events;
}

/** Appends the lower envelope of lines given by their values at both ends of [from, to]. */
function appendMinimum(
  outX: number[],
  outY: number[],
  from: number,
  to: number,
  atFrom: readonly number[],
  atTo: readonly number[],
): void {
  const cuts = [0, 1];
  for (let p = 0; p < atFrom.length; p += 1) {
    for (let q = p + 1; q < atFrom.length; q += 1) {
      const left = (atFrom[p] as number) - (atFrom[q] as number);
      const right = (atTo[p] as number) - (atTo[q] as number);
      if (left * right < 0) cuts.push(left / (left - right));
    }
  }
  cuts.sort((p, q) => p - q);
  for (const cut of cuts) {
    let lowest = Number.POSITIVE_INFINITY;
    for (let p = 0; p < atFrom.length; p += 1) {
      const start = atFrom[p] as number;
      const value = start === Number.POSITIVE_INFINITY ? start : start + cut * ((atTo[p] as number) - start);
      if (value < lowest) lowest = value;
    }
    const x = from + cut * (to - from);
    const previous = outX[outX.length - 1];
    if (previous === undefined || x > previous + SAME_KWH) {
      outX.push(x);
      outY.push(lowest);
    }
  }
}

/** Pointwise minimum of two curves over the same range. */
function lowerOf(a: Curve, b: Curve): Curve {
  const points = [...a.x, ...b.x].sort((p, q) => p - q);
  const outX: number[] = [];
  const outY: number[] = [];
  const hintA = { k: 0 };
  const hintB = { k: 0 };
  for (let j = 0; j + 1 < points.length; j += 1) {
    const from = points[j] as number;
    const to = points[j + 1] as number;
    if (to - from <= SAME_KWH) continue;
    const atFrom = [valueAt(a, from, hintA), valueAt(b, from, hintB)];
    const atTo = [valueAt(a, to, hintA), valueAt(b, to, hintB)];
    appendMinimum(outX, outY, from, to, atFrom, atTo);
  }
  if (outX.length === 0)
    return { x: [points[0] as number], y: [Math.min(a.y[0] as number, b.y[0] as number)] };
  return cleaned(outX, outY);
}

/** Drops points on the line between their neighbours. */
function cleaned(x: readonly number[], y: readonly number[]): Curve {
  const keptX: number[] = [];
  const keptY: number[] = [];
  for (let k = 0; k < x.length; k += 1) {
    const n = keptX.length;
    if (n > 0 && k + 1 < x.length) {
      const x0 = keptX[n - 1] as number;
      const y0 = keptY[n - 1] as number;
      const x1 = x[k] as number;
      const x2 = x[k + 1] as number;
      const onLine = y0 + (((y[k + 1] as number) - y0) * (x1 - x0)) / (x2 - x0);
      if (Math.abs(onLine - (y[k] as number)) <= 1e-13 * (1 + Math.abs(onLine))) continue;
    }
    keptX.push(x[k] as number);
    keptY.push(y[k] as number);
  }
  return { x: keptX, y: keptY };
}

/** Energy after the slot at least cost; staying put wins ties, then the smaller move. */
function bestNext(
  toGo: Curve,
  energy: number,
  mostIn: number,
  mostOut: number,
  buy: number,
  sell: number,
): number {
  const low = Math.max(energy - mostOut, toGo.x[0] as number);
  const high = Math.min(energy + mostIn, toGo.x[toGo.x.length - 1] as number);
  let best = energy;
  let bestCost = valueAt(toGo, energy, { k: 0 });
  const hint = { k: 0 };
  const consider = (next: number): void => {
    const cost = (next > energy ? buy : sell) * (next - energy) + valueAt(toGo, next, hint);
    const better = bestCost - cost;
    const tie = 1e-12 * (1 + Math.abs(cost));
    if (better > tie || (better > -tie && Math.abs(next - energy) < Math.abs(best - energy))) {
      best = next;
      bestCost = cost;
    }
  };
  consider(low);
  for (const x of toGo.x) if (x > low && x < high) consider(x);
  consider(high);
  return best;
}

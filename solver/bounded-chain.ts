/** One vehicle's window, slot by slot; energies and moves in kWh in storage, prices per kWh in storage. */
export interface BoundedWindow {
  readonly startKwh: number;
  readonly targetKwh: number;
  readonly penaltyPerKwh: number;
  /** Least and most that a slot may add to storage; either may be on either side of zero. */
  readonly leastMove: ArrayLike<number>;
  readonly mostMove: ArrayLike<number>;
  /** Bounds of stored energy after each slot. */
  readonly leastKwh: ArrayLike<number>;
  readonly mostKwh: ArrayLike<number>;
  /** What a kWh added costs and what one taken out earns. */
  readonly buy: ArrayLike<number>;
  readonly sell: ArrayLike<number>;
}

/** A convex piecewise linear function from `low` on, as segments of rising slope. */
interface Curve {
  readonly low: number;
  readonly slopes: number[];
  readonly lengths: number[];
}

/** Misses of bounds up to this, kWh, are rounding. */
const ROUNDING_KWH = 1e-9;

/**
 * Best moves of one vehicle whose bounds differ from slot to slot, (10) to (12): as the shares that it holds ask for
 * power and stored energy. A slot that would pay for burning energy earns only as much for discharging as charging
 * costs. Undefined when no moves keep the bounds. Linear in slots × segments.
 */
export function solveBounded(window: BoundedWindow): Float64Array | undefined {
  const { leastMove, mostMove, leastKwh, mostKwh, buy, startKwh } = window;
  const n = leastMove.length;
  const change = new Float64Array(n);
  if (n === 0) return change;
  const curves: Curve[] = new Array(n);
  let curve: Curve | undefined = terminalCurve(window);
  for (let k = n - 1; k >= 0; k -= 1) {
    curve = trimmed(curve, leastKwh[k] as number, mostKwh[k] as number);
    if (curve === undefined) return undefined;
    curves[k] = curve;
    const least = leastMove[k] as number;
    const most = mostMove[k] as number;
    // Seen from before the slot, adding x leads from E − x to E.
    const next: Curve = { low: curve.low - most, slopes: [...curve.slopes], lengths: [...curve.lengths] };
    insert(next, -(buy[k] as number), most - Math.max(0, least));
    insert(next, -sellOf(window, k), Math.min(0, most) - least);
    curve = next;
  }
  const end = curve.low + sum(curve.lengths);
  if (startKwh < curve.low - ROUNDING_KWH || startKwh > end + ROUNDING_KWH) return undefined;
  let energy = startKwh;
  for (let k = 0; k < n; k += 1) {
    const toGo = curves[k] as Curve;
    const low = Math.max(energy + (leastMove[k] as number), toGo.low);
    const high = Math.min(energy + (mostMove[k] as number), toGo.low + sum(toGo.lengths));
    const up = crossing(toGo, -(buy[k] as number));
    const down = crossing(toGo, -sellOf(window, k));
    const wished = energy < up ? up : Math.min(energy, down);
    const after = Math.min(Math.max(wished, low), Math.max(low, high));
    change[k] = after - energy;
    energy = after;
  }
  return change;
}

function sellOf({ buy, sell }: BoundedWindow, k: number): number {
  return Math.min(sell[k] as number, buy[k] as number);
}

/** Cost of ending with so much, (8), over the last slot's bounds. */
function terminalCurve({ targetKwh, penaltyPerKwh, leastKwh, mostKwh }: BoundedWindow): Curve {
  const low = leastKwh[leastKwh.length - 1] as number;
  const high = mostKwh[mostKwh.length - 1] as number;
  const knee = Math.min(Math.max(targetKwh, low), high);
  return { low, slopes: [-penaltyPerKwh, 0], lengths: [knee - low, high - knee] };
}

/** Adds a segment where its slope belongs. */
function insert({ slopes, lengths }: Curve, slope: number, length: number): void {
  if (length <= 0) return;
  let at = slopes.length;
  while (at > 0 && (slopes[at - 1] as number) > slope) at -= 1;
  slopes.splice(at, 0, slope);
  lengths.splice(at, 0, length);
}

/** The curve within bounds; undefined when nothing is left. */
function trimmed({ low, slopes, lengths }: Curve, least: number, most: number): Curve | undefined {
  const end = low + sum(lengths);
  if (most < least - ROUNDING_KWH || end < least - ROUNDING_KWH || low > most + ROUNDING_KWH)
    return undefined;
  const from = Math.max(low, least);
  const kept: Curve = { low: from, slopes: [], lengths: [] };
  let at = low;
  slopes.forEach((slope, s) => {
    const next = at + (lengths[s] as number);
    const length = Math.min(next, most) - Math.max(at, from);
    if (length > 0) {
      kept.slopes.push(slope);
      kept.lengths.push(length);
    }
    at = next;
  });
  return kept;
}

/** Energy below which the curve falls more steeply than `slope`. */
function crossing({ low, slopes, lengths }: Curve, slope: number): number {
  let at = low;
  for (let s = 0; s < slopes.length && (slopes[s] as number) < slope; s += 1) at += lengths[s] as number;
  return at;
}

function sum(lengths: readonly number[]): number {
  return lengths.reduce((total, length) => total + length, 0);
}

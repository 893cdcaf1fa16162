import type { VehicleDocument } from './problem.js';

/** A straight piece of a cost-to-go: from (x0, y0) to (x1, y1) with x0 ≤ x1. */
interface Piece {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** Prices per kWh at the meter, multipliers included, for the slots of one window. */
export interface WindowPrices {
  readonly importPerKwh: readonly number[];
  readonly exportPerKwh: readonly number[];
}

/** A day of quarter-hours with 60 negative ones stays well below this. */
const MOST_PIECES = 800;

/**
 * Least cost of one vehicle, whether or not its slots are convex, by min-plus convolution piece by piece and
 * the lower envelope of what results, (14). Written apart from the solver's kernels, for the certificate.
 * Undefined when the cost-to-go falls into too many pieces to be followed, as it may over hundreds of slots that are
 * not convex.
 */
export function exactChainCost(
  vehicle: VehicleDocument,
  prices: WindowPrices,
  hours: number,
  penaltyPerKwh: number,
): number | undefined {
  const floor = Math.min(vehicle.minEnergyKwh, vehicle.energyKwh);
  const ceiling = Math.max(vehicle.maxEnergyKwh, vehicle.energyKwh);
  const mostIn = vehicle.maxChargeKw * hours * vehicle.chargeEfficiency;
  const mostOut = (vehicle.maxDischargeKw * hours) / vehicle.dischargeEfficiency;
  const short = (x: number): number => penaltyPerKwh * Math.max(0, vehicle.targetEnergyKwh - x);

  const knee = Math.min(Math.max(vehicle.targetEnergyKwh, floor), ceiling);
  let pieces: Piece[] = [
    { x0: floor, y0: short(floor), x1: knee, y1: short(knee) },
    { x0: knee, y0: short(knee), x1: ceiling, y1: short(ceiling) },
  ];
  for (let t = prices.importPerKwh.length - 1; t >= 0; t -= 1) {
    const buy = (prices.importPerKwh[t] ?? 0) / vehicle.chargeEfficiency;
    const sell = ((prices.exportPerKwh[t] ?? 0) - vehicle.wearPerKwh) * vehicle.dischargeEfficiency;
    const candidates: Piece[] = [];
    for (const piece of pieces) {
      // Charging by d shifts a point left by d and costs buy·d; discharging shifts right and earns sell·d.
      convolve(candidates, piece, -mostIn, buy * mostIn);
      convolve(candidates, piece, mostOut, -sell * mostOut);
    }
    pieces = lowerEnvelope(candidates, floor, ceiling);
    if (pieces.length > MOST_PIECES) return undefined;
  }
  return valueAt(pieces, vehicle.energyKwh);
}

/** Adds the two edges of the parallelogram spanned by a piece and the step (dx, dy), both ways round it. */
function convolve(out: Piece[], { x0, y0, x1, y1 }: Piece, dx: number, dy: number): void {
  const edge = (ax: number, ay: number, bx: number, by: number): void => {
    out.push(ax <= bx ? { x0: ax, y0: ay, x1: bx, y1: by } : { x0: bx, y0: by, x1: ax, y1: ay });
  };
  edge(x0, y0, x1, y1);
  edge(x0 + dx, y0 + dy, x1 + dx, y1 + dy);
  edge(x0, y0, x0 + dx, y0 + dy);
  edge(x1, y1, x1 + dx, y1 + dy);
}

/** Ends nearer than this, kWh, are one. */
const SAME_KWH = 1e-12;

/** The lowest of many pieces over [floor, ceiling], as pieces from left to right. */
function lowerEnvelope(candidates: readonly Piece[], floor: number, ceiling: number): Piece[] {
  const cuts = new Set<number>([floor, ceiling]);
  for (const { x0, x1 } of candidates) {
    if (x0 > floor && x0 < ceiling) cuts.add(x0);
    if (x1 > floor && x1 < ceiling) cuts.add(x1);
  }
  const xs = [...cuts].sort((a, b) => a - b);
  const byStart = [...candidates].sort((a, b) => a.x0 - b.x0);
  const result: Piece[] = [];
  let active: Piece[] = [];
  let entered = 0;
  for (let k = 0; k + 1 < xs.length; k += 1) {
    const left = xs[k] as number;
    const right = xs[k + 1] as number;
    while (entered < byStart.length && (byStart[entered] as Piece).x0 <= left + SAME_KWH) {
      active.push(byStart[entered] as Piece);
      entered += 1;
    }
    active = active.filter((piece) => piece.x1 >= right - SAME_KWH);
    appendLowest(result, active, left, right);
  }
  return result.length > 0 ? result : [pointPiece(candidates, floor)];
}

/** The lowest line over one stretch on which all active pieces are whole lines. */
function appendLowest(result: Piece[], active: readonly Piece[], left: number, right: number): void {
  let x = left;
  let line = lowestAt(active, x, right);
  // Lines cross once, so each takes the lead at most once.
  for (let changes = 0; changes <= active.length && x < right - SAME_KWH; changes += 1) {
    let cut = right;
    let next = line;
    const gap = (piece: Piece, at: number): number => heightAt(piece, at) - heightAt(line, at);
    for (const piece of active) {
      const before = gap(piece, x);
      const after = gap(piece, right);
      if (after >= -1e-15 || before < 0) continue;
      const crossing = x + ((right - x) * before) / (before - after);
      if (crossing < cut || (crossing === cut && gap(piece, right) < gap(next, right))) {
        cut = Math.max(crossing, x + SAME_KWH);
        next = piece;
      }
    }
    const previous = result[result.length - 1];
    const y0 = heightAt(line, x);
    const y1 = heightAt(line, cut);
    if (previous !== undefined && continues(previous, x, y0, cut, y1)) {
      result[result.length - 1] = { x0: previous.x0, y0: previous.y0, x1: cut, y1 };
    } else {
      result.push({ x0: x, y0, x1: cut, y1 });
    }
    x = cut;
    line = next;
  }
}

/** Whether a stretch goes on in a straight line from the piece before it. */
function continues(previous: Piece, x: number, y0: number, cut: number, y1: number): boolean {
  const { x0, y0: start } = previous;
  if (Math.abs(previous.x1 - x) > SAME_KWH || Math.abs(previous.y1 - y0) > 1e-13) return false;
  const straight = start + ((y1 - start) * (x - x0)) / (cut - x0);
  return Math.abs(straight - y0) <= 1e-14 * (1 + Math.abs(y0));
}

function lowestAt(active: readonly Piece[], x: number, right: number): Piece {
  return active.reduce((best, piece) => {
    const lead = heightAt(best, x) - heightAt(piece, x);
    if (lead > 1e-15) return piece;
    return lead > -1e-15 && heightAt(piece, right) < heightAt(best, right) ? piece : best;
  });
}

function heightAt({ x0, y0, x1, y1 }: Piece, x: number): number {
  return x1 - x0 <= SAME_KWH ? Math.min(y0, y1) : y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
}

function pointPiece(candidates: readonly Piece[], x: number): Piece {
  const heights = candidates.filter((p) => p.x0 <= x && p.x1 >= x).map((p) => heightAt(p, x));
  const y = Math.min(...heights);
  return { x0: x, y0: y, x1: x, y1: y };
}

function valueAt(pieces: readonly Piece[], x: number): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (const piece of pieces) {
    if (piece.x0 <= x + SAME_KWH && piece.x1 >= x - SAME_KWH) {
      lowest = Math.min(lowest, heightAt(piece, Math.min(Math.max(x, piece.x0), piece.x1)));
    }
  }
  return lowest;
}

import { type ProblemDocument, type ReserveDocument, slotHours, type VehicleDocument } from './problem.js';

/**
 * What a kW held ready earns per hour, by slot of the block; the multipliers of (5). Not negative, and counted as zero
 * where the reserve's direction has no such share.
 */
export interface SharePrices {
  readonly upPerKwPerHour: ArrayLike<number>;
  readonly downPerKwPerHour: ArrayLike<number>;
}

/** A share that a slot may hold: what one kW of it earns in the slot and takes of power and of stored energy. */
interface Offer {
  readonly earns: number;
  readonly power: number;
  readonly kwh: number;
}

/** Offers of one slot with energy counted at the meter; a vehicle's own efficiency comes on top. */
export interface SlotOffers {
  readonly up: readonly Offer[];
  readonly down: readonly Offer[];
}

/** A line a·low + b·moved = c in the plane of a slot's lower energy and the energy moved. */
type Line = readonly [a: number, b: number, c: number];

/** A point this far outside, kWh, is outside. */
const OUTSIDE_KWH = 1e-9;

/** What may be earned in every slot at the given prices; undefined where nothing may. */
export function slotOffers(
  problem: ProblemDocument,
  prices: readonly (SharePrices | undefined)[],
): readonly (SlotOffers | undefined)[] {
  const hours = slotHours(problem);
  return Array.from({ length: problem.horizon.slots }, (_, t) => {
    const up: Offer[] = [];
    const down: Offer[] = [];
    problem.reserves.forEach((reserve, r) => {
      if (t < reserve.fromSlot || t >= reserve.endSlot) return;
      const share = (price: number): Offer => ({
        earns: price * hours,
        power: reserve.powerFactor,
        kwh: reserve.sustainMinutes / 60,
      });
      const upPrice = priceOf(reserve, prices[r], 'up', t);
      const downPrice = priceOf(reserve, prices[r], 'down', t);
      if (upPrice > 0) up.push(share(upPrice));
      if (downPrice > 0) down.push(share(downPrice));
    });
    return up.length + down.length > 0 ? { up, down } : undefined;
  });
}

function priceOf(
  { direction, fromSlot }: ReserveDocument,
  prices: SharePrices | undefined,
  side: 'up' | 'down',
  t: number,
): number {
  if (direction === (side === 'up' ? 'down' : 'up')) return 0;
  const price = (side === 'up' ? prices?.upPerKwPerHour : prices?.downPerKwPerHour)?.[t - fromSlot] ?? 0;
  return Number.isFinite(price) ? Math.max(0, price) : 0;
}

/** Least cost of what is sold of the reserves at the given prices, (28): each kW earns its price and costs its shares. */
export function soldBound(problem: ProblemDocument, prices: readonly (SharePrices | undefined)[]): number {
  const hours = slotHours(problem);
  return problem.reserves.reduce((bound, reserve, r) => {
    let most = reserve.maxKw ?? Number.POSITIVE_INFINITY;
    let cost = 0;
    for (let t = reserve.fromSlot; t < reserve.endSlot; t += 1) {
      const connectedKw = problem.vehicles.reduce(
        (sum, vehicle) =>
          vehicle.firstSlot <= t && t < vehicle.endSlot
            ? sum + vehicle.maxChargeKw + vehicle.maxDischargeKw
            : sum,
        0,
      );
      most = Math.min(most, connectedKw / reserve.powerFactor);
      cost += priceOf(reserve, prices[r], 'up', t) + priceOf(reserve, prices[r], 'down', t);
    }
    if (reserve.fromSlot === reserve.endSlot) return bound;
    const worth = reserve.pricePerKwPerHour * (reserve.endSlot - reserve.fromSlot);
    return bound + Math.min(0, (cost - worth) * hours * most);
  }, 0);
}

/**
 * Least cost of one vehicle that may hold shares, or something below it, (29). With every edge between two slots priced
 * at what a stored kWh is worth there, each slot stands alone: its energies before and after, its power in one
 * direction and its shares. `perKwh` is what the rows add to the price of energy, `offers` what shares earn.
 */
export function backedVehicleBound(
  problem: ProblemDocument,
  vehicle: VehicleDocument,
  perKwh: readonly number[],
  offers: readonly (SlotOffers | undefined)[],
  valueAfter: (k: number) => number,
): number {
  const floor = Math.min(vehicle.minEnergyKwh, vehicle.energyKwh);
  const ceiling = Math.max(vehicle.maxEnergyKwh, vehicle.energyKwh);
  const { firstSlot, endSlot, targetEnergyKwh } = vehicle;
  let bound = 0;
  let valueBefore = 0;
  for (let t = firstSlot; t < endSlot; t += 1) {
    const value = valueAfter(t - firstSlot);
    const start = t === firstSlot ? vehicle.energyKwh : undefined;
    const added = perKwh[t] ?? 0;
    const slot = {
      buy: (problem.prices.importPerKwh[t] ?? 0) + added,
      sell: (problem.prices.exportPerKwh[t] ?? 0) + added - vehicle.wearPerKwh,
      valueBefore,
      valueAfter: value,
      floor,
      ceiling,
      start,
      offers: offers[t],
      hours: slotHours(problem),
    };
    bound += Math.min(leastOf(vehicle, slot, 'charge'), leastOf(vehicle, slot, 'discharge'));
    valueBefore = value;
  }
  const last = (energy: number): number =>
    valueBefore * energy + problem.shortfallPenaltyPerKwh * Math.max(0, targetEnergyKwh - energy);
  const knee = Math.min(Math.max(targetEnergyKwh, floor), ceiling);
  return bound + Math.min(last(floor), last(knee), last(ceiling));
}

interface PricedSlot {
  readonly buy: number;
  readonly sell: number;
  readonly valueBefore: number;
  readonly valueAfter: number;
  readonly floor: number;
  readonly ceiling: number;
  /** Energy before the slot where it is given. */
  readonly start: number | undefined;
  readonly offers: SlotOffers | undefined;
  readonly hours: number;
}

/**
 * Least cost of one slot in one direction. In the plane of its lower energy and the energy moved the cost is convex and
 * piecewise linear; it bends only where power and stored energy back a share equally. So the least of it lies where two
 * of those lines or of the edges meet.
 */
function leastOf(vehicle: VehicleDocument, slot: PricedSlot, way: 'charge' | 'discharge'): number {
  const { floor, ceiling, start, hours } = slot;
  const charges = way === 'charge';
  const netKwPerKwh = charges ? 1 / (vehicle.chargeEfficiency * hours) : -vehicle.dischargeEfficiency / hours;
  const most = (charges ? vehicle.maxChargeKw : vehicle.maxDischargeKw) / Math.abs(netKwPerKwh);
  const up = slot.offers?.up ?? [];
  const down = slot.offers?.down ?? [];
  const lines: Line[] = [
    [0, 1, 0],
    [0, 1, most],
    [1, 0, floor],
    [1, 1, ceiling],
  ];
  for (const { power, kwh } of up) {
    const perKw = kwh / vehicle.dischargeEfficiency;
    lines.push([power, -perKw * netKwPerKwh, power * floor + perKw * vehicle.maxDischargeKw]);
  }
  for (const { power, kwh } of down) {
    const perKw = kwh * vehicle.chargeEfficiency;
    lines.push([power, power - perKw * netKwPerKwh, power * ceiling - perKw * vehicle.maxChargeKw]);
  }
  const cost = (low: number, moved: number): number => {
    const netKw = moved * netKwPerKwh;
    const [before, after] = charges ? [low, low + moved] : [low + moved, low];
    const energy = netKw * hours * (charges ? slot.buy : slot.sell);
    const held = slot.valueBefore * (start === undefined ? before : 0) - slot.valueAfter * after;
    const upEarns = mostEarned(
      up,
      netKw + vehicle.maxDischargeKw,
      (low - floor) * vehicle.dischargeEfficiency,
    );
    const downEarns = mostEarned(
      down,
      vehicle.maxChargeKw - netKw,
      (ceiling - low - moved) / vehicle.chargeEfficiency,
    );
    return energy + held - upEarns - downEarns;
  };
  const fixed: Line | undefined = start === undefined ? undefined : charges ? [1, 0, start] : [1, 1, start];
  let least = Number.POSITIVE_INFINITY;
  const consider = (one: Line, two: Line): void => {
    const determinant = one[0] * two[1] - one[1] * two[0];
    if (Math.abs(determinant) < 1e-14) return;
    const low = (one[2] * two[1] - one[1] * two[2]) / determinant;
    const moved = (one[0] * two[2] - one[2] * two[0]) / determinant;
    if (low < floor - OUTSIDE_KWH || low + moved > ceiling + OUTSIDE_KWH) return;
    if (moved < -OUTSIDE_KWH || moved > most + OUTSIDE_KWH) return;
    least = Math.min(least, cost(low, moved));
  };
  lines.forEach((one, a) => {
    if (fixed !== undefined) consider(fixed, one);
    else for (let b = 0; b < a; b += 1) consider(one, lines[b] as Line);
  });
  return least;
}

/**
 * Most that shares earn together with this much power (kW) and energy at the meter (kWh) behind them: two limits, so at
 * most two products at once.
 */
function mostEarned(offers: readonly Offer[], powerKw: number, kwh: number): number {
  const power = Math.max(0, powerKw);
  const stock = Math.max(0, kwh);
  let best = 0;
  offers.forEach((one, a) => {
    const kw = Math.min(power / one.power, one.kwh > 0 ? stock / one.kwh : Number.POSITIVE_INFINITY);
    best = Math.max(best, one.earns * kw);
    for (let b = 0; b < a; b += 1) {
      const two = offers[b] as Offer;
      const determinant = one.power * two.kwh - one.kwh * two.power;
      if (determinant === 0) continue;
      const first = (power * two.kwh - stock * two.power) / determinant;
      const second = (one.power * stock - one.kwh * power) / determinant;
      if (first >= 0 && second >= 0) best = Math.max(best, first * one.earns + second * two.earns);
    }
  });
  return best;
}

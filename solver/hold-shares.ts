import { solveBounded } from './bounded-chain.js';
import type { FleetModel } from './fleet-model.js';
import type { ReserveShares, VehiclePlan } from './plan.js';
import type { ProblemDocument, VehicleDocument } from './problem.js';

/** A vehicle as it was planned before, with the shares that it held. */
export interface HeldPlan {
  readonly vehicle: VehicleDocument;
  readonly plan: Pick<VehiclePlan, 'netKw' | 'reserves'>;
}

export interface KeptShares {
  /** Change of stored energy per slot of the window, kWh. */
  readonly change: Float64Array;
  readonly reserves: Shares;
}

/** Shares by the ids of the reserves. */
type Shares = Readonly<Record<string, ReserveShares>>;

/** Halvings in search of the largest part of the shares that can be kept. */
const HALVINGS = 20;
/** Shares backed but for this much, kW and kWh, are backed: a tenth of what the evaluation allows for rounding. */
const ROUNDING = 1e-7;

/**
 * The best schedule of one vehicle (the only one of `model`) that still backs the shares it held, (7), or else the
 * largest part of all of them that it can back. `mostIn` and `mostOut` are what the limits leave of each slot, kWh in
 * storage.
 */
export function holdShares(
  problem: ProblemDocument,
  model: FleetModel,
  vehicle: VehicleDocument,
  shares: Shares,
  prices: { readonly importPerKwh: ArrayLike<number>; readonly exportPerKwh: ArrayLike<number> },
  mostIn: Float64Array,
  mostOut: Float64Array,
): KeptShares {
  const whole = scheduleWith(problem, model, vehicle, shares, 1, prices, mostIn, mostOut);
  if (whole !== undefined) return { change: whole, reserves: scaled(shares, 1) };
  // Without shares a vehicle can always stay as it is.
  let best: { part: number; change: Float64Array } = { part: 0, change: new Float64Array(mostIn.length) };
  let [low, high] = [0, 1];
  for (let k = 0; k < HALVINGS; k += 1) {
    const part = k === 0 ? 0 : (low + high) / 2;
    const change = scheduleWith(problem, model, vehicle, shares, part, prices, mostIn, mostOut);
    if (change === undefined) high = part;
    else {
      best = { part, change };
      low = part;
    }
  }
  return { change: best.change, reserves: scaled(shares, best.part) };
}

/** The shares held before, by slot of the new window; all zero when there were none. */
export function sharesHeld(
  problem: ProblemDocument,
  { firstSlot, endSlot }: VehicleDocument,
  earlier: HeldPlan | undefined,
): Shares {
  const shift = firstSlot - (earlier?.vehicle.firstSlot ?? 0);
  const moved = (kw: readonly number[] | undefined): number[] =>
    Array.from({ length: endSlot - firstSlot }, (_, k) => kw?.[k + shift] ?? 0);
  return Object.fromEntries(
    problem.reserves.map(({ id }) => {
      const shares = earlier?.plan.reserves?.[id];
      return [id, { upKw: moved(shares?.upKw), downKw: moved(shares?.downKw) }];
    }),
  );
}

function scaled(shares: Shares, part: number): Shares {
  return Object.fromEntries(
    Object.entries(shares).map(([id, { upKw, downKw }]) => [
      id,
      { upKw: upKw.map((kw) => kw * part), downKw: downKw.map((kw) => kw * part) },
    ]),
  );
}

function scheduleWith(
  problem: ProblemDocument,
  model: FleetModel,
  vehicle: VehicleDocument,
  shares: Shares,
  part: number,
  prices: { readonly importPerKwh: ArrayLike<number>; readonly exportPerKwh: ArrayLike<number> },
  mostIn: Float64Array,
  mostOut: Float64Array,
): Float64Array | undefined {
  const length = mostIn.length;
  const hours = model.slotHours;
  const floor = model.floorKwh[0] as number;
  const ceiling = model.ceilingKwh[0] as number;
  const { chargeEfficiency, dischargeEfficiency, maxChargeKw, maxDischargeKw, wearPerKwh } = vehicle;
  const toStored = (kw: number): number =>
    kw > 0 ? kw * hours * chargeEfficiency : (kw * hours) / dischargeEfficiency;
  const leastMove = new Float64Array(length);
  const mostMove = new Float64Array(length);
  const leastKwh = new Float64Array(length).fill(floor);
  const mostKwh = new Float64Array(length).fill(ceiling);
  const buy = new Float64Array(length);
  const sell = new Float64Array(length);
  for (let k = 0; k < length; k += 1) {
    let [upKw, downKw, upKwh, downKwh] = [0, 0, 0, 0];
    for (const { id, powerFactor, sustainMinutes } of problem.reserves) {
      const up = part * (shares[id]?.upKw[k] ?? 0);
      const down = part * (shares[id]?.downKw[k] ?? 0);
      upKw += up * powerFactor;
      downKw += down * powerFactor;
      upKwh += ((up * sustainMinutes) / 60 - (up > 0 ? ROUNDING : 0)) / dischargeEfficiency;
      downKwh += ((down * sustainMinutes) / 60 - (down > 0 ? ROUNDING : 0)) * chargeEfficiency;
    }
    const least = upKw > 0 ? toStored(upKw - ROUNDING - maxDischargeKw) : Number.NEGATIVE_INFINITY;
    const most = downKw > 0 ? toStored(maxChargeKw - downKw + ROUNDING) : Number.POSITIVE_INFINITY;
    leastMove[k] = Math.max(-(mostOut[k] as number), least);
    mostMove[k] = Math.min(mostIn[k] as number, most);
    if ((leastMove[k] as number) > (mostMove[k] as number)) return undefined;
    const t = vehicle.firstSlot + k;
    buy[k] = (prices.importPerKwh[t] as number) / chargeEfficiency;
    sell[k] = ((prices.exportPerKwh[t] as number) - wearPerKwh) * dischargeEfficiency;
    // At both edges of the slot.
    const [low, high] = [upKwh > 0 ? floor + upKwh : floor, downKwh > 0 ? ceiling - downKwh : ceiling];
    if (k === 0 && (low > vehicle.energyKwh || high < vehicle.energyKwh)) return undefined;
    leastKwh[k] = Math.max(leastKwh[k] as number, low);
    mostKwh[k] = Math.min(mostKwh[k] as number, high);
    if (k === 0) continue;
    leastKwh[k - 1] = Math.max(leastKwh[k - 1] as number, low);
    mostKwh[k - 1] = Math.min(mostKwh[k - 1] as number, high);
  }
  return solveBounded({
    startKwh: vehicle.energyKwh,
    targetKwh: vehicle.targetEnergyKwh,
    penaltyPerKwh: model.penaltyPerKwh,
    leastMove,
    mostMove,
    leastKwh,
    mostKwh,
    buy,
    sell,
  });
}

import type { ProblemDocument, VehicleDocument } from '../solver/index.js';

/** What a generated fleet is made of; everything else follows from the seed. */
export interface FleetRecipe {
  readonly seed: number;
  readonly vehicles: number;
  /** Default 96. */
  readonly slots?: number;
  /** Default 15. */
  readonly slotMinutes?: number;
  /** Adds a sold schedule near what the fleet would do by itself. Per kWh of deviation. */
  readonly deviationPerKwh?: number;
  /** Vehicles per site; no sites when absent. */
  readonly siteSize?: number;
  /** Symmetric blocks over the horizon; none when absent. */
  readonly reserveBlocks?: number;
}

/** Numbers in [0, 1) from a seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * A fleet as it might stand on a working day: cars that come home in the afternoon and leave in the morning, some
 * at work over noon, three battery sizes, 7 to 22 kW; a price day with a noon valley and an evening peak. The
 * same recipe always gives the same problem. Windows cover about 54 of 96 slots.
 */
export function randomFleet(recipe: FleetRecipe): ProblemDocument {
  const { seed, vehicles: count, slots = 96, slotMinutes = 15 } = recipe;
  const random = createRandom(seed);
  const hoursPerSlot = slotMinutes / 60;
  const between = (low: number, high: number): number => low + (high - low) * random();
  const round = (value: number, digits: number): number => Number(value.toFixed(digits));

  const importPerKwh = Array.from({ length: slots }, (_, t) => {
    // The horizon begins at noon.
    const hour = (12 + t * hoursPerSlot) % 24;
    const evening = 0.16 * Math.exp(-(((hour - 19) / 2.2) ** 2));
    const morning = 0.07 * Math.exp(-(((hour - 8) / 1.8) ** 2));
    const noon = -0.07 * Math.exp(-(((hour - 13) / 2.5) ** 2));
    return round(0.12 + evening + morning + noon + between(-0.01, 0.01), 5);
  });
  const exportPerKwh = importPerKwh.map((price) => round(price - 0.01, 5));

  const vehicles = Array.from({ length: count }, (_, i): VehicleDocument => {
    const maxEnergyKwh = [40, 57, 77][Math.floor(random() * 3)] as number;
    const maxChargeKw = [7.4, 11, 22][Math.floor(random() ** 1.5 * 3)] as number;
    const atWork = random() < 0.2;
    const arrival = atWork ? between(-4, 2) : between(1, 9);
    const stay = atWork ? between(6, 9) : between(9, 18);
    const slotOf = (hour: number): number => Math.min(slots, Math.max(0, Math.round(hour / hoursPerSlot)));
    const energyKwh = round(maxEnergyKwh * between(0.15, 0.7), 2);
    return {
      id: `ev-${String(i + 1).padStart(6, '0')}`,
      ...(recipe.siteSize === undefined ? {} : { siteId: `site-${Math.floor(i / recipe.siteSize) + 1}` }),
      firstSlot: slotOf(arrival),
      endSlot: Math.max(slotOf(arrival), slotOf(arrival + stay)),
      energyKwh,
      minEnergyKwh: round(maxEnergyKwh * 0.1, 2),
      maxEnergyKwh,
      targetEnergyKwh: round(maxEnergyKwh * between(0.7, 0.95), 2),
      maxChargeKw,
      maxDischargeKw: maxChargeKw,
      chargeEfficiency: round(between(0.92, 0.96), 3),
      dischargeEfficiency: round(between(0.92, 0.96), 3),
      wearPerKwh: round(between(0.02, 0.04), 3),
    };
  });

  const siteCount = recipe.siteSize === undefined ? 0 : Math.ceil(count / recipe.siteSize);
  const sites = Array.from({ length: siteCount }, (_, s) => {
    const members = vehicles.filter((vehicle) => vehicle.siteId === `site-${s + 1}`);
    const power = members.reduce((sum, vehicle) => sum + vehicle.maxChargeKw, 0);
    return {
      id: `site-${s + 1}`,
      importLimitKw: round(power * 0.4, 1),
      exportLimitKw: round(power * 0.25, 1),
    };
  });

  const problem: ProblemDocument = {
    version: 1,
    horizon: { start: '2026-01-20T11:00:00Z', slotMinutes, slots },
    currency: 'EUR',
    prices: { importPerKwh, exportPerKwh },
    shortfallPenaltyPerKwh: 5,
    vehicles,
    sites,
    reserves: Array.from({ length: recipe.reserveBlocks ?? 0 }, (_, r) => ({
      id: `fcr-${r}`,
      direction: 'symmetric' as const,
      fromSlot: Math.floor((r * slots) / (recipe.reserveBlocks ?? 1)),
      endSlot: Math.floor(((r + 1) * slots) / (recipe.reserveBlocks ?? 1)),
      pricePerKwPerHour: round(between(0.01, 0.04), 4),
      sustainMinutes: 60,
      powerFactor: 1.34,
    })),
  };
  if (recipe.deviationPerKwh === undefined) return problem;
  return {
    ...problem,
    commitment: { netKw: soldSchedule(problem, round, between), deviationPerKwh: recipe.deviationPerKwh },
  };
}

/** Charging spread over the stay, less an evening export: what a trader would sell, not what the optimum does. */
function soldSchedule(
  problem: ProblemDocument,
  round: (value: number, digits: number) => number,
  between: (low: number, high: number) => number,
): number[] {
  const { slots, slotMinutes } = problem.horizon;
  const netKw = new Array<number>(slots).fill(0);
  for (const vehicle of problem.vehicles) {
    const stay = vehicle.endSlot - vehicle.firstSlot;
    const need = Math.max(0, vehicle.targetEnergyKwh - vehicle.energyKwh) / vehicle.chargeEfficiency;
    const spread = stay === 0 ? 0 : Math.min(vehicle.maxChargeKw, (need * 60) / slotMinutes / stay);
    for (let t = vehicle.firstSlot; t < vehicle.endSlot; t += 1) netKw[t] = (netKw[t] ?? 0) + spread;
  }
  const mean = problem.prices.importPerKwh.reduce((sum, price) => sum + price, 0) / slots;
  return netKw.map((kw, t) => {
    const cheap = (mean - (problem.prices.importPerKwh[t] ?? 0)) / mean;
    return round(kw * (1 + 0.8 * cheap) * between(0.9, 1.1), 1);
  });
}

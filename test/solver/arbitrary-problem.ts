import fc from 'fast-check';
import type { ProblemDocument, ReserveDocument, VehicleDocument } from '../../solver/index.js';

const round = (value: number) => Math.round(value * 100) / 100;
const real = (min: number, max: number) => fc.double({ min, max, noNaN: true }).map(round);

/** Vehicles with every edge that is allowed: no window, no power, starts outside its bounds, targets out of reach. */
function arbitraryVehicle(slots: number, siteIds: readonly string[]): fc.Arbitrary<VehicleDocument> {
  return fc
    .record({
      window: fc.tuple(fc.nat(slots), fc.nat(slots)),
      energyKwh: real(0, 60),
      bounds: fc.tuple(real(0, 60), real(0, 60)),
      targetEnergyKwh: real(0, 70),
      maxChargeKw: fc.oneof(fc.constant(0), real(1, 22)),
      maxDischargeKw: fc.oneof(fc.constant(0), real(1, 22)),
      chargeEfficiency: fc.oneof(fc.constant(1), real(0.7, 1)),
      dischargeEfficiency: fc.oneof(fc.constant(1), real(0.7, 1)),
      wearPerKwh: fc.oneof(fc.constant(0), real(0, 0.1)),
      site: fc.option(fc.constantFrom(...(siteIds.length > 0 ? siteIds : ['']))),
    })
    .map(({ window, bounds, site, ...rest }) => ({
      id: '',
      ...rest,
      ...(site === null || site === '' ? {} : { siteId: site }),
      firstSlot: Math.min(...window),
      endSlot: Math.max(...window),
      minEnergyKwh: Math.min(...bounds),
      maxEnergyKwh: Math.max(...bounds),
    }));
}

export interface ArbitraryOptions {
  readonly coupled?: boolean;
  readonly vehicles?: number;
  readonly slots?: number;
  readonly lowestPrice?: number;
  /** Up to this many reserves; none when absent. */
  readonly reserves?: number;
}

/** Blocks anywhere, overlapping or empty, of every direction, with and without a quantity asked. */
function arbitraryReserve(slots: number): fc.Arbitrary<ReserveDocument> {
  return fc
    .record({
      direction: fc.constantFrom('up', 'down', 'symmetric'),
      block: fc.tuple(fc.nat(slots), fc.nat(slots)),
      pricePerKwPerHour: fc.oneof(fc.constant(0), real(0, 0.3), real(-0.1, 2)),
      sustainMinutes: fc.constantFrom(0, 15, 60, 240),
      powerFactor: fc.constantFrom(1, 1.34, 0.5),
      maxKw: fc.option(real(0, 20), { nil: undefined }),
    })
    .map(({ block, maxKw, ...rest }) => ({
      id: '',
      ...rest,
      fromSlot: Math.min(...block),
      endSlot: Math.max(...block),
      ...(maxKw === undefined ? {} : { maxKw }),
    }));
}

/** Small problems of every shape; without reserves unless asked. */
export function arbitraryProblem(options: ArbitraryOptions = {}): fc.Arbitrary<ProblemDocument> {
  const {
    coupled = false,
    vehicles: most = 4,
    slots: mostSlots = 8,
    lowestPrice = -0.3,
    reserves = 0,
  } = options;
  return fc.integer({ min: 1, max: mostSlots }).chain((slots) => {
    const series = (item: fc.Arbitrary<number>) => fc.array(item, { minLength: slots, maxLength: slots });
    const price = fc.oneof(fc.constant(0.1), real(lowestPrice, 0.6));
    const siteIds = coupled ? ['s', 't'] : [];
    const limit = fc.option(fc.oneof(real(0, 30), series(real(0, 30))), { nil: undefined });
    return fc
      .record({
        importPerKwh: series(price),
        margin: real(0, 0.05),
        vehicles: fc.array(arbitraryVehicle(slots, siteIds), { maxLength: most }),
        slotMinutes: fc.constantFrom(5, 15, 60),
        limits: fc.array(fc.tuple(limit, limit), { minLength: 3, maxLength: 3 }),
        sold: fc.array(fc.option(real(-20, 20)), { minLength: slots, maxLength: slots }),
        deviationPerKwh: real(0, 0.4),
        reserves: fc.array(arbitraryReserve(slots), { maxLength: reserves }),
      })
      .map((parts): ProblemDocument => {
        const limits = parts.limits.map(([importLimitKw, exportLimitKw]) => ({
          ...(importLimitKw === undefined ? {} : { importLimitKw }),
          ...(exportLimitKw === undefined ? {} : { exportLimitKw }),
        }));
        return {
          version: 1,
          horizon: { start: '2026-03-29T00:00:00Z', slotMinutes: parts.slotMinutes, slots },
          currency: 'EUR',
          prices: {
            importPerKwh: parts.importPerKwh,
            exportPerKwh: parts.importPerKwh.map((value) => round(value - parts.margin)),
          },
          shortfallPenaltyPerKwh: 2,
          vehicles: parts.vehicles.map((vehicle, i) => ({ ...vehicle, id: `ev-${i}` })),
          sites: siteIds.map((id, s) => ({ id, ...limits[s] })),
          ...(coupled ? { fleet: limits[2]! } : {}),
          ...(coupled ? { commitment: { netKw: parts.sold, deviationPerKwh: parts.deviationPerKwh } } : {}),
          reserves: parts.reserves.map((reserve, r) => ({ ...reserve, id: `reserve-${r}` })),
        };
      });
  });
}

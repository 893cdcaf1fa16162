import {
  type ProblemDocument,
  type ReserveDocument,
  solve,
  type VehicleDocument,
} from '../../../solver/index.js';
import type { BidStep } from '../../domain/bid.js';
import { type MarketProduct, roundToProduct } from '../../domain/market-product.js';
import { MS_PER_HOUR, MS_PER_MINUTE } from '../../domain/power.js';
import type { Horizon, HorizonPrices } from '../planning/price-horizon.js';
import type { EngineSettings } from '../settings.js';
import { blockHours, poolCapacityKw } from './pool-capacity.js';
import type { CapacityRule, CapacitySession } from './session-capacity.js';

/** A bid has at most this many price steps. */
const MOST_STEPS = 4;
/** Prices come from a plan of at most this many sessions, drawn evenly: the cost of a kW hardly needs more. */
const MOST_SESSIONS = 24;
const SLOT_MINUTES = 15;
const SLOT_MS = SLOT_MINUTES * MS_PER_MINUTE;
/** How far before and after the block a car's stay is planned. */
const REACH_MS = 12 * MS_PER_HOUR;
/** Far above any price of energy, so that a plan holds what can be held; it is paid back in the cost. */
const HOLDING_PER_KW_PER_HOUR = 10;
/** Prices are stated to this step, rounded up. */
const PRICE_STEP = 1e-5;

export interface PricedScenario {
  /** Sessions of the scenario's day, moved onto the block's day. */
  readonly sessions: readonly CapacitySession[];
  readonly block: { readonly startMs: number; readonly endMs: number };
  readonly product: MarketProduct;
  readonly rule: CapacityRule;
  /** Quantity to price, in today's kW, and how many of today's kW one kW of the scenario stands for. */
  readonly kw: number;
  readonly scale: number;
  readonly pricesOver: (horizon: Horizon) => HorizonPrices;
  readonly settings: EngineSettings;
}

/**
 * Quantity and price of a bid by energy and reserve co-optimisation: the scenario is planned without and with
 * rising quantities held; a step's price is the extra cost per kW and hour of the block, and never falls.
 * `plannedKw` is what a plan could hold of the quantity asked, in today's kW.
 */
export async function priceSteps(input: PricedScenario): Promise<{ plannedKw: number; steps: BidStep[] }> {
  const { product, block, rule, kw } = input;
  const drawn = drawEvenly(input.sessions, MOST_SESSIONS);
  const allKw = poolCapacityKw(input.sessions, rule, block);
  const drawnKw = poolCapacityKw(drawn, rule, block);
  if (allKw <= 0 || drawnKw <= 0) return { plannedKw: 0, steps: [] };
  /** Today's kW per kW of the plan. */
  const perPlanKw = (input.scale * allKw) / drawnKw;
  const hours = blockHours(block);
  const plan = async (quantityKw: number) => {
    const problem = problemOf(drawn, input, quantityKw / perPlanKw);
    const result = await solve(problem, { gap: 1e-6, timeLimitMs: input.settings.solverTimeLimitMs });
    const heldKw = result.plan.reserves.reduce((sum, reserve) => sum + reserve.kw, 0);
    return {
      heldKw: heldKw * perPlanKw,
      cost: (result.plan.objective + HOLDING_PER_KW_PER_HOUR * heldKw * hours) * perPlanKw,
    };
  };
  const most = await plan(kw);
  // The plan's own tolerance is not a shortage.
  const plannedKw = most.heldKw >= kw * (1 - 1e-6) ? kw : most.heldKw;
  const steps: BidStep[] = [];
  let before = { kw: 0, cost: (await plan(0)).cost, pricePerKwPerHour: 0 };
  for (const quantityKw of quantitiesOf(product, plannedKw)) {
    const cost = quantityKw === kw ? most.cost : (await plan(quantityKw)).cost;
    const marginal = (cost - before.cost) / ((quantityKw - before.kw) * hours);
    const pricePerKwPerHour = Math.max(before.pricePerKwPerHour, roundedUp(marginal));
    steps.push({ kw: quantityKw, pricePerKwPerHour });
    before = { kw: quantityKw, cost, pricePerKwPerHour };
  }
  return { plannedKw, steps };
}

/** Up to four rising quantities on the product's steps, the last the largest; one where it is indivisible. */
function quantitiesOf(product: MarketProduct, kw: number): number[] {
  const parts = product.indivisible ? 1 : MOST_STEPS;
  const quantities = Array.from({ length: parts }, (_, part) =>
    roundToProduct(product, (kw * (part + 1)) / parts),
  );
  return [...new Set(quantities)].filter((quantityKw) => quantityKw > 0);
}

function problemOf(
  sessions: readonly CapacitySession[],
  { block, product, rule, pricesOver, settings }: PricedScenario,
  quantityKw: number,
): ProblemDocument {
  const horizon = horizonOf(sessions, block);
  const known = pricesOver(horizon);
  const reserve: ReserveDocument = {
    id: 'bid',
    direction: product.direction,
    fromSlot: Math.round((block.startMs - horizon.startMs) / SLOT_MS),
    endSlot: Math.round((block.endMs - horizon.startMs) / SLOT_MS),
    pricePerKwPerHour: HOLDING_PER_KW_PER_HOUR,
    sustainMinutes: rule.sustainMinutes,
    powerFactor: rule.powerFactor,
    maxKw: quantityKw,
  };
  // A kWh of store holds at most 60 / sustainMinutes kW for the block: what it can earn must not pay for a
  // driver's missing kWh.
  const mostPerKwh = (HOLDING_PER_KW_PER_HOUR * blockHours(block) * 60) / rule.sustainMinutes;
  return {
    version: 1,
    horizon: {
      start: new Date(horizon.startMs).toISOString(),
      slotMinutes: SLOT_MINUTES,
      slots: horizon.slots,
    },
    currency: known.currency,
    prices: { importPerKwh: known.importPerKwh, exportPerKwh: known.exportPerKwh },
    shortfallPenaltyPerKwh: Math.max(settings.shortfallPenaltyPerKwh, 1.25 * mostPerKwh),
    vehicles: sessions.map((session, index) => vehicleOf(session, index, horizon, settings)),
    sites: [],
    reserves: quantityKw > 0 ? [reserve] : [],
  };
}

function horizonOf(
  sessions: readonly CapacitySession[],
  block: { readonly startMs: number; readonly endMs: number },
): Horizon {
  const firstMs = sessions.reduce((least, { startMs }) => Math.min(least, startMs), block.startMs);
  const lastMs = sessions.reduce((most, { endMs }) => Math.max(most, endMs), block.endMs);
  const startMs = Math.floor(Math.max(firstMs, block.startMs - REACH_MS) / SLOT_MS) * SLOT_MS;
  const endMs = Math.min(lastMs, block.endMs + REACH_MS);
  return { startMs, slotMinutes: SLOT_MINUTES, slots: Math.ceil((endMs - startMs) / SLOT_MS) };
}

function vehicleOf(
  session: CapacitySession,
  index: number,
  horizon: Horizon,
  settings: EngineSettings,
): VehicleDocument {
  const slotOf = (ms: number) => (ms - horizon.startMs) / SLOT_MS;
  const firstSlot = Math.min(horizon.slots, Math.max(0, Math.ceil(slotOf(session.startMs))));
  const endSlot = Math.max(firstSlot, Math.min(horizon.slots, Math.floor(slotOf(session.endMs))));
  return {
    id: String(index),
    firstSlot,
    endSlot,
    energyKwh: session.energyAtStartKwh,
    minEnergyKwh: session.minEnergyKwh,
    maxEnergyKwh: session.maxEnergyKwh,
    targetEnergyKwh: Math.min(session.targetEnergyKwh, session.maxEnergyKwh),
    maxChargeKw: session.maxChargeKw,
    maxDischargeKw: session.maxDischargeKw,
    chargeEfficiency: settings.chargeEfficiency,
    dischargeEfficiency: settings.dischargeEfficiency,
    wearPerKwh: settings.wearPerKwh,
  };
}

function drawEvenly<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  return Array.from({ length: most }, (_, index) => items[Math.floor((index * items.length) / most)] as T);
}

function roundedUp(price: number): number {
  return Number((Math.ceil(Math.max(0, price) / PRICE_STEP - 1e-6) * PRICE_STEP).toPrecision(12));
}

import type { PlanDocument, ProblemDocument, ReserveDocument } from '../../../solver/index.js';
import { type AwardShortage, awardedKwOf, type Bid } from '../../domain/bid.js';
import type { DispatchOrder } from '../../domain/dispatch.js';
import type { SiteId } from '../../domain/ids.js';
import { sustainMinutesOf } from '../../domain/market-product.js';
import type { PlannedReserve } from '../../domain/plan.js';
import { MS_PER_MINUTE } from '../../domain/power.js';
import { holds, sitesOf } from '../dispatch/scopes.js';
import type { EngineSettings } from '../settings.js';
import type { Horizon } from './price-horizon.js';
import type { ReserveScope } from './scope-parts.js';

/** Awards are held in stretches of at most this long, so that one weak slot does not empty the whole block. */
const STRETCH_MINUTES = 15;
/** A missed target weighs this much more than a deviation from an order: the ratio of the default settings. */
const DRIVER_BEFORE_ORDER = 5;
/** Cars of a site or pool hold what is asked of them alone before what the rest of the fleet can hold too. */
const SCOPED_BEFORE_FLEET = 4;
/** The solver's own tolerance is not a shortage. */
export const HELD_TOLERANCE = 1e-3;
/** Marks the reserve that only keeps power free in the opposite direction. */
const OPPOSITE = '~';

/** What awards add to a problem. */
export interface AwardConstraints {
  readonly reserves: readonly ReserveDocument[];
  readonly shortfallPenaltyPerKwh: number;
  readonly dispatchDeviationPerKwh: number;
  /** What the solver pays for all that is asked, currency: an objective plus this charges what is missing. */
  readonly askedValue: number;
}

/**
 * Awards as reserves of the problem document. A reserve there may be held up to `maxKw` and earns its price;
 * an award must be held. It becomes one of `maxKw` = awarded kW at a price that no trade of energy reaches
 * (`awardShortfallPerKwPerHour`): a plan holds all of it wherever cars can, and still exists where they cannot.
 * Who comes first: the driver's target, then a dispatch order, then the award, then trade. So the penalties on
 * a missed target and on an order's deviation are raised above all that a kWh of store can earn when held free.
 *
 * An order in the award's direction against the plan (`deltaKw`), for the award's cars or some of them, counts
 * as its activation: as much less is held while it lasts.
 */
export function awardConstraints(
  bids: Iterable<Bid>,
  orders: readonly DispatchOrder[],
  horizon: Horizon,
  settings: EngineSettings,
): AwardConstraints {
  const reserves: ReserveDocument[] = [];
  let askedValue = 0;
  /** What a kWh of store earns at most: its share of every stretch, one after the other. */
  let mostPerKwh = 0;
  for (const bid of bids) {
    const { product } = bid;
    const awardedKw = awardedKwOf(bid);
    if (awardedKw <= 0) continue;
    const sustainMinutes = sustainMinutesOf(product, (bid.endMs - bid.startMs) / MS_PER_MINUTE);
    const price = settings.awardShortfallPerKwPerHour * (bid.scope === undefined ? 1 : SCOPED_BEFORE_FLEET);
    for (const { fromSlot, endSlot, kw } of stretchesOf(bid, awardedKw, orders, horizon)) {
      const reserve: ReserveDocument = {
        id: `${bid.bidId}@${fromSlot}`,
        direction: product.direction,
        fromSlot,
        endSlot,
        pricePerKwPerHour: price,
        sustainMinutes,
        powerFactor: product.powerFactor,
        maxKw: kw,
      };
      reserves.push(reserve);
      askedValue += worthOf(reserve, horizon);
      if (product.oppositePowerFactor > 0 && product.direction !== 'symmetric') {
        const opposite: ReserveDocument = {
          ...reserve,
          id: `${reserve.id}${OPPOSITE}`,
          direction: product.direction === 'up' ? 'down' : 'up',
          sustainMinutes: 0,
          powerFactor: 1,
          maxKw: kw * product.oppositePowerFactor,
        };
        reserves.push(opposite);
        askedValue += worthOf(opposite, horizon);
      }
      const hours = ((endSlot - fromSlot) * horizon.slotMinutes) / 60;
      mostPerKwh += (price * hours * 60) / Math.max(1, sustainMinutes);
    }
  }
  const { shortfallPenaltyPerKwh, dispatchDeviationPerKwh } = settings;
  const deviationPerKwh = Math.max(dispatchDeviationPerKwh, 1.25 * mostPerKwh);
  return {
    reserves,
    dispatchDeviationPerKwh: deviationPerKwh,
    shortfallPenaltyPerKwh:
      mostPerKwh > 0
        ? Math.max(shortfallPenaltyPerKwh, DRIVER_BEFORE_ORDER * deviationPerKwh)
        : shortfallPenaltyPerKwh,
    askedValue,
  };
}

/** Where the reserves of awards on a site or pool must be held. */
export function reserveScopesOf(bids: Iterable<Bid>, reserves: readonly ReserveDocument[]): ReserveScope[] {
  const scoped = new Map<string, ReadonlySet<SiteId>>();
  for (const bid of bids) {
    const siteIds = sitesOf(bid);
    if (siteIds !== undefined) scoped.set(bid.bidId, siteIds);
  }
  return reserves.flatMap(({ id }) => {
    const siteIds = scoped.get(bidIdIn(id));
    return siteIds === undefined ? [] : [{ reserveId: id, siteIds }];
  });
}

/** How much of each award a plan holds. */
export function heldReserves(
  bids: Iterable<Bid>,
  problem: ProblemDocument,
  plan: PlanDocument,
): PlannedReserve[] {
  const byId = new Map([...bids].map((bid) => [bid.bidId as string, bid.bidId]));
  const heldKw = new Map(plan.reserves.map((reserve) => [reserve.id, reserve.kw]));
  return problem.reserves.flatMap(({ id, fromSlot, endSlot, maxKw }) => {
    const bidId = byId.get(bidIdIn(id));
    if (bidId === undefined || id.endsWith(OPPOSITE)) return [];
    return [{ bidId, fromSlot, endSlot, awardedKw: maxKw ?? 0, heldKw: heldKw.get(id) ?? 0 }];
  });
}

/** What a plan is short of the awards whose block runs at its start; 0 where all is held or activated. */
export function shortagesNow(
  bids: readonly Bid[],
  startMs: number,
  planned: readonly PlannedReserve[],
): AwardShortage[] {
  const quarterMs = STRETCH_MINUTES * MS_PER_MINUTE;
  return bids
    .filter((bid) => bid.startMs <= startMs && startMs < bid.endMs)
    .map(({ bidId }) => {
      const stretch = planned.find((reserve) => reserve.bidId === bidId && reserve.fromSlot === 0);
      const { awardedKw = 0, heldKw = 0 } = stretch ?? {};
      const isHeld = heldKw >= awardedKw * (1 - HELD_TOLERANCE);
      const missingKw = isHeld ? 0 : awardedKw - heldKw;
      return { bidId, startMs: Math.floor(startMs / quarterMs) * quarterMs, missingKw };
    });
}

function bidIdIn(reserveId: string): string {
  return reserveId.slice(0, reserveId.lastIndexOf('@'));
}

interface Stretch {
  readonly fromSlot: number;
  readonly endSlot: number;
  readonly kw: number;
}

/** Neighbouring slots of the block that ask the same kW, cut at quarter-hours of the clock. */
function stretchesOf(
  bid: Bid,
  awardedKw: number,
  orders: readonly DispatchOrder[],
  horizon: Horizon,
): Stretch[] {
  const slotMs = horizon.slotMinutes * MS_PER_MINUTE;
  const stretches: Stretch[] = [];
  const first = Math.max(0, Math.floor((bid.startMs - horizon.startMs) / slotMs));
  const end = Math.min(horizon.slots, Math.ceil((bid.endMs - horizon.startMs) / slotMs));
  for (let slot = first; slot < end; slot++) {
    const startMs = horizon.startMs + slot * slotMs;
    const kw = Math.max(0, awardedKw - activatedKw(bid, orders, startMs + slotMs / 2));
    const last = stretches.at(-1);
    const isCut =
      Math.floor(startMs / (STRETCH_MINUTES * MS_PER_MINUTE)) * STRETCH_MINUTES * MS_PER_MINUTE === startMs;
    if (last !== undefined && last.endSlot === slot && last.kw === kw && !isCut)
      stretches[stretches.length - 1] = { ...last, endSlot: slot + 1 };
    else if (kw > 0) stretches.push({ fromSlot: slot, endSlot: slot + 1, kw });
  }
  return stretches;
}

function activatedKw(bid: Bid, orders: readonly DispatchOrder[], atMs: number): number {
  let kw = 0;
  for (const order of orders) {
    if (order.deltaKw === undefined || atMs < order.startMs || atMs >= order.endMs) continue;
    if (!holds(sitesOf(bid), sitesOf(order))) continue;
    if (order.deltaKw < 0 && bid.product.direction !== 'down') kw += -order.deltaKw;
    if (order.deltaKw > 0 && bid.product.direction !== 'up') kw += order.deltaKw;
  }
  return kw;
}

function worthOf(reserve: ReserveDocument, horizon: Horizon): number {
  const hours = ((reserve.endSlot - reserve.fromSlot) * horizon.slotMinutes) / 60;
  return reserve.pricePerKwPerHour * (reserve.maxKw ?? 0) * hours;
}

import { type Award, awardedKwOf, type Bid, bidStateAt, heldKwOf } from '../../domain/bid.js';
import { EbbflowError, invalidInput } from '../../domain/errors.js';
import { type HolidayCalendar, holidaysIn } from '../../domain/holidays.js';
import { asBidId, type BidId } from '../../domain/ids.js';
import { type MarketProduct, roundToProduct } from '../../domain/market-product.js';
import type { PlanCause } from '../../domain/plan.js';
import { MS_PER_HOUR, MS_PER_MINUTE } from '../../domain/power.js';
import type { BidRequest, BidView, Caller } from '../../ports/use-cases.js';
import type { EngineContext } from '../context.js';
import { scopeMembers, scopeOf } from '../dispatch/scope-members.js';
import { createTurns } from '../in-turn.js';
import { firmCapabilityOf } from '../planning/steering.js';
import { DEFAULT_SAMPLE_OPTIONS } from './availability-sample.js';
import { bidOffer } from './bid-offer.js';
import { capacitySessionOf } from './capacity-of-sessions.js';
import { blockStartingAt, gateOf, type ProductBlock } from './product-blocks.js';
import type { CapacitySession } from './session-capacity.js';

/** Furthest start of a block that a bid may be for. */
const MAX_AHEAD_MS = 31 * 24 * MS_PER_HOUR;
/** History that a bid rests on: the days of the sample and of its back test, and the pool's memory before them. */
const HISTORY_MS = 300 * 24 * MS_PER_HOUR;
/** Newest sessions that are looked at. */
const MAX_HISTORY_SESSIONS = 200_000;

/** Capacity bids from the first question to the award that every later plan holds. */
export interface Bids {
  create(request: BidRequest, caller: Caller): Promise<BidView>;
  list(query: { fromMs: number; toMs: number }): Promise<BidView[]>;
  get(bidId: BidId): Promise<BidView | undefined>;
  withdraw(bidId: BidId): Promise<BidView>;
  award(
    bidId: BidId,
    award: { readonly kw: number; readonly pricePerKwPerHour: number },
    caller: Caller,
  ): Promise<BidView>;
  /** Gives some or all of an award back. */
  release(bidId: BidId, kw: number, caller: Caller): Promise<BidView>;
}

export function createBids(
  context: EngineContext & {
    readonly products?: readonly MarketProduct[];
    readonly calendars?: ReadonlyMap<string, HolidayCalendar>;
  },
  parts: { requestPlan: (cause: PlanCause) => void },
): Bids {
  const { clock, store, state, settings, secrets } = context;
  const products = new Map((context.products ?? []).map((product) => [product.id, product]));
  // What one bid may sell depends on the others: one after the other.
  const inTurn = createTurns<'bids'>();
  const viewOf = (bid: Bid): BidView => ({ bid, state: bidStateAt(bid, clock.nowMs()) });

  /** Of all years that a bid may rest on, or be for. */
  function holidaysOf({ holidays }: MarketProduct, nowMs: number): ReadonlySet<string> {
    const calendar = holidays === undefined ? undefined : context.calendars?.get(holidays);
    if (calendar === undefined) return new Set();
    const yearOf = (ms: number) => new Date(ms).getUTCFullYear();
    return holidaysIn(calendar, yearOf(nowMs - HISTORY_MS), yearOf(nowMs + MAX_AHEAD_MS));
  }

  function keep(bid: Bid): void {
    state.bids.set(bid.bidId, bid);
    for (const [bidId, { endMs }] of state.bids) if (endMs <= clock.nowMs()) state.bids.delete(bidId);
  }

  async function pastSessions(): Promise<CapacitySession[]> {
    const toMs = clock.nowMs();
    const sessions = await store.sessions.list({
      fromMs: toMs - HISTORY_MS,
      toMs,
      limit: MAX_HISTORY_SESSIONS,
    });
    return sessions.map((session) => {
      const { siteId: _then, ...past } = capacitySessionOf(
        session,
        firmCapabilityOf(state, session, toMs),
        settings,
      );
      // A station brings its history along to the site where it stands now.
      const siteId = state.stations.get(session.stationId)?.station.siteId;
      return { ...past, ...(siteId === undefined ? {} : { siteId }) };
    });
  }

  async function create(request: BidRequest, caller: Caller): Promise<BidView> {
    const nowMs = clock.nowMs();
    const product = products.get(request.product);
    if (product === undefined) throw invalidInput('product', `there is no product ${request.product}`);
    const block = blockOf(request, product, nowMs);
    const reliability = request.reliability ?? product.reliability;
    if (!(reliability < 1)) throw invalidInput('reliability', 'must be below 1');
    if (reliability < product.reliability) {
      throw invalidInput('reliability', `${product.id} asks for at least ${product.reliability}`);
    }
    const method = request.method ?? 'quantile';
    const scope = scopeOf(request, state);
    const isMember = scopeMembers(scope, state);
    const others = [...state.bids.values()]
      .map((bid) => ({ bid, kw: heldKwOf(bid, nowMs) }))
      .filter(({ bid, kw }) => kw > 0 && bid.startMs < block.endMs && bid.endMs > block.startMs);
    const offer = await bidOffer({
      product,
      block,
      nowMs,
      reliability,
      method,
      maxKw: request.maxKw ?? Number.POSITIVE_INFINITY,
      sessions: await pastSessions(),
      connected: [...state.sessions.values()].filter(({ evseId }) => isMember(evseId)),
      others,
      state,
      settings,
      options: { ...DEFAULT_SAMPLE_OPTIONS, holidays: holidaysOf(product, nowMs) },
      ...(scope === undefined ? {} : { scope }),
    });
    const bid: Bid = {
      bidId: asBidId(secrets.newId()),
      product,
      startMs: block.startMs,
      endMs: block.endMs,
      ...(scope === undefined ? {} : { scope }),
      reliability,
      method,
      ...offer,
      createdAtMs: nowMs,
      createdBy: caller.keyId,
      expiresAtMs: gateOf(product, block).closesMs,
    };
    await store.bids.insert(bid);
    keep(bid);
    return viewOf(bid);
  }

  async function known(bidId: BidId): Promise<Bid> {
    const bid = state.bids.get(bidId) ?? (await store.bids.get(bidId));
    if (bid === undefined) throw new EbbflowError('NOT_FOUND', `There is no bid ${bidId}`);
    return bid;
  }

  async function change(bid: Bid): Promise<BidView> {
    await store.bids.save(bid);
    keep(bid);
    return viewOf(bid);
  }

  return {
    create: (request, caller) => inTurn('bids', () => create(request, caller)),
    async list(query) {
      return (await store.bids.list(query)).map(viewOf);
    },
    async get(bidId) {
      const bid = state.bids.get(bidId) ?? (await store.bids.get(bidId));
      return bid === undefined ? undefined : viewOf(bid);
    },
    withdraw: (bidId) =>
      inTurn('bids', async () => {
        const bid = await known(bidId);
        const bidState = bidStateAt(bid, clock.nowMs());
        if (bidState === 'withdrawn') return viewOf(bid);
        if (bidState !== 'open') throw new EbbflowError('CONFLICT', `the bid is ${bidState}`);
        return change({ ...bid, withdrawnAtMs: clock.nowMs() });
      }),
    award: (bidId, asked, caller) =>
      inTurn('bids', async () => {
        const bid = await known(bidId);
        const { award } = bid;
        if (award?.kw === asked.kw && award.pricePerKwPerHour === asked.pricePerKwPerHour) return viewOf(bid);
        const nowMs = clock.nowMs();
        const bidState = bidStateAt(bid, nowMs);
        if (bidState !== 'open' && bidState !== 'closed') {
          throw new EbbflowError('CONFLICT', `the bid is ${bidState}`);
        }
        checkAward(bid, asked);
        const made: Award = { ...asked, awardedAtMs: nowMs, awardedBy: caller.keyId };
        const view = await change({ ...bid, award: made });
        parts.requestPlan('award');
        return view;
      }),
    release: (bidId, kw, caller) =>
      inTurn('bids', async () => {
        const bid = await known(bidId);
        const nowMs = clock.nowMs();
        const { award } = bid;
        if (award === undefined || bidStateAt(bid, nowMs) !== 'awarded') {
          throw new EbbflowError('CONFLICT', `the bid is ${bidStateAt(bid, nowMs)}`);
        }
        checkRelease(bid, kw, nowMs);
        const release = { kw, releasedAtMs: nowMs, releasedBy: caller.keyId };
        const view = await change({
          ...bid,
          award: { ...award, releases: [...(award.releases ?? []), release] },
        });
        parts.requestPlan('award');
        return view;
      }),
  };
}

function blockOf(request: BidRequest, product: MarketProduct, nowMs: number): ProductBlock {
  const { startMs, endMs } = request;
  const block = blockStartingAt(product, startMs);
  if (block === undefined) throw invalidInput('block.start', `no block of ${product.id} begins then`);
  if (endMs !== undefined && endMs !== block.endMs) {
    throw invalidInput('block.end', `the block ends at ${new Date(block.endMs).toISOString()}`);
  }
  const { opensMs, closesMs } = gateOf(product, block);
  if (nowMs >= closesMs) {
    throw invalidInput('block.start', `gate closure was at ${new Date(closesMs).toISOString()}`);
  }
  if (opensMs !== undefined && nowMs < opensMs) {
    throw invalidInput('block.start', `the gate opens at ${new Date(opensMs).toISOString()}`);
  }
  if (startMs > nowMs + MAX_AHEAD_MS) throw invalidInput('block.start', 'must be within the next 31 days');
  return block;
}

function checkRelease(bid: Bid, kw: number, nowMs: number): void {
  const { product, startMs } = bid;
  const heldKw = awardedKwOf(bid);
  if (product.release === undefined) {
    throw new EbbflowError('CONFLICT', `${product.id}: awarded capacity cannot be given back`);
  }
  const closesMs = startMs - product.release.closesMinutesBeforeStart * MS_PER_MINUTE;
  if (nowMs >= closesMs) {
    throw new EbbflowError('CONFLICT', `giving back ended at ${new Date(closesMs).toISOString()}`);
  }
  if (!(kw > 0) || kw > heldKw) throw invalidInput('kw', `must be above 0 and at most ${heldKw}`);
  const leftKw = Number((heldKw - kw).toPrecision(12));
  if (leftKw === 0) return;
  if (product.indivisible) throw invalidInput('kw', `the bid is indivisible: ${heldKw}`);
  if (roundToProduct(product, leftKw) !== leftKw) {
    throw invalidInput(
      'kw',
      `${leftKw} kW would be left: at least ${product.minKw} in steps of ${product.stepKw}`,
    );
  }
}

function checkAward(bid: Bid, { kw, pricePerKwPerHour }: { kw: number; pricePerKwPerHour: number }): void {
  const { product, offeredKw } = bid;
  if (!Number.isFinite(pricePerKwPerHour)) throw invalidInput('pricePerKwPerHour', 'must be a finite number');
  if (kw > offeredKw) throw invalidInput('kw', `${offeredKw} kW were offered`);
  if (!(kw > 0) || roundToProduct(product, kw) !== kw) {
    throw invalidInput('kw', `must be at least ${product.minKw} in steps of ${product.stepKw}`);
  }
  if (product.indivisible && kw !== offeredKw) {
    throw invalidInput('kw', `the bid is indivisible: ${offeredKw}`);
  }
}

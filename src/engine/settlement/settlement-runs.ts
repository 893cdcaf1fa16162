import type { Bid } from '../../domain/bid.js';
import { invalidInput } from '../../domain/errors.js';
import type { SiteId, TransactionId } from '../../domain/ids.js';
import {
  entriesFor,
  type LedgerEntry,
  type LedgerState,
  ledgerKey,
  sumOfAmounts,
} from '../../domain/ledger.js';
import { minorPerUnit, roundHalfAway } from '../../domain/money.js';
import { MS_PER_HOUR, MS_PER_MINUTE } from '../../domain/power.js';
import { canonicalJson, linkAfter, type ProofLink } from '../../domain/proof.js';
import type { IntervalEnergy } from '../../domain/reading.js';
import type { Session } from '../../domain/session.js';
import type { DriverContract, Tariff } from '../../domain/tariff.js';
import type { PriceSlot } from '../../ports/store.js';
import type { SettlementRun } from '../../ports/use-cases.js';
import type { EngineContext } from '../context.js';
import { scopeMembers } from '../dispatch/scope-members.js';
import { isProvisional } from '../metering/closing.js';
import { INTERVAL_MINUTES } from '../metering/intervals.js';
import { priceAt } from '../planning/price-horizon.js';
import type { Prices } from '../prices/prices.js';
import { zoneAt } from '../prices/site-prices.js';
import { documentAt, MARKET_TARIFF, ratePerKwhAt } from '../prices/tariff-rates.js';
import { uncontrolledCost } from './counterfactual.js';
import type { Deliveries } from './deliveries.js';
import { driverShare } from './driver-share.js';
import { type AwardMoney, awardMoney, capacityShares, creditedShares } from './pool-earnings.js';
import { type SessionBill, sessionBill } from './session-bill.js';
import { SETTLEMENT_MINUTES } from './settlement-lines.js';

const LINE_MS = SETTLEMENT_MINUTES * MS_PER_MINUTE;
const BOOK_MS = INTERVAL_MINUTES * MS_PER_MINUTE;
const MOST_SESSIONS = 100_000;

/** Books what is settled. */
export interface SettlementRuns {
  /**
   * Books every quarter-hour in [fromMs, toMs) of sessions whose books are closed, and the share of every
   * session that ended in it. What is in the ledger already is not written again: where readings, prices,
   * tariffs or contracts have changed since, the difference is booked as a correction.
   */
  run(span: { readonly fromMs: number; readonly toMs: number }): Promise<SettlementRun>;
  /**
   * Prices in [fromMs, toMs) have changed: sessions with lines booked there are reckoned again, their shares too,
   * and what differs is booked as a correction. What was not in the books stays out of them. undefined when
   * nothing there is booked.
   */
  revise(span: { readonly fromMs: number; readonly toMs: number }): Promise<SettlementRun | undefined>;
}

type PricesAtSite = (siteId: SiteId | undefined) => readonly PriceSlot[];

/** A closed session with what it costs. */
interface Settled {
  readonly session: Session;
  readonly books: readonly IntervalEnergy[];
  readonly bill: SessionBill;
}

export function createSettlementRuns(
  context: EngineContext,
  parts: {
    readonly deliveries: Pick<Deliveries, 'report'>;
    readonly prices: Pick<Prices, 'slots'>;
  },
): SettlementRuns {
  const { clock, store, state, settings, secrets } = context;

  /** Prices of every zone in which one of the sessions is, by site. */
  async function pricesBySite(
    sessions: readonly Session[],
    span: { readonly fromMs: number; readonly toMs: number },
  ): Promise<PricesAtSite> {
    const zones = new Set(sessions.map(({ siteId }) => zoneAt(state, siteId)));
    const slots = new Map<string | undefined, readonly PriceSlot[]>();
    for (const zone of zones) {
      slots.set(zone, await parts.prices.slots({ ...span, ...(zone === undefined ? {} : { zone }) }));
    }
    return (siteId) => slots.get(zoneAt(state, siteId)) ?? [];
  }

  async function settle(sessions: readonly Session[], pricesAt: PricesAtSite): Promise<Settled[]> {
    const tariffs = await store.ledger.documents('tariff');
    const settled: Settled[] = [];
    for (const session of sessions) {
      const books = await booksOf(session);
      settled.push({ session, books, bill: sessionBill(session, books, tariffs, pricesAt(session.siteId)) });
    }
    return settled;
  }

  function booksOf({ transactionId, startedAtMs, endedAtMs }: Session): Promise<IntervalEnergy[]> {
    const toMs = (endedAtMs ?? clock.nowMs()) + BOOK_MS;
    return store.sessions.intervals({ fromMs: startedAtMs - BOOK_MS, toMs, transactionId });
  }

  /** What sessions earned for capacity, minor units by currency, and what energy was credited to them. */
  async function poolEarnings(span: { fromMs: number; toMs: number }) {
    const nowMs = clock.nowMs();
    const capacity = new Map<string, number>();
    const awards: LedgerState[] = [];
    const creditedWh = new Map<TransactionId, number>();
    for (const bid of await store.bids.list(span)) {
      if (bid.award === undefined || bid.endMs > nowMs) continue;
      const present = await store.sessions.list({
        fromMs: bid.startMs,
        toMs: bid.endMs,
        limit: MOST_SESSIONS,
      });
      const isMember = scopeMembers(bid.scope, state);
      const members = present.filter(({ evseId }) => isMember(evseId));
      const money = awardMoney(bid, await store.bids.shortages(bid.bidId));
      awards.push(awardState(bid, money));
      for (const [transactionId, minor] of capacityShares(bid, money.capacity - money.cut, members, nowMs)) {
        const key = `${bid.product.currency}|${transactionId}`;
        capacity.set(key, (capacity.get(key) ?? 0) + minor);
      }
    }
    for (const order of await store.dispatches.list(span)) {
      const report = await parts.deliveries.report(order.dispatchId);
      if (report === undefined || report.provisional || report.creditedKwh <= 0) continue;
      const time = { fromMs: order.startMs, toMs: order.endMs };
      const isMember = scopeMembers(order.scope, state);
      const present = (await store.sessions.list({ ...time, limit: MOST_SESSIONS })).filter(({ evseId }) =>
        isMember(evseId),
      );
      const moved = await store.sessions.intervals(time);
      for (const [transactionId, wh] of creditedShares(report, moved, present)) {
        creditedWh.set(transactionId, (creditedWh.get(transactionId) ?? 0) + wh);
      }
    }
    return { capacity, creditedWh, awards };
  }

  /** The share of a session by the contract that holds at its end; undefined where none does, or a price is missing. */
  function shareOf(
    { session, books, bill }: Settled,
    facts: {
      readonly contracts: readonly DriverContract[];
      readonly tariffs: readonly Tariff[];
      readonly pricesAt: PricesAtSite;
      readonly earned: Awaited<ReturnType<typeof poolEarnings>>;
    },
  ): LedgerState | undefined {
    const { transactionId, evseId, startedAtMs, endedAtMs = startedAtMs } = session;
    const siteId = session.siteId ?? null;
    const contract = documentAt(facts.contracts, siteId, endedAtMs);
    if (contract === undefined || bill.unpriced.length > 0) return undefined;
    const { currency } = contract;
    if (bill.lines.some((line) => line.currency !== currency)) return undefined;
    const prices = facts.pricesAt(session.siteId);
    const withoutUs = uncontrolledCost(session, books, settings, (atMs) =>
      ratePerKwhAt(
        documentAt(facts.tariffs, siteId, atMs) ?? MARKET_TARIFF,
        'import',
        atMs,
        priceAt(prices, atMs),
      ),
    );
    if (withoutUs === null) return undefined;
    const minor = minorPerUnit(currency);
    const withUs = Object.values(sumOfAmounts(bill.lines)).reduce((sum, amount) => sum + amount, 0);
    const exportWh = bill.lines.reduce((sum, line) => sum + line.exportWh, 0);
    const credited = facts.earned.creditedWh.get(transactionId) ?? 0;
    const earnings = {
      capacity: facts.earned.capacity.get(`${currency}|${transactionId}`) ?? 0,
      activation: roundHalfAway((credited / 1000) * contract.activationPerKwh * minor),
      arbitrage: roundHalfAway(withoutUs * minor) - withUs,
    };
    return {
      subject: 'share',
      transactionId,
      evseId,
      siteId,
      startMs: startedAtMs,
      currency,
      importWh: 0,
      exportWh: 0,
      amounts: driverShare(earnings, exportWh, contract),
      rests: contract.id,
    };
  }

  /** `only`: what is booked of these sessions is revised, and nothing new is booked. */
  async function runOver(
    { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
    only?: readonly Session[],
  ): Promise<SettlementRun> {
    const sessions = only ?? (await store.sessions.list({ fromMs, toMs, limit: MOST_SESSIONS }));
    const closed = sessions.filter((session) => !isProvisional(session) && session.endedAtMs !== undefined);
    const firstMs = closed.reduce((first, { startedAtMs }) => Math.min(first, startedAtMs), fromMs);
    const lastMs = closed.reduce((last, { endedAtMs = last }) => Math.max(last, endedAtMs), toMs);
    const around = { fromMs: firstMs - MS_PER_HOUR, toMs: lastMs + MS_PER_HOUR };
    const pricesAt = await pricesBySite(closed, around);
    const settled = await settle(closed, pricesAt);
    const ended = settled.filter(({ session: { endedAtMs = 0 } }) => endedAtMs > fromMs && endedAtMs <= toMs);
    const contracts = await store.ledger.documents('contract');
    const tariffs = await store.ledger.documents('tariff');
    const earned = await poolEarnings({ fromMs: firstMs, toMs: lastMs });
    const isInSpan = ({ startMs }: { startMs: number }) => startMs >= fromMs && startMs < toMs;
    const unpriced = settled.flatMap(({ session, bill }) =>
      bill.unpriced.filter(isInSpan).map((line) => ({ transactionId: session.transactionId, ...line })),
    );
    const unpricedKeys = new Set(unpriced.map(({ transactionId, startMs }) => `${transactionId}|${startMs}`));
    const wanted = [
      ...settled.flatMap(({ bill }) => bill.lines.filter(isInSpan)),
      ...ended.flatMap((one) => shareOf(one, { contracts, tariffs, pricesAt, earned }) ?? []),
      ...earned.awards.filter(isInSpan),
    ];
    const run = { runId: secrets.newId(), atMs: clock.nowMs() };
    const wantedKeys = new Set(wanted.map(ledgerKey));
    const entries = await store.ledger.book(
      [
        ...closed.map(({ transactionId }) => transactionId),
        ...(only === undefined ? earned.awards.flatMap(({ bidId }) => bidId ?? []) : []),
      ],
      (known) => {
        // Energy that late readings moved elsewhere leaves its old line with nothing.
        const gone = known.filter(
          (entry) =>
            entry.subject === 'line' &&
            entry.kind === 'first' &&
            isInSpan(entry) &&
            !wantedKeys.has(ledgerKey(entry)) &&
            !unpricedKeys.has(`${entry.transactionId}|${entry.startMs}`),
        );
        const emptied = gone.map(({ kind, runId, atMs, ...line }) => ({
          ...line,
          importWh: 0,
          exportWh: 0,
          amounts: {},
        }));
        if (only === undefined) return entriesFor([...wanted, ...emptied], known, run);
        const inBooks = new Set(known.map(ledgerKey));
        return entriesFor(
          [...wanted.filter((state) => inBooks.has(ledgerKey(state))), ...emptied],
          known,
          run,
        );
      },
      (booked, last) => sealOf(run, { fromMs, toMs }, booked, last),
    );
    return {
      ...run,
      fromMs,
      toMs,
      sessions: closed.length,
      openSessions: sessions.length - closed.length,
      entries,
      unpriced,
    };
  }

  return {
    async run(span) {
      if (span.fromMs % LINE_MS !== 0) throw invalidInput('from', `must be a whole quarter-hour`);
      if (span.toMs % LINE_MS !== 0) throw invalidInput('to', `must be a whole quarter-hour`);
      return runOver(span);
    },
    async revise(span) {
      const booked = new Set<TransactionId>();
      for (const { subject, transactionId } of await store.ledger.entries(span)) {
        if (subject === 'line' && transactionId !== null) booked.add(transactionId);
      }
      const sessions: Session[] = [];
      for (const transactionId of booked) {
        const session = await store.sessions.get(transactionId);
        if (session !== undefined) sessions.push(session);
      }
      if (sessions.length === 0) return undefined;
      const firstMs = Math.min(...sessions.map(({ startedAtMs }) => startedAtMs));
      const lastMs = Math.max(...sessions.map(({ endedAtMs = 0 }) => endedAtMs));
      const fromMs = Math.floor(firstMs / LINE_MS) * LINE_MS;
      return runOver({ fromMs, toMs: Math.max(fromMs, Math.ceil(lastMs / LINE_MS) * LINE_MS) }, sessions);
    },
  };

  /** The run as a link of the chain of proofs: its entries can be counted and hashed again. */
  function sealOf(
    { runId, atMs }: { runId: string; atMs: number },
    span: { fromMs: number; toMs: number },
    entries: readonly LedgerEntry[],
    last: ProofLink | undefined,
  ): ProofLink {
    const body = canonicalJson({
      ...span,
      entries: entries.length,
      sha256: ledgerDigest(entries, secrets.digest),
    });
    return linkAfter(last, { kind: 'settlement', subject: runId, body }, atMs, secrets.digest);
  }
}

/** What the books shall say of an awarded block. */
function awardState(bid: Bid, { capacity, cut }: AwardMoney): LedgerState {
  return {
    subject: 'award',
    transactionId: null,
    evseId: null,
    bidId: bid.bidId,
    siteId: bid.scope?.siteId ?? null,
    startMs: bid.startMs,
    currency: bid.product.currency,
    importWh: 0,
    exportWh: 0,
    amounts: { 'award.capacity': -capacity + 0, 'award.cut': cut },
    rests: bid.product.id,
  };
}

/** SHA-256 over the entries of a run, in the order in which they were booked. */
export function ledgerDigest(entries: readonly LedgerEntry[], sha256: (text: string) => string): string {
  return sha256(canonicalJson(entries));
}

import type { SiteId, TransactionId } from '../../domain/ids.js';
import type { ChargingNeeds, Session } from '../../domain/session.js';
import { holding } from '../../ports/clock.js';
import type { EngineContext } from '../context.js';
import { capabilityOf } from '../state.js';
import { defaultsFor, estimatedNeeds, usualDepartureMs } from './estimated-needs.js';
import { isEstimated, takeNeeds } from './needs.js';
import type { Transactions } from './transactions.js';

/**
 * A car that states needs does so within seconds of its transaction's start; after this time it counts as
 * one that does not. A profile sent before the needs would be refused (OCPP 2.1 K15.FR.17).
 */
export const STATES_NO_NEEDS_MS = 120_000;

/**
 * Stands in for cars that state no needs: plugged in → (needs stated: nothing to do) → waited for in vain →
 * estimated from the driver's or the site's defaults → replaced as soon as real needs come.
 */
export interface Estimates {
  /** A session began, or goes on after a restart of ours. */
  begin(session: Session): void;
  /** Something came in for the session: a state of charge may make the estimate better. */
  metered(session: Session): void;
  /** Defaults of a site changed. */
  reviewSite(siteId: SiteId): Promise<void>;
  /** An override came; a session whose car states nothing is now worth an estimate. */
  review(transactionId: TransactionId): Promise<void>;
  /** Needs without a departure, with the usual one where one is known. */
  withDeparture(session: Session, needs: ChargingNeeds): ChargingNeeds;
  resume(): void;
  stop(): void;
}

export function createEstimates(
  context: EngineContext,
  parts: {
    transactions: Transactions;
    sessionChanged: (session: Session) => void;
    requestPlan: () => void;
  },
): Estimates {
  const { clock, state, settings, logger } = context;
  const waiting = new Map<TransactionId, () => void>();

  const siteOf = ({ siteId }: Session) => (siteId === undefined ? undefined : state.sites.get(siteId));

  function maxChargeKwOf({ stationId, evseId }: Session): number {
    return capabilityOf(state, stationId, evseId, clock.nowMs()).maxChargeKw ?? settings.defaultChargeKw;
  }

  async function review(transactionId: TransactionId): Promise<void> {
    let isChanged = false;
    const session = await parts.transactions.change(transactionId, (current) => {
      const known = defaultsFor(current, siteOf(current));
      if (current.state === 'ended' || known === undefined || !mayEstimate(current)) return current;
      isChanged = true;
      return takeNeeds(current, estimatedNeeds(current, known, maxChargeKwOf(current), clock.nowMs()));
    });
    if (session === undefined || !isChanged) return;
    parts.sessionChanged(session);
    parts.requestPlan();
  }

  const mayEstimate = (session: Session): boolean =>
    (session.needs === undefined && !waiting.has(session.transactionId)) || isEstimated(session);

  function inBackground(transactionId: TransactionId): void {
    holding(clock, () => review(transactionId)).catch((error: unknown) =>
      logger.error({ err: error, transactionId }, 'needs not estimated; the car charges on its default'),
    );
  }

  function begin({ transactionId, state: running, needs }: Session): void {
    if (running === 'ended' || needs !== undefined || waiting.has(transactionId)) return;
    const cancel = clock.after(STATES_NO_NEEDS_MS, () => {
      waiting.delete(transactionId);
      inBackground(transactionId);
    });
    waiting.set(transactionId, cancel);
  }

  return {
    begin,
    review,
    metered(session) {
      if (session.state === 'ended' || (session.needs !== undefined && !isEstimated(session))) {
        waiting.get(session.transactionId)?.();
        waiting.delete(session.transactionId);
        return;
      }
      const { needs, books } = session;
      const isFirstSoc = needs?.socFraction === undefined && books.socFraction !== undefined;
      const capacityKwh = defaultsFor(session, siteOf(session))?.values.batteryCapacityKwh;
      if (needs !== undefined && isFirstSoc && capacityKwh !== undefined) inBackground(session.transactionId);
    },
    async reviewSite(siteId) {
      for (const session of [...state.sessions.values()]) {
        if (session.siteId === siteId) await review(session.transactionId);
      }
    },
    withDeparture(session, needs) {
      const known = needs.departureMs === undefined ? defaultsFor(session, siteOf(session)) : undefined;
      const departureMs = known === undefined ? undefined : usualDepartureMs(session, known);
      if (known === undefined || departureMs === undefined) return needs;
      return { ...needs, departureMs, departureSource: known.source };
    },
    resume() {
      for (const session of state.sessions.values()) begin(session);
    },
    stop() {
      for (const cancel of waiting.values()) cancel();
      waiting.clear();
    },
  };
}

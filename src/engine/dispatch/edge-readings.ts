import type { DispatchOrder } from '../../domain/dispatch.js';
import { EbbflowError } from '../../domain/errors.js';
import { evseNumberOf } from '../../domain/ids.js';
import { MS_PER_MINUTE } from '../../domain/power.js';
import type { Session } from '../../domain/session.js';
import { holding } from '../../ports/clock.js';
import type { LinkedContext } from '../context.js';
import { INTERVAL_MINUTES } from '../metering/intervals.js';
import { scopeMembers } from './scope-members.js';

/** An edge counts as one of the interval books within this time: a timer may be late. */
const ON_GRID_MS = 500;

/**
 * Asks the meters of an order's scope for a reading now, at one of its edges (OCPP 2.1 F06, TransactionEvent).
 * At the edges of the interval books stations that took AlignedDataCtrlr read by themselves. One that does not
 * answer leaves the step of the report flagged.
 */
export function askEdgeReadings(context: LinkedContext, order: DispatchOrder): void {
  const { clock, state, logger } = context;
  const isMember = scopeMembers(order.scope, state);
  const bookMs = INTERVAL_MINUTES * MS_PER_MINUTE;
  const isOnGrid = clock.nowMs() % bookMs < ON_GRID_MS;
  const ask = async ({ stationId, evseId }: Session): Promise<void> => {
    const evseNumber = evseNumberOf(evseId);
    const command = { kind: 'trigger-message', message: 'TransactionEvent', evseNumber } as const;
    const { status } = await context.link().command(stationId, command);
    if (status !== 'Accepted') logger.debug({ stationId, evseId, status }, 'no reading at an order’s edge');
  };
  for (const session of state.sessions.values()) {
    const { stationId, evseId } = session;
    if (!isMember(evseId) || !context.link().isOnline(stationId)) continue;
    if (isOnGrid && state.stations.get(stationId)?.readsAligned === true) continue;
    holding(clock, () => ask(session)).catch((error: unknown) => {
      if (!(error instanceof EbbflowError)) throw error;
      logger.debug({ err: error, stationId, evseId }, 'no reading at an order’s edge');
    });
  }
}

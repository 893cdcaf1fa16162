import type { Session } from '../../domain/session.js';
import type { SessionView } from '../../ports/use-cases.js';
import { exportWhOf, importWhOf } from '../metering/books.js';
import { isProvisional } from '../metering/closing.js';
import type { SessionGoal } from '../planning/goals.js';
import { plannedSessionOf } from '../planning/plan-slots.js';
import type { EngineSettings } from '../settings.js';
import type { EngineState } from '../state.js';
import { deliveryView } from '../verification/delivery-view.js';

/** All that is known of a session: needs, books, plan, profile in force and why. */
export function sessionView(
  state: EngineState,
  session: Session,
  goal: SessionGoal | undefined,
  settings: EngineSettings,
  nowMs: number,
): SessionView {
  const { plan } = state;
  const isActive = session.state === 'active';
  const planned = isActive ? plan && plannedSessionOf(plan, session.transactionId) : undefined;
  const desired = isActive ? state.desired.get(session.evseId) : undefined;
  const word = isActive ? state.acknowledged.get(session.evseId) : undefined;
  return {
    session,
    importKwh: importWhOf(session.books) / 1000,
    exportKwh: exportWhOf(session.books) / 1000,
    importKw: session.books.importKw,
    exportKw: session.books.exportKw,
    storedKwh: goal?.storedKwh ?? null,
    departureMs: session.override?.departureMs ?? session.needs?.departureMs ?? null,
    targetEnergyKwh: session.override?.targetEnergyKwh ?? session.window?.targetEnergyKwh ?? null,
    provisional: isProvisional(session),
    plan:
      plan === undefined || planned === undefined
        ? null
        : {
            startMs: plan.startMs + planned.firstSlot * plan.slotMinutes * 60_000,
            slotMinutes: plan.slotMinutes,
            netKw: planned.netKw,
            shortfallKwh: planned.shortfallKwh,
            // The view's slots count from its own start.
            because: planned.because.map((reason) => ({
              ...reason,
              fromSlot: reason.fromSlot - planned.firstSlot,
              endSlot: reason.endSlot - planned.firstSlot,
            })),
          },
    delivery: isActive ? deliveryView(state, session.evseId, session.transactionId, settings, nowMs) : null,
    desired: desired?.transactionId === session.transactionId ? desired : null,
    acknowledged: word?.profile.transactionId === session.transactionId ? word : null,
  };
}

import { type ReadonlySignal, signal } from '@preact/signals';
import { type ApiClient, ApiProblem, isRefusedKey } from './api-client.js';
import type { Alarm, Dispatch, Fleet, FleetHistory, Plan, Session } from './api-contract.js';
import { type Connection, createLiveConnection } from './live-connection.js';
import { createPacedLoad } from './paced-load.js';
import type { ServerSentEvent } from './server-sent-events.js';

/** What the page shows. Read from the API once per connection, then kept by events. */
export interface LiveState {
  readonly connection: ReadonlySignal<Connection>;
  readonly fleet: ReadonlySignal<Fleet | null>;
  readonly history: ReadonlySignal<FleetHistory | null>;
  readonly plan: ReadonlySignal<Plan | null>;
  /** By transaction id; ended ones too, for whoever is looking at one. */
  readonly sessions: ReadonlySignal<ReadonlyMap<string, Session>>;
  readonly dispatches: ReadonlySignal<readonly Dispatch[]>;
  /** Newest first, since this page was opened. */
  readonly alarms: ReadonlySignal<readonly Alarm[]>;
  /** Why the last look-up beside the stream failed. */
  readonly trouble: ReadonlySignal<string | null>;
  start(): void;
  stop(): void;
}

const STEP_S = 900;
const HISTORY_MS = 24 * 3_600_000;
const ALARMS_KEPT = 50;
/** Events come in bursts of thousands after a plan; the page is drawn this often at most. */
const REDRAW_MS = 200;
const LOAD_GAP_MS = 2_000;

export function createLiveState(client: ApiClient, onRefused: () => void): LiveState {
  const fleet = signal<Fleet | null>(null);
  const history = signal<FleetHistory | null>(null);
  const plan = signal<Plan | null>(null);
  const sessions = signal<ReadonlyMap<string, Session>>(new Map());
  const dispatches = signal<readonly Dispatch[]>([]);
  const alarms = signal<readonly Alarm[]>([]);
  const trouble = signal<string | null>(null);
  const changed = new Map<string, Session>();
  let newestFleet: Fleet | null = null;
  let redrawTimer: number | undefined;

  const loads = {
    history: createPacedLoad(() => guarded(loadHistory), LOAD_GAP_MS),
    plan: createPacedLoad(() => guarded(loadPlan), LOAD_GAP_MS),
    dispatches: createPacedLoad(() => guarded(loadDispatches), LOAD_GAP_MS),
  };

  async function guarded(load: () => Promise<void>): Promise<void> {
    try {
      await load();
      trouble.value = null;
    } catch (error) {
      if (isRefusedKey(error)) onRefused();
      // Out of reach is what the connection's own state tells; a refusal is news.
      else if (error instanceof ApiProblem) trouble.value = error.message;
    }
  }

  async function loadHistory(): Promise<void> {
    const nowMs = Date.parse(fleet.value?.at ?? '');
    if (Number.isNaN(nowMs)) return;
    const fromMs = Math.floor((nowMs - HISTORY_MS) / (STEP_S * 1000)) * STEP_S * 1000;
    const span = new URLSearchParams({
      from: new Date(fromMs).toISOString(),
      to: new Date(nowMs).toISOString(),
      stepS: String(STEP_S),
    });
    history.value = await client.get<FleetHistory>(`/v1/fleet/history?${span}`);
  }

  async function loadPlan(): Promise<void> {
    try {
      plan.value = await client.get<Plan>('/v1/plans/latest');
    } catch (error) {
      if (!(error instanceof ApiProblem && error.status === 404)) throw error;
      plan.value = null;
    }
  }

  async function loadDispatches(): Promise<void> {
    dispatches.value = (await client.get<{ dispatches: Dispatch[] }>('/v1/dispatches')).dispatches;
  }

  async function loadAll(): Promise<void> {
    const [now, active] = await Promise.all([
      client.get<Fleet>('/v1/fleet'),
      client.get<{ sessions: Session[] }>('/v1/sessions?state=active&limit=1000'),
    ]);
    changed.clear();
    newestFleet = null;
    fleet.value = now;
    sessions.value = new Map(active.sessions.map((session) => [session.transactionId, session]));
    await Promise.all([loadHistory(), loadPlan(), loadDispatches()]);
    trouble.value = null;
  }

  function redraw(): void {
    redrawTimer = undefined;
    if (newestFleet) {
      const stepBefore = stepOf(fleet.value);
      fleet.value = newestFleet;
      newestFleet = null;
      if (stepOf(fleet.value) !== stepBefore) loads.history.ask();
    }
    if (changed.size > 0) {
      sessions.value = new Map([...sessions.value, ...changed]);
      changed.clear();
    }
  }

  function onEvent({ name, data }: ServerSentEvent): void {
    switch (name) {
      case 'fleet':
        newestFleet = JSON.parse(data);
        break;
      case 'session': {
        const session: Session = JSON.parse(data);
        changed.set(session.transactionId, session);
        break;
      }
      case 'plan':
        loads.plan.ask();
        return;
      case 'dispatch':
        loads.dispatches.ask();
        return;
      case 'alarm':
        alarms.value = [JSON.parse(data) as Alarm, ...alarms.value].slice(0, ALARMS_KEPT);
        return;
      default:
        return;
    }
    redrawTimer ??= window.setTimeout(redraw, REDRAW_MS);
  }

  const live = createLiveConnection({ client, onOpen: loadAll, onEvent, onRefused });
  return {
    connection: live.connection,
    fleet,
    history,
    plan,
    sessions,
    dispatches,
    alarms,
    trouble,
    start: live.start,
    stop() {
      live.stop();
      clearTimeout(redrawTimer);
      for (const load of Object.values(loads)) load.stop();
    },
  };
}

/** Number of the history step that the fleet's time is in. */
function stepOf(fleet: Fleet | null): number {
  return fleet ? Math.floor(Date.parse(fleet.at) / (STEP_S * 1000)) : Number.NaN;
}

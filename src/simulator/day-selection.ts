import { invalidInput } from '../domain/errors.js';
import { MS_PER_HOUR } from '../domain/power.js';
import { planOfRecorded, type RecordedSession, type SessionsFile } from './recorded-session.js';
import { type CarAssumptions, DEFAULT_CAR, type SessionPlan } from './session-plan.js';
import { cutToWindow, instantOfWall, type SimulatedWindow, wallMs, windowEndMs } from './simulated-window.js';
import { assignToStations, type Stretch } from './station-assignment.js';

/** Smaller batteries are plug-in hybrids, which nobody builds with V2G. */
export const MIN_CAPACITY_KWH = 20;

export interface DayRequest {
  readonly window: SimulatedWindow;
  readonly stations: number;
  readonly car?: CarAssumptions;
}

/** Recorded sessions of one calendar day, moved onto the simulated one. */
export interface SelectedDay {
  /** Local date at which the window begins in the source, `2019-12-12`. */
  readonly sourceDate: string;
  /** Sessions per station. */
  readonly stations: readonly SessionPlan[][];
  readonly assigned: number;
  /** Sessions of that day that are not played, by reason. */
  readonly dropped: {
    readonly noFreeStation: number;
    readonly smallBattery: number;
    /** Began before the window or went on after it. */
    readonly notWhole: number;
  };
}

interface WallSession extends Stretch {
  readonly session: RecordedSession;
}

const DAY_MS = 24 * MS_PER_HOUR;

/**
 * Picks the busiest day of the source that falls on the simulated day's weekday: the one whose sessions, on
 * so many stations, are plugged in longest; of equal ones the earliest. Clocks on the wall keep their time:
 * who came at 17:10 comes at 17:10. Deterministic.
 * @throws EbbflowError INVALID_INPUT when no such day has a session.
 */
export function selectDay(
  file: SessionsFile,
  { window, stations, car = DEFAULT_CAR }: DayRequest,
): SelectedDay {
  const all = file.sessions
    .map((session): WallSession => {
      const fromMs = wallMs(session.plugInMs, file.timeZone);
      return { session, fromMs, toMs: wallMs(session.plugOutMs, file.timeZone) };
    })
    .sort((a, b) => a.fromMs - b.fromMs);
  const startWall = wallMs(window.startMs, window.timeZone);
  const spanMs = wallMs(windowEndMs(window), window.timeZone) - startWall;
  const [first] = all;
  if (!first) throw invalidInput('sessions', 'the file holds no session that can be played');

  // Same weekday and time of day: whole weeks away from the simulated start.
  const weekMs = 7 * DAY_MS;
  const lastWall = all.reduce((latest, { toMs }) => Math.max(latest, toMs), 0);
  const weeks = Math.ceil((first.fromMs - spanMs - startWall) / weekMs);
  let best: { fromWall: number; hours: number } | undefined;
  for (let fromWall = startWall + weeks * weekMs; fromWall < lastWall; fromWall += weekMs) {
    const { whole } = sessionsOf(all, fromWall, spanMs, window.edges);
    const capable = whole.filter(({ session }) => !isSmall(session));
    const hours = stationHours(assignToStations(capable, stations).stations.flat(), fromWall, spanMs);
    if (hours > (best?.hours ?? 0)) best = { fromWall, hours };
  }
  if (!best) throw invalidInput('sessions', 'no session falls on this weekday and time of day');
  return play(all, best.fromWall, startWall, spanMs, { window, stations, car });
}

function play(
  all: readonly WallSession[],
  fromWall: number,
  startWall: number,
  spanMs: number,
  { window, stations, car }: Required<DayRequest>,
): SelectedDay {
  const { whole, notWhole } = sessionsOf(all, fromWall, spanMs, window.edges);
  const capable = whole.filter(({ session }) => !isSmall(session));
  const assignment = assignToStations(capable, stations);
  const moved = (wall: number) => instantOfWall(wall - fromWall + startWall, window.timeZone);
  const plans = assignment.stations.map((list, station) =>
    cutToWindow(
      list
        .map(({ session, fromMs, toMs }) =>
          planOfRecorded(session, { plugInMs: moved(fromMs), plugOutMs: moved(toMs) }, car),
        )
        // A stay within a skipped hour has no length.
        .filter(({ plugInMs, plugOutMs }) => plugOutMs > plugInMs),
      window,
      station,
    ),
  );
  return {
    sourceDate: new Date(fromWall).toISOString().slice(0, 10),
    stations: plans,
    assigned: plans.flat().length,
    dropped: {
      noFreeStation: assignment.turnedAway.length,
      smallBattery: whole.length - capable.length,
      notWhole,
    },
  };
}

/** Sessions that a window takes by its rule, and how many it touches but does not take. */
function sessionsOf(
  all: readonly WallSession[],
  fromWall: number,
  spanMs: number,
  edges: SimulatedWindow['edges'],
): { whole: WallSession[]; notWhole: number } {
  const toWall = fromWall + spanMs;
  const touching = all.filter(({ fromMs, toMs }) => fromMs < toWall && toMs > fromWall);
  if (edges === 'open') return { whole: touching, notWhole: 0 };
  const whole = touching.filter(({ fromMs, toMs }) => fromMs >= fromWall && toMs <= toWall);
  return { whole, notWhole: touching.length - whole.length };
}

function isSmall({ capacityKwh }: RecordedSession): boolean {
  return capacityKwh !== undefined && capacityKwh < MIN_CAPACITY_KWH;
}

/** Time that cars are plugged in within the window, all stations together, h. */
function stationHours(stretches: readonly Stretch[], fromWall: number, spanMs: number): number {
  return stretches.reduce(
    (sum, { fromMs, toMs }) =>
      sum + (Math.min(toMs, fromWall + spanMs) - Math.max(fromMs, fromWall)) / MS_PER_HOUR,
    0,
  );
}

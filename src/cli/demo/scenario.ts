import path from 'node:path';
import { asStationId } from '../../domain/ids.js';
import { selectDay } from '../../simulator/day-selection.js';
import { generateSessions } from '../../simulator/generated-sessions.js';
import { readSessionsFile } from '../../simulator/read-sessions-file.js';
import { DEFAULT_CAR, type SessionPlan, type StationPlan } from '../../simulator/session-plan.js';
import { defaultEdges, type SimulatedWindow } from '../../simulator/simulated-window.js';
import { checkReadable } from '../files.js';

/** Generated drivers live by the clocks of Central Europe, where the generated prices belong. */
const DEMO_TIME_ZONE = 'Europe/Berlin';

export interface ScenarioFlags {
  readonly stations: number;
  readonly hours: number;
  readonly seed: number;
  readonly sessions?: string;
  readonly users?: string;
}

export interface Scenario {
  readonly stations: readonly StationPlan[];
  /** For the reader: where the sessions come from, what is assumed, what was left out. */
  readonly label: string;
}

/**
 * Stations and their sessions for `hours` from `startMs`: a day of the sessions file, or a generated one.
 * Sessions of a day or more are whole within the hours, so that each one's target can be judged.
 */
export async function loadScenario(flags: ScenarioFlags, startMs: number): Promise<Scenario> {
  const window: SimulatedWindow = {
    startMs,
    hours: flags.hours,
    timeZone: DEMO_TIME_ZONE,
    edges: defaultEdges(flags.hours),
  };
  const assumed = `V2G at ${DEFAULT_CAR.maxDischargeKw} kW is assumed`;
  if (flags.sessions === undefined) {
    const lists = generateSessions({ seed: flags.seed, stations: flags.stations, window });
    return {
      stations: stationsOf(lists),
      label: `${lists.flat().length} generated from published shapes of home charging (seed ${flags.seed}); ${assumed}`,
    };
  }
  await checkReadable(flags.sessions, '--sessions');
  if (flags.users !== undefined) await checkReadable(flags.users, '--users');
  const file = readSessionsFile(flags.sessions, flags.users === undefined ? {} : { usersPath: flags.users });
  const day = selectDay(file, { window, stations: flags.stations });
  const { noFreeStation, smallBattery, notWhole } = day.dropped;
  return {
    stations: stationsOf(day.stations),
    label:
      `${day.assigned} recorded on ${day.sourceDate} in ${path.basename(flags.sessions)}; ${assumed}; left out: ` +
      `${notWhole} not whole within the hours, ${smallBattery} plug-in hybrids, ${noFreeStation} without a free station`,
  };
}

function stationsOf(lists: readonly (readonly SessionPlan[])[]): StationPlan[] {
  return lists.map((sessions, index) => ({
    stationId: asStationId(`CS-${String(index + 1).padStart(4, '0')}`),
    evses: [{ sessions }],
  }));
}

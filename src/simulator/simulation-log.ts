import type { EvseId } from '../domain/ids.js';
import type { ChargingProfile } from '../ocpp/wire/smart-charging-messages.js';
import { type EnergySlice, energyPerSlot, powerKwInSlices, type SlotGrid } from './energy-slice.js';
import type { ProfileVerdict } from './profile-rules.js';
import type { SessionReport } from './session-record.js';

/** A SetChargingProfile as it came, with the station's answer. `atMs` in the simulation's clock. */
export interface ToldProfile {
  readonly atMs: number;
  readonly evseId: EvseId;
  readonly profile: ChargingProfile;
  readonly verdict: ProfileVerdict;
}

export interface SimulationTotals {
  /** Sums of emitted register differences, Wh, import and export apart. */
  readonly importWh: number;
  readonly exportWh: number;
  /** Sums of exact meter energies, kWh. */
  readonly importKwh: number;
  readonly exportKwh: number;
  readonly sessions: number;
  readonly sessionsEnded: number;
  readonly sessionsRefused: number;
  /** Of the ended sessions: how many could, how many did, and how many could but did not. */
  readonly targetsReachable: number;
  readonly targetsMet: number;
  readonly reachableTargetsMissed: number;
}

/** More than a day of a 5-minute plan for 300 stations; older ones are dropped, and counted. */
export const MAX_TOLD_PROFILES = 100_000;

/**
 * What the simulated stations were told and what they did. Nothing here is rounded but the registers.
 * `bringUpToDate` is called before each query, as meters run on only when they are asked.
 */
export class SimulationLog {
  readonly #bringUpToDate: () => void;
  readonly #sessions: SessionReport[] = [];
  #told: ToldProfile[] = [];
  #toldDropped = 0;

  constructor(bringUpToDate: () => void = () => {}) {
    this.#bringUpToDate = bringUpToDate;
  }

  recordSession(session: SessionReport): void {
    this.#sessions.push(session);
  }

  recordTold(told: ToldProfile): void {
    this.#told.push(told);
    if (this.#told.length <= MAX_TOLD_PROFILES) return;
    const kept = this.#told.slice(-MAX_TOLD_PROFILES / 2);
    this.#toldDropped += this.#told.length - kept.length;
    this.#told = kept;
  }

  sessions(): readonly SessionReport[] {
    this.#bringUpToDate();
    return this.#sessions;
  }

  told(evseId?: EvseId): readonly ToldProfile[] {
    return evseId === undefined ? this.#told : this.#told.filter((told) => told.evseId === evseId);
  }

  get toldDropped(): number {
    return this.#toldDropped;
  }

  totals(): SimulationTotals {
    this.#bringUpToDate();
    const ended = this.#sessions.filter(({ outcome }) => outcome === 'ended');
    const sum = (of: (session: SessionReport) => number) =>
      this.#sessions.reduce((total, session) => total + of(session), 0);
    return {
      importWh: sum(({ importWh }) => importWh),
      exportWh: sum(({ exportWh }) => exportWh),
      importKwh: sum(({ importKwh }) => importKwh),
      exportKwh: sum(({ exportKwh }) => exportKwh),
      sessions: this.#sessions.length,
      sessionsEnded: ended.length,
      sessionsRefused: this.#sessions.filter(({ outcome }) => outcome === 'refused').length,
      targetsReachable: ended.filter(({ reachable }) => reachable).length,
      targetsMet: ended.filter(({ targetMet }) => targetMet).length,
      reachableTargetsMissed: ended.filter(({ reachable, targetMet }) => reachable && !targetMet).length,
    };
  }

  /** Signed net power of the fleet, or of one EVSE, at an instant up to now, kW. */
  powerKwAt(atMs: number, evseId?: EvseId): number {
    this.#bringUpToDate();
    return this.#sessions
      .filter((session) => evseId === undefined || session.evseId === evseId)
      .reduce((sum, session) => sum + powerKwOfSession(session, atMs), 0);
  }

  /** Energy per price slot of the fleet as it ran (`metered`), or as it had run without control. */
  energyPerSlot(
    kind: 'metered' | 'uncontrolled',
    grid: SlotGrid,
  ): { importKwh: number[]; exportKwh: number[] } {
    this.#bringUpToDate();
    const slices = this.#sessions.flatMap((session): readonly EnergySlice[] =>
      kind === 'metered' ? session.slices : session.uncontrolled.slices,
    );
    return energyPerSlot(slices, grid);
  }
}

/** A running session's power now is that of its last slice's end. */
function powerKwOfSession({ slices, outcome }: SessionReport, atMs: number): number {
  const last = slices.at(-1);
  if (outcome === 'running' && last?.toMs === atMs) return last.endKw;
  return powerKwInSlices(slices, atMs);
}

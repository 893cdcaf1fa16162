import { assumedBattery, type CarAssumptions, type SessionPlan } from './session-plan.js';

/** One charging session as somebody measured it. Instants are epoch ms. */
export interface RecordedSession {
  /** Line of the file, 1 = header. */
  readonly line: number;
  readonly sessionId: string;
  readonly userId: string;
  readonly plugInMs: number;
  readonly plugOutMs: number;
  /** At the meter. */
  readonly energyKwh: number;
  readonly arrivalSocFraction?: number;
  readonly capacityKwh?: number;
  readonly powerKw?: number;
}

export type RemarkKind =
  /** Skipped: the user's earlier session was not over. */
  | 'overlaps-earlier-session'
  /** Skipped: nothing was charged. */
  | 'no-energy'
  /** Kept: more energy than the user's estimated power gives in the time. */
  | 'energy-above-power'
  /** Kept: the stay crosses a change of the clock, so it may be an hour off. */
  | 'crosses-clock-change'
  /** Kept: no capacity or no state of charge in the source, so one is assumed. */
  | 'capacity-assumed'
  | 'arrival-soc-assumed';

/** What the importer saw and did about it. */
export interface ImportRemark {
  readonly line: number;
  readonly sessionId: string;
  readonly kind: RemarkKind;
  readonly detail: string;
}

export interface SessionsFile {
  readonly format: 'residential' | 'workplace';
  /** Zone of the stations' wall clocks. */
  readonly timeZone: string;
  /** In the order of plug-in, without overlaps of one user. */
  readonly sessions: readonly RecordedSession[];
  readonly remarks: readonly ImportRemark[];
}

/** Grid to battery in the residential source: its authors count 12 % loss. */
export const SOURCE_CHARGE_EFFICIENCY = 0.88;
/** A car without a known battery: about the median of today's electric cars. */
export const FALLBACK_CAPACITY_KWH = 50;
/** A car without a known state of charge leaves at the usual daily limit. */
export const FALLBACK_LEAVING_SOC = 0.8;

/**
 * The session as the simulator plays it at other times. Target rule: the driver wants to leave with what the
 * car left with in reality, its energy at arrival and what was charged, less the source's loss.
 */
export function planOfRecorded(
  recorded: RecordedSession,
  stay: { readonly plugInMs: number; readonly plugOutMs: number },
  car: CarAssumptions,
): SessionPlan {
  const storedKwh = recorded.energyKwh * SOURCE_CHARGE_EFFICIENCY;
  const fallbackKwh = Math.max(FALLBACK_CAPACITY_KWH, storedKwh / FALLBACK_LEAVING_SOC);
  const capacityKwh = recorded.capacityKwh ?? fallbackKwh;
  const arrivalSoc =
    recorded.arrivalSocFraction ?? Math.max(0, FALLBACK_LEAVING_SOC - storedKwh / capacityKwh);
  const arrivalKwh = arrivalSoc * capacityKwh;
  const leavingKwh = arrivalKwh + storedKwh;
  const assumptions = [`V2G ${car.maxChargeKw}/${car.maxDischargeKw} kW`];
  if (recorded.capacityKwh === undefined) assumptions.push(`capacity ${round(capacityKwh)} kWh`);
  if (recorded.arrivalSocFraction === undefined) assumptions.push(`arrival at ${round(arrivalSoc * 100)} %`);
  if (leavingKwh > capacityKwh) assumptions.push(`target ${round(leavingKwh)} kWh cut to the capacity`);
  return {
    sessionId: recorded.sessionId,
    userId: recorded.userId,
    ...stay,
    battery: assumedBattery(capacityKwh, car),
    arrivalKwh,
    targetKwh: Math.min(leavingKwh, capacityKwh),
    bidirectional: true,
    assumptions,
  };
}

const round = (value: number) => Math.round(value * 10) / 10;

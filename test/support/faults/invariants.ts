import type { DesiredProfile } from '../../../src/domain/profile.js';
import type { SessionBooks } from '../../../src/domain/session.js';
import { exportWhOf, importWhOf } from '../../../src/engine/metering/books.js';
import type { SessionReport } from '../../../src/simulator/session-record.js';
import type { ToldProfile } from '../../../src/simulator/simulation-log.js';
import type { EngineCluster } from './engine-cluster.js';
import type { FaultFleet } from './fault-fleet.js';

/** The station's reaction (1 s) and its ramp from full power (2.2 s), and the timers of a busy machine. */
const REACTION_MS = 5_000;
/** A profile is told so much after it was made, at most; what waits longer is made anew. */
const ON_THE_WAY_MS = 1_000;

export interface Violation {
  readonly invariant: 'order' | 'convergence' | 'expiry' | 'events' | 'energy' | 'process';
  readonly text: string;
}

/** No EVSE ever applies an older revision after a newer one. */
export function checkOrder(told: readonly ToldProfile[]): Violation[] {
  const newest = new Map<string, number>();
  const violations: Violation[] = [];
  for (const { evseId, profile } of acceptedOf(told)) {
    const revision = profile.chargingSchedule[0]?.id ?? 0;
    const before = newest.get(evseId) ?? 0;
    if (revision < before)
      violations.push({ invariant: 'order', text: `${evseId} applied ${revision} after ${before}` });
    newest.set(evseId, Math.max(before, revision));
  }
  return violations;
}

/**
 * No export after expiry: each second of export lies within the validity of a profile that the station had
 * taken, and no profile that exports is valid for longer than the dead-man time after it was told.
 */
export function checkExpiry(
  told: readonly ToldProfile[],
  sessions: readonly SessionReport[],
  deadManMs: number,
): Violation[] {
  const accepted = acceptedOf(told);
  const violations: Violation[] = [];
  for (const { evseId, slices } of sessions) {
    const spans = accepted
      .filter((one) => one.evseId === evseId)
      .map(({ atMs, profile }) => {
        const [schedule] = profile.chargingSchedule;
        const isDynamic = profile.chargingProfileKind === 'Dynamic';
        const validToMs =
          profile.validTo === undefined ? Number.POSITIVE_INFINITY : Date.parse(profile.validTo);
        const exportsNow = (schedule?.chargingSchedulePeriod[0]?.setpoint ?? 0) < 0;
        // Updates keep a Dynamic profile up; its end is then its validTo.
        const endMs = isDynamic ? validToMs : Math.min(validToMs, exportsNow ? atMs + deadManMs : validToMs);
        return { fromMs: atMs, toMs: endMs + ON_THE_WAY_MS + REACTION_MS };
      });
    for (const slice of slices) {
      if (slice.exportKwh <= 0 || isCovered(slice.fromMs, slice.toMs, spans)) continue;
      violations.push({
        invariant: 'expiry',
        text: `${evseId} exported ${slice.exportKwh.toFixed(3)} kWh from ${iso(slice.fromMs)} to ${iso(slice.toMs)}`,
      });
    }
  }
  return violations;
}

/**
 * No acknowledged event is lost, none is counted twice, and the energy of each session is that of the meter,
 * to the watt-hour: in its books and in its intervals. After the fleet has stopped.
 */
export async function checkBooks(cluster: EngineCluster, fleet: FaultFleet): Promise<Violation[]> {
  const rows = await cluster.query<{ transaction_id: string; seq_no: number }>(
    'select transaction_id, seq_no from ebbflow.transaction_events',
  );
  const stored = new Set(rows.map((row) => `${row.transaction_id} ${row.seq_no}`));
  const violations: Violation[] = [];
  for (const [transactionId, numbers] of fleet.acknowledged) {
    const lost = [...numbers].filter((seqNo) => !stored.has(`${transactionId} ${seqNo}`));
    if (lost.length > 0)
      violations.push({ invariant: 'events', text: `${transactionId}: acknowledged and lost: ${lost}` });
  }
  if (fleet.stats.eventsLost > 0)
    violations.push({ invariant: 'events', text: `${fleet.stats.eventsLost} events given up by stations` });
  return [...violations, ...(await checkEnergy(cluster, fleet.log.sessions()))];
}

async function checkEnergy(cluster: EngineCluster, sessions: readonly SessionReport[]): Promise<Violation[]> {
  const booked = await cluster.query<{
    transaction_id: string;
    books: SessionBooks;
    wh: string;
    out_wh: string;
  }>(
    `select transaction_id, books, coalesce(sum(import_wh), 0) as wh, coalesce(sum(export_wh), 0) as out_wh
       from ebbflow.sessions left join ebbflow.session_intervals using (transaction_id)
       group by transaction_id, books`,
  );
  const byTransaction = new Map(booked.map((row) => [row.transaction_id, row]));
  return sessions.flatMap(({ transactionId, evseId, importWh, exportWh }): Violation[] => {
    if (transactionId === undefined) return [];
    const row = byTransaction.get(transactionId);
    const figures = {
      metered: [importWh, exportWh],
      booked: row && [importWhOf(row.books), exportWhOf(row.books)],
      intervals: row && [Number(row.wh), Number(row.out_wh)],
    };
    const isSame = (pair: readonly number[] | undefined) =>
      pair?.every((wh, index) => Math.abs(wh - (figures.metered[index] ?? 0)) < 0.5) === true;
    if (isSame(figures.booked) && isSame(figures.intervals)) return [];
    return [{ invariant: 'energy', text: `${evseId} ${transactionId}: ${JSON.stringify(figures)} Wh` }];
  });
}

/** What the price of now makes every car do that stays for hours. */
export type Direction = 'charge' | 'export';

/**
 * What still keeps the fleet from the newest plan; empty when it is there: every station is connected, holds
 * the newest revision, follows it by its meter, and has told all that it had to tell.
 */
export async function notConverged(
  cluster: EngineCluster,
  fleet: FaultFleet,
  direction: Direction,
  sinceMs: number,
): Promise<string[]> {
  const plans = await cluster.query<{ at: Date }>('select max(created_at) as at from ebbflow.plans');
  if ((plans[0]?.at?.getTime() ?? 0) < sinceMs) return ['no plan since the last price'];
  const rows = await cluster.query<{ profile: DesiredProfile; taken: string | null }>(
    `select profile, acknowledged_profiles.revision as taken
       from ebbflow.desired_profiles left join ebbflow.acknowledged_profiles using (evse_id)`,
  );
  const desired = new Map(rows.map((row) => [row.profile.evseId as string, row]));
  const missing: string[] = [];
  const nowMs = Date.now();
  for (const { outcome, evseId, transactionId, plan } of fleet.log.sessions()) {
    if (outcome !== 'running' || plan.plugOutMs < nowMs + 60_000) continue;
    const { profile: wanted, taken } = desired.get(evseId) ?? {};
    const newest = acceptedOf(fleet.log.told(evseId)).at(-1)?.profile;
    // Updates of a Dynamic profile carry no revision: the engine's word, and below the meter's.
    const isDynamic = newest?.chargingProfileKind === 'Dynamic';
    const holds = isDynamic ? Number(taken) : newest?.chargingSchedule[0]?.id;
    const powerKw = fleet.log.powerKwAt(nowMs, evseId);
    const does = powerKw > 1 ? 'charge' : powerKw < -1 ? 'export' : 'nothing';
    if (wanted?.transactionId !== transactionId) missing.push(`${evseId}: no profile for its transaction`);
    else if (holds !== wanted?.revision)
      missing.push(`${evseId}: holds ${holds}, newest is ${wanted?.revision}`);
    else if (does !== direction) missing.push(`${evseId}: ${powerKw.toFixed(2)} kW instead of ${direction}`);
  }
  if (fleet.online() < fleet.stationIds.length)
    missing.push(`${fleet.stationIds.length - fleet.online()} stations offline`);
  if (fleet.waitingEvents() > 0) missing.push(`${fleet.waitingEvents()} events wait`);
  return missing;
}

function acceptedOf(told: readonly ToldProfile[]): ToldProfile[] {
  return told.filter(
    ({ profile, verdict }) => verdict.accepted && profile.chargingProfilePurpose === 'TxProfile',
  );
}

function isCovered(
  fromMs: number,
  toMs: number,
  spans: readonly { fromMs: number; toMs: number }[],
): boolean {
  let reachedMs = fromMs;
  for (const span of [...spans].sort((one, other) => one.fromMs - other.fromMs)) {
    if (span.fromMs <= reachedMs) reachedMs = Math.max(reachedMs, span.toMs);
  }
  return reachedMs >= toMs;
}

const iso = (atMs: number) => new Date(atMs).toISOString();

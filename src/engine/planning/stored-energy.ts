import { MS_PER_HOUR } from '../../domain/power.js';
import { type DesiredProfile, profilePowerKwAt } from '../../domain/profile.js';
import type { Session } from '../../domain/session.js';
import { exportWhOf, importWhOf } from '../metering/books.js';
import { type Efficiencies, storedEnergyKwh } from '../sessions/energy-window.js';

/** Beyond this age of the last reading nothing is assumed about what the car did since. */
const MAX_ASSUMED_MS = 15 * 60_000;

/**
 * Stored energy of a session at `nowMs`, kWh: by the meter up to its last reading, or as stated where the
 * needs are newer, then as the profile in force asks (for at most 15 minutes). Undefined without needs.
 */
export function storedNowKwh(
  session: Session,
  inForce: DesiredProfile | undefined,
  nowMs: number,
  efficiency: Efficiencies,
): number | undefined {
  const { books } = session;
  const needsMs = session.needs?.statedAtMs ?? nowMs;
  const lastMs = Math.max(needsMs, books.lastReadingMs ?? needsMs);
  const fromMs = Math.max(lastMs, nowMs - MAX_ASSUMED_MS);
  const expectedKwh =
    inForce !== undefined && inForce.transactionId === session.transactionId
      ? profileEnergyKwh(inForce, fromMs, nowMs)
      : 0;
  return storedEnergyKwh(
    session,
    { importWh: importWhOf(books), exportWh: exportWhOf(books) },
    expectedKwh,
    efficiency,
  );
}

/** Energy that a profile asks for over [fromMs, toMs), kWh, signed; nothing where it is not valid. */
export function profileEnergyKwh(profile: DesiredProfile, fromMs: number, toMs: number): number {
  const edges = [fromMs, ...profile.periods.map((period) => period.startMs), profile.validToMs, toMs]
    .filter((edgeMs) => edgeMs >= fromMs && edgeMs <= toMs)
    .sort((a, b) => a - b);
  let energyKwh = 0;
  for (let index = 0; index + 1 < edges.length; index++) {
    const startMs = edges[index] as number;
    const endMs = edges[index + 1] as number;
    energyKwh += ((profilePowerKwAt(profile, startMs) ?? 0) * (endMs - startMs)) / MS_PER_HOUR;
  }
  return energyKwh;
}

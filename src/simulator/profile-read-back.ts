import type {
  ChargingSchedulePeriod,
  CompositeSchedule,
  GetChargingProfilesRequest,
  ReportChargingProfilesRequest,
} from '../ocpp/wire/smart-charging-messages.js';
import { kwPerUnitOf, type ProfileBook } from './profile-book.js';
import type { ProfileTransaction, StoredProfile } from './profile-rules.js';
import type { StationTime } from './station-time.js';

interface ReadableStation {
  readonly book: ProfileBook;
  readonly time: StationTime;
  transactionOf(evseNumber: number): ProfileTransaction | undefined;
}

export interface CompositeOptions {
  readonly hidesDischarge?: boolean;
  /** Absent = W. */
  readonly unit?: 'W' | 'A';
  readonly phases?: 1 | 3;
}

/** What all profiles together ask of an EVSE from now on (OCPP 2.1 K08). Without any: as much as it can. */
export function compositeSchedule(
  { book, time, transactionOf }: ReadableStation,
  evseId: number,
  durationS: number,
  { hidesDischarge = false, unit = 'W', phases = 3 }: CompositeOptions = {},
): CompositeSchedule {
  const startMs = time.wireMs(time.nowMs());
  const endMs = startMs + durationS * 1000;
  const transaction = transactionOf(evseId);
  const told = unit === 'A' && phases === 1 ? { numberPhases: 1 } : {};
  const chargingSchedulePeriod: ChargingSchedulePeriod[] = [];
  for (let atMs = startMs; atMs < endMs; ) {
    const uptimeMs = time.nowMs() + atMs - startMs;
    const order = book.order({ evseId, atMs, uptimeMs, ...(transaction ? { transaction } : {}) });
    const toldKw = hidesDischarge ? Math.max(0, order.askedKw) : order.askedKw;
    const rate = Number.isFinite(toldKw) ? rateOf(toldKw, unit, phases) : UNLIMITED;
    const startPeriod = Math.ceil((atMs - startMs) / 1000);
    chargingSchedulePeriod.push(
      order.operationMode === 'CentralSetpoint'
        ? { startPeriod, operationMode: 'CentralSetpoint', ...told, setpoint: rate }
        : { startPeriod, operationMode: order.operationMode, ...told, limit: rate },
    );
    atMs = order.untilMs;
  }
  const scheduleStart = new Date(startMs).toISOString();
  return { evseId, duration: durationS, scheduleStart, chargingRateUnit: unit, chargingSchedulePeriod };
}

/** Stands for no limit where the schema wants a number. */
const UNLIMITED = 1_000_000;

/** Whole W, or A per phase to a tenth. */
function rateOf(kw: number, unit: 'W' | 'A', phases: 1 | 3): number {
  const rate = kw / kwPerUnitOf(unit, phases);
  return (unit === 'W' ? Math.round(rate) : Math.round(rate * 10) / 10) + 0;
}

/** The profiles that are asked for, one report per EVSE, all of them the CSMS's own (OCPP 2.1 K09). */
export function profileReports(
  stored: readonly StoredProfile[],
  { requestId, evseId, chargingProfile: wanted }: GetChargingProfilesRequest,
): ReportChargingProfilesRequest[] {
  const found = stored.filter(
    ({ evseId: of, profile }) =>
      (evseId === undefined || of === evseId) &&
      (wanted.chargingProfileId === undefined || wanted.chargingProfileId.includes(profile.id)) &&
      (wanted.chargingProfilePurpose === undefined ||
        wanted.chargingProfilePurpose === profile.chargingProfilePurpose) &&
      (wanted.stackLevel === undefined || wanted.stackLevel === profile.stackLevel) &&
      (wanted.chargingLimitSource === undefined || wanted.chargingLimitSource.includes('CSO')),
  );
  const evses = [...new Set(found.map(({ evseId: of }) => of))];
  return evses.map((of, index) => ({
    requestId,
    chargingLimitSource: 'CSO',
    chargingProfile: found.filter((one) => one.evseId === of).map(({ profile }) => profile),
    evseId: of,
    tbc: index < evses.length - 1,
  }));
}

import type {
  ChargingSchedulePeriod,
  CompositeSchedule,
  GetChargingProfilesRequest,
  ReportChargingProfilesRequest,
} from '../ocpp/wire/smart-charging-messages.js';
import type { ProfileBook } from './profile-book.js';
import type { ProfileTransaction, StoredProfile } from './profile-rules.js';
import type { StationTime } from './station-time.js';

interface ReadableStation {
  readonly book: ProfileBook;
  readonly time: StationTime;
  transactionOf(evseNumber: number): ProfileTransaction | undefined;
}

/** What all profiles together ask of an EVSE from now on (OCPP 2.1 K08). Without any: as much as it can. */
export function compositeSchedule(
  { book, time, transactionOf }: ReadableStation,
  evseId: number,
  durationS: number,
  hidesDischarge = false,
): CompositeSchedule {
  const startMs = time.wireMs(time.nowMs());
  const endMs = startMs + durationS * 1000;
  const transaction = transactionOf(evseId);
  const chargingSchedulePeriod: ChargingSchedulePeriod[] = [];
  for (let atMs = startMs; atMs < endMs; ) {
    const uptimeMs = time.nowMs() + atMs - startMs;
    const order = book.order({ evseId, atMs, uptimeMs, ...(transaction ? { transaction } : {}) });
    const toldKw = hidesDischarge ? Math.max(0, order.askedKw) : order.askedKw;
    const watts = Number.isFinite(toldKw) ? Math.round(toldKw * 1000) : UNLIMITED_W;
    const startPeriod = Math.ceil((atMs - startMs) / 1000);
    chargingSchedulePeriod.push(
      order.operationMode === 'CentralSetpoint'
        ? { startPeriod, operationMode: 'CentralSetpoint', setpoint: watts }
        : { startPeriod, operationMode: order.operationMode, limit: watts },
    );
    atMs = order.untilMs;
  }
  const scheduleStart = new Date(startMs).toISOString();
  return { evseId, duration: durationS, scheduleStart, chargingRateUnit: 'W', chargingSchedulePeriod };
}

/** Stands for no limit where the schema wants a number. */
const UNLIMITED_W = 1_000_000;

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

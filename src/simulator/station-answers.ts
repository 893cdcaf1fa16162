import type { NotifyReportRequest } from '../ocpp/wire/device-messages.js';
import type { CallHandlers } from '../ocpp/wire/messages.js';
import type {
  ChargingProfile,
  ChargingScheduleUpdate,
  NotifyEvChargingScheduleRequest,
  ReportChargingProfilesRequest,
  SetChargingProfileRequest,
} from '../ocpp/wire/smart-charging-messages.js';
import type { DeviceModel } from './device-model.js';
import type { ProfileBook } from './profile-book.js';
import { compositeSchedule, profileReports } from './profile-read-back.js';
import type { ProfileTransaction, ProfileVerdict } from './profile-rules.js';
import type { StationTime } from './station-time.js';

/** What answering the CSMS's calls takes; the rest of the station does it. */
export interface AnsweringStation {
  readonly model: DeviceModel;
  readonly book: ProfileBook;
  readonly time: StationTime;
  /** Its composite schedule shows 0 where it discharges. */
  readonly hidesDischarge: boolean;
  /** Accepts new values of a Dynamic profile and goes on with the old ones. */
  readonly dropsUpdates: boolean;
  readonly rateUnit: 'W' | 'A';
  readonly phases: 1 | 3;
  transactionOf(evseNumber: number): ProfileTransaction | undefined;
  /** Integrates what was until now, then lets every EVSE take a new order. */
  reorder(): void;
  settingsChanged(): void;
  /** Tells the readings of running transactions now, all or one EVSE's; false if there is none. */
  sample(evseNumber: number | undefined): boolean;
  /** Whether events of the transaction, or any events, wait to be sent. */
  hasEventsOf(transactionId: string | undefined): boolean;
  isRunning(transactionId: string): boolean;
  /** Called for every SetChargingProfile, good or bad, before the new order is taken. */
  profileJudged(request: SetChargingProfileRequest, verdict: ProfileVerdict): void;
  /** Sends a report page after the answer. */
  sendReport(pages: readonly NotifyReportRequest[]): void;
  sendProfiles(reports: readonly ReportChargingProfilesRequest[]): void;
  /** A Dynamic profile was set or updated. */
  dynamicUpdated(profile: ChargingProfile): void;
}

const NO_DYNAMIC_PROFILE = { reasonCode: 'InvalidProfileId', additionalInfo: 'no such Dynamic profile' };

/** Takes new values for a Dynamic profile, pushed or pulled; false if the station has no such profile. */
export function takeUpdate(
  station: AnsweringStation,
  profileId: number,
  values: ChargingScheduleUpdate,
): boolean {
  const { book, time } = station;
  if (!book.update(profileId, station.dropsUpdates ? {} : values, time.nowMs())) return false;
  const stored = book.profiles().find(({ profile }) => profile.id === profileId);
  if (stored) station.dynamicUpdated(stored.profile);
  station.reorder();
  return true;
}

/** A station's answers to the CSMS (OCPP 2.1 blocks B and K). Other actions are NotSupported. */
export function stationAnswers(station: AnsweringStation): CallHandlers {
  const { model, book, time } = station;
  return {
    GetBaseReport: async ({ requestId, reportBase }) => {
      if (reportBase !== 'FullInventory') return { status: 'NotSupported' };
      const pages = model.pages();
      station.sendReport(
        pages.map((reportData, seqNo) => ({
          requestId,
          generatedAt: time.iso(),
          seqNo,
          tbc: seqNo < pages.length - 1,
          reportData,
        })),
      );
      return { status: 'Accepted' };
    },
    TriggerMessage: async ({ requestedMessage, evse }) => {
      if (requestedMessage !== 'TransactionEvent') return { status: 'NotImplemented' };
      return { status: station.sample(evse?.id) ? 'Accepted' : 'Rejected' };
    },
    GetVariables: async (request) => ({ getVariableResult: model.get(request) }),
    SetVariables: async ({ setVariableData }) => {
      const setVariableResult = model.set(setVariableData);
      station.settingsChanged();
      return { setVariableResult };
    },
    SetChargingProfile: async (request) => {
      const { evseId, chargingProfile } = request;
      const isDynamic = chargingProfile.chargingProfileKind === 'Dynamic';
      const stored = {
        evseId,
        profile: chargingProfile,
        ...(isDynamic ? { updatedAtMs: time.nowMs() } : {}),
      };
      const verdict = book.set(stored, station.transactionOf(evseId));
      station.profileJudged(request, verdict);
      if (!verdict.accepted) {
        const { reasonCode, detail } = verdict;
        return { status: 'Rejected', statusInfo: { reasonCode, additionalInfo: detail } };
      }
      if (isDynamic) station.dynamicUpdated(chargingProfile);
      station.reorder();
      return { status: 'Accepted' };
    },
    UpdateDynamicSchedule: async ({ chargingProfileId, scheduleUpdate }) => {
      const isTaken = takeUpdate(station, chargingProfileId, scheduleUpdate);
      return isTaken ? { status: 'Accepted' } : { status: 'Rejected', statusInfo: NO_DYNAMIC_PROFILE };
    },
    GetCompositeSchedule: async ({ evseId, duration }) => {
      if (evseId === 0) return { status: 'Rejected', statusInfo: { reasonCode: 'UnsupportedRequest' } };
      return {
        status: 'Accepted',
        schedule: compositeSchedule(station, evseId, duration, {
          hidesDischarge: station.hidesDischarge,
          unit: station.rateUnit,
          phases: station.phases,
        }),
      };
    },
    GetChargingProfiles: async (request) => {
      const reports = profileReports(book.profiles(), request);
      station.sendProfiles(reports);
      return { status: reports.length > 0 ? 'Accepted' : 'NoProfiles' };
    },
    GetTransactionStatus: async ({ transactionId }) => ({
      messagesInQueue: station.hasEventsOf(transactionId),
      ...(transactionId === undefined ? {} : { ongoingIndicator: station.isRunning(transactionId) }),
    }),
    ClearChargingProfile: async (request) => {
      const status = book.clear(request);
      station.reorder();
      return { status };
    },
  };
}

/** The station's echo of the schedule that it will follow (OCPP 2.1 K19.FR.10, dynamic control). */
export function scheduleEcho(
  { evseId, chargingProfile }: SetChargingProfileRequest,
  nowIso: string,
): NotifyEvChargingScheduleRequest | undefined {
  const [schedule] = chargingProfile.chargingSchedule;
  if (!schedule) return undefined;
  const { startSchedule, ...chargingSchedule } = schedule;
  return {
    timeBase: startSchedule ?? nowIso,
    evseId,
    selectedChargingScheduleId: schedule.id,
    powerToleranceAcceptance: true,
    chargingSchedule,
  };
}

import { asTransactionId, type EvseId, evseNumberOf } from '../../domain/ids.js';
import type { ProfileReadBack } from '../../ports/station-link.js';
import { transactionProfileId } from '../dialects/profile-ids.js';
import type { CallHandlers } from '../wire/messages.js';
import type { ChargingProfile, ReportChargingProfilesRequest } from '../wire/smart-charging-messages.js';
import type { AskStation, StationContext } from './station-context.js';

/** How long the reports may take after the station has announced them, real time. */
const REPORT_WAIT_MS = 10_000;
/** Reports of one answer; we ask for one profile, so one is the rule. */
const MAX_REPORTS = 16;

interface Question {
  readonly found: ChargingProfile[];
  reports: number;
  readonly done: () => void;
}

/** Questions about charging profiles that wait for their ReportChargingProfiles (OCPP 2.1 K09). One per connection. */
export class ProfileReports {
  readonly #questions = new Map<number, Question>();
  #requestId = 0;

  begin(done: () => void): number {
    this.#requestId += 1;
    this.#questions.set(this.#requestId, { found: [], reports: 0, done });
    return this.#requestId;
  }

  /** False when nobody asked. */
  add({ requestId, chargingProfile, tbc }: ReportChargingProfilesRequest): boolean {
    const question = this.#questions.get(requestId);
    if (question === undefined) return false;
    question.found.push(...chargingProfile);
    question.reports += 1;
    if (tbc !== true || question.reports >= MAX_REPORTS) question.done();
    return true;
  }

  end(requestId: number): readonly ChargingProfile[] {
    const found = this.#questions.get(requestId)?.found ?? [];
    this.#questions.delete(requestId);
    return found;
  }
}

export function profileReportHandlers({ stationId, profileReports, logger }: StationContext): CallHandlers {
  return {
    async ReportChargingProfiles(report) {
      if (!profileReports.add(report)) {
        logger.warn({ stationId, requestId: report.requestId }, 'A profile report that nobody asked for');
      }
      return {};
    },
  };
}

/** Asks for our transaction profile on an EVSE by its id. */
export async function readBackProfile(
  { profileReports, after, clock }: StationContext,
  ask: AskStation,
  evseId: EvseId,
): Promise<ProfileReadBack> {
  const id = transactionProfileId(evseNumberOf(evseId));
  let done: () => void = () => {};
  const reported = new Promise<void>((resolve) => {
    done = resolve;
  });
  const requestId = profileReports.begin(done);
  const release = clock.hold();
  try {
    const answer = await ask('GetChargingProfiles', {
      requestId,
      chargingProfile: { chargingProfileId: [id] },
    });
    if (!answer.supported) return { kind: 'unknown' };
    if (answer.response.status === 'NoProfiles') return { kind: 'none' };
    const cancel = after(REPORT_WAIT_MS, done);
    await reported;
    cancel();
    const profile = profileReports.end(requestId).find((one) => one.id === id);
    const schedule = profile?.chargingSchedule[0];
    if (profile === undefined || schedule === undefined) return { kind: 'unknown' };
    const { transactionId } = profile;
    return {
      kind: 'found',
      transactionId: transactionId === undefined ? undefined : asTransactionId(transactionId),
      revision: schedule.id,
      isDynamic: profile.chargingProfileKind === 'Dynamic',
    };
  } finally {
    profileReports.end(requestId);
    release();
  }
}

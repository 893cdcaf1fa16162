import type { ProfileOutcome } from '../../domain/profile.js';
import type { StatusInfo } from '../wire/device-messages.js';
import type { SetChargingProfileRequest } from '../wire/smart-charging-messages.js';
import type { AskStation } from './station-context.js';

const MAX_REASON_CODE = 20;
/** 2.0.1 allows half of what 2.1 does. */
const MAX_ADDITIONAL_INFO = 512;

/** SetChargingProfile and the station's word on it; a station that does not know the message rejects. */
export async function setProfile(
  ask: AskStation,
  request: SetChargingProfileRequest,
): Promise<ProfileOutcome> {
  const answer = await ask('SetChargingProfile', request);
  if (!answer.supported) return { status: 'rejected', reason: answer.detail };
  const { status, statusInfo: info } = answer.response;
  if (status === 'Accepted') return { status: 'accepted' };
  const reason = [info?.reasonCode ?? 'Unspecified', info?.additionalInfo].filter(Boolean).join(': ');
  return { status: 'rejected', reason };
}

/** A refusal of ours, cut to what the schema holds. */
export function refusalOf(
  reasonCode: string,
  detail: string,
): { status: 'Rejected'; statusInfo: StatusInfo } {
  return { status: 'Rejected', statusInfo: statusInfo(reasonCode, detail) as StatusInfo };
}

export function statusInfo(reasonCode?: string, detail?: string): StatusInfo | undefined {
  if (reasonCode === undefined && detail === undefined) return undefined;
  return {
    reasonCode: (reasonCode ?? 'Unspecified').slice(0, MAX_REASON_CODE),
    ...(detail === undefined ? {} : { additionalInfo: detail.slice(0, MAX_ADDITIONAL_INFO) }),
  };
}

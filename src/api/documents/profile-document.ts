import Type, { type Static } from 'typebox';
import type { AcknowledgedProfile, DesiredProfile } from '../../domain/profile.js';
import { formatInstant } from '../instants.js';
import { instant, named, nullableText, oneOf, refTo } from '../named-schema.js';

export const ProfileSchema = named(
  'Profile',
  {
    revision: Type.Integer(),
    periods: Type.Array(Type.Object({ start: instant(), powerKw: Type.Number() })),
    validTo: instant('The station falls back to charging only after this.'),
    maxOfflineS: Type.Number(),
    createdAt: instant(),
    planId: nullableText(),
    reason: Type.String(),
  },
  'What one EVSE shall do. powerKw is signed: charging > 0, discharging < 0.',
);

export const AcknowledgementSchema = named('Acknowledgement', {
  revision: Type.Integer(),
  status: oneOf(['accepted', 'rejected']),
  reason: nullableText('Why the station refused.'),
  at: instant(),
  profile: refTo(ProfileSchema),
});

export const PROFILE_SCHEMAS = [ProfileSchema, AcknowledgementSchema];

export function profileDocument(profile: DesiredProfile): Static<typeof ProfileSchema> {
  return {
    revision: profile.revision,
    periods: profile.periods.map(({ startMs, powerKw }) => ({ start: formatInstant(startMs), powerKw })),
    validTo: formatInstant(profile.validToMs),
    maxOfflineS: profile.maxOfflineS,
    createdAt: formatInstant(profile.createdAtMs),
    planId: profile.planId ?? null,
    reason: profile.reason,
  };
}

export function acknowledgementDocument(
  acknowledged: AcknowledgedProfile,
): Static<typeof AcknowledgementSchema> {
  return {
    revision: acknowledged.revision,
    status: acknowledged.outcome.status,
    reason: acknowledged.outcome.status === 'rejected' ? acknowledged.outcome.reason : null,
    at: formatInstant(acknowledged.atMs),
    profile: profileDocument(acknowledged.profile),
  };
}

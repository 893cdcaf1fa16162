import Type, { type Static } from 'typebox';
import { evseNumberOf } from '../../domain/ids.js';
import { PROFILE_DIALECTS } from '../../domain/station.js';
import type { StationView } from '../../ports/use-cases.js';
import { formatInstant, formatInstantOrNull } from '../instants.js';
import {
  named,
  nullableInstant,
  nullableNumber,
  nullableRef,
  nullableText,
  oneOf,
  refTo,
} from '../named-schema.js';
import {
  EVSE_RECORD_SCHEMAS,
  EvseRecordSchema,
  evseRecordDocument,
  FollowingChangeSchema,
  FollowingSchema,
  followingDocument,
  historyDocument,
} from './evse-record-document.js';

const DialectDemotionSchema = named('DialectDemotion', {
  dialect: oneOf(PROFILE_DIALECTS),
  reason: Type.String(),
  until: Type.String({ format: 'date-time' }),
});

const DialectStandingSchema = named('DialectStanding', {
  dialect: oneOf(PROFILE_DIALECTS),
  state: oneOf(['in-use', 'available', 'paused']),
});

const EvseSchema = named('Evse', {
  evseId: Type.String({ description: 'stationId/evseNumber' }),
  canDischarge: Type.Boolean(),
  canDischargeBecause: Type.String({ description: 'Why discharge is, or is not, offered.' }),
  maxChargeKw: nullableNumber(),
  maxDischargeKw: nullableNumber(),
  dialect: nullableText(`How the EVSE is told its power at present: ${PROFILE_DIALECTS.join(', ')}.`),
  dialectBecause: nullableText(),
  dialects: Type.Array(refTo(DialectStandingSchema), { description: 'All that it may hold, best first.' }),
  supportsDynamicProfiles: Type.Boolean(),
  supportsMaxOfflineDuration: Type.Boolean(),
  periodsPerSchedule: Type.Integer(),
  maxStackLevel: Type.Integer(),
  rateUnits: Type.Array(Type.String()),
  phases: nullableNumber('Of an AC supply, where told.'),
  demotions: Type.Array(refTo(DialectDemotionSchema), {
    description: 'Dialects that the EVSE refused; each is tried again when its time is over.',
  }),
  record: refTo(EvseRecordSchema),
  following: nullableRef(FollowingSchema),
  connectorStatus: nullableText(),
  transactionId: nullableText(),
});

const StationNoticeSchema = named('StationNotice', {
  kind: oneOf(['security', 'grid-code']),
  at: Type.String({ format: 'date-time', description: "By the station's clock." }),
  text: Type.String(),
});

export const StationSchema = named('Station', {
  stationId: Type.String(),
  siteId: nullableText(),
  online: Type.Boolean(),
  registration: oneOf(['new', 'accepted']),
  vendor: nullableText(),
  model: nullableText(),
  serialNumber: nullableText(),
  firmwareVersion: nullableText(),
  protocol: nullableText(),
  lastSeen: nullableInstant(),
  nonConformances: Type.Array(Type.String()),
  notices: Type.Array(refTo(StationNoticeSchema), { description: 'Newest last; the last 50 are kept.' }),
  profileDialect: nullableText("The operator's choice of dialect; null = chosen by capability."),
  evses: Type.Array(refTo(EvseSchema)),
});

const EvseHistorySchema = named('EvseHistory', {
  evseId: Type.String(),
  history: Type.Array(refTo(FollowingChangeSchema), {
    description: 'Changes in how the EVSE follows, oldest first; the newest hundred.',
  }),
});

export const StationDetailSchema = named('StationDetail', {
  ...StationSchema.properties,
  histories: Type.Array(refTo(EvseHistorySchema)),
});

export const StationsSchema = named('Stations', { stations: Type.Array(refTo(StationSchema)) });

export const StationChangeSchema = named(
  'StationChange',
  {
    siteId: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    password: Type.Optional(
      Type.Unsafe<string | null>({
        type: ['string', 'null'],
        minLength: 16,
        maxLength: 64,
        writeOnly: true,
        description:
          'Basic password, at least 16 characters (OCPP BasicAuthPassword); null removes it, absent keeps it.',
      }),
    ),
    profileDialect: Type.Optional(
      Type.Union([oneOf(PROFILE_DIALECTS), Type.Null()], {
        description:
          'How its EVSEs are told their power; null = chosen by capability. negative-limit is never chosen by itself.',
      }),
    ),
    profilePurpose: Type.Optional(
      Type.Union([Type.Literal('TxProfile'), Type.Literal('TxDefaultProfile')], {
        description: 'Where negative limits go, for stations that take them in their default profile alone.',
      }),
    ),
  },
  'What may be set of a station. The password is never shown again.',
);

export const STATION_SCHEMAS = [
  DialectDemotionSchema,
  DialectStandingSchema,
  StationNoticeSchema,
  EvseSchema,
  ...EVSE_RECORD_SCHEMAS,
  StationSchema,
  EvseHistorySchema,
  StationDetailSchema,
  StationsSchema,
  StationChangeSchema,
];

export function stationDocument({ station, online, evses }: StationView): Static<typeof StationSchema> {
  return {
    stationId: station.stationId,
    siteId: station.siteId ?? null,
    online,
    registration: station.registration,
    vendor: station.identity?.vendor ?? null,
    model: station.identity?.model ?? null,
    serialNumber: station.identity?.serialNumber ?? null,
    firmwareVersion: station.identity?.firmwareVersion ?? null,
    protocol: station.protocol ?? null,
    lastSeen: formatInstantOrNull(station.lastSeenMs),
    nonConformances: [...station.nonConformances],
    notices: (station.notices ?? []).map(({ kind, atMs, text }) => ({ kind, at: formatInstant(atMs), text })),
    profileDialect: station.dialectSetting?.dialect ?? null,
    evses: evses.map(
      ({ evseId, capability, connectorStatus, transactionId, dialects, record, delivery }) => ({
        evseId,
        canDischarge: capability.canDischarge,
        canDischargeBecause: capability.because,
        maxChargeKw: capability.maxChargeKw ?? null,
        maxDischargeKw: capability.maxDischargeKw ?? null,
        dialect: capability.dialect ?? null,
        dialectBecause: capability.dialectBecause ?? null,
        dialects: dialects.map((one) => ({ ...one })),
        supportsDynamicProfiles: capability.supportsDynamicProfiles,
        supportsMaxOfflineDuration: capability.supportsMaxOfflineDuration,
        periodsPerSchedule: capability.periodsPerSchedule,
        maxStackLevel: capability.maxStackLevel,
        rateUnits: [...capability.rateUnits],
        phases: capability.phases ?? null,
        demotions: (station.dialectDemotions ?? [])
          .filter(({ evseNumber }) => evseNumber === evseNumberOf(evseId))
          .map(({ dialect, reason, untilMs }) => ({ dialect, reason, until: formatInstant(untilMs) })),
        record: evseRecordDocument(record),
        following: delivery === null ? null : followingDocument(delivery),
        connectorStatus,
        transactionId,
      }),
    ),
  };
}

/** One station with the history of its EVSEs. */
export function stationDetailDocument(view: StationView): Static<typeof StationDetailSchema> {
  const histories = view.evses.map(({ evseId, record }) => ({ evseId, history: historyDocument(record) }));
  return { ...stationDocument(view), histories };
}

import Type, { type Static } from 'typebox';
import type { StationProbe } from '../../ports/use-cases.js';
import { formatInstant } from '../instants.js';
import { instant, named, nullableNumber, nullableText, oneOf, refTo } from '../named-schema.js';
import { StationDetailSchema, stationDetailDocument } from './station-document.js';

const ToldPeriodSchema = named('ToldPeriod', {
  afterS: Type.Number({ description: "Counted from the schedule's own start." }),
  powerKw: Type.Number({ description: 'Charging > 0, discharging < 0.' }),
});

const EvseProbeSchema = named('EvseProbe', {
  evseId: Type.String(),
  compositeSchedule: oneOf(['told', 'not-told']),
  compositeDetail: nullableText('Why there is no schedule, or where it differs from the profile in force.'),
  compositePeriods: Type.Array(refTo(ToldPeriodSchema)),
  agreesWithProfile: Type.Unsafe<boolean | null>({
    type: ['boolean', 'null'],
    description: 'Null when no profile of ours is in force or the schedule does not cover it.',
  }),
  profileHeld: oneOf(['ours', 'none', 'unknown', 'not-asked']),
  profileRevision: nullableNumber('Of ours, as the station reports it.'),
});

const TelemetrySchema = named('StationTelemetry', {
  measurands: Type.Array(Type.String(), { description: 'Sent while a session runs.' }),
  intervalS: nullableNumber(),
  variablesAsked: Type.Integer(),
  variablesTold: Type.Integer(),
});

export const StationProbeSchema = named(
  'StationProbe',
  {
    at: instant(),
    station: refTo(StationDetailSchema),
    telemetry: refTo(TelemetrySchema),
    evses: Type.Array(refTo(EvseProbeSchema)),
  },
  'What a station can do, and what it answered just now.',
);

export const PROBE_SCHEMAS = [ToldPeriodSchema, EvseProbeSchema, TelemetrySchema, StationProbeSchema];

export function probeDocument(probe: StationProbe): Static<typeof StationProbeSchema> {
  return {
    at: formatInstant(probe.atMs),
    station: stationDetailDocument(probe.view),
    telemetry: { ...probe.telemetry, measurands: [...probe.telemetry.measurands] },
    evses: probe.evses.map(({ evseId, composite, match, held }) => ({
      evseId,
      compositeSchedule: composite.kind,
      compositeDetail: composite.kind === 'not-told' ? composite.detail : (match?.detail ?? '') || null,
      compositePeriods:
        composite.kind === 'told' ? composite.schedule.periods.map((one) => ({ ...one })) : [],
      agreesWithProfile:
        match === null || match.outcome === 'not-answered' ? null : match.outcome === 'agrees',
      profileHeld: held === null ? 'not-asked' : held.kind === 'found' ? 'ours' : held.kind,
      profileRevision: held?.kind === 'found' ? held.revision : null,
    })),
  };
}

import Type, { type Static } from 'typebox';
import { invalidInput } from '../../domain/errors.js';
import { asSiteId, isStationId } from '../../domain/ids.js';
import type { Site } from '../../domain/station.js';
import { named, refTo } from '../named-schema.js';
import { EvDefaultsSchema } from './ev-defaults-document.js';

const SITE_FIELDS = {
  name: Type.String({ minLength: 1, maxLength: 200 }),
  importLimitKw: Type.Optional(Type.Number({ minimum: 0, description: 'Absent = unlimited.' })),
  exportLimitKw: Type.Optional(Type.Number({ minimum: 0, description: 'Absent = unlimited.' })),
  pool: Type.Optional(
    Type.String({ minLength: 1, maxLength: 100, description: 'Pool that the site is traded with.' }),
  ),
  priceZone: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 50,
      description: 'Bidding zone whose prices hold here; absent = that of the engine.',
    }),
  ),
  stationIds: Type.Array(Type.String(), { maxItems: 5_000, uniqueItems: true }),
  timeZone: Type.Optional(
    Type.String({ minLength: 1, maxLength: 100, description: 'IANA name; absent = UTC.' }),
  ),
  evDefaults: Type.Optional(refTo(EvDefaultsSchema)),
};

export const SiteSchema = named(
  'Site',
  { siteId: Type.String({ minLength: 1, maxLength: 100 }), ...SITE_FIELDS },
  'A grid connection and the stations behind it. Limits are hard limits of every plan.',
);

export const SiteChangeSchema = named('SiteChange', {
  siteId: Type.Optional(
    Type.String({ minLength: 1, maxLength: 100, description: 'If given, as in the path.' }),
  ),
  ...SITE_FIELDS,
});

export const SitesSchema = named('Sites', { sites: Type.Array(refTo(SiteSchema)) });

export const SITE_SCHEMAS = [SiteSchema, SiteChangeSchema, SitesSchema];

/** Without the drivers: their tokens are read by operators alone. */
export function siteDocument({ stationIds, drivers: _, ...site }: Site): Static<typeof SiteSchema> {
  return { ...site, stationIds: [...stationIds] };
}

/** Throws INVALID_INPUT when a station id could not be one. */
export function parseSite({ siteId, stationIds, ...site }: Static<typeof SiteSchema>): Site {
  return {
    siteId: asSiteId(siteId),
    ...site,
    stationIds: stationIds.map((stationId, index) => {
      if (!isStationId(stationId)) throw invalidInput(`stationIds[${index}]`, 'is no station identity');
      return stationId;
    }),
  };
}

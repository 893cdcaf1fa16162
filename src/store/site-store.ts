import type { Kysely } from 'kysely';
import { asSiteId, asStationId } from '../domain/ids.js';
import type { Site } from '../domain/station.js';
import type { SiteStore } from '../ports/store.js';
import { jsonOrNull, withoutNulls } from './absent-columns.js';
import type { Tables } from './tables.js';

export function createSiteStore(db: Kysely<Tables>): SiteStore {
  return {
    async list() {
      const rows = await db.selectFrom('sites').selectAll().orderBy('site_id').execute();
      return rows.map((row) =>
        withoutNulls<Site>({
          siteId: asSiteId(row.site_id),
          name: row.name,
          importLimitKw: row.import_limit_kw,
          exportLimitKw: row.export_limit_kw,
          pool: row.pool,
          priceZone: row.price_zone,
          stationIds: row.station_ids.map(asStationId),
          timeZone: row.time_zone,
          evDefaults: row.ev_defaults,
          drivers: row.drivers,
        }),
      );
    },
    async save(site) {
      const changes = {
        name: site.name,
        import_limit_kw: site.importLimitKw ?? null,
        export_limit_kw: site.exportLimitKw ?? null,
        pool: site.pool ?? null,
        price_zone: site.priceZone ?? null,
        station_ids: JSON.stringify(site.stationIds),
        time_zone: site.timeZone ?? null,
        ev_defaults: jsonOrNull(site.evDefaults),
        drivers: jsonOrNull(site.drivers),
      };
      await db
        .insertInto('sites')
        .values({ site_id: site.siteId, ...changes })
        .onConflict((conflict) => conflict.column('site_id').doUpdateSet(changes))
        .execute();
    },
  };
}

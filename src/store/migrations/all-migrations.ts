import type { Migration } from 'kysely';
import { firstTables } from './0001-first-tables.js';
import { bids } from './0002-bids.js';
import { stationDialects } from './0003-station-dialects.js';
import { siteDefaults } from './0004-site-defaults.js';
import { evseRecords } from './0005-evse-records.js';
import { priceKnowledge } from './0006-price-knowledge.js';
import { sitePools } from './0007-site-pools.js';
import { proofs } from './0008-proofs.js';
import { ledger } from './0009-ledger.js';
import { stationNotices } from './0010-station-notices.js';
import { plannerLease } from './0011-planner-lease.js';
import { sitePriceZones } from './0012-site-price-zones.js';
import { intervalReadings } from './0013-interval-readings.js';
import { awardShortages } from './0014-award-shortages.js';
import { earlyNeeds } from './0015-early-needs.js';

/** Every migration by its name; they run in the order of the names and never change once released. */
export const ALL_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-first-tables': firstTables,
  '0002-bids': bids,
  '0003-station-dialects': stationDialects,
  '0004-site-defaults': siteDefaults,
  '0005-evse-records': evseRecords,
  '0006-price-knowledge': priceKnowledge,
  '0007-site-pools': sitePools,
  '0008-proofs': proofs,
  '0009-ledger': ledger,
  '0010-station-notices': stationNotices,
  '0011-planner-lease': plannerLease,
  '0012-site-price-zones': sitePriceZones,
  '0013-interval-readings': intervalReadings,
  '0014-award-shortages': awardShortages,
  '0015-early-needs': earlyNeeds,
};

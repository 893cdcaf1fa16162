import { IANAZone } from 'luxon';
import { invalidInput } from '../../domain/errors.js';
import type { EvDefaults } from '../../domain/ev-defaults.js';
import type { SiteId, StationId } from '../../domain/ids.js';
import type { Session } from '../../domain/session.js';
import type { Site, Station } from '../../domain/station.js';
import type { EngineContext } from '../context.js';
import { createTurns } from '../in-turn.js';
import type { Stations } from './stations.js';
import type { Transactions } from './transactions.js';

/** Grid connections and who is behind them. A station is on one site at most, its running sessions with it. */
export interface Sites {
  /** Takes the site as it is written: stations that it does not list any more are on no site. */
  save(site: Site): Promise<Site>;
  /** Puts a station on a site that exists. */
  join(stationId: StationId, siteId: SiteId): Promise<void>;
}

export function createSites(
  { store, state }: EngineContext,
  parts: { stations: Stations; transactions: Transactions },
): Sites {
  const inTurn = createTurns<'sites'>();

  async function keep(site: Site): Promise<void> {
    await store.sites.save(site);
    state.sites.set(site.siteId, site);
  }

  async function move(stationId: StationId, siteId: SiteId | undefined): Promise<void> {
    await parts.stations.change(stationId, (station) => onSite<Station>(station, siteId));
    for (const session of [...state.sessions.values()]) {
      if (session.stationId !== stationId || session.siteId === siteId) continue;
      await parts.transactions.change(session.transactionId, (current) => onSite<Session>(current, siteId));
    }
  }

  async function save(site: Site): Promise<Site> {
    checkSite(site, state.stations);
    checkDefaults(site);
    await keep(site);
    const listed = new Set(site.stationIds);
    for (const other of [...state.sites.values()]) {
      if (other.siteId === site.siteId || !other.stationIds.some((stationId) => listed.has(stationId)))
        continue;
      await keep({ ...other, stationIds: other.stationIds.filter((stationId) => !listed.has(stationId)) });
    }
    for (const { station } of [...state.stations.values()]) {
      if (listed.has(station.stationId)) await move(station.stationId, site.siteId);
      else if (station.siteId === site.siteId) await move(station.stationId, undefined);
    }
    return site;
  }

  return {
    save: (site) => inTurn('sites', () => save(site)),
    join: (stationId, siteId) =>
      inTurn('sites', async () => {
        const site = state.sites.get(siteId);
        if (site === undefined) throw invalidInput('siteId', 'no such site');
        if (site.stationIds.includes(stationId)) return;
        await save({ ...site, stationIds: [...site.stationIds, stationId] });
      }),
  };
}

function onSite<T extends Station | Session>(held: T, siteId: SiteId | undefined): T {
  if (held.siteId === siteId) return held;
  const { siteId: _, ...rest } = held;
  return (siteId === undefined ? rest : { ...rest, siteId }) as T;
}

function checkDefaults({ timeZone, evDefaults, drivers = [] }: Site): void {
  if (timeZone !== undefined && !IANAZone.isValidZone(timeZone)) {
    throw invalidInput('timeZone', 'must be an IANA time zone, e.g. Europe/Berlin');
  }
  if (evDefaults !== undefined) checkEvDefaults('evDefaults', evDefaults);
  const tokens = new Set<string>();
  drivers.forEach((driver, index) => {
    if (tokens.has(driver.idToken)) throw invalidInput(`drivers[${index}].idToken`, 'is listed twice');
    tokens.add(driver.idToken);
    checkEvDefaults(`drivers[${index}]`, driver);
  });
}

function checkEvDefaults(at: string, { minChargeKw, maxChargeKw, ...values }: EvDefaults): void {
  if (minChargeKw !== undefined && maxChargeKw !== undefined && minChargeKw > maxChargeKw) {
    throw invalidInput(`${at}.minChargeKw`, 'must not be above maxChargeKw');
  }
  const { energyKwh, batteryCapacityKwh } = values;
  if (energyKwh !== undefined && batteryCapacityKwh !== undefined && energyKwh > batteryCapacityKwh) {
    throw invalidInput(`${at}.energyKwh`, 'must not be above batteryCapacityKwh');
  }
}

function checkSite(site: Site, stations: ReadonlyMap<string, unknown>): void {
  for (const field of ['importLimitKw', 'exportLimitKw'] as const) {
    const limitKw = site[field];
    if (limitKw !== undefined && !(limitKw >= 0)) throw invalidInput(field, 'must be a number ≥ 0');
  }
  site.stationIds.forEach((stationId, index) => {
    if (!stations.has(stationId)) throw invalidInput(`stationIds[${index}]`, 'no such station');
  });
}

import { type Kysely, type Selectable, sql } from 'kysely';
import { EbbflowError } from '../domain/errors.js';
import type { EvseRecord } from '../domain/evse-record.js';
import { asSiteId, asStationId, type StationId } from '../domain/ids.js';
import type { DeviceVariable, Station } from '../domain/station.js';
import type { StationStore } from '../ports/store.js';
import { jsonOrNull, withoutNulls } from './absent-columns.js';
import { timestampOf } from './instants.js';
import type { Tables } from './tables.js';
import { transact } from './transaction.js';

export function createStationStore(db: Kysely<Tables>): StationStore {
  return {
    async list() {
      const rows = await db.selectFrom('stations').selectAll().orderBy('station_id').execute();
      return rows.map(stationOf);
    },
    async get(stationId) {
      const row = await db
        .selectFrom('stations')
        .selectAll()
        .where('station_id', '=', stationId)
        .executeTakeFirst();
      return row === undefined ? undefined : stationOf(row);
    },
    async save(station) {
      const { station_id, ...changes } = stationRow(station);
      await db
        .insertInto('stations')
        .values({ station_id, ...changes, password_hash: null })
        .onConflict((conflict) => conflict.column('station_id').doUpdateSet(changes))
        .execute();
    },
    async passwordHash(stationId) {
      const row = await db
        .selectFrom('stations')
        .select('password_hash')
        .where('station_id', '=', stationId)
        .executeTakeFirst();
      return row?.password_hash;
    },
    async setPasswordHash(stationId, hash) {
      const rows = await db
        .updateTable('stations')
        .set({ password_hash: hash })
        .where('station_id', '=', stationId)
        .returning('station_id')
        .execute();
      if (rows.length === 0) throw new EbbflowError('NOT_FOUND', `No station ${stationId} is registered`);
    },
    saveDeviceModel: (stationId, rows) => saveDeviceModel(db, stationId, rows),
    async deviceModel(stationId) {
      const rows = await db
        .selectFrom('device_variables')
        .selectAll()
        .where('station_id', '=', stationId)
        .orderBy('ordinal')
        .execute();
      return rows.map(deviceVariableOf);
    },
    async deviceModels() {
      const rows = await db
        .selectFrom('device_variables')
        .selectAll()
        .orderBy('station_id')
        .orderBy('ordinal')
        .execute();
      return groupByStation(rows);
    },
    saveEvseRecords: (records) => saveEvseRecords(db, records),
    async evseRecords() {
      const rows = await db.selectFrom('evse_records').select('record').orderBy('evse_id').execute();
      return rows.map((row) => row.record);
    },
  };
}

function groupByStation(rows: readonly Selectable<Tables['device_variables']>[]) {
  const models = new Map<StationId, DeviceVariable[]>();
  for (const row of rows) {
    const stationId = asStationId(row.station_id);
    const model = models.get(stationId) ?? [];
    model.push(deviceVariableOf(row));
    models.set(stationId, model);
  }
  return models;
}

async function saveDeviceModel(
  db: Kysely<Tables>,
  stationId: StationId,
  rows: readonly DeviceVariable[],
): Promise<void> {
  const records = rows.map((row, ordinal) => ({
    ordinal,
    component: row.component,
    component_instance: row.componentInstance,
    evse_number: row.evseNumber,
    variable: row.variable,
    variable_instance: row.variableInstance,
    attribute: row.attribute,
    value: row.value,
    max_limit: row.maxLimit,
    unit: row.unit,
  }));
  await transact(db, async (transaction) => {
    await transaction.deleteFrom('device_variables').where('station_id', '=', stationId).execute();
    if (records.length === 0) return;
    await sql`insert into device_variables (station_id, ordinal, component, component_instance, evse_number,
        variable, variable_instance, attribute, value, max_limit, unit)
      select ${stationId}::text, record.* from json_to_recordset(${JSON.stringify(records)}::json)
        as record(ordinal integer, component text, component_instance text, evse_number integer, variable text,
          variable_instance text, attribute text, value text, max_limit float8, unit text)`.execute(
      transaction,
    );
  });
}

/** One statement, in a fixed order of EVSEs. */
async function saveEvseRecords(db: Kysely<Tables>, records: readonly EvseRecord[]): Promise<void> {
  if (records.length === 0) return;
  const rows = [...records]
    .sort((one, other) => (one.evseId < other.evseId ? -1 : 1))
    .map((record) => ({ evse_id: record.evseId, record }));
  await sql`insert into evse_records (evse_id, record)
    select * from json_to_recordset(${JSON.stringify(rows)}::json) as row(evse_id text, record jsonb)
    on conflict (evse_id) do update set record = excluded.record`.execute(db);
}

function stationRow(station: Station) {
  return {
    station_id: station.stationId,
    site_id: station.siteId ?? null,
    registration: station.registration,
    protocol: station.protocol ?? null,
    identity: jsonOrNull(station.identity),
    last_seen_at: station.lastSeenMs === undefined ? null : timestampOf(station.lastSeenMs),
    non_conformances: JSON.stringify(station.nonConformances),
    dialect_setting: jsonOrNull(station.dialectSetting),
    dialect_demotions: jsonOrNull(station.dialectDemotions),
    external_limits: jsonOrNull(station.externalLimits),
    notices: jsonOrNull(station.notices),
    early_needs: jsonOrNull(station.earlyNeeds),
  };
}

function stationOf(row: Selectable<Tables['stations']>): Station {
  return withoutNulls<Station>({
    stationId: asStationId(row.station_id),
    siteId: row.site_id === null ? null : asSiteId(row.site_id),
    registration: row.registration,
    identity: row.identity,
    protocol: row.protocol,
    lastSeenMs: row.last_seen_at,
    nonConformances: row.non_conformances,
    dialectSetting: row.dialect_setting,
    dialectDemotions: row.dialect_demotions,
    externalLimits: row.external_limits,
    notices: row.notices,
    earlyNeeds: row.early_needs,
  });
}

function deviceVariableOf(row: Selectable<Tables['device_variables']>): DeviceVariable {
  return withoutNulls<DeviceVariable>({
    component: row.component,
    componentInstance: row.component_instance,
    evseNumber: row.evse_number,
    variable: row.variable,
    variableInstance: row.variable_instance,
    attribute: row.attribute,
    value: row.value,
    maxLimit: row.max_limit,
    unit: row.unit,
  });
}

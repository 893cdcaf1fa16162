import type { Selectable } from 'kysely';
import { asEvseId, asSiteId, asStationId, asTransactionId } from '../domain/ids.js';
import type { Session } from '../domain/session.js';
import { withoutNulls } from './absent-columns.js';
import { timestampOf } from './instants.js';
import type { Tables } from './tables.js';

/** Column definitions of a session as json_to_recordset wants them. */
export const SESSION_RECORD = `transaction_id text, station_id text, evse_id text, site_id text,
  started_at timestamptz, ended_at timestamptz, state text, stopped_reason text, id_token text,
  charging_state text, needs jsonb, needs_import_wh float8, needs_export_wh float8, energy_window jsonb,
  override jsonb, books jsonb, flags jsonb, last_seq_no integer`;

export const SESSION_COLUMNS = [
  'transaction_id',
  'station_id',
  'evse_id',
  'site_id',
  'started_at',
  'ended_at',
  'state',
  'stopped_reason',
  'id_token',
  'charging_state',
  'needs',
  'needs_import_wh',
  'needs_export_wh',
  'energy_window',
  'override',
  'books',
  'flags',
  'last_seq_no',
] as const satisfies readonly (keyof Tables['sessions'])[];

/** A session as an element of the JSON array that {@link SESSION_RECORD} reads. */
export function sessionRecord(session: Session): Record<(typeof SESSION_COLUMNS)[number], unknown> {
  return {
    transaction_id: session.transactionId,
    station_id: session.stationId,
    evse_id: session.evseId,
    site_id: session.siteId,
    started_at: timestampOf(session.startedAtMs),
    ended_at: session.endedAtMs === undefined ? null : timestampOf(session.endedAtMs),
    state: session.state,
    stopped_reason: session.stoppedReason,
    id_token: session.idToken,
    charging_state: session.chargingState,
    needs: session.needs,
    needs_import_wh: session.needsImportWh,
    needs_export_wh: session.needsExportWh,
    energy_window: session.window,
    override: session.override,
    books: session.books,
    flags: session.flags,
    last_seq_no: session.lastSeqNo,
  };
}

export function sessionOf(row: Selectable<Tables['sessions']>): Session {
  return withoutNulls<Session>({
    transactionId: asTransactionId(row.transaction_id),
    stationId: asStationId(row.station_id),
    evseId: asEvseId(row.evse_id),
    siteId: row.site_id === null ? null : asSiteId(row.site_id),
    startedAtMs: row.started_at,
    endedAtMs: row.ended_at,
    state: row.state,
    stoppedReason: row.stopped_reason,
    idToken: row.id_token,
    chargingState: row.charging_state,
    needs: row.needs,
    needsImportWh: row.needs_import_wh,
    needsExportWh: row.needs_export_wh,
    window: row.energy_window,
    override: row.override,
    books: row.books,
    flags: row.flags,
    lastSeqNo: row.last_seq_no,
  });
}

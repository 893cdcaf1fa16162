import { DateTime, IANAZone } from 'luxon';
import { invalidInput } from '../domain/errors.js';
import { MS_PER_HOUR } from '../domain/power.js';
import { type CsvRow, type CsvTable, parseCsvTable } from './csv-table.js';
import type { ImportRemark, RecordedSession, RemarkKind, SessionsFile } from './recorded-session.js';

/** Columns of the residential format (times UTC) and of its users file, and of the workplace format (local). */
const RESIDENTIAL = [
  'session_id',
  'user_id',
  'plug_in_utc',
  'plug_out_utc',
  'energy_kwh',
  'soc_start_pct_est',
];
const USERS = ['user_id', 'charging_power_kw_est', 'battery_capacity_kwh_est'];
const WORKPLACE = ['session_id', 'user_id', 'station_id', 'start_local', 'end_local', 'energy_kwh'];

/** The residential source is Norwegian. */
const RESIDENTIAL_ZONE = 'Europe/Oslo';
const MAX_ENERGY_KWH = 500;
const MAX_POWER_KW = 1_000;
/** Power is the source's estimate and times are cut to minutes: a tenth more energy is not worth a word. */
const POWER_ESTIMATE_SLACK = 1.1;
/** Longer stays are forgotten cables or broken clocks. */
const MAX_STAY_MS = 30 * 24 * MS_PER_HOUR;

export interface SessionsText {
  /** What errors call the file. */
  readonly name: string;
  readonly text: string;
  /** The users file of the residential format: power and capacity per user. */
  readonly users?: { readonly name: string; readonly text: string };
  /** Zone of the workplace format's local times, which the format does not state. */
  readonly timeZone?: string;
}

/**
 * Parses a file of recorded charging sessions; its header tells the format.
 * @throws EbbflowError INVALID_INPUT that names line and column for whatever cannot be read. What can be read
 * but is odd is kept or skipped by rule, with a remark.
 */
export function parseSessionsFile(source: SessionsText): SessionsFile {
  const table = parseCsvTable(source.text, source.name);
  const has = (columns: readonly string[]) => columns.every((column) => table.columns.includes(column));
  if (has(RESIDENTIAL)) return residential(table, source);
  if (has(WORKPLACE)) return workplace(table, source);
  const expected = `${RESIDENTIAL.join(',')} or ${WORKPLACE.join(',')}`;
  throw invalidInput(
    `${source.name}, line 1`,
    `unknown columns ${table.columns.join(',')}; expected ${expected}`,
  );
}

function residential(table: CsvTable, source: SessionsText): SessionsFile {
  const users = source.users ? usersOf(source.users) : new Map<string, User>();
  const sessions = table.rows.map((row): RecordedSession => {
    const user = users.get(row.text('user_id'));
    const socPercent = row.optionalNumber('soc_start_pct_est', 0, 100);
    return {
      ...commonCells(row),
      ...stay(row, 'plug_in_utc', 'plug_out_utc', utcInstant),
      ...user,
      ...(socPercent === undefined ? {} : { arrivalSocFraction: socPercent / 100 }),
    };
  });
  return { format: 'residential', timeZone: RESIDENTIAL_ZONE, ...sift(sessions, RESIDENTIAL_ZONE) };
}

function workplace(table: CsvTable, source: SessionsText): SessionsFile {
  const timeZone = source.timeZone ?? 'UTC';
  if (!IANAZone.isValidZone(timeZone)) throw invalidInput('timeZone', `${timeZone} is no IANA time zone`);
  const sessions = table.rows.map((row): RecordedSession => {
    const local = (cellRow: CsvRow, column: string, notBeforeMs?: number) =>
      localInstant(cellRow, column, timeZone, notBeforeMs);
    return { ...commonCells(row), ...stay(row, 'start_local', 'end_local', local) };
  });
  return { format: 'workplace', timeZone, ...sift(sessions, timeZone) };
}

interface User {
  readonly powerKw?: number;
  readonly capacityKwh?: number;
}

function usersOf(source: { readonly name: string; readonly text: string }): Map<string, User> {
  const table = parseCsvTable(source.text, source.name);
  const missing = USERS.filter((column) => !table.columns.includes(column));
  if (missing.length > 0) throw invalidInput(`${source.name}, line 1`, `lacks ${missing.join(',')}`);
  return new Map(
    table.rows.map((row) => {
      const powerKw = row.optionalNumber('charging_power_kw_est', 0.1, MAX_POWER_KW);
      const capacityKwh = row.optionalNumber('battery_capacity_kwh_est', 1, MAX_ENERGY_KWH);
      const user = {
        ...(powerKw === undefined ? {} : { powerKw }),
        ...(capacityKwh === undefined ? {} : { capacityKwh }),
      };
      return [row.text('user_id'), user];
    }),
  );
}

function commonCells(row: CsvRow) {
  return {
    line: row.line,
    sessionId: row.text('session_id'),
    userId: row.text('user_id'),
    energyKwh: row.number('energy_kwh', 0, MAX_ENERGY_KWH),
  };
}

type ReadInstant = (row: CsvRow, column: string, notBeforeMs?: number) => number;

function stay(row: CsvRow, inColumn: string, outColumn: string, read: ReadInstant) {
  const plugInMs = read(row, inColumn);
  const plugOutMs = read(row, outColumn, plugInMs);
  if (plugOutMs <= plugInMs) throw row.fault(outColumn, `is not after ${inColumn}`);
  if (plugOutMs - plugInMs > MAX_STAY_MS)
    throw row.fault(outColumn, `is more than 30 days after ${inColumn}`);
  return { plugInMs, plugOutMs };
}

function utcInstant(row: CsvRow, column: string): number {
  const text = row.text(column);
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z$/.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse takes the 30th of February for the 2nd of March.
  const isRealDay = !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text.slice(0, 10));
  if (!isRealDay) throw row.fault(column, `"${text}" is not an instant like 2025-10-26T00:15Z`);
  return ms;
}

/**
 * Wall-clock time in the file's zone. Of the two instants of a repeated autumn hour it is the first, or the
 * second where the first would lie before `notBeforeMs`.
 */
function localInstant(row: CsvRow, column: string, timeZone: string, notBeforeMs?: number): number {
  const text = row.text(column);
  const wellFormed = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?$/.test(text);
  const time = DateTime.fromISO(text.replace(' ', 'T'), { zone: timeZone });
  if (!wellFormed || !time.isValid) {
    throw row.fault(column, `"${text}" is not a local time like 2014-11-18T15:01`);
  }
  const possible = time.getPossibleOffsets().map((candidate) => candidate.toMillis());
  const fitting = possible.sort((a, b) => a - b).find((ms) => notBeforeMs === undefined || ms > notBeforeMs);
  return fitting ?? time.toMillis();
}

/** Orders the sessions, skips what cannot have been, and remarks on what is odd. */
function sift(
  sessions: readonly RecordedSession[],
  timeZone: string,
): { sessions: RecordedSession[]; remarks: ImportRemark[] } {
  const remarks: ImportRemark[] = [];
  const kept: RecordedSession[] = [];
  const busyUntilMs = new Map<string, number>();
  const zone = IANAZone.create(timeZone);
  for (const session of [...sessions].sort((a, b) => a.plugInMs - b.plugInMs || a.line - b.line)) {
    const remark = (kind: RemarkKind, detail: string) => {
      remarks.push({ line: session.line, sessionId: session.sessionId, kind, detail });
    };
    const { userId, plugInMs, plugOutMs, energyKwh, powerKw } = session;
    if (energyKwh === 0) {
      remark('no-energy', 'skipped: energy_kwh is 0');
      continue;
    }
    if (plugInMs < (busyUntilMs.get(userId) ?? 0)) {
      remark('overlaps-earlier-session', `skipped: ${userId} was still plugged in`);
      continue;
    }
    busyUntilMs.set(userId, plugOutMs);
    const mostKwh = ((powerKw ?? Number.POSITIVE_INFINITY) * (plugOutMs - plugInMs)) / MS_PER_HOUR;
    if (energyKwh > mostKwh * POWER_ESTIMATE_SLACK)
      remark('energy-above-power', `${energyKwh} kWh, ${powerKw} kW give ${mostKwh}`);
    if (zone.offset(plugInMs) !== zone.offset(plugOutMs)) remark('crosses-clock-change', timeZone);
    if (session.capacityKwh === undefined) remark('capacity-assumed', 'no capacity in the source');
    if (session.arrivalSocFraction === undefined) remark('arrival-soc-assumed', 'no state of charge');
    kept.push(session);
  }
  return { sessions: kept, remarks };
}

import { EbbflowError } from '../../domain/errors.js';
import { proofOf, withProof } from '../../domain/evse-record.js';
import { type EvseId, evseNumberOf, type StationId, stationOf } from '../../domain/ids.js';
import type { VariableRead } from '../../ports/station-link.js';
import type { EvseProbe, StationProbe, StationView } from '../../ports/use-cases.js';
import type { LinkedContext } from '../context.js';
import { capabilityReads } from '../sessions/capability.js';
import { capabilityOf, evsesOf } from '../state.js';
import type { EvseRecords } from './evse-records.js';
import { matchSchedule } from './schedule-match.js';

/** An hour tells enough of what an EVSE means to do. */
const SPAN_S = 3_600;
const MEASURANDS: VariableRead = { component: 'SampledDataCtrlr', variable: 'TxUpdatedMeasurands' };
const INTERVAL: VariableRead = { component: 'SampledDataCtrlr', variable: 'TxUpdatedInterval' };

/**
 * Asks a station by hand, now: the variables that decide, what it means to do, and which profile it holds.
 * Nothing is changed at the station; what it says of the profile in force goes on record as the probe does.
 * @throws EbbflowError NOT_FOUND, STATION_OFFLINE, STATION_TIMEOUT, STATION_BUSY, STATION_REFUSED
 */
export async function probeStation(
  context: LinkedContext,
  records: EvseRecords,
  stationId: StationId,
  view: () => StationView,
): Promise<StationProbe> {
  const { clock, state, link } = context;
  if (!state.stations.has(stationId)) throw new EbbflowError('NOT_FOUND', `station ${stationId}`);
  if (!link().isOnline(stationId)) throw new EbbflowError('STATION_OFFLINE', `${stationId} is not connected`);
  const evseIds = evsesOf(state, stationId);
  const reads = [
    ...evseIds.flatMap((evseId) => capabilityReads(evseNumberOf(evseId))),
    MEASURANDS,
    INTERVAL,
  ].filter((read, index, all) => all.findIndex((other) => isSame(read, other)) === index);
  const rows = await link().readVariables(stationId, reads);
  const actualOf = (read: VariableRead) => rows.find((row) => isSame(row, read))?.value;
  const intervalS = Number(actualOf(INTERVAL));
  const evses: EvseProbe[] = [];
  for (const evseId of evseIds) evses.push(await probeEvse(context, records, evseId));
  return {
    atMs: clock.nowMs(),
    view: view(),
    telemetry: {
      measurands: (actualOf(MEASURANDS) ?? '').split(',').filter((name) => name !== ''),
      intervalS: actualOf(INTERVAL) === undefined || !Number.isFinite(intervalS) ? null : intervalS,
      variablesAsked: reads.length,
      variablesTold: rows.length,
    },
    evses,
  };
}

async function probeEvse(
  { clock, state, link }: LinkedContext,
  records: EvseRecords,
  evseId: EvseId,
): Promise<EvseProbe> {
  const nowMs = clock.nowMs();
  const stationId = stationOf(evseId);
  const capability = capabilityOf(state, stationId, evseId, nowMs);
  const { dialect = 'charging-only' } = capability;
  const transactionId = state.transactionByEvse.get(evseId);
  const inForce = state.inForce.get(evseId);
  const profile = inForce?.transactionId === transactionId ? inForce : undefined;
  const composite = await link().compositeSchedule(evseId, SPAN_S, capability);
  const match =
    composite.kind === 'told' && profile !== undefined
      ? matchSchedule({ profile, dialect }, composite.schedule, nowMs)
      : null;
  if (match !== null && match.outcome !== 'not-answered' && dialect !== 'charging-only') {
    const firmware = records.firmwareOf(evseId);
    const known = proofOf(records.of(evseId), dialect, firmware)?.readBack;
    // An agreement that saw discharge says more than one that did not.
    if (known?.withDischarge !== true || match.withDischarge) {
      records.change(evseId, (record) =>
        withProof(record, { dialect, firmware, readBack: { ...match, atMs: nowMs } }),
      );
    }
  }
  const held = transactionId === undefined ? null : await link().readBack(evseId);
  return { evseId, composite, match, held };
}

function isSame(one: VariableRead, other: VariableRead): boolean {
  const keyOf = ({ component, componentInstance, evseNumber, variable, variableInstance }: VariableRead) =>
    [component, componentInstance ?? '', evseNumber ?? 0, variable, variableInstance ?? '']
      .join('|')
      .toLowerCase();
  return keyOf(one) === keyOf(other);
}

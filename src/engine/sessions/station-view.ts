import { emptyRecord } from '../../domain/evse-record.js';
import type { Station } from '../../domain/station.js';
import type { StationView } from '../../ports/use-cases.js';
import type { EngineSettings } from '../settings.js';
import { capabilityOf, describedCapabilityOf, type EngineState, evsesOf } from '../state.js';
import { deliveryView } from '../verification/delivery-view.js';
import { dialectsOf } from './dialect-choice.js';

/** A station with its EVSEs: what each can do, whether a car is there. */
export function stationView(
  state: EngineState,
  station: Station,
  online: boolean,
  settings: EngineSettings,
  nowMs: number,
): StationView {
  const { stationId } = station;
  const connectors = state.stations.get(stationId)?.connectors;
  return {
    station,
    online,
    evses: evsesOf(state, stationId).map((evseId) => ({
      evseId,
      dialects: dialectsOf(describedCapabilityOf(state, stationId, evseId), station, nowMs),
      record: state.evseRecords.get(evseId) ?? emptyRecord(evseId),
      delivery: deliveryView(state, evseId, state.transactionByEvse.get(evseId), settings, nowMs),
      capability: capabilityOf(state, stationId, evseId, nowMs),
      connectorStatus: connectors?.get(evseId) ?? null,
      transactionId: state.transactionByEvse.get(evseId) ?? null,
    })),
  };
}

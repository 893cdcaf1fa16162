import type { Station } from '../../domain/station.js';
import type { StationView } from '../../ports/use-cases.js';
import { capabilityOf, type EngineState, evsesOf } from '../state.js';

/** A station with its EVSEs: what each can do, whether a car is there. */
export function stationView(
  state: EngineState,
  station: Station,
  online: boolean,
  nowMs: number,
): StationView {
  const { stationId } = station;
  const connectors = state.stations.get(stationId)?.connectors;
  return {
    station,
    online,
    evses: evsesOf(state, stationId).map((evseId) => ({
      evseId,
      capability: capabilityOf(state, stationId, evseId, nowMs),
      connectorStatus: connectors?.get(evseId) ?? null,
      transactionId: state.transactionByEvse.get(evseId) ?? null,
    })),
  };
}

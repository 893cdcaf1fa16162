import type { StationId } from '../../domain/ids.js';
import type { Station } from '../../domain/station.js';
import type { EngineContext } from '../context.js';
import { createTurns } from '../in-turn.js';
import { putStation } from '../state.js';

/** Changes to stations, one at a time per station, durable before they are seen. */
export interface Stations {
  /** Changes a station by a pure function of what it is then; an unknown one is made. */
  change(stationId: StationId, edit: (station: Station) => Station): Promise<Station>;
}

export function createStations({ store, state }: EngineContext): Stations {
  const inTurn = createTurns<StationId>();
  return {
    change: (stationId, edit) =>
      inTurn(stationId, async () => {
        const known = state.stations.get(stationId)?.station;
        const station = edit(known ?? { stationId, registration: 'new', nonConformances: [] });
        if (station === known) return known;
        await store.stations.save(station);
        putStation(state, station);
        return station;
      }),
  };
}

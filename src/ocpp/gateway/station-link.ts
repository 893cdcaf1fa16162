import { EbbflowError } from '../../domain/errors.js';
import { type StationId, stationOf } from '../../domain/ids.js';
import type { StationLink } from '../../ports/station-link.js';
import { askCompositeSchedule } from '../blocks/composite-schedule.js';
import { readBackProfile } from '../blocks/profile-read-back.js';
import {
  DEFAULT_ITEMS_PER_MESSAGE,
  readVariables,
  requestInventory,
  writeVariables,
} from '../blocks/provisioning.js';
import { applyProfile, clearProfile, installDefault, installStationMax } from '../blocks/smart-charging.js';
import { sendCommand } from '../blocks/station-commands.js';
import { stopSteering } from '../blocks/stop-steering.js';
import type { LiveStations } from './live-stations.js';
import type { StationSession } from './station-session.js';

/** A close reason has at most 123 bytes (RFC 6455, 5.5.1). */
const MAX_CLOSE_REASON = 120;

/** The engine's way to the stations that are connected to this gateway. */
export function createStationLink(
  live: LiveStations,
  itemsPerMessage: ReadonlyMap<StationId, number>,
): StationLink {
  const sessionOf = (stationId: StationId): StationSession => {
    const session = live.get(stationId);
    if (session === undefined) {
      throw new EbbflowError('STATION_OFFLINE', `${stationId} is not connected`);
    }
    return session;
  };

  return {
    isOnline: (stationId) => live.get(stationId)?.connection.isOpen ?? false,
    onlineCount: () => live.count,
    async applyProfile(profile, capability) {
      const { context, ask } = sessionOf(stationOf(profile.evseId));
      return applyProfile(context, ask, profile, capability);
    },
    async stopSteering(inForce, capability) {
      const { context, ask } = sessionOf(stationOf(inForce.evseId));
      await stopSteering(context, ask, inForce, capability);
    },
    async readBack(evseId) {
      const { context, ask } = sessionOf(stationOf(evseId));
      return readBackProfile(context, ask, evseId);
    },
    async compositeSchedule(evseId, durationS, capability) {
      return askCompositeSchedule(sessionOf(stationOf(evseId)).ask, evseId, durationS, capability);
    },
    async clearProfile(evseId) {
      const { context, ask } = sessionOf(stationOf(evseId));
      await clearProfile(context, ask, evseId);
    },
    async installDefault(evseId, limitKw, phases) {
      const { context, ask } = sessionOf(stationOf(evseId));
      return installDefault(context, ask, evseId, limitKw, phases);
    },
    async installStationMax(stationId, limitKw, phases) {
      const { context, ask } = sessionOf(stationId);
      return installStationMax(context, ask, limitKw, phases);
    },
    async transactionStatus(stationId, transactionId) {
      const answer = await sessionOf(stationId).ask('GetTransactionStatus', { transactionId });
      if (!answer.supported) return 'not-supported';
      return answer.response.messagesInQueue ? 'events-waiting' : 'no-events-waiting';
    },
    async command(stationId, command) {
      const { context, ask } = sessionOf(stationId);
      return sendCommand(context, ask, command);
    },
    async requestInventory(stationId) {
      const { context, ask } = sessionOf(stationId);
      return requestInventory(context, ask);
    },
    async readVariables(stationId, reads) {
      const items = itemsPerMessage.get(stationId) ?? DEFAULT_ITEMS_PER_MESSAGE;
      return readVariables(reads, items, sessionOf(stationId).ask);
    },
    async writeVariables(stationId, writes) {
      const items = itemsPerMessage.get(stationId) ?? DEFAULT_ITEMS_PER_MESSAGE;
      return writeVariables(writes, items, sessionOf(stationId).ask);
    },
    disconnect(stationId, reason) {
      void live.get(stationId)?.connection.close(1000, reason.slice(0, MAX_CLOSE_REASON));
    },
  };
}

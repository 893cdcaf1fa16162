import type { CallHandlers } from '../wire/messages.js';
import type { StationContext } from './station-context.js';

/**
 * Authorize. `allowedEnergyTransfer` is left out: the station then starts charging-only and the transaction
 * profile brings the V2X mode (OCPP 2.1 Q01).
 */
export function authorizationHandlers({ stationId, events }: StationContext): CallHandlers {
  return {
    async Authorize({ idToken }) {
      const { status } = await events.authorize(stationId, idToken.idToken, idToken.type);
      return { idTokenInfo: { status } };
    },
  };
}

import { isJsonObject, type JsonObject } from '../wire/frame.js';
import { RpcError } from '../wire/rpc-error.js';

/** EVSEs of a station are numbered from 1 without gaps (OCPP 2.1 Part 1, 3.1); none has so many. */
export const MAX_EVSE_NUMBER = 1_000;

/**
 * Refuses a message about an EVSE that cannot be: all that is kept per EVSE is then bounded per station.
 * @throws RpcError PropertyConstraintViolation
 */
export function assertEvseNumbers(payload: JsonObject): void {
  const named = [payload.evseId, evseOf(payload.evse)];
  if (Array.isArray(payload.eventData)) {
    for (const event of payload.eventData) {
      if (isJsonObject(event) && isJsonObject(event.component)) named.push(evseOf(event.component.evse));
    }
  }
  const impossible = named.find((number) => typeof number === 'number' && number > MAX_EVSE_NUMBER);
  if (impossible !== undefined) {
    throw new RpcError('PropertyConstraintViolation', `No station has an EVSE ${String(impossible)}`);
  }
}

function evseOf(evse: unknown): unknown {
  return isJsonObject(evse) ? evse.id : undefined;
}

import { WebSocket } from 'ws';
import { isJsonObject, type JsonObject } from '../ocpp/wire/frame.js';

/**
 * How a station writes what it means: by the standard; as the popular description has it (its needs come as
 * `V2XChargingNeeds`, ocpp: section 6b); or with keys in another case and instants without a zone, as
 * generated code does (ocpp: section 8.3).
 */
export type WireSpelling = 'standard' | 'popular' | 'odd-case';

/** A socket that misspells the CALLs it sends; answers stay as they are. */
export class SpellingSocket extends WebSocket {
  spelling: WireSpelling = 'standard';

  override send(data: Parameters<WebSocket['send']>[0], ...rest: never[]): void {
    super.send(typeof data === 'string' ? spelt(data, this.spelling) : data, ...rest);
  }
}

/** The text of a frame in this spelling. */
export function spelt(text: string, spelling: WireSpelling): string {
  if (spelling === 'standard') return text;
  const frame: unknown = JSON.parse(text);
  if (!Array.isArray(frame) || frame[0] !== 2 || !isJsonObject(frame[3])) return text;
  const [type, id, action, payload] = frame;
  const written = spelling === 'odd-case' ? inLowerCase(payload) : inPopularForm(action, payload);
  return JSON.stringify([type, id, action, written]);
}

function inLowerCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inLowerCase);
  if (typeof value === 'string') return value.replace(/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?)Z$/, '$1');
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, held]) => [key.toLowerCase(), inLowerCase(held)]),
  );
}

function inPopularForm(action: unknown, payload: JsonObject): JsonObject {
  const { chargingNeeds: needs, ...rest } = payload;
  if (action !== 'NotifyEVChargingNeeds' || !isJsonObject(needs)) return payload;
  const told = isJsonObject(needs.v2xChargingParameters) ? needs.v2xChargingParameters : {};
  const { evTargetEnergyRequest, evMinV2XEnergyRequest, maxDischargePower } = told;
  return {
    ...rest,
    V2XChargingNeeds: {
      departureTime: needs.departureTime,
      evTargetEnergyRequest,
      ...(maxDischargePower === undefined ? {} : { evMaxDischargePower: maxDischargePower }),
      ...(evMinV2XEnergyRequest === undefined
        ? {}
        : { evMaxDischargeEnergy: Math.max(0, -Number(evMinV2XEnergyRequest)) }),
    },
  };
}

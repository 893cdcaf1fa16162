import type { StationProtocol } from '../../domain/station.js';

/** What we speak, best first. */
const SPOKEN: readonly StationProtocol[] = ['ocpp2.1', 'ocpp2.0.1'];

/** The best protocol that the station offers; undefined when there is none in common. */
export function chooseProtocol(offered: Iterable<string>): StationProtocol | undefined {
  const offers = new Set(offered);
  return SPOKEN.find((protocol) => offers.has(protocol));
}

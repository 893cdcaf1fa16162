import type { StationId } from '../../domain/ids.js';
import { AttemptLimit } from './attempt-limit.js';
import type { GatewayLimits } from './gateway-options.js';
import type { HandshakeAttempts } from './handshake.js';

/** Stations whose address is remembered; as many as fit one process. */
const MAX_REMEMBERED = 20_000;

/**
 * Tries are counted per address and identity: nobody can lock a station out from elsewhere, and behind a
 * proxy, where all have one address, only the station that is tried for waits. Who was shut out had proved its
 * identity, so that counts per identity.
 */
export function handshakeAttempts(
  limits: Pick<GatewayLimits, 'connectionsPerStation' | 'wrongPasswords' | 'shutOuts'>,
  monotonicMs: () => number,
): HandshakeAttempts {
  const connections = new AttemptLimit(limits.connectionsPerStation, monotonicMs);
  const guesses = new AttemptLimit(limits.wrongPasswords, monotonicMs);
  const shutOuts = new AttemptLimit(limits.shutOuts, monotonicMs);
  const admitted = new Map<StationId, string>();
  return {
    mayTry(stationId, peerAddress) {
      const key = `${peerAddress} ${stationId}`;
      return guesses.allows(key) && shutOuts.allows(stationId) && connections.take(key);
    },
    wasHere: (stationId, peerAddress) => admitted.get(stationId) === peerAddress,
    wrongPassword(stationId, peerAddress) {
      guesses.take(`${peerAddress} ${stationId}`);
    },
    rightPassword(stationId, peerAddress) {
      admitted.delete(stationId);
      admitted.set(stationId, peerAddress);
      const [oldest] = admitted.keys();
      if (admitted.size > MAX_REMEMBERED && oldest !== undefined) admitted.delete(oldest);
    },
    shutOut(stationId) {
      shutOuts.take(stationId);
    },
  };
}

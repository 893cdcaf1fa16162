import { AttemptLimit } from './attempt-limit.js';
import type { GatewayLimits } from './gateway-options.js';
import type { HandshakeAttempts } from './handshake.js';

/**
 * Tries are counted per address and identity: nobody can lock a station out from elsewhere, and behind a
 * proxy, where all have one address, only the station that is tried for waits.
 */
export function handshakeAttempts(
  limits: Pick<GatewayLimits, 'connectionsPerStation' | 'wrongPasswords'>,
  monotonicMs: () => number,
): HandshakeAttempts {
  const connections = new AttemptLimit(limits.connectionsPerStation, monotonicMs);
  const guesses = new AttemptLimit(limits.wrongPasswords, monotonicMs);
  return {
    mayTry(stationId, peerAddress) {
      const key = `${peerAddress} ${stationId}`;
      return guesses.allows(key) && connections.take(key);
    },
    wrongPassword(stationId, peerAddress) {
      guesses.take(`${peerAddress} ${stationId}`);
    },
  };
}

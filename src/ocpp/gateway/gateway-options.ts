import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import type { Metrics } from '../../ports/metrics.js';
import type { StationEvents } from '../../ports/station-events.js';
import type { StationLink } from '../../ports/station-link.js';
import { type ConnectionLimits, DEFAULT_CONNECTION_LIMITS } from '../wire/connection-options.js';
import type { After } from '../wire/timer.js';
import type { BucketSize } from '../wire/token-bucket.js';
import { PASSWORD_CHECKS_AT_ONCE } from './password-line.js';
import type { StationTls } from './station-tls.js';

export interface GatewayLimits extends ConnectionLimits {
  readonly maxStations: number;
  /** Handshakes whose identity is being checked; each may cost a password hash. */
  readonly maxPendingHandshakes: number;
  /** Connections that have not asked for anything yet; the oldest makes room for a further one. */
  readonly maxSilentConnections: number;
  /** Password checks that run at once, for stations that were here before and for newcomers each. */
  readonly passwordChecksAtOnce: number;
  /** How long a failed check keeps its address from the next. */
  readonly restAfterFailureMs: number;
  /** How long who is refused waits for the answer; 0 = not at all. */
  readonly refusalDelayMs: number;
  /** A client that does not finish its request headers in this time is dropped. */
  readonly headersTimeoutMs: number;
  /** Connections per address and identity; each costs a password hash and a look at the store. */
  readonly connectionsPerStation: BucketSize;
  /** Wrong passwords per address and identity. */
  readonly wrongPasswords: BucketSize;
  /** How often an identity may be shut out for its faults and come back at once. */
  readonly shutOuts: BucketSize;
  /** Log lines that one station can cause. */
  readonly stationLog: BucketSize;
  /** Log lines that peers can cause who are nobody yet. */
  readonly strangersLog: BucketSize;
  /** How long a call of ours waits for the answers that we still owe the station. */
  readonly answerFirstMs: number;
}

/**
 * 20 000 sockets fit one process (6–10 KB each); pings every 30 s find a dead link within 90 s. A station
 * that flaps reconnects every few seconds, so the limits of handshakes only meet who means harm.
 */
export const DEFAULT_GATEWAY_LIMITS: GatewayLimits = {
  ...DEFAULT_CONNECTION_LIMITS,
  pingIntervalMs: 30_000,
  maxStations: 20_000,
  maxPendingHandshakes: 1_000,
  maxSilentConnections: 1_000,
  passwordChecksAtOnce: PASSWORD_CHECKS_AT_ONCE,
  restAfterFailureMs: 100,
  refusalDelayMs: 1_000,
  headersTimeoutMs: 10_000,
  connectionsPerStation: { burst: 60, perSecond: 1 },
  wrongPasswords: { burst: 5, perSecond: 0.1 },
  shutOuts: { burst: 1, perSecond: 1 / 60 },
  stationLog: { burst: 50, perSecond: 1 },
  strangersLog: { burst: 100, perSecond: 5 },
  answerFirstMs: 5_000,
};

export interface GatewayOptions {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** `open` takes every station without a password and therefore only serves this machine. */
  readonly auth: 'basic' | 'open';
  /** Absent: plain `ws` (security profile 1, for the laboratory and behind a TLS proxy). */
  readonly tls?: StationTls;
  /** Without TLS: whether stations of other machines may connect all the same. Default: not. */
  readonly plainWs?: 'loopback' | 'anywhere';
  readonly events: StationEvents;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly limits?: Partial<GatewayLimits>;
  /** Timer of the sockets; real time unless a test controls it. */
  readonly after?: After;
  /** Time for paces and budgets, never running back; real time unless a test controls it. */
  readonly monotonicMs?: () => number;
}

export interface Gateway {
  readonly link: StationLink;
  readonly address: { readonly scheme: 'ws' | 'wss'; readonly host: string; readonly port: number };
  /** Reads the TLS files again, for connections from now on. @throws EbbflowError INVALID_INPUT */
  reloadCertificates(): Promise<void>;
  /** Takes no new stations, lets open calls finish, closes every socket with 1001. */
  close(): Promise<void>;
}

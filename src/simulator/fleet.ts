import type { StationId } from '../domain/ids.js';
import { createMessageSchemas } from '../ocpp/wire/schemas.js';
import type { Clock } from '../ports/clock.js';
import { FleetStats } from './fleet-stats.js';
import { seededRandom, seedOf } from './seeded-random.js';
import type { StationPlan } from './session-plan.js';
import { SimulatedStation, type StationEnvironment } from './simulated-station.js';
import { SimulationLog } from './simulation-log.js';

export interface SimulatedFleetOptions {
  /** The CSMS's end point, `ws://host:port` or `ws://host:port/ocpp`. */
  readonly url: string;
  readonly stations: readonly StationPlan[];
  readonly clock: Clock;
  /** Transaction ids, meter standings, back-off. */
  readonly seed: number;
  /** The CSMS has answered an event. */
  readonly onAcknowledged?: StationEnvironment['onAcknowledged'];
}

export interface SimulatedFleet {
  /** Connects every station; resolves when each first attempt is through. Sessions play from then on. */
  start(): Promise<void>;
  /** Running transactions say their registers once more; links close in good order. */
  stop(): Promise<void>;
  /** Connecting, a call without answer in either direction, or events on their way. */
  busy(): boolean;
  online(): number;
  /** TransactionEvents that still wait in stations' outboxes. */
  waitingEvents(): number;
  /** Cuts a station's network; it comes back by its back-off. */
  cutLink(stationId: StationId): void;
  /** Stops a station's wall clock. */
  freezeClock(stationId: StationId): void;
  readonly log: SimulationLog;
  readonly stats: FleetStats;
}

/** Stations that shake hands at the same time; a server's queue of new connections is often 511 long. */
const CONNECTING_AT_ONCE = 200;

/** Virtual charging stations and cars that speak OCPP 2.1 over real WebSockets, on an injected clock. */
export function createSimulatedFleet({
  url,
  stations,
  clock,
  seed,
  onAcknowledged,
}: SimulatedFleetOptions): SimulatedFleet {
  const log = new SimulationLog(() => {
    for (const station of fleet) station.advance();
  });
  const stats = new FleetStats();
  const schemas = createMessageSchemas('ocpp2.1');
  const fleet: SimulatedStation[] = stations.map((plan) => {
    const random = seededRandom(seedOf(seed, plan.stationId));
    const heard = onAcknowledged === undefined ? {} : { onAcknowledged };
    return new SimulatedStation(plan, { endpoint: url, clock, schemas, random, log, stats, ...heard });
  });
  return {
    log,
    stats,
    async start() {
      for (let first = 0; first < fleet.length; first += CONNECTING_AT_ONCE) {
        const some = fleet.slice(first, first + CONNECTING_AT_ONCE);
        await Promise.all(some.map((station) => station.start()));
      }
    },
    async stop() {
      await Promise.all(fleet.map((station) => station.stop()));
    },
    busy: () => fleet.some((station) => station.isBusy),
    online: () => fleet.filter((station) => station.isOnline).length,
    waitingEvents: () => fleet.reduce((sum, station) => sum + station.waitingEvents, 0),
    cutLink: (stationId) => fleet.find((station) => station.stationId === stationId)?.cutLink(),
    freezeClock: (stationId) => fleet.find((station) => station.stationId === stationId)?.freezeClock(),
  };
}

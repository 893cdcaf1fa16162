import type { StationId } from '../../domain/ids.js';
import type { StationProtocol } from '../../domain/station.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import type { StationEvents } from '../../ports/station-events.js';
import type { Calls, CsmsCalls } from '../wire/messages.js';
import type { After } from '../wire/timer.js';
import type { DynamicProfiles } from './dynamic-profiles.js';
import type { EventStreams } from './event-streams.js';
import type { Inventory } from './inventory.js';
import type { ProfileReports } from './profile-read-back.js';

/** What a functional block knows of the station whose message it handles. One per connection. */
export interface StationContext {
  readonly stationId: StationId;
  readonly protocol: StationProtocol;
  readonly events: StationEvents;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly inventory: Inventory;
  readonly dynamicProfiles: DynamicProfiles;
  readonly profileReports: ProfileReports;
  /** Monitors and streams; outlive the connection. */
  readonly streams: EventStreams;
  /** Real time, for what a peer may take. */
  readonly after: After;
  /** What the inventory says about SetVariables; outlives the connection. */
  readonly setItemsPerMessage: (items: number) => void;
  /** Tells the connection whether the station may speak (OCPP 2.1 B01–B03). */
  readonly setRegistered: (registered: boolean) => void;
}

/** Asks the station; @throws EbbflowError STATION_OFFLINE, STATION_TIMEOUT, STATION_BUSY, STATION_REFUSED. */
export type AskStation = <A extends keyof CsmsCalls>(
  action: A,
  payload: Calls[A]['request'],
) => Promise<StationAnswer<A>>;

/** A station that does not know the message at all is an answer, not a failure. */
export type StationAnswer<A extends keyof CsmsCalls> =
  | { readonly supported: true; readonly response: Calls[A]['response'] }
  | { readonly supported: false; readonly detail: string };

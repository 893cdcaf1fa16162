import type { StationId } from '../domain/ids.js';
import type { Action, RequestOf, ResponseOf } from '../ocpp/wire/messages.js';
import type { Clock } from '../ports/clock.js';
import type { DeviceModel } from './device-model.js';
import type { ProfileBook } from './profile-book.js';
import type { Random } from './seeded-random.js';
import type { StationTraits } from './session-plan.js';
import type { SimulationLog } from './simulation-log.js';
import type { StationTime } from './station-time.js';
import type { TransactionOutbox } from './transaction-outbox.js';

/** What an EVSE finds in its station. */
export interface EvseSurroundings {
  readonly stationId: StationId;
  readonly traits: StationTraits;
  readonly clock: Clock;
  readonly time: StationTime;
  readonly random: Random;
  readonly model: DeviceModel;
  readonly book: ProfileBook;
  readonly outbox: TransactionOutbox;
  readonly log: SimulationLog;
  readonly link: {
    /** Linked and accepted by the CSMS. */
    isUp(): boolean;
    /** In the simulation's clock; absent while the link stands. */
    offlineSinceMs(): number | undefined;
    call<A extends Action>(action: A, payload: RequestOf<A>): Promise<ResponseOf<A>>;
  };
  tellConnectorStatus(evseNumber: number, status: 'Available' | 'Occupied'): Promise<unknown>;
}

import type { StationId } from '../domain/ids.js';
import type { Fault } from '../ocpp/wire/fault.js';
import type { CallFailure } from '../ocpp/wire/rpc-error.js';
import type { TransactionEventRequest } from '../ocpp/wire/transaction-messages.js';

/** Something that a simulated station met and that somebody may want to read. */
export interface FleetTrouble {
  readonly stationId: StationId;
  readonly what: string;
}

/** The newest troubles are kept, the rest only counted. */
export const MAX_TROUBLES = 1_000;

/** Counters of the fleet's talk with its CSMS. */
export class FleetStats {
  connected = 0;
  failedConnects = 0;
  boots = 0;
  calls = 0;
  failedCalls = 0;
  profilesAccepted = 0;
  profilesRejected = 0;
  /** TransactionEvents that the CSMS will never get. */
  eventsLost = 0;
  troubles: FleetTrouble[] = [];

  connectFailed(stationId: StationId, why: string): void {
    this.failedConnects += 1;
    this.#trouble(stationId, `connect: ${why}`);
  }

  callFailed(stationId: StationId, failure: CallFailure): void {
    this.failedCalls += 1;
    this.#trouble(stationId, `${failure.kind}: ${failure.message}`);
  }

  eventLost(stationId: StationId, event: TransactionEventRequest, why: string): void {
    this.eventsLost += 1;
    const { transactionId } = event.transactionInfo;
    this.#trouble(stationId, `lost ${event.eventType} ${event.seqNo} of ${transactionId}: ${why}`);
  }

  faulted(stationId: StationId, fault: Fault): void {
    this.#trouble(stationId, `${fault.kind}: ${fault.detail}`);
  }

  #trouble(stationId: StationId, what: string): void {
    this.troubles.push({ stationId, what });
    if (this.troubles.length > MAX_TROUBLES) this.troubles = this.troubles.slice(-MAX_TROUBLES / 2);
  }
}

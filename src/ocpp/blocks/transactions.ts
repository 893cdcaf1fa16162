import { asTransactionId } from '../../domain/ids.js';
import type { TransactionEvent } from '../../domain/transaction-event.js';
import { parseInstantMs } from '../wire/instant.js';
import type { CallHandlers } from '../wire/messages.js';
import type { TransactionEventRequest } from '../wire/transaction-messages.js';
import { readingsOf } from './metering.js';
import { signedValuesOf } from './signed-values.js';
import type { StationContext } from './station-context.js';

const KINDS = { Started: 'started', Updated: 'updated', Ended: 'ended' } as const;

/** TransactionEvent in our words and units. */
export function transactionEventOf(request: TransactionEventRequest): TransactionEvent {
  const { transactionInfo, evse, idToken } = request;
  const { chargingState, operationMode, stoppedReason } = transactionInfo;
  const meterValues = request.meterValue ?? [];
  const signedValues = signedValuesOf(meterValues);
  return {
    kind: KINDS[request.eventType],
    transactionId: asTransactionId(transactionInfo.transactionId),
    seqNo: request.seqNo,
    atMs: parseInstantMs(request.timestamp),
    trigger: request.triggerReason,
    offline: request.offline ?? false,
    ...(evse === undefined ? {} : { evseNumber: evse.id }),
    ...(idToken === undefined ? {} : { idToken: idToken.idToken }),
    ...(chargingState === undefined ? {} : { chargingState }),
    ...(operationMode === undefined ? {} : { operationMode }),
    ...(stoppedReason === undefined ? {} : { stoppedReason }),
    readings: readingsOf(meterValues),
    ...(signedValues.length === 0 ? {} : { signedValues }),
  };
}

/** Answered only when the event is durable: a station that gets no answer keeps it and sends it again. */
export function transactionHandlers({ stationId, events }: StationContext): CallHandlers {
  return {
    async TransactionEvent(request) {
      const { idTokenStatus } = await events.transactionEvent(stationId, transactionEventOf(request));
      return idTokenStatus === undefined ? {} : { idTokenInfo: { status: idTokenStatus } };
    },
  };
}

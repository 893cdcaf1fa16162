import Type, { type Static } from 'typebox';
import { assertNever } from '../../domain/assert.js';
import type { Alarm, EngineEvent } from '../../ports/engine-events.js';
import { formatInstant } from '../instants.js';
import { instant, named, nullableText } from '../named-schema.js';
import { dispatchOrderDocument } from './dispatch-document.js';
import { fleetDocument } from './fleet-document.js';
import { planSummaryDocument } from './plan-document.js';
import { sessionDocument } from './session-document.js';

export const AlarmSchema = named('Alarm', {
  at: instant(),
  code: Type.String(),
  text: Type.String(),
  stationId: nullableText(),
  evseId: nullableText(),
  transactionId: nullableText(),
});

export const EVENT_SCHEMAS = [AlarmSchema];

/** The document that an event of this kind carries: the same as the resource's own. */
export function eventDocument(event: EngineEvent): object {
  switch (event.kind) {
    case 'fleet':
      return fleetDocument(event.fleet);
    case 'plan':
      return planSummaryDocument(event.plan);
    case 'session':
      return sessionDocument(event.session);
    case 'dispatch':
      return dispatchOrderDocument(event.order);
    case 'alarm':
      return alarmDocument(event.alarm);
    default:
      return assertNever(event);
  }
}

function alarmDocument({
  atMs,
  code,
  text,
  stationId,
  evseId,
  transactionId,
}: Alarm): Static<typeof AlarmSchema> {
  return {
    at: formatInstant(atMs),
    code,
    text,
    stationId: stationId ?? null,
    evseId: evseId ?? null,
    transactionId: transactionId ?? null,
  };
}

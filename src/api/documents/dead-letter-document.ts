import Type from 'typebox';
import { DEAD_LETTER_REASONS, type DeadLetter, type DispatchProgress } from '../../domain/dead-letter.js';
import { formatInstant } from '../instants.js';
import { instant, named, nullableNumber, nullableText, oneOf, refTo } from '../named-schema.js';

export const DeadLetterSchema = named('DeadLetter', {
  evseId: Type.String(),
  stationId: Type.String(),
  reason: oneOf(DEAD_LETTER_REASONS),
  detail: Type.String({ description: "The station's or the network's word." }),
  attempts: Type.Integer(),
  announcedAt: instant(),
  givenUpAt: instant(),
  transactionId: nullableText(),
  revision: nullableNumber("Of the EVSE's newest profile."),
  wanted: Type.Boolean({ description: 'Whether that profile still waits for the EVSE to take it.' }),
});

export const DeadLettersSchema = named('DeadLetters', { deadLetters: Type.Array(refTo(DeadLetterSchema)) });

export const ReplaySchema = named('DeadLetterReplay', {
  evseIds: Type.Array(Type.String(), { description: 'EVSEs that are planned for and sent to anew.' }),
});

export const DispatchProgressSchema = named('DispatchProgress', {
  at: instant(),
  profiles: Type.Integer({ description: 'Running sessions with a profile.' }),
  unanswered: Type.Integer({ description: 'EVSEs that have not answered to their newest profile.' }),
  lagS: Type.Number({ description: 'Age of the oldest of those.' }),
  queue: Type.Object({
    waiting: Type.Integer(),
    active: Type.Integer(),
    delayed: Type.Integer(),
    failed: Type.Integer(),
  }),
});

export const DEAD_LETTER_SCHEMAS = [
  DeadLetterSchema,
  DeadLettersSchema,
  ReplaySchema,
  DispatchProgressSchema,
];

export function deadLetterDocument({
  announcedAtMs,
  givenUpAtMs,
  profile,
  isWanted,
  ...letter
}: DeadLetter): Type.Static<typeof DeadLetterSchema> {
  return {
    ...letter,
    announcedAt: formatInstant(announcedAtMs),
    givenUpAt: formatInstant(givenUpAtMs),
    transactionId: profile?.transactionId ?? null,
    revision: profile?.revision ?? null,
    wanted: isWanted,
  };
}

export function dispatchProgressDocument({
  atMs,
  ...progress
}: DispatchProgress): Type.Static<typeof DispatchProgressSchema> {
  return { at: formatInstant(atMs), ...progress };
}

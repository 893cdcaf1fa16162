import Type, { type Static } from 'typebox';
import { DELIVERY_STATES, type DialectProof, type EvseRecord } from '../../domain/evse-record.js';
import { PROFILE_DIALECTS } from '../../domain/station.js';
import type { DeliveryView } from '../../ports/use-cases.js';
import { formatInstant } from '../instants.js';
import { instant, named, nullableNumber, nullableRef, nullableText, oneOf, refTo } from '../named-schema.js';

const DeliveryLimitSchema = named('DeliveryLimit', {
  direction: oneOf(['charge', 'discharge']),
  kw: Type.Number({ minimum: 0 }),
  until: instant('Then the car is asked for its full power again.'),
});

/** How an EVSE does what its profile in force asks, by the meter. */
export const FollowingSchema = named(
  'Following',
  {
    state: oneOf(DELIVERY_STATES),
    since: instant(),
    reason: Type.String(),
    limits: Type.Array(refTo(DeliveryLimitSchema), {
      description: 'What the car was seen to take or give at most when asked for more; plans count with it.',
    }),
  },
  'Metered power against the profile in force.',
);

const ReadBackSchema = named('DialectReadBack', {
  outcome: oneOf(['agrees', 'contradicts', 'not-answered']),
  withDischarge: Type.Boolean(),
  detail: Type.String(),
  at: instant(),
});

const MeterProofSchema = named('DialectMeterProof', {
  outcome: oneOf(['follows', 'ignores']),
  at: instant(),
});

export const DialectProofSchema = named('DialectProof', {
  dialect: oneOf(PROFILE_DIALECTS),
  firmware: Type.String({ description: 'Empty when the station tells none.' }),
  readBack: nullableRef(ReadBackSchema),
  meter: nullableRef(MeterProofSchema),
});

export const FollowingChangeSchema = named('FollowingChange', {
  at: instant(),
  state: oneOf(DELIVERY_STATES),
  reason: Type.String(),
  dialect: nullableText(),
  askedKw: nullableNumber(),
  meteredKw: nullableNumber(),
  transactionId: nullableText(),
});

const UnsteerableSchema = named('Unsteerable', {
  until: instant(),
  reason: Type.String(),
});

export const EvseRecordSchema = named('EvseRecord', {
  proofs: Type.Array(refTo(DialectProofSchema), {
    description: 'How the EVSE answered the dialects, per firmware, oldest first.',
  }),
  unsteerable: nullableRef(UnsteerableSchema),
});

export const EVSE_RECORD_SCHEMAS = [
  DeliveryLimitSchema,
  FollowingSchema,
  ReadBackSchema,
  MeterProofSchema,
  DialectProofSchema,
  FollowingChangeSchema,
  UnsteerableSchema,
  EvseRecordSchema,
];

export function followingDocument({
  state,
  sinceMs,
  reason,
  limits,
}: DeliveryView): Static<typeof FollowingSchema> {
  return {
    state,
    since: formatInstant(sinceMs),
    reason,
    limits: limits.map(({ direction, kw, untilMs }) => ({ direction, kw, until: formatInstant(untilMs) })),
  };
}

export function evseRecordDocument({ proofs, unsteerable }: EvseRecord): Static<typeof EvseRecordSchema> {
  return {
    proofs: proofs.map(proofDocument),
    unsteerable:
      unsteerable === undefined
        ? null
        : { until: formatInstant(unsteerable.untilMs), reason: unsteerable.reason },
  };
}

function proofDocument({
  dialect,
  firmware,
  readBack,
  meter,
}: DialectProof): Static<typeof DialectProofSchema> {
  return {
    dialect,
    firmware,
    readBack:
      readBack === undefined
        ? null
        : {
            outcome: readBack.outcome,
            withDischarge: readBack.withDischarge,
            detail: readBack.detail,
            at: formatInstant(readBack.atMs),
          },
    meter: meter === undefined ? null : { outcome: meter.outcome, at: formatInstant(meter.atMs) },
  };
}

export function historyDocument({ history }: EvseRecord): Static<typeof FollowingChangeSchema>[] {
  return history.map(({ atMs, state, reason, dialect, askedKw, meteredKw, transactionId }) => ({
    at: formatInstant(atMs),
    state,
    reason,
    dialect: dialect ?? null,
    askedKw: askedKw ?? null,
    meteredKw: meteredKw ?? null,
    transactionId: transactionId ?? null,
  }));
}

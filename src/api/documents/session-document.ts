import Type, { type Static } from 'typebox';
import { MS_PER_MINUTE } from '../../domain/power.js';
import type { OverrideChange, SessionOverride } from '../../domain/session.js';
import type { SessionView } from '../../ports/use-cases.js';
import { formatInstant, formatInstantOrNull, parseInstantMs } from '../instants.js';
import {
  instant,
  named,
  nullableInstant,
  nullableNumber,
  nullableRef,
  nullableText,
  oneOf,
  refTo,
} from '../named-schema.js';
import { EnergyWindowSchema, energyWindowDocument } from './energy-window-document.js';
import { FollowingSchema, followingDocument } from './evse-record-document.js';
import { NeedsSchema, needsDocument } from './needs-document.js';
import {
  AcknowledgementSchema,
  acknowledgementDocument,
  ProfileSchema,
  profileDocument,
} from './profile-document.js';

const SessionPlanSchema = named('SessionPlan', {
  start: instant('Of netKw[0].'),
  slotMinutes: Type.Number(),
  netKw: Type.Array(Type.Number(), { description: 'Per slot, charging > 0, discharging < 0.' }),
  shortfallKwh: Type.Number({ description: 'Missing at departure even with this plan.' }),
  because: Type.Array(Type.Object({ from: instant(), to: instant(), text: Type.String() })),
});

const OverrideSchema = named('SessionOverride', {
  departure: nullableInstant(),
  targetEnergyKwh: nullableNumber(),
  optOut: Type.Boolean(),
});

export const SessionChangeSchema = Object.assign(
  named(
    'SessionChange',
    {
      departure: Type.Optional(Type.Union([instant(), Type.Null()])),
      targetEnergyKwh: Type.Optional(Type.Union([Type.Number({ minimum: 0, maximum: 10_000 }), Type.Null()])),
      optOut: Type.Optional(
        Type.Union([Type.Boolean({ description: 'No discharge, charge at once.' }), Type.Null()]),
      ),
    },
    "Driver's or operator's override; beats what the EV stated. Null withdraws one, absent leaves it as it is.",
  ),
  { minProperties: 1 },
);

export const SessionSchema = named('Session', {
  transactionId: Type.String(),
  stationId: Type.String(),
  evseId: Type.String(),
  siteId: nullableText(),
  state: oneOf(['active', 'ended']),
  startedAt: instant(),
  endedAt: nullableInstant(),
  stoppedReason: nullableText(),
  chargingState: nullableText(),
  needs: nullableRef(NeedsSchema),
  window: nullableRef(EnergyWindowSchema),
  override: nullableRef(OverrideSchema),
  departure: nullableInstant('After overrides and assumptions.'),
  targetEnergyKwh: nullableNumber('After overrides and assumptions.'),
  storedKwh: nullableNumber(),
  socFraction: nullableNumber(),
  importKwh: Type.Number({ description: 'Metered; never netted with exportKwh.' }),
  exportKwh: Type.Number({ description: 'Metered; never netted with importKwh.' }),
  importKw: Type.Number(),
  exportKw: Type.Number(),
  provisional: Type.Boolean({ description: "True until the transaction's end closes the books." }),
  flags: Type.Array(Type.String(), { description: 'Metering problems, each once.' }),
  plan: nullableRef(SessionPlanSchema),
  following: nullableRef(FollowingSchema),
  desiredProfile: nullableRef(ProfileSchema),
  acknowledgement: nullableRef(AcknowledgementSchema),
});

export const SessionsSchema = named('Sessions', { sessions: Type.Array(refTo(SessionSchema)) });

export const SESSION_SCHEMAS = [
  NeedsSchema,
  SessionPlanSchema,
  EnergyWindowSchema,
  OverrideSchema,
  SessionChangeSchema,
  SessionSchema,
  SessionsSchema,
];

export function sessionDocument(view: SessionView): Static<typeof SessionSchema> {
  const { session } = view;
  return {
    transactionId: session.transactionId,
    stationId: session.stationId,
    evseId: session.evseId,
    siteId: session.siteId ?? null,
    state: session.state,
    startedAt: formatInstant(session.startedAtMs),
    endedAt: formatInstantOrNull(session.endedAtMs),
    stoppedReason: session.stoppedReason ?? null,
    chargingState: session.chargingState ?? null,
    needs: session.needs ? needsDocument(session.needs) : null,
    window: session.window ? energyWindowDocument(session.window) : null,
    override: session.override ? overrideDocument(session.override) : null,
    departure: formatInstantOrNull(view.departureMs),
    targetEnergyKwh: view.targetEnergyKwh,
    storedKwh: view.storedKwh,
    socFraction: session.books.socFraction ?? null,
    importKwh: view.importKwh,
    exportKwh: view.exportKwh,
    importKw: view.importKw,
    exportKw: view.exportKw,
    provisional: view.provisional,
    flags: [...session.flags],
    plan: view.plan ? sessionPlanDocument(view.plan) : null,
    following: view.delivery ? followingDocument(view.delivery) : null,
    desiredProfile: view.desired ? profileDocument(view.desired) : null,
    acknowledgement: view.acknowledged ? acknowledgementDocument(view.acknowledged) : null,
  };
}

/** The domain's override. Throws INVALID_INPUT naming the field. */
export function parseSessionChange(change: Static<typeof SessionChangeSchema>): OverrideChange {
  const { departure } = change;
  return {
    ...(departure === undefined
      ? {}
      : { departureMs: departure === null ? null : parseInstantMs('departure', departure) }),
    ...(change.targetEnergyKwh === undefined ? {} : { targetEnergyKwh: change.targetEnergyKwh }),
    ...(change.optOut === undefined ? {} : { optOut: change.optOut }),
  };
}

function overrideDocument(override: SessionOverride): Static<typeof OverrideSchema> {
  return {
    departure: formatInstantOrNull(override.departureMs),
    targetEnergyKwh: override.targetEnergyKwh ?? null,
    optOut: override.optOut ?? false,
  };
}

function sessionPlanDocument(plan: NonNullable<SessionView['plan']>): Static<typeof SessionPlanSchema> {
  const slotStart = (slot: number) => formatInstant(plan.startMs + slot * plan.slotMinutes * MS_PER_MINUTE);
  return {
    start: formatInstant(plan.startMs),
    slotMinutes: plan.slotMinutes,
    netKw: [...plan.netKw],
    shortfallKwh: plan.shortfallKwh,
    because: plan.because.map(({ fromSlot, endSlot, text }) => ({
      from: slotStart(fromSlot),
      to: slotStart(endSlot),
      text,
    })),
  };
}

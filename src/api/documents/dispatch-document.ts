import Type, { type Static } from 'typebox';
import { type DispatchOrder, ORDER_CONFLICTS } from '../../domain/dispatch.js';
import { invalidInput } from '../../domain/errors.js';
import { asSiteId } from '../../domain/ids.js';
import type { DispatchPreview, DispatchRequest, DispatchView } from '../../ports/use-cases.js';
import { API_LIMITS } from '../api-limits.js';
import { formatInstant, formatInstantOrNull, MS_PER_DAY, parseInstantMs } from '../instants.js';
import { instant, named, nullableInstant, nullableNumber, oneOf, refTo } from '../named-schema.js';

const OF_AN_ORDER = { minimum: -API_LIMITS.orderKw, maximum: API_LIMITS.orderKw };

export const DispatchRequestSchema = named(
  'DispatchRequest',
  {
    start: instant(),
    end: instant('Half-open: [start, end).'),
    siteId: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'Absent: the fleet.' })),
    pool: Type.Optional(
      Type.String({ minLength: 1, maxLength: 100, description: 'All sites of a pool. Absent: the fleet.' }),
    ),
    targetNetKw: Type.Optional(
      Type.Number({
        ...OF_AN_ORDER,
        description: 'Net power of the fleet, site or pool, import > 0, export < 0.',
      }),
    ),
    deltaKw: Type.Optional(Type.Number({ ...OF_AN_ORDER, description: 'Change against the plan in force.' })),
    importCapKw: Type.Optional(Type.Number({ minimum: 0, description: 'Net power stays at or below it.' })),
    exportCapKw: Type.Optional(
      Type.Number({ minimum: 0, description: 'Net power stays at or above its negative.' }),
    ),
    release: Type.Optional(
      Type.Literal(true, { description: 'Takes away what was ordered before, in the scope and inside it.' }),
    ),
    reason: Type.String({ minLength: 1, maxLength: 500 }),
  },
  'Exactly one of targetNetKw, deltaKw, release, and a cap (one or both). At most one of siteId and pool.',
);

const NetPowerSchema = named('NetPowerStep', { start: instant(), netKw: Type.Number() });

const ORDER_FIELDS = {
  dispatchId: Type.String(),
  state: oneOf(['accepted', 'dispatched', 'delivering', 'delivered', 'partial', 'cancelled']),
  start: instant(),
  end: instant(),
  siteId: Type.Union([Type.String(), Type.Null()]),
  pool: Type.Union([Type.String(), Type.Null()]),
  targetNetKw: nullableNumber(),
  deltaKw: nullableNumber(),
  importCapKw: nullableNumber(),
  exportCapKw: nullableNumber(),
  release: Type.Boolean(),
  reason: Type.String(),
  createdAt: instant(),
  createdBy: Type.String({ description: 'Id of the API key.' }),
  cancelledAt: nullableInstant(),
  askedNetKw: Type.Array(refTo(NetPowerSchema)),
};

export const DispatchOrderSchema = named('DispatchOrder', ORDER_FIELDS);

const DispatchShareSchema = named('DispatchShare', {
  evseId: Type.String(),
  askedKwh: Type.Number(),
  acknowledgedKwh: Type.Number(),
  meteredKwh: Type.Number(),
});

export const DispatchSchema = named(
  'Dispatch',
  {
    ...ORDER_FIELDS,
    askedKwh: Type.Number(),
    acknowledgedKwh: Type.Number(),
    meteredKwh: Type.Number(),
    shares: Type.Array(refTo(DispatchShareSchema)),
  },
  "An order with what was asked, acknowledged and metered over its time, signed from the grid's side.",
);

export const DispatchesSchema = named('Dispatches', { dispatches: Type.Array(refTo(DispatchSchema)) });

export const DispatchPreviewSchema = named('DispatchPreview', {
  askedNetKw: Type.Array(refTo(NetPowerSchema)),
  plannedNetKw: Type.Array(refTo(NetPowerSchema)),
  costDelta: Type.Number({ description: 'Extra cost against the plan without the order.' }),
  currency: Type.String(),
  worstDeviationKw: Type.Number(),
  conflicts: Type.Array(Type.Object({ dispatchId: Type.String(), effect: oneOf([...ORDER_CONFLICTS]) }), {
    description: 'Orders that stand in the same time and place.',
  }),
  awardsShort: Type.Array(
    Type.Object({ bidId: Type.String(), awardedKw: Type.Number(), heldKw: Type.Number() }),
    { description: 'Awards of which less would be held than without the order.' },
  ),
  evsesTouched: Type.Array(Type.String()),
  endangered: Type.Array(Type.Object({ transactionId: Type.String(), extraShortfallKwh: Type.Number() })),
});

export const DISPATCH_SCHEMAS = [
  DispatchRequestSchema,
  NetPowerSchema,
  DispatchOrderSchema,
  DispatchShareSchema,
  DispatchSchema,
  DispatchesSchema,
  DispatchPreviewSchema,
];

/** Throws INVALID_INPUT naming the field; whether the time has passed is the engine's to say. */
export function parseDispatchRequest(document: Static<typeof DispatchRequestSchema>): DispatchRequest {
  const { start: _start, end: _end, siteId, ...asked } = document;
  const startMs = parseInstantMs('start', document.start);
  const endMs = parseInstantMs('end', document.end);
  if (endMs <= startMs) throw invalidInput('end', 'must be after start');
  if (endMs - startMs > API_LIMITS.dispatchSpanDays * MS_PER_DAY)
    throw invalidInput('end', `must be at most ${API_LIMITS.dispatchSpanDays} days after start`);
  if (asked.targetNetKw !== undefined && asked.deltaKw !== undefined)
    throw invalidInput('deltaKw', 'must be absent where targetNetKw is given');
  const { targetNetKw, deltaKw, importCapKw, exportCapKw, release } = asked;
  if ([targetNetKw, deltaKw, importCapKw, exportCapKw, release].every((value) => value === undefined))
    throw invalidInput('targetNetKw', 'must be given, or deltaKw, a cap or release');
  return { startMs, endMs, ...(siteId === undefined ? {} : { siteId: asSiteId(siteId) }), ...asked };
}

export function dispatchOrderDocument(order: DispatchOrder): Static<typeof DispatchOrderSchema> {
  return {
    dispatchId: order.dispatchId,
    state: order.state,
    start: formatInstant(order.startMs),
    end: formatInstant(order.endMs),
    siteId: order.scope?.siteId ?? null,
    pool: order.scope?.pool ?? null,
    targetNetKw: order.targetNetKw ?? null,
    deltaKw: order.deltaKw ?? null,
    importCapKw: order.importCapKw ?? null,
    exportCapKw: order.exportCapKw ?? null,
    release: order.release === true,
    reason: order.reason,
    createdAt: formatInstant(order.createdAtMs),
    createdBy: order.createdBy,
    cancelledAt: formatInstantOrNull(order.cancelledAtMs),
    askedNetKw: netPowerDocument(order.askedNetKw),
  };
}

export function dispatchDocument({ order, shares, ...energy }: DispatchView): Static<typeof DispatchSchema> {
  return { ...dispatchOrderDocument(order), ...energy, shares: [...shares] };
}

export function dispatchPreviewDocument(preview: DispatchPreview): Static<typeof DispatchPreviewSchema> {
  return {
    currency: preview.currency,
    costDelta: toMilli(preview.costDelta),
    worstDeviationKw: toMilli(preview.worstDeviationKw),
    askedNetKw: netPowerDocument(preview.askedNetKw),
    plannedNetKw: netPowerDocument(preview.plannedNetKw),
    conflicts: [...preview.conflicts],
    awardsShort: preview.awardsShort.map(({ heldKw, ...award }) => ({ ...award, heldKw: toMilli(heldKw) })),
    evsesTouched: [...preview.evsesTouched],
    endangered: preview.endangered.map(({ transactionId, extraShortfallKwh }) => ({
      transactionId,
      extraShortfallKwh: toMilli(extraShortfallKwh),
    })),
  };
}

function netPowerDocument(
  steps: readonly { readonly startMs: number; readonly netKw: number }[],
): Static<typeof NetPowerSchema>[] {
  return steps.map(({ startMs, netKw }) => ({ start: formatInstant(startMs), netKw: toMilli(netKw) }));
}

/** Whole W, Wh or thousandths of the currency: finer figures mean nothing. */
function toMilli(value: number): number {
  return Math.round(value * 1000) / 1000 + 0;
}

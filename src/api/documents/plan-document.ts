import Type, { type Static } from 'typebox';
import type { Plan, PriceBasis, ZoneBasis } from '../../domain/plan.js';
import { PRICE_KINDS } from '../../domain/price.js';
import type { PlanSummary } from '../../ports/use-cases.js';
import { formatInstant } from '../instants.js';
import { instant, named, oneOf, refTo } from '../named-schema.js';

const SUMMARY_FIELDS = {
  planId: Type.String(),
  createdAt: instant(),
  causes: Type.Array(Type.String(), { description: 'Why the plan was made.' }),
  status: oneOf(['optimal', 'feasible']),
  objective: Type.Number(),
  lowerBound: Type.Number({ description: 'Proof: no plan of any kind costs less.' }),
  gap: Type.Number({ description: '(objective − lowerBound) / max(1, |objective|)' }),
  backend: Type.String(),
  solveMilliseconds: Type.Number(),
  sessions: Type.Integer({ description: 'Sessions planned.' }),
  shortfallKwh: Type.Number({ description: 'Missing at departure over all sessions.' }),
};

export const PlanSummarySchema = named('PlanSummary', SUMMARY_FIELDS);

const ZONE_BASIS = {
  zone: Type.Union([Type.String(), Type.Null()]),
  source: Type.Union([Type.String(), Type.Null()]),
  bridges: Type.Array(
    Type.Object({
      fromSlot: Type.Integer(),
      endSlot: Type.Integer(),
      rule: oneOf(['one-day-earlier', 'two-days-earlier', 'mean', 'none']),
    }),
    { description: 'Slots [fromSlot, endSlot) without a published price, and what stands in.' },
  ),
  tariffIds: Type.Optional(
    Type.Array(Type.String(), { description: 'Tariffs on these prices; absent: the market’s as they are.' }),
  ),
};

const PlannedReserveSchema = named('PlannedReserve', {
  bidId: Type.String(),
  fromSlot: Type.Integer(),
  endSlot: Type.Integer(),
  awardedKw: Type.Number({ description: 'Asked in these slots: the award without what is activated.' }),
  heldKw: Type.Number({ description: 'Held ready by the cars plugged in now.' }),
});

export const PlanSchema = named(
  'Plan',
  {
    ...SUMMARY_FIELDS,
    start: instant('Of slot 0.'),
    slotMinutes: Type.Number(),
    currency: Type.String(),
    netKw: Type.Array(Type.Number(), { description: "The fleet's net power per slot, import > 0." }),
    importPerKwh: Type.Array(Type.Number()),
    exportPerKwh: Type.Array(Type.Number()),
    bridgedFromSlot: Type.Optional(
      Type.Integer({ description: 'From this slot on prices are a bridge, not published.' }),
    ),
    priceBasis: Type.Optional(
      Type.Object(
        {
          ...ZONE_BASIS,
          kind: oneOf([...PRICE_KINDS]),
          elsewhere: Type.Optional(
            Type.Array(Type.Object({ ...ZONE_BASIS, siteIds: Type.Array(Type.String()) }), {
              description: 'Sites of another zone or tariff, planned with prices of their own.',
            }),
          ),
        },
        { description: 'Which prices the plan is made with.' },
      ),
    ),
    reserves: Type.Array(refTo(PlannedReserveSchema), { description: 'Awards in the horizon.' }),
  },
  'The last plan with its certificate.',
);

export const PLAN_SCHEMAS = [PlanSummarySchema, PlannedReserveSchema, PlanSchema];

export function planSummaryDocument({
  createdAtMs,
  causes,
  ...summary
}: PlanSummary): Static<typeof PlanSummarySchema> {
  return { ...summary, createdAt: formatInstant(createdAtMs), causes: [...causes] };
}

export function planDocument(plan: Plan): Static<typeof PlanSchema> {
  return {
    planId: plan.planId,
    createdAt: formatInstant(plan.createdAtMs),
    causes: [...plan.causes],
    status: plan.status,
    objective: plan.objective,
    lowerBound: plan.lowerBound,
    gap: plan.gap,
    backend: plan.backend,
    solveMilliseconds: plan.solveMilliseconds,
    sessions: plan.sessions.length,
    shortfallKwh: plan.sessions.reduce((sum, session) => sum + session.shortfallKwh, 0),
    start: formatInstant(plan.startMs),
    slotMinutes: plan.slotMinutes,
    currency: plan.currency,
    netKw: [...plan.netKw],
    importPerKwh: [...plan.importPerKwh],
    exportPerKwh: [...plan.exportPerKwh],
    ...(plan.bridgedFromSlot === undefined ? {} : { bridgedFromSlot: plan.bridgedFromSlot }),
    ...(plan.priceBasis === undefined ? {} : { priceBasis: priceBasisDocument(plan.priceBasis) }),
    reserves: (plan.reserves ?? []).map((reserve) => ({ ...reserve })),
  };
}

function priceBasisDocument({ elsewhere, kind, ...main }: PriceBasis) {
  return {
    ...zoneBasisDocument(main),
    kind,
    ...(elsewhere === undefined
      ? {}
      : {
          elsewhere: elsewhere.map(({ siteIds, ...basis }) => ({
            ...zoneBasisDocument(basis),
            siteIds: [...siteIds],
          })),
        }),
  };
}

function zoneBasisDocument({ zone, source, bridges, tariffIds }: ZoneBasis) {
  return {
    zone,
    source,
    bridges: [...bridges],
    ...(tariffIds === undefined ? {} : { tariffIds: [...tariffIds] }),
  };
}

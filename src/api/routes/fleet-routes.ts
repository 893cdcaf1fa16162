import Type from 'typebox';
import { invalidInput } from '../../domain/errors.js';
import { asEvseId, asSiteId } from '../../domain/ids.js';
import { API_LIMITS } from '../api-limits.js';
import type { ApiContext, ApiServer } from '../api-server.js';
import {
  envelopeDocument,
  FleetEnvelopeSchema,
  FleetHistorySchema,
  FleetSchema,
  fleetDocument,
  historyDocument,
} from '../documents/fleet-document.js';
import { MS_PER_DAY, parseSpan } from '../instants.js';
import { instant, refTo } from '../named-schema.js';

/** A settlement interval. */
const DEFAULT_STEP_S = 900;

export function fleetRoutes(app: ApiServer, { useCases }: ApiContext): void {
  const config = { role: 'viewer' } as const;

  app.get(
    '/v1/fleet',
    {
      config,
      schema: { tags: ['fleet'], summary: 'The fleet now', response: { 200: refTo(FleetSchema) } },
    },
    async () => fleetDocument(await useCases.fleet()),
  );

  app.get(
    '/v1/fleet/history',
    {
      config,
      schema: {
        tags: ['fleet'],
        summary: 'Metered import and export beside the plan',
        description: `At most ${API_LIMITS.historySpanDays} days and ${API_LIMITS.historySteps} steps. Without from and to: the last 24 hours.`,
        querystring: Type.Object(
          {
            from: Type.Optional(instant()),
            to: Type.Optional(instant()),
            stepS: Type.Optional(
              Type.Integer({ minimum: 1, maximum: API_LIMITS.historyStepS, default: DEFAULT_STEP_S }),
            ),
            siteId: Type.Optional(Type.String({ minLength: 1, description: 'Only this site.' })),
            evseId: Type.Optional(Type.String({ minLength: 1, description: 'Only this EVSE.' })),
          },
          { additionalProperties: false },
        ),
        response: { 200: refTo(FleetHistorySchema) },
      },
    },
    async ({ query }) => {
      const span = parseSpan(query, {
        defaultToMs: useCases.nowMs(),
        defaultSpanMs: MS_PER_DAY,
        maxSpanDays: API_LIMITS.historySpanDays,
      });
      const { stepS = DEFAULT_STEP_S } = query;
      if (span.toMs - span.fromMs > API_LIMITS.historySteps * stepS * 1000)
        throw invalidInput('stepS', `must give at most ${API_LIMITS.historySteps} steps between from and to`);
      const { siteId, evseId } = query;
      if (siteId !== undefined && evseId !== undefined)
        throw invalidInput('evseId', 'give at most one of siteId and evseId');
      const steps = await useCases.history({
        ...span,
        stepS,
        ...(siteId === undefined ? {} : { siteId: asSiteId(siteId) }),
        ...(evseId === undefined ? {} : { evseId: asEvseId(evseId) }),
      });
      return historyDocument({ ...span, stepS }, steps);
    },
  );

  app.get(
    '/v1/fleet/envelope',
    {
      config,
      schema: {
        tags: ['fleet'],
        summary: 'How far the fleet could go, slot by slot',
        response: { 200: refTo(FleetEnvelopeSchema) },
      },
    },
    async () => envelopeDocument(await useCases.envelope()),
  );
}

import Type from 'typebox';
import { DELIVERY_BASELINES } from '../../domain/delivery.js';
import { EbbflowError } from '../../domain/errors.js';
import { asDispatchId } from '../../domain/ids.js';
import type { ApiContext, ApiServer } from '../api-server.js';
import {
  BASELINE_RULE_PARAMETERS,
  BaselinesSchema,
  baselinesDocument,
  DeliverySchema,
  deliveryCsv,
  deliveryDocument,
  parseBaselineRules,
} from '../documents/delivery-document.js';
import { DELIVERY_PAGE_POLICY, deliveryPage } from '../documents/delivery-page.js';
import { oneOf, refTo } from '../named-schema.js';

const OneDispatch = Type.Object({ id: Type.String() });

/** Proof of what an order delivered. */
export function deliveryRoutes(app: ApiServer, { useCases }: ApiContext): void {
  app.get(
    '/v1/dispatches/:id/report',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['dispatches'],
        summary: 'Proof of delivery: baseline, asked, metered and credited energy per step',
        description:
          'JSON, CSV of the steps by ?format=csv or Accept: text/csv, or a page with a chart by ?format=html or Accept: text/html. Without baseline: the plan (nominated-plan) for an order with deltaKw, the meters a quarter-hour before and after for an absolute one.',
        params: OneDispatch,
        querystring: Type.Object(
          {
            baseline: Type.Optional(oneOf(DELIVERY_BASELINES)),
            ...BASELINE_RULE_PARAMETERS,
            format: Type.Optional(oneOf(['json', 'csv', 'html'])),
          },
          { additionalProperties: false },
        ),
        response: {
          200: {
            content: {
              'application/json': { schema: refTo(DeliverySchema) },
              'text/csv': { schema: Type.String() },
              'text/html': { schema: Type.String() },
            },
          },
        },
      },
    },
    async ({ params, query, headers }, reply) => {
      const { baseline } = query;
      const report = await useCases.deliveryReport(asDispatchId(params.id), {
        ...(baseline === undefined ? {} : { baseline }),
        rules: parseBaselineRules(query),
      });
      if (!report) throw new EbbflowError('NOT_FOUND', `There is no dispatch ${params.id}`);
      switch (query.format ?? formatOf(headers.accept)) {
        case 'csv':
          return reply.type('text/csv; charset=utf-8').send(deliveryCsv(report));
        case 'html':
          return reply
            .type('text/html; charset=utf-8')
            .header('content-security-policy', DELIVERY_PAGE_POLICY)
            .send(deliveryPage(report));
        default:
          return reply.type('application/json; charset=utf-8').send(deliveryDocument(report));
      }
    },
  );

  app.get(
    '/v1/dispatches/:id/baselines',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['dispatches'],
        summary:
          'Every baseline method side by side: credited energy, and its error on days without an order',
        params: OneDispatch,
        querystring: Type.Object(BASELINE_RULE_PARAMETERS, { additionalProperties: false }),
        response: { 200: refTo(BaselinesSchema) },
      },
    },
    async ({ params, query }) => {
      const comparisons = await useCases.deliveryBaselines(
        asDispatchId(params.id),
        parseBaselineRules(query),
      );
      if (!comparisons) throw new EbbflowError('NOT_FOUND', `There is no dispatch ${params.id}`);
      return baselinesDocument(params.id, comparisons);
    },
  );
}

/** The first form in an Accept header that there is. */
function formatOf(accept = ''): 'csv' | 'html' | undefined {
  const named = /\b(?:application\/json|text\/(csv|html))\b/i.exec(accept)?.[1]?.toLowerCase();
  return named === 'csv' || named === 'html' ? named : undefined;
}

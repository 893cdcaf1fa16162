import Type from 'typebox';
import { API_LIMITS } from '../api-limits.js';
import type { ApiContext, ApiServer } from '../api-server.js';
import { SettlementsSchema, settlementsCsv, settlementsDocument } from '../documents/settlement-document.js';
import { MS_PER_DAY, parseSpan } from '../instants.js';
import { instant, oneOf, refTo } from '../named-schema.js';

export function settlementRoutes(app: ApiServer, { useCases }: ApiContext): void {
  app.get(
    '/v1/settlements',
    {
      config: { role: 'operator' },
      schema: {
        tags: ['settlements'],
        summary: 'Import and export, cost and credit, per session and interval',
        description: `JSON, or CSV by ?format=csv or Accept: text/csv. At most ${API_LIMITS.settlementSpanDays} days; without from and to the last 24 hours.`,
        querystring: Type.Object(
          {
            from: Type.Optional(instant()),
            to: Type.Optional(instant()),
            format: Type.Optional(oneOf(['json', 'csv'])),
          },
          { additionalProperties: false },
        ),
        response: {
          200: {
            content: {
              'application/json': { schema: refTo(SettlementsSchema) },
              'text/csv': { schema: Type.String() },
            },
          },
        },
      },
    },
    async ({ query, headers }, reply) => {
      const span = parseSpan(query, {
        defaultToMs: useCases.nowMs(),
        defaultSpanMs: MS_PER_DAY,
        maxSpanDays: API_LIMITS.settlementSpanDays,
      });
      const lines = await useCases.settlements(span);
      const asCsv = query.format ? query.format === 'csv' : /\btext\/csv\b/i.test(headers.accept ?? '');
      return asCsv
        ? reply.type('text/csv; charset=utf-8').send(settlementsCsv(lines))
        : reply.type('application/json; charset=utf-8').send(settlementsDocument(span, lines));
    },
  );
}

import Type from 'typebox';
import type { ApiContext, ApiServer } from '../api-server.js';
import { HealthSchema, ReadinessSchema } from '../documents/health-document.js';
import { refTo } from '../named-schema.js';

/** Probes: open to all, outside the rate limit. */
export function healthRoutes(app: ApiServer, { useCases, metrics }: ApiContext): void {
  const config = { rateLimit: false } as const;

  app.get(
    '/healthz',
    {
      config,
      schema: { tags: ['health'], summary: 'The process lives', response: { 200: refTo(HealthSchema) } },
    },
    async () => ({ status: 'alive' as const }),
  );

  app.get(
    '/readyz',
    {
      config,
      schema: {
        tags: ['health'],
        summary: 'Store, queue and planner work',
        response: { 200: refTo(ReadinessSchema), 503: refTo(ReadinessSchema) },
      },
    },
    async (_request, reply) => {
      const { ready, checks } = await useCases.readiness();
      return reply.code(ready ? 200 : 503).send({ ready, checks: [...checks] });
    },
  );

  app.get(
    '/metrics',
    {
      config,
      schema: {
        tags: ['health'],
        summary: 'Prometheus text',
        produces: ['text/plain'],
        response: { 200: { content: { 'text/plain': { schema: Type.String() } } } },
      },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  );
}

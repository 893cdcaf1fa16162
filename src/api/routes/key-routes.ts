import type { ApiContext, ApiServer } from '../api-server.js';
import { KeyRequestSchema, KeySchema } from '../documents/key-document.js';
import { refTo } from '../named-schema.js';

export function keyRoutes(app: ApiServer, { useCases }: ApiContext): void {
  app.post(
    '/v1/keys',
    {
      config: { role: 'admin' },
      schema: {
        tags: ['keys'],
        summary: 'A new API key, shown this once',
        body: refTo(KeyRequestSchema),
        response: { 201: refTo(KeySchema) },
      },
    },
    async ({ body: { role, name } }, reply) =>
      reply.code(201).send({ role, name, ...(await useCases.createApiKey({ role, name })) }),
  );
}

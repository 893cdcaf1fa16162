import Type from 'typebox';
import type { ApiContext, ApiServer } from '../api-server.js';
import { KeyListSchema, KeyRequestSchema, KeySchema } from '../documents/key-document.js';
import { formatInstant } from '../instants.js';
import { refTo } from '../named-schema.js';

const OneKey = Type.Object({ id: Type.String() });

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

  app.get(
    '/v1/keys',
    {
      config: { role: 'admin' },
      schema: {
        tags: ['keys'],
        summary: 'The API keys there are, without their text',
        response: { 200: refTo(KeyListSchema) },
      },
    },
    async () => ({
      keys: (await useCases.apiKeys()).map(({ createdAtMs, ...key }) => ({
        ...key,
        createdAt: formatInstant(createdAtMs),
      })),
    }),
  );

  app.delete(
    '/v1/keys/:id',
    {
      config: { role: 'admin' },
      schema: {
        tags: ['keys'],
        summary: 'Revokes an API key',
        description: 'The key is refused at once by this node, by others within a minute.',
        params: OneKey,
        response: { 204: Type.Null() },
      },
    },
    async ({ params }, reply) => {
      await useCases.revokeApiKey(params.id);
      return reply.code(204).send(null);
    },
  );
}

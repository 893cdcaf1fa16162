import Type from 'typebox';
import { asEvseId } from '../../domain/ids.js';
import type { ApiContext, ApiServer } from '../api-server.js';
import {
  DeadLettersSchema,
  DispatchProgressSchema,
  deadLetterDocument,
  dispatchProgressDocument,
  ReplaySchema,
} from '../documents/dead-letter-document.js';
import { refTo } from '../named-schema.js';

const OneEvse = Type.Object({
  evseId: Type.String({ description: 'Encoded: CS-1/1 is CS-1%2F1.' }),
});

/** What has become of the profiles on their way to stations. */
export function deadLetterRoutes(app: ApiServer, { useCases }: ApiContext): void {
  app.get(
    '/v1/dispatch/progress',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['dispatch'],
        summary: 'How far the newest profiles have come',
        response: { 200: refTo(DispatchProgressSchema) },
      },
    },
    async () => dispatchProgressDocument(await useCases.dispatchProgress()),
  );

  app.get(
    '/v1/dispatch/dead-letters',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['dispatch'],
        summary: 'What EVSEs did not take after all attempts, newest first',
        response: { 200: refTo(DeadLettersSchema) },
      },
    },
    async () => ({ deadLetters: (await useCases.deadLetters()).map(deadLetterDocument) }),
  );

  app.post(
    '/v1/dispatch/dead-letters/replay',
    {
      config: { role: 'operator' },
      schema: {
        tags: ['dispatch'],
        summary: 'Plans and sends anew to every EVSE whose profile is still wanted',
        response: { 200: refTo(ReplaySchema) },
      },
    },
    async () => ({ evseIds: await useCases.replayDeadLetters() }),
  );

  app.post(
    '/v1/dispatch/dead-letters/:evseId/replay',
    {
      config: { role: 'operator' },
      schema: {
        tags: ['dispatch'],
        summary: 'Plans and sends anew to one EVSE',
        description: 'What is sent is what the plan says now, never the profile that failed.',
        params: OneEvse,
        response: { 200: refTo(ReplaySchema) },
      },
    },
    async ({ params }) => ({ evseIds: await useCases.replayDeadLetters(asEvseId(params.evseId)) }),
  );

  app.delete(
    '/v1/dispatch/dead-letters/:evseId',
    {
      config: { role: 'operator' },
      schema: {
        tags: ['dispatch'],
        summary: 'Puts a dead letter aside',
        params: OneEvse,
        response: { 204: Type.Null() },
      },
    },
    async ({ params }, reply) => {
      await useCases.dismissDeadLetter(asEvseId(params.evseId));
      return reply.code(204).send(null);
    },
  );
}

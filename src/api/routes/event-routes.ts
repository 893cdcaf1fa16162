import type { Readable } from 'node:stream';
import Type from 'typebox';
import type { ApiContext, ApiServer } from '../api-server.js';

export function eventRoutes(app: ApiServer, { events }: ApiContext): void {
  app.get(
    '/v1/events',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['events'],
        summary: 'Server-sent events as they happen',
        description:
          'Event names and their data: `fleet` (Fleet), `plan` (PlanSummary), `session` (Session), `dispatch` (DispatchOrder), `alarm` (Alarm). The first event is the fleet as it is. A client that does not keep up gets `lagged` and is disconnected; it connects again and reads the state anew.',
        response: {
          200: { content: { 'text/event-stream': { schema: Type.Unsafe<Readable>({ type: 'string' }) } } },
        },
      },
    },
    async (_request, reply) =>
      reply
        .type('text/event-stream')
        .header('cache-control', 'no-store')
        // Proxies that collect answers would hold the events back.
        .header('x-accel-buffering', 'no')
        .send(events.connect().stream),
  );
}

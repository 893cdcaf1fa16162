import Type from 'typebox';
import { EbbflowError, invalidInput } from '../../domain/errors.js';
import { asDispatchId } from '../../domain/ids.js';
import { API_LIMITS } from '../api-limits.js';
import type { ApiContext, ApiServer } from '../api-server.js';
import { callerOf } from '../bearer-auth.js';
import {
  DispatchesSchema,
  DispatchPreviewSchema,
  DispatchRequestSchema,
  DispatchSchema,
  dispatchDocument,
  dispatchPreviewDocument,
  parseDispatchRequest,
} from '../documents/dispatch-document.js';
import { MS_PER_DAY, parseSpan } from '../instants.js';
import { instant, refTo } from '../named-schema.js';

const OneDispatch = Type.Object({ id: Type.String() });

export function dispatchRoutes(app: ApiServer, { useCases }: ApiContext): void {
  app.post(
    '/v1/dispatches',
    {
      config: { role: 'trader' },
      schema: {
        tags: ['dispatches'],
        summary: "Orders the fleet's net power over a time",
        description:
          'The same Idempotency-Key with the same body gives the same answer and no second order. With dryRun=true nothing is ordered, no key is needed, and the answer (200) is a preview.',
        querystring: Type.Object(
          { dryRun: Type.Optional(Type.Boolean({ default: false })) },
          { additionalProperties: false },
        ),
        headers: Type.Object({
          'idempotency-key': Type.Optional(Type.String({ pattern: '^[\\x21-\\x7e]{1,200}$' })),
        }),
        body: refTo(DispatchRequestSchema),
        response: { 200: refTo(DispatchPreviewSchema), 202: refTo(DispatchSchema) },
      },
    },
    async (request, reply) => {
      const order = parseDispatchRequest(request.body);
      if (request.query.dryRun)
        return reply.code(200).send(dispatchPreviewDocument(await useCases.previewDispatch(order)));
      const key = request.headers['idempotency-key'];
      if (key === undefined) throw invalidInput('Idempotency-Key', 'must be given as a header');
      const { view } = await useCases.createDispatch(order, key, callerOf(request));
      return reply
        .code(202)
        .header('location', `/v1/dispatches/${encodeURIComponent(view.order.dispatchId)}`)
        .send(dispatchDocument(view));
    },
  );

  app.get(
    '/v1/dispatches',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['dispatches'],
        summary: 'Orders whose time overlaps [from, to)',
        description: 'Without from and to: from a day ago to a week ahead.',
        querystring: Type.Object(
          { from: Type.Optional(instant()), to: Type.Optional(instant()) },
          { additionalProperties: false },
        ),
        response: { 200: refTo(DispatchesSchema) },
      },
    },
    async ({ query }) => {
      const span = parseSpan(query, {
        defaultToMs: useCases.nowMs() + 7 * MS_PER_DAY,
        defaultSpanMs: 8 * MS_PER_DAY,
        maxSpanDays: API_LIMITS.dispatchSpanDays,
      });
      return { dispatches: (await useCases.dispatches(span)).map(dispatchDocument) };
    },
  );

  app.get(
    '/v1/dispatches/:id',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['dispatches'],
        summary: 'One order: asked, acknowledged and metered, per EVSE and in total',
        params: OneDispatch,
        response: { 200: refTo(DispatchSchema) },
      },
    },
    async ({ params }) => {
      const view = await useCases.dispatch(asDispatchId(params.id));
      if (!view) throw new EbbflowError('NOT_FOUND', `There is no dispatch ${params.id}`);
      return dispatchDocument(view);
    },
  );

  app.delete(
    '/v1/dispatches/:id',
    {
      config: { role: 'trader' },
      schema: {
        tags: ['dispatches'],
        summary: 'Cancels an order; what was delivered stays on record',
        params: OneDispatch,
        response: { 200: refTo(DispatchSchema) },
      },
    },
    async ({ params }) => dispatchDocument(await useCases.cancelDispatch(asDispatchId(params.id))),
  );
}

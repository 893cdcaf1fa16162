import Type from 'typebox';
import { EbbflowError, invalidInput } from '../../domain/errors.js';
import { asTransactionId } from '../../domain/ids.js';
import { API_LIMITS } from '../api-limits.js';
import type { ApiContext, ApiServer } from '../api-server.js';
import {
  parseSessionChange,
  SessionChangeSchema,
  SessionSchema,
  SessionsSchema,
  sessionDocument,
} from '../documents/session-document.js';
import { SignedValuesSchema, signedValueDocument } from '../documents/signed-value-document.js';
import { parseInstantMs } from '../instants.js';
import { instant, oneOf, refTo } from '../named-schema.js';

const DEFAULT_ROWS = 500;
const OneSession = Type.Object({ transactionId: Type.String() });

export function sessionRoutes(app: ApiServer, { useCases }: ApiContext): void {
  app.get(
    '/v1/sessions',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['sessions'],
        summary: 'Sessions, newest start first',
        querystring: Type.Object(
          {
            state: Type.Optional(oneOf(['active', 'ended'])),
            from: Type.Optional(instant('Sessions that overlap [from, to).')),
            to: Type.Optional(instant()),
            limit: Type.Optional(
              Type.Integer({ minimum: 1, maximum: API_LIMITS.sessionRows, default: DEFAULT_ROWS }),
            ),
          },
          { additionalProperties: false },
        ),
        response: { 200: refTo(SessionsSchema) },
      },
    },
    async ({ query: { state, from, to, limit = DEFAULT_ROWS } }) => {
      const fromMs = from === undefined ? undefined : parseInstantMs('from', from);
      const toMs = to === undefined ? undefined : parseInstantMs('to', to);
      if (fromMs !== undefined && toMs !== undefined && toMs <= fromMs)
        throw invalidInput('to', 'must be after from');
      const views = await useCases.sessions({
        limit,
        ...(state === undefined ? {} : { state }),
        ...(fromMs === undefined ? {} : { fromMs }),
        ...(toMs === undefined ? {} : { toMs }),
      });
      return { sessions: views.map(sessionDocument) };
    },
  );

  app.get(
    '/v1/sessions/:transactionId',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['sessions'],
        summary: 'One session: needs, plan and why, profile in force, metered energy',
        params: OneSession,
        response: { 200: refTo(SessionSchema) },
      },
    },
    async ({ params }) => {
      const view = await useCases.session(asTransactionId(params.transactionId));
      if (!view) throw new EbbflowError('NOT_FOUND', `There is no session ${params.transactionId}`);
      return sessionDocument(view);
    },
  );

  app.get(
    '/v1/sessions/:transactionId/signed-values',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['sessions'],
        summary: 'What the meter signed in one session, for whoever checks a bill',
        params: OneSession,
        response: { 200: refTo(SignedValuesSchema) },
      },
    },
    async ({ params }) => ({
      signedValues: (await useCases.signedValues(asTransactionId(params.transactionId))).map(
        signedValueDocument,
      ),
    }),
  );

  app.patch(
    '/v1/sessions/:transactionId',
    {
      config: { role: 'operator' },
      schema: {
        tags: ['sessions'],
        summary: 'Overrides departure, target or participation',
        params: OneSession,
        body: refTo(SessionChangeSchema),
        response: { 200: refTo(SessionSchema) },
      },
    },
    async ({ params, body }) =>
      sessionDocument(
        await useCases.overrideSession(asTransactionId(params.transactionId), parseSessionChange(body)),
      ),
  );
}

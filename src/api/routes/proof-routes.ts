import Type from 'typebox';
import { DELIVERY_BASELINES } from '../../domain/delivery.js';
import { EbbflowError } from '../../domain/errors.js';
import { asDispatchId } from '../../domain/ids.js';
import type { ApiContext, ApiServer } from '../api-server.js';
import { BASELINE_RULE_PARAMETERS, parseBaselineRules } from '../documents/delivery-document.js';
import {
  ProofLinkSchema,
  ProofsSchema,
  ProofVerdictSchema,
  proofDocument,
  verdictDocument,
} from '../documents/proof-document.js';
import { oneOf, refTo } from '../named-schema.js';

const OneDispatch = Type.Object({ id: Type.String() });

/** The chain of proofs behind the delivery reports. */
export function proofRoutes(app: ApiServer, { useCases }: ApiContext): void {
  app.post(
    '/v1/dispatches/:id/proofs',
    {
      config: { role: 'trader' },
      schema: {
        tags: ['proofs'],
        summary: 'Seals the delivery report behind its evidence',
        description:
          'Every report is sealed by itself when its readings are in, and again a day later if they have changed. This seals one by another baseline, or at once after a correction. When nothing has changed the link on record is the answer.',
        params: OneDispatch,
        querystring: Type.Object(
          { baseline: Type.Optional(oneOf(DELIVERY_BASELINES)), ...BASELINE_RULE_PARAMETERS },
          { additionalProperties: false },
        ),
        response: { 201: refTo(ProofLinkSchema) },
      },
    },
    async ({ params, query }, reply) => {
      const { baseline } = query;
      const link = await useCases.sealDelivery(asDispatchId(params.id), {
        ...(baseline === undefined ? {} : { baseline }),
        rules: parseBaselineRules(query),
      });
      if (!link) throw new EbbflowError('NOT_FOUND', `There is no dispatch ${params.id}`);
      return reply.code(201).send(proofDocument(link));
    },
  );

  app.get(
    '/v1/dispatches/:id/proofs',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['proofs'],
        summary: 'Sealed delivery reports of an order, oldest first',
        params: OneDispatch,
        response: { 200: refTo(ProofsSchema) },
      },
    },
    async ({ params }) => ({
      proofs: (await useCases.sealedDeliveries(asDispatchId(params.id))).map(proofDocument),
    }),
  );

  app.get(
    '/v1/proofs/verification',
    {
      config: { role: 'operator' },
      schema: {
        tags: ['proofs'],
        summary: 'Verifies the whole chain and its evidence, as `ebbflow verify` does',
        querystring: Type.Object(
          {
            head: Type.Optional(
              Type.String({
                pattern: '^[0-9a-f]{64}$',
                description:
                  'A hash noted earlier that the chain must still hold: a cut-off end shows only so.',
              }),
            ),
          },
          { additionalProperties: false },
        ),
        response: { 200: refTo(ProofVerdictSchema) },
      },
    },
    async ({ query }) =>
      verdictDocument(
        await useCases.verifyProofs(query.head === undefined ? {} : { expectedHead: query.head }),
      ),
  );
}

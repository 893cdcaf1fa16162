import Type from 'typebox';
import { invalidInput } from '../../domain/errors.js';
import { API_LIMITS } from '../api-limits.js';
import type { ApiContext, ApiServer } from '../api-server.js';
import {
  LedgerSchema,
  ledgerCsv,
  ledgerDocument,
  SettlementRunRequestSchema,
  SettlementRunSchema,
  settlementRunDocument,
} from '../documents/ledger-document.js';
import {
  contractDocument,
  DriverContractSchema,
  DriverContractsSchema,
  parseContract,
  parseTariff,
  TariffSchema,
  TariffsSchema,
  tariffDocument,
} from '../documents/tariff-document.js';
import { MS_PER_DAY, parseSpan } from '../instants.js';
import { instant, oneOf, refTo } from '../named-schema.js';

const OneDocument = Type.Object({ id: Type.String() });

/** Tariffs, contracts with drivers, settlement runs and the ledger that they book into. */
export function ledgerRoutes(app: ApiServer, { useCases }: ApiContext): void {
  app.get(
    '/v1/tariffs',
    {
      config: { role: 'operator' },
      schema: {
        tags: ['settlements'],
        summary: 'Tariffs that hold',
        response: { 200: refTo(TariffsSchema) },
      },
    },
    async () => ({ tariffs: (await useCases.tariffs()).map(tariffDocument) }),
  );

  app.put(
    '/v1/tariffs/:id',
    {
      config: { role: 'operator' },
      schema: {
        tags: ['settlements'],
        summary: 'Lays down a tariff: parts of the price, fees, taxes, refunds, and when it holds',
        description:
          'Replaces the tariff of the same id. What was booked by it changes with the next settlement run, as corrections.',
        params: OneDocument,
        body: refTo(TariffSchema),
        response: { 200: refTo(TariffSchema) },
      },
    },
    async ({ params, body }) => tariffDocument(await useCases.saveTariff(parseTariff(params.id, body))),
  );

  app.get(
    '/v1/contracts',
    {
      config: { role: 'operator' },
      schema: {
        tags: ['settlements'],
        summary: 'Contracts with drivers that hold',
        response: { 200: refTo(DriverContractsSchema) },
      },
    },
    async () => ({ contracts: (await useCases.contracts()).map(contractDocument) }),
  );

  app.put(
    '/v1/contracts/:id',
    {
      config: { role: 'operator' },
      schema: {
        tags: ['settlements'],
        summary: 'Lays down how money is shared with drivers',
        params: OneDocument,
        body: refTo(DriverContractSchema),
        response: { 200: refTo(DriverContractSchema) },
      },
    },
    async ({ params, body }) => contractDocument(await useCases.saveContract(parseContract(params.id, body))),
  );

  app.post(
    '/v1/settlement-runs',
    {
      config: { role: 'operator' },
      schema: {
        tags: ['settlements'],
        summary: 'Books what is settled in [from, to), whole quarter-hours',
        description:
          'Sessions whose books are closed; per session, quarter-hour and part of the tariff, import and export apart. What is booked already is not booked again: a difference becomes a correction.',
        body: refTo(SettlementRunRequestSchema),
        response: { 201: refTo(SettlementRunSchema) },
      },
    },
    async ({ body }, reply) => {
      const span = parseSpan(body, {
        defaultToMs: 0,
        defaultSpanMs: MS_PER_DAY,
        maxSpanDays: API_LIMITS.settlementSpanDays,
      });
      if (span.toMs > useCases.nowMs()) throw invalidInput('to', 'must not be in the future');
      return reply.code(201).send(settlementRunDocument(await useCases.runSettlement(span)));
    },
  );

  app.get(
    '/v1/ledger',
    {
      config: { role: 'operator' },
      schema: {
        tags: ['settlements'],
        summary: 'The append-only ledger of what begins in [from, to), in the order of booking',
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
              'application/json': { schema: refTo(LedgerSchema) },
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
      const entries = await useCases.ledger(span);
      const asCsv = query.format ? query.format === 'csv' : /\btext\/csv\b/i.test(headers.accept ?? '');
      return asCsv
        ? reply.type('text/csv; charset=utf-8').send(ledgerCsv(entries))
        : reply.type('application/json; charset=utf-8').send(ledgerDocument(span, entries));
    },
  );
}

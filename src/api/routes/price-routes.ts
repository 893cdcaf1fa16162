import Type from 'typebox';
import { EbbflowError, invalidInput } from '../../domain/errors.js';
import { PRICE_KINDS, type PriceKind, type PriceSeries } from '../../domain/price.js';
import { API_LIMITS } from '../api-limits.js';
import type { ApiContext, ApiServer } from '../api-server.js';
import {
  EnergyChartsSchema,
  isEnergyChartsPrices,
  isPriceFeed,
  PriceCoverageSchema,
  PriceFeedSchema,
  PriceSeriesSchema,
  PricesAcceptedSchema,
  parsePriceSeries,
  priceCoverageDocument,
  priceSeriesDocument,
  pricesAcceptedDocument,
} from '../documents/price-document.js';
import { MS_PER_DAY, parseInstantMs, parseSpan } from '../instants.js';
import { instant, oneOf, refTo } from '../named-schema.js';

const Zone = Type.String({ minLength: 1, maxLength: 50 });
const PRICE_QUERY = {
  from: Type.Optional(instant()),
  to: Type.Optional(instant()),
  zone: Type.Optional(Zone),
  kind: Type.Optional(oneOf([...PRICE_KINDS])),
};

const FILE_TYPES = ['text/csv', 'application/xml', 'text/xml'];

export function priceRoutes(app: ApiServer, context: ApiContext): void {
  const { useCases, validators } = context;

  app.get(
    '/v1/prices',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['prices'],
        summary: 'The prices on record',
        description:
          'Without from and to: the next 24 hours. Without zone and kind: those that plans use. With asOf: as they were known then.',
        querystring: Type.Object(
          { ...PRICE_QUERY, asOf: Type.Optional(instant()) },
          { additionalProperties: false },
        ),
        response: { 200: refTo(PriceSeriesSchema) },
      },
    },
    async ({ query }) => {
      const series = await useCases.prices({
        ...priceQuery(query),
        ...(query.asOf === undefined ? {} : { asOfMs: parseInstantMs('asOf', query.asOf) }),
      });
      if (!series) throw new EbbflowError('NOT_FOUND', 'No price is known between from and to');
      return priceSeriesDocument(series);
    },
  );

  app.get(
    '/v1/prices/coverage',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['prices'],
        summary: 'Which prices are there, from whom, and which are missing',
        description: 'Without from and to: the next 24 hours. Without zone and kind: those that plans use.',
        querystring: Type.Object(PRICE_QUERY, { additionalProperties: false }),
        response: { 200: refTo(PriceCoverageSchema) },
      },
    },
    async ({ query }) => priceCoverageDocument(await useCases.priceCoverage(priceQuery(query))),
  );

  function priceQuery(query: { from?: string; to?: string; zone?: string; kind?: PriceKind }) {
    const span = parseSpan(query, {
      defaultToMs: useCases.nowMs() + MS_PER_DAY,
      defaultSpanMs: MS_PER_DAY,
      maxSpanDays: API_LIMITS.priceSpanDays,
    });
    const { zone, kind } = query;
    return { ...span, ...(zone === undefined ? {} : { zone }), ...(kind === undefined ? {} : { kind }) };
  }

  app.register(async (scope: ApiServer) => {
    scope.addContentTypeParser(FILE_TYPES, { parseAs: 'string' }, (_request, text, done) => done(null, text));
    scope.put(
      '/v1/prices',
      {
        config: { role: 'operator' },
        bodyLimit: API_LIMITS.priceBodyBytes,
        validatorCompiler: validators.priceCompiler,
        schema: {
          tags: ['prices'],
          summary: 'New prices: a series, or a price file',
          description:
            'CSV (own columns, SMARD’s, EPEX’s or OMIE’s), ENTSO-E A44 XML, or JSON of Energy-Charts, SMARD, aWATTar, Octopus, Nord Pool, Energinet or elprisetjustnu.se, by content type; zone and currency complete what a file leaves open. Later prices replace earlier ones slot by slot; slots keep the length that the file gives them.',
          querystring: Type.Object(
            {
              zone: Type.Optional(Zone),
              kind: Type.Optional(oneOf([...PRICE_KINDS])),
              currency: Type.Optional(Type.String({ pattern: '^[A-Z]{3}$' })),
            },
            { additionalProperties: false },
          ),
          body: {
            content: {
              'application/json': {
                schema: Type.Union([
                  refTo(PriceSeriesSchema),
                  refTo(EnergyChartsSchema),
                  refTo(PriceFeedSchema),
                ]),
              },
              'text/csv': { schema: Type.String() },
              'application/xml': { schema: Type.String() },
              'text/xml': { schema: Type.String() },
            },
          },
          response: { 200: refTo(PricesAcceptedSchema) },
        },
      },
      async ({ body, query, headers }) => {
        const { kind, ...named } = query;
        const read = parsePrices(body, headers['content-type'] ?? '', named, context);
        const stated = read.find((series) => series.kind !== undefined)?.kind;
        if (kind !== undefined && stated !== undefined && stated !== kind)
          throw invalidInput('kind', `the document is of ${stated} prices`);
        const all = kind === undefined ? read : read.map((series) => ({ ...series, kind }));
        const accepted = [];
        for (const series of all) accepted.push({ series, ...(await useCases.putPrices(series)) });
        return pricesAcceptedDocument(accepted);
      },
    );
  });
}

function parsePrices(
  body: unknown,
  contentTypeHeader: string,
  options: { zone?: string; currency?: string },
  { parsePriceFile }: ApiContext,
): readonly PriceSeries[] {
  const contentType = contentTypeHeader.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (typeof body === 'string') return parsePriceFile(contentType, body, options);
  if (isEnergyChartsPrices(body) || isPriceFeed(body))
    return parsePriceFile('application/json', JSON.stringify(body), options);
  for (const option of ['zone', 'currency'] as const)
    if (options[option] !== undefined)
      throw invalidInput(option, 'belongs into the document, not into the query, of a JSON price series');
  return [parsePriceSeries(body as Parameters<typeof parsePriceSeries>[0])];
}

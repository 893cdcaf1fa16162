import Type from 'typebox';
import { EbbflowError } from '../../domain/errors.js';
import { asBidId } from '../../domain/ids.js';
import { API_LIMITS } from '../api-limits.js';
import type { ApiContext, ApiServer } from '../api-server.js';
import { callerOf } from '../bearer-auth.js';
import {
  AwardRequestSchema,
  BidRequestSchema,
  BidSchema,
  BidsSchema,
  bidDocument,
  ProductsSchema,
  parseBidRequest,
  ReleaseRequestSchema,
} from '../documents/bid-document.js';
import { MS_PER_DAY, parseSpan } from '../instants.js';
import { instant, refTo } from '../named-schema.js';

const OneBid = Type.Object({ id: Type.String() });

export function bidRoutes(app: ApiServer, { useCases }: ApiContext): void {
  app.get(
    '/v1/products',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['bids'],
        summary: 'Market products that bids can be made for',
        response: { 200: refTo(ProductsSchema) },
      },
    },
    async () => ({ products: [...(await useCases.marketProducts())] }),
  );

  app.post(
    '/v1/bids',
    {
      config: { role: 'trader' },
      schema: {
        tags: ['bids'],
        summary: 'Capacity bid for one block: firm kW, price steps and what backs them',
        description:
          'The quantity holds through the whole block with the reliability asked, judged by past days; bids and awards in the same time share no kW. Where nothing can be offered the answer is a bid of 0 kW that says why.',
        body: refTo(BidRequestSchema),
        response: { 201: refTo(BidSchema) },
      },
    },
    async (request, reply) => {
      const view = await useCases.createBid(parseBidRequest(request.body), callerOf(request));
      return reply
        .code(201)
        .header('location', `/v1/bids/${encodeURIComponent(view.bid.bidId)}`)
        .send(bidDocument(view));
    },
  );

  app.get(
    '/v1/bids',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['bids'],
        summary: 'Bids whose block overlaps [from, to)',
        description: 'Without from and to: from a day ago to a week ahead.',
        querystring: Type.Object(
          { from: Type.Optional(instant()), to: Type.Optional(instant()) },
          { additionalProperties: false },
        ),
        response: { 200: refTo(BidsSchema) },
      },
    },
    async ({ query }) => {
      const span = parseSpan(query, {
        defaultToMs: useCases.nowMs() + 7 * MS_PER_DAY,
        defaultSpanMs: 8 * MS_PER_DAY,
        maxSpanDays: API_LIMITS.dispatchSpanDays,
      });
      return { bids: (await useCases.bids(span)).map(bidDocument) };
    },
  );

  app.get(
    '/v1/bids/:id',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['bids'],
        summary: 'One bid, its state and its award',
        params: OneBid,
        response: { 200: refTo(BidSchema) },
      },
    },
    async ({ params }) => {
      const view = await useCases.bid(asBidId(params.id));
      if (!view) throw new EbbflowError('NOT_FOUND', `There is no bid ${params.id}`);
      return bidDocument(view);
    },
  );

  app.post(
    '/v1/bids/:id/award',
    {
      config: { role: 'trader' },
      schema: {
        tags: ['bids'],
        summary: 'Records what the market awarded: a constraint of every later plan',
        description: 'The same award again gives the same answer; another one is a conflict.',
        params: OneBid,
        body: refTo(AwardRequestSchema),
        response: { 200: refTo(BidSchema) },
      },
    },
    async (request) =>
      bidDocument(await useCases.awardBid(asBidId(request.params.id), request.body, callerOf(request))),
  );

  app.post(
    '/v1/bids/:id/release',
    {
      config: { role: 'trader' },
      schema: {
        tags: ['bids'],
        summary: 'Gives some or all of an award back',
        description: 'Where the product allows it (`release`) and until it does; a conflict otherwise.',
        params: OneBid,
        body: refTo(ReleaseRequestSchema),
        response: { 200: refTo(BidSchema) },
      },
    },
    async (request) =>
      bidDocument(await useCases.releaseBid(asBidId(request.params.id), request.body.kw, callerOf(request))),
  );

  app.delete(
    '/v1/bids/:id',
    {
      config: { role: 'trader' },
      schema: {
        tags: ['bids'],
        summary: 'Withdraws a bid before gate closure',
        params: OneBid,
        response: { 200: refTo(BidSchema) },
      },
    },
    async ({ params }) => bidDocument(await useCases.withdrawBid(asBidId(params.id))),
  );
}

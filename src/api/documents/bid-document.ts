import Type, { type Static } from 'typebox';
import { awardedKwOf } from '../../domain/bid.js';
import { asSiteId } from '../../domain/ids.js';
import type { MarketProduct } from '../../domain/market-product.js';
import type { BidRequest, BidView } from '../../ports/use-cases.js';
import { formatInstant, formatInstantOrNull, parseInstantMs } from '../instants.js';
import { instant, named, nullableInstant, nullableText, oneOf, refTo } from '../named-schema.js';

export const BidRequestSchema = named('BidRequest', {
  product: Type.String({ minLength: 1, maxLength: 60, description: 'Id of a market product.' }),
  block: Type.Object(
    { start: instant('Begin of one of the product’s blocks.'), end: Type.Optional(instant('Checked.')) },
    { additionalProperties: false },
  ),
  reliability: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      description: 'Probability that the whole block holds; at least, and by default, the product’s own.',
    }),
  ),
  method: Type.Optional(oneOf(['quantile', 'cvar'])),
  maxKw: Type.Optional(Type.Number({ exclusiveMinimum: 0, description: 'Offer no more than this.' })),
  siteId: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'Of this site alone.' })),
  pool: Type.Optional(
    Type.String({ minLength: 1, maxLength: 100, description: 'Of the sites of this pool alone.' }),
  ),
});

const BidStepSchema = named('BidStep', {
  kw: Type.Number({ description: 'Capacity from the end of the step before up to here.' }),
  pricePerKwPerHour: Type.Number({ description: 'Extra cost of holding a kW of this step for an hour.' }),
});

const BackingSessionSchema = named('BackingSession', {
  transactionId: Type.String(),
  evseId: Type.String(),
  capacityKw: Type.Number(),
});

const BidBackingSchema = named(
  'BidBacking',
  {
    dayType: oneOf(['weekday', 'weekend']),
    days: Type.Integer({ description: 'Days of this type that the quantity rests on.' }),
    fromDay: nullableText(),
    toDay: nullableText(),
    rank: Type.Integer({ description: 'The firm quantity is that of the rank-th worst day.' }),
    evses: Type.Integer({ description: 'EVSEs of the pool.' }),
    expectedKw: Type.Number(),
    leastKw: Type.Number({ description: 'Of any of the days.' }),
    backTest: Type.Object(
      { held: Type.Integer(), of: Type.Integer(), low: Type.Number(), high: Type.Number() },
      { description: 'Bids like this one on past days, and the 95 % interval of the share that held.' },
    ),
    plannedDay: nullableText('Day that was planned for quantity and price.'),
    plannedKw: Type.Number({ description: 'What its plan can hold.' }),
    stackedOn: Type.Array(Type.String(), { description: 'Bids and awards whose share is left out.' }),
    sessions: Type.Array(refTo(BackingSessionSchema), {
      description: 'Plugged in now and, by their stated departure, through the block.',
    }),
  },
  'What stands behind a bid’s kW.',
);

const AwardSchema = named('Award', {
  kw: Type.Number(),
  pricePerKwPerHour: Type.Number(),
  awardedAt: instant(),
  awardedBy: Type.String(),
  heldKw: Type.Number({ description: 'What is left to be held: awarded less given back.' }),
  releases: Type.Array(Type.Object({ kw: Type.Number(), releasedAt: instant(), releasedBy: Type.String() }), {
    description: 'What was given back.',
  }),
});

export const ReleaseRequestSchema = named('ReleaseRequest', {
  kw: Type.Number({ exclusiveMinimum: 0, description: 'To give back.' }),
});

const BidScopeSchema = named('BidScope', {
  siteId: Type.Optional(Type.String()),
  pool: Type.Optional(Type.String()),
  siteIds: Type.Array(Type.String()),
});

export const AwardRequestSchema = named('AwardRequest', {
  kw: Type.Number({ exclusiveMinimum: 0 }),
  pricePerKwPerHour: Type.Number({ minimum: -1000, maximum: 1000 }),
});

export const BidSchema = named('Bid', {
  bidId: Type.String(),
  product: Type.String(),
  direction: oneOf(['up', 'down', 'symmetric']),
  block: Type.Object({ start: instant(), end: instant() }),
  scope: Type.Unsafe<Static<typeof BidScopeSchema> | null>({
    anyOf: [{ $ref: `${BidScopeSchema.$id}#` }, { type: 'null' }],
    description: 'Cars that back it; null: the whole fleet.',
  }),
  state: oneOf(['open', 'closed', 'awarded', 'released', 'withdrawn', 'lapsed']),
  reliability: Type.Number(),
  method: oneOf(['quantile', 'cvar']),
  currency: Type.String(),
  firmKw: Type.Number({ description: 'Before rounding to the product.' }),
  offeredKw: Type.Number({ description: 'On the product’s steps; 0 below its minimum.' }),
  steps: Type.Array(refTo(BidStepSchema)),
  backing: refTo(BidBackingSchema),
  because: Type.Array(Type.String()),
  createdAt: instant(),
  createdBy: Type.String({ description: 'Id of the API key.' }),
  expiresAt: instant('Gate closure: from here on the bid cannot be withdrawn.'),
  withdrawnAt: nullableInstant(),
  award: Type.Unsafe<Static<typeof AwardSchema> | null>({
    anyOf: [{ $ref: `${AwardSchema.$id}#` }, { type: 'null' }],
  }),
});

export const BidsSchema = named('Bids', { bids: Type.Array(refTo(BidSchema)) });

export const ProductsSchema = named(
  'Products',
  { products: Type.Array(Type.Unsafe<MarketProduct>({ type: 'object', additionalProperties: true })) },
  'Market products as their files hold them (schemas/market-product.schema.json).',
);

export const BID_SCHEMAS = [
  BidRequestSchema,
  BidStepSchema,
  BackingSessionSchema,
  BidBackingSchema,
  AwardSchema,
  AwardRequestSchema,
  ReleaseRequestSchema,
  BidScopeSchema,
  BidSchema,
  BidsSchema,
  ProductsSchema,
];

export function parseBidRequest(document: Static<typeof BidRequestSchema>): BidRequest {
  const { product, block, reliability, method, maxKw, siteId, pool } = document;
  return {
    product,
    startMs: parseInstantMs('block.start', block.start),
    ...(block.end === undefined ? {} : { endMs: parseInstantMs('block.end', block.end) }),
    ...(reliability === undefined ? {} : { reliability }),
    ...(method === undefined ? {} : { method }),
    ...(maxKw === undefined ? {} : { maxKw }),
    ...(siteId === undefined ? {} : { siteId: asSiteId(siteId) }),
    ...(pool === undefined ? {} : { pool }),
  };
}

export function bidDocument({ bid, state }: BidView): Static<typeof BidSchema> {
  const { product, backing, award, scope } = bid;
  return {
    bidId: bid.bidId,
    product: product.id,
    direction: product.direction,
    block: { start: formatInstant(bid.startMs), end: formatInstant(bid.endMs) },
    scope: scope === undefined ? null : { ...scope, siteIds: [...scope.siteIds] },
    state,
    reliability: bid.reliability,
    method: bid.method,
    currency: product.currency,
    firmKw: bid.firmKw,
    offeredKw: bid.offeredKw,
    steps: [...bid.steps],
    backing: { ...backing, stackedOn: [...backing.stackedOn], sessions: [...backing.sessions] },
    because: [...bid.because],
    createdAt: formatInstant(bid.createdAtMs),
    createdBy: bid.createdBy,
    expiresAt: formatInstant(bid.expiresAtMs),
    withdrawnAt: formatInstantOrNull(bid.withdrawnAtMs),
    award:
      award === undefined
        ? null
        : {
            kw: award.kw,
            pricePerKwPerHour: award.pricePerKwPerHour,
            awardedAt: formatInstant(award.awardedAtMs),
            awardedBy: award.awardedBy,
            heldKw: awardedKwOf(bid),
            releases: (award.releases ?? []).map(({ releasedAtMs, ...release }) => ({
              ...release,
              releasedAt: formatInstant(releasedAtMs),
            })),
          },
  };
}

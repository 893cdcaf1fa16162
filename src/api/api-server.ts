import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { PriceSeries } from '../domain/price.js';
import type { Role } from '../domain/role.js';
import type { Logger } from '../ports/logger.js';
import type { AskableUseCases, Caller } from '../ports/use-cases.js';
import type { EventHub } from './event-hub.js';
import type { MetricsText } from './metrics-registry.js';
import type { createValidators } from './validation.js';

/** The Fastify server with static types from the schemas. */
export type ApiServer = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/**
 * The series of a price file: CSV, ENTSO-E XML, or Energy-Charts JSON, by its content type. Throws
 * INVALID_INPUT naming the place of the fault.
 */
/** A price file as one series per run of slots of one length. */
export type PriceFileParser = (
  contentType: string,
  text: string,
  options: { readonly zone?: string; readonly currency?: string },
) => readonly PriceSeries[];

/** What the routes work with. */
export interface ApiContext {
  readonly useCases: AskableUseCases;
  readonly parsePriceFile: PriceFileParser;
  readonly metrics: MetricsText;
  readonly events: EventHub;
  readonly logger: Logger;
  readonly validators: ReturnType<typeof createValidators>;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The role a caller needs; absent on the few routes that are open. */
    role?: Role;
  }
  interface FastifyRequest {
    /** Who asks; null on open routes. */
    caller: Caller | null;
  }
}

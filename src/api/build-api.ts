import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import Fastify from 'fastify';
import { EbbflowError } from '../domain/errors.js';
import type { Logger } from '../ports/logger.js';
import type { AskableUseCases } from '../ports/use-cases.js';
import { API_LIMITS } from './api-limits.js';
import type { ApiContext, ApiServer, PriceFileParser } from './api-server.js';
import { requireRoles } from './bearer-auth.js';
import { serveDashboard } from './dashboard-page.js';
import { NAMED_SCHEMAS } from './documents/named-schemas.js';
import { handleErrors, sendProblem } from './error-handling.js';
import { createEventHub, type EventHubOptions } from './event-hub.js';
import type { MetricsText } from './metrics-registry.js';
import { describeRoutes } from './openapi-document.js';
import { bidRoutes } from './routes/bid-routes.js';
import { deadLetterRoutes } from './routes/dead-letter-routes.js';
import { deliveryRoutes } from './routes/delivery-routes.js';
import { dispatchRoutes } from './routes/dispatch-routes.js';
import { eventRoutes } from './routes/event-routes.js';
import { fleetRoutes } from './routes/fleet-routes.js';
import { healthRoutes } from './routes/health-routes.js';
import { keyRoutes } from './routes/key-routes.js';
import { ledgerRoutes } from './routes/ledger-routes.js';
import { planRoutes } from './routes/plan-routes.js';
import { priceRoutes } from './routes/price-routes.js';
import { proofRoutes } from './routes/proof-routes.js';
import { sessionRoutes } from './routes/session-routes.js';
import { settlementRoutes } from './routes/settlement-routes.js';
import { siteRoutes } from './routes/site-routes.js';
import { stationRoutes } from './routes/station-routes.js';
import { createValidators } from './validation.js';

export interface ApiOptions {
  readonly useCases: AskableUseCases;
  readonly parsePriceFile: PriceFileParser;
  readonly metrics: MetricsText;
  readonly logger: Logger;
  /** Folder of the built dashboard; absent or empty = no page. */
  readonly dashboardDir?: string;
  /** Liveness, readiness and metrics alone: a node without the role api. */
  readonly probesOnly?: boolean;
  readonly requestsPerMinute?: number;
  readonly events?: EventHubOptions;
}

const ROUTES: readonly ((app: ApiServer, context: ApiContext) => void)[] = [
  healthRoutes,
  fleetRoutes,
  stationRoutes,
  sessionRoutes,
  siteRoutes,
  priceRoutes,
  planRoutes,
  bidRoutes,
  dispatchRoutes,
  deadLetterRoutes,
  deliveryRoutes,
  proofRoutes,
  settlementRoutes,
  ledgerRoutes,
  eventRoutes,
  keyRoutes,
];

/** The whole API as a Fastify server that does not listen yet: for `inject()`, or for createApi. */
export async function buildApi(options: ApiOptions): Promise<ApiServer> {
  const { useCases, logger } = options;
  const validators = createValidators(NAMED_SCHEMAS);
  const app: ApiServer = Fastify({
    logger: false,
    bodyLimit: API_LIMITS.bodyBytes,
    requestTimeout: API_LIMITS.requestTimeoutMs,
    // Station and transaction ids may be long once they are percent-encoded.
    routerOptions: { maxParamLength: 500 },
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply, logger),
  });
  for (const schema of NAMED_SCHEMAS) app.addSchema(schema);
  app.setValidatorCompiler(validators.compiler);
  // JSON alone, and price files where they are taken; plain text is Fastify's own default.
  app.removeContentTypeParser('text/plain');
  takeEmptyJson(app);
  handleErrors(app, logger);

  await app.register(helmet, HELMET);
  await app.register(rateLimit, {
    max: options.requestsPerMinute ?? API_LIMITS.requestsPerMinute,
    timeWindow: '1 minute',
    errorResponseBuilder: (_request, { after }) =>
      new EbbflowError('RATE_LIMITED', `Too many requests from this address; try again in ${after}`),
  });
  requireRoles(app, useCases);
  app.addHook('onSend', async (request, reply) => {
    if (request.url.startsWith('/v1/')) reply.header('cache-control', 'no-store');
  });

  const events = createEventHub(useCases, options.events);
  // Before the server waits for its connections: an event stream would never end by itself.
  app.addHook('preClose', async () => events.close());

  await describeRoutes(app);
  const context: ApiContext = { ...options, events, validators };
  for (const register of options.probesOnly ? [healthRoutes] : ROUTES) register(app, context);
  if (options.dashboardDir !== undefined && !(await serveDashboard(app, options.dashboardDir)))
    logger.warn({ event: 'dashboard-missing', dashboardDir: options.dashboardDir }, 'No dashboard was built');
  await app.ready();
  return app;
}

/** Clients name a content type for a body they do not send, with DELETE above all: that is no body, not bad JSON. */
function takeEmptyJson(app: ApiServer): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    if (text === '') done(null, undefined);
    else void parse(request, text.toString(), done);
  });
}

/** The page loads from here alone. TLS, where there is one, ends before us: no HSTS, no upgrade of requests. */
const HELMET = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      'default-src': ["'self'"],
      'img-src': ["'self'", 'data:'],
      'object-src': ["'none'"],
      'base-uri': ["'none'"],
      'form-action': ["'self'"],
      'frame-ancestors': ["'none'"],
    },
  },
  strictTransportSecurity: false,
};

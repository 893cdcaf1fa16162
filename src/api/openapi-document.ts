import swagger, { type SwaggerTransform } from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { ApiServer } from './api-server.js';
import { PROBLEM_CONTENT_TYPE, ProblemSchema } from './documents/problem-document.js';

/** Version of the API's contract, raised when a field or route changes; not the program's version. */
export const API_VERSION = '1.0.0';

/** Serves /openapi.json (OpenAPI 3.1) from the routes' own schemas, and the human page /docs. */
export async function describeRoutes(app: ApiServer): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Ebbflow',
        version: API_VERSION,
        description:
          "Virtual power plant engine for V2G fleets. Power and energy are signed from the grid's side of the EVSE: import (charging) > 0, export (discharging) < 0; totals of import and export are two numbers and never netted. Instants are RFC 3339 UTC, intervals half-open. Errors are RFC 9457 problem documents.",
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: {
        securitySchemes: {
          apiKey: {
            type: 'http',
            scheme: 'bearer',
            description:
              'API key with one role. viewer reads; trader also dispatches; operator also runs stations, sites and prices; admin may do all.',
          },
        },
      },
    },
    // Without this the named schemas come out as def-0, def-1, …
    refResolver: { buildLocalReference: (schema) => String(schema.$id) },
    transform: describeAccess,
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    // The plugin's own default names outside hosts and upgrades to https; Swagger UI writes inline styles.
    staticCSP:
      "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    // null: no look-up at the validator of swagger.io. BaseLayout: no bar to load other documents with.
    uiConfig: { validatorUrl: null, layout: 'BaseLayout', persistAuthorization: false },
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}

/** Adds to each route what its configuration says of roles, and the problem document to its answers. */
const describeAccess: SwaggerTransform = ({ schema, url, route }) => {
  if (schema?.hide || !schema?.response) return { schema: { ...schema, hide: true }, url };
  const role = route.config?.role;
  const problem = {
    description: 'What went wrong',
    content: { [PROBLEM_CONTENT_TYPE]: { schema: { $ref: `${ProblemSchema.$id}#` } } },
  };
  const described = {
    ...schema,
    description: [role === undefined ? undefined : `Role: ${role}.`, schema.description]
      .filter((part) => part !== undefined)
      .join(' '),
    response: { ...schema.response, default: problem },
    ...(role === undefined ? { security: [] } : { security: [{ apiKey: [] }] }),
  };
  return { schema: described, url };
};

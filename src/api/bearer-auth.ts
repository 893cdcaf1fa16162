import type { FastifyRequest } from 'fastify';
import { assert } from '../domain/assert.js';
import { EbbflowError } from '../domain/errors.js';
import { hasRole } from '../domain/role.js';
import type { AskableUseCases, Caller } from '../ports/use-cases.js';
import type { ApiServer } from './api-server.js';

const BEARER = /^Bearer +([\x21-\x7e]{1,256}) *$/i;

/**
 * Asks every route that names a role for an API key that holds it, before the body is read. A route under
 * /v1 without a role is a bug and stops the start.
 */
export function requireRoles(app: ApiServer, useCases: AskableUseCases): void {
  app.decorateRequest('caller', null);
  app.addHook('onRoute', (route) => {
    assert(!route.url.startsWith('/v1/') || route.config?.role !== undefined, `${route.url} names its role`);
  });
  app.addHook('onRequest', async (request) => {
    const { role } = request.routeOptions.config;
    if (role === undefined) return;
    const caller = await authenticated(request, useCases);
    if (!hasRole(caller.role, role))
      throw new EbbflowError('FORBIDDEN', `This needs the role ${role}; the API key holds ${caller.role}`);
    request.caller = caller;
  });
}

/** The caller of a route that names a role. */
export function callerOf(request: FastifyRequest): Caller {
  assert(request.caller !== null, 'a route with a role has a caller');
  return request.caller;
}

async function authenticated(request: FastifyRequest, useCases: AskableUseCases): Promise<Caller> {
  const apiKey = BEARER.exec(request.headers.authorization ?? '')?.[1];
  if (apiKey === undefined)
    throw new EbbflowError('UNAUTHENTICATED', 'Send an API key as `Authorization: Bearer KEY`');
  const caller = await useCases.authenticate(apiKey);
  if (!caller) throw new EbbflowError('UNAUTHENTICATED', 'The API key is not known');
  return caller;
}

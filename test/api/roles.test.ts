import { describe, expect, it } from 'vitest';
import { hasRole, ROLES, type Role } from '../../src/domain/role.js';
import { apiUnderTest } from './api-under-test.js';

const ROUTES: readonly (readonly ['GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE', string, Role])[] = [
  ['GET', '/v1/fleet', 'viewer'],
  ['GET', '/v1/fleet/history', 'viewer'],
  ['GET', '/v1/fleet/envelope', 'viewer'],
  ['GET', '/v1/stations', 'viewer'],
  ['GET', '/v1/stations/CS-001', 'viewer'],
  ['PUT', '/v1/stations/CS-001', 'operator'],
  ['POST', '/v1/stations/CS-001/probe', 'operator'],
  ['POST', '/v1/stations/CS-001/commands', 'operator'],
  ['GET', '/v1/sessions', 'viewer'],
  ['GET', '/v1/sessions/tx-1', 'viewer'],
  ['GET', '/v1/sessions/tx-1/signed-values', 'viewer'],
  ['PATCH', '/v1/sessions/tx-1', 'operator'],
  ['GET', '/v1/sites', 'viewer'],
  ['POST', '/v1/sites', 'operator'],
  ['PUT', '/v1/sites/s', 'operator'],
  ['GET', '/v1/sites/s/drivers', 'operator'],
  ['PUT', '/v1/sites/s/drivers', 'operator'],
  ['GET', '/v1/prices', 'viewer'],
  ['GET', '/v1/prices/coverage', 'viewer'],
  ['PUT', '/v1/prices', 'operator'],
  ['GET', '/v1/plans/latest', 'viewer'],
  ['GET', '/v1/products', 'viewer'],
  ['POST', '/v1/bids', 'trader'],
  ['GET', '/v1/bids', 'viewer'],
  ['GET', '/v1/bids/bid-1', 'viewer'],
  ['DELETE', '/v1/bids/bid-1', 'trader'],
  ['POST', '/v1/bids/bid-1/award', 'trader'],
  ['POST', '/v1/bids/bid-1/release', 'trader'],
  ['GET', '/v1/dispatch/progress', 'viewer'],
  ['GET', '/v1/dispatch/dead-letters', 'viewer'],
  ['POST', '/v1/dispatch/dead-letters/replay', 'operator'],
  ['POST', '/v1/dispatch/dead-letters/CS-001%2F1/replay', 'operator'],
  ['DELETE', '/v1/dispatch/dead-letters/CS-001%2F1', 'operator'],
  ['GET', '/v1/dispatches', 'viewer'],
  ['POST', '/v1/dispatches', 'trader'],
  ['GET', '/v1/dispatches/d-1', 'viewer'],
  ['GET', '/v1/dispatches/d-1/report', 'viewer'],
  ['GET', '/v1/dispatches/d-1/baselines', 'viewer'],
  ['GET', '/v1/dispatches/d-1/proofs', 'viewer'],
  ['POST', '/v1/dispatches/d-1/proofs', 'trader'],
  ['GET', '/v1/proofs/verification', 'operator'],
  ['DELETE', '/v1/dispatches/d-1', 'trader'],
  ['GET', '/v1/settlements', 'operator'],
  ['GET', '/v1/tariffs', 'operator'],
  ['PUT', '/v1/tariffs/de', 'operator'],
  ['GET', '/v1/contracts', 'operator'],
  ['PUT', '/v1/contracts/c', 'operator'],
  ['POST', '/v1/settlement-runs', 'operator'],
  ['GET', '/v1/ledger', 'operator'],
  ['POST', '/v1/keys', 'admin'],
  ['GET', '/v1/keys', 'admin'],
  ['DELETE', '/v1/keys/id-desk', 'admin'],
];

describe('access', () => {
  it.each(ROUTES)('%s %s asks for the role %s', async (method, url, needed) => {
    const { ask } = await apiUnderTest();
    for (const role of ROLES) {
      const { status, json } = await ask(method, url, { as: role });
      if (hasRole(role, needed)) expect([401, 403]).not.toContain(status);
      else expect([status, json.code]).toEqual([403, 'FORBIDDEN']);
    }
  });

  it.each(ROUTES)('%s %s refuses a caller without a key', async (method, url) => {
    const { app } = await apiUnderTest();
    const response = await app.inject({ method, url });
    expect([response.statusCode, response.json().code]).toEqual([401, 'UNAUTHENTICATED']);
    expect(response.headers['www-authenticate']).toBe('Bearer realm="ebbflow"');
  });

  it('covers every route under /v1 here but the event stream, which has its own test', async () => {
    const { app } = await apiUnderTest();
    const document = (await app.inject('/openapi.json')).json();
    const described = Object.entries<object>(document.paths)
      .filter(([path]) => path.startsWith('/v1/') && path !== '/v1/events')
      .flatMap(([, operations]) => Object.keys(operations));
    expect(described).toHaveLength(ROUTES.length);
  });

  it.each(['Basic a2V5', 'Bearer', 'Bearer unknown', 'Bearer key-admin key-admin', 'key-admin'])(
    'refuses the authorization %s',
    async (authorization) => {
      const { app } = await apiUnderTest();
      const response = await app.inject({ url: '/v1/fleet', headers: { authorization } });
      expect(response.statusCode).toBe(401);
    },
  );

  it('asks for the key before it reads the body', async () => {
    const { app } = await apiUnderTest();
    const response = await app.inject({
      method: 'PUT',
      url: '/v1/prices',
      headers: { 'content-type': 'application/json' },
      payload: '{ this is no JSON',
    });
    expect(response.statusCode).toBe(401);
  });
});

import { describe, expect, it } from 'vitest';
import { EbbflowError, ERROR_CATALOGUE, type ErrorCode } from '../../src/domain/errors.js';
import { apiUnderTest } from './api-under-test.js';

const ORDER = {
  start: '2026-01-20T18:00:00Z',
  end: '2026-01-20T19:00:00Z',
  targetNetKw: -60,
  reason: 'Peak',
};

describe('problem documents', () => {
  it.each(Object.keys(ERROR_CATALOGUE) as ErrorCode[])('renders %s as the catalogue has it', async (code) => {
    const { ask, useCases } = await apiUnderTest();
    useCases.failure = new EbbflowError(code, 'in these words', {
      faults: [{ path: 'field[3]', message: 'is wrong' }],
    });
    const { status, headers, json } = await ask('GET', '/v1/fleet');
    const { title, retryable, status: expected } = ERROR_CATALOGUE[code];
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(status).toBe(expected);
    expect(json).toEqual({
      type: `urn:ebbflow:error:${code}`,
      title,
      status: expected,
      detail: expected === 500 ? 'The engine failed; its log says why.' : 'in these words',
      code,
      retryable,
      faults: [{ path: 'field[3]', message: 'is wrong' }],
    });
  });

  it('shows nothing of a bug to the caller, and all of it to the log', async () => {
    const { ask, useCases, logger } = await apiUnderTest();
    const bug = Object.assign(new Error('password of the database is hunter2'), { statusCode: 404 });
    useCases.failure = bug;
    const { status, json, text } = await ask('GET', '/v1/fleet');
    expect([status, json.code]).toEqual([500, 'INTERNAL']);
    expect(text).not.toContain('hunter2');
    expect(logger.lines.at(-1)).toMatchObject({
      level: 'error',
      fields: { event: 'request-failed', path: '/v1/fleet', err: bug },
    });
  });

  it.each([
    ['GET', '/v1/nothing', 404, 'NOT_FOUND'],
    ['POST', '/v1/fleet', 404, 'NOT_FOUND'],
    ['GET', '/v1/sessions/tx-9', 404, 'NOT_FOUND'],
    ['GET', '/v1/sessions/tx-9/signed-values', 404, 'NOT_FOUND'],
    ['GET', '/v1/sessions/%E0%A4%A', 400, 'INVALID_INPUT'],
    ['PATCH', '/v1/sessions/tx-1', 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ] as const)('answers %s %s with %i %s', async (method, url, status, code) => {
    const { ask } = await apiUnderTest();
    const asked = method === 'PATCH' ? { body: 'x', headers: { 'content-type': 'text/plain' } } : {};
    const answer = await ask(method, url, asked);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect([answer.status, answer.json.code]).toEqual([status, code]);
  });

  it('refuses what is no JSON, what is empty and what is too large', async () => {
    const { ask } = await apiUnderTest();
    const broken = await ask('POST', '/v1/keys', { body: '{"role":' });
    expect([broken.status, broken.json.code]).toEqual([400, 'INVALID_INPUT']);
    const empty = await ask('POST', '/v1/keys', { headers: { 'content-type': 'application/json' } });
    expect([empty.status, empty.json.code]).toEqual([400, 'INVALID_INPUT']);
    const large = await ask('POST', '/v1/keys', { body: { role: 'viewer', name: 'x'.repeat(300_000) } });
    expect([large.status, large.json.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });

  it('limits the requests of one address, but not its probes', async () => {
    const { ask, app } = await apiUnderTest({ requestsPerMinute: 2 });
    await ask('GET', '/v1/fleet');
    await ask('GET', '/v1/fleet');
    const { status, headers, json } = await ask('GET', '/v1/fleet');
    expect([status, json.code, json.retryable]).toEqual([429, 'RATE_LIMITED', true]);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect((await app.inject('/healthz')).statusCode).toBe(200);
  });
});

describe('input faults name their field', () => {
  it.each([
    ['GET', '/v1/fleet/history?from=yesterday', undefined, 'from'],
    ['GET', '/v1/fleet/history?from=2026-01-20T12:00:00Z&to=2026-01-20T11:00:00Z', undefined, 'to'],
    ['GET', '/v1/fleet/history?from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z', undefined, 'to'],
    [
      'GET',
      '/v1/fleet/history?from=2026-01-01T00:00:00Z&to=2026-01-20T00:00:00Z&stepS=1',
      undefined,
      'stepS',
    ],
    ['GET', '/v1/fleet/history?stepS=0', undefined, 'stepS'],
    ['GET', '/v1/fleet/history?stepS=much', undefined, 'stepS'],
    ['GET', '/v1/fleet/history?step=60', undefined, 'step'],
    ['GET', '/v1/sessions?state=gone', undefined, 'state'],
    ['GET', '/v1/sessions?limit=100000', undefined, 'limit'],
    ['GET', '/v1/settlements?from=2026-01-01T00:00:00Z&to=2026-12-01T00:00:00Z', undefined, 'to'],
    ['GET', '/v1/settlements?format=xml', undefined, 'format'],
    ['PATCH', '/v1/sessions/tx-1', {}, 'body'],
    ['PATCH', '/v1/sessions/tx-1', { targetEnergyKwh: -1 }, 'targetEnergyKwh'],
    ['PATCH', '/v1/sessions/tx-1', { departure: '2026-01-21 05:30:00Z' }, 'departure'],
    ['PATCH', '/v1/sessions/tx-1', { departure: 1_768_863_600 }, 'departure'],
    ['PATCH', '/v1/sessions/tx-1', { optOut: 'yes' }, 'optOut'],
    ['PUT', '/v1/stations/a%20b', {}, 'id'],
    ['PUT', '/v1/stations/CS-001', { password: 'short' }, 'password'],
    ['POST', '/v1/sites', { siteId: 's', name: 'S', stationIds: ['ok', 'not ok'] }, 'stationIds[1]'],
    ['POST', '/v1/sites', { siteId: 's', name: 'S', stationIds: [], importLimitKw: -1 }, 'importLimitKw'],
    ['PUT', '/v1/sites/s', { siteId: 't', name: 'S', stationIds: [] }, 'siteId'],
    ['POST', '/v1/keys', { role: 'king', name: 'x' }, 'role'],
    ['POST', '/v1/dispatches', { ...ORDER, end: ORDER.start }, 'end'],
    ['POST', '/v1/dispatches', { ...ORDER, end: '2027-01-20T18:00:00Z' }, 'end'],
    ['POST', '/v1/dispatches', { ...ORDER, deltaKw: 3 }, 'deltaKw'],
    ['POST', '/v1/dispatches', { ...ORDER, targetNetKw: undefined }, 'targetNetKw'],
    ['POST', '/v1/dispatches', { ...ORDER, targetNetKw: '-60' }, 'targetNetKw'],
    ['POST', '/v1/dispatches', { ...ORDER, targetNetKw: -1e300 }, 'targetNetKw'],
    ['POST', '/v1/dispatches', { ...ORDER, targetNetKw: undefined, importCapKw: -1 }, 'importCapKw'],
    ['POST', '/v1/dispatches', { ...ORDER, targetNetKw: undefined, release: false }, 'release'],
    ['POST', '/v1/dispatches', { ...ORDER, reason: undefined }, 'reason'],
    ['POST', '/v1/dispatches', ORDER, 'Idempotency-Key'],
  ] as const)('%s %s %o → %s', async (method, url, body, path) => {
    const { ask, useCases } = await apiUnderTest();
    const { status, json } = await ask(method, url, body === undefined ? {} : { body });
    expect([status, json.code, json.faults[0].path]).toEqual([400, 'INVALID_INPUT', path]);
    expect(useCases.asked).toEqual([]);
  });

  it('names several faults at once', async () => {
    const { ask } = await apiUnderTest();
    const { json } = await ask('POST', '/v1/keys', { body: { role: 'king', nam: 'x' } });
    expect(json.faults.map((fault: { path: string }) => fault.path).sort()).toEqual(['nam', 'name', 'role']);
  });

  it('refuses an idempotency key that is no plain word', async () => {
    const { ask } = await apiUnderTest();
    const { json } = await ask('POST', '/v1/dispatches', {
      body: ORDER,
      headers: { 'idempotency-key': 'two words' },
    });
    expect(json.faults[0].path).toBe('Idempotency-Key');
  });
});

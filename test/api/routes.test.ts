import { describe, expect, it } from 'vitest';
import { apiUnderTest } from './api-under-test.js';
import { dispatchView, NOW_MS, settlementLine } from './fake-fleet.js';

const ORDER = {
  start: '2026-01-20T18:00:00Z',
  end: '2026-01-20T19:00:00Z',
  targetNetKw: -60,
  reason: 'Evening peak',
};

describe('probes', () => {
  it('says that the process lives', async () => {
    const { app } = await apiUnderTest();
    const response = await app.inject('/healthz');
    expect([response.statusCode, response.json()]).toEqual([200, { status: 'alive' }]);
  });

  it('is ready only when store, queue and planner are', async () => {
    const { app, useCases } = await apiUnderTest();
    expect((await app.inject('/readyz')).statusCode).toBe(200);
    useCases.state = { ready: false, checks: [{ name: 'queue', ok: false, detail: 'does not answer' }] };
    const response = await app.inject('/readyz');
    expect(response.statusCode).toBe(503);
    expect(response.json()).toEqual({
      ready: false,
      checks: [{ name: 'queue', ok: false, detail: 'does not answer' }],
    });
  });

  it('renders counters, timings and the fleet of this instant as Prometheus text', async () => {
    const { app, metrics, useCases } = await apiUnderTest();
    metrics.count('plans_total', { cause: 'needs' });
    metrics.count('plans_total', { cause: 'needs' }, 2);
    metrics.observeSeconds('solve_seconds', 0.04);
    useCases.snapshot = { ...useCases.snapshot, exportKw: 12.5, plannedNetKw: null };
    const response = await app.inject('/metrics');
    expect(response.headers['content-type']).toContain('text/plain');
    expect(response.body).toContain('ebbflow_plans_total{cause="needs"} 3\n');
    expect(response.body).toContain('ebbflow_solve_seconds_count 1\n');
    expect(response.body).toContain('ebbflow_fleet_export_kw 12.5\n');
    expect(response.body).toContain('ebbflow_fleet_planned_net_kw Nan\n');
    expect(response.body).toContain('nodejs_eventloop_lag_seconds');
  });
});

describe('fleet', () => {
  it('keeps import and export apart, with the instant as RFC 3339', async () => {
    const { ask } = await apiUnderTest();
    const { status, json } = await ask('GET', '/v1/fleet', { as: 'viewer' });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      at: '2026-01-20T17:00:00Z',
      stationsOnline: 19,
      sessionsActive: 3,
      importKw: 7.4,
      exportKw: 41.25,
      netKw: -33.85,
      importKwhTotal: 1234.5,
      exportKwhTotal: 345.6,
      storedKwh: 402.1,
      flexUpKw: 88,
      flexDownKw: 131,
      sites: [{ siteId: 'harbour', importKw: 7.4, exportKw: 41.25 }],
    });
  });

  it('gives the history of one site or one EVSE, and refuses both at once', async () => {
    const { ask, useCases } = await apiUnderTest();
    const span = 'from=2026-01-20T10:00:00Z&to=2026-01-20T11:00:00Z';
    await ask('GET', `/v1/fleet/history?${span}&siteId=depot`);
    expect(useCases.asked.at(-1)).toMatchObject({ name: 'history', with: { siteId: 'depot' } });
    await ask('GET', `/v1/fleet/history?${span}&evseId=CS-1/1`);
    expect(useCases.asked.at(-1)).toMatchObject({ name: 'history', with: { evseId: 'CS-1/1' } });
    const both = await ask('GET', `/v1/fleet/history?${span}&siteId=depot&evseId=CS-1/1`);
    expect(both.json.faults[0].path).toBe('evseId');
  });

  it('gives the history of the asked span, step by step', async () => {
    const { ask, useCases } = await apiUnderTest();
    const { json } = await ask(
      'GET',
      '/v1/fleet/history?from=2026-01-20T10:00:00Z&to=2026-01-20T11:00:00%2B00:00&stepS=1800',
    );
    expect(json.steps.map((step: { start: string }) => step.start)).toEqual([
      '2026-01-20T10:00:00Z',
      '2026-01-20T10:30:00Z',
    ]);
    expect(useCases.asked).toEqual([
      {
        name: 'history',
        with: { fromMs: NOW_MS - 7 * 3_600_000, toMs: NOW_MS - 6 * 3_600_000, stepS: 1800 },
      },
    ]);
  });

  it('gives the last 24 hours in quarter-hours when nothing is asked for', async () => {
    const { ask } = await apiUnderTest();
    const { json } = await ask('GET', '/v1/fleet/history');
    expect([json.from, json.to, json.steps.length]).toEqual([
      '2026-01-19T17:00:00Z',
      '2026-01-20T17:00:00Z',
      96,
    ]);
  });

  it('gives the flexibility envelope', async () => {
    const { ask } = await apiUnderTest();
    expect((await ask('GET', '/v1/fleet/envelope')).json).toEqual({
      steps: [
        {
          start: '2026-01-20T17:00:00Z',
          minNetKw: -110,
          maxNetKw: 140,
          minEnergyKwh: -27.5,
          maxEnergyKwh: 35,
        },
      ],
    });
  });
});

describe('the dialect of a station', () => {
  it('is shown per EVSE with what was refused', async () => {
    const { ask } = await apiUnderTest();
    const { json } = await ask('GET', '/v1/stations');
    expect(json.stations[0]).toMatchObject({
      profileDialect: null,
      evses: [
        {
          dialect: 'central-setpoint',
          dialectBecause: 'refused before: UnsupportedKind',
          demotions: [{ dialect: 'dynamic', reason: 'UnsupportedKind' }],
        },
      ],
    });
  });

  it('is set by the operator, with the purpose of negative limits, and given back with null', async () => {
    const { ask, useCases } = await apiUnderTest();
    const put = (body: object) => ask('PUT', '/v1/stations/CS-001', { as: 'operator', body });
    await put({ profileDialect: 'negative-limit', profilePurpose: 'TxDefaultProfile' });
    await put({ profileDialect: null });
    const asked = useCases.asked.filter(({ name }) => name === 'registerStation').map((one) => one.with);
    expect(asked).toMatchObject([
      { dialectSetting: { dialect: 'negative-limit', purpose: 'TxDefaultProfile' } },
      { dialectSetting: null },
    ]);
    const { status, json } = await put({ profilePurpose: 'TxDefaultProfile' });
    expect(status).toBe(400);
    expect(json.detail).toContain('profilePurpose');
    expect((await put({ profileDialect: 'morse' })).status).toBe(400);
  });
});

describe('stations and sites', () => {
  it('lists stations with what their EVSEs can do and why', async () => {
    const { ask } = await apiUnderTest();
    const { json } = await ask('GET', '/v1/stations');
    expect(json.stations[0]).toMatchObject({
      stationId: 'CS-001',
      online: true,
      vendor: 'Ampere Works',
      serialNumber: null,
      evses: [{ evseId: 'CS-001/1', canDischarge: true, maxDischargeKw: 11, transactionId: 'tx-1' }],
    });
  });

  it('registers a station and never shows its password', async () => {
    const { ask, useCases } = await apiUnderTest();
    const body = { siteId: 'harbour', password: 'correct horse battery' };
    const { status, text } = await ask('PUT', '/v1/stations/CS-001', { as: 'operator', body });
    expect(status).toBe(200);
    expect(text).not.toContain('horse');
    expect(useCases.asked[0]?.with).toEqual({ stationId: 'CS-001', ...body });
    await ask('PUT', '/v1/stations/CS-001', { as: 'operator', body: { password: null } });
    expect(useCases.asked[1]?.with).toEqual({ stationId: 'CS-001', password: null });
  });

  it('creates a site once, replaces it by PUT and lists it', async () => {
    const { ask, useCases } = await apiUnderTest();
    const body = { siteId: 'quay 7', name: 'Quay', importLimitKw: 40, stationIds: ['CS-009'] };
    const created = await ask('POST', '/v1/sites', { as: 'operator', body });
    expect([created.status, created.headers.location, created.json]).toEqual([
      201,
      '/v1/sites/quay%207',
      body,
    ]);
    const again = await ask('POST', '/v1/sites', { body: { ...body, siteId: 'harbour' } });
    expect([again.status, again.json.code]).toEqual([409, 'CONFLICT']);
    const { siteId: _, ...change } = body;
    const replaced = await ask('PUT', '/v1/sites/harbour', { as: 'operator', body: change });
    expect([replaced.status, replaced.json]).toEqual([200, { ...change, siteId: 'harbour' }]);
    expect(useCases.asked).toHaveLength(2);
    expect((await ask('GET', '/v1/sites')).json.sites[0].siteId).toBe('harbour');
  });

  it('takes defaults for cars that state no needs, the drivers’ apart from what a viewer reads', async () => {
    const { ask, useCases } = await apiUnderTest();
    const evDefaults = { departureTime: '17:30', energyKwh: 12 };
    const body = { name: 'Harbour', stationIds: [], timeZone: 'Europe/Berlin', evDefaults };
    const saved = await ask('PUT', '/v1/sites/harbour', { as: 'operator', body });
    expect([saved.status, saved.json.evDefaults]).toEqual([200, evDefaults]);
    const drivers = [{ idToken: '04A1B2C3', stayMinutes: 540, batteryCapacityKwh: 58 }];
    const known = await ask('PUT', '/v1/sites/harbour/drivers', { as: 'operator', body: { drivers } });
    expect([known.status, known.json]).toEqual([200, { drivers }]);
    expect(useCases.asked.at(-1)).toEqual({ name: 'saveDrivers', with: { siteId: 'harbour', drivers } });
    useCases.sitesKnown = [{ ...useCases.sitesKnown[0]!, drivers }];
    expect((await ask('GET', '/v1/sites/harbour/drivers', { as: 'operator' })).json).toEqual({ drivers });
    expect((await ask('GET', '/v1/sites')).json.sites[0]).not.toHaveProperty('drivers');
    const wrong = { drivers: [{ idToken: 'x', departureTime: '25:00' }] };
    const refused = await ask('PUT', '/v1/sites/harbour/drivers', { as: 'operator', body: wrong });
    expect([refused.status, JSON.stringify(refused.json)]).toEqual([
      400,
      expect.stringContaining('departureTime'),
    ]);
  });
});

describe('sessions', () => {
  it('shows needs, plan per slot with its reasons, profile in force and metered energy', async () => {
    const { ask } = await apiUnderTest();
    const { status, json } = await ask('GET', '/v1/sessions/tx-1', { as: 'viewer' });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      transactionId: 'tx-1',
      departure: '2026-01-21T07:00:00Z',
      targetEnergyKwh: 48,
      importKwh: 4.2,
      exportKwh: 6.3,
      needs: { bidirectional: true, departure: '2026-01-21T07:00:00Z', minEnergyKwh: null },
      plan: { start: '2026-01-20T17:00:00Z', slotMinutes: 15, shortfallKwh: 0 },
      desiredProfile: { revision: 7, validTo: '2026-01-20T18:00:00Z' },
      acknowledgement: { revision: 7, status: 'accepted', reason: null },
    });
    expect(json.plan.netKw[0]).toBe(-10.5);
    expect(json.plan.because[0]).toEqual({
      from: '2026-01-20T17:00:00Z',
      to: '2026-01-20T20:00:00Z',
      text: 'Discharges at 31 ct/kWh: it charges again after midnight for 9 ct.',
    });
  });

  it('lists sessions by state, span and number', async () => {
    const { ask, useCases } = await apiUnderTest();
    const { json } = await ask('GET', '/v1/sessions?state=active&from=2026-01-20T00:00:00Z&limit=7');
    expect(json.sessions).toHaveLength(3);
    expect(json.sessions[1].acknowledgement).toBeNull();
    expect(json.sessions[2].acknowledgement).toMatchObject({ status: 'rejected', reason: 'InvalidSchedule' });
    expect(useCases.asked[0]?.with).toEqual({
      state: 'active',
      fromMs: Date.parse('2026-01-20T00:00:00Z'),
      limit: 7,
    });
  });

  it('finds a session whose station chose an id with a slash', async () => {
    const { ask, useCases } = await apiUnderTest();
    const view = useCases.views[0]!;
    useCases.views = [{ ...view, session: { ...view.session, transactionId: 'a/b c' as never } }];
    expect((await ask('GET', '/v1/sessions/a%2Fb%20c')).json.transactionId).toBe('a/b c');
  });

  it('serves a session that knows more of itself than the contract says', async () => {
    const { ask, useCases } = await apiUnderTest();
    const view = useCases.views[0]!;
    const window = { ...view.session.window!, v2xCeilingKwh: 50, inventedLater: true };
    const needs = { ...view.session.needs!, inventedLater: true };
    useCases.views = [{ ...view, session: { ...view.session, window, needs } }];
    const { status, json } = await ask('GET', '/v1/sessions');
    expect(status).toBe(200);
    expect(json.sessions[0].window).toMatchObject({ v2xCeilingKwh: 50, capacityKwh: null });
    expect(JSON.stringify(json)).not.toContain('inventedLater');
  });

  it('overrides departure, target and participation', async () => {
    const { ask, useCases } = await apiUnderTest();
    const body = { departure: '2026-01-21T05:30:00Z', targetEnergyKwh: 50, optOut: true };
    const { status, json } = await ask('PATCH', '/v1/sessions/tx-1', { as: 'operator', body });
    expect([status, json.override]).toEqual([200, body]);
    expect(useCases.asked[0]?.with).toEqual({
      transactionId: 'tx-1',
      change: { departureMs: Date.parse(body.departure), targetEnergyKwh: 50, optOut: true },
    });
  });

  it('withdraws an override by null', async () => {
    const { ask, useCases } = await apiUnderTest();
    const [view] = useCases.views;
    useCases.views = [
      { ...view!, session: { ...view!.session, override: { targetEnergyKwh: 50, optOut: true } } },
    ];
    const withdraw = (body: object) => ask('PATCH', '/v1/sessions/tx-1', { as: 'operator', body });
    const { json } = await withdraw({ targetEnergyKwh: null });
    expect(json.override).toEqual({ departure: null, targetEnergyKwh: null, optOut: true });
    expect((await withdraw({ targetEnergyKwh: null, optOut: null })).json.override).toBeNull();
    expect((await withdraw({})).status).toBe(400);
  });
});

describe('plans', () => {
  it('gives the last plan with certificate, cause and slots', async () => {
    const { ask } = await apiUnderTest();
    const { json } = await ask('GET', '/v1/plans/latest', { as: 'viewer' });
    expect(json).toMatchObject({
      status: 'optimal',
      objective: 18.42,
      lowerBound: 18.4199,
      gap: 5.4e-6,
      solveMilliseconds: 41,
      causes: ['interval', 'price'],
      start: '2026-01-20T17:00:00Z',
    });
    expect([json.netKw.length, json.importPerKwh.length]).toEqual([96, 96]);
  });

  it('says so when there is none yet', async () => {
    const { ask, useCases } = await apiUnderTest();
    useCases.planInForce = undefined;
    const { status, json } = await ask('GET', '/v1/plans/latest');
    expect([status, json.code]).toEqual([404, 'NOT_FOUND']);
  });
});

describe('dispatches', () => {
  it('accepts an order and points to it', async () => {
    const { ask, useCases } = await apiUnderTest();
    const { status, headers, json } = await ask('POST', '/v1/dispatches', {
      as: 'trader',
      body: ORDER,
      headers: { 'idempotency-key': 'k-1' },
    });
    expect([status, headers.location]).toEqual([202, '/v1/dispatches/d-1']);
    expect(json).toMatchObject({
      dispatchId: 'd-1',
      state: 'accepted',
      start: ORDER.start,
      targetNetKw: -60,
      deltaKw: null,
      createdBy: 'id-trader',
      askedKwh: -60,
      shares: [{ evseId: 'CS-001/1', askedKwh: -10, acknowledgedKwh: -10, meteredKwh: 0 }],
    });
    expect(useCases.asked[0]?.with).toMatchObject({
      idempotencyKey: 'k-1',
      caller: { keyId: 'id-trader', role: 'trader' },
    });
  });

  it('answers a repeated order alike, and refuses another under the same key', async () => {
    const { ask, useCases } = await apiUnderTest();
    const send = (body: object) =>
      ask('POST', '/v1/dispatches', { as: 'trader', body, headers: { 'idempotency-key': 'k-1' } });
    const first = await send(ORDER);
    const second = await send(ORDER);
    expect([second.status, second.headers.location, second.json]).toEqual([
      202,
      first.headers.location,
      first.json,
    ]);
    expect(useCases.orders).toHaveLength(1);
    const other = await send({ ...ORDER, targetNetKw: -70 });
    expect([other.status, other.json.code]).toEqual([422, 'IDEMPOTENCY_MISMATCH']);
  });

  it('previews an order without making it, and needs no key for that', async () => {
    const { ask, useCases } = await apiUnderTest();
    const body = { start: ORDER.start, end: ORDER.end, deltaKw: -20, reason: 'What if' };
    const { status, json } = await ask('POST', '/v1/dispatches?dryRun=true', { as: 'trader', body });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      askedNetKw: [{ start: ORDER.start, netKw: -60 }],
      costDelta: 1.5,
      worstDeviationKw: 2,
      endangered: [{ transactionId: 'tx-3', extraShortfallKwh: 0.5 }],
    });
    expect(useCases.asked.map(({ name }) => name)).toEqual(['previewDispatch']);
  });

  it.each([
    { siteId: 'site-1', importCapKw: 40, exportCapKw: 0 },
    { pool: 'city', deltaKw: 12 },
    { release: true },
  ])('hands on what is ordered of whom: %o', async (form) => {
    const { ask, useCases } = await apiUnderTest();
    const { start, end, reason } = ORDER;
    const body = { start, end, reason, ...form };
    const { status } = await ask('POST', '/v1/dispatches?dryRun=true', { as: 'trader', body });
    expect(status).toBe(200);
    const span = { startMs: Date.parse(start), endMs: Date.parse(end) };
    expect(useCases.asked[0]?.with).toEqual({ ...span, reason, ...form });
  });

  it('lists, reads and cancels orders', async () => {
    const { ask, useCases } = await apiUnderTest();
    useCases.orders = [dispatchView()];
    expect((await ask('GET', '/v1/dispatches', { as: 'viewer' })).json.dispatches[0].dispatchId).toBe('d-1');
    expect(useCases.asked[0]?.with).toEqual({
      fromMs: NOW_MS - 86_400_000,
      toMs: NOW_MS + 7 * 86_400_000,
    });
    expect((await ask('GET', '/v1/dispatches/d-1', { as: 'viewer' })).json.meteredKwh).toBe(0);
    const cancelled = await ask('DELETE', '/v1/dispatches/d-1', { as: 'trader' });
    expect([cancelled.status, cancelled.json.state, cancelled.json.cancelledAt]).toEqual([
      200,
      'cancelled',
      '2026-01-20T17:00:00Z',
    ]);
    expect((await ask('GET', '/v1/dispatches/d-2')).status).toBe(404);
    expect((await ask('DELETE', '/v1/dispatches/d-2')).status).toBe(404);
  });
});

describe('settlements', () => {
  it('keeps import and export, cost and credit in columns of their own', async () => {
    const { ask, useCases } = await apiUnderTest();
    useCases.lines = [settlementLine(), settlementLine({ cost: null, credit: null, currency: null })];
    const { json } = await ask('GET', '/v1/settlements?from=2026-01-20T00:00:00Z&to=2026-01-21T00:00:00Z', {
      as: 'operator',
    });
    expect(json).toMatchObject({ importKwhTotal: 0.5, exportKwhTotal: 5 });
    expect(json.lines[0]).toEqual({
      transactionId: 'tx-1',
      evseId: 'CS-001/1',
      siteId: 'harbour',
      start: '2026-01-20T16:00:00Z',
      intervalMinutes: 15,
      importKwh: 0.25,
      exportKwh: 2.5,
      cost: 0.08,
      credit: 0.7,
      currency: 'EUR',
      provisional: true,
    });
  });

  it.each([
    ['?format=csv', {}],
    ['', { accept: 'text/csv' }],
  ])('writes RFC 4180 for settlements%s with %o', async (query, headers) => {
    const { ask, useCases } = await apiUnderTest();
    useCases.lines = [
      settlementLine({ transactionId: 'a,"b"' as never, siteId: null, credit: null }),
      settlementLine(),
    ];
    const { headers: answered, text } = await ask('GET', `/v1/settlements${query}`, { headers });
    expect(answered['content-type']).toBe('text/csv; charset=utf-8');
    expect(text.split('\r\n')).toEqual([
      'transactionId,evseId,siteId,start,intervalMinutes,importKwh,exportKwh,cost,credit,currency,provisional',
      '"a,""b""",CS-001/1,,2026-01-20T16:00:00Z,15,0.25,2.5,0.08,,EUR,true',
      'tx-1,CS-001/1,harbour,2026-01-20T16:00:00Z,15,0.25,2.5,0.08,0.7,EUR,true',
      '',
    ]);
  });
});

describe('API keys', () => {
  it('shows a new key once, uncached', async () => {
    const { ask } = await apiUnderTest();
    const { status, headers, json } = await ask('POST', '/v1/keys', {
      body: { role: 'trader', name: 'Desk' },
    });
    expect([status, headers['cache-control'], json]).toEqual([
      201,
      'no-store',
      { keyId: 'id-new', role: 'trader', name: 'Desk', apiKey: 'ebb_secret' },
    ]);
  });

  it('lists the keys without their text, and revokes one', async () => {
    const { ask, useCases } = await apiUnderTest();
    const { text, json } = await ask('GET', '/v1/keys');
    expect(json.keys).toEqual([
      { keyId: 'id-desk', role: 'trader', name: 'Desk', createdAt: expect.stringMatching(/Z$/) },
    ]);
    expect(text).not.toContain('ebb_');
    // As many clients do: the content type of a body that is not there.
    const headers = { 'content-type': 'application/json' };
    expect((await ask('DELETE', '/v1/keys/id-desk', { headers })).status).toBe(204);
    expect(useCases.asked.at(-1)).toEqual({ name: 'revokeApiKey', with: 'id-desk' });
    expect((await ask('DELETE', '/v1/keys/nobody')).json).toMatchObject({ code: 'NOT_FOUND', status: 404 });
  });
});

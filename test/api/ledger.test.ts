import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../src/project-root.js';
import { apiUnderTest } from './api-under-test.js';
import { NOW_MS } from './fake-fleet.js';

const example = (name: string) =>
  JSON.parse(
    readFileSync(path.join(projectRoot(), 'test', 'api', 'settlement-examples', `${name}.json`), 'utf8'),
  );

describe('PUT /v1/tariffs/{id}', () => {
  it('takes a tariff with every kind of part, and lists it', async () => {
    const { ask, useCases } = await apiUnderTest();
    const tariff = example('tariff');
    const { status, json } = await ask('PUT', '/v1/tariffs/de-2026', { as: 'operator', body: tariff });
    expect([status, json]).toEqual([200, tariff]);
    expect(useCases.asked.at(-1)).toEqual({ name: 'saveTariff', with: tariff });
    expect((await ask('GET', '/v1/tariffs')).json).toEqual({ tariffs: [tariff] });
  });

  it('names every field that breaks a rule, and the rule', async () => {
    const { ask } = await apiUnderTest();
    const put = async (changes: object) => {
      const { status, json } = await ask('PUT', '/v1/tariffs/de-2026', {
        body: { ...example('tariff'), ...changes },
      });
      expect([status, json.code]).toEqual([400, 'INVALID_INPUT']);
      return json.faults;
    };
    expect(await put({ id: 'other' })).toEqual([{ path: 'id', message: 'must be de-2026, as in the path' }]);
    expect(await put({ importParts: [{ id: 'fee', kind: 'fixed', factor: 2 }] })).toEqual([
      { path: 'importParts[0].factor', message: 'is not a field of kind fixed' },
      { path: 'importParts[0].perKwh', message: 'must be given for kind fixed' },
    ]);
    expect(await put({ validFrom: '1.1.2026' })).toMatchObject([{ path: 'validFrom' }]);
    expect(await put({ importParts: [{ id: 'fee', kind: 'guess' }] })).toMatchObject([
      { path: 'importParts[0].kind', message: 'must be one of market, fixed, percent' },
    ]);
    expect(await put({ vat: 0.19 })).toEqual([{ path: 'vat', message: 'is not a field here' }]);
  });
});

describe('PUT /v1/contracts/{id}', () => {
  it('takes a contract, and refuses a share above the whole', async () => {
    const { ask } = await apiUnderTest();
    const contract = example('contract');
    const { status, json } = await ask('PUT', '/v1/contracts/drivers', { as: 'operator', body: contract });
    expect([status, json]).toEqual([200, contract]);
    expect((await ask('GET', '/v1/contracts')).json).toEqual({ contracts: [contract] });
    const driverFraction = { ...contract.driverFraction, capacity: 1.5 };
    const greedy = await ask('PUT', '/v1/contracts/drivers', { body: { ...contract, driverFraction } });
    expect([greedy.status, greedy.json.faults[0].path]).toEqual([400, 'driverFraction.capacity']);
  });
});

describe('POST /v1/settlement-runs', () => {
  it('says what was booked, and what was left', async () => {
    const { ask, useCases } = await apiUnderTest();
    const body = { from: '2026-01-20T12:00:00Z', to: '2026-01-20T13:00:00Z' };
    const { status, json } = await ask('POST', '/v1/settlement-runs', { as: 'operator', body });
    expect(status).toBe(201);
    expect(json).toMatchObject({ runId: 'run-1', first: 2, corrections: 1, openSessions: 2, ...body });
    expect(useCases.asked.at(-1)?.name).toBe('runSettlement');
    const future = { from: body.from, to: new Date(NOW_MS + 3_600_000).toISOString() };
    const refused = await ask('POST', '/v1/settlement-runs', { body: future });
    expect([refused.status, refused.json.faults[0]]).toEqual([
      400,
      { path: 'to', message: 'must not be in the future' },
    ]);
  });
});

describe('GET /v1/ledger', () => {
  it('answers entries with totals per site and currency', async () => {
    const { ask } = await apiUnderTest();
    const { json } = await ask('GET', '/v1/ledger', { as: 'operator' });
    expect(json.entries).toHaveLength(3);
    expect(json.totals).toEqual([
      {
        siteId: 'site-1',
        currency: 'EUR',
        minorPerUnit: 100,
        importWh: 1000,
        exportWh: 200,
        amounts: { 'import.energy': 25, 'import.grid-fee': 8, 'export.energy': -2, 'refund.grid-fee': -1 },
      },
      {
        siteId: null,
        currency: 'JPY',
        minorPerUnit: 1,
        importWh: 0,
        exportWh: 0,
        amounts: { 'driver.wear': 7 },
      },
    ]);
  });

  it('answers CSV of which every column adds up', async () => {
    const { ask } = await apiUnderTest();
    const { text, headers } = await ask('GET', '/v1/ledger?format=csv', { as: 'operator' });
    expect(headers['content-type']).toContain('text/csv');
    const [header = '', ...rows] = text.trim().split('\r\n');
    const column = (name: string) => rows.map((row) => row.split(',')[header.split(',').indexOf(name)]);
    expect(column('amount')).toEqual(['-0.02', '0.30', '0.08', '-0.01', '-0.05', '7']);
    const sum = (name: string) => column(name).reduce((total, value) => total + Number(value), 0);
    expect([sum('importWh'), sum('exportWh')]).toEqual([1000, 200]);
  });
});

import { describe, expect, it } from 'vitest';
import { apiUnderTest } from './api-under-test.js';

const SERIES = {
  zone: 'DE-LU',
  currency: 'EUR',
  start: '2026-01-20T00:00:00Z',
  slotMinutes: 15,
  importPerKwh: [0.1, 0.2, -0.05, 0.3],
  exportPerKwh: [0.1, 0.2, -0.05, 0.3],
};

describe('PUT /v1/prices', () => {
  it('takes a series with negative prices and says how many slots it wrote', async () => {
    const { ask, useCases } = await apiUnderTest();
    const { status, json } = await ask('PUT', '/v1/prices', { as: 'operator', body: SERIES });
    expect([status, json]).toEqual([
      200,
      { zone: 'DE-LU', currency: 'EUR', start: SERIES.start, slotMinutes: 15, slots: 4, changedSlots: 4 },
    ]);
    expect(useCases.pricesKnown).toMatchObject({ startMs: Date.parse(SERIES.start), slotMinutes: 15 });
    expect((await ask('GET', '/v1/prices', { as: 'viewer' })).json).toEqual(SERIES);
  });

  it.each([
    ['a gap', { importPerKwh: [0.1, 0.2, 0.3, null] }, 'importPerKwh[3]', 'must be number'],
    ['a price as text', { exportPerKwh: [0.1, '0.2', 0.3, 0.4] }, 'exportPerKwh[1]', 'must be number'],
    ['no price at all', { importPerKwh: [] }, 'importPerKwh', 'must NOT have fewer than 1 items'],
    [
      'fewer prices one way',
      { exportPerKwh: [0.1] },
      'exportPerKwh',
      'must have as many prices as importPerKwh: 1 instead of 4',
    ],
    ['slots that do not divide the hour', { slotMinutes: 7 }, 'slotMinutes', 'must divide the hour'],
    ['slots of two hours', { slotMinutes: 120 }, 'slotMinutes', 'must be <= 60'],
    ['a start between slots', { start: '2026-01-20T00:05:00Z' }, 'start', 'must lie on a whole slot'],
    ['a start without a time zone', { start: '2026-01-20T00:00:00' }, 'start', 'date-time'],
    ['a start on no day', { start: '2026-02-30T00:00:00Z' }, 'start', 'date-time'],
    ['a currency in words', { currency: 'Euro' }, 'currency', 'must match pattern'],
    ['a misspelt field', { exportPrices: [] }, 'exportPrices', 'is not a field here'],
    ['no zone', { zone: undefined }, 'zone', 'must be given'],
  ])('refuses %s and names the field', async (_title, change, path, message) => {
    const { ask, useCases } = await apiUnderTest();
    const { status, json } = await ask('PUT', '/v1/prices', { body: { ...SERIES, ...change } });
    expect([status, json.code, json.faults[0].path]).toEqual([400, 'INVALID_INPUT', path]);
    expect(json.faults[0].message).toContain(message);
    expect(json.detail).toContain(`${path}: `);
    expect(useCases.asked).toEqual([]);
  });

  it('refuses a price beyond any market, and names its place and the bound', async () => {
    const { ask, useCases } = await apiUnderTest();
    const body = JSON.stringify(SERIES).replace('-0.05', '1e308');
    const { status, json } = await ask('PUT', '/v1/prices', { body });
    expect([status, json.faults[0].path]).toEqual([400, 'importPerKwh[2]']);
    expect(json.faults[0].message).toContain('1000');
    expect(useCases.asked).toEqual([]);
  });

  it('takes prices of another market, by the document or by the query, but not two answers', async () => {
    const { ask, useCases } = await apiUnderTest();
    const body = { ...SERIES, kind: 'imbalance', source: 'the operator', revision: 3 };
    expect((await ask('PUT', '/v1/prices', { as: 'operator', body })).status).toBe(200);
    expect(useCases.pricesKnown).toMatchObject({ kind: 'imbalance', source: 'the operator', revision: 3 });
    await ask('PUT', '/v1/prices?kind=intraday', { as: 'operator', body: SERIES });
    expect(useCases.pricesKnown).toMatchObject({ kind: 'intraday' });
    const { status, json } = await ask('PUT', '/v1/prices?kind=intraday', { as: 'operator', body });
    expect([status, json.faults[0].path]).toEqual([400, 'kind']);
  });

  it('refuses a price beyond any number', async () => {
    const { ask } = await apiUnderTest();
    const body = JSON.stringify(SERIES).replace('-0.05', '1e999');
    const { status, json } = await ask('PUT', '/v1/prices', { body });
    expect([status, json.faults[0].path]).toEqual([400, 'importPerKwh[2]']);
  });

  it.each(['text/csv', 'application/xml', 'text/xml', 'text/csv; charset=utf-8'])(
    'hands a file of type %s to its reader, with zone and currency from the query',
    async (contentType) => {
      const { ask, files, useCases } = await apiUnderTest();
      const { status, json } = await ask('PUT', '/v1/prices?zone=SE3&currency=SEK', {
        as: 'operator',
        body: 'the file',
        headers: { 'content-type': contentType },
      });
      expect([status, json.zone, json.currency, json.slots]).toEqual([200, 'SE3', 'SEK', 2]);
      expect(files.read).toEqual([
        {
          contentType: contentType.split(';')[0],
          text: 'the file',
          options: { zone: 'SE3', currency: 'SEK' },
        },
      ]);
      expect(useCases.pricesKnown?.importPerKwh).toEqual([0.1, 0.2]);
    },
  );

  it('knows an Energy-Charts answer by its keys', async () => {
    const { ask, files } = await apiUnderTest();
    const body = {
      license_info: 'CC BY 4.0',
      unix_seconds: [1_768_863_600],
      price: [98.1],
      unit: 'EUR / MWh',
    };
    const { status } = await ask('PUT', '/v1/prices?zone=DE-LU', { body });
    expect(status).toBe(200);
    expect(files.read).toEqual([
      { contentType: 'application/json', text: JSON.stringify(body), options: { zone: 'DE-LU' } },
    ]);
  });

  it.each([
    ['aWATTar', { data: [{ start_timestamp: 1_768_863_600_000 }] }],
    ['Octopus', { results: [] }],
    ['SMARD', { series: [[1_768_863_600_000, 98.1]] }],
  ])('hands an answer of %s to the reader of price files as it came', async (_, body) => {
    const { ask, files } = await apiUnderTest();
    expect((await ask('PUT', '/v1/prices', { body })).status).toBe(200);
    expect(files.read).toEqual([
      { contentType: 'application/json', text: JSON.stringify(body), options: {} },
    ]);
  });

  it.each([
    ['Nord Pool', { multiAreaEntries: [], currency: 'EUR' }],
    ['Energinet', { records: [] }],
    ['Energy-Charts’ newer form', { series: [{ id: 'day_ahead_price' }], data: [] }],
    ['elprisetjustnu.se', [{ SEK_per_kWh: 0.3 }]],
  ])('hands the answer of %s to the reader of price files too', async (_, body) => {
    const { ask, files } = await apiUnderTest();
    expect((await ask('PUT', '/v1/prices?zone=SE3', { body })).status).toBe(200);
    expect(files.read).toMatchObject([{ text: JSON.stringify(body), options: { zone: 'SE3' } }]);
  });

  it('keeps hours as hours and quarter-hours as quarter-hours, and says where one document changes', async () => {
    const { ask, useCases } = await apiUnderTest();
    const { status, json } = await ask('PUT', '/v1/prices?kind=intraday', {
      body: 'hours and quarters',
      headers: { 'content-type': 'text/csv' },
    });
    expect(status).toBe(200);
    expect(json).toMatchObject({ start: '2026-01-20T00:00:00Z', slotMinutes: 60, slots: 4, changedSlots: 4 });
    expect(json.runs).toEqual([
      { start: '2026-01-20T00:00:00Z', slotMinutes: 60, slots: 2 },
      { start: '2026-01-20T02:00:00Z', slotMinutes: 15, slots: 2 },
    ]);
    expect(useCases.asked.map(({ name }: { name: string }) => name)).toEqual(['putPrices', 'putPrices']);
  });

  it("passes a file's fault on as it was named", async () => {
    const { ask } = await apiUnderTest();
    const { status, json } = await ask('PUT', '/v1/prices', {
      body: 'broken',
      headers: { 'content-type': 'text/csv' },
    });
    expect([status, json.faults]).toEqual([400, [{ path: 'line 2', message: 'is no price' }]]);
  });

  it('refuses a file of another type, and one that is too large', async () => {
    const { ask } = await apiUnderTest();
    const other = await ask('PUT', '/v1/prices', {
      body: 'x',
      headers: { 'content-type': 'application/pdf' },
    });
    expect([other.status, other.json.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    const large = await ask('PUT', '/v1/prices', {
      body: 'x'.repeat(16 * 1024 * 1024 + 1),
      headers: { 'content-type': 'text/csv' },
    });
    expect([large.status, large.json.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });

  it('says when no price is known', async () => {
    const { ask } = await apiUnderTest();
    expect((await ask('GET', '/v1/prices')).json.code).toBe('NOT_FOUND');
  });
});

describe('GET /v1/prices/coverage', () => {
  it('says which prices are missing and where the others come from', async () => {
    const { ask } = await apiUnderTest();
    const { status, json } = await ask(
      'GET',
      '/v1/prices/coverage?from=2026-01-20T00:00:00Z&to=2026-01-21T00:00:00Z&kind=imbalance',
      { as: 'viewer' },
    );
    expect(status).toBe(200);
    expect(json).toEqual({
      zone: 'DE-LU',
      kind: 'imbalance',
      from: '2026-01-20T00:00:00Z',
      to: '2026-01-21T00:00:00Z',
      missing: [{ from: '2026-01-20T23:00:00Z', to: '2026-01-21T00:00:00Z' }],
      sources: [{ source: 'Energy-Charts', slots: 92, newestKnownAt: '2026-01-20T00:00:00Z' }],
    });
  });
});

import { describe, expect, it } from 'vitest';
import { apiUnderTest } from './api-under-test.js';
import { NOW_MS } from './fake-fleet.js';

const START = '2026-01-21T17:00:00Z';
const REQUEST = { product: 'test-up', block: { start: START }, reliability: 0.95 };

describe('POST /v1/bids', () => {
  it('answers 201 with firm kW, price steps and what backs them', async () => {
    const { ask, useCases } = await apiUnderTest();
    const { status, json, headers } = await ask('POST', '/v1/bids', { as: 'trader', body: REQUEST });
    expect(status).toBe(201);
    expect(headers.location).toBe('/v1/bids/bid-1');
    expect(json).toMatchObject({
      bidId: 'bid-1',
      product: 'test-up',
      direction: 'up',
      block: { start: START },
      state: 'open',
      offeredKw: 200,
      steps: [{ kw: 100 }, { kw: 200, pricePerKwPerHour: 0.024 }],
      backing: { days: 60, backTest: { held: 55, of: 60 }, sessions: [{ evseId: 'cs-1/1' }] },
      award: null,
    });
    expect(useCases.asked.at(-1)).toEqual({
      name: 'createBid',
      with: {
        request: { product: 'test-up', startMs: NOW_MS + 24 * 3_600_000, reliability: 0.95 },
        caller: { keyId: 'id-trader', role: 'trader' },
      },
    });
  });

  it('may be for a site or a pool', async () => {
    const { ask, useCases } = await apiUnderTest();
    await ask('POST', '/v1/bids', { as: 'trader', body: { ...REQUEST, pool: 'city' } });
    expect(useCases.asked.at(-1)).toMatchObject({ with: { request: { pool: 'city' } } });
    await ask('POST', '/v1/bids', { as: 'trader', body: { ...REQUEST, siteId: 'site-1' } });
    expect(useCases.asked.at(-1)).toMatchObject({ with: { request: { siteId: 'site-1' } } });
  });

  it.each([
    ['no product', { ...REQUEST, product: undefined }, 'product'],
    ['a block without a start', { ...REQUEST, block: {} }, 'block.start'],
    ['a time that is none', { ...REQUEST, block: { start: '2026-02-30T00:00:00Z' } }, 'block.start'],
    ['certainty', { ...REQUEST, reliability: 1 }, 'reliability'],
    ['a field that is not known', { ...REQUEST, site: 'x' }, 'site'],
  ])('refuses %s and names the field', async (_, body, path) => {
    const { ask } = await apiUnderTest();
    const { status, json } = await ask('POST', '/v1/bids', { as: 'trader', body });
    expect(status).toBe(400);
    expect(json.faults.map((fault: { path: string }) => fault.path)).toContain(path);
  });
});

describe('POST /v1/bids/{id}/award', () => {
  it('hands quantity and price to the engine and shows the award', async () => {
    const { ask, useCases } = await apiUnderTest();
    const body = { kw: 150, pricePerKwPerHour: 0.02 };
    const { status, json } = await ask('POST', '/v1/bids/bid-1/award', { as: 'trader', body });
    expect(status).toBe(200);
    expect(json).toMatchObject({ state: 'awarded', award: { ...body, awardedBy: 'id-trader' } });
    expect(useCases.asked.at(-1)).toMatchObject({ name: 'awardBid', with: { bidId: 'bid-1', award: body } });
  });

  it('wants a quantity above zero', async () => {
    const { ask } = await apiUnderTest();
    const body = { kw: 0, pricePerKwPerHour: 0.02 };
    expect((await ask('POST', '/v1/bids/bid-1/award', { as: 'trader', body })).status).toBe(400);
  });
});

describe('POST /v1/bids/{id}/release', () => {
  it('hands the quantity to the engine and shows what is left to be held', async () => {
    const { ask, useCases } = await apiUnderTest();
    const { status, json } = await ask('POST', '/v1/bids/bid-1/release', { as: 'trader', body: { kw: 50 } });
    expect(status).toBe(200);
    expect(json.award).toMatchObject({
      kw: 200,
      heldKw: 150,
      releases: [{ kw: 50, releasedBy: 'id-trader' }],
    });
    expect(useCases.asked.at(-1)).toMatchObject({ name: 'releaseBid', with: { bidId: 'bid-1', kw: 50 } });
    const refused = await ask('POST', '/v1/bids/bid-1/release', { as: 'trader', body: { kw: 0 } });
    expect([refused.status, refused.json.faults[0].path]).toEqual([400, 'kw']);
  });
});

describe('bids', () => {
  it('are listed and read by every role, made and withdrawn by traders', async () => {
    const { ask } = await apiUnderTest();
    expect((await ask('GET', '/v1/bids', { as: 'viewer' })).json.bids).toHaveLength(1);
    expect((await ask('GET', '/v1/bids/bid-1', { as: 'viewer' })).json.bidId).toBe('bid-1');
    expect((await ask('GET', '/v1/bids/none', { as: 'viewer' })).status).toBe(404);
    for (const as of ['viewer', 'operator'] as const) {
      expect((await ask('POST', '/v1/bids', { as, body: REQUEST })).status).toBe(403);
      expect((await ask('DELETE', '/v1/bids/bid-1', { as })).status).toBe(403);
    }
    expect((await ask('DELETE', '/v1/bids/bid-1', { as: 'trader' })).json.state).toBe('withdrawn');
  });

  it('are made for products that anyone may read', async () => {
    const { ask } = await apiUnderTest();
    const { json } = await ask('GET', '/v1/products', { as: 'viewer' });
    expect(json.products[0]).toMatchObject({ id: 'test-up', minKw: 1, sustainMinutes: 60 });
  });
});

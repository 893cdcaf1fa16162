import { describe, expect, it } from 'vitest';
import { apiUnderTest } from './api-under-test.js';
import { dispatchView } from './fake-fleet.js';

describe('GET /v1/dispatches/{id}/report', () => {
  async function ready() {
    const api = await apiUnderTest();
    const view = dispatchView({});
    api.useCases.orders.push(view);
    return { ...api, url: `/v1/dispatches/${view.order.dispatchId}/report` };
  }

  it('answers the proof with every step', async () => {
    const { ask, url, useCases } = await ready();
    const { status, json } = await ask('GET', `${url}?baseline=zero`, { as: 'viewer' });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      direction: 'up',
      start: '2026-01-20T17:00:00Z',
      deliveryRatio: 0.95,
      missingSteps: 1,
      steps: [{ askedKw: -60, meteredKw: -54, missing: ['cs-1/1'] }, { end: '2026-01-20T17:10:00Z' }],
    });
    expect(useCases.asked.at(-1)).toMatchObject({ name: 'deliveryReport', with: { baseline: 'zero' } });
  });

  it('answers the steps as CSV', async () => {
    const { ask, url } = await ready();
    const { text, headers } = await ask('GET', `${url}?format=csv`, { as: 'viewer' });
    expect(headers['content-type']).toContain('text/csv');
    expect(text.split('\r\n').slice(0, 2)).toEqual([
      'start,end,baselineKw,askedKw,meteredKw,creditedKwh,missing',
      '2026-01-20T17:00:00Z,2026-01-20T17:05:00Z,0,-60,-54,4.5,cs-1/1',
    ]);
  });

  it('knows its baselines by name, and no other order', async () => {
    const { ask, url } = await ready();
    const wrong = await ask('GET', `${url}?baseline=guess`, { as: 'viewer' });
    expect([wrong.status, wrong.json.faults[0].path]).toEqual([400, 'baseline']);
    expect((await ask('GET', '/v1/dispatches/none/report')).status).toBe(404);
  });
});

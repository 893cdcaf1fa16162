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

  it('takes the numbers of a baseline, and refuses a time zone that does not exist', async () => {
    const { ask, url, useCases } = await ready();
    const query =
      'baseline=high-x-of-y&highest=5&ofDays=10&holidays=2026-01-01,2026-01-06&timeZone=Europe/Oslo';
    expect((await ask('GET', `${url}?${query}`, { as: 'viewer' })).status).toBe(200);
    expect(useCases.asked.at(-1)?.with).toMatchObject({
      baseline: 'high-x-of-y',
      rules: { highest: 5, ofDays: 10, holidays: ['2026-01-01', '2026-01-06'], timeZone: 'Europe/Oslo' },
    });
    for (const [wrong, field] of [
      ['timeZone=Atlantis', 'timeZone'],
      ['holidays=tomorrow', 'holidays'],
      ['highest=0', 'highest'],
      ['adjustment=guess', 'adjustment'],
    ] as const) {
      const { status, json } = await ask('GET', `${url}?${wrong}`, { as: 'viewer' });
      expect([status, json.faults[0].path]).toEqual([400, field]);
    }
  });
});

describe('GET /v1/dispatches/{id}/baselines', () => {
  it('answers every method with its figures, or with why it cannot be used', async () => {
    const { ask, useCases } = await apiUnderTest();
    const view = dispatchView({});
    useCases.orders.push(view);
    const { status, json } = await ask('GET', `/v1/dispatches/${view.order.dispatchId}/baselines`, {
      as: 'viewer',
    });
    expect(status).toBe(200);
    expect(json.baselines).toMatchObject([
      { baseline: 'nominated-plan', unavailable: null, kpis: { biasKw: 1, days: ['2026-01-19'] } },
      { baseline: 'control-group', unavailable: expect.stringContaining('needs 5 EVSEs'), kpis: null },
    ]);
    expect((await ask('GET', '/v1/dispatches/none/baselines')).status).toBe(404);
  });
});

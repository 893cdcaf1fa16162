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
      'start,end,baselineKw,askedKw,meteredKw,importKwh,exportKwh,creditedKwh,missing,estimated',
      '2026-01-20T17:00:00Z,2026-01-20T17:05:00Z,0,-60,-54,0,4.5,4.5,cs-1/1,',
    ]);
  });

  it('answers a page that runs nothing, with a chart and the figures of the JSON', async () => {
    const { ask, url } = await ready();
    const { json } = await ask('GET', url, { as: 'viewer' });
    const { text, headers } = await ask('GET', `${url}?format=html`, { as: 'viewer' });
    expect(headers['content-type']).toContain('text/html');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(text).not.toContain('<script');
    expect(text).toContain('<polyline class="metered"');
    const cells = (tableIndex: number) =>
      [...(text.split('<tbody>')[tableIndex]?.split('</tbody>')[0] ?? '').matchAll(/<tr>(.*?)<\/tr>/g)].map(
        ([, row = '']) => [...row.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([, cell]) => cell),
      );
    const figures = Object.fromEntries(cells(1));
    expect(Number(figures['asked, kWh'])).toBe(json.askedKwh);
    expect(Number(figures['credited, kWh'])).toBe(json.creditedKwh);
    expect(Number(figures['export, kWh'])).toBe(json.exportKwh);
    const { text: csv } = await ask('GET', `${url}?format=csv`, { as: 'viewer' });
    const [, ...lines] = csv.trim().split('\r\n');
    const inCsv = lines.map((line) => line.split(',').slice(0, 8));
    const inJson = json.steps.map((step: Record<string, unknown>) =>
      Object.values(step).slice(0, 8).map(String),
    );
    expect(inCsv).toEqual(inJson);
    expect(cells(2).map((row) => row.slice(0, 8))).toEqual(inJson);
    expect(cells(3)).toEqual([['cs-1/1', '0', '9.5', '1', '0']]);
  });

  it('chooses the form by what is accepted', async () => {
    const { ask, url } = await ready();
    const typeFor = async (accept: string) =>
      (await ask('GET', url, { as: 'viewer', headers: { accept } })).headers['content-type'];
    expect(await typeFor('text/html,application/xhtml+xml')).toContain('text/html');
    expect(await typeFor('text/csv')).toContain('text/csv');
    expect(await typeFor('application/json, text/html')).toContain('application/json');
    expect(await typeFor('*/*')).toContain('application/json');
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

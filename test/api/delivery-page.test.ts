import { createHash } from 'node:crypto';
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { deliveryPage } from '../../src/api/pages/delivery-page.js';
import { asDispatchId, asEvseId } from '../../src/domain/ids.js';
import { apiUnderTest } from './api-under-test.js';
import { fakeBaselines, fakeDeliveryReport } from './fake-delivery.js';
import { dispatchView } from './fake-fleet.js';

const pageOf = (changes: Partial<ReturnType<typeof fakeDeliveryReport>> = {}) =>
  deliveryPage({ ...fakeDeliveryReport(), ...changes }, fakeBaselines());

describe('the page of a delivery report', () => {
  it('says what was delivered, with every figure of the report', () => {
    const page = pageOf();
    expect(page).toContain('9.5 kWh of 10.0 kWh asked were delivered: 95.0 %.');
    expect(page).toContain('Meters were silent in 1 of 2 steps.');
    for (const [name, value] of [
      ['Credited', '9.5 kWh'],
      ['First power after', '300 s'],
      ['Full activation after', '600 s'],
      ['Worst error', '6.0 kW'],
      ['Meters spoke for', '50.0 %'],
      ['Imported', '0.0 kWh'],
      ['Exported', '9.5 kWh'],
    ]) {
      expect(page).toContain(`<dt>${name}</dt><dd>${value}</dd>`);
    }
    expect(page).toContain('control-group needs 5 EVSEs');
    expect(pageOf({ deliveryRatio: null })).toContain('Nothing was asked against this baseline.');
    expect(pageOf({ fullActivationS: null })).toContain('<dd>never</dd>');
  });

  it('draws each step of baseline, asked and metered power, and shades where a meter was silent', () => {
    const svg = /<svg[\s\S]*<\/svg>/.exec(pageOf())?.[0] ?? '';
    const chart = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '' }).parse(svg).svg;
    const paths: Record<string, string> = Object.fromEntries(
      chart.path.map((path: { class: string; d: string }) => [path.class, path.d]),
    );
    // From 0 kW at 12 to −60 at 286: −54 lies at 258.6.
    expect(paths.asked).toBe('M64 286H506L506 286H948');
    expect(paths.metered).toBe('M64 258.6H506L506 286H948');
    expect(paths.baseline).toBe('M64 12H506L506 12H948');
    expect(chart.rect).toMatchObject({ class: 'silent', x: '64', width: '442' });
    expect(chart.text.map((text: { '#text': string | number }) => String(text['#text']))).toEqual([
      '-60',
      '-40',
      '-20',
      '0',
      '17:00',
      '17:05',
      '17:10',
    ]);
  });

  it('stands on one line, and before the order begins without a chart', () => {
    const { steps } = fakeDeliveryReport();
    const idle = pageOf({ steps: steps.map((step) => ({ ...step, askedKw: 0, meteredKw: 0 })) });
    expect(idle).not.toContain('NaN');
    expect(pageOf({ steps: [] })).toContain('The order has not begun.');
  });

  it('escapes whatever a station or a trader called itself', () => {
    const evil = '"><script>alert(1)</script>&';
    const report = fakeDeliveryReport();
    const page = pageOf({
      dispatchId: asDispatchId(evil),
      evses: [{ ...report.evses[0]!, evseId: asEvseId(evil) }],
      steps: report.steps.map((step) => ({ ...step, missing: [asEvseId(evil)] })),
    });
    expect(page).not.toContain('<script');
    expect(page.split('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;').length - 1).toBe(5);
  });

  it('needs nothing from elsewhere, goes with light and dark, and prints', () => {
    const page = pageOf();
    expect(page).not.toMatch(/<(script|link|img|iframe)|\b(src|href|style|on\w+)="|url\(|@import/);
    expect(page).toContain('color-scheme:light dark');
    expect(page).toContain('@media print');
  });
});

describe('GET /v1/dispatches/{id}/report as a page', () => {
  it('comes by format or by Accept, under a policy that allows its one style and nothing else', async () => {
    const { ask, useCases } = await apiUnderTest();
    const view = dispatchView({});
    useCases.orders.push(view);
    const url = `/v1/dispatches/${view.order.dispatchId}/report`;
    const { status, headers, text } = await ask('GET', `${url}?format=html`, { as: 'viewer' });
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    const style = /<style>([\s\S]*)<\/style>/.exec(text)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    const asked = await ask('GET', url, { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } });
    expect(asked.headers['content-type']).toContain('text/html');
    const usual = await ask('GET', url, { headers: { accept: '*/*' } });
    expect(usual.headers['content-type']).toContain('application/json');
  });
});

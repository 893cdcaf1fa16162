import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Api } from '../../src/api/create-api.js';
import { dispatchView, fleetSnapshot, NOW_MS, plan, sessionView } from '../api/fake-fleet.js';
import { type FakeUseCases, keyOf } from '../api/fake-use-cases.js';
import { openBrowser, type TestBrowser } from '../support/browser.js';
import { buildDashboard, serveDashboardBefore, watchPage } from './dashboard-under-test.js';

let built: Awaited<ReturnType<typeof buildDashboard>>;
let browser: TestBrowser;

beforeAll(async () => {
  [built, browser] = await Promise.all([buildDashboard(), openBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await built?.remove();
});

describe('the dashboard', () => {
  let api: Api;
  let useCases: FakeUseCases;
  let page: Page;
  let complaints: readonly string[];

  beforeEach(async () => {
    ({ api, useCases } = await serveDashboardBefore(built.dir));
    page = await browser.context.newPage();
    complaints = watchPage(page, api.address);
  });

  afterEach(async () => {
    await page.close();
    await api.close();
  });

  const figure = (testId: string): Locator => page.getByTestId(testId);

  /** As a reader sees them, white space run together. */
  const textsOf = async (locator: Locator) =>
    (await locator.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());

  async function open(): Promise<void> {
    await page.goto(`${api.address}/#key=${keyOf('viewer')}`);
    await page.getByText('Live', { exact: true }).waitFor();
    await page.locator('tr[data-transaction]').first().waitFor();
  }

  it('shows the fleet now, with import and export apart', async () => {
    await open();
    const shown = async (testId: string) => (await textsOf(figure(testId)))[0];
    expect(await shown('import-kw')).toBe('7.4');
    expect(await shown('export-kw')).toBe('41.3');
    expect(await shown('net-kw')).toBe('−33.8');
    expect(await shown('planned-kw')).toBe('−35.0 kW');
    expect(await shown('flex-up-kw')).toBe('88.0 kW');
    expect(await shown('flex-down-kw')).toBe('131.0 kW');
    expect(await shown('stations')).toBe('19 of 20');
    expect(await shown('sessions')).toBe('3');
    expect(await shown('stored')).toBe('402.1 kWh');
    expect(await shown('import-total')).toBe('1,234.5 kWh');
    expect(await shown('export-total')).toBe('345.6 kWh');
    expect(await shown('price')).toBe('0.310 / 0.280');
    expect(complaints).toEqual([]);
  });

  it('shows the plan in force with its certificate and cause', async () => {
    await open();
    expect(await figure('plan-status').textContent()).toBe('optimal');
    expect(await figure('plan-gap').textContent()).toBe('gap 0.00054 %');
    expect(await figure('plan-ms').textContent()).toBe('41 ms');
    expect(await figure('plan-cause').textContent()).toBe('regular interval, new prices');
  });

  it('draws the last day and the plan ahead', async () => {
    await open();
    const plot = page.locator('.plot');
    // 96 metered quarter-hours, now, and what is left of 96 planned slots, the end included.
    expect(Number(await plot.getAttribute('data-points'))).toBe(193);
    expect(await plot.getAttribute('aria-label')).toMatch(/charging up to \d+\.\d kW, discharging up to/);
    const inked = await page.locator('.plot canvas').evaluate((element) => {
      const canvas = element as unknown as {
        width: number;
        height: number;
        getContext(kind: '2d'): {
          getImageData(x: number, y: number, w: number, h: number): { data: Uint8ClampedArray };
        };
      };
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((value, index) => index % 4 === 3 && value > 0).length;
    });
    expect(inked).toBeGreaterThan(10_000);
  });

  it('lists each session: what it does, where it is going, its profile, and why', async () => {
    await open();
    expect(await textsOf(page.locator('tr[data-transaction]'))).toEqual([
      expect.stringMatching(
        /^CS-001\/1 Discharging 10\.5 kW 29\.4 → 48\.0 kWh Wed 07:00 in 14 h 7 acknowledged following Discharges at 31/,
      ),
      expect.stringMatching(/^CS-002\/1 Charging 7\.4 kW .* 8 on its way following Waits/),
      expect.stringMatching(/^CS-003\/1 Waiting 31\.4 .* 9 refused: InvalidSchedule following Waits/),
    ]);
    await page.getByPlaceholder('Find an EVSE').fill('cs-002');
    expect(await page.locator('tr[data-transaction]').count()).toBe(1);
  });

  it('opens a session in full by keyboard and closes it again', async () => {
    await open();
    await page.getByRole('button', { name: 'CS-001/1' }).focus();
    await page.keyboard.press('Enter');
    const detail = page.getByRole('dialog');
    await detail.waitFor();
    await detail.getByText('tx-1').waitFor();
    await detail.getByText('Charges in the cheapest hours before 07:00.').waitFor();
    const facts = await textsOf(detail.locator('dl.lines > div'));
    expect(facts).toContain('Imported in this session 4.2 kWh');
    expect(facts).toContain('Exported in this session 6.3 kWh');
    expect(facts).toContain('Profile revision 7 acknowledged, 2 min ago');
    const changed = sessionView(1);
    useCases.emit({ kind: 'session', session: { ...changed, exportKwh: 7.9 } });
    await detail.getByText('7.9 kWh').waitFor();
    await page.keyboard.press('Escape');
    await detail.waitFor({ state: 'hidden' });
    expect(complaints).toEqual([]);
  });

  it('follows events without being asked to', async () => {
    await open();
    useCases.emit({ kind: 'fleet', fleet: fleetSnapshot({ exportKw: 55.5, netKw: -48.1 }) });
    await figure('export-kw').getByText('55.5').waitFor();

    const ended = sessionView(2);
    useCases.emit({
      kind: 'session',
      session: { ...ended, session: { ...ended.session, state: 'ended', endedAtMs: NOW_MS } },
    });
    await page.locator('tr[data-transaction="tx-2"]').waitFor({ state: 'detached' });

    useCases.planInForce = plan({ causes: ['needs'], status: 'feasible', gap: 0.012 });
    const { sessions, ...certificate } = useCases.planInForce;
    useCases.emit({ kind: 'plan', plan: { ...certificate, sessions: sessions.length, shortfallKwh: 0 } });
    await figure('plan-status').getByText('feasible').waitFor();
    expect(await figure('plan-cause').textContent()).toBe('new or changed needs');

    useCases.orders = [dispatchView({ state: 'delivering' })];
    useCases.emit({ kind: 'dispatch', order: useCases.orders[0]!.order });
    await page.getByText('delivering').waitFor();
    await page.getByText('net −60.0 kW').waitFor();

    useCases.emit({
      kind: 'alarm',
      alarm: { atMs: NOW_MS, code: 'STATION_BUSY', text: 'Too many calls wait' },
    });
    await page.getByText('Too many calls wait').waitFor();
    expect(complaints).toEqual([]);
  });

  it('says when it is no longer live, and catches up by itself', async () => {
    await open();
    const { port } = new URL(api.address);
    await api.close();
    await page.getByText('Not live').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain(
      'Below stands what was known at Tue, 20 Jan 2026',
    );
    expect(await figure('export-kw').textContent()).toBe('41.3');

    ({ api, useCases } = await serveDashboardBefore(built.dir, Number(port)));
    useCases.snapshot = fleetSnapshot({ exportKw: 12.3 });
    await figure('export-kw').getByText('12.3').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    expect(await page.locator('tr[data-transaction]').count()).toBe(3);
  });

  it('keeps the key of the address for this tab only, and out of the address', async () => {
    await open();
    expect(page.url()).toBe(`${api.address}/`);
    await page.reload();
    await page.locator('tr[data-transaction]').first().waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API key').waitFor();
    await page.reload();
    await page.getByLabel('API key').waitFor();
  });

  it('refuses a wrong key, says so, and takes a right one', async () => {
    await page.goto(`${api.address}/`);
    await page.getByRole('button', { name: 'Open the fleet' }).click();
    await page.getByText('Enter an API key.').waitFor();
    await page.getByLabel('API key').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('The API does not take this key.').waitFor();
    await page.getByLabel('API key').fill(keyOf('viewer'));
    await page.keyboard.press('Enter');
    await page.locator('tr[data-transaction]').first().waitFor();
    // The browser itself notes the refused look-up; the page has nothing else to complain of.
    expect(complaints.filter((complaint) => !complaint.includes('401'))).toEqual([]);
  });

  it('asks for a key again when the kept one was taken back', async () => {
    await page.goto(`${api.address}/#key=gone`);
    await page.getByText('The API does not take this key.').waitFor();
    expect(page.url()).toBe(`${api.address}/`);
  });

  it('has words for an empty fleet', async () => {
    useCases.views = [];
    useCases.planInForce = undefined;
    await page.goto(`${api.address}/#key=${keyOf('viewer')}`);
    await page.getByText('No car is plugged in.').waitFor();
    await page.getByText('There is no plan yet.').waitFor();
    await page.getByText('None since this page was opened.').waitFor();
  });

  it('changes between light and dark, and remembers', async () => {
    await open();
    const ground = () =>
      page.locator('body').evaluate((element) => {
        const { getComputedStyle } = globalThis as unknown as {
          getComputedStyle(element: unknown): { backgroundColor: string };
        };
        return getComputedStyle(element).backgroundColor;
      });
    expect(await ground()).toBe('rgb(238, 243, 245)');
    await page.getByRole('button', { name: 'Dark theme' }).click();
    expect(await ground()).toBe('rgb(10, 19, 23)');
    await page.reload();
    await page.locator('tr[data-transaction]').first().waitFor();
    expect(await ground()).toBe('rgb(10, 19, 23)');
    await page.getByRole('button', { name: 'Light theme' }).click();
  });

  it('has room on a phone: nothing but the table scrolls sideways', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await open();
    const overhang = await page.locator('html').evaluate((element) => {
      const { scrollWidth, clientWidth } = element as unknown as { scrollWidth: number; clientWidth: number };
      return scrollWidth - clientWidth;
    });
    expect(overhang).toBe(0);
  });
});

describe('the human page of the API', () => {
  it('works under its content security policy, from this host alone', async () => {
    const { api } = await serveDashboardBefore(built.dir);
    const page = await browser.context.newPage();
    const complaints = watchPage(page, api.address);
    await page.goto(`${api.address}/docs/`);
    await page.getByText('/v1/fleet/history').waitFor();
    expect(complaints).toEqual([]);
    await page.close();
    await api.close();
  });
});

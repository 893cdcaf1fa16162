import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asSiteId } from '../../../src/domain/ids.js';
import { sumOfAmounts } from '../../../src/domain/ledger.js';
import { roundHalfAway } from '../../../src/domain/money.js';
import { type Tariff, tariffFaults } from '../../../src/domain/tariff.js';
import { documentAt } from '../../../src/engine/prices/tariff-rates.js';
import { sessionBill } from '../../../src/engine/settlement/session-bill.js';
import type { PriceSlot } from '../../../src/ports/store.js';
import { EVSE, HOUR_MS, MINUTE_MS, NOON_MS, sessionOf, TRANSACTION } from '../../support/engine/fixtures.js';

const book = (minutes: number, importWh: number, exportWh: number) => ({
  transactionId: TRANSACTION,
  evseId: EVSE,
  startMs: NOON_MS + minutes * MINUTE_MS,
  importWh,
  exportWh,
});
const price = (minutes: number, importPerKwh: number, exportPerKwh = importPerKwh): PriceSlot => ({
  kind: 'day-ahead',
  zone: 'DE-LU',
  currency: 'EUR',
  startMs: NOON_MS + minutes * MINUTE_MS,
  slotMinutes: 15,
  importPerKwh,
  exportPerKwh,
  knownAtMs: NOON_MS,
});
const tariffOf = (changes: Partial<Tariff> = {}): Tariff => ({
  version: 1,
  id: 'de',
  currency: 'EUR',
  timeZone: 'Europe/Berlin',
  validFrom: '2026-01-01',
  importParts: [
    { id: 'energy', kind: 'market', adderPerKwh: 0.01 },
    { id: 'grid-fee', kind: 'fixed', perKwh: 0.08, windows: [{ from: '13:00', to: '13:15', perKwh: 0.04 }] },
    { id: 'tax', kind: 'fixed', perKwh: 0.02 },
    { id: 'vat', kind: 'percent', fraction: 0.2, of: ['energy', 'grid-fee', 'tax'] },
  ],
  exportParts: [{ id: 'energy', kind: 'market', factor: 0.9 }],
  refund: { parts: ['grid-fee', 'tax'] },
  ...changes,
});
const bill = (
  books: Parameters<typeof sessionBill>[1],
  tariffs: readonly Tariff[] = [tariffOf()],
  prices = [price(0, 0.2), price(15, 0.3), price(30, 0.5)],
) => sessionBill(sessionOf({ siteId: asSiteId('site-1') }), books, tariffs, prices);

describe('the bill of a session', () => {
  it('has a line per quarter-hour with every part of the tariff on an account of its own', () => {
    const { lines, unpriced } = bill([book(0, 4000, 0), book(5, 6000, 0), book(15, 10_000, 0)]);
    expect(unpriced).toEqual([]);
    expect(lines).toHaveLength(2);
    // Noon UTC is 13:00 in Berlin: the window of the grid fee holds for the first quarter-hour alone.
    expect(lines[0]).toMatchObject({
      startMs: NOON_MS,
      siteId: 'site-1',
      importWh: 10_000,
      exportWh: 0,
      rests: 'de',
      amounts: { 'import.energy': 210, 'import.grid-fee': 40, 'import.tax': 20, 'import.vat': 54 },
    });
    expect(lines[1]?.amounts).toMatchObject({
      'import.energy': 310,
      'import.grid-fee': 80,
      'import.tax': 20,
      'import.vat': 82,
    });
  });

  it('gives fees back for energy that was fed back, first in first out, and never for more than was taken', () => {
    const { lines } = bill([book(0, 5000, 0), book(15, 5000, 0), book(30, 0, 7000), book(35, 0, 9000)]);
    // 5 kWh at 4 ct and 5 kWh at 8 ct of grid fee were taken; 16 kWh came back, 10 of them from the grid.
    expect(lines[2]?.amounts).toMatchObject({
      'export.energy': -720,
      'refund.grid-fee': -60,
      'refund.tax': -20,
    });
    const lossy = bill(
      [book(0, 10_000, 0), book(30, 0, 5000)],
      [tariffOf({ refund: { parts: ['tax'], perExportedKwh: 1.2 } })],
    );
    expect(lossy.lines[1]?.amounts['refund.tax']).toBe(-12);
    const before = bill([book(0, 0, 5000), book(15, 5000, 0)]);
    expect(Object.keys(before.lines[0]?.amounts ?? {}).filter((name) => name.startsWith('refund'))).toEqual(
      [],
    );
  });

  it('lets negative prices earn on import and cost on export', () => {
    const { lines } = bill([book(0, 1000, 2000)], [], [price(0, -0.5)]);
    expect(lines[0]).toMatchObject({
      rests: 'market',
      amounts: { 'import.energy': -50, 'export.energy': 100 },
    });
  });

  it('leaves out, and names, a line of which any price is unknown or in another currency', () => {
    const half = bill([book(0, 1000, 0), book(45, 500, 7)]);
    expect(half.lines).toHaveLength(1);
    expect(half.unpriced).toEqual([{ startMs: NOON_MS + 45 * MINUTE_MS, importWh: 500, exportWh: 7 }]);
    expect(bill([book(0, 1000, 0)], [tariffOf({ currency: 'SEK' })]).lines).toEqual([]);
    const fixed = tariffOf({
      importParts: [{ id: 'flat', kind: 'fixed', perKwh: 0.3 }],
      exportParts: [],
      refund: { parts: ['flat'] },
    });
    expect(bill([book(0, 1000, 0)], [fixed], []).lines[0]?.amounts).toEqual({ 'import.flat': 30 });
  });

  it('adds up to the books to the Wh, and to the money of every part to the cent, at every line', () => {
    const books = fc.array(
      fc.record({
        slot: fc.nat(47),
        importWh: fc.double({ min: 0, max: 950, noNaN: true }),
        exportWh: fc.double({ min: 0, max: 950, noNaN: true }),
      }),
      { minLength: 1, maxLength: 60 },
    );
    const prices = Array.from({ length: 16 }, (_, quarter) =>
      price(quarter * 15, 0.31 - quarter / 37, quarter / 83),
    );
    void fc.assert(
      fc.property(books, (drawn) => {
        const slots = new Map(drawn.map((one) => [one.slot, one]));
        const taken = [...slots.values()].map(({ slot, importWh, exportWh }) =>
          book(slot * 5, importWh, exportWh),
        );
        const { lines } = bill(taken, [tariffOf()], prices);
        const sum = (of: (line: (typeof lines)[number]) => number) =>
          lines.reduce((total, line) => total + of(line), 0);
        expect(sum((line) => line.importWh)).toBe(
          roundHalfAway(taken.reduce((total, one) => total + one.importWh, 0)),
        );
        expect(sum((line) => line.exportWh)).toBe(
          roundHalfAway(taken.reduce((total, one) => total + one.exportWh, 0)),
        );
        const sums = sumOfAmounts(lines);
        // VAT is a fifth of what it is on: each account is rounded once, so at most two cents and a half apart.
        const net = (sums['import.energy'] ?? 0) + (sums['import.grid-fee'] ?? 0) + (sums['import.tax'] ?? 0);
        expect(Math.abs((sums['import.vat'] ?? 0) - net / 5)).toBeLessThanOrEqual(0.5 + 1.5 / 5 + 1e-6);
        expect(
          Math.abs((sums['import.tax'] ?? 0) - sum((line) => line.importWh) * 0.002),
        ).toBeLessThanOrEqual(0.5 + 1e-6);
        expect(-(sums['refund.tax'] ?? 0)).toBeLessThanOrEqual((sums['import.tax'] ?? 0) + 1);
        for (const line of lines)
          for (const minor of Object.values(line.amounts)) expect(Number.isInteger(minor)).toBe(true);
        expect(bill([...taken].reverse(), [tariffOf()], prices)).toEqual(bill(taken, [tariffOf()], prices));
      }),
    );
  });
});

describe('the tariff that holds', () => {
  it('is the one that names the site, then the one that began last, within its local days', () => {
    const all = tariffOf({ id: 'all' });
    const newer = tariffOf({ id: 'newer', validFrom: '2026-01-20', validTo: '2026-01-21' });
    const own = tariffOf({ id: 'own', siteIds: ['site-1'], validFrom: '2026-01-10' });
    const at = (siteId: string | null, atMs: number) =>
      documentAt([all, newer, own], siteId === null ? null : asSiteId(siteId), atMs)?.id;
    expect(at('site-1', NOON_MS)).toBe('own');
    expect(at('site-2', NOON_MS)).toBe('newer');
    expect(at(null, NOON_MS)).toBe('newer');
    // 23:00 UTC is midnight in Berlin: the next day has begun.
    expect(at('site-2', NOON_MS + 10.99 * HOUR_MS)).toBe('newer');
    expect(at('site-2', NOON_MS + 11 * HOUR_MS)).toBe('all');
    expect(at('site-2', Date.UTC(2025, 11, 31, 22, 59))).toBeUndefined();
  });

  it('has windows that may run over midnight', () => {
    const night = tariffOf({
      importParts: [
        { id: 'flat', kind: 'fixed', perKwh: 1, windows: [{ from: '22:00', to: '06:00', perKwh: 2 }] },
      ],
      refund: { parts: ['flat'] },
    });
    const cost = (hour: number) =>
      sessionBill(
        sessionOf(),
        [{ ...book(0, 1000, 0), startMs: Date.UTC(2026, 0, 20, hour - 1) }],
        [night],
        [],
      ).lines[0]?.amounts['import.flat'];
    expect([21, 22, 23, 24, 29, 30].map(cost)).toEqual([100, 200, 200, 200, 200, 100]);
  });

  it('is refused with the field and the rule when it makes no sense', () => {
    const faults = tariffFaults(
      tariffOf({
        timeZone: 'Atlantis',
        validFrom: '2026-02-30',
        validTo: '2026-01-01',
        importParts: [
          { id: 'vat', kind: 'percent', fraction: 0.2, of: ['energy'] },
          { id: 'energy', kind: 'market' },
          { id: 'energy', kind: 'market' },
        ],
        refund: { parts: ['fee'] },
      }),
    );
    expect(faults).toEqual([
      { path: 'timeZone', message: 'Atlantis is no IANA time zone' },
      { path: 'validFrom', message: '2026-02-30 is no day' },
      { path: 'validTo', message: 'must be after validFrom' },
      { path: 'importParts[0].of[0]', message: 'energy is no part before this one' },
      { path: 'importParts[2].id', message: 'energy is there already' },
      { path: 'refund.parts[0]', message: 'fee is no import part' },
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { parsePriceFile } from '../../src/market/price-file.js';
import { csv } from './price-fixtures.js';

const parse = (text: string) => parsePriceFile({ fileName: 'day.csv', zone: 'DE-LU', text });

describe('a price file in CSV', () => {
  it('becomes a series per kWh, negative prices included, export paid like import', () => {
    expect(
      parse(csv('2026-01-20T11:00Z,60,120', '2026-01-20T12:00Z,60,-499.99', '2026-01-20T13:00Z,60,0')),
    ).toEqual({
      zone: 'DE-LU',
      currency: 'EUR',
      startMs: Date.UTC(2026, 0, 20, 11),
      slotMinutes: 60,
      importPerKwh: [0.12, -0.49999, 0],
      exportPerKwh: [0.12, -0.49999, 0],
    });
  });

  it('takes the finest resolution where hours give way to quarter-hours', () => {
    const series = parse(
      csv('2025-09-30T21:00Z,60,80', '2025-09-30T22:00Z,15,10', '2025-09-30T22:15Z,15,20'),
    );
    expect(series.slotMinutes).toBe(15);
    expect(series.importPerKwh).toEqual([0.08, 0.08, 0.08, 0.08, 0.01, 0.02]);
  });

  it('is read with a byte order mark, Windows line ends, other column order and blank lines', () => {
    const text =
      '\uFEFFprice_sek_mwh,start_utc,resolution_min\r\n50,2026-01-20T11:00:00Z,30\r\n\r\n60,2026-01-20T11:30Z,30\r\n';
    expect(parse(text)).toMatchObject({ currency: 'SEK', slotMinutes: 30, importPerKwh: [0.05, 0.06] });
  });

  it.each([
    ['a gap', ['2026-01-20T11:00Z,60,1', '2026-01-20T13:00Z,60,1'], 'line 3, start_utc: gap of 60 minutes'],
    [
      'a repeated slot',
      ['2026-01-20T11:00Z,60,1', '2026-01-20T11:00Z,60,1'],
      'line 3, start_utc: 2026-01-20T11:00Z is there twice',
    ],
    [
      'an overlap',
      ['2026-01-20T11:00Z,60,1', '2026-01-20T11:15Z,15,1'],
      'line 3, start_utc: 2026-01-20T11:15Z overlaps line 2',
    ],
    [
      'disorder',
      ['2026-01-20T12:00Z,60,1', '2026-01-20T11:00Z,60,1'],
      'line 3, start_utc: 2026-01-20T11:00Z comes after',
    ],
    [
      'a word for a price',
      ['2026-01-20T11:00Z,60,n/a'],
      'line 2, price_eur_mwh: expected a number, got "n/a"',
    ],
    ['an empty price', ['2026-01-20T11:00Z,60,'], 'line 2, price_eur_mwh: expected a number, got ""'],
    ['infinity', ['2026-01-20T11:00Z,60,Infinity'], 'line 2, price_eur_mwh: expected a number'],
    ['a decimal comma', ['2026-01-20T11:00Z,60,1,5'], 'line 2: expected 3 fields, got 4'],
    [
      'a price no market has',
      ['2026-01-20T11:00Z,60,1e9'],
      'line 2, price_eur_mwh: 1000000 per kWh is beyond',
    ],
    ['local time without a zone', ['2026-01-20T11:00,60,1'], 'line 2, start_utc: expected a UTC instant'],
    ['a day that does not exist', ['2026-02-30T11:00Z,60,1'], 'line 2, start_utc: expected a UTC instant'],
    ['an odd resolution', ['2026-01-20T11:00Z,7,1'], 'line 2, resolution_min: expected one of 5, 15, 30, 60'],
    ['a short row', ['2026-01-20T11:00Z,60'], 'line 2: expected 3 fields, got 2'],
  ])('is refused for %s, with line and field', (_, rows, message) => {
    expect(() => parse(csv(...rows))).toThrow(`day.csv ${message}`);
  });

  it('is refused for missing, unknown or doubled columns', () => {
    expect(() => parse('start_utc,price_eur_mwh\n')).toThrow(
      'day.csv line 1: column resolution_min is missing',
    );
    expect(() => parse('start_utc,resolution_min,price\n')).toThrow('a price column such as price_eur_mwh');
    expect(() => parse('start_utc,resolution_min,price_eur_mwh,x\n')).toThrow('unknown column "x"');
    expect(() => parse('start_utc,start_utc,resolution_min,price_eur_mwh\n')).toThrow('once');
  });

  it('is refused when it holds no price, or is no CSV at all', () => {
    expect(() => parse(csv())).toThrow('day.csv: there is no price in it');
    expect(() => parse('')).toThrow('day.csv: the file is empty');
    expect(() => parse(csv('"2026-01-20T11:00Z,60,1'))).toThrow('day.csv: Quote Not Closed');
    expect(() => parse(csv(`${'9'.repeat(2_000)},60,1`))).toThrow('day.csv: Max Record Size');
  });
});

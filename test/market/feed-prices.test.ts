import { describe, expect, it } from 'vitest';
import { parsePriceFile } from '../../src/market/price-file.js';

const HOUR_MS = 3_600_000;
const text = (document: unknown) => JSON.stringify(document);

describe('a download of SMARD', () => {
  const HEADER =
    '\uFEFFDatum von;Datum bis;Deutschland/Luxemburg [€/MWh] Originalauflösungen;Belgien [€/MWh] Originalauflösungen';
  const smard = (...lines: string[]) => `${[HEADER, ...lines].join('\r\n')}\r\n`;
  const parse = (file: string, zone?: string) =>
    parsePriceFile({ text: file, fileName: 'smard.csv', ...(zone === undefined ? {} : { zone }) });

  it('is read in Berlin’s time, with decimal comma, the zone by its column', () => {
    const file = smard(
      '20.01.2026 00:00;20.01.2026 01:00;75,70;84,33',
      '20.01.2026 01:00;20.01.2026 02:00;-1.066,71;-',
    );
    expect(parse(file)).toEqual({
      zone: 'DE-LU',
      currency: 'EUR',
      startMs: Date.UTC(2026, 0, 19, 23),
      slotMinutes: 60,
      importPerKwh: [0.0757, -1.06671],
      exportPerKwh: [0.0757, -1.06671],
    });
  });

  it('has an hour less in spring, whatever the end column says, and tells the two of autumn by their order', () => {
    const spring = parse(
      smard(
        '31.03.2024 00:00;31.03.2024 01:00;1,00;-',
        '31.03.2024 01:00;30.03.2024 02:00;2,00;-',
        '31.03.2024 03:00;31.03.2024 04:00;3,00;-',
      ),
    );
    expect(spring).toMatchObject({ startMs: Date.UTC(2024, 2, 30, 23), importPerKwh: [0.001, 0.002, 0.003] });
    const quarters = ['02:00', '02:15', '02:30', '02:45', '02:00', '02:15', '02:30', '02:45', '03:00'];
    const autumn = parse(smard(...quarters.map((time, index) => `27.10.2024 ${time};x;${index},0;-`)));
    expect(autumn).toMatchObject({ startMs: Date.UTC(2024, 9, 27), slotMinutes: 15 });
    expect(autumn.importPerKwh).toHaveLength(9);
  });

  it('ends before prices that are not published, and misses none in between', () => {
    const lines = ['20.01.2026 00:00;x;1,0;1,0', '20.01.2026 01:00;x;2,0;-', '20.01.2026 02:00;x;-;3,0'];
    expect(parse(smard(...lines)).importPerKwh).toEqual([0.001, 0.002]);
    expect(() => parse(smard(...lines), 'BE')).toThrow('smard.csv line 3, BE: there is no price');
  });

  it.each([
    [
      'a zone without a column',
      'FR',
      ['20.01.2026 00:00;x;1,0;1,0'],
      'line 1: no column for zone FR; there are DE-LU, BE',
    ],
    [
      'a time that does not exist',
      'BE',
      ['31.03.2024 02:00;x;1,0;1,0'],
      'line 2, Datum von: expected a time of Berlin',
    ],
    [
      'an English number',
      'BE',
      ['20.01.2026 00:00;x;1,0;1.5', '20.01.2026 01:00;x;1,0;1,5'],
      'line 2, BE: expected a number',
    ],
    [
      'a gap',
      'BE',
      ['20.01.2026 00:00;x;1,0;1,0', '20.01.2026 01:00;x;1,0;1,0', '20.01.2026 03:00;x;1,0;1,0'],
      'line 4, Datum von: 120 minutes after',
    ],
  ])('with %s is refused by line and field', (_, zone, lines, message) => {
    expect(() => parse(smard(...lines), zone)).toThrow(message);
  });
});

describe('chart data of SMARD', () => {
  const start = Date.UTC(2026, 0, 19, 23);
  it('is read up to the nulls at its end', () => {
    const series = [
      [start, 10],
      [start + HOUR_MS, -20.5],
      [start + 2 * HOUR_MS, null],
    ];
    expect(parsePriceFile({ text: text({ meta_data: {}, series }), zone: 'DE-LU' })).toMatchObject({
      startMs: start,
      importPerKwh: [0.01, -0.0205],
    });
  });

  it('with a null in between names the place', () => {
    const series = [
      [start, 10],
      [start + HOUR_MS, null],
      [start + 2 * HOUR_MS, 3],
    ];
    expect(() => parsePriceFile({ text: text({ series }), fileName: 'chart.json' })).toThrow(
      'chart.json series[1]: expected a number, got null',
    );
  });
});

describe('an answer of aWATTar', () => {
  const start = Date.UTC(2026, 0, 20, 12);
  const entry = (hour: number, changes = {}) => ({
    start_timestamp: start + hour * HOUR_MS,
    end_timestamp: start + (hour + 1) * HOUR_MS,
    marketprice: 50 - 100 * hour,
    unit: 'Eur/MWh',
    ...changes,
  });

  it('is a series in EUR per kWh', () => {
    expect(parsePriceFile({ text: text({ data: [entry(0), entry(1)] }), zone: 'AT' })).toEqual({
      zone: 'AT',
      currency: 'EUR',
      startMs: start,
      slotMinutes: 60,
      importPerKwh: [0.05, -0.05],
      exportPerKwh: [0.05, -0.05],
    });
  });

  it.each([
    ['another unit', [entry(0, { unit: 'ct/kWh' })], 'data[0].unit: expected Eur/MWh'],
    ['a gap', [entry(0), entry(2)], 'data[1], start_timestamp'],
    [
      'a slot of no known length',
      [entry(0, { end_timestamp: start + 1000 })],
      'data[0].end_timestamp: a slot of',
    ],
    ['a price that is missing', [entry(0, { marketprice: null })], 'data[0].marketprice: expected a number'],
  ])('with %s is refused', (_, data, message) => {
    expect(() => parsePriceFile({ text: text({ data }), fileName: 'awattar.json' })).toThrow(message);
  });
});

describe('unit rates of Octopus', () => {
  const rate = (from: string, to: string | null, pence: number, method: string | null = null) => ({
    value_exc_vat: pence,
    value_inc_vat: Number((pence * 1.05).toFixed(4)),
    valid_from: from,
    valid_to: to,
    payment_method: method,
  });
  const first = rate('2026-01-20T12:00:00Z', '2026-01-20T12:30:00Z', 20);
  const second = rate('2026-01-20T12:30:00Z', '2026-01-20T13:00:00Z', -4);
  const parse = (...results: unknown[]) =>
    parsePriceFile({
      text: text({ count: 2, next: null, previous: null, results }),
      fileName: 'octopus.json',
    });

  it('come newest first, in pence: import with VAT, export without', () => {
    expect(parse(second, first)).toEqual({
      zone: 'GB',
      currency: 'GBP',
      startMs: Date.UTC(2026, 0, 20, 12),
      slotMinutes: 30,
      importPerKwh: [0.21, -0.042],
      exportPerKwh: [0.2, -0.04],
    });
  });

  it('count once where they are stated per payment method', () => {
    const debit = { ...second, payment_method: 'DIRECT_DEBIT' };
    const other = { ...second, payment_method: 'NON_DIRECT_DEBIT', value_inc_vat: 99 };
    expect(parse(debit, other, first).importPerKwh).toEqual([0.21, -0.042]);
  });

  it('without an end are a fixed tariff and refused', () => {
    expect(() => parse(rate('2026-01-20T12:00:00Z', null, 20))).toThrow(
      'octopus.json results[0].valid_to: the rate has no end',
    );
  });
});

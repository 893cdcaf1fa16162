import { describe, expect, it } from 'vitest';
import { parsePriceFile, parsePriceFileNative } from '../../src/market/price-file.js';

const HOUR_MS = 3_600_000;
interface Wishes {
  readonly zone?: string;
  readonly currency?: string;
}
const json = (document: unknown, wishes: Wishes = {}) =>
  parsePriceFile({ fileName: 'p.json', text: JSON.stringify(document), ...wishes });

describe('the newer answer of Energy-Charts', () => {
  const answer = (timestamps: readonly string[], prices: readonly (number | null)[], more: object = {}) => ({
    license: 'CC BY 4.0',
    bidding_zone: 'DE-LU',
    unit: 'EUR / MWh',
    series: [{ id: 'day_ahead_price', name: 'Day-ahead spot market price' }],
    data: timestamps.map((timestamp, index) => ({ timestamp, values: { day_ahead_price: prices[index] } })),
    ...more,
  });
  const times = ['2026-01-20T12:00:00+01:00', '2026-01-20T12:15:00+01:00', '2026-01-20T12:30:00+01:00'];

  it('is read with zone, licence and slot length, prices that are not published yet cut off', () => {
    expect(json(answer(times, [98.1, -20, null]))).toEqual({
      zone: 'DE-LU',
      currency: 'EUR',
      startMs: Date.UTC(2026, 0, 20, 11),
      slotMinutes: 15,
      importPerKwh: [0.0981, -0.02],
      exportPerKwh: [0.0981, -0.02],
      source: 'CC BY 4.0',
    });
  });

  it('counts the repeated hour of autumn once each, by its offset', () => {
    const autumn = ['2026-10-25T02:00:00+02:00', '2026-10-25T02:00:00+01:00', '2026-10-25T03:00:00+01:00'];
    const series = json(answer(autumn, [1, 2, 3], { interval_minutes: 60 }));
    expect(series).toMatchObject({ startMs: Date.UTC(2026, 9, 25), slotMinutes: 60 });
    expect(series.importPerKwh).toEqual([0.001, 0.002, 0.003]);
  });

  it.each([
    [
      'a price missing in the middle',
      answer(times, [1, null, 3]),
      'data[1].values.day_ahead_price: expected a number',
    ],
    [
      'a time without offset',
      answer(['2026-01-20T12:00:00', ...times], [1, 2, 3, 4]),
      'data[0].timestamp: expected an',
    ],
    ['a gap', answer([times[0]!, times[2]!], [1, 2], { interval_minutes: 15 }), 'gap of 15 minutes'],
    ['another unit', answer(times, [1, 2, 3], { unit: 'EUR / kWh' }), 'unit: expected a currency per MWh'],
  ])('is refused with %s', (_, document, message) => {
    expect(() => json(document)).toThrow(message);
  });

  it('of another zone than the one wished is refused', () => {
    expect(() => json(answer(times, [1, 2, 3]), { zone: 'AT' })).toThrow('zone: p.json is for DE-LU, not AT');
  });
});

describe('Nord Pool’s portal', () => {
  const entry = (hour: number, prices: object) => ({
    deliveryStart: `2026-01-20T${hour}:00:00Z`,
    deliveryEnd: `2026-01-20T${hour + 1}:00:00Z`,
    entryPerArea: prices,
  });
  const document = {
    currency: 'EUR',
    version: 3,
    multiAreaEntries: [entry(11, { SE3: 20, GER: 95.5 }), entry(12, { SE3: 21, GER: 96 })],
  };

  it('gives the area that is wished, under its usual name, with the version as revision', () => {
    expect(json(document, { zone: 'DE-LU' })).toMatchObject({
      zone: 'DE-LU',
      currency: 'EUR',
      slotMinutes: 60,
      revision: 3,
      importPerKwh: [0.0955, 0.096],
    });
    expect(json(document, { zone: 'SE3' }).importPerKwh).toEqual([0.02, 0.021]);
  });

  it('asks for a zone where there are several, and misses none', () => {
    expect(() => json(document)).toThrow('p.json entryPerArea: there are "DE-LU, SE3": name a zone');
    expect(() => json(document, { zone: 'FI' })).toThrow('nothing for zone FI; there are "DE-LU, SE3"');
    const holed = { ...document, multiAreaEntries: [entry(11, { SE3: 20 }), entry(12, { SE3: null })] };
    expect(() => json(holed)).toThrow('multiAreaEntries[1].entryPerArea.SE3: expected a number, got null');
  });
});

describe('Energinet’s data set', () => {
  const record = (TimeUTC: string, eur: number, PriceArea = 'DK1') => ({
    TimeUTC,
    PriceArea,
    DayAheadPriceEUR: eur,
    DayAheadPriceDKK: eur * 7.46,
  });
  const newestFirst = ['2026-01-20T11:30:00', '2026-01-20T11:15:00', '2026-01-20T11:00:00'];
  const document = { total: 3, records: newestFirst.map((time, index) => record(time, 10 * (index + 1))) };

  it('is UTC without a Z, newest first, in euro or crowns', () => {
    expect(json(document)).toMatchObject({
      zone: 'DK1',
      currency: 'EUR',
      startMs: Date.UTC(2026, 0, 20, 11),
      slotMinutes: 15,
      importPerKwh: [0.03, 0.02, 0.01],
    });
    expect(json(document, { currency: 'DKK' }).importPerKwh[2]).toBeCloseTo(0.0746, 12);
  });

  it('of two areas gives the one that is wished', () => {
    const both = { records: newestFirst.flatMap((time) => [record(time, 1), record(time, 2, 'DK2')]) };
    expect(json(both, { zone: 'DK2' }).importPerKwh).toEqual([0.002, 0.002, 0.002]);
    expect(() => json(both)).toThrow('name a zone');
  });
});

describe('elprisetjustnu.se', () => {
  const hour = (from: string, to: string, sek: number) => ({
    SEK_per_kWh: sek,
    EUR_per_kWh: sek / 11,
    EXR: 11,
    time_start: from,
    time_end: to,
  });
  const day = [
    hour('2026-10-25T02:00:00+02:00', '2026-10-25T02:00:00+01:00', 0.5),
    hour('2026-10-25T02:00:00+01:00', '2026-10-25T03:00:00+01:00', -0.01),
  ];

  it('is per kWh in crowns, or in euro where that is wished; the zone is the caller’s', () => {
    expect(json(day, { zone: 'SE3' })).toMatchObject({
      zone: 'SE3',
      currency: 'SEK',
      startMs: Date.UTC(2026, 9, 25),
      slotMinutes: 60,
      importPerKwh: [0.5, -0.01],
    });
    expect(json(day, { zone: 'SE3', currency: 'EUR' }).importPerKwh[0]).toBeCloseTo(0.5 / 11, 12);
  });
});

describe('a table of EPEX', () => {
  const names = Array.from({ length: 24 }, (_, hour) => (hour === 2 ? ['3A', '3B'] : [`${hour + 1}`])).flat();
  const header = ['Delivery day', ...names.map((name) => `Hour ${name}`), 'Baseload'].join(',');
  const line = (day: string, empty: readonly string[]) =>
    [day, ...names.map((name, index) => (empty.includes(name) ? '' : String(index))), '50'].join(',');
  const epex = (...lines: string[]) =>
    parsePriceFile({ fileName: 'epex.csv', text: ['# remark', header, ...lines].join('\n'), zone: 'DE-LU' });

  it('has 23, 24 or 25 hours a day, counted from local midnight, newest day first or not', () => {
    const spring = epex(line('29/03/2026', ['3A', '3B']));
    expect(spring).toMatchObject({ startMs: Date.UTC(2026, 2, 28, 23), slotMinutes: 60, currency: 'EUR' });
    expect(spring.importPerKwh).toHaveLength(23);
    expect(spring.importPerKwh[2]).toBe(0.004);
    const autumn = epex(line('26/10/2026', ['3B']), line('25/10/2026', []));
    expect(autumn.importPerKwh).toHaveLength(25 + 24);
    expect(autumn.importPerKwh.slice(1, 4)).toEqual([0.001, 0.002, 0.003]);
  });

  it('in quarter-hours has 92, 96 or 100', () => {
    const quarters = names.flatMap((name) => [1, 2, 3, 4].map((quarter) => `Hour ${name} Q${quarter}`));
    const text = [
      ['Delivery day', ...quarters].join(';'),
      ['2026-10-25', ...quarters.map((_, index) => `${index},5`)].join(';'),
    ].join('\n');
    const series = parsePriceFile({ text, zone: 'DE-LU' });
    expect(series).toMatchObject({ startMs: Date.UTC(2026, 9, 24, 22), slotMinutes: 15 });
    expect(series.importPerKwh).toHaveLength(100);
    expect(series.importPerKwh[1]).toBe(0.0015);
  });

  it('with an hour too few or too many is refused with line and day', () => {
    expect(() => epex(line('20/01/2026', []))).toThrow(
      'epex.csv line 3: 2026-01-20 has 24 hours or 96 quarter-hours, there are 25 prices',
    );
    expect(() => epex(line('29/03/2026', ['3B']))).toThrow('2026-03-29 has 23 hours or 92 quarter-hours');
    expect(() => epex(line('31/02/2026', ['3B']))).toThrow('line 3, Delivery day: expected a day');
    expect(() => epex(line('22/01/2026', ['3B']), line('20/01/2026', ['3B']))).toThrow('gap of 1440 minutes');
  });
});

describe('OMIE’s file', () => {
  const omie = (day: string, periods: number, from = 1) =>
    [
      'MARGINALPDBC;',
      ...Array.from({ length: periods }, (_, index) => `${day};${index + from};${index}.5;${index};`),
      '*',
    ].join('\r\n');
  const parse = (text: string, zone?: string) =>
    parsePriceFile({ text, fileName: 'omie.1', ...(zone === undefined ? {} : { zone }) });

  it('gives Spain, or Portugal, by the number of the period from midnight in Madrid', () => {
    const spain = parse(omie('2026;10;25', 100));
    expect(spain).toMatchObject({
      zone: 'ES',
      currency: 'EUR',
      startMs: Date.UTC(2026, 9, 24, 22),
      slotMinutes: 15,
    });
    expect(spain.importPerKwh).toHaveLength(100);
    expect(parse(omie('2026;03;29', 92), 'PT').importPerKwh[1]).toBe(0.0015);
    expect(parse(omie('2025;01;20', 24)).slotMinutes).toBe(60);
  });

  it('with a period missing or beyond the day is refused', () => {
    expect(() => parse(omie('2026;03;29', 96))).toThrow('2026-03-29 has 23 hours or 92 quarter-hours');
    expect(() => parse(omie('2026;01;20', 95, 2))).toThrow('omie.1 line 2, period: expected 1, got "2"');
    expect(() => parse(omie('2026;01;20', 96), 'FR')).toThrow('nothing for zone FR; there are ES, PT');
  });
});

describe('a file that goes from hours to quarter-hours', () => {
  it('stays one of hours and one of quarter-hours where it is kept', () => {
    const start = Date.UTC(2025, 8, 30, 20);
    const rows = ['start_utc,resolution_min,price_eur_mwh'];
    for (let hour = 0; hour < 2; hour++)
      rows.push(`${new Date(start + hour * HOUR_MS).toISOString()},60,${hour}`);
    for (let quarter = 0; quarter < 4; quarter++)
      rows.push(`${new Date(start + 2 * HOUR_MS + (quarter * HOUR_MS) / 4).toISOString()},15,${quarter}`);
    const runs = parsePriceFileNative({ text: rows.join('\n'), zone: 'DE-LU' });
    expect(runs.map(({ slotMinutes, importPerKwh }) => [slotMinutes, importPerKwh.length])).toEqual([
      [60, 2],
      [15, 4],
    ]);
  });
});

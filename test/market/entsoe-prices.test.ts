import { describe, expect, it } from 'vitest';
import { ZONE_OF_EIC } from '../../src/market/bidding-zones.js';
import { parsePriceFile } from '../../src/market/price-file.js';
import { type A44Series, a44 } from './price-fixtures.js';

const parse = (text: string) => parsePriceFile({ fileName: 'a44.xml', text });
const threeHours: A44Series = {
  start: '2026-01-20T11:00Z',
  end: '2026-01-20T14:00Z',
  resolution: 'PT60M',
  points: [
    [1, 40],
    [2, 50],
    [3, 60],
  ],
};

describe('an ENTSO-E A44 document', () => {
  it('becomes a series per kWh with the zone and currency it names', () => {
    expect(parse(a44([threeHours]))).toEqual({
      zone: 'BE',
      currency: 'EUR',
      startMs: Date.UTC(2026, 0, 20, 11),
      slotMinutes: 60,
      importPerKwh: [0.04, 0.05, 0.06],
      exportPerKwh: [0.04, 0.05, 0.06],
    });
  });

  it('repeats the price before an omitted position of curve A03, up to the end of the Period', () => {
    const series = {
      ...threeHours,
      resolution: 'PT30M',
      points: [
        [1, 40],
        [4, -5],
      ] as const,
    };
    expect(parse(a44([series])).importPerKwh).toEqual([0.04, 0.04, 0.04, -0.005, -0.005, -0.005]);
  });

  it('takes sequence 1 where a second auction covers the same hours', () => {
    const second = {
      ...threeHours,
      sequence: 2,
      points: [
        [1, 1001],
        [2, 1002],
        [3, 1003],
      ] as const,
    };
    expect(parse(a44([second, { ...threeHours, sequence: 1 }])).importPerKwh).toEqual([0.04, 0.05, 0.06]);
    expect(() => parse(a44([second]))).toThrow(
      'none of sequence 1: the day-ahead auction is not published yet',
    );
  });

  it('reads Points and series in any order, and hours before quarter-hours', () => {
    const hour = { ...threeHours, end: '2026-01-20T12:00Z', points: [[1, 8]] as const };
    const quarters = {
      ...threeHours,
      start: '2026-01-20T12:00Z',
      end: '2026-01-20T12:30Z',
      resolution: 'PT15M',
      points: [
        [2, 20],
        [1, 10],
      ] as const,
    };
    expect(parse(a44([quarters, hour])).importPerKwh).toEqual([0.008, 0.008, 0.008, 0.008, 0.01, 0.02]);
  });

  it.each([
    ['the spring day', '2026-03-28T23:00Z', '2026-03-29T22:00Z', 92],
    ['the autumn day', '2026-10-24T22:00Z', '2026-10-25T23:00Z', 100],
    ['any other day', '2026-01-19T23:00Z', '2026-01-20T23:00Z', 96],
  ])('has as many quarter-hours as %s has', (_, start, end, slots) => {
    const points = Array.from({ length: slots }, (__, index) => [index + 1, index] as const);
    const series = { ...threeHours, start, end, resolution: 'PT15M', points, curve: 'A01' };
    expect(parse(a44([series])).importPerKwh).toHaveLength(slots);
    const fault = `TimeSeries[1].Period[1].Point[${slots + 1}].position: expected 1 to ${slots}, got "${slots + 1}"`;
    expect(() => parse(a44([{ ...series, points: [...points, [slots + 1, 0]] }]))).toThrow(fault);
  });

  it.each<[string, Partial<A44Series>, string]>([
    ['a first position omitted', { points: [[2, 1]] }, 'Period[1].Point: gap: position 1 of 3 is missing'],
    [
      'a position omitted in curve A01',
      {
        curve: 'A01',
        points: [
          [1, 1],
          [3, 1],
        ],
      },
      'gap: position 2 of 3 is missing',
    ],
    [
      'a position omitted without a curve type',
      {
        curve: null,
        points: [
          [1, 1],
          [3, 1],
        ],
      },
      'curve A01 omits no position',
    ],
    ['an unknown curve', { curve: 'A02' }, 'TimeSeries[1].curveType: expected A01 or A03'],
    [
      'a doubled position',
      {
        points: [
          [1, 1],
          [1, 2],
        ],
      },
      'Period[1].Point[2].position: 1 is there twice',
    ],
    ['position 0', { points: [[0, 1]] }, 'Point[1].position: expected 1 to 3, got "0"'],
    [
      'a word for a price',
      { points: [[1, 'x']] },
      'Period[1].Point[1].price.amount: expected a number, got "x"',
    ],
    ['an empty price', { points: [[1, '']] }, 'Point[1].price.amount: missing'],
    ['an unknown resolution', { resolution: 'P1D' }, 'Period[1].resolution: expected one of PT15M'],
    [
      'an interval that holds no whole slots',
      { end: '2026-01-20T13:30Z' },
      'Period[1].timeInterval: it does not hold',
    ],
    [
      'an interval that ends before it starts',
      { end: '2026-01-20T10:00Z' },
      'Period[1].timeInterval: it does not hold',
    ],
    ['an endless interval', { end: '2126-01-20T11:00Z' }, 'Period[1].timeInterval: it does not hold'],
    [
      'an interval of nonsense',
      { start: 'yesterday' },
      'Period[1].timeInterval.start: expected a UTC instant',
    ],
  ])('is refused for %s, with the element', (_, change, message) => {
    expect(() => parse(a44([{ ...threeHours, ...change }]))).toThrow(message);
  });

  it('is refused for days that are missing or doubled between its series', () => {
    const later = { ...threeHours, start: '2026-01-20T15:00Z', end: '2026-01-20T18:00Z' };
    expect(() => parse(a44([threeHours, later]))).toThrow(
      'a44.xml TimeSeries[2].Period[1], timeInterval: gap of 60 minutes: 2026-01-20T14:00Z is missing',
    );
    expect(() => parse(a44([threeHours, threeHours]))).toThrow('is there twice');
  });

  it('is refused when it mixes zones or currencies, or is for another zone or currency than asked', () => {
    const next = { ...threeHours, start: '2026-01-20T14:00Z', end: '2026-01-20T17:00Z' };
    expect(() => parse(a44([threeHours, { ...next, currency: 'CHF' }]))).toThrow('CHF beside EUR');
    expect(() => parse(a44([threeHours, { ...next, domain: '10YNL----------L' }]))).toThrow('one document');
    const text = a44([threeHours]);
    expect(() => parsePriceFile({ text, zone: 'NL' })).toThrow('zone: prices is for BE, not NL');
    expect(() => parsePriceFile({ text, currency: 'CHF' })).toThrow('currency: prices is for EUR, not CHF');
  });

  it('is refused when it is another document, with the reason ENTSO-E gives', () => {
    const refusal =
      '<Acknowledgement_MarketDocument><Reason><code>999</code><text>No matching data found</text></Reason></Acknowledgement_MarketDocument>';
    expect(() => parse(refusal)).toThrow('ENTSO-E answered without prices: No matching data found');
    expect(() => parse(a44([threeHours], 'A65'))).toThrow(
      'a44.xml type: expected A44 (day-ahead prices), got "A65"',
    );
    expect(() => parse('<html/>')).toThrow('expected a Publication_MarketDocument');
    expect(() => parse(a44([]))).toThrow('TimeSeries: there is none');
    expect(() => parse(a44([threeHours]).replace('>MWH<', '>KWH<'))).toThrow(
      'price_Measure_Unit.name: expected MWH',
    );
  });

  it('is refused when the XML is broken, declares entities or nests without end', () => {
    expect(() => parse('<Publication_MarketDocument>\n<type>')).toThrow(
      /a44\.xml line \d+: not well-formed XML/,
    );
    const bomb =
      '<!DOCTYPE x [<!ENTITY a "aaaa">]><Publication_MarketDocument>&a;</Publication_MarketDocument>';
    expect(() => parse(bomb)).toThrow('a44.xml: a document type definition is not accepted');
    const deep = `${'<a>'.repeat(10_000)}${'</a>'.repeat(10_000)}`;
    expect(() => parse(deep)).toThrow('a44.xml: XML not accepted');
    expect(() => parse('<__proto__><type>A44</type></__proto__>')).toThrow('a44.xml');
  });
});

describe('the zone table', () => {
  // EIC: 15 characters of weight 16 … 2, then 36 − ((sum − 1) mod 37) as the 16th; digits, then letters, then "-".
  const checkCharacterOf = (eic: string): string => {
    const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-';
    const sum = [...eic.slice(0, 15)].reduce(
      (total, sign, index) => total + alphabet.indexOf(sign) * (16 - index),
      0,
    );
    return alphabet[36 - ((sum - 1) % 37)]!;
  };

  it('holds codes whose check character is right, and each zone once', () => {
    const wrong = Object.keys(ZONE_OF_EIC).filter(
      (eic) => eic.length !== 16 || checkCharacterOf(eic) !== eic[15],
    );
    expect(wrong).toEqual([]);
    expect(new Set(Object.values(ZONE_OF_EIC)).size).toBe(Object.keys(ZONE_OF_EIC).length);
  });
});

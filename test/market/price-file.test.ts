import { describe, expect, it } from 'vitest';
import { EbbflowError } from '../../src/domain/errors.js';
import { MAX_PRICE_FILE_CHARACTERS, parsePriceFile } from '../../src/market/price-file.js';
import { a44, csv } from './price-fixtures.js';

const csvText = csv('2026-01-20T11:00Z,60,40', '2026-01-20T12:00Z,60,50');
const xmlText = a44([
  {
    start: '2026-01-20T11:00Z',
    end: '2026-01-20T13:00Z',
    resolution: 'PT60M',
    points: [
      [1, 40],
      [2, 50],
    ],
  },
]);
const startS = Date.UTC(2026, 0, 20, 11) / 1000;
const jsonText = JSON.stringify({ unix_seconds: [startS, startS + 3600], price: [40, 50], unit: 'EUR/MWh' });

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof EbbflowError ? error.code : 'NOT_OURS';
  }
};

describe('the format of a price file', () => {
  it.each([
    ['text/csv; charset=utf-8', csvText],
    ['application/xml', xmlText],
    ['TEXT/XML', xmlText],
    ['application/json', jsonText],
  ])('is the media type %s', (contentType, text) => {
    expect(parsePriceFile({ contentType, text }).importPerKwh).toEqual([0.04, 0.05]);
  });

  it.each([
    ['a.CSV', csvText],
    ['a.xml', xmlText],
    ['a.json', jsonText],
  ])('is the ending of %s where there is no media type', (fileName, text) => {
    expect(parsePriceFile({ fileName, text }).importPerKwh).toEqual([0.04, 0.05]);
  });

  it.each([csvText, xmlText, jsonText, `\uFEFF${xmlText}`])(
    'shows in the text where neither tells',
    (text) => {
      const vague = { contentType: 'application/octet-stream', fileName: 'prices', text };
      expect(parsePriceFile(vague).importPerKwh).toEqual([0.04, 0.05]);
    },
  );

  it('is refused when the media type is another, with a code of its own', () => {
    const refused = () => parsePriceFile({ contentType: 'application/pdf', text: csvText });
    expect(codeOf(refused)).toBe('UNSUPPORTED_MEDIA_TYPE');
    expect(refused).toThrow('content type application/pdf: prices come as text/csv');
  });
});

describe('a price file', () => {
  it('is refused beyond the size limit before it is parsed', () => {
    const text = 'x'.repeat(MAX_PRICE_FILE_CHARACTERS + 1);
    expect(codeOf(() => parsePriceFile({ text }))).toBe('PAYLOAD_TOO_LARGE');
  });

  it('names its field in the fault as well as in the message', () => {
    try {
      parsePriceFile({ fileName: 'day.csv', text: csv('2026-01-20T11:00Z,60,x') });
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({
        code: 'INVALID_INPUT',
        faults: [{ path: 'day.csv line 2, price_eur_mwh', message: 'expected a number, got "x"' }],
      });
    }
  });
});

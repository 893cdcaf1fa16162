import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MS_PER_MINUTE } from '../../src/domain/power.js';
import { parsePriceFile } from '../../src/market/price-file.js';
import { marketDay, pricesWithin } from '../../src/market/price-series.js';
import { a44, csv } from './price-fixtures.js';

const startMs = Date.UTC(2026, 0, 20, 11);
const at = (ms: number) => new Date(ms).toISOString().replace(':00.000Z', 'Z');

describe('a window of a price series', () => {
  const text = csv(
    '2026-01-20T11:00Z,60,10',
    '2026-01-20T12:00Z,60,20',
    '2026-01-20T13:00Z,15,30',
    '2026-01-20T13:15Z,15,40',
  );
  const hour = 60 * MS_PER_MINUTE;
  const cut = (fromMs: number, toMs: number) => parsePriceFile({ text, window: { fromMs, toMs } });

  it('keeps the resolution that the file has there', () => {
    expect(cut(startMs, startMs + 2 * hour)).toMatchObject({ slotMinutes: 60, importPerKwh: [0.01, 0.02] });
    expect(cut(startMs + 1.5 * hour, startMs + 2.25 * hour)).toMatchObject({
      startMs: startMs + 1.5 * hour,
      slotMinutes: 15,
      importPerKwh: [0.02, 0.02, 0.03],
      exportPerKwh: [0.02, 0.02, 0.03],
    });
  });

  it('is refused when prices are missing in it, when it cuts a slot or when it is empty', () => {
    expect(() => cut(startMs - hour, startMs + hour)).toThrow(
      'window: prices cover 2026-01-20T11:00Z to 2026-01-20T12:00Z, not 2026-01-20T10:00Z to 2026-01-20T12:00Z',
    );
    expect(() => cut(startMs + hour / 2, startMs + 2 * hour)).toThrow(
      'window: it must lie on borders of the 60-minute',
    );
    expect(() => cut(startMs + 9 * hour, startMs + 10 * hour)).toThrow('there is no price in the window');
    expect(() => pricesWithin(parsePriceFile({ text }), { fromMs: startMs, toMs: startMs })).toThrow(
      'it must end after',
    );
  });
});

describe('a market day', () => {
  it.each([
    ['2026-03-29', '2026-03-28T23:00Z', 23],
    ['2026-10-25', '2026-10-24T22:00Z', 25],
    ['2026-01-20', '2026-01-19T23:00Z', 24],
  ])('%s in Berlin starts at %s and has %i hours', (date, start, hours) => {
    const { fromMs, toMs } = marketDay(date, 'Europe/Berlin');
    expect(at(fromMs)).toBe(start);
    expect((toMs - fromMs) / 3_600_000).toBe(hours);
  });

  it('is refused for a date or a zone that does not exist', () => {
    expect(() => marketDay('2026-02-30', 'Europe/Berlin')).toThrow('day: no date 2026-02-30');
    expect(() => marketDay('2026-02', 'Europe/Berlin')).toThrow('day: no date 2026-02');
    expect(() => marketDay('2026-02-03', 'Europe/Atlantis')).toThrow('day: no time zone Europe/Atlantis');
  });
});

describe('whatever the prices', () => {
  const prices = fc.array(
    fc.integer({ min: -50_000, max: 400_000 }).map((cents) => cents / 100),
    { minLength: 2, maxLength: 60 },
  );
  const lengths = fc.constantFrom(5, 15, 30, 60);

  const rowsOf = (slots: readonly (readonly [minutes: number, price: number])[]): string[] => {
    let fromMs = startMs;
    return slots.map(([minutes, price]) => {
      const row = `${at(fromMs)},${minutes},${price}`;
      fromMs += minutes * MS_PER_MINUTE;
      return row;
    });
  };
  const mixed = fc.array(fc.tuple(lengths, fc.integer({ min: -500, max: 4_000 })), {
    minLength: 3,
    maxLength: 40,
  });

  it('a gapless CSV of mixed slots keeps its time and its price-weighted time', () => {
    fc.assert(
      fc.property(mixed, (slots) => {
        const series = parsePriceFile({ text: csv(...rowsOf(slots)) });
        const minutes = slots.reduce((sum, [length]) => sum + length, 0);
        const weighted = slots.reduce((sum, [length, price]) => sum + length * price, 0);
        expect(series.slotMinutes).toBe(Math.min(...slots.map(([length]) => length)));
        expect(series.importPerKwh.length * series.slotMinutes).toBe(minutes);
        const got = series.importPerKwh.reduce((sum, price) => sum + price * 1000 * series.slotMinutes, 0);
        expect(got).toBeCloseTo(weighted, 6);
      }),
    );
  });

  it('a CSV that lost, doubled or swapped a row inside is refused', () => {
    fc.assert(
      fc.property(mixed, fc.nat(), fc.constantFrom('lose', 'double', 'swap'), (slots, pick, harm) => {
        const rows = rowsOf(slots);
        const index = 1 + (pick % (rows.length - 2));
        if (harm === 'lose') rows.splice(index, 1);
        else if (harm === 'double') rows.splice(index, 0, rows[index]!);
        else rows.splice(index, 2, rows[index + 1]!, rows[index]!);
        expect(() => parsePriceFile({ text: csv(...rows) })).toThrow(/line \d+, start_utc: /);
      }),
    );
  });

  it('CSV, A44 with every position, A44 with repeated prices left out and Energy-Charts say the same', () => {
    fc.assert(
      fc.property(prices, (perMwh) => {
        const endMs = startMs + perMwh.length * 15 * MS_PER_MINUTE;
        const points = perMwh.map((price, index) => [index + 1, price] as const);
        const changes = points.filter(([, price], index) => index === 0 || price !== points[index - 1]?.[1]);
        const series = { start: at(startMs), end: at(endMs), resolution: 'PT15M' };
        const seconds = perMwh.map((_, index) => startMs / 1000 + index * 900);
        const fromCsv = parsePriceFile({
          text: csv(...rowsOf(perMwh.map((price) => [15, price]))),
          zone: 'BE',
        });
        const others = [
          a44([{ ...series, points, curve: 'A01' }]),
          a44([{ ...series, points: changes }]),
          JSON.stringify({ unix_seconds: seconds, price: perMwh, unit: 'EUR / MWh' }),
        ];
        for (const text of others) expect(parsePriceFile({ text, zone: 'BE' })).toEqual(fromCsv);
      }),
    );
  });
});

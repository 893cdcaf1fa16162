import type { PriceFileParser } from '../../src/api/api-server.js';
import { invalidInput } from '../../src/domain/errors.js';
import type { PriceSeries } from '../../src/domain/price.js';

/** What the fake price file reader was given, and a series of two slots back; `broken` is refused. */
export function fakePriceFiles() {
  const read: { contentType: string; text: string; options: object }[] = [];
  const parsePriceFile: PriceFileParser = (contentType, text, options) => {
    read.push({ contentType, text, options });
    if (text.includes('broken')) throw invalidInput('line 2', 'is no price');
    const series: PriceSeries = {
      zone: options.zone ?? 'DE-LU',
      currency: options.currency ?? 'EUR',
      startMs: Date.parse('2026-01-20T00:00:00Z'),
      slotMinutes: 60,
      importPerKwh: [0.1, 0.2],
      exportPerKwh: [0.1, 0.2],
    };
    if (!text.includes('hours and quarters')) return [series];
    const quarters = { ...series, startMs: series.startMs + 2 * 3_600_000, slotMinutes: 15 };
    return [series, quarters];
  };
  return { read, parsePriceFile };
}

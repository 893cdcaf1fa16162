import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { holidaysIn } from '../../src/domain/holidays.js';
import { assertCalendars, loadHolidayCalendars } from '../../src/market/market-products.js';
import { ROOT } from '../architecture/source-files.js';
import { productOf } from '../support/engine/bidding-fixtures.js';

const calendars = await loadHolidayCalendars({
  schemaFile: join(ROOT, 'schemas', 'holiday-calendar.schema.json'),
  folders: [join(ROOT, 'holidays')],
});
const daysOf = (id: string, year: number) => {
  const calendar = calendars.get(id);
  if (calendar === undefined) throw new Error(`no calendar ${id}`);
  return [...holidaysIn(calendar, year, year)].filter((day) => day.startsWith(`${year}`)).sort();
};

describe('holidays', () => {
  it('of Germany in 2026 are the nine of all Länder, Easter’s among them', () => {
    expect(daysOf('de', 2026)).toEqual([
      '2026-01-01',
      '2026-04-03',
      '2026-04-06',
      '2026-05-01',
      '2026-05-14',
      '2026-05-25',
      '2026-10-03',
      '2026-12-25',
      '2026-12-26',
    ]);
  });

  it.each([
    [2000, '2000-04-24'],
    [2008, '2008-03-24'],
    [2019, '2019-04-22'],
    [2025, '2025-04-21'],
    [2038, '2038-04-26'],
  ])('follow Easter, whose Monday in %i was or is %s', (year, day) => {
    expect(daysOf('de', year)).toContain(day);
  });

  it('of Great Britain fall on Mondays, and are made up for after a weekend', () => {
    expect(daysOf('gb', 2026)).toEqual(
      expect.arrayContaining(['2026-05-04', '2026-05-25', '2026-08-31', '2026-12-28']),
    );
    // Christmas on a Saturday, Boxing Day on a Sunday.
    expect(daysOf('gb', 2027)).toEqual(expect.arrayContaining(['2027-12-27', '2027-12-28']));
  });

  it('of Sweden have Midsummer’s eve and day by their weekdays', () => {
    expect(daysOf('se', 2026)).toEqual(expect.arrayContaining(['2026-06-19', '2026-06-20', '2026-10-31']));
  });

  it('that a product names must be there', () => {
    expect(() => assertCalendars([productOf({ holidays: 'de' })], calendars)).not.toThrow();
    expect(() => assertCalendars([productOf({ holidays: 'atlantis' })], calendars)).toThrow(
      'product test-up holidays: there is no calendar atlantis',
    );
  });
});

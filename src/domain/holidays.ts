/** A country's public holidays as data (schemas/holiday-calendar.schema.json). Days of the year are written `05-01`. */
export interface HolidayCalendar {
  readonly version: 1;
  readonly id: string;
  readonly title: string;
  /** The same day every year. */
  readonly fixed: readonly string[];
  /** Days after Easter Sunday; before it < 0. */
  readonly easterDays: readonly number[];
  /** The first such weekday (1 = Monday … 7 = Sunday) on or after a day of the year. */
  readonly weekdays: readonly { readonly from: string; readonly weekday: number }[];
  /** A fixed holiday on a weekend is made up for on the next day that is neither weekend nor holiday. */
  readonly substitute: boolean;
  /** Days that no rule gives, written `2026-06-19`. */
  readonly days: readonly string[];
  readonly sources: readonly string[];
}

const DAY_MS = 86_400_000;

/** A calendar's holidays of the years from `fromYear` to `toYear`, both included, written `2026-05-01`. */
export function holidaysIn(calendar: HolidayCalendar, fromYear: number, toYear: number): Set<string> {
  const found = new Set<string>(calendar.days);
  for (let year = fromYear; year <= toYear; year++) {
    const easterMs = easterSundayMs(year);
    for (const after of calendar.easterDays) found.add(isoDay(easterMs + after * DAY_MS));
    for (const { from, weekday } of calendar.weekdays) {
      const fromMs = Date.parse(`${year}-${from}`);
      found.add(isoDay(fromMs + ((weekday - weekdayOf(fromMs) + 7) % 7) * DAY_MS));
    }
    for (const day of calendar.fixed) found.add(`${year}-${day}`);
    if (!calendar.substitute) continue;
    for (const day of calendar.fixed) {
      const ms = Date.parse(`${year}-${day}`);
      if (weekdayOf(ms) < 6) continue;
      let otherMs = ms + DAY_MS;
      while (weekdayOf(otherMs) >= 6 || found.has(isoDay(otherMs))) otherMs += DAY_MS;
      found.add(isoDay(otherMs));
    }
  }
  return found;
}

/** Easter Sunday of the Gregorian calendar at 00:00 UTC (Meeus, Astronomical Algorithms, chapter 8). */
function easterSundayMs(year: number): number {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const f = Math.floor((b + 8) / 25);
  const g = Math.floor((b - f + 1) / 3);
  const h = (19 * a + b - Math.floor(b / 4) - g + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const sum = h + l - 7 * m + 114;
  return Date.UTC(year, Math.floor(sum / 31) - 1, (sum % 31) + 1);
}

/** 1 = Monday … 7 = Sunday. */
function weekdayOf(ms: number): number {
  return new Date(ms).getUTCDay() || 7;
}

function isoDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** How figures and instants read on the page. A real minus sign, the reader's own time zone. */

const LOCALE = 'en-GB';

const oneDecimal = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const threeDecimals = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 3, maximumFractionDigits: 3 });
const twoDecimals = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const clock = new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit' });
const clockWithDay = new Intl.DateTimeFormat(LOCALE, {
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const wholeDate = new Intl.DateTimeFormat(LOCALE, {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZoneName: 'short',
});

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

const withMinus = (text: string) => text.replace('-', '−');

/** kW or kWh with one decimal, e.g. `−1,204.5`; `–` where nothing is known. */
export function figure(value: number | null): string {
  if (value === null) return '–';
  // −0.04 would read as −0.0.
  const rounded = Math.round(value * 10) / 10;
  return withMinus(oneDecimal.format(rounded === 0 ? 0 : rounded));
}

/** With its sign written out, for power that may go either way. */
export function signedFigure(value: number | null): string {
  return value !== null && value > 0.05 ? `+${figure(value)}` : figure(value);
}

/** Money per kWh. */
export function priceText(perKwh: number | null): string {
  return perKwh === null ? '–' : withMinus(threeDecimals.format(perKwh));
}

export function moneyText(amount: number, currency: string): string {
  return `${withMinus(twoDecimals.format(amount))} ${currency}`;
}

/** A relative gap as per cent; what rounds to nothing is nothing. */
export function gapText(gap: number): string {
  const percent = gap * 100;
  return percent < 0.0001 ? '0 %' : `${Number(percent.toPrecision(2))} %`;
}

/** `17:45`, with the day's name where it is not within half a day of `nowMs`. */
export function timeText(instant: string, nowMs: number): string {
  const instantMs = Date.parse(instant);
  return (Math.abs(instantMs - nowMs) < DAY_MS / 2 ? clock : clockWithDay).format(instantMs);
}

export function dateText(instant: string): string {
  return wholeDate.format(Date.parse(instant));
}

/** `in 2 h 15 min`, `12 min ago`, `now`. */
export function distanceText(instant: string, nowMs: number): string {
  const distanceMs = Date.parse(instant) - nowMs;
  const minutes = Math.round(Math.abs(distanceMs) / MINUTE_MS);
  if (minutes === 0) return 'now';
  const text = lengthText(minutes * MINUTE_MS);
  return distanceMs > 0 ? `in ${text}` : `${text} ago`;
}

function lengthText(lengthMs: number): string {
  const hours = Math.floor(lengthMs / HOUR_MS);
  const minutes = Math.floor((lengthMs % HOUR_MS) / MINUTE_MS);
  if (hours >= 48) return `${Math.round(hours / 24)} days`;
  if (hours === 0) return `${minutes} min`;
  return minutes === 0 ? `${hours} h` : `${hours} h ${minutes} min`;
}

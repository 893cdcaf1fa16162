import { invalidInput } from '../domain/errors.js';
import { MS_PER_MINUTE } from '../domain/power.js';
import { SLOT_LENGTHS_MINUTES } from './price-document.js';

/**
 * Start of quarter-hour products in the single day-ahead coupling: delivery day 2025-10-01, CET. From here on
 * an hourly file may go on in quarter-hours; any other change of step is a gap.
 */
const QUARTER_HOURS_FROM_MS = Date.UTC(2025, 8, 30, 22);

/**
 * Length of each slot of a file that states only where slots begin: the distance to the next one; the last is
 * as long as the one before it. Throws INVALID_INPUT at `placeOf(index)` for a repetition, disorder or a gap.
 */
export function slotLengthsOf(
  startsMs: readonly number[],
  fileName: string,
  placeOf: (index: number) => string,
): number[] {
  const steps = startsMs.slice(1).map((startMs, index) => (startMs - (startsMs[index] ?? 0)) / MS_PER_MINUTE);
  const [opening] = steps;
  const last = steps.at(-1);
  if (opening === undefined || last === undefined) {
    throw invalidInput(fileName, 'fewer than two instants do not tell how long a slot is');
  }
  const border = startsMs.findIndex((startMs) => startMs >= QUARTER_HOURS_FROM_MS);
  const mayChange = opening === 60 && border > 0 && steps[border] === 15;
  steps.forEach((minutes, index) => {
    const expected = mayChange && index >= border ? 15 : opening;
    if (minutes === expected && SLOT_LENGTHS_MINUTES.includes(minutes)) return;
    throw invalidInput(placeOf(index + 1), faultOf(minutes, expected));
  });
  return [...steps, last];
}

function faultOf(minutes: number, expected: number): string {
  if (minutes === 0) return 'the instant is there twice';
  if (minutes < 0) return 'the instant is out of order';
  if (minutes === expected) return `slots of ${minutes} minutes are not traded`;
  return `${minutes} minutes after the instant before it instead of ${expected}: a gap or an uneven step`;
}

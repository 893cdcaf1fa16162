import { invalidInput } from '../../domain/errors.js';
import { MS_PER_MINUTE } from '../../domain/power.js';
import { LARGEST_PRICE_PER_KWH, type PriceSeries } from '../../domain/price.js';
import type { PriceSlot } from '../../ports/store.js';

/** @throws EbbflowError INVALID_INPUT that names the field */
export function checkSeries({ importPerKwh, exportPerKwh, slotMinutes, startMs }: PriceSeries): void {
  if (!(slotMinutes > 0)) throw invalidInput('slotMinutes', 'must be above 0');
  if (!Number.isFinite(startMs)) throw invalidInput('start', 'must be an instant');
  if (importPerKwh.length === 0) throw invalidInput('importPerKwh', 'must not be empty');
  if (exportPerKwh.length !== importPerKwh.length) {
    throw invalidInput('exportPerKwh', `must have as many values as importPerKwh, ${importPerKwh.length}`);
  }
  for (const [name, prices] of Object.entries({ importPerKwh, exportPerKwh })) {
    const index = prices.findIndex((price) => !(Math.abs(price) <= LARGEST_PRICE_PER_KWH));
    if (index < 0) continue;
    const fault = Number.isFinite(prices[index])
      ? `${prices[index]} per kWh is beyond any market's limits (${LARGEST_PRICE_PER_KWH}); check the unit`
      : 'must be a number';
    throw invalidInput(`${name}[${index}]`, fault);
  }
}

/** Neighbouring slots as one series; undefined when there are none. Stops at the first change of zone or length, or gap. */
export function seriesFrom(slots: readonly PriceSlot[]): PriceSeries | undefined {
  const [first] = slots;
  if (first === undefined) return undefined;
  const importPerKwh: number[] = [];
  const exportPerKwh: number[] = [];
  let nextMs = first.startMs;
  for (const slot of slots) {
    if (slot.startMs !== nextMs || slot.slotMinutes !== first.slotMinutes || slot.zone !== first.zone) break;
    importPerKwh.push(slot.importPerKwh);
    exportPerKwh.push(slot.exportPerKwh);
    nextMs += slot.slotMinutes * MS_PER_MINUTE;
  }
  const { zone, currency, startMs, slotMinutes, kind, source } = first;
  return {
    zone,
    currency,
    startMs,
    slotMinutes,
    importPerKwh,
    exportPerKwh,
    kind,
    ...(source === undefined ? {} : { source }),
  };
}

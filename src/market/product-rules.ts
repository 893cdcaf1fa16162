import { IANAZone } from 'luxon';
import type { FieldFault } from '../domain/errors.js';
import type { MarketProduct } from '../domain/market-product.js';

/** Rules of a market product that its schema cannot say; empty when all hold. */
export function productFaults(product: MarketProduct): FieldFault[] {
  const faults: FieldFault[] = [];
  const fault = (path: string, message: string) => faults.push({ path, message });
  if (!IANAZone.isValidZone(product.timeZone)) fault('timeZone', `${product.timeZone} is no IANA time zone`);
  if (!isMultiple(product.minKw, product.stepKw)) fault('minKw', 'must be a whole number of stepKw');
  if (product.maxKw !== undefined && product.maxKw < product.minKw) fault('maxKw', 'must be at least minKw');
  if ('localBorders' in product.blocks) {
    const minutes = product.blocks.localBorders.map(borderMinutes);
    minutes.slice(1).forEach((value, index) => {
      if (value <= (minutes[index] ?? value))
        fault(`blocks.localBorders.${index + 1}`, 'must be later than the border before it');
    });
    if ((minutes.at(-1) ?? 0) - (minutes[0] ?? 0) > 24 * 60)
      fault('blocks.localBorders', 'must span one day at most');
    if ((minutes.at(-1) ?? 0) > 24 * 60) fault('blocks.localBorders', 'must end by 24:00');
  }
  const gate: Readonly<Record<string, unknown>> = { ...product.gate };
  const hasLead = gate.closesMinutesBeforeStart !== undefined;
  const hasDay = gate.closesDaysBefore !== undefined || gate.closesLocal !== undefined;
  if (hasLead === hasDay)
    fault('gate', 'give either closesMinutesBeforeStart, or closesDaysBefore and closesLocal');
  else if (hasDay && (gate.closesDaysBefore === undefined || gate.closesLocal === undefined))
    fault('gate', 'closesDaysBefore and closesLocal go together');
  if ((gate.opensDaysBefore === undefined) !== (gate.opensLocal === undefined))
    fault('gate', 'opensDaysBefore and opensLocal go together');
  return faults;
}

/** Minutes after the delivery day's midnight by the wall clock; negative on the day before. */
function borderMinutes(border: string): number {
  const [hours = 0, minutes = 0] = border.replace('-', '').split(':').map(Number);
  return border.startsWith('-') ? -(hours * 60 + minutes) : hours * 60 + minutes;
}

function isMultiple(value: number, step: number): boolean {
  const ratio = value / step;
  return Math.abs(ratio - Math.round(ratio)) < 1e-9;
}

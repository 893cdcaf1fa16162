import type { PlanReason } from '../../domain/plan.js';

/** What there is to say about one session's plan. Arrays are per slot of the session's window. */
export interface ReasonInput {
  readonly firstSlot: number;
  readonly netKw: readonly number[];
  readonly shortfallKwh: number;
  /** What one more stored kWh costs by importing, and earns by exporting: losses and wear counted; currency. */
  readonly chargeCostPerKwh: readonly number[];
  readonly exportGainPerKwh: readonly number[];
  /** What a stored kWh is worth for later, currency; empty where unknown. */
  readonly storedValuePerKwh: readonly number[];
  /** Limits that bind in the slot, as the solver names them. */
  readonly binding: readonly (readonly string[])[];
  readonly currency: string;
  readonly chargeNow?: 'opted-out' | 'departure-missing' | 'departure-passed' | 'clock-stopped';
}

type Activity = 'charge' | 'discharge' | 'wait';
const IDLE_KW = 0.05;

/** A session's plan in sentences: one for each run of slots in which the car does the same. */
export function reasonsFor(input: ReasonInput): PlanReason[] {
  const { firstSlot, netKw } = input;
  const reasons: PlanReason[] = [];
  let from = 0;
  while (from < netKw.length) {
    const activity = activityOf(netKw[from] ?? 0);
    let end = from + 1;
    while (end < netKw.length && activityOf(netKw[end] ?? 0) === activity) end += 1;
    reasons.push({
      fromSlot: firstSlot + from,
      endSlot: firstSlot + end,
      text: sentence(input, activity, from, end),
    });
    from = end;
  }
  return reasons;
}

function sentence(input: ReasonInput, activity: Activity, from: number, end: number): string {
  if (input.chargeNow !== undefined && activity === 'charge') return CHARGE_NOW[input.chargeNow];
  const money = (perKwh: number) => `${perKwh.toFixed(3)} ${input.currency}`;
  const cost = money(meanOver(input.chargeCostPerKwh, from, end));
  const gain = money(meanOver(input.exportGainPerKwh, from, end));
  const valuePerKwh = meanOver(input.storedValuePerKwh, from, end);
  const worth = Number.isFinite(valuePerKwh) ? money(valuePerKwh) : undefined;
  const limits = limitsText(input.binding.slice(from, end));
  const missing =
    input.shortfallKwh > 0.01
      ? ` The target will be missed by ${input.shortfallKwh.toFixed(1)} kWh: charging as fast as allowed.`
      : '';
  switch (activity) {
    case 'charge':
      return `Charging: a stored kWh costs ${cost} now${worth === undefined ? '' : ` and is worth ${worth} later`}${limits}.${missing}`;
    case 'discharge':
      return `Discharging: a stored kWh earns ${gain} now${worth === undefined ? '' : ` and is worth ${worth} later`}${limits}.${missing}`;
    case 'wait':
      return `Waiting: charging a kWh costs ${cost} now, exporting it earns ${gain}${worth === undefined ? '' : `, keeping it is worth ${worth}`}${limits}.${missing}`;
  }
}

const CHARGE_NOW = {
  'opted-out': 'Charging at once: the session opted out of steering.',
  'departure-missing': 'Charging at once: no departure is known.',
  'departure-passed': 'Charging at once: the stated departure has passed.',
  'clock-stopped': 'Charging at once: the clock of the station stands still, so it cannot follow a schedule.',
} as const;

/** The solver's names of limits as a driver says them; full power is no news. */
const LIMIT_WORDS: Readonly<Record<string, string>> = {
  floor: "the battery's floor",
  ceiling: 'the full battery',
  target: 'the target',
  site: "the site's grid connection",
  fleet: "the fleet's grid limit",
  commitment: 'a dispatch order',
  reserve: 'sold reserve',
};

function limitsText(binding: readonly (readonly string[])[]): string {
  const named = [...new Set(binding.flat())].flatMap((limit) => LIMIT_WORDS[limit] ?? []);
  return named.length === 0 ? '' : `; held by ${named.join(', ')}`;
}

function activityOf(powerKw: number): Activity {
  if (powerKw > IDLE_KW) return 'charge';
  return powerKw < -IDLE_KW ? 'discharge' : 'wait';
}

function meanOver(values: readonly number[], from: number, end: number): number {
  let sum = 0;
  for (let index = from; index < end; index++) sum += values[index] ?? Number.NaN;
  return sum / (end - from);
}

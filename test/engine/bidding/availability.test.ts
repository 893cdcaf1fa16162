import { describe, expect, it } from 'vitest';
import {
  type AvailabilityModel,
  createAvailabilityModel,
  dayTypeOf,
} from '../../../src/engine/bidding/availability-sample.js';
import { availabilityTable } from '../../../src/engine/bidding/availability-table.js';
import { backTest } from '../../../src/engine/bidding/back-test.js';
import { createSessionHistory } from '../../../src/engine/bidding/pool-capacity.js';
import { blocksOfDay, gateOf } from '../../../src/engine/bidding/product-blocks.js';
import type { CapacitySession } from '../../../src/engine/bidding/session-capacity.js';
import { seededRandom } from '../../../src/simulator/seeded-random.js';
import { productOf, ruleOf, stayOf } from '../../support/engine/bidding-fixtures.js';
import { HOUR_MS } from '../../support/engine/fixtures.js';

const DAY_MS = 24 * HOUR_MS;
const FIRST_MS = Date.UTC(2025, 0, 6);
const product = productOf({ timeZone: 'UTC' });

/** `cars` cars that each plug in from 18:00 to 07:00 on a day with the given chance. */
function nights(days: number, cars: number, chance: number, seed = 7): CapacitySession[] {
  const random = seededRandom(seed);
  const stays: CapacitySession[] = [];
  for (let day = 0; day < days; day++) {
    for (let car = 0; car < cars; car++) {
      if (random() >= chance) continue;
      const startMs = FIRST_MS + day * DAY_MS + 18 * HOUR_MS;
      stays.push(stayOf(startMs, { place: `car-${car}`, endMs: startMs + 13 * HOUR_MS }));
    }
  }
  return stays;
}

const modelOf = (stays: readonly CapacitySession[]): AvailabilityModel =>
  createAvailabilityModel(createSessionHistory(stays), product, ruleOf());
const dayOf = (index: number) => new Date(FIRST_MS + index * DAY_MS).toISOString().slice(0, 10);
const block = (index: number, startLocal: string) =>
  blocksOfDay(product, dayOf(index)).find((entry) => entry.startLocal === startLocal)!;

describe('the availability sample', () => {
  it('resamples days of the same type, the newest that were over at the gate first', () => {
    const model = modelOf(nights(130, 10, 1));
    const night = block(122, '00:00');
    const sample = model.sample(night, gateOf(product, night).closesMs);
    expect(dayTypeOf(night.day, new Set())).toBe('weekday');
    expect(sample.scenarios[0]).toEqual({ day: dayOf(121), capacityKw: 110, places: 10, scaledKw: 110 });
    expect(sample.scenarios.every(({ day }) => dayTypeOf(day, new Set()) === 'weekday')).toBe(true);
    const evening = block(122, '20:00');
    expect(model.sample(evening, gateOf(product, evening).closesMs).scenarios[0]?.day).toBe(dayOf(120));
  });

  it('grows with the pool: a day with half the cars counts in proportion', () => {
    const small = nights(90, 10, 1);
    const grown = nights(140, 20, 1).filter((stay) => stay.startMs >= FIRST_MS + 90 * DAY_MS);
    const night = block(139, '00:00');
    const sample = modelOf([...small, ...grown]).sample(night, gateOf(product, night).closesMs);
    expect(sample).toMatchObject({ places: 20, expectedKw: 220 });
    expect(sample.scenarios.at(-1)).toMatchObject({ capacityKw: 110, places: 10, scaledKw: 220 });
  });

  it('sees nothing of what came after: the future changes no sample', () => {
    const stays = nights(120, 10, 0.7);
    const night = block(100, '20:00');
    const asOfMs = gateOf(product, night).closesMs;
    const future = stays.filter((stay) => stay.startMs < asOfMs);
    const another = nights(130, 30, 0.2, 99).filter((stay) => stay.startMs >= asOfMs);
    const open = future.map((stay) => (stay.endMs > asOfMs ? { ...stay, endMs: stay.endMs + DAY_MS } : stay));
    expect(modelOf([...open, ...another]).sample(night, asOfMs)).toEqual(
      modelOf(stays).sample(night, asOfMs),
    );
  });

  it('is empty without history, and a firm bid then is nothing', () => {
    const night = block(3, '00:00');
    expect(modelOf(nights(3, 10, 1)).sample(night, night.startMs)).toMatchObject({
      expectedKw: 0,
      scenarios: [],
    });
    expect(modelOf([]).sample(night, night.startMs)).toMatchObject({ places: 0, scenarios: [] });
  });

  it('makes a table by day type and hour that says how many days it rests on', () => {
    const hourly = productOf({ timeZone: 'UTC', blocks: { everyMinutes: 60 } });
    const model = createAvailabilityModel(createSessionHistory(nights(120, 10, 1)), hourly, ruleOf());
    const rows = availabilityTable(model, hourly, FIRST_MS + 120 * DAY_MS);
    expect(rows).toHaveLength(48);
    const row = (dayType: string, startLocal: string) =>
      rows.find((entry) => entry.dayType === dayType && entry.startLocal === startLocal);
    expect(row('weekday', '03:00')).toMatchObject({ meanKw: 110, p90Kw: 110 });
    expect(row('weekday', '12:00')).toMatchObject({ meanKw: 0, p90Kw: 0 });
    expect(row('weekday', '03:00')?.days).toBeGreaterThan(50);
    expect(row('weekend', '03:00')?.days).toBeLessThan(30);
  });
});

describe('the back test', () => {
  it('reaches the reliability it promises where days are alike, without knowing the future', () => {
    const model = modelOf(nights(400, 40, 0.6));
    const past = Array.from({ length: 200 }, (_, index) => blocksOfDay(product, dayOf(180 + index))).flat();
    const test = backTest(model, product, past, { reliability: 0.9, method: 'quantile' });
    const reached = test.byStart.get('00:00');
    expect(reached?.of).toBe(200);
    expect(reached?.share).toBeGreaterThan(0.87);
    expect(reached?.share).toBeLessThan(0.98);
    // Nobody is plugged in from 08:00 to 16:00, and from 16:00 to 20:00 not throughout: no bid, not a bid of 0.
    expect([...test.byStart.keys()]).toEqual(['00:00', '20:00']);
    expect(test.withoutBid).toBe(800);
  });
});

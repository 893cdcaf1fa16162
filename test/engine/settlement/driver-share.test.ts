import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asTransactionId } from '../../../src/domain/ids.js';
import type { DriverContract } from '../../../src/domain/tariff.js';
import { uncontrolledCost } from '../../../src/engine/settlement/counterfactual.js';
import { driverShare } from '../../../src/engine/settlement/driver-share.js';
import { awardMoney, capacityShares, creditedShares } from '../../../src/engine/settlement/pool-earnings.js';
import {
  EVSE,
  HOUR_MS,
  MINUTE_MS,
  NOON_MS,
  needsOf,
  sessionOf,
  TRANSACTION,
} from '../../support/engine/fixtures.js';
import { sampleBid } from '../../support/store-samples.js';

const contractOf = (changes: Partial<DriverContract> = {}): DriverContract => ({
  version: 1,
  id: 'drivers',
  currency: 'EUR',
  timeZone: 'Europe/Berlin',
  validFrom: '2026-01-01',
  wearPerKwh: 0.05,
  driverFraction: { capacity: 0.5, activation: 0.6, arbitrage: 0.3 },
  activationPerKwh: 0.4,
  ...changes,
});

describe('the driver’s share', () => {
  it('is the wear first, then a fraction of what is left of each source', () => {
    // 10 kWh fed in: 50 cents of wear, out of the arbitrage.
    expect(driverShare({ capacity: 101, activation: 200, arbitrage: 150 }, 10_000, contractOf())).toEqual({
      'driver.wear': 50,
      'driver.arbitrage': 30,
      'aggregator.arbitrage': 70,
      'driver.activation': 120,
      'aggregator.activation': 80,
      'driver.capacity': 51,
      'aggregator.capacity': 50,
      'aggregator.wear': 0,
    });
  });

  it('takes the wear from the next source where one is not enough, and from the aggregator at last', () => {
    const poor = driverShare({ capacity: 10, activation: 15, arbitrage: -40 }, 10_000, contractOf());
    expect(poor).toMatchObject({
      'driver.wear': 50,
      'driver.arbitrage': 0,
      'aggregator.arbitrage': -40,
      'driver.activation': 0,
      'driver.capacity': 0,
      'aggregator.wear': -25,
    });
  });

  it('adds up to what was earned, to the cent, and never lets the driver pay', () => {
    const cents = fc.integer({ min: -100_000, max: 100_000 });
    const fraction = fc.double({ min: 0, max: 1, noNaN: true });
    void fc.assert(
      fc.property(
        cents,
        cents,
        cents,
        fc.nat(90_000),
        fraction,
        fraction,
        (capacity, activation, arbitrage, exportWh, a, b) => {
          const contract = contractOf({ driverFraction: { capacity: a, activation: b, arbitrage: a } });
          const amounts = driverShare({ capacity, activation, arbitrage }, exportWh, contract);
          const total = Object.values(amounts).reduce((sum, minor) => sum + minor, 0);
          expect(total).toBe(capacity + activation + arbitrage);
          for (const [account, minor] of Object.entries(amounts)) {
            expect(Number.isInteger(minor)).toBe(true);
            if (account.startsWith('driver.')) expect(minor).toBeGreaterThanOrEqual(0);
          }
        },
      ),
    );
  });
});

describe('what a pool earned', () => {
  const plugged = (name: string, fromHours: number, toHours: number, needs = needsOf()) =>
    sessionOf({
      transactionId: asTransactionId(name),
      startedAtMs: NOON_MS + fromHours * HOUR_MS,
      endedAtMs: NOON_MS + toHours * HOUR_MS,
      state: 'ended',
      needs,
    });

  it('for capacity goes by kW and hours held ready, to the cent', () => {
    const sample = sampleBid('bid-1');
    const bid = {
      ...sample,
      product: { ...sample.product, direction: 'up' as const, currency: 'EUR' },
      startMs: NOON_MS,
      endMs: NOON_MS + 4 * HOUR_MS,
      award: { kw: 100, pricePerKwPerHour: 0.025, awardedAtMs: 0, awardedBy: 't' },
    };
    const sessions = [
      plugged('b', 0, 4),
      plugged('a', 2, 9, needsOf({ maxDischargeKw: 22 })),
      plugged('one-way', 0, 4, needsOf({ bidirectional: false })),
      { ...plugged('out', 0, 4), override: { optOut: true } },
      plugged('later', 5, 6),
    ];
    // 10 EUR over 44 and 44 kWh of readiness.
    const shares = capacityShares(bid, 1000, sessions, NOON_MS + 10 * HOUR_MS);
    expect([...shares].filter(([, minor]) => minor !== 0)).toEqual([
      ['a', 500],
      ['b', 500],
    ]);
    expect(
      capacityShares(
        { ...bid, product: { ...bid.product, direction: 'down' } },
        1000,
        sessions.slice(2, 3),
        0,
      ).get(asTransactionId('one-way')),
    ).toBe(1000);
    expect([...capacityShares(bid, 1000, [], 0)]).toEqual([]);
  });

  it('for capacity is awarded kW × price × hours, cut by what was not held, where the product cuts', () => {
    const sample = sampleBid('bid-1');
    const block = { startMs: NOON_MS, endMs: NOON_MS + HOUR_MS };
    const award = { kw: 100, pricePerKwPerHour: 0.025, awardedAtMs: 0, awardedBy: 't' };
    const penalty = { capacityCut: true, energyPrice: 'none' as const, factor: 1 };
    const bid = { ...sample, ...block, award, product: { ...sample.product, currency: 'EUR', penalty } };
    const noted = (missing: readonly number[]) =>
      missing.map((missingKw, index) => ({
        bidId: bid.bidId,
        startMs: NOON_MS + index * 15 * MINUTE_MS,
        missingKw,
      }));
    expect(awardMoney(bid, noted([0, 0, 0, 0]))).toEqual({ capacity: 250, cut: 0 });
    expect(awardMoney(bid, noted([0, 40, 0, 0]))).toEqual({ capacity: 250, cut: 25 });
    // Of the last quarter nobody knows: it counts as not held.
    expect(awardMoney(bid, noted([0, 0, 0]))).toEqual({ capacity: 250, cut: 63 });
    const lenient = { ...bid, product: { ...bid.product, penalty: { ...penalty, capacityCut: false } } };
    expect(awardMoney(lenient, [])).toEqual({ capacity: 250, cut: 0 });
    const lent = { ...bid, award: { ...award, releases: [{ kw: 60, releasedAtMs: 0, releasedBy: 't' }] } };
    expect(awardMoney(lent, noted([0, 0, 0, 40]))).toEqual({ capacity: 100, cut: 25 });
  });

  it('for capacity adds up to the block’s money less the cut, through every session’s parts, to the cent', () => {
    const sample = sampleBid('bid-1');
    const penalty = { capacityCut: true, energyPrice: 'none' as const, factor: 1 };
    const product = { ...sample.product, direction: 'up' as const, currency: 'EUR', penalty };
    const stay = fc.record({
      from: fc.nat(7),
      hours: fc.integer({ min: 1, max: 8 }),
      kw: fc.integer({ min: 1, max: 22 }),
    });
    fc.assert(
      fc.property(
        fc.array(stay, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 5000 }),
        fc.double({ min: -0.05, max: 0.4, noNaN: true }),
        fc.array(fc.double({ min: 0, max: 6000, noNaN: true }), { minLength: 16, maxLength: 16 }),
        (stays, kw, pricePerKwPerHour, missing) => {
          const block = { startMs: NOON_MS, endMs: NOON_MS + 4 * HOUR_MS };
          const award = { kw, pricePerKwPerHour, awardedAtMs: 0, awardedBy: 't' };
          const bid = { ...sample, ...block, product, award };
          const shortages = missing.map((missingKw, quarter) => ({
            bidId: bid.bidId,
            startMs: NOON_MS + quarter * 15 * MINUTE_MS,
            missingKw,
          }));
          const money = awardMoney(bid, shortages);
          expect(Math.abs(money.cut)).toBeLessThanOrEqual(Math.abs(money.capacity));
          const sessions = stays.map(({ from, hours, kw: maxDischargeKw }, index) =>
            plugged(`tx-${index}`, from, from + hours, needsOf({ maxDischargeKw })),
          );
          const net = money.capacity - money.cut;
          const shares = capacityShares(bid, net, sessions, NOON_MS + 24 * HOUR_MS);
          const parts = [...shares.values()].flatMap((capacity) =>
            Object.values(driverShare({ capacity, activation: 0, arbitrage: 0 }, 0, contractOf())),
          );
          const isReady = stays.some(({ from }) => from < 4);
          expect(parts.reduce((sum, minor) => sum + minor, 0)).toBe(isReady ? net : 0);
        },
      ),
    );
  });

  it('for credited energy goes by what each session moved in the direction, to the Wh', () => {
    const books = [
      ['a', 0, 1000],
      ['b', 0, 2000],
      ['b', 500, 0],
      ['c', 9000, 0],
    ].map(([name, importWh, exportWh]) => ({
      transactionId: asTransactionId(String(name)),
      evseId: EVSE,
      startMs: NOON_MS,
      importWh: Number(importWh),
      exportWh: Number(exportWh),
    }));
    const sessions = ['a', 'b', 'c'].map((name) => plugged(name, 0, 1));
    expect([...creditedShares({ creditedKwh: 2, direction: 'up' }, books, sessions)]).toEqual([
      ['a', 667],
      ['b', 1333],
      ['c', 0],
    ]);
    expect([...creditedShares({ creditedKwh: 1.9, direction: 'down' }, books, sessions)]).toEqual([
      ['a', 0],
      ['b', 100],
      ['c', 1800],
    ]);
  });
});

describe('the cost without us', () => {
  const stay = sessionOf({ endedAtMs: NOON_MS + 2 * HOUR_MS, needs: needsOf({ maxChargeKw: 12 }) });
  const books = (importWh: number, exportWh: number) => [
    { transactionId: TRANSACTION, evseId: EVSE, startMs: NOON_MS + 115 * MINUTE_MS, importWh, exportWh },
  ];
  const lossless = { chargeEfficiency: 1, dischargeEfficiency: 1 };
  /** Dear in the first hour, cheap in the second. */
  const rate = (atMs: number) => (atMs < NOON_MS + HOUR_MS ? 0.4 : 0.1);

  it('is that of charging the same energy at once at full power', () => {
    // 15 kWh: 12 in the first hour at 40 ct, 3 in the second at 10 ct. Books hold at most 1 kWh in five minutes.
    expect(
      uncontrolledCost(
        stay,
        Array.from({ length: 15 }, () => books(1000, 0)[0]!),
        lossless,
        rate,
      ),
    ).toBeCloseTo(5.1, 9);
  });

  it('counts what was lost in feeding back as energy that would not have been bought', () => {
    const efficiencies = { chargeEfficiency: 0.9, dischargeEfficiency: 0.9 };
    const both = [...books(1000, 0), ...books(0, 405)];
    expect(uncontrolledCost(stay, both, efficiencies, () => 1)).toBeCloseTo(0.5, 9);
  });

  it('buys what a car left without at the mean price, and is unknown where a price is', () => {
    expect(uncontrolledCost(stay, books(0, 1000), lossless, rate)).toBeCloseTo(-0.25, 9);
    expect(uncontrolledCost(stay, books(0, 0), lossless, () => null)).toBe(0);
    expect(uncontrolledCost(stay, books(1000, 0), lossless, () => null)).toBeNull();
  });
});

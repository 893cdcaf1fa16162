import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DispatchOrder } from '../../../src/domain/dispatch.js';
import { asDispatchId, asTransactionId, evseIdOf } from '../../../src/domain/ids.js';
import {
  askedKwhOf,
  askedSteps,
  checkRequest,
  isDelivered,
} from '../../../src/engine/dispatch/order-request.js';
import { accountTo, profileCorrectionKwh, sharesOf } from '../../../src/engine/dispatch/shares.js';
import {
  EVSE,
  HOUR_MS,
  MINUTE_MS,
  NOON_MS,
  plannedOf,
  planOf,
  profileOf,
  STATION,
  TRANSACTION,
} from '../../support/engine/fixtures.js';

const OTHER = evseIdOf(STATION, 2);
const at = (minutes: number) => NOON_MS + minutes * MINUTE_MS;
const orderOf = (changes: Partial<DispatchOrder> = {}): DispatchOrder => ({
  dispatchId: asDispatchId('d-1'),
  startMs: at(0),
  endMs: at(60),
  targetNetKw: -12,
  reason: 'test',
  createdAtMs: at(-30),
  createdBy: 'key',
  state: 'delivering',
  askedNetKw: [{ startMs: at(0), netKw: -12 }],
  ...changes,
});
const interval = (minutes: number, exportWh: number, evseId = EVSE) => ({
  transactionId: TRANSACTION,
  evseId,
  startMs: at(minutes),
  endMs: at(minutes + 5),
  importWh: 0,
  exportWh,
});

describe('the shares of an order', () => {
  it('are asked by the plan, acknowledged by the profile in force and metered by the books, per EVSE', () => {
    const plan = planOf([
      plannedOf(new Array<number>(12).fill(-8)),
      plannedOf(new Array<number>(12).fill(-4), { evseId: OTHER, transactionId: asTransactionId('tx-2') }),
    ]);
    const inForce = [profileOf([{ startMs: at(0), powerKw: -8 }], { validToMs: at(45) })];
    const metered = [interval(0, 600), interval(55, 300), interval(60, 500), interval(0, 100, OTHER)];
    const shares = sharesOf(orderOf(), { nowMs: at(0), toMs: at(60), metered, plan, inForce });
    expect(shares).toEqual([
      { evseId: EVSE, askedKwh: -8, acknowledgedKwh: -6, meteredKwh: expect.closeTo(-0.9, 9) },
      {
        evseId: OTHER,
        askedKwh: expect.closeTo(-4, 9),
        acknowledgedKwh: 0,
        meteredKwh: expect.closeTo(-0.1, 9),
      },
    ]);
  });

  it('count an interval on the order’s edge by the part that overlaps', () => {
    const order = orderOf({ startMs: at(2), endMs: at(59) });
    const metered = [interval(0, 500), interval(55, 500)];
    const [share] = sharesOf(order, {
      nowMs: at(0),
      toMs: order.endMs,
      metered,
      plan: undefined,
      inForce: [],
    });
    expect(share!.meteredKwh).toBeCloseTo(-(0.3 + 0.4), 9);
  });

  it('keep what was asked of the past when the plan changes in the middle', () => {
    const first = planOf([plannedOf(new Array<number>(12).fill(-12))]);
    const booked = accountTo(orderOf(), at(20), first, []);
    const second = planOf([plannedOf(new Array<number>(12).fill(0))]);
    const [share] = sharesOf(booked, { nowMs: at(20), toMs: at(60), metered: [], plan: second, inForce: [] });
    expect(share!.askedKwh).toBeCloseTo(-4, 9);
  });

  it('come to the same whether the past is booked often, once or not at all', () => {
    const plan = planOf([plannedOf([-3, 5, -8, 0, 11, -11, 2, 2, -7, 1, 0, -5])]);
    const inForce = [
      profileOf([
        { startMs: at(-10), powerKw: 3 },
        { startMs: at(17), powerKw: -6 },
      ]),
    ];
    const view = (order: DispatchOrder) =>
      sharesOf(order, { nowMs: at(60), toMs: at(60), metered: [], plan, inForce })[0]!;
    const once = view(orderOf());
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -20, max: 90 }), { maxLength: 10 }), (minutes) => {
        const stops = [...minutes].sort((a, b) => a - b);
        const often = view(
          stops.reduce((order, minute) => accountTo(order, at(minute), plan, inForce), orderOf()),
        );
        expect(often.askedKwh).toBeCloseTo(once.askedKwh, 9);
        expect(often.acknowledgedKwh).toBeCloseTo(once.acknowledgedKwh, 9);
      }),
    );
  });

  it('are left alone when nothing is due', () => {
    const order = orderOf();
    expect(accountTo(order, at(0), planOf([]), [])).toBe(order);
  });
});

describe('what an order asks', () => {
  const plan = planOf([plannedOf([10, 10, 4, 4])]);

  it('is the target for the whole time', () => {
    expect(askedKwhOf(orderOf(), at(0), at(60))).toBeCloseTo(-12, 9);
    expect(askedKwhOf(orderOf(), at(0), at(15))).toBeCloseTo(-3, 9);
  });

  it('is the plan that stood plus the delta, slot by slot, and the delta alone beyond the plan', () => {
    const request = { startMs: at(7), endMs: at(25), deltaKw: -5, reason: 'r' };
    expect(askedSteps(request, plan)).toEqual([
      { startMs: at(7), netKw: 5 },
      { startMs: at(10), netKw: -1 },
      { startMs: at(15), netKw: -1 },
      { startMs: at(20), netKw: -5 },
    ]);
    // 3 min × 5, 10 min × −1, 5 min × −5.
    const { targetNetKw: _, ...order } = orderOf({ ...request, askedNetKw: askedSteps(request, plan) });
    expect(askedKwhOf(order, at(7), at(25))).toBeCloseTo((3 * 5 - 10 - 25) / 60, 9);
  });

  it('is delivered to within 5 % of a target, and of a delta’s own energy', () => {
    expect(isDelivered(orderOf(), -12, -11.5)).toBe(true);
    expect(isDelivered(orderOf(), -12, -11.3)).toBe(false);
    const { targetNetKw: _, ...delta } = orderOf({ deltaKw: -4 });
    // The fleet drew 100 kWh as if nobody had asked for 4 kWh less.
    expect(isDelivered(delta, 96, 100)).toBe(false);
    expect(isDelivered(delta, 96, 96.15)).toBe(true);
  });
});

describe('a dispatch request is refused by the name of its field when', () => {
  const good = { startMs: at(10), endMs: at(70), targetNetKw: 5, reason: 'r' };
  it.each([
    ['it ends before it starts', { ...good, endMs: at(9) }, 'end'],
    ['it is over', { ...good, startMs: at(-70), endMs: at(-10) }, 'end'],
    ['it lasts too long', { ...good, endMs: at(10) + 37 * HOUR_MS }, 'end'],
    ['it starts in the past', { ...good, startMs: at(-6) }, 'start'],
    [
      'it starts too late',
      { ...good, startMs: NOON_MS + 37 * HOUR_MS, endMs: NOON_MS + 38 * HOUR_MS },
      'start',
    ],
    ['it names two powers', { ...good, deltaKw: 1 }, 'targetNetKw'],
    ['it names no power', { startMs: good.startMs, endMs: good.endMs, reason: 'r' }, 'targetNetKw'],
    ['its target is no number', { ...good, targetNetKw: Number.NaN }, 'targetNetKw'],
    [
      'its delta is no number',
      { startMs: good.startMs, endMs: good.endMs, reason: 'r', deltaKw: Number.POSITIVE_INFINITY },
      'deltaKw',
    ],
  ])('%s', (_what, request, path) => {
    expect(() => checkRequest(request, NOON_MS)).toThrowError(
      expect.objectContaining({ code: 'INVALID_INPUT', faults: [expect.objectContaining({ path })] }),
    );
  });

  it('and not for one that begins now and was a minute on its way', () => {
    expect(() => checkRequest({ ...good, startMs: at(-1) }, NOON_MS)).not.toThrow();
  });

  it('count a change of profile the same, whether the fleet is booked at it or only that EVSE', () => {
    const profile = (powerKw: number, minutes: number) =>
      profileOf([{ startMs: at(0), powerKw }], { validToMs: at(minutes) });
    const steps = fc.array(
      fc.record({
        minutes: fc.integer({ min: 1, max: 30 }),
        powerKw: fc.option(fc.integer({ min: -11, max: 11 }), { nil: undefined }),
        validMinutes: fc.integer({ min: 1, max: 90 }),
      }),
      { minLength: 1, maxLength: 8 },
    );
    void fc.assert(
      fc.property(steps, (changes) => {
        let booked = orderOf();
        const unbooked = orderOf();
        let correctionKwh = 0;
        let inForce = [profile(-8, 45)];
        let nowMs = at(-10);
        for (const { minutes, powerKw, validMinutes } of changes) {
          nowMs += minutes * MINUTE_MS;
          const after = powerKw === undefined ? [] : [profile(powerKw, validMinutes)];
          booked = accountTo(booked, nowMs, undefined, inForce);
          correctionKwh += profileCorrectionKwh(unbooked, nowMs, inForce[0], after[0]);
          inForce = after;
        }
        const facts = { nowMs, toMs: at(60), metered: [], plan: undefined, inForce };
        const sumOf = (shares: readonly { acknowledgedKwh: number }[]) =>
          shares.reduce((sum, share) => sum + share.acknowledgedKwh, 0);
        const corrections = new Map([[EVSE, correctionKwh]]);
        expect(sumOf(sharesOf(unbooked, { ...facts, corrections }))).toBeCloseTo(
          sumOf(sharesOf(booked, facts)),
          9,
        );
        const later = at(60);
        expect(
          sumOf(accountTo(unbooked, later, undefined, inForce, corrections).accounted?.shares ?? []),
        ).toBeCloseTo(sumOf(accountTo(booked, later, undefined, inForce).accounted?.shares ?? []), 9);
      }),
    );
  });
});

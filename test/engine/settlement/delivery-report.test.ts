import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DispatchOrder } from '../../../src/domain/dispatch.js';
import { asDispatchId, asStationId, asTransactionId, evseIdOf } from '../../../src/domain/ids.js';
import type { EnergyPiece } from '../../../src/domain/reading.js';
import {
  type DeliveryFacts,
  deliveryReport,
  type MeteredSession,
} from '../../../src/engine/settlement/delivery-report.js';
import { coverageOf, isCovered } from '../../../src/engine/settlement/meter-coverage.js';
import { EVSE, MINUTE_MS, NOON_MS, readingAt, TRANSACTION } from '../../support/engine/fixtures.js';

const OTHER = evseIdOf(asStationId('cs-2'), 1);
const at = (minutes: number) => NOON_MS + minutes * MINUTE_MS;

/** Half an hour 12 kW below a plan of 6 kW: discharge of 6 kW. */
const orderOf = (changes: Partial<DispatchOrder> = {}): DispatchOrder => ({
  dispatchId: asDispatchId('d-1'),
  startMs: NOON_MS,
  endMs: at(30),
  deltaKw: -12,
  reason: 'test',
  createdAtMs: at(-60),
  createdBy: 'trader-1',
  state: 'delivered',
  askedNetKw: [{ startMs: NOON_MS, netKw: -6 }],
  ...changes,
});
/** The book of five minutes from `minutes` on at a constant power. */
const book = (minutes: number, netKw: number, evseId = EVSE): EnergyPiece => ({
  transactionId: evseId === EVSE ? TRANSACTION : asTransactionId('tx-2'),
  evseId,
  startMs: at(minutes),
  endMs: at(minutes + 5),
  importWh: netKw > 0 ? (netKw * 1000) / 12 : 0,
  exportWh: netKw < 0 ? (-netKw * 1000) / 12 : 0,
});
const books = (powers: readonly number[], evseId = EVSE, from = 0) =>
  powers.map((netKw, index) => book(from + 5 * index, netKw, evseId));
const stay = (changes: Partial<MeteredSession> = {}): MeteredSession => ({
  evseId: EVSE,
  startMs: at(-60),
  endMs: Number.POSITIVE_INFINITY,
  covered: [{ fromMs: at(-60), toMs: at(120) }],
  readAt: new Set([0, 5, 10, 15, 20, 25, 30].map(at)),
  ...changes,
});
const report = (facts: Partial<DeliveryFacts>, order = orderOf()) =>
  deliveryReport(order, { nowMs: at(60), provisional: false, pieces: [], sessions: [stay()], ...facts });

describe('a delivery report', () => {
  it('credits what was delivered of what was asked, and no more', () => {
    const { steps, ...figures } = report({ pieces: books([0, -6, -6, -9, -6, -6]) });
    expect(figures).toMatchObject({
      direction: 'up',
      baseline: 'nominated-plan',
      importKwh: 0,
      exportKwh: 33 / 12,
      initiationS: 300,
      fullActivationS: 600,
      worstErrorKw: 6,
      missingSteps: 0,
    });
    expect(figures.askedKwh).toBeCloseTo(6, 9);
    expect(figures.creditedKwh).toBeCloseTo(5.5, 9);
    expect(figures.deliveryRatio).toBeCloseTo(11 / 12, 9);
    expect(figures.withinTolerance).toBeCloseTo(4 / 6, 9);
    expect(steps.map(({ baselineKw, askedKw }) => [baselineKw, askedKw])).toEqual(Array(6).fill([6, -6]));
  });

  it('turned round is a delivery downwards', () => {
    const order = orderOf({ deltaKw: 6, askedNetKw: [{ startMs: NOON_MS, netKw: 6 }] });
    const down = report({ pieces: books([6, 6, 6, 6, 6, 0]) }, order);
    expect(down).toMatchObject({ direction: 'down', importKwh: 2.5, exportKwh: 0 });
    expect(down.deliveryRatio).toBeCloseTo(5 / 6, 9);
  });

  it('of an absolute order takes the meters a quarter-hour before and after as its baseline', () => {
    const { deltaKw, ...absolute } = orderOf();
    const order: DispatchOrder = { ...absolute, targetNetKw: -6 };
    const pieces = [
      ...books([4, 4, 4], EVSE, -15),
      ...books(Array(6).fill(-6)),
      ...books([8, 8, 8], EVSE, 30),
    ];
    const after = report({ pieces }, order);
    expect(after).toMatchObject({ baseline: 'meter-before-meter-after', deliveryRatio: 1 });
    expect(after.steps[0]?.baselineKw).toBeCloseTo(6, 9);
    const during = report({ pieces, nowMs: at(31), provisional: true }, order);
    expect(during.steps[0]?.baselineKw).toBeCloseTo(4, 9);
    expect(() => report({ baseline: 'nominated-plan' }, order)).toThrow(
      'baseline: an order of an absolute power has no nominated plan',
    );
  });

  it('against zero credits discharge alone', () => {
    const zero = report({ baseline: 'zero', pieces: books([6, 0, -3, -6, -6, -6]) });
    expect(zero.askedKwh).toBeCloseTo(3, 9);
    expect(zero.creditedKwh).toBeCloseTo(21 / 12, 9);
  });

  it('of zero for discharge credits what EVSEs feed in, whatever others charge meanwhile', () => {
    const pieces = [...books(Array(6).fill(-6)), ...books(Array(6).fill(5), OTHER)];
    const sessions = [stay(), stay({ evseId: OTHER })];
    const figures = report({ baseline: 'zero-for-discharge', pieces, sessions });
    expect(figures.deliveryRatio).toBeCloseTo(1, 9);
    expect(report({ baseline: 'zero', pieces, sessions }).deliveryRatio).toBeCloseTo(1 / 6, 9);
  });

  it('says how far below and above what was asked the delivery was, beyond the tolerance', () => {
    // Asked: 12 kW below a plan of 6. Half an hour: 9 of 12 in one step, 15 in another; 0.6 kW are tolerated.
    const proof = report({ pieces: books([-3, -9, -6, -6, -6, -6]) });
    expect(proof.underKwh).toBeCloseTo((3 - 0.6) / 12, 9);
    expect(proof.overKwh).toBeCloseTo((3 - 0.6) / 12, 9);
  });

  it('says for how much of the time the meters spoke', () => {
    expect(report({}).availability).toBe(1);
    const silent = stay({ evseId: OTHER, covered: [{ fromMs: at(-60), toMs: at(15) }] });
    expect(report({ sessions: [stay(), silent] }).availability).toBeCloseTo(0.75, 9);
    expect(report({ sessions: [] }).availability).toBeNull();
  });

  it('flags a silent meter, and delivers nothing by what was spread over the silence', () => {
    const silent = stay({ evseId: OTHER, covered: [{ fromMs: at(-60), toMs: at(10) }] });
    const pieces = [...books(Array(6).fill(-3)), ...books(Array(6).fill(-3), OTHER)];
    const proof = report({ pieces, sessions: [stay(), silent] });
    expect(proof.missingSteps).toBe(4);
    expect(proof.steps[2]).toMatchObject({ meteredKw: -3, missing: [OTHER] });
    expect(proof.evses).toEqual([
      { evseId: EVSE, importKwh: 0, exportKwh: 1.5, missingSteps: 0, estimatedSteps: 0 },
      { evseId: OTHER, importKwh: 0, exportKwh: 0.5, missingSteps: 4, estimatedSteps: 0 },
    ]);
    // Import that is not proven counts in full against a delivery upwards.
    const importing = report({ pieces: books(Array(6).fill(3), OTHER), sessions: [silent] });
    expect(importing.steps[5]?.meteredKw).toBeCloseTo(3, 9);
  });

  it('flags a meter that was not read at an edge of a step, apart from a silent one', () => {
    const coarse = stay({ evseId: OTHER, readAt: new Set([at(0), at(10), at(30)]) });
    const late = stay({ evseId: OTHER, startMs: at(17), readAt: new Set([20, 25, 30].map(at)) });
    const estimated = (session: MeteredSession) =>
      report({ sessions: [stay(), session] }).steps.map((step) => step.estimated.length);
    expect(estimated(coarse)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(estimated(stay({ evseId: OTHER }))).toEqual([0, 0, 0, 0, 0, 0]);
    expect(estimated(late)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(estimated({ ...coarse, covered: [] })).toEqual([0, 0, 0, 0, 0, 0]);
    expect(report({ sessions: [coarse] })).toMatchObject({
      estimatedSteps: 6,
      evses: [{ evseId: OTHER, estimatedSteps: 6, missingSteps: 0 }],
    });
  });

  it('ends with the time that has passed, or with the cancellation', () => {
    expect(report({ nowMs: at(12) }).steps.at(-1)).toMatchObject({ startMs: at(10), endMs: at(12) });
    expect(report({}, orderOf({ cancelledAtMs: at(5) })).steps).toHaveLength(1);
    expect(report({ nowMs: at(-5) })).toMatchObject({
      steps: [],
      deliveryRatio: null,
      withinTolerance: null,
    });
  });

  it('has parts that add up: per EVSE to the total, per step to the credit, and never above what was asked', () => {
    const powers = fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 6, maxLength: 6 });
    void fc.assert(
      fc.property(powers, powers, (left, right) => {
        const pieces = [...books(left), ...books(right, OTHER)];
        const proof = report({ pieces, sessions: [stay(), stay({ evseId: OTHER })] });
        const wh = (values: readonly number[]) =>
          values.reduce((total, kwh) => {
            // Whole Wh, so that a reader's own sum is the report's.
            expect(kwh).toBe(Math.round(kwh * 1000) / 1000);
            return total + Math.round(kwh * 1000);
          }, 0);
        const { evses, steps } = proof;
        expect(wh(evses.map(({ importKwh }) => importKwh))).toBe(wh([proof.importKwh]));
        expect(wh(evses.map(({ exportKwh }) => exportKwh))).toBe(wh([proof.exportKwh]));
        expect(wh(steps.map(({ importKwh }) => importKwh))).toBe(wh([proof.importKwh]));
        expect(wh(steps.map(({ exportKwh }) => exportKwh))).toBe(wh([proof.exportKwh]));
        expect(wh(steps.map(({ creditedKwh }) => creditedKwh))).toBe(wh([proof.creditedKwh]));
        const exactWh = pieces.reduce((sum, { exportWh }) => sum + exportWh, 0);
        expect(Math.abs(1000 * proof.exportKwh - exactWh)).toBeLessThanOrEqual(1);
        for (const { meteredKw, importKwh, exportKwh } of steps)
          expect(Math.abs(meteredKw / 12 - (importKwh - exportKwh))).toBeLessThan(0.0001);
        expect(proof.creditedKwh).toBeLessThanOrEqual(proof.askedKwh + 1e-9);
      }),
    );
  });
});

describe('where a meter covers time', () => {
  it('is between registers that are near enough to each other', () => {
    const register = (minutes: number) => readingAt(minutes, { importRegisterWh: minutes });
    const covered = coverageOf(
      [register(0), register(1), readingAt(2), register(3), register(20)],
      5 * MINUTE_MS,
    );
    expect(covered).toEqual([{ fromMs: at(0), toMs: at(3) }]);
    expect(isCovered(covered, at(1), at(3))).toBe(true);
    expect(isCovered(covered, at(2), at(4))).toBe(false);
  });
});

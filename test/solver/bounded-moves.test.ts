import { describe, expect, it } from 'vitest';
import { plainProblem, plainVehicle } from '../../benchmarks/problem-depot.js';
import { solveBounded } from '../../solver/bounded-chain.js';
import { createCouplingRows } from '../../solver/coordination/coupling-rows.js';
import { Loads } from '../../solver/coordination/loads.js';
import { createFleetModel } from '../../solver/fleet-model.js';

describe('moves within bounds that differ from slot to slot', () => {
  const window = {
    startKwh: 10,
    targetKwh: 20,
    penaltyPerKwh: 1,
    leastMove: [-5, -5],
    mostMove: [5, 5],
    leastKwh: [0, 0],
    mostKwh: [40, 40],
    buy: [0.2, 0.1],
    sell: [0.1, 0.1],
  };

  it('go to the target in the cheaper slots first', () => {
    expect(Array.from(solveBounded({ ...window, targetKwh: 15 })!)).toEqual([0, 5]);
    expect(Array.from(solveBounded(window)!)).toEqual([5, 5]);
  });

  it('are none where the bounds of a slot leave nothing, or nothing in reach', () => {
    expect(solveBounded({ ...window, leastKwh: [0, 30], mostKwh: [40, 20] })).toBeUndefined();
    expect(solveBounded({ ...window, leastKwh: [30, 0] })).toBeUndefined();
  });
});

describe('a shift of one vehicle among the others', () => {
  it('costs what it changes, and is out of the question where it breaks a limit of the site', () => {
    const problem = plainProblem(
      [0.1, 0.3],
      [plainVehicle({ siteId: 's' }), plainVehicle({ id: 'b', siteId: 's' })],
      {
        sites: [{ id: 's', importLimitKw: 6, exportLimitKw: 6 }],
      },
    );
    const model = createFleetModel(problem);
    const loads = new Loads(model, createCouplingRows(problem, model), new Float64Array([0, 0, 0, 0]));
    expect(loads.costOf(0, new Float64Array([5, -5]))).toBeCloseTo(-1, 9);
    expect(loads.costOf(0, new Float64Array([7, -5]))).toBe(Number.POSITIVE_INFINITY);
    expect(loads.costOf(0, new Float64Array([5, -7]))).toBe(Number.POSITIVE_INFINITY);
  });
});

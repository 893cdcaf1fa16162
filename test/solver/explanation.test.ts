import { describe, expect, it } from 'vitest';
import { PROBLEM_DEPOT, plainProblem, plainVehicle } from '../../benchmarks/problem-depot.js';
import { createExplanation } from '../../solver/explanation.js';
import { type ProblemDocument, solve } from '../../solver/index.js';
import { noMultipliers } from '../../solver/multipliers.js';

const depot = (name: string) => PROBLEM_DEPOT.find((entry) => entry.name === name)!.problem;
const causeIn = async (problem: ProblemDocument, id = 'a') =>
  (await solve(problem, { threads: 0 })).explanation.vehicle(id)?.shortfallCause;

describe('the explanation of a plan', () => {
  it('sets the value of stored energy against the price', async () => {
    const { explanation } = await solve(plainProblem([0.1, 0.2], [plainVehicle()]));
    const { slots } = explanation.vehicle('a')!;
    expect(slots.map(({ netKw, energyKwh }) => [netKw, energyKwh])).toEqual([
      [10, 30],
      [-10, 20],
    ]);
    expect(slots[0]!.energyValuePerKwh).toBeGreaterThanOrEqual(slots[0]!.importPerKwh);
    expect(slots[1]!.energyValuePerKwh).toBeLessThanOrEqual(slots[1]!.exportPerKwh);
    expect(slots[0]!.binding).toEqual(['power']);
    expect(slots[1]!.binding).toEqual(['power', 'target']);
  });

  it('knows no other vehicles', async () => {
    const { explanation } = await solve(plainProblem([0.1], []));
    expect(explanation.vehicle('nobody')).toBeUndefined();
  });

  it('names floor and ceiling', async () => {
    const { explanation } = await solve(
      plainProblem([0.5, 0.1], [plainVehicle({ energyKwh: 5, targetEnergyKwh: 10, maxEnergyKwh: 10 })]),
    );
    const { slots } = explanation.vehicle('a')!;
    expect(slots[0]!.binding).toContain('floor');
    expect(slots[1]!.binding).toContain('ceiling');
  });

  it('names site and fleet limits and the commitment by their prices', async () => {
    const onSite = await solve(depot('site-limit-binds'), { threads: 0 });
    expect(onSite.explanation.vehicle('a')!.slots[0]!.binding).toContain('site');
    expect(onSite.explanation.vehicle('a')!.slots[0]!.sitePerKwh).toBeGreaterThan(0.1);
    const limited = await solve(depot('fleet-export-limit-binds'), { threads: 0 });
    expect(limited.explanation.vehicle('a')!.slots[0]!.binding).toContain('fleet');
    const sold = await solve(depot('commitment-followed'), { threads: 0 });
    expect(sold.explanation.vehicle('a')!.slots.flatMap(({ binding }) => binding)).toContain('commitment');
    const both = await solve(
      { ...depot('commitment-followed'), fleet: { importLimitKw: 2, exportLimitKw: 50 } },
      { threads: 0 },
    );
    expect(both.explanation.vehicle('a')!.slots.flatMap(({ binding }) => binding)).toContain('commitment');
  });

  it('tells a hard limit from a commitment in the same slot by how far the price goes', () => {
    const problem: ProblemDocument = {
      ...depot('commitment-followed'),
      fleet: { importLimitKw: 2, exportLimitKw: 2 },
    };
    const plan = {
      vehicles: [{ id: 'a', netKw: [2, -2], shortfallKwh: 0 }],
    } as unknown as Parameters<typeof createExplanation>[1];
    const explanation = createExplanation(problem, plan, { fleetPerKwh: [3, -3], sitePerKwh: [] });
    for (const { binding } of explanation.vehicle('a')!.slots) {
      expect(binding).toContain('fleet');
      expect(binding).not.toContain('commitment');
    }
    const missing = { ...plan, vehicles: [] } as typeof plan;
    expect(createExplanation(problem, missing, noMultipliers(problem)).vehicle('a')!.slots).toEqual([]);
  });

  it('names a reserve that holds power back', async () => {
    const { explanation } = await solve(depot('symmetric-reserve'));
    expect(explanation.vehicle('a')!.slots[0]!.binding).toContain('reserve');
  });

  it('gives the cause of a shortfall', async () => {
    expect(await causeIn(depot('no-window'))).toBe('window');
    expect(await causeIn(depot('target-out-of-reach'))).toBe('power');
    expect(await causeIn(depot('target-above-capacity'))).toBe('capacity');
    expect(await causeIn(depot('site-shut'))).toBe('site');
    expect(await causeIn(depot('charge-to-target'))).toBeUndefined();
    const car = plainVehicle({ targetEnergyKwh: 30 });
    expect(await causeIn(plainProblem([9, 9], [car]))).toBe('price');
    expect(await causeIn(plainProblem([0.1, 0.1], [car], { fleet: { importLimitKw: 1 } }))).toBe('fleet');
    const sold = { netKw: [0, 0], deviationPerKwh: 20 };
    expect(await causeIn(plainProblem([0.1, 0.1], [car], { commitment: sold }))).toBe('commitment');
  });
});

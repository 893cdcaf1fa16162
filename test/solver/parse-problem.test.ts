import { describe, expect, it } from 'vitest';
import { plainProblem, plainVehicle } from '../../benchmarks/problem-depot.js';
import { ProblemError, parseProblem } from '../../solver/index.js';
import { findSchemaFile } from '../../solver/schema-file.js';

function faultsOf(value: unknown) {
  try {
    parseProblem(value);
  } catch (error) {
    if (error instanceof ProblemError) return error.faults;
    throw error;
  }
  return [];
}

const good = () =>
  structuredClone(plainProblem([0.1, 0.2], [plainVehicle()])) as unknown as Record<string, unknown>;
const withVehicle = (change: Record<string, unknown>) => ({
  ...good(),
  vehicles: [{ ...plainVehicle(), ...change }],
});

describe('parseProblem', () => {
  it('fills in defaults without touching its argument', () => {
    const { wearPerKwh: _, ...vehicle } = plainVehicle();
    const { sites: _s, reserves: _r, shortfallPenaltyPerKwh: _p, ...rest } = plainProblem([0.1, 0.2], []);
    const reserve = {
      id: 'r',
      direction: 'up',
      fromSlot: 0,
      endSlot: 1,
      pricePerKwPerHour: 1,
      sustainMinutes: 15,
    };
    const value = { ...rest, vehicles: [vehicle], reserves: [reserve] };
    const before = structuredClone(value);
    const problem = parseProblem(value);
    expect(value).toEqual(before);
    expect(problem.shortfallPenaltyPerKwh).toBe(5);
    expect(problem.vehicles[0]!.wearPerKwh).toBe(0);
    expect(problem.sites).toEqual([]);
    expect(problem.reserves[0]!.powerFactor).toBe(1);
  });

  it.each([
    ['a window outside the horizon', withVehicle({ endSlot: 3 }), 'vehicles[0].endSlot'],
    [
      'a window that ends before it begins',
      withVehicle({ firstSlot: 2, endSlot: 1 }),
      'vehicles[0].firstSlot',
    ],
    ['a minimum above the maximum', withVehicle({ minEnergyKwh: 50 }), 'vehicles[0].minEnergyKwh'],
    ['an unknown site', withVehicle({ siteId: 'nowhere' }), 'vehicles[0].siteId'],
    ['an unknown field', withVehicle({ targetEnergyKw: 5 }), 'vehicles[0].targetEnergyKw'],
    ['a missing field', withVehicle({ energyKwh: undefined }), 'vehicles[0].energyKwh'],
    ['a number given as text', withVehicle({ energyKwh: '5' }), 'vehicles[0].energyKwh'],
    ['an efficiency above one', withVehicle({ chargeEfficiency: 1.1 }), 'vehicles[0].chargeEfficiency'],
    [
      'a price that is not finite',
      { ...good(), prices: { importPerKwh: [0.1, Number.POSITIVE_INFINITY], exportPerKwh: [0.1, 0.2] } },
      'prices.importPerKwh[1]',
    ],
    [
      'a price series of the wrong length',
      { ...good(), prices: { importPerKwh: [0.1], exportPerKwh: [0.1, 0.2] } },
      'prices.importPerKwh',
    ],
    ['doubled ids', { ...good(), vehicles: [plainVehicle(), plainVehicle()] }, 'vehicles[1].id'],
    [
      'a limit series of the wrong length',
      { ...good(), fleet: { importLimitKw: [1] } },
      'fleet.importLimitKw',
    ],
    ['a negative limit', { ...good(), sites: [{ id: 's', importLimitKw: -1 }] }, 'sites[0].importLimitKw'],
    ['another version', { ...good(), version: 2 }, 'version'],
    [
      'a start that is no instant',
      { ...good(), horizon: { start: 'noon', slotMinutes: 15, slots: 2 } },
      'horizon.start',
    ],
    [
      'a commitment of the wrong length',
      { ...good(), commitment: { netKw: [null], deviationPerKwh: 1 } },
      'commitment.netKw',
    ],
    [
      'a reserve outside the horizon',
      {
        ...good(),
        reserves: [
          { id: 'r', direction: 'up', fromSlot: 0, endSlot: 5, pricePerKwPerHour: 1, sustainMinutes: 15 },
        ],
      },
      'reserves[0].endSlot',
    ],
    [
      'a reserve of no direction',
      {
        ...good(),
        reserves: [
          { id: 'r', direction: 'left', fromSlot: 0, endSlot: 1, pricePerKwPerHour: 1, sustainMinutes: 15 },
        ],
      },
      'reserves[0].direction',
    ],
    ['no object at all', 7, ''],
    ['a list', [], ''],
    ['vehicles that are no objects', { ...good(), vehicles: [null] }, 'vehicles[0]'],
  ])('refuses %s and names the place', (_, value, path) => {
    const faults = faultsOf(JSON.parse(JSON.stringify(value), (_key, v) => v) === null ? value : value);
    expect(faults.map((fault) => fault.path)).toContain(path);
  });

  it('says in one line what is wrong first', () => {
    expect(() => parseProblem(withVehicle({ firstSlot: 2, endSlot: 3 }))).toThrow(
      'vehicles[0].endSlot: 3 is outside the horizon of 2 slots',
    );
    expect(() => parseProblem({})).toThrow(/^version: is missing \(and \d+ more\)$/);
    expect(new ProblemError([]).message).toBe('invalid problem');
  });
});

describe('findSchemaFile', () => {
  it('says where it looked when the file is nowhere above', () => {
    expect(() => findSchemaFile('none.json', '/')).toThrow('no schemas/none.json above /');
  });
});

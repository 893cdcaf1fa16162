import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  continueRegister,
  isJump,
  type RegisterRun,
  rollOverRiseWh,
} from '../../../src/engine/metering/register-run.js';

const EMPTY = { beginWh: undefined, lastWh: undefined };
/** The register read every six minutes, with what all runs come to. */
function readAll(standings: readonly number[], hours = 0.1) {
  let run: RegisterRun = { ...EMPTY, riseWh: 0, carriedWh: 0 };
  let carriedWh = 0;
  const flags: string[] = [];
  for (const standing of standings) {
    run = continueRegister(run, standing, hours);
    carriedWh += run.carriedWh;
    if (run.flag !== undefined) flags.push(run.flag);
  }
  return { totalWh: carriedWh + (run.lastWh ?? 0) - (run.beginWh ?? 0), flags };
}

describe('a register', () => {
  it('counts from its first standing, and a missing one changes nothing', () => {
    expect(continueRegister(EMPTY, 812_345, 0)).toMatchObject({ beginWh: 812_345, riseWh: 0 });
    expect(continueRegister({ beginWh: 5, lastWh: 9 }, undefined, 1)).toEqual({
      beginWh: 5,
      lastWh: 9,
      riseWh: 0,
      carriedWh: 0,
    });
    expect(readAll([812_345, 815_095, 815_095])).toEqual({ totalWh: 2_750, flags: [] });
  });

  it('that was reset begins a new run and keeps what was metered', () => {
    expect(readAll([9_000, 9_400, 100, 350])).toEqual({ totalWh: 650, flags: ['register-went-back'] });
  });

  it.each([1e8, 1e9, 2 ** 31, 2 ** 32, 1e10])('that rolls over at %d Wh is counted through', (capacityWh) => {
    expect(readAll([capacityWh - 500, capacityWh - 100, 300, 700])).toEqual({
      totalWh: 1_200,
      flags: ['register-rolled-over'],
    });
  });

  it('that was reset close to its capacity is not taken for one that rolled over when no EVSE is so fast', () => {
    // 400 kW for six minutes are 40 kWh.
    expect(rollOverRiseWh(1e8 - 30_000, 5_000, 0.1)).toBe(35_000);
    expect(rollOverRiseWh(1e8 - 30_000, 15_000, 0.1)).toBeUndefined();
    expect(rollOverRiseWh(97_000, 100, 0.1)).toBeUndefined();
    expect(rollOverRiseWh(1e8 - 1, 0, 0)).toBeUndefined();
    expect(rollOverRiseWh(2e10, 0, 1)).toBeUndefined();
  });

  it('jumps when it rises by more than any EVSE draws', () => {
    expect([isJump(4_000_000, 0.1), isJump(4_000_001, 0.1), isJump(8_000_000, 2)]).toEqual([
      false,
      true,
      false,
    ]);
    expect(readAll([1_000, 1_100, 1e9, 1e9 + 50])).toEqual({ totalWh: 150, flags: ['register-jumped'] });
  });

  it('of any capacity, rolled over anywhere, comes to what the meter counted', () => {
    const rises = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(
        fc.constantFrom(1e8, 1e9, 2 ** 31, 2 ** 32),
        fc.nat(300_000),
        rises,
        (capacityWh, below, steps) => {
          let exactWh = capacityWh - 1 - below;
          const standings = [exactWh];
          for (const step of steps) {
            exactWh += step;
            standings.push(exactWh % capacityWh);
          }
          const counted = steps.reduce((sum, step) => sum + step, 0);
          expect(readAll(standings).totalWh).toBe(counted);
        },
      ),
      { seed: 7 },
    );
  });

  it('never counts less than nothing, whatever it says', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e11, noNaN: true })),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (standings, hours) => {
          let run: RegisterRun = { ...EMPTY, riseWh: 0, carriedWh: 0 };
          for (const standing of standings) {
            run = continueRegister(run, standing, hours);
            expect(run.riseWh).toBeGreaterThanOrEqual(0);
            expect(run.carriedWh).toBeGreaterThanOrEqual(0);
          }
        },
      ),
      { seed: 8 },
    );
  });
});

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.js';

/** One car, two hours, cheap then dear: charge 10 kW first. */
const PROBLEM = {
  version: 1,
  horizon: { start: '2026-01-20T11:00:00Z', slotMinutes: 60, slots: 2 },
  currency: 'EUR',
  prices: { importPerKwh: [0.1, 0.3], exportPerKwh: [0.1, 0.3] },
  vehicles: [
    {
      id: 'ev-1',
      firstSlot: 0,
      endSlot: 2,
      energyKwh: 20,
      minEnergyKwh: 20,
      maxEnergyKwh: 60,
      targetEnergyKwh: 30,
      maxChargeKw: 10,
      maxDischargeKw: 0,
      chargeEfficiency: 1,
      dischargeEfficiency: 1,
    },
  ],
};

describe('ebbflow solve', () => {
  let folder: string;
  let file: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'ebbflow-solve-'));
    file = path.join(folder, 'problem.json');
    await writeFile(file, JSON.stringify(PROBLEM));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(['fleet', 'highs', 'javascript-lp-solver'])(
    'writes the known optimum with backend %s',
    async (backend) => {
      const out = path.join(folder, `${backend}.json`);
      const { code, stdout } = await runCli(['solve', file, '--out', out, '--backend', backend]);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^optimal/);
      const plan = JSON.parse(await readFile(out, 'utf8'));
      expect(plan).toMatchObject({ version: 1, status: 'optimal', backend });
      expect(plan.objective).toBeCloseTo(1, 9);
      expect(plan.lowerBound).toBeLessThanOrEqual(plan.objective + 1e-9);
      expect(plan.vehicles[0].netKw[0]).toBeCloseTo(10, 6);
    },
  );

  it.each([
    [
      'a window outside the horizon',
      { vehicles: [{ ...PROBLEM.vehicles[0], endSlot: 9 }] },
      /vehicles\[0\]\.endSlot/,
    ],
    [
      'a price that is no number',
      { prices: { ...PROBLEM.prices, importPerKwh: [0.1, null] } },
      /prices\.importPerKwh\[1\]/,
    ],
    ['a missing field', { currency: undefined }, /currency/],
  ])('refuses %s with exit code 2 and one line that names it', async (_what, change, name) => {
    const bad = path.join(folder, 'bad.json');
    await writeFile(bad, JSON.stringify({ ...PROBLEM, ...change }));
    const { code, stdout, stderr } = await runCli(['solve', bad]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(name);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('refuses a file that is not there, text that is no JSON and an unknown backend', async () => {
    expect((await runCli(['solve', path.join(folder, 'none.json')])).code).toBe(2);
    const text = path.join(folder, 'text.json');
    await writeFile(text, 'hello');
    expect((await runCli(['solve', text])).code).toBe(2);
    expect((await runCli(['solve', file, '--backend', 'abacus'])).code).toBe(2);
    const nowhere = await runCli(['solve', file, '--out', path.join(folder, 'none', 'plan.json')]);
    expect([nowhere.code, nowhere.stderr]).toEqual([
      2,
      expect.stringMatching(/--out: .*no such file or folder/),
    ]);
  });
});

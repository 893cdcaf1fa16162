import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../src/project-root.js';
import { runCli } from '../support/cli.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'ebbflow-documents-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const env = { EBBFLOW_DATA_DIR: path.join(folder, 'data') };
const example = (name: string) => path.join(projectRoot(), 'test', 'api', 'settlement-examples', name);

describe('ebbflow tariffs and contracts', () => {
  it('are imported from files, several at once', async () => {
    const tariffs = await runCli(['tariffs', 'import', example('tariff.json')], env);
    expect([tariffs.code, tariffs.stderr]).toEqual([0, '']);
    expect(tariffs.stdout).toMatch(/^tariff \S+ from \d{4}-\d{2}-\d{2}\n$/);
    const contracts = await runCli(['contracts', 'import', example('contract.json')], env);
    expect([contracts.code, contracts.stdout.startsWith('contract ')]).toEqual([0, true]);
  }, 60_000);

  it('are refused with file, field and rule in one line, and none of several is kept', async () => {
    const bad = path.join(folder, 'bad.json');
    const tariff = JSON.parse(readFileSync(example('tariff.json'), 'utf8')) as { importParts: object[] };
    writeFileSync(bad, JSON.stringify({ ...tariff, importParts: [{ id: 'fee', kind: 'fixed' }] }));
    const result = await runCli(['tariffs', 'import', example('tariff.json'), bad], env);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('bad.json importParts.0.perKwh: is missing');
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
    expect(result.stdout).toBe('');
  }, 60_000);

  it('of prices take a market, and refuse one that is none', async () => {
    const file = path.join(folder, 'prices.csv');
    writeFileSync(
      file,
      'start_utc,resolution_min,price_eur_mwh\n2026-01-20T11:00Z,60,50\n2026-01-20T12:00Z,15,60\n',
    );
    const good = await runCli(['prices', 'import', file, '--zone', 'DE-LU', '--kind', 'intraday'], env);
    expect([good.code, good.stdout.trim().split('\n')]).toEqual([
      0,
      [
        '1 slots of 60 minutes from 2026-01-20T11:00:00.000Z for DE-LU',
        '1 slots of 15 minutes from 2026-01-20T12:00:00.000Z for DE-LU',
      ],
    ]);
    const bad = await runCli(['prices', 'import', file, '--zone', 'DE-LU', '--kind', 'spot'], env);
    expect([bad.code, bad.stderr]).toEqual([2, expect.stringContaining('--kind: expected day-ahead')]);
  }, 60_000);
});

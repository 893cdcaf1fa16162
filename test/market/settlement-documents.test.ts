import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EbbflowError } from '../../src/domain/errors.js';
import { contractReader, tariffReader } from '../../src/market/settlement-documents.js';
import { apiUnderTest } from '../api/api-under-test.js';
import { ROOT } from '../architecture/source-files.js';

const schemas = join(ROOT, 'schemas');
const readers = { tariffs: await tariffReader(schemas), contracts: await contractReader(schemas) };
const example = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(ROOT, 'test', 'api', 'settlement-examples', name), 'utf8')) as Record<
    string,
    unknown
  >;
const tariff = example('tariff.json');
const contract = example('contract.json');
const part = (changes: object) => ({
  ...tariff,
  importParts: [{ id: 'energy', kind: 'market', ...changes }],
});

/** Fields at fault by the file's reader. */
function faultsOfFile(kind: keyof typeof readers, document: object): string[] {
  try {
    readers[kind](JSON.stringify(document), 'my.json');
    return [];
  } catch (error) {
    if (!(error instanceof EbbflowError)) throw error;
    return (error.faults ?? []).map(({ path }) => path);
  }
}

describe('a tariff or contract in a file', () => {
  it('is taken as it is, without its pointer to the schema', () => {
    const pointed = { $schema: '../schemas/tariff.schema.json', ...tariff };
    expect(readers.tariffs(JSON.stringify(pointed), 'my.json')).toEqual(tariff);
    expect(readers.contracts(JSON.stringify(contract), 'my.json')).toEqual(contract);
  });

  it.each([
    ['tariffs', 'a field that is not known', { ...tariff, fee: 1 }, 'my.json fee'],
    ['tariffs', 'no currency', { ...tariff, currency: undefined }, 'my.json currency'],
    ['tariffs', 'a fixed part without a price', part({ kind: 'fixed' }), 'my.json importParts.0.perKwh'],
    ['tariffs', 'a market part with a share', part({ fraction: 0.19 }), 'my.json importParts.0.fraction'],
    [
      'tariffs',
      'a share of nothing before it',
      part({ kind: 'percent', fraction: 1, of: ['x'] }),
      'my.json importParts[0].of[0]',
    ],
    ['tariffs', 'a day that is none', { ...tariff, validFrom: '2026-02-30' }, 'my.json validFrom'],
    ['tariffs', 'a time zone that is none', { ...tariff, timeZone: 'Mars/Olympus' }, 'my.json timeZone'],
    ['contracts', 'a share above one', { ...contract, wearPerKwh: -1 }, 'my.json wearPerKwh'],
    ['contracts', 'an end before its begin', { ...contract, validTo: '2000-01-01' }, 'my.json validTo'],
  ] as const)(
    '%s: with %s is refused with file and field, and by the API too',
    async (kind, _, document, path) => {
      expect(faultsOfFile(kind, document)).toContain(path);
      const { ask } = await apiUnderTest();
      const { status, json } = await ask(
        'PUT',
        `/v1/${kind}/${String(kind === 'tariffs' ? tariff.id : contract.id)}`,
        {
          as: 'operator',
          body: document,
        },
      );
      const isRuleOfEngine = path.includes('].of[') || /validFrom|timeZone|validTo/.test(path);
      // The fake behind this API keeps no rules of the engine.
      if (!isRuleOfEngine) expect([status, json.code]).toEqual([400, 'INVALID_INPUT']);
    },
  );
});

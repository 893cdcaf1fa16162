import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asEvseId, asTransactionId } from '../../src/domain/ids.js';
import { entriesFor, type LedgerEntry, type LedgerState, sumOfAmounts } from '../../src/domain/ledger.js';

const stateOf = (name: string, changes: Partial<LedgerState> = {}): LedgerState => ({
  subject: 'line',
  transactionId: asTransactionId(name),
  evseId: asEvseId('cs-1/1'),
  siteId: null,
  startMs: 0,
  currency: 'EUR',
  importWh: 100,
  exportWh: 7,
  amounts: { 'import.energy': 30 },
  rests: 'de',
  ...changes,
});
const run = (runId: string) => ({ runId, atMs: 5 });

describe('the ledger', () => {
  it('books what is new, the difference of what has changed, and nothing else', () => {
    const first = entriesFor([stateOf('a'), stateOf('b')], [], run('r1'));
    expect(first.map(({ kind }) => kind)).toEqual(['first', 'first']);
    expect(entriesFor([stateOf('a'), stateOf('b')], first, run('r2'))).toEqual([]);
    const dearer = stateOf('a', { importWh: 90, amounts: { 'import.energy': 27, 'import.fee': 4 } });
    const [correction, ...more] = entriesFor([dearer, stateOf('b')], first, run('r2'));
    expect(more).toEqual([]);
    expect(correction).toMatchObject({
      kind: 'correction',
      runId: 'r2',
      importWh: -10,
      exportWh: 0,
      amounts: { 'import.energy': -3, 'import.fee': 4 },
    });
    // Back again: what was booked stays, and is taken back.
    const [back] = entriesFor([stateOf('a')], [...first, correction!], run('r3'));
    expect(back).toMatchObject({ importWh: 10, amounts: { 'import.energy': 3, 'import.fee': -4 } });
  });

  it('adds up to the newest state after any number of runs, without ever rewriting an entry', () => {
    const amounts = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: -99, max: 99 }));
    const states = fc.array(
      fc.record({ name: fc.constantFrom('x', 'y'), importWh: fc.nat(999), exportWh: fc.nat(999), amounts }),
      { minLength: 1, maxLength: 12 },
    );
    void fc.assert(
      fc.property(states, (runs) => {
        let ledger: readonly LedgerEntry[] = [];
        for (const [index, { name, ...values }] of runs.entries()) {
          const wanted = stateOf(name, values);
          const before = JSON.stringify(ledger);
          const entries = entriesFor([wanted], ledger, run(String(index)));
          expect(JSON.stringify(ledger)).toBe(before);
          ledger = [...ledger, ...entries];
          const own = ledger.filter(({ transactionId }) => transactionId === wanted.transactionId);
          expect(own.reduce((sum, entry) => sum + entry.importWh, 0)).toBe(wanted.importWh);
          expect(own.reduce((sum, entry) => sum + entry.exportWh, 0)).toBe(wanted.exportWh);
          const sums = sumOfAmounts(own);
          for (const account of ['a', 'b', 'c'])
            expect(sums[account] ?? 0).toBe(wanted.amounts[account] ?? 0);
        }
      }),
    );
  });
});

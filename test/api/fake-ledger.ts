import { asEvseId, asSiteId, asTransactionId } from '../../src/domain/ids.js';
import type { LedgerEntry } from '../../src/domain/ledger.js';
import { NOW_MS } from './fake-fleet.js';

/** A line and its correction at one site, and a share in yen, which have no cents, at none. */
export function fakeLedgerEntries(): LedgerEntry[] {
  const line: LedgerEntry = {
    kind: 'first',
    subject: 'line',
    runId: 'run-0',
    atMs: NOW_MS,
    transactionId: asTransactionId('tx-1'),
    evseId: asEvseId('cs-1/1'),
    siteId: asSiteId('site-1'),
    startMs: NOW_MS,
    currency: 'EUR',
    importWh: 1000,
    exportWh: 200,
    amounts: { 'import.energy': 30, 'import.grid-fee': 8, 'export.energy': -2, 'refund.grid-fee': -1 },
    rests: 'de',
  };
  return [
    line,
    {
      ...line,
      kind: 'correction',
      runId: 'run-1',
      importWh: 0,
      exportWh: 0,
      amounts: { 'import.energy': -5 },
    },
    {
      ...line,
      subject: 'share',
      siteId: null,
      currency: 'JPY',
      importWh: 0,
      exportWh: 0,
      amounts: { 'driver.wear': 7 },
      rests: 'drivers',
    },
  ];
}

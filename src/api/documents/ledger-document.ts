import Type, { type Static } from 'typebox';
import { type LedgerEntry, sumOfAmounts } from '../../domain/ledger.js';
import { minorPerUnit } from '../../domain/money.js';
import type { SettlementRun } from '../../ports/use-cases.js';
import { csvOf } from '../csv.js';
import { formatInstant } from '../instants.js';
import { instant, named, nullableText, oneOf, refTo } from '../named-schema.js';

const AmountsSchema = Type.Record(Type.String(), Type.Integer(), {
  description:
    'Whole minor units (cents) by account. import.… cost > 0; export.… and refund.… credit < 0; driver.… and aggregator.… received > 0; award.capacity credit < 0, award.cut > 0.',
});

const LedgerEntrySchema = named(
  'LedgerEntry',
  {
    kind: oneOf(['first', 'correction']),
    subject: oneOf(['line', 'share', 'award']),
    runId: Type.String(),
    at: instant('When it was booked.'),
    transactionId: nullableText('Null for an award.'),
    evseId: nullableText(),
    bidId: Type.Optional(Type.String({ description: 'Of an award.' })),
    siteId: nullableText(),
    start: instant('Of the quarter-hour; of the session for a share, of the block for an award.'),
    currency: Type.String(),
    importWh: Type.Integer({ description: 'Of a correction the difference.' }),
    exportWh: Type.Integer({ description: 'Never netted with import.' }),
    amounts: AmountsSchema,
    rests: Type.String({ description: 'Id of the tariff, contract or market product.' }),
  },
  'One row of the append-only ledger. The books say the sum of the rows.',
);

const LedgerTotalSchema = named('LedgerTotal', {
  siteId: nullableText(),
  currency: Type.String(),
  minorPerUnit: Type.Integer(),
  importWh: Type.Integer(),
  exportWh: Type.Integer(),
  amounts: AmountsSchema,
});

export const LedgerSchema = named('Ledger', {
  from: instant(),
  to: instant(),
  entries: Type.Array(refTo(LedgerEntrySchema)),
  totals: Type.Array(refTo(LedgerTotalSchema), { description: 'Per site and currency.' }),
});

export const SettlementRunRequestSchema = named('SettlementRunRequest', { from: instant(), to: instant() });

export const SettlementRunSchema = named('SettlementRun', {
  runId: Type.String(),
  at: instant(),
  from: instant(),
  to: instant(),
  sessions: Type.Integer({ description: 'Whose books are closed.' }),
  openSessions: Type.Integer({ description: 'Left to a later run.' }),
  first: Type.Integer({ description: 'Entries about what was not in the books.' }),
  corrections: Type.Integer(),
  unpriced: Type.Array(
    Type.Object({
      transactionId: Type.String(),
      start: instant(),
      importWh: Type.Integer(),
      exportWh: Type.Integer(),
    }),
    { description: 'Lines without a known price: not booked.' },
  ),
  totals: Type.Array(refTo(LedgerTotalSchema), { description: 'Of what this run booked.' }),
});

export const LEDGER_SCHEMAS = [
  LedgerEntrySchema,
  LedgerTotalSchema,
  LedgerSchema,
  SettlementRunRequestSchema,
  SettlementRunSchema,
];

export function ledgerDocument(
  span: { fromMs: number; toMs: number },
  entries: readonly LedgerEntry[],
): Static<typeof LedgerSchema> {
  return {
    from: formatInstant(span.fromMs),
    to: formatInstant(span.toMs),
    entries: entries.map(({ startMs, atMs, amounts, ...entry }) => ({
      ...entry,
      at: formatInstant(atMs),
      start: formatInstant(startMs),
      amounts: { ...amounts },
    })),
    totals: totalsOf(entries),
  };
}

export function settlementRunDocument(run: SettlementRun): Static<typeof SettlementRunSchema> {
  const { entries, unpriced, atMs, fromMs, toMs, ...counts } = run;
  return {
    ...counts,
    at: formatInstant(atMs),
    from: formatInstant(fromMs),
    to: formatInstant(toMs),
    first: entries.filter(({ kind }) => kind === 'first').length,
    corrections: entries.filter(({ kind }) => kind === 'correction').length,
    unpriced: unpriced.map(({ startMs, ...line }) => ({ ...line, start: formatInstant(startMs) })),
    totals: totalsOf(entries),
  };
}

const COLUMNS = [
  'kind',
  'subject',
  'runId',
  'at',
  'transactionId',
  'evseId',
  'bidId',
  'siteId',
  'start',
  'importWh',
  'exportWh',
  'currency',
  'account',
  'amount',
  'rests',
] as const;

/**
 * One row per entry and account, amounts in units of the currency with its digits. Energy stands in the first
 * row of an entry alone, so that columns may be added up.
 */
export function ledgerCsv(entries: readonly LedgerEntry[]): string {
  const rows = entries.flatMap((entry) => {
    const { kind, subject, runId, transactionId, evseId, bidId, siteId, currency, rests } = entry;
    const unit = minorPerUnit(currency);
    const accounts = Object.entries(entry.amounts).sort(([a], [b]) => (a < b ? -1 : 1));
    return (accounts.length === 0 ? [['', 0] as const] : accounts).map(([account, minor], index) => [
      kind,
      subject,
      runId,
      formatInstant(entry.atMs),
      transactionId,
      evseId,
      bidId ?? null,
      siteId,
      formatInstant(entry.startMs),
      index === 0 ? entry.importWh : 0,
      index === 0 ? entry.exportWh : 0,
      currency,
      account,
      (minor / unit).toFixed(Math.round(Math.log10(unit))),
      rests,
    ]);
  });
  return csvOf(COLUMNS, rows);
}

function totalsOf(entries: readonly LedgerEntry[]): Static<typeof LedgerTotalSchema>[] {
  const groups = new Map<string, LedgerEntry[]>();
  for (const entry of entries) {
    const key = `${entry.siteId === null ? '1' : `0${entry.siteId}`}|${entry.currency}`;
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, group]) => {
      const [first] = group;
      if (first === undefined) return [];
      return [
        {
          siteId: first.siteId,
          currency: first.currency,
          minorPerUnit: minorPerUnit(first.currency),
          importWh: group.reduce((sum, { importWh }) => sum + importWh, 0),
          exportWh: group.reduce((sum, { exportWh }) => sum + exportWh, 0),
          amounts: sumOfAmounts(group),
        },
      ];
    });
}

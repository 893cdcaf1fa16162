import Type, { type Static } from 'typebox';
import type { SettlementLine } from '../../ports/use-cases.js';
import { csvOf } from '../csv.js';
import { formatInstant } from '../instants.js';
import { instant, named, nullableNumber, nullableText, refTo } from '../named-schema.js';

export const SettlementLineSchema = named(
  'SettlementLine',
  {
    transactionId: Type.String(),
    evseId: Type.String(),
    siteId: nullableText(),
    start: instant(),
    intervalMinutes: Type.Number(),
    importKwh: Type.Number(),
    exportKwh: Type.Number(),
    cost: nullableNumber('importKwh × import price; null when no price is known.'),
    credit: nullableNumber('exportKwh × export price; null when no price is known.'),
    currency: nullableText(),
    provisional: Type.Boolean({
      description:
        'The session has not ended, or its station may still hold events of it: the line may change.',
    }),
  },
  'One session in one interval. Import and export, cost and credit are never netted.',
);

export const SettlementsSchema = named('Settlements', {
  from: instant(),
  to: instant(),
  lines: Type.Array(refTo(SettlementLineSchema)),
  importKwhTotal: Type.Number(),
  exportKwhTotal: Type.Number(),
});

export const SETTLEMENT_SCHEMAS = [SettlementLineSchema, SettlementsSchema];

export function settlementsDocument(
  query: { fromMs: number; toMs: number },
  lines: readonly SettlementLine[],
): Static<typeof SettlementsSchema> {
  return {
    from: formatInstant(query.fromMs),
    to: formatInstant(query.toMs),
    lines: lines.map(settlementLineDocument),
    importKwhTotal: lines.reduce((sum, line) => sum + line.importKwh, 0),
    exportKwhTotal: lines.reduce((sum, line) => sum + line.exportKwh, 0),
  };
}

const CSV_COLUMNS = [
  'transactionId',
  'evseId',
  'siteId',
  'start',
  'intervalMinutes',
  'importKwh',
  'exportKwh',
  'cost',
  'credit',
  'currency',
  'provisional',
] as const satisfies readonly (keyof Static<typeof SettlementLineSchema>)[];

export function settlementsCsv(lines: readonly SettlementLine[]): string {
  const rows = lines.map((line) => {
    const document = settlementLineDocument(line);
    return CSV_COLUMNS.map((column) => document[column]);
  });
  return csvOf(CSV_COLUMNS, rows);
}

function settlementLineDocument({ startMs, ...line }: SettlementLine): Static<typeof SettlementLineSchema> {
  return { ...line, start: formatInstant(startMs) };
}

import { type Insertable, type Kysely, type Selectable, sql } from 'kysely';
import { MS_PER_MINUTE } from '../domain/power.js';
import type { PriceSeries } from '../domain/price.js';
import type { PriceStore } from '../ports/store.js';
import { instant, timestampOf } from './instants.js';
import type { Tables } from './tables.js';
import { transact } from './transaction.js';

export function createPriceStore(db: Kysely<Tables>): PriceStore {
  return {
    save: (series, knownAtMs) => savePrices(db, series, knownAtMs),
    async slots({ zone, fromMs, toMs }) {
      let select = db
        .selectFrom('prices')
        .selectAll()
        .where('start_at', '<', instant(toMs))
        .where('end_at', '>', instant(fromMs));
      if (zone !== undefined) select = select.where('zone', '=', zone);
      const rows = await select.orderBy('start_at').orderBy('zone').execute();
      return rows.map((row) => ({
        zone: row.zone,
        currency: row.currency,
        startMs: row.start_at,
        slotMinutes: row.slot_minutes,
        importPerKwh: row.import_per_kwh,
        exportPerKwh: row.export_per_kwh,
        knownAtMs: row.known_at,
      }));
    },
  };
}

/**
 * Puts a series in the place of what the zone had in its time. A longer slot that the series covers in part
 * keeps the rest, as a shorter slot of the same price.
 */
async function savePrices(db: Kysely<Tables>, series: PriceSeries, knownAtMs: number): Promise<void> {
  const slotMs = series.slotMinutes * MS_PER_MINUTE;
  const startMs = series.startMs;
  const endMs = startMs + series.importPerKwh.length * slotMs;
  const slots = series.importPerKwh.map((importPerKwh, index) =>
    priceRow({
      zone: series.zone,
      currency: series.currency,
      startMs: startMs + index * slotMs,
      endMs: startMs + (index + 1) * slotMs,
      importPerKwh,
      exportPerKwh: series.exportPerKwh[index] ?? importPerKwh,
      knownAtMs,
    }),
  );
  await transact(db, async (transaction) => {
    await sql`select pg_advisory_xact_lock(hashtext('ebbflow.prices'), hashtext(${series.zone}))`.execute(
      transaction,
    );
    const replaced = await transaction
      .deleteFrom('prices')
      .where('zone', '=', series.zone)
      .where('start_at', '<', instant(endMs))
      .where('end_at', '>', instant(startMs))
      .returningAll()
      .execute();
    const rows = [...slots, ...replaced.flatMap((row) => remainders(row, startMs, endMs))];
    await sql`insert into prices (zone, start_at, end_at, slot_minutes, currency, import_per_kwh,
        export_per_kwh, known_at)
      select * from json_to_recordset(${JSON.stringify(rows)}::json) as record(zone text,
        start_at timestamptz, end_at timestamptz, slot_minutes float8, currency text, import_per_kwh float8,
        export_per_kwh float8, known_at timestamptz)`.execute(transaction);
  });
}

/** What of a replaced slot lies before or after [startMs, endMs). */
function remainders(
  row: Selectable<Tables['prices']>,
  startMs: number,
  endMs: number,
): Insertable<Tables['prices']>[] {
  const old = {
    zone: row.zone,
    currency: row.currency,
    startMs: row.start_at,
    endMs: row.end_at,
    importPerKwh: row.import_per_kwh,
    exportPerKwh: row.export_per_kwh,
    knownAtMs: row.known_at,
  };
  const before = old.startMs < startMs ? [priceRow({ ...old, endMs: startMs })] : [];
  const after = old.endMs > endMs ? [priceRow({ ...old, startMs: endMs })] : [];
  return [...before, ...after];
}

function priceRow(slot: {
  zone: string;
  currency: string;
  startMs: number;
  endMs: number;
  importPerKwh: number;
  exportPerKwh: number;
  knownAtMs: number;
}): Insertable<Tables['prices']> {
  return {
    zone: slot.zone,
    start_at: timestampOf(slot.startMs),
    end_at: timestampOf(slot.endMs),
    slot_minutes: (slot.endMs - slot.startMs) / MS_PER_MINUTE,
    currency: slot.currency,
    import_per_kwh: slot.importPerKwh,
    export_per_kwh: slot.exportPerKwh,
    known_at: timestampOf(slot.knownAtMs),
  };
}

import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import { MS_PER_MINUTE } from '../domain/power.js';
import type { PriceSeries } from '../domain/price.js';
import type { PriceSlot, PriceStore } from '../ports/store.js';
import { instant, timestampOf } from './instants.js';
import type { Tables } from './tables.js';
import { transact } from './transaction.js';

export function createPriceStore(db: Kysely<Tables>): PriceStore {
  return {
    save: (series, knownAtMs) => savePrices(db, series, knownAtMs),
    async slots({ kind = 'day-ahead', zone, fromMs, toMs, asOfMs }) {
      const within = <T extends 'prices' | 'superseded_prices'>(table: T) =>
        sql<Row>`select kind, zone, start_at, end_at, slot_minutes, currency, import_per_kwh, export_per_kwh,
            source, revision, known_at from ${sql.table(table)}
          where kind = ${kind} and start_at < ${timestampOf(toMs)} and end_at > ${timestampOf(fromMs)}
            and (${zone ?? null}::text is null or zone = ${zone ?? null})`;
      const query =
        asOfMs === undefined
          ? sql<Row>`${within('prices')} order by start_at, zone`
          : sql<Row>`${within('prices')} and known_at <= ${timestampOf(asOfMs)}
              union all ${within('superseded_prices')} and known_at <= ${timestampOf(asOfMs)}
                and superseded_at > ${timestampOf(asOfMs)}
              order by start_at, zone`;
      const { rows } = await query.execute(db);
      return rows.map(slotOf);
    },
  };
}

type Row = Selectable<Tables['prices']>;

function slotOf(row: Row): PriceSlot {
  return {
    kind: row.kind,
    zone: row.zone,
    currency: row.currency,
    startMs: row.start_at,
    slotMinutes: row.slot_minutes,
    importPerKwh: row.import_per_kwh,
    exportPerKwh: row.export_per_kwh,
    knownAtMs: row.known_at,
    ...(row.source === null ? {} : { source: row.source }),
    ...(row.revision === null ? {} : { revision: row.revision }),
  };
}

/**
 * Puts a series in the place of what its kind and zone had in its time. A longer slot that the series covers
 * in part keeps the rest, as a shorter slot of the same price.
 */
async function savePrices(db: Kysely<Tables>, series: PriceSeries, knownAtMs: number): Promise<number> {
  const slotMs = series.slotMinutes * MS_PER_MINUTE;
  const kind = series.kind ?? 'day-ahead';
  const endMs = series.startMs + series.importPerKwh.length * slotMs;
  return transact(db, async (transaction) => {
    await sql`select pg_advisory_xact_lock(hashtext('ebbflow.prices'), hashtext(${series.zone}))`.execute(
      transaction,
    );
    const known = await transaction
      .selectFrom('prices')
      .selectAll()
      .where('kind', '=', kind)
      .where('zone', '=', series.zone)
      .where('start_at', '<', instant(endMs))
      .where('end_at', '>', instant(series.startMs))
      .execute();
    const fresh = freshRuns(series, known);
    await replace(transaction, { ...series, kind }, fresh, known, knownAtMs);
    return fresh.reduce((sum, run) => sum + (run.toMs - run.fromMs) / slotMs, 0);
  });
}

/** [fromMs, toMs) of a series, whole slots. */
interface Run {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Runs of slots that are not on record as they are, and that no higher revision of the same source holds. */
function freshRuns(series: PriceSeries, known: readonly Row[]): Run[] {
  const slotMs = series.slotMinutes * MS_PER_MINUTE;
  const byStart = new Map(known.map((row) => [row.start_at, row]));
  const newer = known.filter(
    (row) =>
      row.source === (series.source ?? null) &&
      row.revision !== null &&
      series.revision !== undefined &&
      row.revision > series.revision,
  );
  const runs: Run[] = [];
  series.importPerKwh.forEach((importPerKwh, slot) => {
    const startMs = series.startMs + slot * slotMs;
    const same = byStart.get(startMs);
    const isSame =
      same?.end_at === startMs + slotMs &&
      same.import_per_kwh === importPerKwh &&
      same.export_per_kwh === (series.exportPerKwh[slot] ?? importPerKwh) &&
      same.currency === series.currency;
    const isOlder = newer.some((row) => row.start_at < startMs + slotMs && row.end_at > startMs);
    if (isSame || isOlder) return;
    const last = runs.at(-1);
    if (last?.toMs === startMs) runs[runs.length - 1] = { ...last, toMs: startMs + slotMs };
    else runs.push({ fromMs: startMs, toMs: startMs + slotMs });
  });
  return runs;
}

/** Takes what the runs cover out of the known rows, keeps it as superseded, and writes the series there. */
async function replace(
  transaction: Transaction<Tables>,
  series: PriceSeries & { readonly kind: PriceSlot['kind'] },
  runs: readonly Run[],
  known: readonly Row[],
  knownAtMs: number,
): Promise<void> {
  if (runs.length === 0) return;
  const cut = known.flatMap((row) => {
    const taken = runs
      .map(({ fromMs, toMs }) => ({
        fromMs: Math.max(fromMs, row.start_at),
        toMs: Math.min(toMs, row.end_at),
      }))
      .filter(({ fromMs, toMs }) => fromMs < toMs);
    return taken.length === 0 ? [] : [{ row, taken }];
  });
  const superseded = cut.flatMap(({ row, taken }) =>
    taken.map(({ fromMs, toMs }) => ({
      ...priceRow({ ...knownSlotOf(row), startMs: fromMs, endMs: toMs }),
      superseded_at: timestampOf(knownAtMs),
    })),
  );
  const kept = cut.flatMap(({ row, taken }) => remainders(row, taken));
  const slotMs = series.slotMinutes * MS_PER_MINUTE;
  const written = runs.flatMap(({ fromMs, toMs }) => {
    const first = (fromMs - series.startMs) / slotMs;
    return series.importPerKwh.slice(first, (toMs - series.startMs) / slotMs).map((importPerKwh, index) =>
      priceRow({
        kind: series.kind,
        zone: series.zone,
        currency: series.currency,
        startMs: fromMs + index * slotMs,
        endMs: fromMs + (index + 1) * slotMs,
        importPerKwh,
        exportPerKwh: series.exportPerKwh[first + index] ?? importPerKwh,
        knownAtMs,
        source: series.source ?? null,
        revision: series.revision ?? null,
      }),
    );
  });
  if (cut.length > 0) {
    const starts = JSON.stringify(cut.map(({ row }) => timestampOf(row.start_at)));
    await sql`delete from prices where kind = ${series.kind} and zone = ${series.zone}
      and start_at in (select value::timestamptz from json_array_elements_text(${starts}::json))`.execute(
      transaction,
    );
    await sql`insert into superseded_prices (kind, zone, start_at, end_at, slot_minutes, currency,
        import_per_kwh, export_per_kwh, source, revision, known_at, superseded_at)
      select * from json_to_recordset(${JSON.stringify(superseded)}::json) as record(kind text, zone text,
        start_at timestamptz, end_at timestamptz, slot_minutes float8, currency text, import_per_kwh float8,
        export_per_kwh float8, source text, revision float8, known_at timestamptz,
        superseded_at timestamptz)`.execute(transaction);
  }
  await sql`insert into prices (kind, zone, start_at, end_at, slot_minutes, currency, import_per_kwh,
      export_per_kwh, source, revision, known_at)
    select * from json_to_recordset(${JSON.stringify([...written, ...kept])}::json) as record(kind text,
      zone text, start_at timestamptz, end_at timestamptz, slot_minutes float8, currency text,
      import_per_kwh float8, export_per_kwh float8, source text, revision float8, known_at timestamptz)`.execute(
    transaction,
  );
}

interface KnownSlot {
  readonly kind: PriceSlot['kind'];
  readonly zone: string;
  readonly currency: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly importPerKwh: number;
  readonly exportPerKwh: number;
  readonly knownAtMs: number;
  readonly source: string | null;
  readonly revision: number | null;
}

/** What of a row lies outside the runs taken out of it. */
function remainders(row: Row, taken: readonly Run[]): Insertable<Tables['prices']>[] {
  const rest: Insertable<Tables['prices']>[] = [];
  let startMs = row.start_at;
  for (const { fromMs, toMs } of [...taken, { fromMs: row.end_at, toMs: row.end_at }]) {
    if (fromMs > startMs) rest.push(priceRow({ ...knownSlotOf(row), startMs, endMs: fromMs }));
    startMs = toMs;
  }
  return rest;
}

function knownSlotOf(row: Row): KnownSlot {
  return {
    kind: row.kind,
    zone: row.zone,
    currency: row.currency,
    startMs: row.start_at,
    endMs: row.end_at,
    importPerKwh: row.import_per_kwh,
    exportPerKwh: row.export_per_kwh,
    knownAtMs: row.known_at,
    source: row.source,
    revision: row.revision,
  };
}

function priceRow(slot: KnownSlot): Insertable<Tables['prices']> {
  return {
    kind: slot.kind,
    zone: slot.zone,
    start_at: timestampOf(slot.startMs),
    end_at: timestampOf(slot.endMs),
    slot_minutes: (slot.endMs - slot.startMs) / MS_PER_MINUTE,
    currency: slot.currency,
    import_per_kwh: slot.importPerKwh,
    export_per_kwh: slot.exportPerKwh,
    known_at: timestampOf(slot.knownAtMs),
    source: slot.source,
    revision: slot.revision,
  };
}

import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.js';
import { transact } from './transaction.js';

/**
 * Years whose months get a partition of their own: at most 960. A station whose clock is somewhere else
 * (1970 after a power cut) writes into the default partition.
 */
const FIRST_YEAR = 2020;
const LAST_YEAR = 2099;
/** Any number that nothing else in this database uses; it spells `read`. */
const PARTITION_LOCK = 0x72656164;

export interface ReadingMonths {
  /** Creates the partitions that readings at these instants go to. Cheap when they exist. */
  ensure(instantsMs: Iterable<number>): Promise<void>;
}

export function createReadingMonths(db: Kysely<Tables>): ReadingMonths {
  const known = new Set<number>();
  return {
    async ensure(instantsMs) {
      const missing = new Set<number>();
      for (const ms of instantsMs) {
        const month = monthOf(ms);
        if (month !== undefined && !known.has(month)) missing.add(month);
      }
      if (missing.size === 0) return;
      await createPartitions(db, missing);
      for (const month of missing) known.add(month);
    },
  };
}

/** Months since year 0, UTC. */
function monthOf(ms: number): number | undefined {
  const date = new Date(ms);
  const year = date.getUTCFullYear();
  return year >= FIRST_YEAR && year <= LAST_YEAR ? year * 12 + date.getUTCMonth() : undefined;
}

async function createPartitions(db: Kysely<Tables>, months: ReadonlySet<number>): Promise<void> {
  await transact(db, async (transaction) => {
    // `if not exists` alone fails when two nodes do it at once.
    await sql`select pg_advisory_xact_lock(${sql.lit(PARTITION_LOCK)})`.execute(transaction);
    for (const month of months) {
      const name = `readings_${firstDayOf(month).slice(0, 7).replace('-', '_')}`;
      await sql`create table if not exists ${sql.table(name)} partition of readings
        for values from (${sql.lit(firstDayOf(month))}) to (${sql.lit(firstDayOf(month + 1))})`.execute(
        transaction,
      );
    }
  });
}

function firstDayOf(month: number): string {
  return new Date(Date.UTC(Math.floor(month / 12), month % 12)).toISOString();
}

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asTransactionId } from '../../src/domain/ids.js';
import { EmbeddedPool } from '../../src/store/embedded/embedded-pool.js';
import { keepHouse } from '../../src/store/embedded/housekeeping.js';
import { startDatabaseThread } from '../../src/store/embedded/worker-thread.js';
import { type OpenStore, openStore } from '../../src/store/open-store.js';
import { SEARCH_PATH } from '../../src/store/postgres-pool.js';
import { type ChildScript, runScript } from '../support/child-script.js';
import { NOON_MS, quietLogger, sampleRecord, uniqueName } from '../support/store-samples.js';

/** Acknowledged writes after which the first user of the folder is killed. */
const WRITES_BEFORE_KILL = 600;
/** The database is opened several times, seconds each on a busy machine. */
const REOPEN_LIMIT_MS = 60_000;

describe('the embedded store, opened after kill -9 of its first user', () => {
  let dataDir: string;
  let writer: ChildScript;
  let opened: OpenStore;
  const open = () => openStore({ dataDir, logger: quietLogger });

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'ebbflow-embedded-'));
    writer = runScript(new URL('./crash-writer.ts', import.meta.url), [dataDir]);
    await writer.line(WRITES_BEFORE_KILL);
    await writer.kill();
    opened = await open();
  }, REOPEN_LIMIT_MS);
  afterAll(async () => {
    await opened.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('has every acknowledged event, whole: no session, reading or interval without its event', async () => {
    const acknowledged = new Map<string, number>();
    for (const line of writer.lines) {
      const name = /^(tx-\d+) \d+$/.exec(line)?.[1];
      if (name !== undefined) acknowledged.set(name, (acknowledged.get(name) ?? 0) + 1);
    }
    expect(acknowledged.size).toBe(20);
    const { sessions } = opened.store;
    for (const [name, count] of acknowledged) {
      const id = asTransactionId(name);
      const numbers = await sessions.eventNumbers(id);
      expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, seqNo) => seqNo));
      expect(numbers.length).toBeGreaterThanOrEqual(count);
      expect((await sessions.get(id))?.lastSeqNo).toBe(numbers.length - 1);
      expect(await sessions.readings(id)).toHaveLength(numbers.length);
      const query = { fromMs: NOON_MS, toMs: NOON_MS + 1, transactionId: id };
      expect((await sessions.intervals(query))[0]?.importWh).toBe(10 * numbers.length);
    }
  });

  it('refuses a second user of its folder, in this process and in another, and names both', async () => {
    const message = `The data directory ${dataDir} is in use by process ${process.pid}`;
    await expect(open()).rejects.toMatchObject({ code: 'DATA_DIR_LOCKED', message });
    const other = runScript(new URL('./second-opener.ts', import.meta.url), [dataDir]);
    expect(await other.line(1)).toBe(`DATA_DIR_LOCKED ${message}`);
    await opened.store.ping();
  });

  it('keeps other clients out of a transaction, and a client that leaves one open loses it', async () => {
    const { pool } = opened;
    const [one, other] = [await pool.connect(), await pool.connect()];
    await one.query('create table notes (text text)');
    await one.query('begin');
    await one.query('insert into notes values ($1)', ['rolled back']);
    const foreign = other.query('insert into notes values ($1)', ['kept']);
    await one.query('rollback');
    await foreign;
    await one.query('begin');
    await one.query('insert into notes values ($1)', ['left open']);
    one.release();
    expect((await other.query('select text from notes')).rows).toEqual([{ text: 'kept' }]);
    other.release();
  });

  it('leaves a transaction usable for its owner alone after a failed statement', async () => {
    const { pool } = opened;
    const client = await pool.connect();
    await client.query('begin');
    await expect(client.query('select 1 / 0')).rejects.toMatchObject({ code: '22012' });
    await expect(client.query('select 1')).rejects.toMatchObject({ code: '25P02' });
    const foreign = pool.query<{ one: number }>('select 1 as one');
    await client.query('rollback');
    expect((await foreign).rows).toEqual([{ one: 1 }]);
    client.release();
  });

  it('vacuums bloated tables and folds a long log into them', async () => {
    const { pool } = opened;
    await pool.query(
      'create table bloated as select n, repeat(n::text, 50) as text from generate_series(1, 80000) n',
    );
    await pool.query('update bloated set n = n + 1');
    await pool.query(`update bloated set text = reverse(text)`);
    // Long values have a table of their own, which must be vacuumed even when hardly a row is dead.
    await pool.query('create table long_values (text text)');
    await pool.query('alter table long_values alter column text set storage external');
    await pool.query(`insert into long_values values (repeat('long', 1000000))`);
    await pool.query(`update long_values set text = ''`);
    const state = async () => {
      await pool.query('select pg_stat_force_next_flush()');
      const { rows } = await pool.query<{ dead: number; log: string }>(
        `select (select sum(n_dead_tup)::int from pg_stat_all_tables
            where relid in (select unnest(array[oid, nullif(reltoastrelid, 0)]) from pg_class
              where relname = 'bloated' or relname = 'long_values')) as dead,
          pg_current_wal_insert_lsn() - redo_lsn as log from pg_control_checkpoint()`,
      );
      return { dead: rows[0]?.dead ?? 0, logBytes: Number(rows[0]?.log) };
    };
    const before = await state();
    expect(before.dead).toBeGreaterThan(81_000);
    expect(before.logBytes).toBeGreaterThan(64 * 1024 * 1024);
    await keepHouse(pool);
    expect((await state()).dead).toBeLessThan(10);
    expect((await state()).logBytes).toBeLessThan(1024 * 1024);
  });

  it(
    'finishes what was asked before it closes, answers nothing after, and leaves only its data',
    async () => {
      const records = Array.from({ length: 50 }, () => sampleRecord(uniqueName('closing'), 0));
      const writes = Promise.all(records.map((record) => opened.store.sessions.recordEvent(record)));
      await opened.close();
      await writes;
      await expect(opened.store.ping()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      expect(await readdir(dataDir)).toEqual(['database']);
      opened = await open();
      for (const { session } of records) {
        expect(await opened.store.sessions.get(session.transactionId)).toEqual(session);
      }
    },
    REOPEN_LIMIT_MS,
  );

  it(
    'replaces a lost thread; what was in hand fails as STORE_UNAVAILABLE',
    async () => {
      await opened.close();
      const threads: Worker[] = [];
      const pool = new EmbeddedPool(
        { dataDir: join(dataDir, 'database'), searchPath: SEARCH_PATH },
        quietLogger,
        (settings) => {
          const thread = startDatabaseThread(settings);
          threads.push(thread);
          return thread;
        },
      );
      const listener = await pool.connect();
      const heard = new Promise<Error>((resolve) => listener.on('error', resolve));
      const endless = pool.query('select count(*) from generate_series(1, 1e9::bigint)');
      const lost = expect(endless).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      await threads[0]?.terminate();
      await lost;
      expect(await heard).toMatchObject({ code: 'STORE_UNAVAILABLE' });
      expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
      expect(threads).toHaveLength(2);
      await pool.end();
      opened = await open();
    },
    REOPEN_LIMIT_MS,
  );
});

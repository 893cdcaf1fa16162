import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyChain } from '../../src/main.js';
import { openStore } from '../../src/store/open-store.js';
import { runCli } from '../support/cli.js';
import { sealTwoOrders } from '../support/sealed-order.js';
import { startPostgres, type TestPostgres } from '../support/servers/postgres.js';
import { quietLogger } from '../support/store-samples.js';

/**
 * What somebody with all rights on the database may do, and what the verification says. Links: 1 bid, 2 order,
 * 3 plans, 4 profiles, 5 readings, 6 report of the first order; 7 to 11 the same of the second but the bid.
 */
const TAMPERINGS: readonly (readonly [what: string, statement: string, seq: number, fault: string])[] = [
  [
    'changes a reading',
    `update readings set import_register_wh = import_register_wh + 1 where at = '2026-01-20 12:10Z'`,
    5,
    'readings: those of tx-1 are not what was sealed',
  ],
  [
    'takes a reading out',
    `delete from readings where at = '2026-01-20 12:10Z'`,
    5,
    'readings: those of tx-1 are not what was sealed',
  ],
  [
    'dates a reading back into the sealed ones',
    `insert into readings (at, evse_id, transaction_id, seq_no, context, import_register_wh) select at + interval '1 second', evse_id, transaction_id, seq_no, context, 9999 from readings where at = '2026-01-20 12:10Z'`,
    5,
    'readings: those of tx-1 are not what was sealed',
  ],
  ['changes a plan', `update plans set net_kw = '{9,5,5,5}'`, 3, 'is not what was sealed'],
  [
    'changes what a station acknowledged',
    `update proof_profiles set acknowledged = replace(acknowledged, 'accepted', 'rejected')`,
    4,
    'profiles: revision 1 of cs-1/1 is not what was sealed',
  ],
  [
    'changes what was ordered',
    `update dispatches set dispatch_order = jsonb_set(dispatch_order, '{targetNetKw}', '-5') where dispatch_id = 'd-1'`,
    2,
    'order: d-1 is not what was sealed',
  ],
  ['takes an order out', `delete from dispatches where dispatch_id = 'd-2'`, 7, 'order: d-2 is gone'],
  [
    'changes an award',
    `update bids set bid = jsonb_set(bid, '{award,kw}', '200')`,
    1,
    'bid: bid-1 is not what was sealed',
  ],
  [
    'changes a report',
    `update proof_links set body = replace(body, '"askedKwh":', '"askedKwh":1') where seq = 6`,
    6,
    'body: was changed',
  ],
  [
    'changes a report and its hash',
    `update proof_links set body = '{}', body_hash = encode(sha256('{}'), 'hex') where seq = 6`,
    6,
    'hash: does not fit the link',
  ],
  ['drops a link', `delete from proof_links where seq = 4`, 5, 'seq: link 4 is missing'],
  [
    'drops a link and closes the gap',
    `delete from proof_links where seq = 4; update proof_links set seq = seq - 1 where seq > 4`,
    4,
    'previousHash: does not name the link before',
  ],
  [
    'exchanges two links',
    `update proof_links set seq = -seq where seq in (2, 3); update proof_links set seq = 5 + seq where seq in (-2, -3)`,
    2,
    'previousHash: does not name the link before',
  ],
];

const TABLES = ['readings', 'plans', 'proof_profiles', 'dispatches', 'bids', 'proof_links'];

describe('ebbflow verify', () => {
  let postgres: TestPostgres;
  let opened: Awaited<ReturnType<typeof openStore>>;
  let owner: pg.Client;
  beforeAll(async () => {
    postgres = await startPostgres();
    opened = await openStore({ databaseUrl: postgres.url, dataDir: 'unused', logger: quietLogger });
    await sealTwoOrders(opened.store);
    owner = new pg.Client({ connectionString: postgres.url });
    await owner.connect();
    await owner.query('set search_path = ebbflow');
    for (const table of TABLES) await owner.query(`create table kept_${table} as select * from ${table}`);
  });
  afterAll(async () => {
    await owner.end();
    await opened.close();
    await postgres.stop();
  });

  /** Does it as the owner of the server, whom no trigger stops; `look`; and takes it back. */
  async function whileTampered<T>(statement: string, look: () => Promise<T>): Promise<T> {
    await owner.query('set session_replication_role = replica');
    try {
      await owner.query(statement);
      return await look();
    } finally {
      for (const table of TABLES) {
        const columns =
          table === 'plans'
            ? '(plan_id, ordinal, created_at, start_at, end_at, slot_minutes, net_kw, plan) overriding system value'
            : '';
        await owner.query(
          `delete from ${table}; insert into ${table} ${columns} select ${columns === '' ? '*' : 'plan_id, ordinal, created_at, start_at, end_at, slot_minutes, net_kw, plan'} from kept_${table}`,
        );
      }
      await owner.query('set session_replication_role = default');
    }
  }

  it.each(TAMPERINGS)('finds out who %s', async (_what, statement, seq, fault) => {
    const { broken } = await whileTampered(statement, () => verifyChain(opened.store));
    expect(broken).toMatchObject({ seq, fault: expect.stringContaining(fault) });
    expect((await verifyChain(opened.store)).broken).toBeNull();
  });

  it('is not needed for those without all rights: the database refuses to change or drop a link', async () => {
    for (const statement of [
      `update proof_links set body = '{}'`,
      `delete from proof_links where seq = 4`,
      `truncate proof_links`,
      `delete from proof_profiles`,
    ]) {
      await expect(owner.query(statement)).rejects.toThrow(/rows of proof_\w+ are only ever added/);
    }
  });

  it('prints the head of a whole chain, the first broken link of another, and ends with the code to tell them apart', async () => {
    const env = { EBBFLOW_DATABASE_URL: postgres.url };
    const whole = await runCli(['verify', '--json'], env);
    expect([whole.code, whole.stderr]).toEqual([0, '']);
    const { head } = JSON.parse(whole.stdout);
    expect(JSON.parse(whole.stdout)).toEqual({
      links: 11,
      head: expect.stringMatching(/^[0-9a-f]{64}$/),
      broken: null,
    });
    const cutOff = await whileTampered('delete from proof_links where seq > 6', async () => [
      await verifyChain(opened.store),
      await runCli(['verify', '--head', head], env),
    ]);
    expect(cutOff).toMatchObject([
      { links: 6, broken: null },
      { code: 1, stdout: expect.stringContaining('broken at link 7: head: ') },
    ]);
    const broken = await whileTampered(TAMPERINGS[0]![1], () => runCli(['verify'], env));
    expect(broken).toMatchObject({
      code: 1,
      stdout:
        'broken at link 5 (readings of d-1): readings: those of tx-1 are not what was sealed; the 4 before it hold\n',
    });
    const wrong = await runCli(['verify', '--head', 'abc'], env);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('must be 64 hex digits') });
    const nowhere = await runCli(['verify'], { EBBFLOW_DATA_DIR: '/nowhere/ebbflow' });
    expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining('EBBFLOW_DATA_DIR') });
  });
});

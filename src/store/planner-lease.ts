import pg from 'pg';
import type { Logger } from '../ports/logger.js';

/** A planner that has not renewed its lease for so long has lost it. */
const TERM_MS = 5_000;
const RENEW_MS = 1_000;
const CONNECT_TIMEOUT_MS = 3_000;
/** Before the lease ends for others it ends for its holder: clocks of two processes run a little apart. */
const SAFETY_MS = 500;

/** The right to plan, for one holder at a time. */
export interface PlannerLease {
  /** Rises with each change of holder; the database refuses writes that carry a lower one. */
  readonly token: number;
  /** False from the moment when another node may hold it. */
  isHeld(): boolean;
  /** Resolves when the lease was lost. */
  readonly lost: Promise<void>;
  /** Gives it up, so that the next one needs not wait. */
  release(): Promise<void>;
}

/**
 * Waits until this node holds the planner's lease in the database (times are the database's own) and renews it
 * from then on. `signal` ends the waiting with undefined. The tables must be there.
 */
export async function acquirePlannerLease(
  databaseUrl: string,
  holder: string,
  logger: Logger,
  signal: AbortSignal,
): Promise<PlannerLease | undefined> {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    application_name: 'ebbflow lease',
    max: 1,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  });
  pool.on('error', (error) => logger.warn({ error: error.message }, 'lease connection lost'));
  let isFirst = true;
  while (!signal.aborted) {
    const askedMs = performance.now();
    const token = await tryAcquire(pool, holder).catch((error: unknown) => {
      logger.warn({ error: String(error) }, 'the lease cannot be asked for');
      return undefined;
    });
    if (token !== undefined) return held(pool, holder, token, askedMs, logger);
    if (isFirst) logger.info({ event: 'standby' }, 'another node plans; waiting for its lease');
    isFirst = false;
    await pause(RENEW_MS, signal);
  }
  await pool.end();
  return undefined;
}

async function tryAcquire(pool: pg.Pool, holder: string): Promise<number | undefined> {
  // Looking first: an upsert that changes nothing would still lock the row against every fenced write.
  const taken = await pool.query(
    `select 1 from ebbflow.leases where name = 'planner' and expires_at >= clock_timestamp()`,
  );
  if (taken.rowCount !== 0) return undefined;
  const { rows } = await pool.query<{ token: string }>(
    `insert into ebbflow.leases as lease (name, token, holder, expires_at)
     values ('planner', 1, $1, clock_timestamp() + $2 * interval '1 millisecond')
     on conflict (name) do update set token = lease.token + 1, holder = excluded.holder,
       expires_at = excluded.expires_at
     where lease.expires_at < clock_timestamp()
     returning token`,
    [holder, TERM_MS],
  );
  return rows[0] === undefined ? undefined : Number(rows[0].token);
}

function held(pool: pg.Pool, holder: string, token: number, sinceMs: number, logger: Logger): PlannerLease {
  let renewedMs = sinceMs;
  let isOver = false;
  let releasing: Promise<void> | undefined;
  let resolveLost = () => {};
  const lost = new Promise<void>((resolve) => {
    resolveLost = resolve;
  });
  const isHeld = () => !isOver && performance.now() - renewedMs < TERM_MS - SAFETY_MS;

  function lose(why: string): void {
    if (isOver) return;
    isOver = true;
    clearInterval(timer);
    logger.warn({ token, why }, 'the planner lease is lost');
    resolveLost();
  }

  async function renew(): Promise<void> {
    const askedMs = performance.now();
    const { rowCount } = await pool.query(
      `update ebbflow.leases set expires_at = clock_timestamp() + $2 * interval '1 millisecond'
       where name = 'planner' and token = $1 and expires_at > clock_timestamp()`,
      [token, TERM_MS],
    );
    if (rowCount === 0) lose('it ran out or another node took it');
    else renewedMs = askedMs;
  }

  const timer = setInterval(() => {
    if (!isHeld()) {
      lose('it was not renewed in time');
      return;
    }
    renew().catch((error: unknown) => logger.warn({ error: String(error) }, 'the lease cannot be renewed'));
  }, RENEW_MS);

  return {
    token,
    isHeld,
    lost,
    release() {
      releasing ??= release();
      return releasing;
    },
  };

  async function release(): Promise<void> {
    isOver = true;
    clearInterval(timer);
    await pool
      .query(
        `update ebbflow.leases set expires_at = clock_timestamp() where name = 'planner' and token = $1 and holder = $2`,
        [token, holder],
      )
      .catch(() => undefined);
    await pool.end();
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}

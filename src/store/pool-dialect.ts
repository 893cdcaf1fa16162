import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import type { EbbflowError } from '../domain/errors.js';
import type { PoolClientLike, PoolLike } from './pool.js';
import { storeFailure } from './store-failure.js';

/**
 * Kysely's PostgreSQL dialect over a {@link PoolLike}. Every failure leaves as an EbbflowError; a client whose
 * connection failed goes back to be destroyed. The pool's owner ends the pool, not Kysely.
 */
export function poolDialect(pool: PoolLike): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new PoolDriver(pool),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}

class PoolDriver implements Driver {
  readonly #pool: PoolLike;

  constructor(pool: PoolLike) {
    this.#pool = pool;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<PoolConnection> {
    try {
      return new PoolConnection(await this.#pool.connect());
    } catch (error) {
      throw storeFailure(error);
    }
  }

  async beginTransaction(connection: PoolConnection): Promise<void> {
    await connection.run('begin');
  }

  async commitTransaction(connection: PoolConnection): Promise<void> {
    await connection.run('commit');
  }

  async rollbackTransaction(connection: PoolConnection): Promise<void> {
    // The failure that led here is the one to report; a connection that cannot roll back is destroyed.
    await connection.run('rollback').catch(() => connection.markBroken());
  }

  async releaseConnection(connection: PoolConnection): Promise<void> {
    connection.release();
  }

  async destroy(): Promise<void> {}
}

class PoolConnection implements DatabaseConnection {
  readonly #client: PoolClientLike;
  #broken = false;

  constructor(client: PoolClientLike) {
    this.#client = client;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, rowCount, command } = await this.run<R>(query.sql, query.parameters);
    if (command === 'SELECT' || rowCount === null) return { rows };
    return { rows, numAffectedRows: BigInt(rowCount) };
  }

  async run<R>(text: string, values?: readonly unknown[]) {
    try {
      return await this.#client.query<R>(text, values);
    } catch (error) {
      const failure: EbbflowError = storeFailure(error);
      if (failure.code === 'STORE_UNAVAILABLE') this.#broken = true;
      throw failure;
    }
  }

  markBroken(): void {
    this.#broken = true;
  }

  release(): void {
    this.#client.release(this.#broken);
  }

  // biome-ignore lint/correctness/useYield: the interface wants a generator; nothing here streams.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('Invariant broken: the store reads whole results');
  }
}

/**
 * The part of `pg.Pool` that the store and BullMQ's PostgreSQL backend use. A real `pg.Pool` fits; so does
 * the pool in front of the embedded database.
 */
export interface PoolLike {
  query<R = Row>(text: string, values?: readonly unknown[]): Promise<PoolResult<R>>;
  connect(): Promise<PoolClientLike>;
  end(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): this;
  on(event: 'connect', listener: (client: PoolClientLike) => void): this;
  removeAllListeners(event?: string): this;
  setMaxListeners(count: number): this;
}

export interface PoolClientLike {
  query<R = Row>(text: string, values?: readonly unknown[]): Promise<PoolResult<R>>;
  /** Gives the client back; `destroy` when its connection must not be used again. */
  release(destroy?: boolean): void;
  on(event: 'notification', listener: (notification: PoolNotification) => void): this;
  on(event: 'error', listener: (error: Error) => void): this;
  on(event: 'end', listener: () => void): this;
  removeListener(event: 'notification', listener: (notification: PoolNotification) => void): this;
  removeAllListeners(event?: string): this;
}

export type Row = Record<string, unknown>;

export interface PoolResult<R = Row> {
  rows: R[];
  rowCount: number | null;
  command: string;
}

export interface PoolNotification {
  channel: string;
  payload?: string;
}

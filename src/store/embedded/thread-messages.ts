/** What the embedded database's thread is started with. */
export interface ThreadSettings {
  readonly dataDir: string;
  readonly searchPath: string;
}

/** To the thread. One `clientId` is one checked-out client; statements of one client keep their order. */
export type ThreadRequest =
  | {
      readonly kind: 'run';
      readonly id: number;
      readonly clientId: number;
      readonly text: string;
      readonly values?: readonly unknown[];
    }
  /** The client is given back; a transaction that it left open is rolled back. */
  | { readonly kind: 'release'; readonly clientId: number }
  | { readonly kind: 'close' };

/** From the thread. */
export type ThreadReply =
  | { readonly kind: 'open' }
  | { readonly kind: 'result'; readonly id: number; readonly result: StatementResult }
  | { readonly kind: 'failure'; readonly id: number; readonly failure: StatementFailure }
  | { readonly kind: 'notification'; readonly channel: string; readonly payload: string }
  | { readonly kind: 'open-failed'; readonly message: string };

export interface StatementResult {
  readonly rows: Record<string, unknown>[];
  readonly rowCount: number;
  readonly command: string;
}

/** A database error as plain fields; the names are those of `pg`. */
export interface StatementFailure {
  readonly message: string;
  readonly code: string;
  readonly detail?: string;
  readonly constraint?: string;
  readonly table?: string;
}

import type { StatementFailure, StatementResult } from './thread-messages.js';

/** One statement of one client, waiting for the only connection. */
export interface WaitingStatement {
  readonly clientId: number;
  /** Runs the statement; undefined stands for the end of the client (roll back what it left open). */
  readonly run?: () => Promise<StatementResult>;
  readonly done: (outcome: StatementResult | StatementFailure) => void;
}

export interface StatementLine {
  add(statement: WaitingStatement): void;
  /** Resolves when nothing runs and nothing can run. */
  idle(): Promise<void>;
}

export interface LineSettings {
  isInTransaction(): boolean;
  rollBack(): Promise<void>;
  failureOf(error: unknown): StatementFailure;
  /** A client that leaves a transaction idle for longer loses it, as on a server. */
  idleInTransactionMs: number;
}

/**
 * Lets many clients share one connection. Statements run in the order of arrival, except that whoever has a
 * transaction open goes alone until it ends: nobody else's statement can slip into it.
 */
export function createStatementLine(settings: LineSettings): StatementLine {
  const waiting: WaitingStatement[] = [];
  const evicted = new Set<number>();
  let owner: number | undefined;
  let running: Promise<void> | undefined;
  let idleTimer: NodeJS.Timeout | undefined;

  function pump(): void {
    running ??= work().finally(() => {
      running = undefined;
      if (next() >= 0) pump();
    });
  }

  function next(): number {
    if (owner === undefined) return waiting.length > 0 ? 0 : -1;
    return waiting.findIndex((statement) => statement.clientId === owner);
  }

  async function work(): Promise<void> {
    clearTimeout(idleTimer);
    for (let index = next(); index >= 0; index = next()) {
      const [statement] = waiting.splice(index, 1);
      if (statement !== undefined) await runOne(statement);
    }
    if (owner !== undefined) idleTimer = setTimeout(evictOwner, settings.idleInTransactionMs);
  }

  async function runOne({ clientId, run, done }: WaitingStatement): Promise<void> {
    if (run === undefined) {
      evicted.delete(clientId);
      if (owner === clientId) await settings.rollBack();
      done({ rows: [], rowCount: 0, command: '' });
    } else if (evicted.has(clientId)) {
      done({ code: '25P03', message: 'the transaction was idle for too long and was rolled back' });
    } else {
      done(await run().catch(settings.failureOf));
    }
    owner = settings.isInTransaction() ? clientId : undefined;
  }

  function evictOwner(): void {
    const clientId = owner;
    if (clientId === undefined || running !== undefined) return;
    evicted.add(clientId);
    running = settings.rollBack().finally(() => {
      running = undefined;
      owner = undefined;
      pump();
    });
  }

  return {
    add(statement) {
      waiting.push(statement);
      pump();
    },
    async idle() {
      while (running !== undefined) await running;
    },
  };
}

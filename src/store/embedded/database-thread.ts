/** Entry of the worker thread that holds the embedded database: WebAssembly blocks the thread it runs in. */
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { VALUE_PARSERS } from '../value-parsers.js';
import { createStatementLine } from './statement-line.js';
import type {
  StatementFailure,
  StatementResult,
  ThreadReply,
  ThreadRequest,
  ThreadSettings,
} from './thread-messages.js';

const IDLE_IN_TRANSACTION_MS = 60_000;
/** What the driver itself says about a parameter it cannot encode carries no SQLSTATE. */
const INVALID_PARAMETER_VALUE = '22023';

await serve(workerData as ThreadSettings);

async function serve({ dataDir, searchPath }: ThreadSettings): Promise<void> {
  let database: PGlite;
  try {
    database = await PGlite.create({ dataDir, parsers: { ...VALUE_PARSERS } });
    await database.exec(`set search_path to ${searchPath}; set timezone to 'UTC'`);
  } catch (error) {
    reply({ kind: 'open-failed', message: messageOf(error) });
    return;
  }
  database.onNotification((channel, payload) => reply({ kind: 'notification', channel, payload }));
  const line = createStatementLine({
    isInTransaction: () => database.isInTransaction(),
    rollBack: async () => {
      await database.exec('rollback');
    },
    failureOf,
    idleInTransactionMs: IDLE_IN_TRANSACTION_MS,
  });

  parentPort?.on('message', (request: ThreadRequest) => {
    if (request.kind === 'close') void close(database, line.idle());
    else if (request.kind === 'release') line.add({ clientId: request.clientId, done: () => undefined });
    else {
      const { id, clientId, text, values } = request;
      line.add({
        clientId,
        run: () => run(database, text, values),
        done: (outcome) =>
          reply(
            'rows' in outcome
              ? { kind: 'result', id, result: outcome }
              : { kind: 'failure', id, failure: outcome },
          ),
      });
    }
  });
  reply({ kind: 'open' });
}

async function run(
  database: PGlite,
  text: string,
  values: readonly unknown[] | undefined,
): Promise<StatementResult> {
  // Without values: the simple protocol, which takes several statements at once, as `pg` does.
  const results =
    values === undefined || values.length === 0
      ? await database.exec(text)
      : [await database.query(text, [...values])];
  const last = results.at(-1);
  return {
    rows: (last?.rows ?? []) as StatementResult['rows'],
    rowCount: last?.rowCount ?? 0,
    command: last?.command ?? '',
  };
}

async function close(database: PGlite, idle: Promise<void>): Promise<void> {
  await idle;
  await database.close();
  parentPort?.close();
}

function failureOf(error: unknown): StatementFailure {
  if (isEndOfDatabase(error)) throw error;
  const fields = error as Partial<StatementFailure>;
  return {
    message: messageOf(error),
    code: fields.code ?? INVALID_PARAMETER_VALUE,
    ...(fields.detail === undefined ? {} : { detail: fields.detail }),
    ...(fields.constraint === undefined ? {} : { constraint: fields.constraint }),
    ...(fields.table === undefined ? {} : { table: fields.table }),
  };
}

/** A trap or exit inside WebAssembly leaves no usable database: the thread ends and a new one is started. */
function isEndOfDatabase(error: unknown): boolean {
  return error instanceof Error && (error.name === 'RuntimeError' || error.name === 'ExitStatus');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function reply(message: ThreadReply): void {
  parentPort?.postMessage(message);
}

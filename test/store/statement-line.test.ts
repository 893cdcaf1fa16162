import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createStatementLine } from '../../src/store/embedded/statement-line.js';

/** A connection that only knows whether it is in a transaction, and writes down what it was told. */
function fakeConnection() {
  const log: string[] = [];
  let inTransaction = false;
  const line = createStatementLine({
    isInTransaction: () => inTransaction,
    rollBack: async () => {
      log.push('rolled back');
      inTransaction = false;
    },
    failureOf: (error) => ({ code: 'XX000', message: String(error) }),
    idleInTransactionMs: 1_000,
  });
  const say = (clientId: number, text: string): Promise<unknown> =>
    new Promise((resolve) => {
      line.add({
        clientId,
        run: async () => {
          log.push(`${clientId}: ${text}`);
          if (text === 'begin') inTransaction = true;
          if (text === 'commit') inTransaction = false;
          if (text === 'fail') throw new Error('failed');
          return { rows: [], rowCount: 0, command: text };
        },
        done: resolve,
      });
    });
  const leave = (clientId: number): Promise<unknown> =>
    new Promise((resolve) => line.add({ clientId, done: resolve }));
  return { line, log, say, leave };
}

describe('the line for the only connection', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('serves in the order of arrival, but whoever is in a transaction goes alone', async () => {
    const { log, say } = fakeConnection();
    const other = [say(1, 'begin'), say(2, 'a'), say(1, 'b'), say(3, 'c'), say(1, 'commit'), say(1, 'd')];
    await Promise.all(other);
    expect(log).toEqual(['1: begin', '1: b', '1: commit', '2: a', '3: c', '1: d']);
  });

  it('goes on after a statement that fails', async () => {
    const { log, say } = fakeConnection();
    const outcomes = await Promise.all([say(1, 'fail'), say(2, 'a')]);
    expect(outcomes).toEqual([
      { code: 'XX000', message: 'Error: failed' },
      { rows: [], rowCount: 0, command: 'a' },
    ]);
    expect(log).toEqual(['1: fail', '2: a']);
  });

  it('rolls back what a client leaves open when it goes', async () => {
    const { log, say, leave } = fakeConnection();
    const waiting = say(2, 'a');
    await Promise.all([say(1, 'begin'), leave(1), waiting]);
    expect(log).toEqual(['2: a', '1: begin', 'rolled back']);
  });

  it('takes a transaction away that idles too long, and tells its owner until it goes', async () => {
    const { log, say, leave } = fakeConnection();
    await say(1, 'begin');
    const waiting = say(2, 'a');
    await vi.advanceTimersByTimeAsync(1_000);
    await waiting;
    expect(await say(1, 'late')).toMatchObject({ code: '25P03' });
    await leave(1);
    await say(1, 'anew');
    expect(log).toEqual(['1: begin', 'rolled back', '2: a', '1: anew']);
  });

  it('is idle when nothing can run any more', async () => {
    const { line, log, say } = fakeConnection();
    void say(1, 'a');
    void say(2, 'b');
    await line.idle();
    expect(log).toEqual(['1: a', '2: b']);
  });
});

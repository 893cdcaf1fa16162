import { describe, expect, it } from 'vitest';
import { FairTurns } from '../../../src/ocpp/wire/fair-turns.js';

const aTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Turns whose every piece of work takes a millisecond of the test's clock. */
function bench() {
  let nowMs = 0;
  const done: string[] = [];
  const turns = new FairTurns(() => nowMs);
  const worker = (name: string, cost = 1, takesMs = 1) => {
    const turn = turns.join();
    return {
      turn,
      ask: (piece: number) =>
        turn.take(cost, () => {
          nowMs += takesMs;
          done.push(`${name}${piece}`);
        }),
    };
  };
  return { done, worker };
}

describe('turns of many peers', () => {
  it('do at once what comes while nobody waits', () => {
    const { done, worker } = bench();
    worker('a').ask(1);
    worker('b').ask(1);
    expect(done).toEqual(['a1', 'b1']);
  });

  it('go back to the sockets after a slice, and do the rest next time, in the order of each peer', async () => {
    const { done, worker } = bench();
    const { ask, turn } = worker('a');
    for (let piece = 1; piece <= 20; piece += 1) ask(piece);
    expect(done).toEqual(['a1', 'a2']);
    expect(turn.waiting).toBe(18);
    while (turn.waiting > 0) {
      const before = done.length;
      await aTurn();
      expect(done.length - before).toBeLessThanOrEqual(2);
    }
    expect(done).toEqual(Array.from({ length: 20 }, (_, index) => `a${index + 1}`));
  });

  it('serve who asks for little before all that many greedy ones have waiting', async () => {
    const { done, worker } = bench();
    const greedy = Array.from({ length: 50 }, (_, index) => worker(`g${index}-`));
    for (let piece = 0; piece < 20; piece += 1) for (const { ask } of greedy) ask(piece);
    const modest = worker('modest');
    // Half as often as the greedy ones, which all have the same claim.
    for (let round = 0; round < 8; round += 1) {
      while (done.length < 110 * (round + 1)) await aTurn();
      modest.ask(round);
      const before = done.length;
      await aTurn();
      expect(done.slice(before)).toContain(`modest${round}`);
    }
    expect(done.length).toBeLessThan(50 * 20);
  });

  it('share by cost: who sends pieces ten times as large gets a tenth as many done', async () => {
    const { done, worker } = bench();
    const [large, small] = [worker('L', 10), worker('s', 1)];
    for (let piece = 0; piece < 300; piece += 1) {
      large.ask(piece);
      small.ask(piece);
    }
    while (small.turn.waiting > 0) await aTurn();
    const largeDone = done.filter((piece) => piece.startsWith('L')).length;
    expect(largeDone).toBeGreaterThan(25);
    expect(largeDone).toBeLessThan(36);
    while (large.turn.waiting > 0) await aTurn();
    expect(done).toHaveLength(600);
  });

  it('let what a piece of work began go on before the next', async () => {
    const order: string[] = [];
    const turns = new FairTurns(() => 0);
    let nowMs = 0;
    const timed = new FairTurns(() => nowMs);
    const turn = timed.join();
    turn.take(1, () => {
      nowMs += 6;
    });
    for (const name of ['a', 'b']) {
      turn.take(1, () => {
        order.push(name);
        void Promise.resolve().then(() => order.push(`${name} went on`));
      });
    }
    await aTurn();
    expect(order).toEqual(['a', 'a went on', 'b', 'b went on']);
    expect(turns.join().waiting).toBe(0);
  });
});

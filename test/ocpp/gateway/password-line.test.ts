import { beforeEach, describe, expect, it } from 'vitest';
import { asStationId } from '../../../src/domain/ids.js';
import { PasswordLine } from '../../../src/ocpp/gateway/password-line.js';
import type { Admission } from '../../../src/ports/station-events.js';
import { ManualTimer } from '../wire/manual-timer.js';

const RIGHT: Admission = { admitted: true };
const WRONG: Admission = { admitted: false, reason: 'wrong-password' };

let timer: ManualTimer;
/** Checks under way, to be ended by the test. */
let running: { name: string; end: (admission: Admission) => void }[];
let outcomes: string[];
let line: PasswordLine;

function open(options: { atOnce?: number; maxWaiting?: number; restAfterFailureMs?: number } = {}): void {
  line = new PasswordLine({
    ...{ atOnce: 1, maxWaiting: 100, restAfterFailureMs: 0, after: timer.after },
    ...options,
  });
}

function ask(name: string, peerAddress: string, more: { wasHere?: boolean; isGone?: () => boolean } = {}) {
  const asker = { stationId: asStationId(name), peerAddress, wasHere: false, isGone: () => false, ...more };
  const check = () => new Promise<Admission>((end) => running.push({ name, end }));
  void line.pass(asker, check).then((admission) => {
    outcomes.push(`${name} ${admission === undefined ? 'not looked at' : admission.admitted}`);
  });
}

async function end(admission = RIGHT): Promise<string | undefined> {
  const first = running.shift();
  first?.end(admission);
  await new Promise(setImmediate);
  return first?.name;
}

beforeEach(() => {
  timer = new ManualTimer();
  running = [];
  outcomes = [];
  open();
});

describe('the line for password checks', () => {
  it('runs so many at once and no more', async () => {
    open({ atOnce: 2 });
    for (const name of ['a', 'b', 'c', 'd']) ask(name, '10.0.0.1');
    expect(running.map(({ name }) => name)).toEqual(['a', 'b']);
    await end();
    expect(running.map(({ name }) => name)).toEqual(['b', 'c']);
  });

  it('has a place of its own for stations that were here before', async () => {
    for (let count = 0; count < 50; count += 1) ask(`stranger-${count}`, '10.0.0.1');
    ask('known', '10.0.0.1', { wasHere: true });
    expect(running.map(({ name }) => name)).toEqual(['stranger-0', 'known']);
  });

  it('takes newcomers by address in turn: one address does not hold up the others', async () => {
    for (let count = 0; count < 50; count += 1) ask(`x-${count}`, '10.0.0.1');
    ask('lone', '10.0.0.2');
    expect([await end(), await end(), await end()]).toEqual(['x-0', 'x-1', 'lone']);
  });

  it('lets an address rest that failed, and serves others meanwhile', async () => {
    open({ restAfterFailureMs: 100 });
    for (const name of ['a', 'b']) ask(name, '10.0.0.1');
    await end(WRONG);
    expect(running).toEqual([]);
    ask('c', '10.0.0.2');
    expect(await end()).toBe('c');
    timer.advance(99);
    expect(running).toEqual([]);
    timer.advance(1);
    expect(await end()).toBe('b');
    expect(outcomes).toEqual(['a false', 'c true', 'b true']);
  });

  it('keeps the newest request of a station, and none of those who hung up', async () => {
    let isGone = false;
    ask('busy', '10.0.0.9');
    ask('a', '10.0.0.1');
    ask('gone', '10.0.0.1', { isGone: () => isGone });
    ask('a', '10.0.0.1');
    isGone = true;
    expect([await end(), await end()]).toEqual(['busy', 'a']);
    expect(running).toEqual([]);
    expect(outcomes).toEqual(['a not looked at', 'busy true', 'gone not looked at', 'a true']);
  });

  it('ends: the newest of the longest row gives way', async () => {
    open({ maxWaiting: 3 });
    ask('busy', '10.0.0.9');
    for (const name of ['a', 'b', 'c']) ask(name, '10.0.0.1');
    ask('lone', '10.0.0.2');
    await new Promise(setImmediate);
    expect(outcomes).toEqual(['c not looked at']);
    await end();
    expect(running.map(({ name }) => name)).toEqual(['a']);
  });

  it('goes on after a check that failed for a reason of ours', async () => {
    const asker = { stationId: asStationId('a'), peerAddress: '', wasHere: false, isGone: () => false };
    await expect(line.pass(asker, () => Promise.reject(new Error('store down')))).rejects.toThrow(
      'store down',
    );
    ask('b', '10.0.0.1');
    expect(await end()).toBe('b');
  });
});

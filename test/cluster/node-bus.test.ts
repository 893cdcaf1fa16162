import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type NodeBus, openNodeBus } from '../../src/cluster/node-bus.js';
import { announceTerm, watchPlanner } from '../../src/cluster/planner-term.js';
import { invalidInput } from '../../src/domain/errors.js';
import { startRedis, type TestRedis } from '../support/servers/redis.js';

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
/** Longer than a test may last: only what is awaited can end the call. */
const NEVER_MS = 600_000;

describe('the bus between nodes', () => {
  let redis: TestRedis;
  const opened: NodeBus[] = [];
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((bus) => bus.close()));
  });
  async function open(nodeId: string): Promise<NodeBus> {
    const bus = await openNodeBus(redis.url, nodeId, quiet);
    opened.push(bus);
    return bus;
  }

  it('brings asks and their answers, in the order of the asks, with what was left out left out', async () => {
    const [one, other] = [await open('one'), await open('other')];
    const seen: unknown[] = [];
    other.onAsk('count', async (from, body) => {
      seen.push(body);
      return { from, body, left: undefined };
    });
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, k) => one.ask('other', 'count', k, NEVER_MS)),
    );
    expect(seen).toEqual(Array.from({ length: 50 }, (_, k) => k));
    expect(answers[7]).toEqual({ from: 'one', body: 7 });
  });

  it('throws here what the other node threw, with code and fields', async () => {
    const [one, other] = [await open('one'), await open('other')];
    other.onAsk('check', async () => {
      throw invalidInput('departure', 'must be in the future');
    });
    await expect(one.ask('other', 'check', {}, NEVER_MS)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      faults: [{ path: 'departure', message: 'must be in the future' }],
    });
    await expect(one.ask('other', 'unknown', {}, NEVER_MS)).rejects.toMatchObject({
      code: 'NODE_UNREACHABLE',
    });
  });

  it('fails an ask at once when the node is gone, and when it is given up', async () => {
    const [one, other] = [await open('one'), await open('other')];
    await expect(one.ask('nobody', 'count', 1, NEVER_MS)).rejects.toMatchObject({ code: 'NODE_UNREACHABLE' });
    const asked = new Promise<void>((resolve) => {
      other.onAsk('hang', () => {
        resolve();
        return new Promise(() => {});
      });
    });
    const answer = one.ask('other', 'hang', {}, NEVER_MS);
    await asked;
    one.giveUpOn('other');
    await expect(answer).rejects.toMatchObject({ code: 'NODE_UNREACHABLE' });
  });

  it('does work again with the next planner when the first one is gone, and never with an older one', async () => {
    const [node, first, second] = [await open('node'), await open('first'), await open('second')];
    const planner = watchPlanner(node);
    const asked = new Promise<void>((resolve) => {
      first.onAsk('work', () => {
        resolve();
        return new Promise(() => {});
      });
    });
    second.onAsk('work', async () => 'done by the second');
    const stopFirst = announceTerm(first, 1);
    const answer = planner.withPlanner((term, leftMs) => node.ask(term.nodeId, 'work', {}, leftMs), NEVER_MS);
    await asked;
    stopFirst();
    const stopSecond = announceTerm(second, 2);
    expect(await answer).toBe('done by the second');
    const heard = new Promise<void>((resolve) => node.onTell('after', () => resolve()));
    announceTerm(first, 1)();
    first.tell('node', 'after', {});
    await heard;
    expect(await planner.term(0)).toEqual({ nodeId: 'second', token: 2 });
    expect(planner.highestToken()).toBe(2);
    stopSecond();
  });

  it('fails what waits for an answer when its own link breaks, for the answer may have come meanwhile', async () => {
    const [one, other] = [await open('one'), await open('other')];
    const asked = new Promise<void>((resolve) => {
      other.onAsk('hang', () => {
        resolve();
        return new Promise(() => undefined);
      });
    });
    const answer = expect(one.ask('other', 'hang', 1, NEVER_MS)).rejects.toMatchObject({
      code: 'NODE_UNREACHABLE',
    });
    await asked;
    await redis.crashAndRestart();
    await answer;
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { EbbflowError } from '../../src/domain/errors.js';
import { asEvseId, type EvseId } from '../../src/domain/ids.js';
import type { DispatchQueue } from '../../src/ports/dispatch-queue.js';
import type { QueueSettings } from '../../src/queue/open-queue.js';

type Options = Partial<Pick<QueueSettings, 'concurrency' | 'deadLettersKept' | 'firstPauseMs'>>;

/** A backend that the tests of one queue share; `clear` empties it between tests. */
export interface QueueUnderTest {
  open(options?: Options): Promise<DispatchQueue>;
  clear(): Promise<void>;
  stop(): Promise<void>;
}

const AT_REST = { waiting: 0, active: 0, delayed: 0 };
const PATIENCE = { timeout: 15_000, interval: 10 };

/** What every dispatch queue owes the engine. */
export function describeQueue(name: string, begin: () => Promise<QueueUnderTest>): void {
  describe(name, () => {
    let backend: QueueUnderTest;
    const opened: DispatchQueue[] = [];
    beforeAll(async () => {
      backend = await begin();
    });
    afterAll(() => backend.stop());
    beforeEach(() => backend.clear());
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((queue) => queue.close()));
    });

    async function open(options: Options = {}): Promise<DispatchQueue> {
      const queue = await backend.open(options);
      opened.push(queue);
      return queue;
    }
    const atRest = (queue: DispatchQueue) =>
      vi.waitFor(async () => expect(await queue.counts()).toMatchObject(AT_REST), PATIENCE);

    it('delivers every announced EVSE, of one call and of many', async () => {
      const queue = await open();
      const delivered = new Set<EvseId>();
      await queue.start(async (evseId) => void delivered.add(evseId));
      await queue.announce(evses(150));
      await Promise.all(evses(50, 'single').map((evseId) => queue.announce([evseId])));
      await queue.announce([]);
      await atRest(queue);
      expect([...delivered].sort()).toEqual([...evses(150), ...evses(50, 'single')].sort());
    });

    it('keeps one waiting hint per EVSE, however often it is announced', async () => {
      const queue = await open();
      for (let round = 0; round < 5; round += 1) await queue.announce([...evses(10), ...evses(10)]);
      expect(await queue.counts()).toMatchObject({ waiting: 10 });
      const delivered: EvseId[] = [];
      await queue.start(async (evseId) => void delivered.push(evseId));
      await atRest(queue);
      expect(delivered.sort()).toEqual(evses(10).sort());
    });

    it('delivers once more what is announced during its delivery', async () => {
      const queue = await open();
      const [evseId] = evses(1);
      const gate = heldGate();
      const deliveries: number[] = [];
      await queue.start(async () => {
        deliveries.push(deliveries.length);
        if (deliveries.length === 1) await gate.passed;
      });
      await queue.announce([evseId!]);
      await vi.waitFor(() => expect(deliveries).toHaveLength(1), PATIENCE);
      for (let round = 0; round < 5; round += 1) await queue.announce([evseId!]);
      gate.open();
      await atRest(queue);
      expect(deliveries).toHaveLength(2);
    });

    it('leaves no EVSE on an old revision: 100 EVSEs, thousands of updates, failures in between', async () => {
      const queue = await open({ concurrency: 20 });
      const fleet = evses(100);
      const random = seededRandom(7);
      const newest = new Map<EvseId, number>();
      const sent = new Map<EvseId, number>();
      await queue.start(async (evseId) => {
        const revision = newest.get(evseId) ?? 0;
        for (let turn = random() * 20; turn > 0; turn -= 1) await new Promise(setImmediate);
        if (random() < 0.05) throw new EbbflowError('STATION_TIMEOUT', 'no answer');
        expect(revision).toBeGreaterThanOrEqual(sent.get(evseId) ?? 0);
        sent.set(evseId, revision);
      });
      const producers = Array.from({ length: 25 }, async () => {
        for (let update = 0; update < 80; update += 1) {
          const evseId = fleet[Math.floor(random() * fleet.length)]!;
          newest.set(evseId, (newest.get(evseId) ?? 0) + 1);
          await queue.announce([evseId]);
        }
      });
      await Promise.all(producers);
      await atRest(queue);
      expect(fleet.filter((evseId) => sent.get(evseId) !== newest.get(evseId))).toEqual([]);
      expect(await queue.counts()).toMatchObject({ failed: 0 });
    }, 30_000);

    it('serves safety before orders and orders before plans, also for a hint that waits already', async () => {
      const queue = await open({ concurrency: 1 });
      const [plan, order, safety, raised] = evses(4);
      await queue.announce([plan!, raised!]);
      await queue.announce([order!], 'order');
      await queue.announce([safety!], 'safety');
      await queue.announce([raised!], 'order');
      expect(await queue.counts()).toMatchObject({ waiting: 4 });
      const delivered: EvseId[] = [];
      await queue.start(async (evseId) => void delivered.push(evseId));
      await atRest(queue);
      expect(delivered).toEqual([safety, order, raised, plan]);
    });

    it('tries again what fails for the moment', async () => {
      const queue = await open();
      let attempts = 0;
      await queue.start(async () => {
        attempts += 1;
        if (attempts < 3) throw new EbbflowError('STATION_OFFLINE', 'away');
      });
      await queue.announce(evses(1));
      await vi.waitFor(() => expect(attempts).toBe(3), PATIENCE);
      await atRest(queue);
      expect(await queue.counts()).toMatchObject({ failed: 0 });
    });

    it('ends the pause after a failure when the EVSE is announced anew', async () => {
      // Longer than this test may last: only the new hint can bring the second attempt.
      const queue = await open({ firstPauseMs: 600_000 });
      const [evseId] = evses(1);
      let attempts = 0;
      await queue.start(async () => {
        attempts += 1;
        if (attempts === 1) throw new EbbflowError('STATION_OFFLINE', 'away');
      });
      await queue.announce([evseId!]);
      await vi.waitFor(async () => expect(await queue.counts()).toMatchObject({ delayed: 1 }), PATIENCE);
      await queue.announce([evseId!]);
      await vi.waitFor(() => expect(attempts).toBe(2), PATIENCE);
      await atRest(queue);
    });

    it('puts what cannot succeed to the dead letters at once; a new hint starts anew', async () => {
      const queue = await open();
      let attempts = 0;
      await queue.start(async () => {
        attempts += 1;
        if (attempts === 1) throw new EbbflowError('INVALID_INPUT', 'never');
        if (attempts === 2) throw new TypeError('a bug');
      });
      await queue.announce(evses(1));
      await vi.waitFor(
        async () => expect(await queue.counts()).toMatchObject({ ...AT_REST, failed: 1 }),
        PATIENCE,
      );
      await queue.announce(evses(1));
      await vi.waitFor(
        async () => expect(await queue.counts()).toMatchObject({ ...AT_REST, failed: 2 }),
        PATIENCE,
      );
      await queue.announce(evses(1));
      await vi.waitFor(() => expect(attempts).toBe(3), PATIENCE);
      await atRest(queue);
      expect(await queue.counts()).toMatchObject({ failed: 2 });
    });

    it('tells what was given up, with its reason, and forgets it', async () => {
      const queue = await open({ firstPauseMs: 1 });
      const [timedOut, broken] = evses(2);
      await queue.start(async (evseId) => {
        if (evseId === broken) throw new TypeError('a bug');
        throw new EbbflowError('STATION_TIMEOUT', 'no answer: in time');
      });
      const beganMs = Date.now();
      await queue.announce([timedOut!, broken!]);
      await vi.waitFor(async () => expect(await queue.failed()).toHaveLength(2), PATIENCE);
      const failed = new Map((await queue.failed()).map((one) => [one.evseId, one]));
      expect(failed.get(timedOut!)).toMatchObject({
        code: 'STATION_TIMEOUT',
        detail: 'no answer: in time',
        attempts: 8,
      });
      expect(failed.get(broken!)).toMatchObject({ code: 'INTERNAL', attempts: 1 });
      expect(failed.get(timedOut!)!.givenUpAtMs).toBeGreaterThanOrEqual(beganMs - 1_000);
      await queue.forgetFailed([timedOut!]);
      expect((await queue.failed()).map(({ evseId }) => evseId)).toEqual([broken]);
    });

    it('bounds the dead letters', async () => {
      const queue = await open({ deadLettersKept: 10 });
      await queue.start(async () => {
        throw new EbbflowError('INVALID_INPUT', 'never');
      });
      await queue.announce(evses(60));
      await vi.waitFor(
        async () => expect(await queue.counts()).toMatchObject({ ...AT_REST, failed: 10 }),
        PATIENCE,
      );
    });

    it('keeps what was announced over a restart', async () => {
      const first = await open();
      await first.announce(evses(20));
      await first.close();
      await expect(first.announce(evses(1))).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
      const second = await open();
      const delivered: EvseId[] = [];
      await second.start(async (evseId) => void delivered.push(evseId));
      await atRest(second);
      expect(delivered.sort()).toEqual(evses(20).sort());
    });

    it('shares the work between nodes and never runs an EVSE twice at once', async () => {
      const nodes = await Promise.all([open({ concurrency: 5 }), open({ concurrency: 5 })]);
      const running = new Set<EvseId>();
      const delivered: EvseId[] = [];
      for (const node of nodes) {
        await node.start(async (evseId) => {
          expect(running.has(evseId)).toBe(false);
          running.add(evseId);
          await new Promise(setImmediate);
          running.delete(evseId);
          delivered.push(evseId);
        });
      }
      for (let round = 0; round < 5; round += 1) {
        await Promise.all(nodes.map((node) => node.announce(evses(30))));
      }
      await atRest(nodes[0]!);
      expect(new Set(delivered).size).toBe(30);
      expect(await nodes[0]!.counts()).toMatchObject({ failed: 0 });
    });

    it('waits for active deliveries when it closes', async () => {
      const queue = await open();
      const gate = heldGate();
      const steps: string[] = [];
      await queue.start(async () => {
        steps.push('begun');
        await gate.passed;
        steps.push('delivered');
      });
      await queue.announce(evses(1));
      await vi.waitFor(() => expect(steps).toEqual(['begun']), PATIENCE);
      const closed = queue.close().then(() => steps.push('closed'));
      gate.open();
      await closed;
      expect(steps).toEqual(['begun', 'delivered', 'closed']);
    });

    it('answers a ping', async () => {
      await (await open()).ping();
    });
  });
}

function evses(count: number, prefix = 'cs'): EvseId[] {
  return Array.from({ length: count }, (_, index) => asEvseId(`${prefix}-${index}/1`));
}

function heldGate(): { passed: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
}

/** mulberry32: the same sequence of numbers in [0, 1) in every run. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

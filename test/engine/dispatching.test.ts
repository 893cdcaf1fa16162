import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EbbflowError } from '../../src/domain/errors.js';
import { asTransactionId } from '../../src/domain/ids.js';
import { profilePowerKwAt } from '../../src/domain/profile.js';
import type { Store } from '../../src/ports/store.js';
import { carAt, hourlyPrices, type RigOptions, startRig } from '../support/engine/engine-rig.js';
import { EVSE, HOUR_MS, MINUTE_MS, NOON_MS, needsOf } from '../support/engine/fixtures.js';
import { createMemoryStore } from '../support/engine/memory-store.js';

const TX = asTransactionId('tx-1');
const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
};

/** A store that hands out what it read only some turns later, as many as the list says for each read. */
function slowlyReadStore(delays: readonly number[]): Store {
  const store = createMemoryStore();
  let reads = 0;
  const desired: Store['profiles']['desired'] = async (evseId) => {
    const found = await store.profiles.desired(evseId);
    await turns(delays[reads++ % delays.length] ?? 0);
    return found;
  };
  return { ...store, profiles: { ...store.profiles, desired } };
}

/** Dearest now, cheap from 16:00: who can, exports first and charges later. */
const DEAR_FIRST = hourlyPrices([0.6, 0.4, 0.3, 0.2, ...new Array<number>(20).fill(0.05)]);
const CHEAP_FIRST = hourlyPrices([...new Array<number>(3).fill(0.05), ...new Array<number>(21).fill(0.6)]);

async function rigWithCar(prices = CHEAP_FIRST, options: RigOptions = {}) {
  const rig = await startRig(options);
  await rig.engine.useCases.putPrices(prices);
  const stationId = await rig.commission();
  await rig.plugIn(stationId, TX);
  await rig.advance(1_000);
  const sent = () => rig.link.profilesTo(EVSE);
  return { ...rig, stationId, sent };
}

describe('a profile', () => {
  it('is not sent again while nothing changes', async () => {
    const { sent, follow, stationId } = await rigWithCar(CHEAP_FIRST);
    expect(sent()).toHaveLength(1);
    await follow(carAt(stationId, TX), 100);
    expect(sent()).toHaveLength(1);
  });

  it('that discharges is refreshed before it ends, so that the car goes on', async () => {
    const { sent, clock, follow, stationId } = await rigWithCar(DEAR_FIRST);
    const car = carAt(stationId, TX);
    for (let minute = 1; minute <= 40; minute++) {
      await follow(car, 1);
      const inForce = sent().at(-1)!;
      expect(inForce.validToMs).toBeGreaterThan(clock.nowMs() + 4 * MINUTE_MS);
      expect(inForce.validToMs).toBeLessThanOrEqual(inForce.createdAtMs + 15 * MINUTE_MS);
      expect(profilePowerKwAt(inForce, clock.nowMs())).toBeCloseTo(-11, 6);
    }
    // Every five minutes, not every minute.
    expect(sent().length).toBeLessThanOrEqual(10);
  });

  it('that discharges ends by itself when the engine is gone', async () => {
    const { sent, engine } = await rigWithCar(DEAR_FIRST);
    await engine.stop();
    const last = sent().at(-1)!;
    expect(profilePowerKwAt(last, last.createdAtMs + 15 * MINUTE_MS) ?? 0).toBeGreaterThanOrEqual(0);
  });

  it('is refreshed in time also with a plan interval far above the dead-man time', async () => {
    const rig = await startRig({ settings: { planIntervalS: 3_600, deadManS: 300 } });
    await rig.engine.useCases.putPrices(DEAR_FIRST);
    await rig.plugIn(await rig.commission(), TX);
    for (let minute = 0; minute < 30; minute++) {
      await rig.advance(MINUTE_MS);
      expect(profilePowerKwAt(rig.link.profilesTo(EVSE).at(-1)!, rig.clock.nowMs())).toBeCloseTo(-11, 6);
    }
  });

  it('is made anew when prices change', async () => {
    const { sent, advance, engine, clock } = await rigWithCar(CHEAP_FIRST);
    expect(profilePowerKwAt(sent()[0]!, clock.nowMs())).toBeGreaterThanOrEqual(0);
    await engine.useCases.putPrices(DEAR_FIRST);
    await advance(1_000);
    expect(sent()).toHaveLength(2);
    expect(profilePowerKwAt(sent()[1]!, clock.nowMs())).toBeCloseTo(-11, 6);
    expect(engine.useCases.latestPlan()?.causes).toContain('price');
  });
});

describe('a station that refuses a profile', () => {
  it('raises an alarm and is left alone for longer and longer', async () => {
    const { link, advance, sent, alarms, engine } = await rigWithCar();
    link.onProfile = async () => ({ status: 'rejected', reason: 'InvalidProfile' });
    await engine.useCases.putPrices(DEAR_FIRST);
    await advance(1_000);
    const before = sent().length;
    expect(alarms()).toEqual(['dialect-demoted', 'profile-rejected']);
    for (let minute = 0; minute < 4; minute++) {
      await engine.useCases.putPrices(DEAR_FIRST);
      await advance(MINUTE_MS);
    }
    expect(sent().length).toBe(before);
    await advance(2 * HOUR_MS);
    // After 5, 10, 20, 40 and 60 minutes at the earliest.
    expect(sent().length - before).toBeGreaterThanOrEqual(3);
    expect(sent().length - before).toBeLessThanOrEqual(5);
    // Each refusal is told: of the better dialect when it is tried again, of the last one always.
    expect(alarms().length).toBe(2 + sent().length - before);
  });

  it('keeps what it had for the explanation: the word is on the session', async () => {
    const { link, advance, engine } = await rigWithCar();
    link.onProfile = async () => ({ status: 'rejected', reason: 'TxNotFound' });
    await engine.useCases.putPrices(DEAR_FIRST);
    await advance(1_000);
    expect((await engine.useCases.session(TX))?.acknowledged?.outcome).toEqual({
      status: 'rejected',
      reason: 'TxNotFound',
    });
  });

  it('stops exporting at once when what it still has in force exports', async () => {
    const { link, advance, engine } = await rigWithCar(DEAR_FIRST);
    link.onProfile = async () => ({ status: 'rejected', reason: 'Internal' });
    await engine.useCases.overrideSession(TX, { optOut: true });
    await advance(1_000);
    expect(link.calls.at(-1)).toEqual({ kind: 'clear', evseId: EVSE });
  });

  it('is asked at once when the car states new needs', async () => {
    const { link, advance, sent, engine, stationId, clock } = await rigWithCar();
    link.onProfile = async () => ({ status: 'rejected', reason: 'InvalidProfile' });
    await engine.useCases.putPrices(DEAR_FIRST);
    await advance(1_000);
    const before = sent().length;
    link.onProfile = async () => ({ status: 'accepted' });
    await engine.stationEvents.chargingNeeds(stationId, 1, needsOf({ statedAtMs: clock.nowMs() }));
    await advance(1_000);
    expect(sent().length).toBe(before + 1);
  });
});

describe('a station that is away', () => {
  it('gets what waits for it when it is back, and nothing else', async () => {
    const { link, advance, sent, engine, stationId } = await rigWithCar();
    link.online.delete(stationId);
    await engine.useCases.putPrices(DEAR_FIRST);
    await advance(1_000);
    expect(sent()).toHaveLength(1);
    link.online.add(stationId);
    await engine.stationEvents.connected(stationId, 'ocpp2.1');
    await advance(0);
    expect(sent()).toHaveLength(2);
    await engine.stationEvents.connected(stationId, 'ocpp2.1');
    await advance(0);
    expect(sent()).toHaveLength(2);
  });

  it('gets its profile again after a reboot: what it had is lost', async () => {
    const { advance, sent, engine, stationId } = await rigWithCar();
    await engine.stationEvents.booted(stationId, { vendor: 'V', model: 'M' }, 'Watchdog');
    await advance(1_000);
    expect(sent()).toHaveLength(2);
    expect(sent()[1]!.revision).toBe(2);
    expect(profilePowerKwAt(sent()[1]!, NOON_MS + HOUR_MS)).toBe(
      profilePowerKwAt(sent()[0]!, NOON_MS + HOUR_MS),
    );
  });

  it('gets its profile in the end when the queue gave it up', async () => {
    const { link, advance, sent, queue, engine } = await rigWithCar();
    link.onProfile = async () => {
      throw new EbbflowError('STATION_TIMEOUT', 'too slow');
    };
    await engine.useCases.putPrices(DEAR_FIRST);
    await advance(2 * MINUTE_MS);
    expect(queue.deadLetters).toHaveLength(1);
    const given = sent().length;
    link.onProfile = async () => ({ status: 'accepted' });
    await advance(5 * MINUTE_MS);
    expect(sent().length).toBeGreaterThan(given);
    expect((await engine.useCases.session(TX))?.acknowledged?.outcome.status).toBe('accepted');
  });
});

describe('the order of revisions at a station', () => {
  it('never goes back, whatever jobs run twice, late or side by side and however slowly answers come', async () => {
    const step = fc.constantFrom(
      'price',
      'price',
      'price',
      'job',
      'job',
      'answer',
      'answer',
      'refuse',
      'fail',
      'reboot',
      'reconnect',
      'minute',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 5, maxLength: 30 }),
        fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 7 }),
        async (steps, delays) => {
          const { link, engine, queue, settle, sent, stationId, clock } = await rigWithCar(CHEAP_FIRST, {
            store: slowlyReadStore(delays),
          });
          const waiting: {
            resolve: (outcome: { status: 'accepted' } | { status: 'rejected'; reason: string }) => void;
            reject: (error: Error) => void;
          }[] = [];
          link.onProfile = () => new Promise((resolve, reject) => waiting.push({ resolve, reject }));
          let isDear = false;
          for (const doing of steps) {
            if (doing === 'price') {
              isDear = !isDear;
              await engine.useCases.putPrices(isDear ? DEAR_FIRST : CHEAP_FIRST);
              clock.advanceTo(clock.nowMs() + 200);
            } else if (doing === 'job') {
              queue.deliver(EVSE).catch(() => {});
            } else if (doing === 'answer') waiting.shift()?.resolve({ status: 'accepted' });
            else if (doing === 'refuse') waiting.shift()?.resolve({ status: 'rejected', reason: 'x' });
            else if (doing === 'fail') waiting.shift()?.reject(new EbbflowError('STATION_TIMEOUT', 'slow'));
            else if (doing === 'reboot')
              await engine.stationEvents.booted(stationId, { vendor: 'V', model: 'M' }, 'x');
            else if (doing === 'reconnect') await engine.stationEvents.connected(stationId, 'ocpp2.1');
            else clock.advanceTo(clock.nowMs() + MINUTE_MS);
            await turns(4);
          }
          link.onProfile = async () => ({ status: 'accepted' });
          for (const call of waiting) call.resolve({ status: 'accepted' });
          await turns(100);
          for (let minute = 0; minute < 12; minute++) {
            clock.advanceTo(clock.nowMs() + MINUTE_MS);
            await settle();
          }
          const revisions = sent().map((profile) => profile.revision);
          expect(revisions).toEqual([...revisions].sort((a, b) => a - b));
          const view = await engine.useCases.session(TX);
          expect(view?.acknowledged?.revision).toBe(view?.desired?.revision);
          expect(revisions.at(-1)).toBe(view?.desired?.revision);
          expect(clock.isFree()).toBe(true);
        },
      ),
      {
        numRuns: 150,
        examples: [
          [
            ['reconnect', 'reboot', 'price', 'price', 'job'],
            [0, 8, 0],
          ],
        ],
      },
    );
  });

  it('follows the newest plan while an older profile is on its way', async () => {
    const { link, engine, advance, sent } = await rigWithCar();
    let answer: (outcome: { status: 'accepted' }) => void = () => {};
    link.onProfile = () => new Promise((resolve) => (answer = resolve));
    await engine.useCases.putPrices(DEAR_FIRST);
    void advance(1_000);
    while (sent().length < 2) await new Promise<void>((resolve) => setImmediate(resolve));
    await engine.useCases.putPrices(CHEAP_FIRST);
    link.onProfile = async () => ({ status: 'accepted' });
    answer({ status: 'accepted' });
    await advance(1_000);
    expect(sent().map((profile) => profile.revision)).toEqual([1, 2, 3]);
    expect(profilePowerKwAt(sent()[2]!, NOON_MS + MINUTE_MS)).toBeGreaterThanOrEqual(0);
  });
});

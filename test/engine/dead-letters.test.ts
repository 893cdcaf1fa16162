import { describe, expect, it } from 'vitest';
import { EbbflowError } from '../../src/domain/errors.js';
import { asTransactionId } from '../../src/domain/ids.js';
import { hourlyPrices, startRig } from '../support/engine/engine-rig.js';
import { EVSE, MINUTE_MS } from '../support/engine/fixtures.js';

const TX = asTransactionId('tx-1');
const PRICES = hourlyPrices(new Array<number>(24).fill(0.2));

async function rigWithCar() {
  const rig = await startRig();
  await rig.engine.useCases.putPrices(PRICES);
  const stationId = await rig.commission();
  return { ...rig, stationId, letters: () => rig.engine.useCases.deadLetters() };
}

describe('a profile that could not be brought to its EVSE', () => {
  it('is listed after its attempts with reason, station, profile and times, and replayed as a newer revision', async () => {
    const { link, stationId, plugIn, advance, letters, engine, clock } = await rigWithCar();
    link.onProfile = async () => {
      throw new EbbflowError('STATION_TIMEOUT', 'no answer in 30 s');
    };
    await plugIn(stationId, TX);
    const beganMs = clock.nowMs();
    await advance(2 * MINUTE_MS);
    const [letter, ...others] = await letters();
    expect(others).toEqual([]);
    expect(letter).toMatchObject({
      evseId: EVSE,
      stationId,
      reason: 'timeout',
      attempts: 8,
      profile: { transactionId: TX },
      isWanted: true,
    });
    expect(letter!.givenUpAtMs).toBeGreaterThan(beganMs);
    expect(await engine.useCases.dispatchProgress()).toMatchObject({ profiles: 1, unanswered: 1 });

    link.onProfile = async () => ({ status: 'accepted' });
    expect(await engine.useCases.replayDeadLetters(EVSE)).toEqual([EVSE]);
    await advance(1_000);
    expect(link.profilesTo(EVSE).at(-1)!.revision).toBeGreaterThan(letter!.profile!.revision);
    expect(await letters()).toEqual([]);
    expect(await engine.useCases.dispatchProgress()).toMatchObject({ unanswered: 0, lagS: 0 });
  });

  it('is listed when the station refused it, until it is put aside', async () => {
    const { link, stationId, plugIn, advance, letters, engine } = await rigWithCar();
    link.onProfile = async () => ({ status: 'rejected', reason: 'TxNotFound' });
    await plugIn(stationId, TX);
    await advance(1_000);
    expect(await letters()).toMatchObject([{ evseId: EVSE, reason: 'rejected', detail: 'TxNotFound' }]);
    await engine.useCases.dismissDeadLetter(EVSE);
    expect(await letters()).toEqual([]);
    await expect(engine.useCases.dismissDeadLetter(EVSE)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is not wanted any more once its session is over, and is not replayed', async () => {
    const { link, stationId, plugIn, meter, advance, letters, engine } = await rigWithCar();
    link.onProfile = async () => {
      throw new EbbflowError('STATION_BUSY', 'too many calls');
    };
    await plugIn(stationId, TX);
    await advance(2 * MINUTE_MS);
    await meter(stationId, TX, 1, {}, 'ended');
    await advance(1_000);
    expect(await letters()).toMatchObject([{ reason: 'busy', isWanted: false }]);
    expect(await engine.useCases.replayDeadLetters()).toEqual([]);
  });
});

describe('a queue that takes no hints', () => {
  it('keeps no plan from coming into force, and gets the hints as soon as it takes them', async () => {
    const { queue, link, stationId, plugIn, advance, events, engine } = await rigWithCar();
    const { announce } = queue;
    queue.announce = async () => {
      throw new EbbflowError('STORE_UNAVAILABLE', 'OOM command not allowed');
    };
    await plugIn(stationId, TX);
    await advance(10_000);
    expect(link.profilesTo(EVSE)).toEqual([]);
    expect(events.filter((event) => event.kind === 'alarm')).toEqual([]);
    queue.announce = announce;
    await advance(1_000);
    expect(link.profilesTo(EVSE)).toHaveLength(1);
    expect((await engine.useCases.sessions({ state: 'active', limit: 1 }))[0]).toMatchObject({
      acknowledged: { outcome: { status: 'accepted' } },
    });
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { asTransactionId, type StationId } from '../../../src/domain/ids.js';
import { closingStep } from '../../../src/engine/metering/closing.js';
import { type EngineRig, startRig } from '../../support/engine/engine-rig.js';
import { MINUTE_MS } from '../../support/engine/fixtures.js';

const TX = asTransactionId('tx-1');
let rig: EngineRig;
let stationId: StationId;
beforeEach(async () => {
  rig = await startRig();
  stationId = await rig.commission();
  await rig.plugIn(stationId, TX);
  await rig.advance(MINUTE_MS);
});

const end = () => rig.meter(stationId, TX, 1, { importRegisterWh: 2000, exportRegisterWh: 600 }, 'ended');
const books = async () => {
  const view = (await rig.engine.useCases.session(TX))!;
  return { provisional: view.provisional, flags: view.session.flags };
};

describe('the books of an ended session', () => {
  it('E14: close when the station says that no event of it waits', async () => {
    expect((await books()).provisional).toBe(true);
    await end();
    await rig.advance(0);
    expect(await books()).toEqual({ provisional: false, flags: [] });
  });

  it('E14: stay provisional while events wait there, and the station is asked again', async () => {
    rig.link.onTransactionStatus = () => 'events-waiting';
    await end();
    await rig.advance(5 * MINUTE_MS);
    expect(await books()).toEqual({ provisional: true, flags: ['events-outstanding'] });
    rig.link.onTransactionStatus = () => 'no-events-waiting';
    await rig.advance(MINUTE_MS);
    expect(await books()).toEqual({ provisional: false, flags: [] });
  });

  it('close unconfirmed a quarter of an hour after the end when the station stays away', async () => {
    rig.link.online.delete(stationId);
    await end();
    await rig.advance(14 * MINUTE_MS);
    expect((await books()).provisional).toBe(true);
    await rig.advance(2 * MINUTE_MS);
    expect(await books()).toEqual({ provisional: false, flags: ['closed-unconfirmed'] });
  });

  it('close unconfirmed at once where the station does not know the question', async () => {
    rig.link.onTransactionStatus = () => 'not-supported';
    await end();
    await rig.advance(0);
    expect(await books()).toEqual({ provisional: false, flags: ['closed-unconfirmed'] });
  });

  it('are asked for again after a restart', async () => {
    rig.link.onTransactionStatus = () => 'events-waiting';
    await end();
    await rig.advance(0);
    const { store, clock, link } = rig;
    await rig.engine.stop();
    link.onTransactionStatus = () => 'no-events-waiting';
    rig = await startRig({ store, clock, link });
    expect((await books()).provisional).toBe(true);
    await rig.advance(MINUTE_MS);
    expect((await books()).provisional).toBe(false);
  });
});

it('E14: the station’s word decides, and a quarter of an hour where it gives none', () => {
  const quarterMs = 15 * MINUTE_MS;
  expect(closingStep('no-events-waiting', 0)).toBe('close');
  expect(closingStep('not-supported', 0)).toBe('close-unconfirmed');
  for (const word of ['events-waiting', 'away'] as const) {
    expect(closingStep(word, quarterMs - 1)).toBe('ask-again');
    expect(closingStep(word, quarterMs)).toBe('close-unconfirmed');
  }
});

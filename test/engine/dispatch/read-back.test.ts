import { describe, expect, it } from 'vitest';
import { asTransactionId } from '../../../src/domain/ids.js';
import { type EngineRig, hourlyPrices, startRig } from '../../support/engine/engine-rig.js';
import { MINUTE_MS } from '../../support/engine/fixtures.js';
import type { ManualLink } from '../../support/engine/manual-link.js';

/** A rig whose engine has steered one car and was started again; the station is back by itself. */
async function restarted(prepare: (link: ManualLink) => void): Promise<{ rig: EngineRig; from: number }> {
  const first = await startRig();
  await first.engine.useCases.putPrices(hourlyPrices([0.6, 0.1, 0.6, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]));
  const stationId = await first.commission();
  await first.plugIn(stationId, 'tx-1');
  await first.advance(MINUTE_MS);
  await first.engine.stop();
  const { store, clock, link } = first;
  const from = link.calls.length;
  prepare(link);
  const rig = await startRig({ store, clock, link });
  await rig.advance(MINUTE_MS);
  return { rig, from };
}
const kinds = (rig: EngineRig, from: number) =>
  rig.link.calls
    .slice(from)
    .map(({ kind }) => kind)
    .filter((kind) => kind !== 'default');

describe('after a restart', () => {
  it('asks the station what it holds, and says nothing when that is what the store remembers', async () => {
    const { rig, from } = await restarted(() => {});
    expect(kinds(rig, from)).toEqual(['read-back']);
  });

  it.each([
    ['nothing', { kind: 'none' } as const],
    [
      'a profile of an older revision',
      { kind: 'found', transactionId: asTransactionId('tx-1'), revision: 0, isDynamic: false } as const,
    ],
    [
      'a profile of another session',
      { kind: 'found', transactionId: asTransactionId('tx-0'), revision: 1, isDynamic: false } as const,
    ],
    ['what it cannot tell', { kind: 'unknown' } as const],
  ])('asks first and sends the profile again when the station holds %s', async (_, told) => {
    const { rig, from } = await restarted((link) => {
      link.onReadBack = () => told;
    });
    expect(kinds(rig, from)).toEqual(['read-back', 'profile']);
  });

  it('sends nothing to a station that has not come back, and reads it when it does', async () => {
    const { rig, from } = await restarted((link) => link.online.clear());
    expect(kinds(rig, from)).toEqual([]);
    const [view] = rig.engine.useCases.stations();
    rig.link.online.add(view!.station.stationId);
    rig.link.onReadBack = () => ({ kind: 'none' });
    await rig.engine.stationEvents.connected(view!.station.stationId, 'ocpp2.1');
    await rig.advance(MINUTE_MS);
    expect(kinds(rig, from)).toEqual(['read-back', 'profile']);
  });
});

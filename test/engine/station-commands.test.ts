import { expect, it } from 'vitest';
import { asStationId, asTransactionId } from '../../src/domain/ids.js';
import { hourlyPrices, startRig } from '../support/engine/engine-rig.js';
import { MINUTE_MS } from '../support/engine/fixtures.js';

it('a session that is stopped by hand is brought to 0 first; another station’s session is refused', async () => {
  const rig = await startRig();
  await rig.engine.useCases.putPrices(hourlyPrices([0.6, 0.1, 0.6, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]));
  const stationId = await rig.commission();
  const other = await rig.commission('cs-2');
  await rig.plugIn(stationId, 'tx-1');
  await rig.advance(MINUTE_MS);
  const stop = { kind: 'stop-transaction', transactionId: asTransactionId('tx-1') } as const;
  const { commandStation } = rig.engine.useCases;
  expect(await commandStation(stationId, stop)).toEqual({ status: 'Accepted' });
  expect(rig.link.calls.slice(-2).map(({ kind }) => kind)).toEqual(['clear', 'command']);
  await expect(commandStation(other, stop)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await expect(commandStation(asStationId('nobody'), stop)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

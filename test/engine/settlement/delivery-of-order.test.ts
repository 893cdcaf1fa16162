import { describe, expect, it } from 'vitest';
import { asDispatchId } from '../../../src/domain/ids.js';
import { hourlyPrices, startRig } from '../../support/engine/engine-rig.js';
import { HOUR_MS, MINUTE_MS, NOON_MS } from '../../support/engine/fixtures.js';

const TRADER = { keyId: 'trader-1', role: 'trader' as const };

describe('the delivery report of an order in the engine', () => {
  it('equals the meter, and flags the time in which the meter was silent', async () => {
    const rig = await startRig();
    await rig.engine.useCases.putPrices(hourlyPrices(Array(12).fill(0.2), Array(12).fill(0.1)));
    const station = await rig.commission();
    await rig.plugIn(station, 'tx-1');
    const startMs = Math.ceil(rig.clock.nowMs() / (5 * MINUTE_MS)) * 5 * MINUTE_MS;
    const request = { startMs, endMs: startMs + 30 * MINUTE_MS, targetNetKw: -6, reason: 'test' };
    const { view } = await rig.engine.useCases.createDispatch(request, 'key-1', TRADER);
    await rig.advance(startMs - rig.clock.nowMs());
    // A reading a minute for twenty minutes at 6 kW of export, then silence until the end.
    for (let minute = 0; minute <= 20; minute++) {
      const exportRegisterWh = 500 + minute * 100;
      await rig.meter(station, 'tx-1', minute + 1, { importRegisterWh: 1000, exportRegisterWh });
      await rig.advance(MINUTE_MS);
    }
    await rig.advance(9 * MINUTE_MS);
    await rig.meter(station, 'tx-1', 22, { importRegisterWh: 1000, exportRegisterWh: 3500 });
    await rig.advance(HOUR_MS);
    const report = await rig.engine.useCases.deliveryReport(view.order.dispatchId, 'zero');
    expect(report).toMatchObject({ direction: 'up', provisional: false, missingSteps: 2, initiationS: 300 });
    expect(report?.askedKwh).toBeCloseTo(3, 9);
    expect(report?.creditedKwh).toBeCloseTo(2, 6);
    expect(report?.exportKwh).toBeCloseTo(2, 6);
    expect(report?.importKwh).toBe(0);
    expect(startMs).toBeGreaterThanOrEqual(NOON_MS);
    expect(await rig.engine.useCases.deliveryReport(asDispatchId('none'))).toBeUndefined();
  });
});

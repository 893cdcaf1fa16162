import { describe, expect, it } from 'vitest';
import { carAt, type EngineRig, hourlyPrices, startRig } from '../../support/engine/engine-rig.js';
import { HOUR_MS, MINUTE_MS } from '../../support/engine/fixtures.js';

const TRADER = { keyId: 'trader-1', role: 'trader' as const };

/** An engine with one car that follows an order of half an hour; time stands at the order's end. */
async function delivered(): Promise<{ rig: EngineRig; dispatchId: never; car: ReturnType<typeof carAt> }> {
  const rig = await startRig();
  await rig.engine.useCases.putPrices(hourlyPrices(Array(12).fill(0.2), Array(12).fill(0.1)));
  const station = await rig.commission();
  await rig.plugIn(station, 'tx-1');
  const startMs = Math.ceil(rig.clock.nowMs() / (5 * MINUTE_MS)) * 5 * MINUTE_MS + 5 * MINUTE_MS;
  const request = { startMs, endMs: startMs + 30 * MINUTE_MS, targetNetKw: -6, reason: 'test' };
  const { view } = await rig.engine.useCases.createDispatch(request, 'key-1', TRADER);
  await rig.advance(startMs - rig.clock.nowMs());
  const car = carAt(station, 'tx-1');
  await rig.follow(car, 30);
  return { rig, dispatchId: view.order.dispatchId as never, car };
}

describe('proofs of delivery', () => {
  it('are sealed by themselves once the readings are in: the report behind all its evidence', async () => {
    const { rig, dispatchId, car } = await delivered();
    await expect(rig.engine.useCases.sealDelivery(dispatchId)).rejects.toMatchObject({ code: 'CONFLICT' });
    await rig.follow(car, 26);
    const [sealed, ...more] = await rig.engine.useCases.sealedDeliveries(dispatchId);
    expect(more).toEqual([]);
    const body = JSON.parse(sealed?.body ?? '{}');
    expect(body.report).toEqual(
      JSON.parse(JSON.stringify(await rig.engine.useCases.deliveryReport(dispatchId))),
    );
    expect(body.evidence.map(({ kind }: { kind: string }) => kind)).toEqual([
      'order',
      'plans',
      'profiles',
      'readings',
    ]);
    const links = await rig.store.proofs.after(0, 100);
    const bodyOf = (kind: string) => JSON.parse(links.find((link) => link.kind === kind)?.body ?? '{}');
    expect(bodyOf('order')).toMatchObject({ dispatchId, targetNetKw: -6, createdBy: 'trader-1' });
    expect(bodyOf('plans').plans.length).toBeGreaterThan(1);
    expect(bodyOf('profiles').profiles.length).toBeGreaterThan(0);
    expect(bodyOf('readings').transactions).toMatchObject([{ transactionId: 'tx-1' }]);
    expect(bodyOf('readings').transactions[0].readings).toBeGreaterThanOrEqual(50);
    expect(await rig.engine.useCases.verifyProofs({})).toEqual({
      links: 5,
      head: sealed?.hash,
      broken: null,
    });
    expect(rig.complaints).toEqual([]);
  });

  it('are not sealed twice, and by another baseline beside the first with the same evidence', async () => {
    const { rig, dispatchId, car } = await delivered();
    await rig.follow(car, 26);
    const [sealed] = await rig.engine.useCases.sealedDeliveries(dispatchId);
    expect(await rig.engine.useCases.sealDelivery(dispatchId)).toEqual(sealed);
    const zero = await rig.engine.useCases.sealDelivery(dispatchId, { baseline: 'zero' });
    expect(zero).toMatchObject({ seq: 6, subject: `${dispatchId}/zero`, previousHash: sealed?.hash });
    expect(await rig.engine.useCases.sealDelivery('none' as never)).toBeUndefined();
  });

  it('are sealed anew a day later when a reading came late, and the first stays', async () => {
    const { rig, dispatchId, car } = await delivered();
    await rig.follow(car, 26);
    const [first] = await rig.engine.useCases.sealedDeliveries(dispatchId);
    const { startMs } = JSON.parse(first?.body ?? '{}').report;
    // A reading of the order's middle, which the station had kept.
    await rig.meter(car.stationId, 'tx-1', car.seqNo + 1, {
      atMs: startMs + 15.5 * MINUTE_MS,
      importRegisterWh: 1000,
      exportRegisterWh: 500,
    });
    car.seqNo += 1;
    expect((await rig.engine.useCases.verifyProofs({})).broken).toBeNull();
    await rig.advance(25 * HOUR_MS);
    const sealed = await rig.engine.useCases.sealedDeliveries(dispatchId);
    expect(sealed).toHaveLength(2);
    expect(sealed[0]).toEqual(first);
    expect((await rig.engine.useCases.verifyProofs({})).broken).toBeNull();
  });

  it('go on after a restart, also for the profiles that were taken before it', async () => {
    const { rig, dispatchId } = await delivered();
    await rig.engine.stop();
    const again = await startRig({ store: rig.store, clock: rig.clock, link: rig.link });
    await again.advance(HOUR_MS);
    const [sealed] = await again.engine.useCases.sealedDeliveries(dispatchId);
    expect(sealed?.subject).toBe(`${dispatchId}/meter-before-meter-after`);
    expect((await again.engine.useCases.verifyProofs({})).broken).toBeNull();
  });

  it('tell a chain whose end was cut off by a hash that somebody noted', async () => {
    const { rig, car } = await delivered();
    await rig.follow(car, 26);
    const expectedHead = 'f'.repeat(64);
    expect(await rig.engine.useCases.verifyProofs({ expectedHead })).toMatchObject({
      links: 5,
      broken: { seq: 6, kind: null, fault: expect.stringContaining('its end was cut off') },
    });
  });
});

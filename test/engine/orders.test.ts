import { describe, expect, it } from 'vitest';
import { asTransactionId } from '../../src/domain/ids.js';
import type { DispatchRequest } from '../../src/ports/use-cases.js';
import { carAt, hourlyPrices, startRig } from '../support/engine/engine-rig.js';
import { EVSE, HOUR_MS, MINUTE_MS, NOON_MS } from '../support/engine/fixtures.js';

const TX = asTransactionId('tx-1');
const CALLER = { keyId: 'key-1', role: 'trader' as const };
const CHEAP_LATER = hourlyPrices([...new Array<number>(4).fill(0.3), ...new Array<number>(20).fill(0.1)]);
const request = (changes: Partial<DispatchRequest> = {}): DispatchRequest => ({
  startMs: NOON_MS + HOUR_MS,
  endMs: NOON_MS + HOUR_MS + 30 * MINUTE_MS,
  targetNetKw: -8,
  reason: 'test',
  ...changes,
});

async function rigWithCar() {
  const rig = await startRig();
  await rig.engine.useCases.putPrices(CHEAP_LATER);
  const stationId = await rig.commission();
  await rig.plugIn(stationId, TX);
  await rig.advance(1_000);
  const { createDispatch, dispatch } = rig.engine.useCases;
  const order = async (key: string, changes: Partial<DispatchRequest> = {}) =>
    (await createDispatch(request(changes), key, CALLER)).view.order.dispatchId;
  const stateOf = async (id: Awaited<ReturnType<typeof order>>) => (await dispatch(id))?.order.state;
  return { ...rig, stationId, order, stateOf, car: carAt(stationId, TX) };
}

describe('a dispatch order', () => {
  it('goes from accepted to dispatched, delivering and delivered, and each step is announced', async () => {
    const { engine, order, stateOf, advance, follow, car, events } = await rigWithCar();
    const id = await order('k');
    expect(await stateOf(id)).toBe('accepted');
    await advance(1_000);
    expect(await stateOf(id)).toBe('dispatched');
    await follow(car, 61);
    expect(await stateOf(id)).toBe('delivering');
    await follow(car, 45);
    expect(await stateOf(id)).toBe('delivered');
    const view = await engine.useCases.dispatch(id);
    expect(view).toMatchObject({ askedKwh: -4, acknowledgedKwh: expect.closeTo(-4, 2) });
    expect(Math.abs(view!.meteredKwh + 4)).toBeLessThan(0.2);
    const told = events.flatMap((event) => (event.kind === 'dispatch' ? [event.order.state] : []));
    expect([...new Set(told)]).toEqual(['accepted', 'dispatched', 'delivering', 'delivered']);
  });

  it('becomes the plan of its time', async () => {
    const { engine, order, advance } = await rigWithCar();
    await order('k');
    await advance(1_000);
    const plan = engine.useCases.latestPlan()!;
    expect(plan.causes).toContain('dispatch');
    const slot = (NOON_MS + HOUR_MS - plan.startMs) / (5 * MINUTE_MS);
    expect(plan.netKw.slice(slot, slot + 6).every((kw) => Math.abs(kw + 8) < 0.01)).toBe(true);
  });

  it('has shares that add up to its totals', async () => {
    const { engine, order, commission, plugIn, advance, follow, car } = await rigWithCar();
    const second = await commission('cs-2');
    await plugIn(second, 'tx-2');
    await order('k', { targetNetKw: -20 });
    await advance(1_000);
    await follow(car, 80);
    const [view] = await engine.useCases.dispatches({ fromMs: NOON_MS, toMs: NOON_MS + 2 * HOUR_MS });
    expect(view!.shares).toHaveLength(2);
    const sum = (part: 'acknowledgedKwh' | 'meteredKwh' | 'askedKwh') =>
      view!.shares.reduce((total, share) => total + share[part], 0);
    expect(sum('acknowledgedKwh')).toBeCloseTo(view!.acknowledgedKwh, 9);
    expect(sum('meteredKwh')).toBeCloseTo(view!.meteredKwh, 9);
    expect(sum('askedKwh')).toBeCloseTo(-10, 1);
    expect(view!.shares.find((share) => share.evseId === EVSE)!.meteredKwh).toBeLessThan(0);
  });

  it('is partial when the car does not do it', async () => {
    const { order, stateOf, advance, engine } = await rigWithCar();
    const id = await order('k');
    await advance(2 * HOUR_MS);
    expect(await stateOf(id)).toBe('partial');
    expect((await engine.useCases.dispatch(id))?.meteredKwh).toBeCloseTo(0, 9);
  });

  it('stays dispatched through plans of other causes, and gets there through them', async () => {
    const { order, stateOf, advance, queue, engine, clock } = await rigWithCar();
    queue.isPaused = true;
    const startMs = clock.nowMs() + 12 * MINUTE_MS;
    const id = await order('k', { startMs, endMs: startMs + HOUR_MS });
    await engine.useCases.putPrices(CHEAP_LATER);
    const moved = advance(1_000);
    for (let turn = 0; turn < 50; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
    expect(await stateOf(id)).toBe('accepted');
    const dearer = CHEAP_LATER.importPerKwh.map((price) => price + 0.001);
    await engine.useCases.putPrices({ ...CHEAP_LATER, importPerKwh: dearer });
    queue.resume();
    await moved;
    await advance(1_000);
    expect(engine.useCases.latestPlan()?.causes).not.toContain('dispatch');
    expect(await stateOf(id)).toBe('dispatched');
    await advance(10 * MINUTE_MS);
    expect(await stateOf(id)).toBe('dispatched');
  });

  it('is not dispatched while a station that carries it has not answered', async () => {
    const { order, stateOf, advance, settle, link, stationId, engine, clock } = await rigWithCar();
    link.online.delete(stationId);
    const startMs = clock.nowMs() + 5 * MINUTE_MS;
    const id = await order('k', { startMs, endMs: startMs + HOUR_MS });
    await advance(1_000);
    expect(await stateOf(id)).toBe('accepted');
    link.online.add(stationId);
    await engine.stationEvents.connected(stationId, 'ocpp2.1');
    await settle();
    await advance(1_000);
    expect(await stateOf(id)).toBe('dispatched');
  });

  it('that is cancelled leaves the plan and counts what was done until then', async () => {
    const { engine, order, stateOf, advance, follow, car } = await rigWithCar();
    const id = await order('k');
    await advance(1_000);
    await follow(car, 70);
    const cancelled = await engine.useCases.cancelDispatch(id);
    expect(cancelled.order.state).toBe('cancelled');
    await follow(car, 60);
    expect(await stateOf(id)).toBe('cancelled');
    const view = (await engine.useCases.dispatch(id))!;
    // Ten minutes of −8 kW; the books are kept by minute here.
    expect(view.askedKwh).toBeCloseTo(-8 / 6, 1);
    expect(view.acknowledgedKwh).toBeCloseTo(view.askedKwh, 1);
    expect(view.meteredKwh).toBeCloseTo(view.askedKwh, 0);
    expect(engine.useCases.latestPlan()?.netKw.some((kw) => Math.abs(kw + 8) < 0.01)).toBe(false);
    expect((await engine.useCases.cancelDispatch(id)).order.state).toBe('cancelled');
  });

  it('cannot be cancelled when it is over, and an unknown one not at all', async () => {
    const { engine, order, advance } = await rigWithCar();
    const id = await order('k');
    await advance(2 * HOUR_MS);
    await expect(engine.useCases.cancelDispatch(id)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(engine.useCases.cancelDispatch('nobody' as never)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('stays cancelled when it is cancelled while its delivery is being judged', async () => {
    const { engine, order, stateOf, advance, store, clock, settle } = await rigWithCar();
    const id = await order('k');
    await advance(HOUR_MS + 39 * MINUTE_MS);
    const { intervals } = store.sessions;
    let judge: () => void = () => {};
    const gate = new Promise<void>((resolve) => (judge = resolve));
    store.sessions.intervals = async (query) => {
      await gate;
      return intervals(query);
    };
    clock.advanceTo(clock.nowMs() + MINUTE_MS);
    await new Promise<void>((resolve) => setImmediate(resolve));
    const cancelling = engine.useCases.cancelDispatch(id).then(
      (view) => view.order.state,
      (error: { code: string }) => error.code,
    );
    judge();
    const answer = await cancelling;
    await settle();
    // Either it was in time and holds, or it was too late and says so.
    expect([answer, await stateOf(id)]).toEqual(
      answer === 'cancelled' ? ['cancelled', 'cancelled'] : ['CONFLICT', 'partial'],
    );
  });

  it('is the same one for a request repeated after its end, when it could not be placed any more', async () => {
    const { order, follow, car } = await rigWithCar();
    const id = await order('k');
    await follow(car, 120);
    expect(await order('k')).toBe(id);
    await expect(order('another')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('is the same one for the same key and request, and no other for the same key', async () => {
    const { engine, advance, events } = await rigWithCar();
    const first = await engine.useCases.createDispatch(request(), 'k', CALLER);
    const again = await engine.useCases.createDispatch(request(), 'k', CALLER);
    expect(again).toMatchObject({
      existing: true,
      view: { order: { dispatchId: first.view.order.dispatchId } },
    });
    await expect(
      engine.useCases.createDispatch(request({ targetNetKw: -9 }), 'k', CALLER),
    ).rejects.toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' });
    await advance(1_000);
    const orders = events.filter((event) => event.kind === 'dispatch' && event.order.state === 'accepted');
    expect(orders).toHaveLength(1);
  });

  it('of a delta asks for the plan that stood, plus the delta', async () => {
    const { engine, order, advance } = await rigWithCar();
    const before = engine.useCases.latestPlan()!;
    const id = await order('k', { deltaKw: 5, startMs: NOON_MS, ...{ targetNetKw: undefined as never } });
    await advance(1_000);
    const { askedNetKw } = (await engine.useCases.dispatch(id))!.order;
    expect(askedNetKw.map((step) => step.netKw)).toEqual(
      before.netKw.slice(0, askedNetKw.length).map((kw) => kw + 5),
    );
  });

  it('is forgotten by the memory after a day, not by the store', async () => {
    const { engine, order, advance } = await rigWithCar();
    const id = await order('k');
    await advance(30 * HOUR_MS);
    expect((await engine.useCases.dispatch(id))?.order.state).toBe('partial');
  });
});

describe('the preview of an order', () => {
  it('says what it would do and does nothing', async () => {
    const { engine, link, store, advance, events } = await rigWithCar();
    const calls = link.calls.length;
    const announced = events.length;
    const plan = engine.useCases.latestPlan();
    const preview = await engine.useCases.previewDispatch(request());
    expect(preview.askedNetKw).toHaveLength(6);
    expect(preview.plannedNetKw.every((step) => Math.abs(step.netKw + 8) < 0.01)).toBe(true);
    expect(preview.worstDeviationKw).toBeLessThan(0.01);
    expect(preview.evsesTouched).toEqual([EVSE]);
    expect(preview.endangered).toEqual([]);
    expect(preview.currency).toBe('EUR');
    expect(engine.useCases.latestPlan()).toBe(plan);
    expect(await store.dispatches.list({ fromMs: 0, toMs: 1e15 })).toEqual([]);
    await advance(1_000);
    expect(link.calls.length).toBe(calls);
    expect(events.length).toBe(announced);
  });

  it('costs what exporting in a cheap hour and charging later costs', async () => {
    const { engine } = await rigWithCar();
    // 4 kWh out at 0.30 − 0.03 wear earn 1.08; they and their losses come back at 0.10.
    const { costDelta } = await engine.useCases.previewDispatch(request());
    const backKwh = 4 / 0.92 / 0.92;
    expect(costDelta).toBeLessThanOrEqual(backKwh * 0.1);
    // The plan without the order is the cheapest there is, to within the solver's gap.
    expect(costDelta).toBeGreaterThanOrEqual(-0.01);
  });

  it('tells how far the fleet can go, beyond the horizon of the cars too', async () => {
    const { engine } = await rigWithCar();
    const tooMuch = await engine.useCases.previewDispatch(request({ targetNetKw: -100 }));
    expect(tooMuch.worstDeviationKw).toBeCloseTo(89, 3);
    const tomorrow = { startMs: NOON_MS + 20 * HOUR_MS, endMs: NOON_MS + 21 * HOUR_MS };
    const empty = await engine.useCases.previewDispatch(request({ ...tomorrow, targetNetKw: -5 }));
    expect(empty.askedNetKw).toHaveLength(12);
    expect(empty.worstDeviationKw).toBe(5);
  });

  it('counts load that nobody steers', async () => {
    const { engine, commission, plugIn, meter } = await rigWithCar();
    const second = await commission('cs-2');
    await plugIn(second, 'tx-2', null);
    await meter(second, 'tx-2', 1, { importRegisterWh: 1_100, importKw: 6 });
    const preview = await engine.useCases.previewDispatch(request());
    expect(preview.plannedNetKw.every((step) => Math.abs(step.netKw + 5) < 0.01)).toBe(true);
    expect(preview.worstDeviationKw).toBeCloseTo(3, 2);
  });

  it('names the cars whose target it endangers', async () => {
    const { engine } = await rigWithCar();
    const wholeStay = { startMs: NOON_MS, endMs: NOON_MS + 8 * HOUR_MS, targetNetKw: 0 };
    const preview = await engine.useCases.previewDispatch(request(wholeStay));
    // A deviation costs 1 per kWh, a missing kWh 5: the target wins.
    expect(preview.endangered).toEqual([]);
    // Spread over the slots in use: no slot is further off than it must be.
    expect(preview.worstDeviationKw).toBeGreaterThan(5);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { asTransactionId, evseIdOf, type StationId } from '../../../src/domain/ids.js';
import { type EngineRig, hourlyPrices, startRig } from '../../support/engine/engine-rig.js';
import { eventOf, needsOf, v2gModel } from '../../support/engine/fixtures.js';

const TX = asTransactionId('tx-a');

let rig: EngineRig;
let owner: StationId;
let other: StationId;
beforeEach(async () => {
  rig = await startRig();
  await rig.engine.useCases.putPrices(hourlyPrices([0.2, 0.6, 0.6, 0.1, 0.1, 0.1, 0.1, 0.1]));
  owner = await rig.commission('cs-a');
  other = await rig.commission('cs-b');
  await rig.plugIn(owner, TX);
  await rig.advance(1_000);
});

const session = async () => (await rig.engine.useCases.session(TX))!;

describe('a station cannot speak for another', () => {
  it.each(['started', 'updated', 'ended'] as const)(
    'an event (%s) of another station’s transaction is refused and changes nothing',
    async (kind) => {
      const before = structuredClone(await session());
      const readings = [{ atMs: rig.clock.nowMs(), context: 'end', importRegisterWh: 999_000 }] as const;
      const event = eventOf(9, { kind, transactionId: TX, atMs: rig.clock.nowMs(), readings });
      await expect(rig.engine.stationEvents.transactionEvent(other, event)).rejects.toMatchObject({
        code: 'CONFLICT',
      });
      expect(await session()).toEqual(before);
    },
  );

  it('needs, limits and priority that it states stay its own', async () => {
    const before = structuredClone(await session());
    const sent = rig.link.profilesTo(evseIdOf(owner, 1)).length;
    const { stationEvents } = rig.engine;
    await stationEvents.chargingNeeds(
      other,
      1,
      needsOf({ targetEnergyKwh: 37, departureMs: rig.clock.nowMs() + 1 }),
    );
    await stationEvents.priorityCharging(other, TX, true);
    await stationEvents.externalLimit(other, {
      ...{ source: 'EMS', evseNumber: 0, isGridCritical: true },
      periods: [{ startMs: rig.clock.nowMs(), maxChargeKw: 0, maxDischargeKw: 0 }],
    });
    await rig.advance(1_000);
    const after = await session();
    expect(after.session.needs).toEqual(before.session.needs);
    expect(after.session.override).toEqual(before.session.override);
    expect(rig.link.profilesTo(evseIdOf(owner, 1))).toHaveLength(sent);
  });
});

describe('a station cannot read another’s data', () => {
  it('asks for the profile and the transaction of an EVSE by its own identity alone', async () => {
    const { stationEvents } = rig.engine;
    expect(stationEvents.activeTransaction(owner, 1)).toBe(TX);
    expect((await stationEvents.profileInForce(owner, 1))?.profile.transactionId).toBe(TX);
    expect(stationEvents.activeTransaction(other, 1)).toBeUndefined();
    expect(stationEvents.profileInForce(other, 1)).toBeUndefined();
  });
});

describe('a station cannot make the engine allocate without bound', () => {
  const stationOf = (stationId: StationId) =>
    rig.engine.useCases.stations().find(({ station }) => station.stationId === stationId)!;

  it('by misspelling: some spellings are kept, no more', async () => {
    for (let count = 0; count < 500; count += 1)
      rig.engine.stationEvents.nonConformant(other, `key k${count}`);
    await rig.settle();
    expect(stationOf(other).station.nonConformances).toHaveLength(20);
  });

  it('by limits: the newest hundred are kept', async () => {
    for (let count = 0; count < 150; count += 1) {
      await rig.engine.stationEvents.externalLimit(other, {
        ...{ source: `S${count}`, evseNumber: 0, isGridCritical: false },
        periods: [{ startMs: rig.clock.nowMs(), maxChargeKw: 5 }],
      });
    }
    expect(stationOf(other).station.externalLimits).toHaveLength(100);
  });

  it('by an endless inventory: its rows end', async () => {
    const [row] = v2gModel();
    const page = Array.from({ length: 5_000 }, () => row!);
    for (let count = 0; count < 6; count += 1) {
      await rig.engine.stationEvents.deviceModelReported(other, page, count === 5);
    }
    expect(rig.complaints).toContain('inventory too long, the rest is left out');
  });

  it('by starting transactions without end: an EVSE has one session that is open', async () => {
    for (let count = 0; count < 50; count += 1) {
      await rig.engine.stationEvents.transactionEvent(
        other,
        eventOf(0, { transactionId: asTransactionId(`flood-${count}`), atMs: rig.clock.nowMs() + count }),
      );
    }
    const open = await rig.engine.useCases.sessions({ state: 'active', limit: 100 });
    expect(open.filter((view) => view.session.stationId === other)).toHaveLength(1);
  });
});

import { describe, expect, it } from 'vitest';
import { EbbflowError } from '../../src/domain/errors.js';
import { asStationId } from '../../src/domain/ids.js';
import { startRig } from '../support/engine/engine-rig.js';
import { EVSE, v2gModel } from '../support/engine/fixtures.js';
import { createMemoryStore } from '../support/engine/memory-store.js';

const NAME = asStationId('cs-1');
const IDENTITY = { vendor: 'V', model: 'M' };

async function bootedRig() {
  const memory = createMemoryStore();
  const rig = await startRig({ store: memory });
  await rig.engine.useCases.registerStation({ stationId: NAME });
  rig.link.online.add(NAME);
  const { registered } = await rig.engine.stationEvents.connected(NAME, 'ocpp2.1');
  return {
    ...rig,
    memory,
    registered,
    boot: () => rig.engine.stationEvents.booted(NAME, IDENTITY, 'PowerUp'),
  };
}

describe('a station that boots', () => {
  it('is answered before anything is asked of it', async () => {
    const { boot, link } = await bootedRig();
    expect(await boot()).toMatchObject({ status: 'Accepted', intervalS: 600 });
    expect(link.calls).toEqual([]);
  });

  it('gets the charging-only default first, then its metering is set, then its inventory is asked', async () => {
    const { boot, link, advance } = await bootedRig();
    await boot();
    await advance(0);
    expect(link.calls.map((call) => call.kind)).toEqual(['default', 'write', 'write', 'inventory']);
    const written = link.calls.flatMap((call) => (call.kind === 'write' ? call.writes : []));
    const updated = written.find((write) => write.variable === 'TxUpdatedMeasurands');
    expect(updated?.value).toContain('Energy.Active.Import.Register,Energy.Active.Export.Register');
  });

  it('gets its default again with the limit that the inventory told', async () => {
    const { boot, link, advance, engine } = await bootedRig();
    await boot();
    await advance(0);
    await engine.stationEvents.deviceModelReported(NAME, v2gModel({ 'EVSE.Power': '7400' }), true);
    await advance(0);
    expect(link.calls.at(-1)).toEqual({ kind: 'default', evseId: EVSE, limitKw: 7.4 });
  });

  it('keeps an inventory that comes in pages, and forgets half of one when it boots again', async () => {
    const { boot, advance, engine } = await bootedRig();
    const [first, ...rest] = v2gModel();
    await boot();
    await engine.stationEvents.deviceModelReported(NAME, [{ ...first!, value: 'false' }], false);
    await boot();
    await engine.stationEvents.deviceModelReported(NAME, [first!], false);
    await engine.stationEvents.deviceModelReported(NAME, rest, true);
    await advance(0);
    expect(engine.useCases.stations()[0]?.evses[0]?.capability.canDischarge).toBe(true);
  });

  it('B05: has its measurands written again with shorter lists until it takes one, the registers in each', async () => {
    const { boot, link, advance, alarms } = await bootedRig();
    link.onWrite = (write) =>
      write.value.includes('Setpoint') || write.value.includes('Export,') ? 'Rejected' : 'Accepted';
    await boot();
    await advance(0);
    const tried = link.calls
      .flatMap((call) => (call.kind === 'write' ? call.writes : []))
      .filter((write) => write.variable === 'TxUpdatedMeasurands');
    expect(tried.map((write) => write.value.split(',').length)).toEqual([6, 5, 4]);
    for (const write of tried) expect(write.value).toContain('Energy.Active.Export.Register');
    expect(alarms()).toEqual([]);
  });

  it('raises an alarm when it takes no list of measurands', async () => {
    const { boot, link, advance, alarms } = await bootedRig();
    link.onWrite = () => 'Rejected';
    await boot();
    await advance(0);
    expect(alarms()).toEqual(['metering-not-configured']);
  });

  it('is set up again after a pause when it did not answer, and given up with an alarm after the last', async () => {
    const { boot, link, advance, alarms } = await bootedRig();
    link.onInventory = async () => {
      throw new EbbflowError('STATION_TIMEOUT', 'too slow');
    };
    await boot();
    await advance(0);
    const asked = () => link.calls.filter((call) => call.kind === 'inventory').length;
    expect(asked()).toBe(1);
    await advance(10_000);
    expect(asked()).toBe(2);
    await advance(2_000_000);
    expect(asked()).toBe(5);
    expect(alarms()).toEqual(['commissioning-failed']);
  });

  it('has one set-up running, however often it boots', async () => {
    const { boot, link, advance } = await bootedRig();
    link.onInventory = async () => {
      throw new EbbflowError('STATION_TIMEOUT', 'too slow');
    };
    await boot();
    await advance(0);
    await boot();
    await advance(0);
    link.calls.length = 0;
    await advance(10_000);
    expect(link.calls.filter((call) => call.kind === 'inventory')).toHaveLength(1);
  });

  it('gets its default after a pause when the first try with the inventory failed', async () => {
    const { boot, link, advance, engine } = await bootedRig();
    await boot();
    await advance(0);
    link.onDefault = async () => {
      throw new EbbflowError('STATION_BUSY', 'queue full');
    };
    await engine.stationEvents.deviceModelReported(NAME, v2gModel(), true);
    await advance(0);
    link.onDefault = async () => ({ status: 'accepted' });
    link.calls.length = 0;
    await advance(10_000);
    expect(link.calls).toEqual([
      { kind: 'max', stationId: NAME, limitKw: 11 },
      { kind: 'default', evseId: EVSE, limitKw: 11 },
    ]);
  });

  it('raises an alarm when it refuses the charging-only default', async () => {
    const { boot, link, advance, alarms } = await bootedRig();
    link.onDefault = async () => ({ status: 'rejected', reason: 'InvalidProfile' });
    await boot();
    await advance(0);
    expect(alarms()).toEqual(['default-profile-rejected']);
  });

  it('never discharges while it does not hold the charging-only default, whether it refuses or cannot be asked', async () => {
    const { boot, link, advance, engine } = await bootedRig();
    const canDischarge = () => engine.useCases.stations()[0]?.evses[0]?.capability.canDischarge;
    link.onDefault = async () => ({ status: 'rejected', reason: 'InvalidProfile' });
    await boot();
    await engine.stationEvents.deviceModelReported(NAME, v2gModel(), true);
    await advance(0);
    expect(canDischarge()).toBe(false);
    link.onDefault = async () => {
      throw new EbbflowError('STATION_BUSY', 'queue full');
    };
    await boot();
    await advance(0);
    expect(canDischarge()).toBe(false);
    link.onDefault = async () => ({ status: 'accepted' });
    await advance(10_000);
    expect(canDischarge()).toBe(true);
  });

  it('is asked for the variables that decide when it gives no inventory', async () => {
    const { boot, link, advance, engine } = await bootedRig();
    link.onInventory = async () => 'not-supported';
    link.variables = v2gModel();
    await boot();
    await advance(0);
    expect(link.calls.map((call) => call.kind)).toContain('read');
    expect(engine.useCases.stations()[0]?.evses[0]?.capability.canDischarge).toBe(true);
  });
});

describe('a station that reconnects', () => {
  it('is known by its earlier boot and asked nothing', async () => {
    const rig = await startRig();
    await rig.commission();
    rig.link.calls.length = 0;
    expect(await rig.engine.stationEvents.connected(NAME, 'ocpp2.1')).toEqual({ registered: true });
    await rig.advance(1_000);
    expect(rig.link.calls).toEqual([]);
  });

  it('is set up when the engine knows nothing of it, because its set-up was interrupted', async () => {
    const { boot, advance, engine, link } = await bootedRig();
    await boot();
    await advance(0);
    link.calls.length = 0;
    await engine.stationEvents.connected(NAME, 'ocpp2.1');
    await advance(0);
    expect(link.calls.map((call) => call.kind)).toContain('inventory');
  });

  it('charges only while it speaks OCPP 2.0.1, whatever its inventory said', async () => {
    const rig = await startRig();
    await rig.commission();
    await rig.engine.stationEvents.connected(NAME, 'ocpp2.0.1');
    expect(rig.engine.useCases.stations()[0]?.evses[0]?.capability).toMatchObject({ canDischarge: false });
    expect(rig.engine.useCases.stations()[0]?.evses[0]?.capability.because).toMatch(/2\.0\.1/);
  });
});

describe('what is known of a station', () => {
  it('is not lost when several messages change it at once', async () => {
    const rig = await startRig();
    await rig.engine.useCases.registerStation({ stationId: NAME });
    rig.link.online.add(NAME);
    const { stationEvents } = rig.engine;
    // All without waiting: each is stored in its own time.
    const boot = stationEvents.booted(NAME, IDENTITY, 'PowerUp');
    stationEvents.nonConformant(NAME, 'one');
    stationEvents.heard(NAME);
    stationEvents.nonConformant(NAME, 'two');
    stationEvents.nonConformant(NAME, 'one');
    await boot;
    await rig.settle();
    expect(await rig.store.stations.get(NAME)).toMatchObject({
      registration: 'accepted',
      identity: IDENTITY,
      nonConformances: ['one', 'two'],
    });
  });
});

describe('admission', () => {
  it('takes the right password, and tells an unknown station from a wrong password', async () => {
    const rig = await startRig();
    await rig.engine.useCases.registerStation({ stationId: NAME, password: 'correct horse' });
    const { stationEvents } = rig.engine;
    expect(await stationEvents.admit(NAME, 'correct horse')).toEqual({ admitted: true });
    expect(await stationEvents.admit(NAME, 'wrong')).toEqual({ admitted: false, reason: 'wrong-password' });
    expect(await stationEvents.admit(asStationId('cs-9'), 'x')).toEqual({
      admitted: false,
      reason: 'unknown-station',
    });
  });

  it('takes no password of a station that has none', async () => {
    const rig = await startRig();
    await rig.engine.useCases.registerStation({ stationId: NAME });
    expect(await rig.engine.stationEvents.admit(NAME, 'anything')).toEqual({
      admitted: false,
      reason: 'wrong-password',
    });
  });

  it('registers an unknown station on first contact in open mode only', async () => {
    const closed = await startRig();
    expect(await closed.engine.stationEvents.admit(NAME, undefined)).toEqual({
      admitted: false,
      reason: 'unknown-station',
    });
    const open = await startRig({ settings: { registerUnknownStations: true } });
    expect(await open.engine.stationEvents.admit(NAME, undefined)).toEqual({ admitted: true });
    await open.engine.stationEvents.connected(NAME, 'ocpp2.1');
    expect(open.engine.useCases.stations().map((view) => view.station.stationId)).toEqual([NAME]);
  });

  it('ends the connection of a station whose password changes', async () => {
    const rig = await startRig();
    await rig.commission();
    await rig.engine.useCases.registerStation({ stationId: NAME, password: 'new' });
    expect(rig.link.calls.at(-1)).toEqual({ kind: 'disconnect', stationId: NAME });
  });
});

describe('an inventory', () => {
  it('that could not be kept is asked for again, until it is kept', async () => {
    const { boot, link, advance, engine, memory } = await bootedRig();
    await boot();
    await advance(0);
    const asked = () => link.calls.filter(({ kind }) => kind === 'inventory').length;
    memory.failing = true;
    await expect(engine.stationEvents.deviceModelReported(NAME, v2gModel(), true)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    memory.failing = false;
    await advance(10_000);
    expect(asked()).toBe(2);
    await engine.stationEvents.deviceModelReported(NAME, v2gModel(), true);
    await advance(3_600_000);
    expect(asked()).toBe(2);
    expect(engine.useCases.stations()[0]?.evses[0]?.capability.canDischarge).toBe(true);
  });

  it('that was promised and never comes is asked for again, five times in all', async () => {
    const { boot, link, advance } = await bootedRig();
    await boot();
    await advance(3_600_000);
    expect(link.calls.filter(({ kind }) => kind === 'inventory')).toHaveLength(5);
  });
});

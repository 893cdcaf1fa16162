import { beforeAll, describe, expect, it } from 'vitest';
import type { EvseRecord } from '../../src/domain/evse-record.js';
import { asSiteId, asStationId, evseIdOf } from '../../src/domain/ids.js';
import type { Station } from '../../src/domain/station.js';
import type { Store } from '../../src/ports/store.js';
import { NOON_MS, uniqueName } from '../support/store-samples.js';

/** What a store owes the engine about stations and sites. */
export function describeStationStore(opened: () => Store): void {
  let store: Store;
  beforeAll(() => {
    store = opened();
  });

  describe('stations', () => {
    const station = (name: string): Station => ({
      stationId: asStationId(name),
      siteId: asSiteId('depot'),
      registration: 'accepted',
      identity: { vendor: 'Ebb', model: 'V2G-11', firmwareVersion: '1.2' },
      protocol: 'ocpp2.1',
      lastSeenMs: NOON_MS + 1,
      nonConformances: ['subprotocol spelled ocpp2.1.0'],
      dialectSetting: { dialect: 'negative-limit', purpose: 'TxDefaultProfile' },
      dialectDemotions: [
        { evseNumber: 2, dialect: 'dynamic', reason: 'InvalidSchedule', untilMs: NOON_MS, count: 3 },
      ],
      externalLimits: [
        {
          evseNumber: 0,
          source: 'EMS',
          isGridCritical: true,
          periods: [{ startMs: NOON_MS, maxChargeKw: 7 }],
          endMs: NOON_MS + 1,
        },
      ],
    });

    it('come back as they were saved; saving leaves the credential alone', async () => {
      const full = station(uniqueName('cs'));
      const bare: Station = {
        stationId: asStationId(uniqueName('cs')),
        registration: 'new',
        nonConformances: [],
      };
      await store.stations.save(full);
      await store.stations.save(bare);
      await store.stations.setPasswordHash(full.stationId, 'scrypt$1');
      await store.stations.save({ ...full, lastSeenMs: NOON_MS + 2 });
      expect(await store.stations.get(full.stationId)).toEqual({ ...full, lastSeenMs: NOON_MS + 2 });
      expect(await store.stations.list()).toContainEqual(bare);
      expect(await store.stations.passwordHash(full.stationId)).toBe('scrypt$1');
      expect(await store.stations.passwordHash(bare.stationId)).toBeNull();
    });

    it('that are unknown have no credential and take none', async () => {
      const unknown = asStationId(uniqueName('cs'));
      expect(await store.stations.get(unknown)).toBeUndefined();
      expect(await store.stations.passwordHash(unknown)).toBeUndefined();
      await expect(store.stations.setPasswordHash(unknown, 'x')).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
    });

    it('have one device model, in the order of the report, replaced as a whole', async () => {
      const { stationId } = station(uniqueName('cs'));
      const row = (variable: string) => ({ component: 'EVSE', variable, attribute: 'Actual' as const });
      const first = Array.from({ length: 2_000 }, (_, index) => row(`v${index}`));
      await store.stations.saveDeviceModel(stationId, first);
      expect(await store.stations.deviceModel(stationId)).toEqual(first);
      const second = [
        { ...row('Power'), evseNumber: 1, value: '0', maxLimit: 11_000, unit: 'W' },
        { ...row('Power'), componentInstance: 'a', variableInstance: 'b' },
      ];
      await store.stations.saveDeviceModel(stationId, second);
      expect(await store.stations.deviceModel(stationId)).toEqual(second);
      expect((await store.stations.deviceModels()).get(stationId)).toEqual(second);
      await store.stations.saveDeviceModel(stationId, []);
      expect(await store.stations.deviceModel(stationId)).toEqual([]);
    });
  });

  it('keeps what experience says of EVSEs, the newest of each', async () => {
    const evseId = evseIdOf(asStationId(uniqueName('cs')), 2);
    const record: EvseRecord = {
      evseId,
      proofs: [
        {
          dialect: 'dynamic',
          firmware: '1.2',
          readBack: { outcome: 'agrees', withDischarge: true, detail: '', atMs: NOON_MS },
          meter: { outcome: 'ignores', atMs: NOON_MS + 1 },
        },
      ],
      history: [{ atMs: NOON_MS, state: 'ignoring', reason: 'asked -11, metered 0', askedKw: -11 }],
      unsteerable: { untilMs: NOON_MS + 2, count: 1, reason: 'it follows nothing' },
    };
    await store.stations.saveEvseRecords([{ ...record, proofs: [] }]);
    await store.stations.saveEvseRecords([record]);
    await store.stations.saveEvseRecords([]);
    expect((await store.stations.evseRecords()).filter((one) => one.evseId === evseId)).toEqual([record]);
  });

  it('keeps sites with and without limits and defaults', async () => {
    const siteId = asSiteId(uniqueName('site'));
    const limited = {
      siteId,
      name: 'Depot',
      importLimitKw: 80.5,
      exportLimitKw: 0,
      stationIds: [asStationId('a')],
      timeZone: 'Europe/Berlin',
      evDefaults: { departureTime: '17:30', energyKwh: 12.5 },
      drivers: [{ idToken: '04A1B2', stayMinutes: 90 }],
    };
    await store.sites.save(limited);
    expect(await store.sites.list()).toContainEqual(limited);
    const unlimited = { siteId, name: 'Depot', stationIds: [] };
    await store.sites.save(unlimited);
    expect(await store.sites.list()).toContainEqual(unlimited);
  });
}

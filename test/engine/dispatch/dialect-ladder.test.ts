import { beforeEach, describe, expect, it } from 'vitest';
import type { EvseId, StationId } from '../../../src/domain/ids.js';
import type { EvseCapability } from '../../../src/domain/station.js';
import { type EngineRig, hourlyPrices, startRig } from '../../support/engine/engine-rig.js';
import { HOUR_MS, MINUTE_MS, v2gModel } from '../../support/engine/fixtures.js';

const FAST_MODEL = [
  ...v2gModel(),
  {
    component: 'SmartChargingCtrlr',
    variable: 'SupportsDynamicProfiles',
    attribute: 'Actual' as const,
    value: 'true',
  },
];

let rig: EngineRig;
let stationId: StationId;
let evseId: EvseId;
const refusedDialects = new Set<EvseCapability['dialect']>();

const sentAs = () =>
  rig.link.calls.flatMap((call) => (call.kind === 'profile' ? [call.capability.dialect] : []));
const dialectNow = () => rig.engine.useCases.stations()[0]!.evses[0]!.capability.dialect;

beforeEach(async () => {
  refusedDialects.clear();
  rig = await startRig();
  rig.link.onProfile = async () =>
    refusedDialects.has(sentAs().at(-1))
      ? { status: 'rejected', reason: 'UnsupportedKind' }
      : { status: 'accepted' };
  await rig.engine.useCases.putPrices(hourlyPrices([0.6, 0.1, 0.6, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]));
  stationId = await rig.commission('cs-1', FAST_MODEL);
});

async function plugIn(): Promise<void> {
  evseId = await rig.plugIn(stationId, 'tx-1');
  await rig.advance(MINUTE_MS);
}

describe('the ladder of dialects', () => {
  it('begins with the best and tells a Dynamic profile every third of its dead-man time', async () => {
    await plugIn();
    expect(sentAs()[0]).toBe('dynamic');
    const before = sentAs().length;
    await rig.advance(4 * MINUTE_MS);
    const told = sentAs().length - before;
    expect(told).toBeGreaterThanOrEqual(2);
    expect(told).toBeLessThanOrEqual(4);
    expect(new Set(sentAs())).toEqual(new Set(['dynamic']));
  });

  it('goes down a rung when the station refuses, with the same profile at once', async () => {
    refusedDialects.add('dynamic');
    await plugIn();
    expect(sentAs()).toEqual(['dynamic', 'central-setpoint']);
    const [first, second] = rig.link.profilesTo(evseId);
    expect(second).toEqual(first);
    expect(rig.alarms()).toEqual(['dialect-demoted']);
    expect(dialectNow()).toBe('central-setpoint');
    const [station] = await rig.store.stations.list();
    expect(station!.dialectDemotions).toMatchObject([
      { evseNumber: 1, dialect: 'dynamic', reason: 'UnsupportedKind', count: 1 },
    ]);
  });

  it('ends at charging-only, and the next plan knows that the car cannot discharge', async () => {
    refusedDialects.add('dynamic').add('central-setpoint');
    await plugIn();
    expect(sentAs().slice(0, 3)).toEqual(['dynamic', 'central-setpoint', 'charging-only']);
    const last = rig.link.profilesTo(evseId).at(-1)!;
    expect(last.periods.every(({ powerKw }) => powerKw >= 0)).toBe(true);
  });

  it('tries again after the cool-down, and for twice as long the next time', async () => {
    refusedDialects.add('dynamic');
    await plugIn();
    await rig.advance(HOUR_MS);
    expect(dialectNow()).toBe('dynamic');
    await rig.advance(HOUR_MS);
    const [station] = await rig.store.stations.list();
    expect(station!.dialectDemotions).toMatchObject([{ dialect: 'dynamic', count: 2 }]);
    expect(dialectNow()).toBe('central-setpoint');
    refusedDialects.clear();
    await rig.advance(2 * HOUR_MS);
    expect(dialectNow()).toBe('dynamic');
    // Its updates were taken since.
    expect((await rig.store.stations.list())[0]!.dialectDemotions).toEqual([]);
  });

  it('waits longer each time for a station that takes Dynamic profiles and refuses every update', async () => {
    let isSet = false;
    rig.link.onProfile = async () => {
      const isUpdate = sentAs().at(-1) === 'dynamic' && isSet;
      isSet = sentAs().at(-1) === 'dynamic' && !isUpdate;
      return isUpdate
        ? { status: 'rejected', reason: 'UpdateDynamicSchedule: NotSupported' }
        : { status: 'accepted' };
    };
    await plugIn();
    await rig.advance(5 * HOUR_MS);
    const [station] = await rig.store.stations.list();
    // Down at once, again after one hour, and after two more.
    expect(station!.dialectDemotions).toMatchObject([{ dialect: 'dynamic', count: 3 }]);
    expect(rig.alarms().filter((code) => code === 'dialect-demoted')).toHaveLength(3);
  });

  it('does not hold a refusal of the moment against the dialect', async () => {
    rig.link.onProfile = async () => ({ status: 'rejected', reason: 'RateLimitExceeded: 30' });
    await plugIn();
    expect(dialectNow()).toBe('dynamic');
    expect(rig.alarms()).not.toContain('dialect-demoted');
  });

  it('falls from a Dynamic profile whose update is refused to a timed one without waiting for a plan', async () => {
    await plugIn();
    refusedDialects.add('dynamic');
    await rig.advance(2 * MINUTE_MS);
    expect(sentAs().at(-1)).toBe('central-setpoint');
    expect(dialectNow()).toBe('central-setpoint');
  });

  it('survives a restart with what it has learnt', async () => {
    refusedDialects.add('dynamic');
    await plugIn();
    await rig.engine.stop();
    const { store, clock, link } = rig;
    rig = await startRig({ store, clock, link });
    expect(dialectNow()).toBe('central-setpoint');
  });
});

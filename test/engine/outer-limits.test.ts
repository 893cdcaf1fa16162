import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asSiteId, type StationId } from '../../src/domain/ids.js';
import type { DeviceVariable } from '../../src/domain/station.js';
import { type EngineRig, startRig } from '../support/engine/engine-rig.js';
import { v2gModel } from '../support/engine/fixtures.js';

const SITE = asSiteId('depot');
/** A station of two EVSEs of 22 and 11 kW. */
const TWO_EVSES: DeviceVariable[] = [1, 2].map((evseNumber) => ({
  component: 'EVSE',
  evseNumber,
  variable: 'Power',
  attribute: 'MaxSet',
  value: evseNumber === 1 ? '22000' : '11000',
}));

/** What was installed last: the guard of each station and the default of each EVSE, kW. */
function installed(rig: EngineRig) {
  const guards: Record<string, number> = {};
  const defaults: Record<string, number> = {};
  for (const call of rig.link.calls) {
    if (call.kind === 'max') guards[call.stationId] = call.limitKw;
    if (call.kind === 'default') defaults[call.evseId] = call.limitKw;
  }
  return { guards, defaults };
}

async function site(rig: EngineRig, stationIds: StationId[], importLimitKw?: number): Promise<void> {
  const limit = importLimitKw === undefined ? {} : { importLimitKw };
  await rig.engine.useCases.saveSite({ siteId: SITE, name: 'Depot', stationIds, ...limit });
  await rig.advance(200);
}

describe('the outer guard of a station', () => {
  it('is what its EVSEs are rated for together, installed before their defaults', async () => {
    const rig = await startRig();
    await rig.commission('cs-1', TWO_EVSES);
    expect(installed(rig)).toEqual({
      guards: { 'cs-1': 33 },
      defaults: { 'cs-1/1': 22, 'cs-1/2': 11 },
    });
    const kinds = rig.link.calls
      .map(({ kind }) => kind)
      .filter((kind) => kind === 'max' || kind === 'default');
    expect(kinds.slice(-3)).toEqual(['max', 'default', 'default']);
  });

  it('is not guessed where the station tells no rating and its site has no limit', async () => {
    const rig = await startRig();
    await rig.commission('cs-1', v2gModel({ 'EVSE.Power': undefined }));
    expect(installed(rig)).toEqual({ guards: {}, defaults: { 'cs-1/1': 11 } });
  });

  it('never exceeds the grid connection, and the defaults of a site together do not either', async () => {
    const rig = await startRig();
    const first = await rig.commission('cs-1', TWO_EVSES);
    const second = await rig.commission('cs-2');
    await site(rig, [first, second], 24);
    expect(installed(rig)).toEqual({
      guards: { 'cs-1': 24, 'cs-2': 11 },
      defaults: { 'cs-1/1': 8, 'cs-1/2': 8, 'cs-2/1': 8 },
    });
  });

  it('follows the limit of the site, and a station that leaves it has its own again', async () => {
    const rig = await startRig();
    const first = await rig.commission('cs-1', TWO_EVSES);
    const second = await rig.commission('cs-2');
    await site(rig, [first, second], 24);
    await site(rig, [second], 6);
    expect(installed(rig)).toEqual({
      guards: { 'cs-1': 33, 'cs-2': 6 },
      defaults: { 'cs-1/1': 22, 'cs-1/2': 11, 'cs-2/1': 6 },
    });
    await site(rig, [second]);
    expect(installed(rig).guards['cs-2']).toBe(11);
  });

  it('leaves smaller shares when a station on the site tells of more EVSEs', async () => {
    const rig = await startRig();
    const first = await rig.commission('cs-1');
    const second = await rig.commission('cs-2');
    await site(rig, [first, second], 12);
    expect(installed(rig).defaults['cs-1/1']).toBe(6);
    await rig.engine.stationEvents.deviceModelReported(second, TWO_EVSES, true);
    await rig.advance(200);
    expect(installed(rig).defaults).toEqual({ 'cs-1/1': 4, 'cs-2/1': 4, 'cs-2/2': 4 });
  });

  it('that is refused does not keep the defaults from being installed', async () => {
    const rig = await startRig();
    rig.link.onMax = async () => ({ status: 'rejected', reason: 'UnsupportedPurpose' });
    await rig.commission('cs-1');
    expect(installed(rig).defaults).toEqual({ 'cs-1/1': 11 });
    expect(rig.complaints).toContain('ChargingStationMaxProfile refused');
  });

  it('whatever the site: its defaults together never exceed its grid connection', async () => {
    const stations = fc.array(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(stations, fc.integer({ min: 1, max: 200 }), async (ratings, limitKw) => {
        const rig = await startRig();
        const ids: StationId[] = [];
        for (const [index, kws] of ratings.entries()) {
          const model = kws.map(
            (kw, evse): DeviceVariable => ({
              ...TWO_EVSES[0]!,
              evseNumber: evse + 1,
              value: String(kw * 1000),
            }),
          );
          ids.push(await rig.commission(`cs-${index}`, model));
          // They join one by one: those that are there already get smaller shares.
          await site(rig, ids, limitKw);
        }
        const { guards, defaults } = installed(rig);
        const together = Object.values(defaults).reduce((sum, kw) => sum + kw, 0);
        expect(together).toBeLessThanOrEqual(limitKw + 1e-9);
        expect(Object.values(guards).every((kw) => kw <= limitKw)).toBe(true);
        await rig.engine.stop();
      }),
      { numRuns: 25, seed: 4 },
    );
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import { asStationId, evseIdOf } from '../../../src/domain/ids.js';
import { assumedBattery, DEFAULT_CAR, type StationPlan } from '../../../src/simulator/session-plan.js';
import { hourlyPrices } from '../../support/engine/engine-rig.js';
import { HOUR_MS, MINUTE_MS, NOON_MS } from '../../support/engine/fixtures.js';
import { LiveRig } from '../../support/engine/live-rig.js';

let rig: LiveRig;
afterEach(() => rig.close());

/** Cheap, dear, cheap: a car waits, exports from 13:00 to 14:00 and charges from then on. */
const IMPORT_PRICES = [0.3, 0.9, 0.1, 0.1, 0.1];
const EXPORT_PRICES = [0.01, 0.9, 0.01, 0.01, 0.01];

const station = (name: string, clockErrorMs: number): StationPlan => ({
  stationId: asStationId(name),
  traits: { clockErrorMs },
  evses: [
    {
      sessions: [
        {
          sessionId: `${name}-1`,
          userId: 'driver',
          plugInMs: NOON_MS + 5 * MINUTE_MS,
          plugOutMs: NOON_MS + 5 * HOUR_MS,
          battery: assumedBattery(60, DEFAULT_CAR),
          arrivalKwh: 40,
          targetKwh: 40,
          bidirectional: true,
          assumptions: [],
        },
      ],
    },
  ],
});

describe('stations with a wrong clock that take no time from us', () => {
  it('export and charge at the instants that are meant never on their default, and the books equal the meters', async () => {
    const names = ['right', 'behind', 'far-behind', 'ahead'];
    rig = await LiveRig.open(
      [
        station('right', 0),
        station('behind', -40_000),
        station('far-behind', -7 * MINUTE_MS),
        station('ahead', 3 * MINUTE_MS),
      ],
      {},
      async ({ engine }) => {
        await engine.useCases.putPrices(hourlyPrices(IMPORT_PRICES, EXPORT_PRICES));
      },
    );
    const kwAt = (atMs: number) =>
      names.map((name) => rig.fleet.log.powerKwAt(atMs, evseIdOf(asStationId(name), 1)));
    const until = async (atMs: number) => {
      await rig.advance(atMs - rig.clock.nowMs());
    };
    // The car would charge at once on the default; the profile says to wait.
    await until(NOON_MS + 10 * MINUTE_MS);
    expect(kwAt(rig.clock.nowMs())).toEqual([0, 0, 0, 0]);
    await until(NOON_MS + HOUR_MS - 5_000);
    expect(kwAt(rig.clock.nowMs())).toEqual([0, 0, 0, 0]);
    await until(NOON_MS + HOUR_MS + 10_000);
    expect(kwAt(rig.clock.nowMs()).map(Math.round)).toEqual([-11, -11, -11, -11]);
    await until(NOON_MS + 2 * HOUR_MS - 5_000);
    expect(kwAt(rig.clock.nowMs()).map(Math.round)).toEqual([-11, -11, -11, -11]);
    await until(NOON_MS + 2 * HOUR_MS + 10_000);
    expect(kwAt(rig.clock.nowMs()).filter((kw) => kw < 0)).toEqual([]);
    await until(NOON_MS + 5 * HOUR_MS + MINUTE_MS);
    const totals = rig.fleet.log.totals();
    expect(totals).toMatchObject({ sessionsEnded: 4, targetsMet: 4 });
    expect(await rig.store.sessions.totals()).toEqual({
      importWh: totals.importWh,
      exportWh: totals.exportWh,
    });
  }, 60_000);
});

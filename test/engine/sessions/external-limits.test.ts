import { beforeEach, describe, expect, it } from 'vitest';
import type { ExternalLimit } from '../../../src/domain/external-limit.js';
import { asTransactionId, type EvseId, type StationId } from '../../../src/domain/ids.js';
import { withExternalLimits } from '../../../src/engine/sessions/external-limits.js';
import { type EngineRig, hourlyPrices, startRig } from '../../support/engine/engine-rig.js';
import { capabilityOfEvse, MINUTE_MS, NOON_MS } from '../../support/engine/fixtures.js';

const limitOf = (change: Partial<ExternalLimit> = {}): ExternalLimit => ({
  evseNumber: 1,
  source: 'EMS',
  isGridCritical: false,
  periods: [{ startMs: NOON_MS, maxChargeKw: 4, maxDischargeKw: 3 }],
  ...change,
});
const under = (limits: readonly ExternalLimit[], evseCount = 1, atMs = NOON_MS) => {
  const { maxChargeKw, maxDischargeKw } = withExternalLimits(capabilityOfEvse(), limits, evseCount, atMs);
  return [maxChargeKw, maxDischargeKw];
};

describe('an EVSE under the limits of others', () => {
  it('has the lowest of them, in each direction, while they hold', () => {
    expect(under([])).toEqual([11, 11]);
    expect(under([limitOf(), limitOf({ source: 'SO', periods: [{ startMs: 0, maxChargeKw: 2 }] })])).toEqual([
      2, 3,
    ]);
    expect(under([limitOf()], 1, NOON_MS - 1)).toEqual([11, 11]);
    expect(under([limitOf({ endMs: NOON_MS + 1 })], 1, NOON_MS + 1)).toEqual([11, 11]);
    expect(under([limitOf({ evseNumber: 2 })])).toEqual([11, 11]);
  });

  it('gets an equal share of what the whole station may', () => {
    expect(under([limitOf({ evseNumber: 0 })], 2)).toEqual([2, 1.5]);
  });
});

describe('a plan under the limits of others', () => {
  let rig: EngineRig;
  let stationId: StationId;
  let evseId: EvseId;
  beforeEach(async () => {
    rig = await startRig();
    await rig.engine.useCases.putPrices(hourlyPrices([0.6, 0.1, 0.6, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]));
    stationId = await rig.commission();
    evseId = await rig.plugIn(stationId, 'tx-1');
    await rig.advance(MINUTE_MS);
  });
  /** To the W: a plan's powers carry the noise of floats. */
  const lowestKw = () =>
    Math.round(
      Math.min(
        ...rig.link
          .profilesTo(evseId)
          .at(-1)!
          .periods.map(({ powerKw }) => powerKw),
      ) * 1000,
    ) / 1000;

  it('K12: keeps to them at once, and K13: no longer when they are cleared', async () => {
    expect(lowestKw()).toBe(-11);
    await rig.engine.stationEvents.externalLimit(stationId, limitOf({ isGridCritical: true }));
    await rig.advance(MINUTE_MS);
    expect(lowestKw()).toBe(-3);
    expect(rig.alarms()).toContain('grid-critical-limit');
    await rig.engine.stationEvents.externalLimitCleared(stationId, 1, 'EMS');
    await rig.advance(MINUTE_MS);
    expect(lowestKw()).toBe(-11);
  });

  it('K12: remembers them over a restart', async () => {
    await rig.engine.stationEvents.externalLimit(stationId, limitOf());
    const { store, clock, link } = rig;
    await rig.engine.stop();
    rig = await startRig({ store, clock, link });
    await rig.advance(MINUTE_MS);
    expect(lowestKw()).toBe(-3);
  });

  it('K22: charges a car at once when its driver asks for priority at the station, and steers again after', async () => {
    const tell = (isActive: boolean) =>
      rig.engine.stationEvents.priorityCharging(stationId, asTransactionId('tx-1'), isActive);
    await tell(true);
    await rig.advance(MINUTE_MS);
    expect(rig.link.profilesTo(evseId).at(-1)!.periods[0]!.powerKw).toBe(11);
    expect(lowestKw()).toBe(0);
    await tell(false);
    await rig.advance(MINUTE_MS);
    expect(lowestKw()).toBe(-11);
  });

  it('K22: believes no station about the transaction of another', async () => {
    const other = await rig.commission('cs-2');
    await rig.engine.stationEvents.priorityCharging(other, asTransactionId('tx-1'), true);
    await rig.advance(MINUTE_MS);
    expect(lowestKw()).toBe(-11);
  });
});

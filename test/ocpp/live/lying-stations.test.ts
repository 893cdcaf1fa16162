import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asStationId, evseIdOf } from '../../../src/domain/ids.js';
import {
  assumedBattery,
  DEFAULT_CAR,
  type StationPlan,
  type StationTraits,
} from '../../../src/simulator/session-plan.js';
import { HONEST, type StationLies } from '../../../src/simulator/station-lies.js';
import { hourlyPrices } from '../../support/engine/engine-rig.js';
import { HOUR_MS, MINUTE_MS, NOON_MS } from '../../support/engine/fixtures.js';
import { LiveRig } from '../../support/engine/live-rig.js';

/** Dearest now: whoever can discharge is told to at once, and again an hour later. */
const FALLING = [0.9, 0.8, 0.7, 0.6, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1];

let rig: LiveRig;
afterEach(() => rig.close());

const station = (
  name: string,
  lies: Partial<StationLies>,
  traits: Partial<StationTraits> = {},
): StationPlan => ({
  stationId: asStationId(name),
  traits: { ...traits, lies: { ...HONEST, ...lies } },
  evses: [
    {
      sessions: [
        {
          sessionId: `${name}-1`,
          userId: 'driver',
          plugInMs: NOON_MS + MINUTE_MS,
          plugOutMs: NOON_MS + 8 * HOUR_MS,
          battery: assumedBattery(60, DEFAULT_CAR),
          arrivalKwh: 45,
          targetKwh: 48,
          bidirectional: true,
          assumptions: [],
        },
      ],
    },
  ],
});

const evseOf = (name: string) =>
  rig.engine.useCases.stations().find((view) => view.station.stationId === name)!.evses[0]!;
const following = (name: string) => evseOf(name).delivery!.state;
const dialect = (name: string) => evseOf(name).capability.dialect;
const proofs = (name: string) => evseOf(name).record.proofs;
const metered = (name: string) => rig.fleet.log.powerKwAt(rig.clock.nowMs(), evseIdOf(asStationId(name), 1));
const planned = (name: string) =>
  rig.engine.useCases.latestPlan()!.sessions.find(({ evseId }) => evseId === `${name}/1`)?.netKw[0];

describe('stations that accept everything and do as they like, over real sockets', () => {
  beforeEach(async () => {
    rig = await LiveRig.open(
      [
        station('honest', {}, { dynamicProfiles: true }),
        station('idles', { ignores: 'discharge' }),
        station('half-deaf', { ignores: 'dynamic-discharge' }, { dynamicProfiles: true }),
        station('clips', { mostDischargeKw: 3.7 }),
        station('late', {}, { reactionMs: 130_000 }),
        station('hides', { hidesDischarge: true }),
        station('wild', { ignores: 'everything' }),
      ],
      {},
      async ({ engine }) => {
        await engine.useCases.putPrices(hourlyPrices(FALLING));
      },
    );
    await rig.advance(31 * MINUTE_MS);
  });

  it('are each seen for what they are, and planned with what they really do', async () => {
    expect(following('honest')).toBe('following');
    expect(dialect('honest')).toBe('dynamic');
    expect(proofs('honest')).toMatchObject([
      { dialect: 'dynamic', readBack: { outcome: 'agrees' }, meter: { outcome: 'follows' } },
    ]);

    // It tells that it discharges, and does not: the meter is believed.
    expect(dialect('idles')).toBe('charging-only');
    expect(proofs('idles')).toMatchObject([
      { readBack: { outcome: 'agrees', withDischarge: true }, meter: { outcome: 'ignores' } },
    ]);
    expect(planned('idles')).toBeGreaterThanOrEqual(0);

    expect(dialect('half-deaf')).toBe('central-setpoint');
    expect(following('half-deaf')).toBe('following');
    expect(metered('half-deaf')).toBeCloseTo(-11, 6);

    expect(following('clips')).toBe('limited-by-ev');
    expect(dialect('clips')).toBe('central-setpoint');
    expect(planned('clips')).toBeGreaterThan(-4.5);
    expect(metered('clips')).toBeLessThan(-3);

    // It discharges, and tells that it does not: the meter is believed.
    expect(proofs('hides')).toMatchObject([
      { readBack: { outcome: 'contradicts' }, meter: { outcome: 'follows' } },
    ]);
    expect(dialect('hides')).toBe('central-setpoint');
    expect(metered('hides')).toBeCloseTo(-11, 6);

    expect(dialect('wild')).toBe('charging-only');
    expect(evseOf('wild').record.unsteerable?.reason).toMatch(/metered 1\d\.\d kW/);
    expect(rig.engine.useCases.latestPlan()!.unsteered?.map(({ evseId }) => evseId)).toEqual(['wild/1']);
    expect(rig.fleet.stats.troubles).toEqual([]);
  }, 60_000);

  it('tell what they can do, mean to do and hold when they are probed by hand', async () => {
    const probe = await rig.engine.useCases.probeStation(asStationId('hides'));
    expect(probe.telemetry).toMatchObject({ intervalS: 60 });
    expect(probe.telemetry.measurands).toContain('Energy.Active.Export.Register');
    expect(probe.telemetry.variablesTold).toBeGreaterThan(5);
    expect(probe.evses).toMatchObject([
      {
        composite: { kind: 'told', schedule: { durationS: 3600 } },
        match: { outcome: 'contradicts' },
        held: { kind: 'found' },
      },
    ]);
    const [answer] = probe.evses;
    const told = answer!.composite.kind === 'told' ? answer!.composite.schedule.periods : [];
    expect(told[0]).toEqual({ afterS: 0, powerKw: 0 });
    const honest = await rig.engine.useCases.probeStation(asStationId('honest'));
    expect(honest.evses).toMatchObject([{ match: { outcome: 'agrees', withDischarge: true } }]);
    await expect(rig.engine.useCases.probeStation(asStationId('nobody'))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  }, 60_000);

  it('are said to lag when they follow late, and are left as they are', async () => {
    const before = dialect('late');
    // Cheap now, dear later: everybody turns round.
    await rig.engine.useCases.putPrices(hourlyPrices([0.01, 0.9, 0.9, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01]));
    await rig.advance(7 * MINUTE_MS);
    expect(metered('late')).toBeGreaterThan(5);
    expect(following('late')).toBe('lagging');
    expect(following('honest')).toBe('following');
    expect(dialect('late')).toBe(before);
  }, 60_000);
});

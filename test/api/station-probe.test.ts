import { describe, expect, it } from 'vitest';
import { apiUnderTest } from './api-under-test.js';

describe('what experience says of a station', () => {
  it('is in its document: dialects with their proofs, and how each EVSE follows', async () => {
    const { ask } = await apiUnderTest();
    const { json } = await ask('GET', '/v1/stations');
    expect(json.stations[0].evses[0]).toMatchObject({
      dialects: [
        { dialect: 'dynamic', state: 'available' },
        { dialect: 'central-setpoint', state: 'in-use' },
        { dialect: 'charging-only', state: 'available' },
      ],
      record: {
        proofs: [
          {
            dialect: 'central-setpoint',
            firmware: '1.2',
            readBack: { outcome: 'agrees', withDischarge: true },
            meter: { outcome: 'follows' },
          },
        ],
        unsteerable: null,
      },
      following: { state: 'following', limits: [{ direction: 'discharge', kw: 10.5 }] },
    });
    expect(json.stations[0]).not.toHaveProperty('histories');
  });

  it('has its history where one station is asked for', async () => {
    const { ask } = await apiUnderTest();
    const { status, json } = await ask('GET', '/v1/stations/CS-001');
    expect(status).toBe(200);
    expect(json.histories).toMatchObject([
      {
        evseId: 'CS-001/1',
        history: [{ state: 'following', dialect: 'central-setpoint', askedKw: -11, meteredKw: -10.5 }],
      },
    ]);
    expect((await ask('GET', '/v1/stations/CS-404')).status).toBe(404);
  });

  it('is in the session’s document too', async () => {
    const { ask } = await apiUnderTest();
    const { json } = await ask('GET', '/v1/sessions/tx-1');
    expect(json.following).toMatchObject({ state: 'following' });
  });
});

describe('POST /v1/stations/{id}/probe', () => {
  it('asks the station and returns its answers beside what is known of it', async () => {
    const { ask, useCases } = await apiUnderTest();
    const { status, json } = await ask('POST', '/v1/stations/CS-001/probe', { as: 'operator' });
    expect(status).toBe(200);
    expect(useCases.asked.at(-1)).toEqual({ name: 'probeStation', with: { stationId: 'CS-001' } });
    expect(json).toMatchObject({
      station: { stationId: 'CS-001', histories: [{ evseId: 'CS-001/1' }] },
      telemetry: { measurands: ['SoC'], intervalS: 60, variablesAsked: 15, variablesTold: 9 },
      evses: [
        {
          compositeSchedule: 'told',
          compositePeriods: [{ afterS: 0, powerKw: -10.5 }],
          agreesWithProfile: true,
          profileHeld: 'ours',
          profileRevision: 7,
        },
      ],
    });
  });

  it('is the operator’s', async () => {
    const { ask } = await apiUnderTest();
    expect((await ask('POST', '/v1/stations/CS-001/probe', { as: 'viewer' })).status).toBe(403);
  });
});

import { describe, expect, it } from 'vitest';
import { apiUnderTest } from './api-under-test.js';

describe('dead letters', () => {
  it('are listed with reason, station, profile and times', async () => {
    const { ask } = await apiUnderTest();
    const { status, json } = await ask('GET', '/v1/dispatch/dead-letters', { as: 'viewer' });
    expect(status).toBe(200);
    expect(json.deadLetters).toEqual([
      expect.objectContaining({
        evseId: 'CS-001/1',
        stationId: 'CS-001',
        reason: 'timeout',
        detail: 'no answer in 30 s',
        attempts: 8,
        transactionId: 'tx-1',
        revision: 4,
        wanted: true,
        givenUpAt: expect.stringMatching(/Z$/),
      }),
    ]);
  });

  it('are replayed all at once or one by one, by the encoded name of the EVSE', async () => {
    const { ask, useCases } = await apiUnderTest();
    for (const route of ['replay', 'CS-001%2F1/replay']) {
      const { status, json } = await ask('POST', `/v1/dispatch/dead-letters/${route}`, { as: 'operator' });
      expect([status, json]).toEqual([200, { evseIds: ['CS-001/1'] }]);
    }
    expect(useCases.asked).toContainEqual({ name: 'replayDeadLetters', with: { evseId: 'CS-001/1' } });
  });

  it('are put aside; one that is not there is not found', async () => {
    const { ask } = await apiUnderTest();
    const dismissed = await ask('DELETE', '/v1/dispatch/dead-letters/CS-001%2F1', { as: 'operator' });
    expect(dismissed.status).toBe(204);
    const unknown = await ask('DELETE', '/v1/dispatch/dead-letters/CS-009%2F1', { as: 'operator' });
    expect([unknown.status, unknown.json.code]).toEqual([404, 'NOT_FOUND']);
  });

  it('stand beside the progress and the lag of what is on its way', async () => {
    const { ask } = await apiUnderTest();
    const { json } = await ask('GET', '/v1/dispatch/progress', { as: 'viewer' });
    expect(json).toMatchObject({ profiles: 12, unanswered: 4, lagS: 1.5, queue: { waiting: 3, failed: 1 } });
  });
});

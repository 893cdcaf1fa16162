import { describe, expect, it } from 'vitest';
import { apiUnderTest } from './api-under-test.js';

const PATH = '/v1/stations/CS-001/commands';

describe('POST /v1/stations/{id}/commands', () => {
  it('hands the command over and returns the station’s word', async () => {
    const { ask, useCases } = await apiUnderTest();
    const body = { command: 'reset', resetType: 'Immediate', evseNumber: 1 };
    const { status, json } = await ask('POST', PATH, { as: 'operator', body });
    expect([status, json]).toEqual([200, { status: 'Rejected', reason: 'TxInProgress' }]);
    expect(useCases.asked.at(-1)!.with).toEqual({
      stationId: 'CS-001',
      command: { kind: 'reset', resetType: 'Immediate', evseNumber: 1 },
    });
  });

  it.each([
    ['trigger-message', 'message'],
    ['change-availability', 'operative'],
    ['start-transaction', 'evseNumber'],
    ['stop-transaction', 'transactionId'],
    ['cost-updated', 'transactionId'],
    ['afrr-signal', 'signal'],
    ['allow-energy-transfer', 'transactionId'],
    ['use-priority-charging', 'transactionId'],
    ['stream-power', 'evseNumber'],
    ['stop-stream', 'monitoringId'],
    ['adjust-stream', 'streamId'],
    ['limit-max-discharge', 'controlId'],
    ['clear-der-control', 'controlId'],
    ['frequency-response', 'transactionId'],
  ])('%s without what it needs names the field %s', async (command, field) => {
    const { ask } = await apiUnderTest();
    const { status, json } = await ask('POST', PATH, { as: 'operator', body: { command } });
    expect([status, json.detail]).toEqual([400, `${field}: is needed by ${command}`]);
  });

  it('knows no other command', async () => {
    const { ask } = await apiUnderTest();
    expect((await ask('POST', PATH, { as: 'operator', body: { command: 'explode' } })).status).toBe(400);
  });
});
